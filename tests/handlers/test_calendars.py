"""The library fills each office's dates: as decreed, once, and never over what the office said itself."""

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from bot.calendar import DayKind
from handlers import calendars
from handlers.cli import main
from handlers.settings import load
from storage import calendar
from storage.columns import AnyRow
from storage.db import Database
from tests.bot.decreed_days import COLLECTIVE, ESTIMATED, HOLIDAYS, dates
from tests.driver import environment, write_config

NOW = datetime(2026, 7, 6, 1, 0, tzinfo=UTC)
YEARS = (2024, 2025, 2026, 2027)
NATIONAL_DAY = date(2026, 8, 17)
LIBRARY = calendars.library.__wrapped__


def days(database: Database, office: str = "7411") -> dict[date, AnyRow]:
    with database.read() as connection:
        return {row.day: row for row in calendar.days(connection, office)}


def version(database: Database, office: str = "7411") -> int:
    with database.read() as connection:
        return calendar.version(connection, office)


def upgraded(change: Callable[[dict[date, dict[str, Any]]], None]) -> Callable[[int], tuple[Any, ...]]:
    """The library of another day, in which 2026 is other than today."""

    def library(year: int) -> tuple[Any, ...]:
        told = {row["day"]: dict(row) for row in LIBRARY(year)}
        if year == 2026:
            change(told)
        return tuple(told.values())

    return library


@pytest.mark.parametrize(("kind", "decreed"), [(DayKind.HOLIDAY, HOLIDAYS), (DayKind.COLLECTIVE, COLLECTIVE)])
def test_the_library_says_what_was_decreed(kind: DayKind, decreed: str) -> None:
    told = [row["day"] for year in YEARS for row in calendars.library(year) if row["kind"] == kind.value]
    assert sorted(told) == sorted(dates(decreed))


def test_only_what_hangs_on_the_moon_is_an_estimate() -> None:
    rows = [row for year in YEARS for row in calendars.library(year)]
    assert [row["day"] for row in rows if row["estimated"]] == dates(ESTIMATED)
    assert not any("perkiraan" in row["name"] for row in rows)


@pytest.mark.parametrize("locale", ["C", "en_US.UTF-8", "id_ID.UTF-8", "de_DE.UTF-8"])
def test_names_are_indonesian_whatever_the_machine_speaks(locale: str) -> None:
    """In a process of its own: the library asks for the locale when it is loaded."""
    asked = (
        "import datetime; from handlers.calendars import library;"
        "print({row['day']: row['name'] for row in library(2026)}[datetime.date(2026, 8, 17)])"
    )
    environ = {**os.environ, "LANG": locale, "LC_ALL": locale, "LANGUAGE": locale, "PYTHONUTF8": "1"}
    command = [sys.executable, "-c", asked]
    told = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    assert told.stdout == "Hari Kemerdekaan Republik Indonesia\n"


def test_every_office_is_filled_once(database: Database) -> None:
    filled = calendars.fill(database, ("7411", "6571"), NOW)
    assert filled.keys() == {"7411", "6571"}
    assert filled["7411"] == len(days(database)) == len(days(database, "6571"))
    assert {day.year for day in days(database)} == {2025, 2026, 2027, 2028}
    assert sum(row.kind == "holiday" for day, row in days(database).items() if day.year == 2026) == 17
    assert sum(row.kind == "collective" for day, row in days(database).items() if day.year == 2026) == 8
    assert calendars.fill(database, ("7411", "6571"), NOW) == {}
    assert version(database) == 1


def test_offices_that_begin_together_have_what_each_alone_would_have(database: Database) -> None:
    """Beside what one office is brought up to that has a calendar already, but not a single date."""
    with database.write() as connection:
        calendar.lock(connection, "9999")
    offices = [f"{code}" for code in range(7400, 7412)]
    filled = calendars.fill(database, ["9999", *offices], NOW)
    alone = [(*row,)[1:] for row in days(database, "9999").values()]
    assert filled == dict.fromkeys(["9999", *offices], len(alone))
    assert all([(*row,)[1:] for row in days(database, code).values()] == alone for code in offices)
    assert {version(database, code) for code in ("9999", *offices)} == {1}


