"""``/healthz``: alive. ``/readyz`` and ``/metrics``: able to work, and how, for the operator only."""

import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy.exc import SQLAlchemyError

from handlers import room, timekeeping
from handlers.runtime import Runtime
from handlers.web import current
from storage import intake, mailboxes, outbox

blueprint = Blueprint("health", __name__)
_LOOPBACK = {"127.0.0.1", "::1"}
_UNREAD_FOR = timedelta(minutes=10)


@blueprint.get("/healthz")
def alive() -> Response:
    """200 as long as the process answers at all."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
def ready() -> tuple[Response, int]:
    """200 with what waits and which mailboxes nobody reads; 503 when the database does not answer, or has
    no room to write.

    Only from this machine itself, or with the operator's token.
    """
    if not _is_operator():
        return jsonify(error="only from this machine, or with the token"), 404
    runtime = current.runtime()
    try:
        return jsonify(_figures(runtime)), 503 if room.is_used_up(runtime) else 200
    except SQLAlchemyError as error:
        return jsonify(database=type(error).__name__), 503


@blueprint.get("/metrics")
def metrics() -> tuple[Response, int]:
    """The desk's figures for Prometheus, for the operator only; 503 when the database does not answer."""
    if not _is_operator():
        return Response("only from this machine, or with the token\n", mimetype="text/plain"), 404
    from handlers.web.metrics import written

    try:
        return Response(written(current.runtime()), mimetype="text/plain; version=0.0.4"), 200
    except SQLAlchemyError as error:
        return Response(f"# {type(error).__name__}\n", mimetype="text/plain"), 503


def _is_operator() -> bool:
    """Whether this machine itself asks, and not a proxy on it for somebody; or whoever has the token."""
    token, given = current.runtime().keys.operator, request.authorization
    if token and given is not None and given.type == "bearer":
        return hmac.compare_digest((given.token or "").encode(), token.encode())
    proxied = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return request.remote_addr in _LOOPBACK and not proxied


def _figures(runtime: Runtime) -> dict[str, Any]:
    with runtime.database.read() as connection:
        oldest = outbox.oldest_unsent(connection)
        pending, shunted = intake.left(connection)
        read_at = {row.name: row.polled_at for row in mailboxes.health(connection)}
        behind = timekeeping.behind(connection, runtime.clock())
    waited = (runtime.clock() - oldest).total_seconds() if oldest else 0
    return {
        "database": "ok",
        "oldest_unsent_seconds": round(waited, 1),
        "pending": pending,
        "shunted": shunted,
        "unread_mailboxes": _unread(runtime, read_at),
        "disk": "full" if room.is_used_up(runtime) else "low" if room.is_low(runtime) else "ok",
        "disk_free_mb": room.free(runtime) // 2**20,
        "clock_behind_seconds": round(behind.total_seconds()) if behind else 0,
    }


def _unread(runtime: Runtime, read_at: Mapping[str, datetime | None]) -> list[str]:
    """The mailboxes that nobody has read for ten minutes, or ever."""
    since = runtime.clock() - _UNREAD_FOR
    names = runtime.settings.channels.email.mailboxes
    return [name for name in names if (moment := read_at.get(name)) is None or moment < since]
