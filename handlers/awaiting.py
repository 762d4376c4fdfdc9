"""Starting while the database is away: after a power cut everything comes up at once, in any order."""

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from signal import SIGTERM, signal
from typing import TypeVar

from sqlalchemy.exc import OperationalError

from handlers.outage import FIRST_REST, LONGEST_REST
from storage.reaching import Server, is_full, server_of

log = logging.getLogger(__name__)
PATIENCE = 300.0
"""Seconds. Then the process ends and says why; what has started it starts it again."""
_Wired = TypeVar("_Wired")


class _NotYet(Exception):
    """The server lets nobody in; the text says why not."""


def once_there(url: str, wire: Callable[[], _Wired]) -> _Wired:
    """What *wire* gives as soon as the server of *url* lets anybody in; says why it waits, once.

    What waiting can't mend (a wrong password, a database that the server does not have) is raised at once.
    SIGTERM ends the process meanwhile.
    """
    until, rest, said = time.monotonic() + PATIENCE, FIRST_REST, ""
    with _ending_when_told():
        while time.monotonic() < until:
            try:
                return _tried(url, wire)
            except _NotYet as reason:
                said = _said(str(reason), said)
            time.sleep(rest)
            rest = min(rest * 2, LONGEST_REST)
        return wire()


def _said(reason: str, before: str) -> str:
    if reason != before:
        log.warning("the database %s; waiting for it, %d seconds at most", reason, PATIENCE)
    return reason


def _tried(url: str, wire: Callable[[], _Wired]) -> _Wired:
    _ask(url)
    try:
        return wire()
    except OperationalError as error:
        _ask(url)  # it may have gone in between
        if is_full(error):
            raise _NotYet("has no connection free") from error
        raise


def _ask(url: str) -> None:
    answer = server_of(url)
    if answer is not Server.THERE:
        raise _NotYet(answer.value)


@contextmanager
def _ending_when_told() -> Iterator[None]:
    """Without a handler of its own the first process of a container would not hear it."""
    before = signal(SIGTERM, lambda *_: sys.exit(0))
    try:
        yield
    finally:
        signal(SIGTERM, before)
