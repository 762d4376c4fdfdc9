"""The files of WhatsApp messages, from an own path: never as anything a browser would run.

The permission guard has found the ticket before any of these runs.
"""

from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from handlers.media import scanning
from handlers.media.judging import FAMILIES
from handlers.web import current, letter
from handlers.web.language import gettext
from storage import media, media_pages, tickets
from storage.media_pages import Kept

blueprint = Blueprint("media", __name__, url_prefix="/inbox/<office>/tickets/<int:ticket_id>/media")
INERT = "application/octet-stream"
ANYWAY = "anyway"
_JPEG = "image/jpeg"


@blueprint.get("/<int:media_id>")
def file(media_id: int) -> ResponseReturnValue:
    """The file itself, to be saved or played; what is blocked as bytes of no kind."""
    kept = _kept(media_id)
    if kept.sha256 is None:
        abort(404)
    stopped = unsafe(kept.sha256)
    known = kept.state == "stored" and kept.kind in FAMILIES
    return stopped or _sent(kept.sha256, kept.kind if known else INERT, kept.name)


@blueprint.get("/<int:media_id>/shown")
def shown(media_id: int) -> ResponseReturnValue:
    """The picture made from it, without what the camera wrote into it."""
    kept = _kept(media_id)
    if kept.shown is None or kept.verdict == scanning.INFECTED:
        abort(404)
    return _sent(kept.shown, _JPEG, f"{kept.name.rpartition('.')[0]}.jpg")


@blueprint.post("/<int:media_id>/retry")
def retry(media_id: int) -> ResponseReturnValue:
    """Try again to fetch it, now."""
    kept, runtime = _kept(media_id), current.runtime()
    now = runtime.clock()
    with runtime.database.write() as connection:
        tickets.touch(connection, current.ticket().id, now)
        if media.retry(connection, kept.id, now):
            flash(gettext("Berkas sedang diunduh lagi."), "done")
    back = url_for("tickets.page", **_here(), _anchor=f"message-{kept.message_id}")
    return redirect(back, 303)


def unsafe(sha256: str) -> ResponseReturnValue | None:
    """What is answered instead of a file with a virus, or one that nobody could look at; None for others.

    The latter is given to who wants it all the same.
    """
    verdict = scanning.verdict(current.runtime(), sha256)
    if verdict in ("", scanning.CLEAN) or (verdict == scanning.UNSCANNED and ANYWAY in request.args):
        return None
    asked: dict[str, Any] = {ANYWAY: "1"} | ({"show": "1"} if "show" in request.args else {})
    anyway = url_for(str(request.endpoint), **_here(), **(request.view_args or {}), **asked)
    infected = verdict == scanning.INFECTED
    page = render_template("inbox/unscanned.html", infected=infected, anyway=anyway, back=_back())
    return page, 403 if infected else 409


def _kept(media_id: int) -> Kept:
    with current.runtime().database.read() as connection:
        found = media_pages.one_of_ticket(connection, current.view(), current.ticket().id, media_id)
    if found is None:
        abort(404)
    return found


def _sent(sha256: str, kind: str, name: str) -> Response:
    try:
        path = current.runtime().files.path(sha256).resolve()
        return letter.guarded(send_file(path, mimetype=kind, as_attachment=True, download_name=name))
    except FileNotFoundError:
        abort(404)


def _here() -> dict[str, Any]:
    return {"office": current.view().office, "ticket_id": current.ticket().id}


def _back() -> str:
    return url_for("tickets.page", **_here())
