"""How patiently each channel is served: how many at once, how long one may take, when again, until when.

A message on WhatsApp leaves in a second or not at all, and its window ends what can't leave. A mail may
take minutes on a thin line, its servers want to be asked rarely (RFC 5321, 4.5.4.1), and nothing ends it
but us.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

_DAY = 24
_LONGEST = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Pace:
    """*at_once* messages are claimed for the time of the *lease*.

    ``waits`` are the first waits after a failure, the last one repeats; without any they double from two
    seconds to half an hour. After ``most_tries`` a message has failed, after ``most_tries_of_ours`` where our
    own server or settings stood in the way; None for never.
    """

    at_once: int
    lease: timedelta
    waits: tuple[timedelta, ...] = ()
    most_tries: int | None = None
    most_tries_of_ours: int | None = None

    def wait(self, tries: int) -> timedelta:
        """How long to wait after so many tries."""
        if not self.waits:
            return min(_LONGEST, timedelta(seconds=2 ** min(tries, 11)))
        return self.waits[min(max(tries, 1), len(self.waits)) - 1]

    def is_over(self, tries: int, *, ours: bool) -> bool:
        """Whether enough has been tried."""
        most = self.most_tries_of_ours if ours else self.most_tries
        return most is not None and tries >= most


_QUARTERS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
# The first four waits and the try that begins them, then one an hour.
_IN_A_DAY = len(_QUARTERS) + 1 + (_DAY - 2)

PACES: Mapping[str, Pace] = {
    "whatsapp": Pace(at_once=20, lease=timedelta(seconds=90)),
    "email": Pace(
        at_once=4,
        lease=timedelta(minutes=15),
        waits=_QUARTERS,
        most_tries=_IN_A_DAY,
        most_tries_of_ours=_IN_A_DAY + 4 * _DAY,
    ),
}
