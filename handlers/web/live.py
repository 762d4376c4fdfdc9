"""Live pages: one broadcaster per process tells open pages that a ticket has changed, never what is in it.

A page then fetches itself again, through the same permissions as ever. Beyond the cap on open streams,
and where streams don't work, a page asks ``changes`` every ten seconds instead.
"""

import json
import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import Blueprint, Flask, Response, current_app, request, stream_with_context
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from handlers.runtime import Runtime
from handlers.web import current
from storage import changes as touched_tickets
from storage import inbox, officers
from storage.changes import Touched
from storage.inbox import View

blueprint = Blueprint("live", __name__, url_prefix="/inbox/<office>")

stopping = threading.Event()
"""Set by the server when it goes: every stream ends within a second."""

MOST_STREAMS = 12
LOOK_EVERY = 0.7
BEAT_EVERY = 15.0
LONGEST_STREAM = 600.0
# A slower transaction may commit an older moment after a newer one was seen.
_OVERLAP = timedelta(seconds=5)
_PATIENCE = 0.5
_EXTENSION = "loket.live"


@dataclass(eq=False, slots=True)
class Listener:
    """One open page: what it may hear of, and what it has not been told yet."""

    view: View
    news: queue.SimpleQueue[int] = field(default_factory=queue.SimpleQueue)

    def concerns(self, touched: Touched) -> bool:
        """Whether this page may know of that ticket."""
        may = self.view.complaints and self.view.officer_id not in touched.accused
        return self.view.office in touched.offices and (may or not touched.complaint)


class Broadcaster:
    """Looks at the database while pages listen, and only then."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._listeners: set[Listener] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def join(self, view: View) -> Listener | None:
        """A new listener; None when there are as many streams as this process can carry."""
        with self._lock:
            if len(self._listeners) >= MOST_STREAMS or stopping.is_set():
                return None
            listener = Listener(view)
            self._listeners.add(listener)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="loket-live", daemon=True)
                self._thread.start()
            return listener

    def leave(self, listener: Listener) -> None:
        """The page was closed."""
        with self._lock:
            self._listeners.discard(listener)

    def _run(self) -> None:
        seen: dict[int, datetime] = {}
        latest = self._newest()
        while not stopping.wait(LOOK_EVERY):
            with self._lock:
                if not self._listeners:
                    self._thread = None
                    return
                listeners = tuple(self._listeners)
            latest = self._look(listeners, latest, seen)

    def _newest(self) -> datetime | None:
        try:
            with self._runtime.database.read() as connection:
                return touched_tickets.newest(connection)
        except SQLAlchemyError:
            return None

    def _look(
        self, listeners: tuple[Listener, ...], latest: datetime | None, seen: dict[int, datetime]
    ) -> datetime | None:
        try:
            with self._runtime.database.read() as connection:
                found = touched_tickets.since(connection, latest - _OVERLAP if latest else None)
        except SQLAlchemyError:
            return latest  # The next look tells what this one missed.
        for touched in found:
            if seen.get(touched.id) != touched.at:
                _tell(listeners, touched)
        seen.clear()
        seen.update({touched.id: touched.at for touched in found})
        return found[-1].at if found else latest


def _tell(listeners: tuple[Listener, ...], touched: Touched) -> None:
    for listener in listeners:
        if listener.concerns(touched):
            listener.news.put(touched.id)


def install(app: Flask, runtime: Runtime) -> None:
    """Give *app* its one broadcaster."""
    app.extensions[_EXTENSION] = Broadcaster(runtime)


@blueprint.get("/live")
def stream() -> ResponseReturnValue:
    """Server-sent events; 204 tells the page to ask ``changes`` instead."""
    told: Broadcaster = current_app.extensions[_EXTENSION]
    # Nobody reads the body of an answer to HEAD, and so nobody would take the listener away again.
    listener = told.join(current.view()) if request.method == "GET" else None
    if listener is None:
        return Response(status=204)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    body = stream_with_context(_events(told, listener, current.runtime(), current.officer().sessions))
    return Response(body, mimetype="text/event-stream", headers=headers)


def _events(told: Broadcaster, listener: Listener, runtime: Runtime, sessions: int) -> Iterator[str]:
    unasked = lasted = 0.0
    try:
        yield "retry: 3000\n\n"
        while not stopping.is_set() and lasted < LONGEST_STREAM:
            fresh = _fresh(listener)
            unasked, lasted = unasked + _PATIENCE, lasted + _PATIENCE
            if unasked >= BEAT_EVERY:
                if not _still_welcome(runtime, listener.view, sessions):
                    return
                unasked = 0.0
                yield ": still here\n\n"
            if fresh:
                yield f"event: touched\ndata: {json.dumps(sorted(fresh))}\n\n"
    finally:
        told.leave(listener)


def _fresh(listener: Listener) -> set[int]:
    """The tickets touched since the last look, after at most a moment's wait."""
    fresh: set[int] = set()
    try:
        fresh.add(listener.news.get(timeout=_PATIENCE))
        while True:
            fresh.add(listener.news.get_nowait())
    except queue.Empty:
        return fresh


def _still_welcome(runtime: Runtime, view: View, sessions: int) -> bool:
    with runtime.database.read() as connection:
        account = officers.find(connection, view.officer_id)
    if (
        account is None
        or account.disabled
        or account.sessions != sessions
        or view.office not in account.roles
    ):
        return False
    return (account.roles[view.office] == "supervisor") == view.complaints


@blueprint.get("/changes")
def changes() -> ResponseReturnValue:
    """Whether anything changed since the page was made: 304 for nothing."""
    with current.runtime().database.read() as connection:
        changed = inbox.last_change(connection, current.view())
    response = Response(
        json.dumps({"changed": changed.isoformat() if changed else ""}), mimetype="application/json"
    )
    response.set_etag(changed.isoformat() if changed else "nothing")
    return response.make_conditional(request)
