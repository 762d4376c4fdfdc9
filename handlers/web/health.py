"""``/healthz``: alive. ``/readyz``: able to work, for the operator only."""

from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy.exc import SQLAlchemyError

from handlers.runtime import Runtime
from handlers.web import current
from storage import intake, outbox

blueprint = Blueprint("health", __name__)
_LOOPBACK = {"127.0.0.1", "::1"}


@blueprint.get("/healthz")
def alive() -> Response:
    """200 as long as the process answers at all."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
def ready() -> tuple[Response, int]:
    """200 with what waits, or 503 when the database does not answer. Only from this machine itself."""
    proxied = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    if request.remote_addr not in _LOOPBACK or proxied:
        return jsonify(error="only from this machine"), 404
    try:
        return jsonify(_figures(current.runtime())), 200
    except SQLAlchemyError as error:
        return jsonify(database=type(error).__name__), 503


def _figures(runtime: Runtime) -> dict[str, Any]:
    with runtime.database.read() as connection:
        oldest = outbox.oldest_unsent(connection)
        pending, shunted = intake.left(connection)
    waited = (runtime.clock() - oldest).total_seconds() if oldest else 0
    return {
        "database": "ok",
        "oldest_unsent_seconds": round(waited, 1),
        "pending": pending,
        "shunted": shunted,
    }
