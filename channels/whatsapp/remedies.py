"""How patiently each of Twilio's refusals is met: when again, how often, and who waits; a row a code.

What the code means for the message stands in ``errors``; here only how long that takes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from channels.whatsapp.errors import NO_ACCOUNT, REFUSED_HOST, REMEDY, Remedy

_SECOND, _MINUTE, _HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


class Rest(StrEnum):
    """Who waits: the message, everything from this number, or whoever the limit turns out to be about."""

    MESSAGE = "message"
    SENDER = "sender"
    LIMIT = "limit"


@dataclass(frozen=True, slots=True)
class Patience:
    """The first wait, doubled with every try up to the longest; after ``most_tries`` the message has failed.

    ``rest``: who waits. ``tomorrow``: nothing will change before the next day (UTC) begins. ``alarm``: what
    the administrators are told.
    """

    first: timedelta = 2 * _SECOND
    longest: timedelta = 30 * _MINUTE
    most_tries: int | None = None
    rest: Rest = Rest.MESSAGE
    tomorrow: bool = False
    alarm: str = ""

    def wait(self, tries: int) -> timedelta:
        """How long to wait after so many tries."""
        return min(self.longest, self.first * (1 << min(max(tries - 1, 0), 20)))


CONFIGURATION_ALARM = "whatsapp_configuration"
LIMIT_ALARM = "whatsapp_limited"
DAILY_ALARM = "whatsapp_daily"
UNKNOWN_ALARM = "whatsapp_unknown_code"
LOST_ALARM = "whatsapp_lost"

_USUAL = Patience()
_MEND = Patience(alarm=CONFIGURATION_ALARM)
# The whole number, or its account, is refused: other messages need not find out for themselves.
_MEND_SENDER = Patience(rest=Rest.SENDER, alarm=CONFIGURATION_ALARM)

_ROWS: tuple[tuple[str, Patience], ...] = (
    # Half a second, doubled: sixteen seconds at the sixth try, and ever more slowly after it.
    ("20429", Patience(first=timedelta(milliseconds=500))),
    ("30001 63009", _USUAL),
    ("63017", Patience(first=_SECOND, longest=_MINUTE, rest=Rest.SENDER)),
    ("21611", Patience(first=2 * _MINUTE, rest=Rest.SENDER)),
    # Three more tries within ten minutes or so.
    ("30008 63010 63011 63012 63023", Patience(first=90 * _SECOND, longest=6 * _MINUTE, most_tries=4)),
    ("63018", Patience(first=6 * _SECOND, longest=5 * _MINUTE, rest=Rest.LIMIT, alarm=LIMIT_ALARM)),
    ("63019", Patience(first=_MINUTE, longest=_MINUTE, most_tries=2)),
    ("63038", Patience(rest=Rest.SENDER, tomorrow=True, alarm=DAILY_ALARM)),
    ("63119", Patience(first=5 * _MINUTE, longest=_HOUR)),
    (
        f"20003 20005 20404 63001 63002 63007 63008 63020 63022 63026 63051 {NO_ACCOUNT} {REFUSED_HOST}",
        _MEND_SENDER,
    ),
)
_BY_CODE: Mapping[str, Patience] = MappingProxyType(
    {code: patience for codes, patience in _ROWS for code in codes.split()}
)

SENDER_LIMIT = Patience(first=_MINUTE, longest=_HOUR)
"""63018 for one recipient after the other: the number itself sends too much."""
BEGINNING_LIMIT = Patience(first=_HOUR, longest=12 * _HOUR)
"""63018 for a message that begins a conversation: those are counted over 24 hours."""
SENDER_WITHIN = timedelta(minutes=10)

# Words of Meta's that Twilio hands on (``ChannelStatusMessage``) and that tell whose limit it was.
_ABOUT_RECIPIENT = ("131056", "pair rate")
_ABOUT_SENDER = ("131048", "130429", "80007", "spam rate", "throughput")


def patience(code: str | None) -> Patience:
    """How to meet this refusal."""
    known = _BY_CODE.get(code or "")
    if known is not None:
        return known
    return _MEND if REMEDY.get(code or "") is Remedy.CONFIGURATION else _USUAL


def is_about_sender(words: str | None) -> bool | None:
    """Whether Meta's own words name the number's limit (True) or the recipient's (False); else None."""
    said = (words or "").lower()
    if any(each in said for each in _ABOUT_RECIPIENT):
        return False
    return True if any(each in said for each in _ABOUT_SENDER) else None
