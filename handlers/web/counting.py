"""Counting requests in the memory of one process: by a clock that nobody sets, and never without bounds."""

import math
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from time import monotonic

_SWEEP_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Rate:
    """So many within so many seconds, from the first one on."""

    most: int
    seconds: int


@dataclass(slots=True)
class _Window:
    ends: float
    count: int = 0


class Counter:
    """Counts by keys. What has ended is forgotten, so it holds no more than what came within its windows."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._windows: dict[Hashable, _Window] = {}
        self._lock = threading.Lock()
        self._swept = clock()

    def __len__(self) -> int:
        return len(self._windows)

    def take(self, rate: Rate, key: Hashable) -> int:
        """Count one more; 0 while that is within *rate*, else the seconds until it is again."""
        now = self._clock()
        with self._lock:
            self._sweep(now)
            window = self._windows.get(key)
            if window is None or window.ends <= now:
                window = self._windows[key] = _Window(now + rate.seconds)
            window.count += 1
            return _wait(window, rate, window.count - 1, now)

    def look(self, rate: Rate, key: Hashable) -> int:
        """What ``take`` would answer, without counting."""
        now = self._clock()
        with self._lock:
            window = self._windows.get(key)
            return 0 if window is None or window.ends <= now else _wait(window, rate, window.count, now)

    def _sweep(self, now: float) -> None:
        if now - self._swept < _SWEEP_SECONDS:
            return
        self._swept = now
        self._windows = {key: each for key, each in self._windows.items() if each.ends > now}


def _wait(window: _Window, rate: Rate, before: int, now: float) -> int:
    return 0 if before < rate.most else max(1, math.ceil(window.ends - now))
