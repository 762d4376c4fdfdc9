"""Checks of the machine's clock, beside what the desk remembers and what providers' clocks say."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

from sqlalchemy import inspect
from sqlalchemy.exc import SQLAlchemyError

from channels.their_clocks import TheirClocks
from handlers import clock_alarm, databases, timekeeping
from handlers.checking.findings import Finding, error, fine, warning
from handlers.checking.installation import looking_at
from handlers.settings import Settings


def clock(settings: Settings, now: datetime) -> Iterator[Finding]:
    """A clock that is behind the moment at which the desk was last at work is wrong, or was before."""
    with suppress(SQLAlchemyError), looking_at(settings) as connection:
        if connection is None or not inspect(connection).has_table(databases.INSTALLATION.name):
            return
        if off := clock_alarm.told(connection):
            yield _off(off["seconds"], off["host"])
        apart = timekeeping.behind(connection, now)
        if apart is not None:
            minutes = round(apart.total_seconds() / 60)
            yield error(
                f"Jam komputer {minutes} menit lebih lambat daripada saat Loket terakhir bekerja:"
                " jam itu, atau jam sebelumnya, salah.",
                f"The clock is {minutes} minutes behind the moment at which Loket was last at work:"
                " it is wrong now, or it was before.",
            )
        elif timekeeping.rests(connection, now):
            yield warning(
                "Jam komputer melompat beberapa hari sejak Loket terakhir bekerja: tenggat ditahan dulu.",
                "The clock has leapt by days since Loket was last at work: deadlines rest for now.",
            )


def clock_compared(clocks: TheirClocks) -> Iterator[Finding]:
    """What providers' clocks say, after they were asked something; nothing where nobody told the time."""
    verdict = clocks.verdict()
    if verdict is None:
        return
    if verdict.side:
        yield _off(verdict.apart.total_seconds(), verdict.host)
    else:
        yield fine(
            f"Jam komputer sesuai dengan jam {verdict.host}.",
            f"The clock agrees with that of {verdict.host}.",
        )


def _off(seconds: float, host: str) -> Finding:
    jauh, far = (clock_alarm.how_far(seconds, language) for language in ("id", "en"))
    return error(
        f"Jam komputer {jauh} menurut jam {host}: nyalakan sinkronisasi waktu.",
        f"The clock is {far} by that of {host}: switch on time synchronisation.",
    )
