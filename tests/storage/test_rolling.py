"""A migration runs while the program before it goes on: it only adds, waits for nobody long, can be repeated.

What is asked here of every step is what a program that does not know of it needs: every table and column it
writes to is still there and takes what it took, and new columns fill themselves.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, inspect, text

from handlers import databases
from storage import schema
from storage.db import Database
from tests.databases import Postgres
from tests.driver import MORNING

pytestmark = pytest.mark.postgres
SINCE = "0011"
"""From the step after this one on every step keeps to it."""


@contextmanager
def at(postgres: Postgres, folder: Path, revision: str) -> Iterator[Database]:
    """A PostgreSQL whose tables are of this revision."""
    with closing(Database(postgres.bare(), folder)) as database:
        schema.upgrade(database, revision)
        yield database


def columns(connection: Connection) -> dict[str, dict[str, Any]]:
    """Of every table its columns, by name."""
    seen = inspect(connection)
    return {
        name: {column["name"]: column for column in seen.get_columns(name)} for name in seen.get_table_names()
    }


def narrower(connection: Connection, name: str) -> set[str]:
    """What a table refuses: its constraints and unique indexes, by their names."""
    seen = inspect(connection)
    checks = {str(each["name"]) for each in seen.get_check_constraints(name)}
    keys = {str(each["name"]) for each in seen.get_foreign_keys(name)}
    unique = {str(each["name"]) for each in seen.get_unique_constraints(name)}
    return checks | keys | unique | {str(each["name"]) for each in seen.get_indexes(name) if each["unique"]}


def _wider(was: object) -> str:
    """The type that takes all that this one took."""
    return "TEXT" if str(was).startswith("VARCHAR") else str(was)


def hindrances(before: dict[str, Any], after: dict[str, Any], name: str) -> Iterator[str]:
    """What would stop a program that writes to table *name* as it was."""
    if name not in after:
        yield f"{name} is gone"
        return
    for column, was in before[name].items():
        now = after[name].get(column)
        if now is None:
            yield f"{name}.{column} is gone"
        elif str(now["type"]) not in {str(was["type"]), _wider(was["type"])}:
            yield f"{name}.{column} is {now['type']}, no longer {was['type']}"
        elif was["nullable"] and not now["nullable"]:
            yield f"{name}.{column} must be given"
    for column in after[name].keys() - before[name].keys():
        new = after[name][column]
        if not (new["nullable"] or new["default"] or new.get("computed") or new.get("identity")):
            yield f"{name}.{column} is new and does not fill itself"


def test_every_step_lets_the_program_before_it_go_on(postgres: Postgres, tmp_path: Path) -> None:
    found: list[str] = []
    with at(postgres, tmp_path, SINCE) as database:
        for step in schema.steps(SINCE):
            with database.read() as connection:
                before = columns(connection)
                refused = {name: narrower(connection, name) for name in before}
            schema.upgrade(database, step)
            with database.read() as connection:
                after = columns(connection)
                for name in before:
                    found += [f"{step}: {each}" for each in hindrances(before, after, name)]
                    if name in after and (more := narrower(connection, name) - refused[name]):
                        found.append(f"{step}: {name} refuses more: {more}")
    assert found == []


def test_the_rule_would_notice(postgres: Postgres, tmp_path: Path) -> None:
    """Whether the comparison can fail: one of each kind."""
    with closing(Database(postgres.copy(), tmp_path)) as database:
        with database.read() as connection:
            before, refused = columns(connection), narrower(connection, "alarm")
        with database.write() as connection:
            for change in (
                "ALTER TABLE alarm DROP COLUMN times",
                "ALTER TABLE alarm ALTER COLUMN what TYPE varchar(8)",
                "ALTER TABLE alarm ALTER COLUMN office TYPE text",
                "ALTER TABLE alarm ALTER COLUMN office SET NOT NULL",
                "ALTER TABLE alarm ADD COLUMN size bigint NOT NULL",
                "ALTER TABLE alarm ADD COLUMN harmless bigint NOT NULL DEFAULT 0",
                "CREATE UNIQUE INDEX once ON alarm (what)",
                "DROP TABLE read_mark",
            ):
                connection.execute(text(change))
        with database.read() as connection:
            after = columns(connection)
            assert narrower(connection, "alarm") - refused == {"once"}
        assert sorted(each.split(",")[0] for each in hindrances(before, after, "alarm")) == [
            "alarm.office must be given",
            "alarm.size is new and does not fill itself",
            "alarm.times is gone",
            "alarm.what is VARCHAR(8)",
        ]
        assert list(hindrances(before, after, "read_mark")) == ["read_mark is gone"]


def test_a_migration_that_can_t_have_a_table_gives_up_in_words_and_can_be_repeated(
    postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert schema.PATIENCE == {"lock_timeout": "5s", "statement_timeout": "10min"}
    monkeypatch.setitem(schema.PATIENCE, "lock_timeout", "50ms")
    with at(postgres, tmp_path, SINCE) as database:
        with database.read() as reading:
            reading.execute(text("SELECT count(*) FROM contact"))  # and its transaction stays open
            with pytest.raises(databases.SchemaBusy, match=r"nothing was changed, run loket migrate again"):
                databases.migrate(database, MORNING)
        assert schema.current(database) == SINCE
        said: list[str] = []
        event.listen(
            database.engine, "before_cursor_execute", lambda _c, _u, words, *_: said.append(str(words))
        )
        databases.migrate(database, MORNING)
        assert schema.current(database) == schema.head()
        assert schema.differences(database) == []
    begun = said.index("SET LOCAL lock_timeout = '50ms'")
    assert said[begun + 1] == "SET LOCAL statement_timeout = '10min'"
    assert not [words for words in said[:begun] if words.startswith(("ALTER", "CREATE", "DROP"))]


def test_two_do_not_migrate_at_once(postgres: Postgres, tmp_path: Path) -> None:
    """The other one had failed with a unique key of PostgreSQL's own catalogue."""
    with at(postgres, tmp_path, SINCE) as database:
        with schema._alone(database), pytest.raises(schema.Busy, match="run loket migrate again"):
            databases.migrate(database, MORNING)
        assert schema.current(database) == SINCE
        databases.migrate(database, MORNING)
        assert schema.current(database) == schema.head()
