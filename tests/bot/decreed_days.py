"""National holidays and collective leave as decreed (SKB 3 Menteri), written down by hand for tests.

The library that Loket fills its calendar from is compared with them.
"""

from datetime import date
from zoneinfo import ZoneInfo

from bot.calendar import Day, DayKind, WorkingCalendar

HOLIDAYS = """
2024: 01-01 02-08 02-10 02-14 03-11 03-29 03-31 04-10 04-11 05-01 05-09 05-23 06-01 06-17 07-07
2024: 08-17 09-16 11-27 12-25
2025: 01-01 01-27 01-29 03-29 03-31 04-01 04-18 04-20 05-01 05-12 05-29 06-01 06-06 06-27 08-17
2025: 09-05 12-25
2026: 01-01 01-16 02-17 03-19 03-21 03-22 04-03 04-05 05-01 05-14 05-27 05-31 06-01 06-16 08-17
2026: 08-25 12-25
2027: 01-01 01-05 02-06 03-08 03-10 03-11 03-26 03-28 05-01 05-06 05-17 05-20 06-01 06-06 08-15
2027: 08-17 12-25 12-26
"""
COLLECTIVE = """
2024: 02-09 03-12 04-08 04-09 04-12 04-15 05-10 05-24 06-18 12-26
2025: 01-28 03-28 04-02 04-03 04-04 04-07 05-13 05-30 06-09 08-18 12-26
2026: 02-16 03-18 03-20 03-23 03-24 05-15 05-28 12-24
2027: 02-05 03-09 03-12 03-15 03-25 05-18 05-19 12-24
"""
ESTIMATED = """
2027: 03-10 03-11 05-17
"""


def dates(written: str) -> list[date]:
    """Every date of a table above."""
    lines = (line.partition(": ") for line in written.strip().splitlines())
    return [date.fromisoformat(f"{year}-{day}") for year, _, days in lines for day in days.split()]


def decreed(zone: str = "Asia/Makassar") -> WorkingCalendar:
    """The calendar of an office with the usual hours and these days."""
    estimated = dates(ESTIMATED)
    holidays = {day: Day(DayKind.HOLIDAY, "libur", estimated=day in estimated) for day in dates(HOLIDAYS)}
    leave = {day: Day(DayKind.COLLECTIVE, "cuti bersama") for day in dates(COLLECTIVE)}
    return WorkingCalendar(ZoneInfo(zone), days=holidays | leave)