def test_a_start_asks_the_library_only_where_something_is_new(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    calendars.make_ready(database, ("7411",), NOW)
    asked: list[int] = []

    def library(year: int) -> tuple[Any, ...]:
        asked.append(year)
        return tuple(LIBRARY(year))

    monkeypatch.setattr(calendars, "library", library)
    calendars.make_ready(database, ("7411",), NOW)
    assert asked == []
    calendars.make_ready(database, ("7411", "6571"), NOW)
    calendars.make_ready(database, ("7411", "6571"), NOW.replace(year=2027))
    assert {2025, 2029} <= set(asked)
    assert {day.year for day in days(database, "6571")} == {2025, 2026, 2027, 2028, 2029}
    asked.clear()
    monkeypatch.setattr("handlers.calendars.metadata.version", lambda _: "another")
    calendars.make_ready(database, ("7411", "6571"), NOW.replace(year=2027))
    assert asked


def test_several_processes_at_once_fill_it_once(database: Database) -> None:
    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(lambda _: calendars.fill(database, ("7411",), NOW), range(6)))
    assert sum(filled.get("7411", 0) > 0 for filled in done) == 1
    assert version(database) == 1


def test_a_new_year_comes_in_by_itself(database: Database) -> None:
    calendars.fill(database, ("7411",), NOW)
    calendars.fill(database, ("7411",), NOW.replace(year=2027))
    assert {day.year for day in days(database)} == {2025, 2026, 2027, 2028, 2029}
    assert version(database) == 2


def test_an_upgraded_library_changes_its_own_days(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    calendars.fill(database, ("7411",), NOW)

    def change(told: dict[date, dict[str, Any]]) -> None:
        del told[date(2026, 5, 31)]
        told[date(2026, 8, 18)] = {
            "day": date(2026, 8, 18), "kind": "collective", "name": "Cuti baru", "estimated": False,
        }  # fmt: skip
        told[NATIONAL_DAY]["name"] = "Hari Merdeka"

    monkeypatch.setattr(calendars, "library", upgraded(change))
    assert calendars.fill(database, ("7411",), NOW) == {"7411": 3}
    now = days(database)
    assert date(2026, 5, 31) not in now
    assert now[date(2026, 8, 18)].name == "Cuti baru"
    assert now[NATIONAL_DAY].name == "Hari Merdeka"
    assert version(database) == 2


def test_an_upgraded_library_leaves_what_the_office_said(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    calendars.fill(database, ("7411",), NOW)
    own = {NATIONAL_DAY: DayKind.OPEN, date(2026, 8, 18): DayKind.CLOSED, date(2026, 5, 31): DayKind.HOLIDAY}
    with database.write() as connection:
        for day, kind in own.items():
            calendar.put_day(connection, "7411", day, kind, "Kata kantor", NOW)

    def change(told: dict[date, dict[str, Any]]) -> None:
        del told[date(2026, 5, 31)]
        told[date(2026, 8, 18)] = dict(told[NATIONAL_DAY], day=date(2026, 8, 18))
        told[NATIONAL_DAY]["name"] = "Hari Merdeka"

    monkeypatch.setattr(calendars, "library", upgraded(change))
    assert calendars.fill(database, ("7411",), NOW) == {}
    now = days(database)
    assert {now[day].name for day in own} == {"Kata kantor"}
    assert {day: DayKind(now[day].kind) for day in own} == own


def test_a_library_that_knows_a_year_no_more_takes_nothing_away(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    calendars.fill(database, ("7411",), NOW)
    monkeypatch.setattr(calendars, "library", lambda year: () if year == 2027 else LIBRARY(year))
    assert calendars.fill(database, ("7411",), NOW) == {}
    assert any(day.year == 2027 for day in days(database))


def test_migrating_fills_the_offices_of_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'loket.db'}"
    config = write_config(tmp_path, url)
    for name, value in environment().items():
        monkeypatch.setenv(name, value)
    told = CliRunner().invoke(main, ["migrate", "--config", str(config)])
    assert told.exit_code == 0, told.output
    made = Database(url, tmp_path / "data")
    with made.read() as connection:
        offices = set(connection.execute(select(calendar.DAY.c.office).distinct()).scalars())
        assert offices == set(load(config, environment()).offices)
        assert set(calendar.versions(connection).values()) == {1}
    assert CliRunner().invoke(main, ["migrate", "--config", str(config)]).exit_code == 0
    assert version(made) == 1
    made.close()
