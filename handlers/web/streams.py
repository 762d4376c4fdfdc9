"""Open live pages: their sockets, which no thread waits at, and the one thread a process tells them all with.

A page hears that a ticket has changed, never what is in it. Where many pages may hear of one ticket, those
that show it are told at once and the others a handful at a time: each fetches itself anew.
"""

import json
import resource
import secrets
import selectors
import socket
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from handlers.runtime import Runtime
from storage import changes, officers, sign_ins
from storage.changes import Touched
from storage.inbox import View
from storage.officers import Account

stopping = threading.Event()
"""Set by the server when it goes: every stream ends within a second."""

MOST_STREAMS = 2000
LOOK_EVERY = 0.7
BEAT_EVERY = 15.0
SHORTEST_LIFE, LIVES_DIFFER_BY = 600, 300
TOLD_AT_ONCE = 10
# What the kernel keeps for a page that does not read: some dozens of events, then it is dropped.
_UNREAD_BYTES = 16384
# A slower transaction may commit an older moment after a newer one was seen.
_OVERLAP = timedelta(seconds=5)


def _life() -> float:
    """Until when a stream lives. Pages that were opened together shall not come back together."""
    return time.monotonic() + SHORTEST_LIFE + secrets.randbelow(LIVES_DIFFER_BY)


def concerns(view: View, touched: Touched) -> bool:
    """Whether a page with these eyes may know of that ticket."""
    may = view.complaints and view.officer_id not in touched.accused
    return view.office in touched.offices and (may or not touched.complaint)


def _files() -> int:
    """How many files and connections this process may open."""
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 2 * MOST_STREAMS if allowed == resource.RLIM_INFINITY else allowed


@dataclass(eq=False, slots=True)
class Stream:
    """One open page: what it may hear of, and what it has not been told yet.

    ``mark``: of the sign-in in whose browser it is.
    """

    connection: socket.socket
    view: View
    mark: str
    ticket: int | None = None
    chunked: bool = True
    news: set[int] = field(default_factory=set)
    ends: float = field(default_factory=_life)

    def may_stay(self, account: Account | None) -> bool:
        """Whether its officer is still what it was opened as."""
        if account is None or account.disabled:
            return False
        role = account.roles.get(self.view.office)
        return role is not None and (role == "supervisor") == self.view.complaints

    def say(self, words: str) -> bool:
        """Write without waiting. False when the page is gone, or has not read for long."""
        sent = words.encode()
        if self.chunked:
            sent = b"%X\r\n%b\r\n" % (len(sent), sent)
        try:
            return self.connection.send(sent) == len(sent)
        except OSError:
            return False

    def close(self) -> None:
        """End the answer and the connection."""
        with suppress(OSError):
            if self.chunked:
                self.connection.send(b"0\r\n\r\n")
        self.connection.close()


class Broadcaster:
    """Looks at the database while pages listen, and only then."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._streams: set[Stream] = set()
        self._waiting: dict[Stream, None] = {}
        self._gone = selectors.DefaultSelector()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._latest: datetime | None = None
        self._seen: dict[int, datetime] = {}

    def __len__(self) -> int:
        return len(self._streams)

    def has_room(self) -> bool:
        """Whether one more page may listen; else it asks from time to time."""
        return len(self._streams) < min(MOST_STREAMS, _files() // 2) and not stopping.is_set()

    def adopt(self, stream: Stream) -> None:
        """Serve *stream* from now on. One that has no room is ended: its page comes back, and is told so."""
        stream.connection.setblocking(False)
        stream.connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _UNREAD_BYTES)
        with self._lock:
            if not self.has_room():
                stream.close()
                return
            self._streams.add(stream)
            self._gone.register(stream.connection, selectors.EVENT_READ, stream)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="loket-live", daemon=True)
                self._thread.start()

    def end_of(self, officer_id: int) -> None:
        """This officer signs out: their pages here come back and are asked anew who they are."""
        self._drop([stream for stream in tuple(self._streams) if stream.view.officer_id == officer_id])

    def end(self) -> None:
        """The server goes: every page is told so by the end of its stream, and comes back."""
        stopping.set()
        self._drop(tuple(self._streams))

    def _drop(self, streams: Iterable[Stream]) -> None:
        with self._lock:
            for stream in self._streams & set(streams):
                self._streams.remove(stream)
                self._gone.unregister(stream.connection)
                stream.close()

    def _run(self) -> None:
        self._seen, self._latest = {}, self._newest()
        beat = time.monotonic() + BEAT_EVERY
        while not stopping.wait(LOOK_EVERY):
            self._drop(self._left())
            with self._lock:
                if not self._streams:
                    self._thread = None
                    return
                streams = tuple(self._streams)
            self._hear(streams)
            self._tell()
            if time.monotonic() >= beat:
                beat = time.monotonic() + BEAT_EVERY
                self._beat(streams)
        self.end()

    def _left(self) -> list[Stream]:
        """The pages that were closed. None of them has anything to say, so who is heard has gone."""
        with self._lock:
            return [key.data for key, _ in self._gone.select(0)]

    def _hear(self, streams: tuple[Stream, ...]) -> None:
        for touched in self._news():
            for stream in streams:
                if concerns(stream.view, touched):
                    stream.news.add(touched.id)
                    self._waiting[stream] = None

    def _tell(self) -> None:
        shown = [stream for stream in self._waiting if stream.ticket in stream.news]
        others = [stream for stream in self._waiting if stream.ticket not in stream.news]
        for stream in [*shown, *others[:TOLD_AT_ONCE]]:
            del self._waiting[stream]
            told, stream.news = sorted(stream.news), set()
            if not stream.say(f"event: touched\ndata: {json.dumps(told)}\n\n"):
                self._drop([stream])

    def _beat(self, streams: tuple[Stream, ...]) -> None:
        """Who may not stay is gone within a beat; the others are told that the line holds."""
        try:
            with self._runtime.database.read() as connection:
                known = officers.these(connection, {stream.view.officer_id for stream in streams})
                lasting = sign_ins.lasting(connection, {stream.mark for stream in streams})
        except SQLAlchemyError:
            # Without its database the desk has nothing to tell that anybody might not hear.
            known, lasting = None, set()
        now = time.monotonic()
        for stream in streams:
            stays = known is None or (
                stream.mark in lasting and stream.may_stay(known.get(stream.view.officer_id))
            )
            if now > stream.ends or not stays or not stream.say(": still here\n\n"):
                self._drop([stream])

    def _newest(self) -> datetime | None:
        try:
            with self._runtime.database.read() as connection:
                return changes.newest(connection)
        except SQLAlchemyError:
            return None

    def _news(self) -> list[Touched]:
        """What was touched since the last look, each once for each moment."""
        try:
            with self._runtime.database.read() as connection:
                found = changes.since(connection, self._latest - _OVERLAP if self._latest else None)
        except SQLAlchemyError:
            return []  # The next look tells what this one missed.
        fresh = [touched for touched in found if self._seen.get(touched.id) != touched.at]
        self._seen = {touched.id: touched.at for touched in found}
        self._latest = found[-1].at if found else self._latest
        return fresh
