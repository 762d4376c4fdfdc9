"""In a desk's first minute PostgreSQL has counted no table: a ticket is found by its key all the same."""

from pathlib import Path
from typing import Any

import pytest

from tests.databases import Postgres
from tests.driver import Desk, running_desk
from tests.storage.test_plans import listening

SAYINGS = ("petugas", "tolong dibantu", "data penduduk kolaka timur 2023", "terima kasih")
OF_ALL_OPEN_ONES = "ix_ticket_open"


@pytest.mark.postgres
def test_a_turn_reads_no_other_open_tickets(postgres: Postgres, tmp_path: Path) -> None:
    with running_desk(postgres.copy(), tmp_path) as desk:
        for number in range(150):
            desk.writes("petugas", address=f"+62812999{number:05d}")
        with listening(desk.runtime.database.engine) as heard:
            for words in SAYINGS:
                desk.writes(words)
            desk.replies("satu")
        assert any("UPDATE ticket" in statement for statement, _ in heard)
        assert reading_all(desk, heard) == []


def reading_all(desk: Desk, heard: list[tuple[str, Any]]) -> list[str]:
    """Statements about one ticket that would look through all that are open."""
    with desk.runtime.database.read() as connection:
        return [
            statement
            for statement, parameters in heard
            if statement.startswith(("SELECT", "UPDATE"))
            for step in connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars()
            if OF_ALL_OPEN_ONES in step
        ]
