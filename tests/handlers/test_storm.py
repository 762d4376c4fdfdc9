"""Storms: many posts at once, twice and in disorder, with and without sudden death."""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from channels.simulator import LocalTwilio, create_local_twilio, serving
from handlers import compose
from storage.db import Database
from tests import bad_weather, storm
from tests.databases import SQLITE_FIRST, Postgres, SqliteTemplate
from tests.driver import PUBLIC_URL, SID, TOKEN, Desk, running_desk
from tests.ports import free_port
from tests.storm import CONVERSATION, MESSAGE, TICKET


def fresh_url(kind: str, folder: Path, request: pytest.FixtureRequest) -> str:
    """One more fresh database of the same kind."""
    folder.mkdir(exist_ok=True)
    if kind.startswith("sqlite"):
        template: SqliteTemplate = request.getfixturevalue("sqlite_template")
        return template.copy(folder)
    server: Postgres = request.getfixturevalue("postgres")
    return server.copy()


@pytest.mark.long
@SQLITE_FIRST
def test_a_thousand_posts_are_a_hundred_messages(
    database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Duplicated, reordered, in parallel: exactly the hundred, handled once, as if one by one."""
    forms = storm.messages()
    twilio = LocalTwilio(SID, TOKEN, clock=compose.now, public_url=PUBLIC_URL)
    with serving(create_local_twilio(twilio)) as api_url:
        server = storm.server(tmp_path, free_port(), database_url, api_url)
        server.start()
        storm.blow_again(server.url, forms, storm.blow(server.url, forms))
        wait_until_handled(database_url, tmp_path)
        assert server.stop() == 0
    twilio.close()
    _expect(database_url, tmp_path, forms)
    replayed = serial_replay(database_url, tmp_path, request)
    assert end(database_url, tmp_path) == replayed


@pytest.mark.long
@SQLITE_FIRST
def test_sudden_death_loses_nothing(database_url: str, tmp_path: Path) -> None:
    """Killed three times on the way: whatever was answered 200 is there and handled after the restart."""
    forms = storm.messages()
    twilio = LocalTwilio(SID, TOKEN, clock=compose.now, public_url=PUBLIC_URL)
    with serving(create_local_twilio(twilio)) as api_url:
        server = storm.server(tmp_path, free_port(), database_url, api_url)
        server.start()
        answers = under_fire(server, forms, database_url, tmp_path)
        wait_until_handled(database_url, tmp_path)
        assert server.stop() == 0
    twilio.close()
    assert {status for _, status in answers} <= {0, 200, 503}
    assert 0 in {status for _, status in answers}, "the killing was not noticed"
    assert {sid for sid, status in answers if status == 200} == {form["MessageSid"] for form in forms}
    _expect(database_url, tmp_path, forms)


def under_fire(
    server: storm.Server, forms: list[dict[str, str]], database_url: str, folder: Path, deaths: int = 3
) -> list[tuple[str, int]]:
    """Post the forms again and again until the server was killed so often; what it answered.

    After each start the database is whole, and has what had been answered 200 before.
    """
    accepted: set[str] = set()
    with ThreadPoolExecutor(1) as pool:
        killing = pool.submit(kill_often, server, lambda: look_inside(database_url, folder, accepted), deaths)
        answers = storm.blow(server.url, forms, accepted=accepted)
        while not killing.done():
            answers += storm.blow(server.url, forms, copies=1, accepted=accepted)
        killing.result()
    return answers + storm.blow(server.url, forms, copies=1)


def look_inside(database_url: str, folder: Path, accepted: set[str]) -> None:
    """The database of a server that has just been killed and started again."""
    promised = set(accepted)
    database = Database(database_url, folder / "look")
    with database.read() as connection:
        if database.is_sqlite:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalars().all() == ["ok"]
        kept = [row.external_id for row in storm.stored(connection)]
    database.close()
    assert promised <= set(kept)
    assert len(kept) == len(set(kept))


def stored(database_url: str, folder: Path) -> list[Any]:
    """The citizens' messages in stored order."""
    database = Database(database_url, folder / "look")
    with database.read() as connection:
        rows = storm.stored(connection)
    database.close()
    return rows


def kill_often(server: storm.Server, look: Callable[[], None], times: int) -> None:
    """Kill and start again, so many times, and *look* after every start."""
    for _ in range(times):
        time.sleep(0.8)
        server.kill()
        server.start()
        look()


def wait_until_handled(database_url: str, folder: Path) -> None:
    """Let the worker catch up, for a minute and a half at most."""
    database = Database(database_url, folder / "look")
    for _ in range(900):
        with database.read() as connection:
            left = connection.execute(select(func.count()).where(MESSAGE.c.intake == "pending")).scalar_one()
        if not left:
            database.close()
            return
        time.sleep(0.1)
    raise AssertionError("messages were left unhandled")


def _expect(database_url: str, folder: Path, forms: list[dict[str, str]]) -> None:
    database = Database(database_url, folder / "look")
    with database.read() as connection:
        kept = storm.stored(connection)
        most = connection.execute(
            select(func.count())
            .where(TICKET.c.status == "open", TICKET.c.kind == "consultation")
            .group_by(TICKET.c.conversation_id)
        ).scalars()
        assert max(most, default=0) <= 1
        numbers = connection.execute(
            select(TICKET.c.office, TICKET.c.kind, func.max(TICKET.c.number), func.count()).group_by(
                TICKET.c.office, TICKET.c.kind
            )
        )
        assert all(highest == count for _, _, highest, count in numbers)
        assert connection.execute(select(func.count()).select_from(CONVERSATION)).scalar_one() == 10
    database.close()
    assert sorted(row.external_id for row in kept) == sorted(form["MessageSid"] for form in forms)
    assert {row.intake for row in kept} <= {"handled", "filed"}


def end(database_url: str, folder: Path) -> dict[str, object]:
    """What it all came to."""
    database = Database(database_url, folder / "look")
    with database.read() as connection:
        end = storm.end_of(connection)
    database.close()
    return end


def serial_replay(database_url: str, folder: Path, request: pytest.FixtureRequest) -> dict[str, object]:
    """The same of a desk that had the messages one by one."""
    order = [dict(row.raw) for row in stored(database_url, folder)]
    url = fresh_url(database_url, folder / "replay", request)
    with running_desk(url, folder / "replay") as desk:
        for form in order:
            assert desk.post(form) == 200
            desk.clock.forward(seconds=1)
        with desk.runtime.database.read() as connection:
            return storm.end_of(connection)


@pytest.mark.long
def test_a_thousand_answers_through_bad_weather(sqlite_template: SqliteTemplate, tmp_path: Path) -> None:
    """A third of all sendings goes wrong: each answer is accounted for, and none comes twice unseen."""
    with running_desk(sqlite_template.copy(tmp_path), tmp_path) as desk:
        through_bad_weather(desk, citizens=100, each=10)


def through_bad_weather(desk: Desk, citizens: int, each: int) -> None:
    """Nothing is lost, nothing comes twice without a mark, and what went well keeps its order."""
    found, weather = bad_weather.storm(desk, citizens, each)
    wanted = citizens * each
    assert found.faults == []
    assert sum(found.ends.values()) == wanted
    assert found.ends["failed"] <= wanted / 100
    assert found.twice <= found.marked <= wanted / 5
    wrong = Counter({kind: count for kind, count in weather.happened.items() if " " in kind})
    assert sum(count for kind, count in wrong.items() if kind.startswith("sending")) >= wanted * 0.28
    assert len(wrong) == 16, "every kind of fault happened"
