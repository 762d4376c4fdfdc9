"""What supervisors write into the calendar's forms, as a change; with a sentence where it makes no sense."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from pydantic import ValidationError

from bot.calendar import Day, DayKind, WorkingCalendar
from handlers.calendar_changes import FIRST_YEAR, LAST_YEAR, Change, NewSeason, Said
from handlers.calendars import WEEKDAYS
from handlers.web.calendar_words import hours_of
from handlers.web.language import gettext

_MOST_IN_A_ROW = 60
_FEAST = "Hari Raya Idul Fitri"
# Counter hours in Ramadan (Perpres 21/2023: 32.5 hours a week, from 08.00, breaks of 30 and 60 minutes).
_WORKDAY, _FRIDAY = ("08:00-12:00", "12:30-15:00"), ("08:00-11:30", "12:30-15:30")
_RAMADAN = {**dict.fromkeys(WEEKDAYS[:4], _WORKDAY), "fri": _FRIDAY}


def day(form: Mapping[str, str], calendar: WorkingCalendar) -> Change:
    """One day, or several in a row, of which those that are not worked anyway are left alone."""
    first = _date(form.get("first", ""))
    last = _date(form["last"]) if form.get("last") else first
    if not first <= last <= first + timedelta(days=_MOST_IN_A_ROW):
        raise ValueError(
            gettext(
                "Tanggal akhir harus sesudah tanggal awal, paling lama %(days)s hari.", days=_MOST_IN_A_ROW
            )
        )
    said = _said(form)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    if first != last and said.kind is not DayKind.OPEN:
        days = [one for one in days if calendar.works(one)]
    if not days:
        raise ValueError(gettext("Pada tanggal itu kantor memang tidak buka."))
    return Change(days=dict.fromkeys(days, said))


def _said(form: Mapping[str, str]) -> Said:
    name = _name(form)
    if form.get("kind") not in set(DayKind):
        raise ValueError(gettext("Pilih jenis hari."))
    kind = DayKind(form["kind"])
    return Said(kind=kind, name=name, hours=_hours(form.get("hours", "")) if kind is DayKind.OPEN else ())


def back(form: Mapping[str, str]) -> Change:
    """What the office said about a date no longer holds."""
    return Change(days={_date(form.get("first", "")): None})


def certain(form: Mapping[str, str], calendar: WorkingCalendar) -> Change:
    """An estimated date was decreed as it stands."""
    known: Day | None = calendar.days.get(one := _date(form.get("first", "")))
    if known is None:
        raise ValueError(gettext("Tanggal itu tidak ada di daftar."))
    return Change(days={one: Said(kind=known.kind, name=known.name)})


def season(form: Mapping[str, str]) -> Change:
    """Other hours for a while."""
    first, last = _date(form.get("first", "")), _date(form.get("last", ""))
    told = {weekday: _hours(form.get(weekday, "")) for weekday in WEEKDAYS}
    try:
        new = NewSeason(
            name=_name(form), first=first, last=last, hours={one: it for one, it in told.items() if it}
        )
    except ValidationError:
        raise ValueError(
            gettext("Tanggal akhir harus sesudah tanggal awal, dan sedikitnya satu hari harus buka.")
        ) from None
    return Change(add=(new,))


def no_season(form: Mapping[str, str]) -> Change:
    """A season is no more."""
    return Change(remove=(_date(form.get("first", "")),))


def ramadan(calendar: WorkingCalendar, year: int) -> NewSeason | None:
    """A proposal for the Ramadan of *year*: thirty days before its feast, if that is known and still free."""
    feast = next(_feasts(calendar, year), None)
    if feast is None:
        return None
    first, last = feast - timedelta(days=30), feast - timedelta(days=1)
    if any(one.first <= last and first <= one.last for one in calendar.seasons):
        return None
    return NewSeason(name="Ramadan", first=first, last=last, hours=_RAMADAN)


def _feasts(calendar: WorkingCalendar, year: int) -> Iterator[date]:
    return (one for one, it in sorted(calendar.days.items()) if one.year == year and it.name == _FEAST)


def _name(form: Mapping[str, str]) -> str:
    name = " ".join(form.get("name", "").replace("\x00", "").split())
    if not 0 < len(name) <= 120:
        raise ValueError(gettext("Isi nama atau alasannya, paling panjang 120 huruf."))
    return name


def _hours(text: str) -> tuple[str, ...]:
    try:
        return hours_of(text)
    except ValueError as error:
        told = str(error)
        raise ValueError(f"{told[0].upper()}{told[1:]}.") from None


def _date(text: str) -> date:
    try:
        one = date.fromisoformat(text)
    except ValueError:
        raise ValueError(gettext("Isi tanggalnya.")) from None
    if not FIRST_YEAR <= one.year <= LAST_YEAR:
        raise ValueError(gettext("Tanggal itu terlalu jauh."))
    return one
