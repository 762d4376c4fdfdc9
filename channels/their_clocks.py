"""What others' clocks say of ours: every answer over HTTP bears the moment at which it was given."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from urllib.parse import urlsplit

from requests import Response
from werkzeug.http import parse_date

TOLERATED = timedelta(minutes=2)
"""Sign-ins through an issuer fail beyond that, promises and windows suffer only later."""
ENOUGH = 3
_WHOLE = timedelta(seconds=1)

Heard = Callable[..., object]
"""What a response of ``requests`` is given to: a hook."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Our clock was at least so far *apart* from *host*'s, which *told* this moment; positive when ahead."""

    host: str
    told: datetime
    apart: timedelta

    @property
    def side(self) -> int:
        """0 when our clock is right, 1 when it is ahead, -1 when it is behind."""
        return 0 if abs(self.apart) <= TOLERATED else 1 if self.apart > timedelta() else -1


def compared(answer: Response, now: datetime) -> Compared | None:
    """What *answer*, which has come *now*, says of our clock; None when that can't be told.

    It was given between request and answer, in a second that is told without its fraction.
    """
    told = _told(answer)
    if told is None:
        return None
    ahead, behind = now - answer.elapsed - told - _WHOLE, told - now
    apart = max(ahead, timedelta()) - max(behind, timedelta())
    return Compared(urlsplit(answer.url).hostname or "", told, apart)


def _told(answer: Response) -> datetime | None:
    if "Age" in answer.headers:  # from somebody's store: its moment lies back
        return None
    try:
        return parse_date(answer.headers.get("Date"))
    except OverflowError:  # a year of twenty digits
        return None


class TheirClocks:
    """What was heard from each host. May be used from several threads."""

    def __init__(self, clock: Callable[[], datetime], enough: int = ENOUGH) -> None:
        """*clock*: the machine's own. *enough*: so many answers in a row make a host's word."""
        self._clock = clock
        self._enough = enough
        self._heard: dict[str, deque[Compared]] = {}
        self._new = False
        self._lock = Lock()

    def heard(self, answer: Response, **_how: object) -> None:
        """Take note of *answer*: a hook for ``requests``. Never raises."""
        found = compared(answer, self._clock())
        if found is None:
            return
        with self._lock:
            self._heard.setdefault(found.host, deque(maxlen=self._enough)).append(found)
            self._new = True

    def verdict(self) -> Compared | None:
        """How our clock stands; None when nothing new was heard, or not enough.

        Who says that it is right is believed before who says that it is wrong: one host may be wrong itself.
        """
        with self._lock:
            new, self._new = self._new, False
            words = [said[-1] for said in self._heard.values() if self._agree(said)]
        return min(words, key=lambda word: abs(word.side), default=None) if new else None

    def _agree(self, said: Sequence[Compared]) -> bool:
        return len(said) == self._enough and len({each.side for each in said}) == 1
