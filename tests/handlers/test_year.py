"""A year of one office, played through the real desk, beside a reckoning that shares no code with it.

Every due moment, warning, notice and closing: at its second, once, in service hours, and none left out; and
every ticket with whom it must be, by roster, leave, topic, turn, load and cap. The full year of 5,000 tickets
is ``make stress``; here it has fewer, and faults are planted to see that it tells.
"""

import dataclasses
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from bot import clocks, routing, silence
from bot.calendar import DayKind, WorkingCalendar
from bot.routing import Roster
from handlers import calendars
from storage import duty, tickets
from tests.databases import SqliteTemplate
from tests.year.whole import RULES, played, played_in_parts

FULL, FEW, LEAST = 5_000, 40, 25


def test_a_year_of_kolaka_timur(database_url: str, tmp_path: Path) -> None:
    assert played("7411", database_url, tmp_path, FEW) == []


@pytest.mark.parametrize("code", ["1801", "1905", "6302"])
def test_a_year_by_other_rules(code: str, sqlite_template: SqliteTemplate, tmp_path: Path) -> None:
    assert played(code, sqlite_template.copy(tmp_path), tmp_path, 2 * FEW) == []


@pytest.mark.stress
@pytest.mark.timeout(1100)
@pytest.mark.parametrize("code", RULES)
def test_a_full_year(code: str, sqlite_template: SqliteTemplate, tmp_path: Path) -> None:
    """One process has one core, and takes longer than a minute for 5,000 tickets.

    The year of Kolaka Timur is therefore played in two halves of 2,500 tickets, side by side, each by a
    process with a database of its own; whose turn it is, is reckoned within a half. The others are played in
    one piece: there turns, loads and the cap are those of all 5,000.
    """
    folders = [tmp_path / str(part) for part in range(2 if code == "7411" else 1)]
    for folder in folders:
        folder.mkdir()
    parts = [(sqlite_template.copy(folder), folder) for folder in folders]
    began = monotonic()
    assert played_in_parts(code, parts, FULL) == []
    print(f"{code}: {FULL} tickets in {monotonic() - began:.0f} seconds, {len(parts)} process(es)")  # noqa: T201


# --- Faults are planted: each is told. ---

Plant = Callable[[pytest.MonkeyPatch], None]


def public_holidays_only(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(calendars, "_CATEGORIES", {DayKind.HOLIDAY: "public"})


def the_day_of_the_start_counts(patch: pytest.MonkeyPatch) -> None:
    first = WorkingCalendar._first_day

    def earlier(calendar: WorkingCalendar, start: datetime, *, next_day: bool) -> date:
        return first(calendar, start, next_day=next_day) - timedelta(days=1)

    patch.setattr(WorkingCalendar, "_first_day", earlier)


def closed_while_the_office_owes(patch: pytest.MonkeyPatch) -> None:
    lasts = silence.lasts

    def anyway(conversation: Any, *more: Any) -> Any:
        ticket, long_ago = conversation.ticket, datetime(2026, 1, 1, tzinfo=UTC)
        mute = ticket and dataclasses.replace(ticket, waiting_for_citizen=True, silent_since=long_ago)
        return lasts(conversation.but(ticket=mute), *more)

    patch.setattr(silence, "lasts", anyway)
    patch.setattr(silence, "broken", lambda _before, decision, *_: decision)


def warned_at_three_in_the_morning(patch: pytest.MonkeyPatch) -> None:
    warns_at = silence.warns_at

    def at_night(*about: Any) -> datetime | None:
        moment = warns_at(*about)
        return moment and moment.replace(hour=19, minute=0, second=0)

    patch.setattr(silence, "warns_at", at_night)
    patch.setattr(clocks, "not_now", lambda *_: ())


def no_pause(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(clocks, "_resumed", lambda *_: [])


def lunch_is_no_service(patch: pytest.MonkeyPatch) -> None:
    """Hours of service counted on the wall."""
    patch.setattr(
        WorkingCalendar, "after_service", lambda calendar, at, served: calendar.next_open(at + served)
    )


def overdue_is_never_told(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(clocks, "_late_at", lambda due, _: due + timedelta(days=3_650))


def closed_twice(patch: pytest.MonkeyPatch) -> None:
    close = tickets.close

    def twice(connection: Any, ticket_id: int, reason: Any, now: datetime) -> None:
        close(connection, ticket_id, reason, now)
        tickets.log(connection, "7411", ticket_id, "closed", now, None, {"reason": reason.value})

    patch.setattr(tickets, "close", twice)


def leave_is_ignored(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Roster, "is_away", lambda *_: False)


def the_cap_is_ignored(patch: pytest.MonkeyPatch) -> None:
    chosen = routing.chosen
    patch.setattr(routing, "chosen", lambda rule, *about: chosen(dataclasses.replace(rule, cap=0), *about))


def the_same_officer_twice_in_a_row(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(routing, "turn_at", lambda *_: datetime(2026, 1, 1, tzinfo=UTC))


def nothing_is_given_back(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(duty, "owed_by", lambda *_: [])


def given_to_somebody_off_duty(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Roster, "on_duty", lambda roster, who, at: not roster.is_away(who, at))


PLANTED: list[tuple[str, Plant, str]] = [
    ("7411", public_holidays_only, "due 2026-"),
    ("7411", the_day_of_the_start_counts, "due 2026-"),
    ("1905", closed_while_the_office_owes, "closable at"),
    ("7411", warned_at_three_in_the_morning, "outside service"),
    ("1905", no_pause, "due None"),
    ("1801", lunch_is_no_service, "unclaimed at"),
    ("7411", overdue_is_never_told, "no overdue"),
    ("7411", closed_twice, "1 time(s) too often"),
    ("7411", leave_is_ignored, "no given_back from"),
    ("1905", the_cap_is_ignored, "no not_assigned: full"),
    ("7411", the_same_officer_twice_in_a_row, "no assigned to"),
    ("7411", nothing_is_given_back, "no given_back from"),
    ("7411", given_to_somebody_off_duty, "who is off duty"),
]


@pytest.mark.parametrize(("code", "plant", "told"), PLANTED, ids=[plant.__name__ for _, plant, _ in PLANTED])
def test_a_planted_fault_is_told(
    code: str,
    plant: Plant,
    told: str,
    sqlite_template: SqliteTemplate,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calendars.library.cache_clear()
    plant(monkeypatch)
    try:
        found = played(code, sqlite_template.copy(tmp_path), tmp_path, LEAST)
    finally:
        calendars.library.cache_clear()
    assert any(told in line for line in found), found[:20]
