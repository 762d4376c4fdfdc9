"""Large indexes are built before their migration, and what was said before it is found after it."""

from pathlib import Path

import pytest
from sqlalchemy import text

from storage import building, finding, schema
from storage.db import Database
from storage.inbox import View
from tests.databases import Postgres
from tests.storage.seeding import Thread, officer

_THERE = text("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)")


def test_words_of_before_are_found_afterwards(database: Database) -> None:
    schema.downgrade(database, "0016")
    with database.write() as connection:
        view = View("7411", officer(connection, "rahma", "7411"), False)
        ticket = Thread(connection, "7411", "padi").ticket()
    schema.upgrade(database)
    with database.write() as connection:
        Thread(connection, "7411", "jagung").ticket()
        found = [[row.id for row in finding.found(connection, view, word)] for word in ("padi", "nama padi")]
    assert found == [[ticket], [ticket]]
    assert schema.differences(database) == []


@pytest.mark.postgres
def test_an_index_is_built_ahead_and_a_broken_one_again(postgres: Postgres, tmp_path: Path) -> None:
    database = Database(postgres.copy(), tmp_path / "data")
    schema.downgrade(database, "0016")
    building.build_ahead(database)
    names = [index.split(maxsplit=1)[0] for index in building.CONCURRENT]
    with database.write() as connection:
        broken = "UPDATE pg_index SET indisvalid = false WHERE indexrelid = to_regclass('ix_ticket_open')"
        connection.execute(text(broken))
    building.build_ahead(database)
    with database.read() as connection:
        there = [connection.execute(_THERE, {"name": name}).scalar() for name in names]
    assert there == [True] * len(names)
    assert schema.current(database) == "0016"
    schema.upgrade(database)
    assert schema.differences(database) == []
    database.close()
