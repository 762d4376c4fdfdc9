"""Checks of the working calendar: working days need the national holidays and the collective leave."""

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from handlers.checking.findings import Finding, fine, warning
from handlers.settings import Settings

# The mark of the `holidays` library on a moon-based date that no decree has fixed yet.
_ESTIMATED = "(perkiraan)"


def holidays_known(settings: Settings, now: datetime) -> Iterator[Finding]:
    """This year and the next: national holidays, collective leave (*cuti bersama*), dates only estimated."""
    zone = ZoneInfo(next(iter(settings.offices.values())).timezone)
    this_year = now.astimezone(zone).year
    for year in (this_year, this_year + 1):
        yield from _of_year(year)


def _of_year(year: int) -> Iterator[Finding]:
    national, leave = days_off(year, "public"), days_off(year, "government")
    faults = [*_missing(year, national, leave), *_estimated(year, {**national, **leave})]
    yield from faults
    if not faults:
        counts = len(national), len(leave)
        yield fine(
            f"Kalender {year}: {counts[0]} hari libur nasional, {counts[1]} hari cuti bersama.",
            f"Calendar {year}: {counts[0]} national holidays, {counts[1]} days of collective leave.",
        )


def days_off(year: int, category: str) -> dict[date, str]:
    """The days of one category of the ``holidays`` library (``public`` or ``government``) and their names."""
    from holidays import country_holidays

    return dict(country_holidays("ID", years=year, categories=(category,), language="id"))


def _missing(year: int, national: dict[date, str], leave: dict[date, str]) -> Iterator[Finding]:
    if not national:
        yield warning(
            f"Kalender {year}: hari libur nasional belum diketahui.",
            f"Calendar {year}: the national holidays are not known yet.",
        )
    if not leave:
        yield warning(
            f"Kalender {year}: cuti bersama belum diketahui; perbarui pustaka holidays setelah SKB terbit.",
            f"Calendar {year}: the collective leave is not known yet; "
            "update the holidays library once it is decreed.",
        )


def _estimated(year: int, days: dict[date, str]) -> Iterator[Finding]:
    unsure = [day.isoformat() for day, name in sorted(days.items()) if _ESTIMATED in name]
    if unsure:
        listed = ", ".join(unsure)
        yield warning(
            f"Kalender {year}: tanggal masih perkiraan: {listed}",
            f"Calendar {year}: dates still estimated: {listed}",
        )
