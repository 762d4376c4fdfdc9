"""The figures of a report agree with a reckoning from the raw rows that shares no code with them."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bot import figures, periods
from bot.calendar import WorkingCalendar
from bot.conversation import Clock
from bot.figures import HOUR, STEPS, Outcome, Promise
from bot.periods import Period
from handlers import reports
from handlers.reports import Report
from storage import clocks, earlier_promises
from storage.inbox import View
from tests.databases import SqliteTemplate
from tests.handlers.site import Site
from tests.storage.seeding import Thread
from tests.year import census
from tests.year.almanac import Almanac
from tests.year.office import PlayedOffice, opened
from tests.year.people import Habits, a_year
from tests.year.play import END, Closure, Player
from tests.year.rows import write_a_year

MONTHS, QUARTERS, YEAR = periods.of_year(2026)
NAMES = {"kept", "missed", "running", "dropped"}
CLOSURE = Closure(date(2026, 7, 10), datetime.combine(date(2026, 7, 8), time(10, 12, 13)))


def _report(office: PlayedOffice, period: Period) -> Report:
    view = View(office.code, office.officer_ids[0], complaints=True)
    with office.runtime.database.read() as connection:
        return reports.assemble(office.runtime, connection, view, period)


def _differ(office: PlayedOffice, period: Period, days: Almanac) -> dict[str, tuple[object, object]]:
    """Every figure of the period that was reckoned otherwise."""
    now = office.local(office.clock())
    with office.runtime.database.read() as connection:
        must = census.counted(connection, office.code, office.zone, period.first, period.last, now, days)
    told = _report(office, period)
    pairs: dict[str, tuple[object, object]] = {
        "opened": (told.opened, must.channels.total()),
        "channels": (dict(told.by_channel), dict(must.channels)),
        "topics": (dict(told.by_topic), dict(must.topics)),
        "uses": (dict(told.by_use), dict(must.uses)),
        "closings": (dict(told.closings), dict(must.closings)),
        "promises": (dict(told.promises), {name: must.promises[name] for name in NAMES}),
        "unpromised": (told.without_promise, must.unpromised),
        "unanswered": (told.unanswered, (must.open_unanswered, must.closed_unanswered)),
        "forwarded": (told.forwarded, must.forwarded),
        "merged": (told.merged, must.merged),
        "number": (told.times.number, len(must.waits)),
        "median": (told.times.median and told.times.median.total_seconds(), must.middle),
        "ninetieth": (told.times.ninetieth and told.times.ninetieth.total_seconds(), must.nine_of_ten),
        "asked": (told.voice.rated.asked, must.asked),
        "marks": ({key: n for key, n in told.voice.rated.marks.items() if n}, dict(must.marks)),
        "ikm": (told.voice.index and told.voice.index.points, must.ikm),
        "sheets": (told.voice.index.answers if told.voice.index else 0, len(must.sheets)),
        "complaints": (_complaints(told), dict(must.complaints)),
        "searches": ({key: n for key, n in told.voice.searches.items() if n}, dict(must.searches)),
        "in vain": (dict(told.voice.in_vain), {query: n for query, n in must.vain.items() if n > 1}),
        "volume": ([each.total() for each in told.volume.values()], _volume(told, must)),
    }
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _complaints(report: Report) -> dict[str, int]:
    assert report.voice.grievances is not None
    assert report.voice.grievances.received == sum(report.voice.grievances.by_element.values())
    return dict(report.voice.grievances.by_element)


def _volume(report: Report, must: census.Census) -> list[int]:
    starts = [*report.volume, date(2100, 1, 1)]
    parts = pairwise(starts)
    return [
        sum(number for day, number in must.days.items() if since <= day < until) for since, until in parts
    ]


def test_a_year_of_rows_agrees(database_url: str, tmp_path: Path) -> None:
    code = "1905" if database_url.startswith("sqlite") else "6302"
    with opened(code, database_url, tmp_path) as office:
        with office.runtime.database.write() as connection:
            write_a_year(connection, code, "7411", office.zone, 240)
        office.set_clock(datetime.combine(date(2027, 1, 4), time(9)))
        told = {each.name: _differ(office, each, Almanac()) for each in (*MONTHS, *QUARTERS, YEAR)}
        whole = _report(office, YEAR)
    assert {name: each for name, each in told.items() if each} == {}
    assert whole.opened > 230
    assert whole.merged > 5
    assert whole.voice.index is not None
    assert whole.voice.rated.answered > 80
    assert [query for query, _ in whole.voice.in_vain] == ["inflasi 2025", "=1+1"]
    assert min(*whole.promises.values(), whole.forwarded, *whole.unanswered, whole.taken_on) > 0


def test_a_played_year_agrees(sqlite_template: SqliteTemplate, tmp_path: Path) -> None:
    """Through the desk's own handlers, with a day that the office closed by itself."""
    acts = a_year(100, Habits(clears=True, almanac=Almanac().also_closed(CLOSURE.day)))
    with opened("1905", sqlite_template.copy(tmp_path), tmp_path) as office:
        player = Player(office)
        player.play(acts, CLOSURE)
        office.set_clock(END)
        days = Almanac().also_closed(CLOSURE.day)
        told = {each.name: _differ(office, each, days) for each in (*MONTHS, *QUARTERS, YEAR)}
        whole = _report(office, YEAR)
    assert {name: each for name, each in told.items() if each} == {}
    assert whole.opened > 70
    assert set(whole.by_channel) == {"whatsapp", "email"}
    assert whole.promises[Outcome.KEPT] > 0
    assert whole.times.number > 35


