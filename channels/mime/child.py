"""The reader as a process of its own, for parsers work on bytes of strangers.

``python -m channels.mime.child`` may make no connection, and ends with whoever started it. A mail that takes
much work ends it too, by SIGPROF.

Frames on stdin and stdout: eight bytes of length, then a pickle. First comes a ``Start``, answered by an
empty frame; then any number of ``Question``, each answered by a ``Read``, or an ``Envelope`` for a glance.
"""

import os
import pickle
import select
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from channels.mime.confinement import confine
from channels.mime.kinds import Ours
from channels.mime.limits import Limits
from channels.mime.mail import Envelope, Unread, Why
from channels.mime.reading import first_look
from channels.mime.whole import Read, read_whole

LENGTH_BYTES = 8


@dataclass(frozen=True, slots=True)
class Start:
    """What holds for every mail: ``seconds`` of work, and ``memory`` in bytes on top of the bare process."""

    ours: Ours
    seconds: float
    memory: int


@dataclass(frozen=True, slots=True)
class Question:
    """A mail to read. Without limits it is a glance at the header of one that was too much before."""

    raw: bytes
    limits: Limits | None


def frame(content: bytes) -> bytes:
    """*content* as it goes through a pipe."""
    return len(content).to_bytes(LENGTH_BYTES, "big") + content


def main() -> None:
    """Answer what is asked on stdin, until it ends."""
    answers = _answers()
    _end_with_the_parent()
    asked = _asked(sys.stdin.buffer)
    start: Start = next(asked)
    confine(start.memory)
    _write(answers, b"")
    try:
        for question in asked:
            _write(answers, _answer(question, start))
    except MemoryError:
        # Not even the question or the answer fits in; libraries of other languages end like this as well.
        os.abort()


def _answers() -> BinaryIO:
    """Where answers go. What a library prints goes nowhere, instead of between the frames."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return answers


def _asked(questions: BinaryIO) -> Iterator[Any]:
    while head := questions.read(LENGTH_BYTES):
        yield pickle.loads(questions.read(int.from_bytes(head, "big")))  # noqa: S301 - from who started us


def _write(answers: BinaryIO, content: bytes) -> None:
    answers.write(frame(content))
    answers.flush()


def _answer(question: Question, start: Start) -> bytes:
    # The kernel's alarm ends us whatever code is running then; Python's would wait for that code to return.
    # It counts our own work: a machine that stands still for a while says nothing about a mail.
    signal.setitimer(signal.ITIMER_PROF, start.seconds)
    try:
        return pickle.dumps(_said(question, start.ours), protocol=5)
    except MemoryError:
        return pickle.dumps(Read(Unread(Why.MEMORY, 0, 0, first_look(question.raw))), protocol=5)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _said(question: Question, ours: Ours) -> Read | Envelope:
    if question.limits is None:
        return first_look(question.raw)
    return read_whole(question.raw, ours, question.limits)


def _end_with_the_parent() -> None:
    """Watch the other end of stdin: nobody else would end us in the middle of a long mail."""
    threading.Thread(target=_wait_for_the_end, daemon=True).start()


def _wait_for_the_end() -> None:
    watched = select.poll()
    watched.register(0, 0)
    watched.poll()
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
