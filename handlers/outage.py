"""A database that is away: said once, asked ever more rarely until it is back, and then said again."""

import logging
import threading
import time
from collections.abc import Callable

from storage.db import is_of_the_disk

log = logging.getLogger(__name__)
DISK = "the disk takes nothing more: it is full, or fails"
FIRST_REST = 0.5
LONGEST_REST = 8.0


class Outage:
    """What the threads of a process know of it together. *clock* counts seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._since: float | None = None
        self._next = self._rest = 0.0

    def rests(self) -> bool:
        """Whether it is too early to ask the database again."""
        return self._since is not None and self._clock() < self._next

    def met(self, error: Exception) -> None:
        """The database did not answer. Several who met the same failure make nobody wait longer."""
        with self._lock:
            now = self._clock()
            if self._since is None:
                what = DISK if is_of_the_disk(error) else "the database is away"
                log.error("%s (%s); everything waits for it", what, type(error).__name__)
                self._since, self._rest = now, FIRST_REST
            elif now < self._next:
                return
            else:
                self._rest = min(self._rest * 2, LONGEST_REST)
            self._next = now + self._rest

    def over(self) -> None:
        """The database answered."""
        if self._since is None:
            return
        with self._lock:
            if self._since is not None:
                log.warning("the database is back after %.0f seconds", self._clock() - self._since)
            self._since = None
