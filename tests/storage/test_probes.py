"""Probes: one at a time in each mailbox, alarmed about once, and nothing of them left behind."""

from datetime import UTC, datetime, timedelta

from storage import alarms, mailboxes, probes
from storage.db import Database
from storage.mail_tables import Mail
from storage.threads import id_key
from tests.storage.seeding import put

NOW = datetime(2026, 7, 6, 1, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=30)
EARLIER = NOW - timedelta(minutes=30)


def test_one_leaves_at_a_time(database: Database) -> None:
    with database.write() as connection:
        assert probes.last(connection, "kotabaru") is None
        assert probes.begin(connection, "kotabaru", "p.1.0.a", EARLIER, NOW)
        assert not probes.begin(connection, "kotabaru", "p.2.0.b", EARLIER, NOW)
        assert probes.begin(connection, "tarakan", "p.3.0.c", EARLIER, NOW)
        row = probes.last(connection, "kotabaru")
        assert row is not None
        assert (row.probe, row.probe_sent_at, row.probe_seen_at) == ("p.1.0.a", NOW, None)
        assert probes.begin(connection, "kotabaru", "p.2.0.b", NOW, LATER)


def test_nothing_is_left_of_one_that_came_back(database: Database) -> None:
    kept = {
        "mailbox": "kotabaru",
        "office": "6302",
        "uidvalidity": 1,
        "size": 10,
        "sha256": "0" * 64,
        "at": NOW,
        "intake": "filed",
        "message_id": id_key("<p.1.0.a@bps.go.id>"),
    }
    with database.write() as connection:
        probes.begin(connection, "kotabaru", "p.1.0.a", EARLIER, NOW)
        put(connection, Mail, **kept, uid=1, kind="own", rule="probe")
        put(connection, Mail, **kept, uid=2, kind="personal", rule="")
        assert mailboxes.probe_returned(connection, "kotabaru", "p.1.0.a", LATER)
        probes.cleared(connection, "kotabaru", "p.1.0.a", "<p.1.0.a@bps.go.id>")
        row = probes.last(connection, "kotabaru")
        assert row is not None
        assert (row.probe, row.probe_seen_at) == ("", LATER)
        assert connection.execute(probes.MAIL.select()).one().uid == 2


def test_people_are_told_once(database: Database) -> None:
    with database.write() as connection:
        assert not probes.told_since(connection, "probe:kotabaru", EARLIER)
        alarms.raise_alarm(connection, "probe:kotabaru", "6302", "mail_probe", {}, NOW)
        assert probes.told_since(connection, "probe:kotabaru", EARLIER)
        assert not probes.told_since(connection, "probe:kotabaru", LATER)
