"""The calendar as a CSV file: read as Excel and people write it, written so that no program runs it."""

from collections.abc import Iterable
from datetime import date, datetime

from bot.calendar import DayKind
from handlers import sheets
from handlers.calendar_changes import FIRST_YEAR, LAST_YEAR, MOST_DAYS, Change, Said
from handlers.sheets import Unreadable
from handlers.web.calendar_words import hours_of
from handlers.web.language import gettext
from storage.columns import AnyRow

LARGEST = 64 * 1024
COLUMNS = ("tanggal", "jenis", "nama", "jam", "sumber", "perkiraan")
_NEEDED = COLUMNS[:3]
_NAMES = {
    DayKind.HOLIDAY: "libur nasional",
    DayKind.COLLECTIVE: "cuti bersama",
    DayKind.CLOSED: "tutup",
    DayKind.OPEN: "buka",
}
_KINDS = {
    **{name: kind for kind, name in _NAMES.items()},
    **{kind.value: kind for kind in DayKind},
    "libur": DayKind.HOLIDAY,
    "cuti": DayKind.COLLECTIVE,
    "tutup kantor": DayKind.CLOSED,
    "buka kantor": DayKind.OPEN,
}
_DATES = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y")


def written(rows: Iterable[AnyRow]) -> bytes:
    """The special dates as a file for Excel."""
    return sheets.written([COLUMNS, *map(_line, rows)])


def _line(row: AnyRow) -> tuple[object, ...]:
    source = "kantor" if row.source == "office" else "pustaka"
    kind, hours = _NAMES[DayKind(row.kind)], " ".join(row.hours)
    return row.day, kind, row.name, hours, source, "ya" if row.estimated else ""


def read(content: bytes, there: Iterable[AnyRow]) -> Change:
    """The change that a file asks for: its dates that are not so already. Raises ``Unreadable``."""
    if len(content) > LARGEST:
        raise Unreadable([gettext("Berkas terlalu besar. Paling besar %(size)s kB.", size=LARGEST // 1024)])
    known = {row.day: (row.kind, row.name, tuple(row.hours)) for row in there}
    days, problems = _days(_lines(content))
    if problems:
        raise Unreadable(problems)
    fresh = {day: said for day, said in days.items() if known.get(day) != (said.kind, said.name, said.hours)}
    return Change(days=fresh)


def _days(lines: Iterable[tuple[int, dict[str, str]]]) -> tuple[dict[date, Said], list[str]]:
    days: dict[date, Said] = {}
    problems: list[str] = []
    for number, cells in lines:
        try:
            day = _date(cells.get("tanggal", ""))
            if day in days:
                raise ValueError(gettext("tanggal ini sudah ada di baris lain"))
            days[day] = _said(cells)
        except ValueError as error:
            problems.append(gettext("Baris %(number)s: %(why)s.", number=number, why=str(error)))
    return days, problems


def _said(cells: dict[str, str]) -> Said:
    kind = _KINDS.get(" ".join(cells.get("jenis", "").casefold().split()))
    if kind is None:
        raise ValueError(gettext("jenis harus libur nasional, cuti bersama, tutup, atau buka"))
    name = sheets.meant(cells.get("nama", ""))
    if not 0 < len(name) <= 120:
        raise ValueError(gettext("nama harus diisi, paling panjang 120 huruf"))
    hours = hours_of(cells.get("jam", ""))
    if hours and kind is not DayKind.OPEN:
        raise ValueError(gettext("jam hanya untuk hari yang dibuka"))
    return Said(kind=kind, name=name, hours=hours)


def _date(written_: str) -> date:
    for form in _DATES:
        try:
            day = datetime.strptime(written_, form).date()  # noqa: DTZ007  # a date has no zone
        except ValueError:
            continue
        if FIRST_YEAR <= day.year <= LAST_YEAR:
            return day
    raise ValueError(gettext("tanggal tidak terbaca; tulis seperti 2026-08-18 atau 18/08/2026"))


def _lines(content: bytes) -> list[tuple[int, dict[str, str]]]:
    """Each line with its number, by column; empty ones are left out."""
    try:
        lines = list(sheets.lines(content, _NEEDED))
    except sheets.NoColumns:
        told = gettext("Baris pertama harus memuat nama kolom: tanggal, jenis, nama, jam.")
        raise Unreadable([told]) from None
    except sheets.NoSheet:
        raise Unreadable([gettext("Berkas ini bukan CSV yang terbaca.")]) from None
    if len(lines) > MOST_DAYS:
        raise Unreadable([gettext("Paling banyak %(number)s baris.", number=MOST_DAYS)])
    return lines
