"""Alarms: once while it lasts, counted, gone when settled, back when it happens again."""

from datetime import UTC, datetime, timedelta

from storage import alarms
from storage.db import Database

NOW = datetime(2026, 7, 6, 1, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def test_counts_while_it_lasts_and_begins_anew_afterwards(database: Database) -> None:
    with database.write() as connection:
        alarms.raise_alarm(connection, "loop:1", "6302", "loop", {"n": 1}, NOW)
        alarms.raise_alarm(connection, "loop:1", "6302", "loop", {"n": 2}, LATER)
        (row,) = alarms.open_alarms(connection, "6302")
        assert (row.times, row.since, row.last_at, row.about) == (2, NOW, LATER, {"n": 2})
        assert alarms.settle(connection, "loop:1", None, LATER)
        assert not alarms.settle(connection, "loop:1", None, LATER)
        assert alarms.open_alarms(connection, "6302") == []
        alarms.raise_alarm(connection, "loop:1", "6302", "loop", {"n": 3}, LATER)
        (row,) = alarms.open_alarms(connection, "6302")
        assert (row.times, row.since) == (1, LATER)


def test_an_office_sees_its_own_only(database: Database) -> None:
    with database.write() as connection:
        for key, office in (("a", "6302"), ("b", "7411"), ("c", None)):
            alarms.raise_alarm(connection, key, office, "loop", {}, NOW)
        assert [row.key for row in alarms.open_alarms(connection, "6302")] == ["a"]
        assert {row.key for row in alarms.open_alarms(connection, "6302", installation=True)} == {"a", "c"}
        assert [row.key for row in alarms.open_alarms(connection, None, installation=True)] == ["c"]
