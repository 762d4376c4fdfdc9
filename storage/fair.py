"""So many threads at once, and the others in the order in which they came."""

import threading
from collections import deque


class Places:
    """*many* places. Whoever frees one hands it to who has waited longest: nobody takes it in between.

    ``threading``'s own semaphore lets whoever comes just then go first.
    """

    def __init__(self, many: int) -> None:
        self._free = many
        self._changing = threading.Lock()
        self._waiting: deque[threading.Event] = deque()

    def take(self, seconds: float) -> bool:
        """Take a place; False when there is none for so many seconds."""
        with self._changing:
            if self._free:
                self._free -= 1
                return True
            called = threading.Event()
            self._waiting.append(called)
        return called.wait(seconds) or self._was_called(called)

    def _was_called(self, called: threading.Event) -> bool:
        """Perhaps just now; else nobody waits here any more."""
        with self._changing:
            if not called.is_set():
                self._waiting.remove(called)
            return called.is_set()

    def give_back(self) -> None:
        """Free a place that was taken."""
        with self._changing:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1
