"""A period of days that an address chooses, on the clock of the office."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import request

from handlers.web import current
from handlers.web.language import gettext

FIRST_YEAR, LAST_YEAR = 1900, 2199
"""Beyond these nobody means a date, and some can't be counted with."""


@dataclass(frozen=True, slots=True)
class Days:
    """The days from *first* to *last*, both included; ``problem`` says what of the address can't be read."""

    first: date
    last: date
    problem: str = ""

    @property
    def since(self) -> datetime:
        """The first moment of the period."""
        return begins(self.first)

    @property
    def until(self) -> datetime:
        """The first moment after it."""
        return begins(self.last + timedelta(days=1))


def day(written: str) -> date | None:
    """A date as forms write it; None for an empty one, for what is none, and for one that nobody means."""
    found = read(written)
    return found if found and FIRST_YEAR <= found.year <= LAST_YEAR else None


def read(written: str) -> date | None:
    """A date however far away it is; None for what is none."""
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def begins(on: date) -> datetime:
    """The first moment of a day at the office of this page."""
    return datetime.combine(on, time(), ZoneInfo(current.office().timezone))


def unreadable() -> str:
    """What is said of a date that can't be read."""
    return gettext("Tanggal tidak terbaca. Tulis seperti 2026-03-25.")


def asked() -> Days:
    """The period of the address; without one this year until today."""
    today = current.runtime().clock().astimezone(ZoneInfo(current.office().timezone)).date()
    first, last = request.args.get("dari", ""), request.args.get("sampai", "")
    since, until = day(first) or date(today.year, 1, 1), day(last) or today
    if (first and day(first) is None) or (last and day(last) is None):
        return Days(since, until, unreadable())
    if since > until:
        return Days(date(today.year, 1, 1), today, gettext("Tanggal mulai ada sesudah tanggal selesai."))
    return Days(since, until)
