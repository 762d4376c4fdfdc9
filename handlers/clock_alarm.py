"""A clock that is wrong, by what providers' clocks say: told by how much until it is right again.

``handlers.timekeeping`` compares the clock with the desk's own past, which a clock that is wrong from the
very first start does not contradict.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from babel.dates import format_timedelta
from sqlalchemy import Connection

from channels.their_clocks import Compared, TheirClocks
from handlers.phrases import PHRASES
from storage import alarms

OFF = "clock_off"
LATELY = timedelta(minutes=10)


def look(connection: Connection, clocks: TheirClocks, now: datetime) -> None:
    """Raise or end the alarm by what was heard since the last look. For a tick."""
    verdict = clocks.verdict()
    if verdict is None:
        return
    if verdict.side:
        seconds, seen = round(verdict.apart.total_seconds()), verdict.told.isoformat()
        about = {"seconds": seconds, "host": verdict.host, "seen": seen}
        alarms.raise_alarm(connection, OFF, None, OFF, about, now)
    elif not _wrong_lately(connection, verdict):
        alarms.settle(connection, OFF, None, now)


def told(connection: Connection) -> Mapping[str, Any] | None:
    """While the clock is wrong: by how many ``seconds`` it is ahead, and the ``host`` that says so."""
    row = alarms.find(connection, OFF)
    return row.about if row is not None and row.settled_at is None else None


def how_far(seconds: float, language: str) -> str:
    """``5 menit terlalu cepat``, ``2 hours slow``."""
    phrases = PHRASES[language]
    span = format_timedelta(
        timedelta(seconds=abs(seconds)), granularity="minute", threshold=2, locale=phrases.locale
    )
    return f"{span} {phrases.slow if seconds < 0 else phrases.fast}"


def _wrong_lately(connection: Connection, verdict: Compared) -> bool:
    """Whether another machine's clock is wrong while this one's is right, by the provider's time."""
    about = told(connection)
    if about is None:
        return False
    return abs(verdict.told - datetime.fromisoformat(about["seen"])) < LATELY