def wall_clock(_calendar: WorkingCalendar, start: datetime, end: datetime) -> timedelta:
    return end - start


@pytest.mark.parametrize(
    ("place", "name", "fault", "told"),
    [
        (WorkingCalendar, "served", wall_clock, "median"),
        (
            figures,
            "ninetieth",
            lambda ordered: ordered[len(ordered) * 8 // 10] if ordered else None,
            "ninetieth",
        ),
        (figures, "median", lambda ordered: ordered[len(ordered) // 2] if ordered else None, "median"),
        (Period, "begins", lambda period, _: datetime.combine(period.first, time(), UTC), "opened"),
        (Promise, "outcome", lambda *_: Outcome.KEPT, "promises"),
        (earlier_promises, "CLOSED", "shut", "promises"),
    ],
)
def test_a_planted_fault_is_told(
    place: Any,
    name: str,
    fault: Any,
    told: str,
    sqlite_template: SqliteTemplate,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(place, name, fault)
    with opened("6302", sqlite_template.copy(tmp_path), tmp_path) as office:
        with office.runtime.database.write() as connection:
            write_a_year(connection, "6302", "7411", office.zone, 150)
        office.set_clock(datetime.combine(date(2027, 1, 4), time(9)))
        found = [_differ(office, each, Almanac()) for each in (MONTHS[2], YEAR)]
    assert any(told in each for each in found)


def test_the_spread_is_the_same(database_url: str, tmp_path: Path) -> None:
    with opened("6302", database_url, tmp_path) as office:
        with office.runtime.database.write() as connection:
            write_a_year(connection, "6302", "7411", office.zone, 150)
        waits = _report(office, YEAR).waits
    assert list(figures.spread(waits)) == census.hours([each.total_seconds() for each in waits])
    assert len(STEPS) == 6
    assert max(waits) > 24 * HOUR


@pytest.mark.parametrize(("code", "ahead"), [("1905", 7), ("6302", 8)])
def test_a_month_ends_at_midnight_of_the_office(
    code: str, ahead: int, database_url: str, tmp_path: Path
) -> None:
    """A minute before it is still March, whatever the day is in UTC or in the next zone."""
    border = datetime(2026, 4, 1, tzinfo=UTC) - timedelta(hours=ahead)
    with opened(code, database_url, tmp_path) as office:
        with office.runtime.database.write() as connection:
            Thread(connection, code).ticket(opened_at=border - timedelta(minutes=1))
            Thread(connection, code).ticket(opened_at=border)
        march, april = (_report(office, month) for month in MONTHS[2:4])
    assert (march.opened, april.opened) == (1, 1)
    assert march.volume[date(2026, 3, 31)].total() == 1
    assert april.volume[date(2026, 4, 1)].total() == 1


def test_a_citizen_at_the_last_minute_of_the_month(site: Site) -> None:
    """Through the desk: WhatsApp at 23.59 WITA on 31 July is of July, its answer in August all the same."""
    site.clock.at = datetime(2026, 7, 31, 15, 58, 58, tzinfo=UTC)
    site.asks()
    site.clock.at = datetime(2026, 8, 3, 1, 30, tzinfo=UTC)
    view = View("7411", site.people["supervisor"], complaints=True)
    with site.runtime.database.read() as connection:
        july = reports.assemble(site.runtime, connection, view, MONTHS[6])
        august = reports.assemble(site.runtime, connection, view, MONTHS[7])
    assert (july.opened, august.opened) == (1, 0)
    assert july.before.opened == 0
    assert august.before.opened == 1


def test_asking_on_after_the_closing_is_a_promise_of_its_own(site: Site) -> None:
    """What the desk itself logs of the promise before: it stays missed, and its answer stays the first."""
    opened_at, hour = datetime(2026, 7, 6, 1, tzinfo=UTC), timedelta(hours=1)
    with site.runtime.database.write() as connection:
        ticket = Thread(connection, "7411").ticket(
            opened_at=opened_at,
            clock_from=opened_at,
            due_at=opened_at + hour,
            answered_at=opened_at + 2 * hour,
        )
        clocks.restart(connection, ticket, opened_at + 30 * hour)
        clocks.keep(connection, ticket, Clock(opened_at + 30 * hour, opened_at + 90 * hour), 0)
    site.clock.at = opened_at + 40 * hour
    view = View("7411", site.people["supervisor"], complaints=True)
    with site.runtime.database.read() as connection:
        july = reports.assemble(site.runtime, connection, view, MONTHS[6])
    assert (july.promises[Outcome.MISSED], july.promises[Outcome.RUNNING]) == (1, 1)
    assert july.waits == (2 * hour,)
    assert july.unanswered == (0, 0)
