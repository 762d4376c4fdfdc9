"""One reading process, seen from this side of its pipes."""

import io
import os
import pickle
import select
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from enum import Enum, EnumType
from pathlib import Path
from typing import Any

from channels.mime import bounces, kinds, mail, newtext, whole
from channels.mime.child import LENGTH_BYTES, Question, Start, frame
from channels.mime.mail import Envelope, Why
from channels.mime.whole import Read

MODULE = "channels.mime.child"
# How long a machine under load may take to start a Python.
SECONDS_TO_START = 60.0
# The child ends itself after so many seconds of work, which take longer on a busy machine. Beyond this it
# does not even do that.
TIMES_AS_LONG = 3
SECONDS_OF_GRACE = 5.0
LONGEST_ANSWER = 1024 * 1024 * 1024
_PIPE_BYTES = 1024 * 1024
_READ_BYTES = 1024 * 1024
_WRITE_BYTES = 64 * 1024

_KNOWN = (
    *(mail.Address, mail.Attachment, mail.Envelope, mail.Invitation, mail.Mail, mail.Report, mail.Role),
    *(mail.Unread, mail.Why, kinds.Kind, kinds.Verdict, newtext.Cut, newtext.Mark, newtext.NewText),
    *(bounces.Bounce, bounces.Failure, bounces.Outcome, whole.Read, datetime, timedelta, timezone),
)
_NAMED = {(each.__module__, each.__qualname__): each for each in _KNOWN}
_WHY_BY_SIGNAL = {
    signal.SIGPROF: Why.TIME,
    # A library that can't go on without memory aborts; the kernel short of it kills.
    signal.SIGABRT: Why.MEMORY,
    signal.SIGKILL: Why.MEMORY,
}


class ReaderUnavailable(Exception):
    """No reading process can be started. No mail is to blame; it may be read later."""


class Ended(Exception):
    """The process is no more, and by its end the mail in hand was too much of this."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


class Child:
    """A process that reads mails one after another. Not for several threads at once.

    ``spotless``: it has read nothing yet, so that its end is the doing of its first mail. ``waiting``: how
    many questions it has not answered.
    """

    def __init__(self, start: Start) -> None:
        """Raises ``ReaderUnavailable``."""
        self.spotless = True
        self.waiting = 0
        self._seconds = start.seconds
        self._unwritten, self._unread = memoryview(b""), bytearray()
        self._later: deque[Start | Question] = deque([start])
        self._open = _opened()
        self._in, self._out = _ends(self._open)
        try:
            self._frame(SECONDS_TO_START)
        except Ended as ended:
            self.kill()
            raise ReaderUnavailable(f"{MODULE} does not start") from ended

    def ask(self, questions: Sequence[Question]) -> None:
        """Put *questions*; what its pipe can't hold yet goes there while answers are waited for."""
        self._later.extend(questions)
        self.waiting += len(questions)
        self._write()

    def answer(self) -> Read | Envelope:
        """The answer to the first question that has none. Raises ``Ended``."""
        content = self._frame(self._seconds * TIMES_AS_LONG + SECONDS_OF_GRACE)
        try:
            found = _Careful(io.BytesIO(content)).load()
        except Exception as error:
            raise Ended(Why.BROKEN) from error
        if not isinstance(found, Read | Envelope):
            raise Ended(Why.BROKEN)
        self.spotless = False
        self.waiting -= 1
        return found

    def kill(self) -> None:
        """End it now, whatever it is doing."""
        self._open.kill()
        self._open.wait()
        for end in (self._open.stdin, self._open.stdout):
            if end:
                end.close()

    def _frame(self, seconds: float) -> bytes:
        until = time.monotonic() + seconds
        length = int.from_bytes(self._bytes(LENGTH_BYTES, until), "big")
        if length > LONGEST_ANSWER:
            raise Ended(Why.BROKEN)
        return self._bytes(length, until)

    def _bytes(self, wanted: int, until: float) -> bytes:
        """Exactly so many bytes of the answers, questions being written meanwhile. Raises ``Ended``."""
        while len(self._unread) < wanted:
            self._write()
            self._wait(until)
            chunk = _read(self._out, _READ_BYTES)
            if chunk == b"":
                raise self._ended()
            self._unread += chunk or b""
        taken = bytes(self._unread[:wanted])
        del self._unread[:wanted]
        return taken

    def _wait(self, until: float) -> None:
        ready = select.poll()
        ready.register(self._out, select.POLLIN)
        if self._unwritten:
            ready.register(self._in, select.POLLOUT)
        left = until - time.monotonic()
        if left <= 0 or not ready.poll(left * 1000):
            self._open.kill()
            raise Ended(Why.TIME)

    def _write(self) -> None:
        """Write what the pipe takes now."""
        try:
            while self._has_more():
                self._unwritten = self._unwritten[os.write(self._in, self._unwritten) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            # The end shows on the other pipe, behind the answers that were still given.
            self._unwritten = memoryview(b"")
            self._later.clear()

    def _has_more(self) -> bool:
        if not self._unwritten and self._later:
            # Not before they are needed: a question is another copy of its mail.
            frames = bytearray()
            while self._later and len(frames) < _WRITE_BYTES:
                frames += frame(pickle.dumps(self._later.popleft(), protocol=5))
            self._unwritten = memoryview(frames)
        return bool(self._unwritten)

    def _ended(self) -> Ended:
        # Its pipe is closed, so it is ending; only a process that pretends would go on.
        try:
            code = self._open.wait(SECONDS_OF_GRACE)
        except subprocess.TimeoutExpired:
            return Ended(Why.BROKEN)
        return Ended(_WHY_BY_SIGNAL.get(signal.Signals(-code), Why.BROKEN) if code < 0 else Why.BROKEN)


class _Careful(pickle.Unpickler):
    """Reads values that a mail is made of, and calls nothing else: the parser may have been taken over."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("builtins", "getattr"):
            return _member
        try:
            return _NAMED[module, name]
        except KeyError:
            raise pickle.UnpicklingError("not a part of a mail") from None


def _member(of: object, name: object) -> Enum:
    """How Python 3.11.0 to 3.11.3 name a member of an enumeration: by ``getattr``, here for nothing else."""
    if isinstance(of, EnumType) and name in of.__members__:
        return of.__members__[str(name)]
    raise pickle.UnpicklingError("not a part of a mail")


def _opened() -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(  # noqa: S603 - our own module, by the interpreter that runs us
            [sys.executable, "-P", "-W", "ignore", "-m", MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            bufsize=0,
            pipesize=_PIPE_BYTES,
        )
    except OSError as error:
        raise ReaderUnavailable(f"{MODULE} does not start") from error


def _environment() -> dict[str, str]:
    """Where the modules are, and nothing else that this process knows."""
    folders = [str(Path(folder).absolute()) for folder in sys.path]
    return {"PYTHONPATH": os.pathsep.join(folders), "PYTHONUTF8": "1", "MALLOC_ARENA_MAX": "1"}


def _ends(opened: subprocess.Popen[bytes]) -> tuple[int, int]:
    """The descriptors to write and to read, neither of which ever blocks."""
    if opened.stdin is None or opened.stdout is None:
        raise ReaderUnavailable(f"{MODULE} has no pipes")
    ends = opened.stdin.fileno(), opened.stdout.fileno()
    for end in ends:
        os.set_blocking(end, False)
    return ends


def _read(end: int, most: int) -> bytes | None:
    """What is there, empty at the end; None when nothing is there yet."""
    try:
        return os.read(end, most)
    except BlockingIOError:
        return None
