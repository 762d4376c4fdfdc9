"""The clock of a demo: the real one, plus what was skipped."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta


class DemoClock:
    """Runs like *real*, ahead of it or behind it. May be used from several threads."""

    def __init__(self, real: Callable[[], datetime]) -> None:
        self._real = real
        self._ahead = timedelta(0)
        self._moving = threading.Lock()

    def __call__(self) -> datetime:
        """This moment in the demo."""
        return self._real() + self._ahead

    @property
    def ahead(self) -> timedelta:
        """How far the demo is ahead of the real clock."""
        return self._ahead

    def forward(self, by: timedelta) -> None:
        """Skip *by*."""
        with self._moving:
            self._ahead += by

    def set_to(self, moment: datetime) -> None:
        """Go on from *moment*, earlier or later than now."""
        with self._moving:
            self._ahead = moment - self._real()
