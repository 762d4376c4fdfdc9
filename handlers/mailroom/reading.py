"""Mails are read by another process: hostile bytes may hang it, fill it or break it, and nothing else."""

import math
import threading
import weakref
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Self

from channels.mime.child import Question, Start
from channels.mime.kinds import Ours
from channels.mime.limits import Limits, header_of
from channels.mime.mail import Envelope, Unread, Why
from channels.mime.whole import Read
from channels.mime.words import LONGEST_VALUE
from handlers.mailroom.child import Child, Ended, ReaderUnavailable
from handlers.runtime import Runtime
from storage.columns import AnyRow

__all__ = ["Read", "Reader", "ReaderUnavailable", "raw_of"]

SECONDS = 20.0
MEMORY = 512 * 1024 * 1024
# So many mails wait for the child or for its reader, lest one ever has nothing to do while there is more.
AHEAD = 100
HEAVIEST = 40 * 1024 * 1024


class Reader:
    """Reads mails in one child process, started when it is needed and anew when it has ended.

    For any number of threads, which wait for each other. *ours*: what we know our own mail by. A mail may
    take so many *seconds* of work and bytes of *memory*; beyond them it is ``Unread``, and the next is read.
    """

    def __init__(self, ours: Ours, *, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        plain = Ours(frozenset(ours.marks), frozenset(ours.addresses), frozenset(ours.aliases))
        self._start = Start(plain, seconds, memory)
        self._mine = threading.Lock()
        self._owner: int | None = None
        self._child: Child | None = None

    def read(self, raw: bytes, limits: Limits | None = None) -> Read:
        """What *raw* says. Raises nothing that a mail could cause.

        Raises ``ReaderUnavailable`` when no child can be started: then no mail can be read now.
        """
        [found] = self.read_many([raw], limits)
        return found

    def read_many(self, raws: Iterable[bytes], limits: Limits | None = None) -> Iterator[Read]:
        """What each of *raws* says, in their order; the child reads on while the caller handles one.

        They are taken as the child may have them, ``AHEAD`` at the most. Until the last one is answered or
        the iterator is closed, other threads wait. Raises like ``read``.
        """
        asked = _Asked(raws, limits or Limits())
        with self._turn():
            try:
                while asked.some():
                    yield self._next(asked)
            finally:
                if self._child and self._child.waiting:
                    self._end()

    def close(self) -> None:
        """End the child. The reader may be used again afterwards."""
        with self._turn():
            self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if self._owner == threading.get_ident():
            raise RuntimeError("this thread is in the middle of read_many")
        with self._mine:
            self._owner = threading.get_ident()
            try:
                yield
            finally:
                self._owner = None

    def _next(self, asked: "_Asked") -> Read:
        """The answer to the oldest question, which is put together with all that follow it.

        Only a child that has read nothing else ends by the doing of its mail; otherwise another one tries.
        """
        child = self._child or self._started()
        spotless = child.spotless
        try:
            child.ask(asked.after(child.waiting))
            found = child.answer()
            why = _too_much(found)
        except Ended as ended:
            found, why = None, ended.why
        if isinstance(found, Read) and why is not Why.MEMORY:
            asked.answered()
            return found
        self._end()
        if not spotless and why is not Why.TIME:
            return self._next(asked)
        return Read(self._unread(why or Why.BROKEN, asked.answered().raw))

    def _unread(self, why: Why, raw: bytes) -> Unread:
        limits = {Why.TIME: math.ceil(self._start.seconds), Why.MEMORY: self._start.memory}
        return Unread(why, limits.get(why, 0), 0, self._glance(raw))

    def _glance(self, raw: bytes) -> Envelope:
        """The envelope of a mail that was too much, by a child of its own."""
        child = self._started()
        try:
            child.ask([Question(header_of(raw, LONGEST_VALUE), None)])
            found = child.answer()
        except Ended:
            self._end()
            return Envelope()
        return found if isinstance(found, Envelope) else Envelope()

    def _started(self) -> Child:
        """A new child. It also ends when this reader is forgotten, or with the interpreter."""
        self._child = Child(self._start)
        self._end_of_child = weakref.finalize(self, self._child.kill)
        return self._child

    def _end(self) -> None:
        if self._child:
            self._end_of_child()
            self._child = None


class _Asked:
    """The questions without an answer, so many as are put at once; more come as these are answered."""

    def __init__(self, raws: Iterable[bytes], limits: Limits) -> None:
        self._more = (Question(raw, limits) for raw in raws)
        self._waiting: deque[Question] = deque()
        self._bytes = 0

    def some(self) -> bool:
        """Take more, if there are and half of the last are answered; False when all are."""
        if len(self._waiting) > AHEAD // 2:
            return True
        while len(self._waiting) < AHEAD and self._bytes < HEAVIEST and (more := next(self._more, None)):
            self._waiting.append(more)
            self._bytes += len(more.raw)
        return bool(self._waiting)

    def after(self, first: int) -> list[Question]:
        """Those after the *first* ones."""
        return list(islice(self._waiting, first, None))

    def answered(self) -> Question:
        """The oldest one is answered."""
        oldest = self._waiting.popleft()
        self._bytes -= len(oldest.raw)
        return oldest


def _too_much(found: Read | Envelope) -> Why | None:
    return found.mail.why if isinstance(found, Read) and isinstance(found.mail, Unread) else None


def raw_of(runtime: Runtime, row: AnyRow) -> bytes:
    """The bytes of the mail that *row* of the table ``mail`` keeps. Raises ``OSError`` when they are gone."""
    raw: bytes | None = row.raw if row.raw is not None else runtime.files.get(row.sha256)
    if raw is None:
        raise FileNotFoundError(f"the bytes of mail {row.id} are not in the files folder")
    return bytes(raw)
