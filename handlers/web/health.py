"""``/healthz``: alive. ``/readyz`` and ``/metrics``: able to work, and how, for the operator only."""

import hmac
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request
from sqlalchemy.exc import SQLAlchemyError

from handlers import clock_alarm, room, timekeeping
from handlers.runtime import Runtime
from handlers.web import current, live
from storage import intake, mailboxes, queues

blueprint = Blueprint("health", __name__)
_LOOPBACK = {"127.0.0.1", "::1"}
_UNREAD_FOR = timedelta(minutes=10)


@blueprint.get("/healthz")
def alive() -> Response:
    """200 as long as the process answers at all."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
def ready() -> tuple[Response, int]:
    """200 with what waits and what somebody should look at; 503 when the database does not answer, or has
    no room to write.

    Only from this machine itself, or with the operator's token.
    """
    if not _is_operator():
        return jsonify(error="only from this machine, or with the token"), 404
    runtime = current.runtime()
    try:
        return jsonify(_figures(runtime)), 503 if room.is_used_up(runtime) else 200
    except SQLAlchemyError as error:
        kind = type(error).__name__
        return jsonify(database=kind, look_at=[f"the database does not answer ({kind})"]), 503


@blueprint.get("/metrics")
def metrics() -> tuple[Response, int]:
    """The desk's figures for Prometheus, for the operator only; 503 when the database does not answer."""
    if not _is_operator():
        return Response("only from this machine, or with the token\n", mimetype="text/plain"), 404
    from handlers.web.metrics import written

    try:
        figures = written(current.runtime(), len(live.broadcaster(current_app)))
        return Response(figures, mimetype="text/plain; version=0.0.4"), 200
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
        since = queues.oldest(connection)
        pending, shunted = intake.left(connection)
        read_at = {row.name: row.polled_at for row in mailboxes.health(connection)}
        behind = timekeeping.behind(connection, runtime.clock())
        off = clock_alarm.told(connection)
        rests = timekeeping.rests(connection, runtime.clock())
    waited = {what: _seconds(moment, runtime.clock()) for what, moment in since.items()}
    unread = _unread(runtime, read_at)
    return {
        "database": "ok",
        "oldest_unsent_seconds": waited["unsent"],
        "pending": pending,
        "shunted": shunted,
        "unread_mailboxes": unread,
        "disk": "full" if room.is_used_up(runtime) else "low" if room.is_low(runtime) else "ok",
        "disk_free_mb": room.free(runtime) // 2**20,
        "clock_behind_seconds": round(behind.total_seconds()) if behind else 0,
        "clock_off_seconds": off["seconds"] if off else 0,
        "look_at": [*_to_look_at(waited, shunted, unread, rests=rests), *_around(runtime, behind, off)],
    }


def _seconds(since: datetime | None, now: datetime) -> float:
    return round(max(0.0, (now - since).total_seconds()), 1) if since else 0


_TOO_LONG = {
    "unhandled": (60, "messages wait to be handled; is a worker running?"),
    "due": (120, "deadlines are due and nobody looks at them; is a worker running?"),
    "unsent": (600, "messages do not leave; see the alarms"),
    "unread": (600, "mails are kept and not read; see the log"),
    "untold": (900, "mails to officers do not leave; see loket mailbox list"),
}


_RESTS = "time has leapt by days: deadlines rest; see the alarms on the administration page"


def _to_look_at(
    waited: Mapping[str, float], shunted: int, unread: Sequence[str], *, rests: bool
) -> Iterator[str]:
    """What is wrong, in words that say where to look. The desk serves all the same."""
    if rests:
        yield _RESTS
    for what, (longest, words) in _TOO_LONG.items():
        if waited[what] > longest and not (rests and what == "due"):
            yield f"{words} (for {waited[what] / 60:.0f} minutes)"
    if shunted:
        yield f"{shunted} messages could not be handled; see Belum tertangani"
    for name in unread:
        yield f"nobody has read the mailbox {name} for ten minutes; see loket mailbox list"


def _around(runtime: Runtime, behind: timedelta | None, off: Mapping[str, Any] | None) -> Iterator[str]:
    if room.is_used_up(runtime):
        yield "the disk is full: nothing can be stored"
    elif room.is_low(runtime):
        yield "the disk is nearly full"
    if behind:
        yield f"the clock is {behind.total_seconds() / 60:.0f} minutes behind the moment of the last tick"
    if off:
        yield f"the clock is {clock_alarm.how_far(off['seconds'], 'en')} by that of {off['host']}"


def _unread(runtime: Runtime, read_at: Mapping[str, datetime | None]) -> list[str]:
    """The mailboxes that nobody has read for ten minutes, or ever."""
    since = runtime.clock() - _UNREAD_FOR
    names = runtime.settings.channels.email.mailboxes
    return [name for name in names if (moment := read_at.get(name)) is None or moment < since]
