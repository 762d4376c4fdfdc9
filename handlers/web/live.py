"""Live pages: open pages are told that a ticket has changed, never what is in it.

A page then fetches itself again, through the same permissions as ever. Beyond the cap on open streams,
and where streams don't work, a page asks ``changes`` every ten seconds instead.
"""

import errno
import json
import secrets
import socket
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Flask, Response, current_app, request
from flask.typing import ResponseReturnValue
from flask_login import user_logged_out

from handlers.runtime import Runtime
from handlers.web import current, signing
from handlers.web.streams import Broadcaster, Stream
from storage import tallies

blueprint = Blueprint("live", __name__, url_prefix="/inbox/<office>")

_EXTENSION = "loket.live"
# Gunicorn serves; Werkzeug's server only in tests.
_SOCKETS = ("gunicorn.socket", "werkzeug.socket")
_COMES_BACK_AFTER, _AND_UP_TO = 3000, 5000


class TakenOver(BrokenPipeError):
    """The connection is no longer the server's, which asks no more of one whose reader is gone."""


def install(app: Flask, runtime: Runtime) -> None:
    """Give *app* its one broadcaster."""
    app.extensions[_EXTENSION] = Broadcaster(runtime)
    user_logged_out.connect(_signed_out, app)


def broadcaster(app: Flask) -> Broadcaster:
    """The one of *app*."""
    found: Broadcaster = app.extensions[_EXTENSION]
    return found


def _signed_out(app: Flask, user: current.SignedIn, **_: Any) -> None:
    broadcaster(app).end_of(user.account.id)


@blueprint.get("/live")
def stream() -> ResponseReturnValue:
    """Server-sent events; 204 tells the page to ask ``changes`` instead."""
    told = broadcaster(current_app)
    lines = [request.environ[name] for name in _SOCKETS if name in request.environ]
    if not lines or request.method != "GET" or not told.has_room():
        return Response(status=204)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Response(_handed_over(told, lines[0]), mimetype="text/event-stream", headers=headers)


def _handed_over(told: Broadcaster, line: socket.socket) -> Iterator[str]:
    """The first words leave through the server; then its thread is free, and the connection is ours."""
    view, mark = current.view(), signing.mark_of(current.sign_in_key())
    ticket = request.args.get("ticket", type=int)
    chunked = request.environ.get("SERVER_PROTOCOL") != "HTTP/1.0"

    def words() -> Iterator[str]:
        yield f"retry: {_COMES_BACK_AFTER + secrets.randbelow(_AND_UP_TO)}\n\n"
        told.adopt(Stream(socket.socket(fileno=line.detach()), view, mark, ticket, chunked=chunked))
        raise TakenOver(errno.EPIPE, "taken over")

    return words()


@blueprint.get("/changes")
def changes() -> ResponseReturnValue:
    """Whether anything changed since the page was made: 304 for nothing."""
    with current.runtime().database.read() as connection:
        changed = tallies.last_change(connection, current.view())
    response = Response(
        json.dumps({"changed": changed.isoformat() if changed else ""}), mimetype="application/json"
    )
    response.set_etag(changed.isoformat() if changed else "nothing")
    return response.make_conditional(request)
