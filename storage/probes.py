"""Probes: mails of the desk to itself that prove mail leaves and comes back; one a mailbox at a time."""

from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from storage import mailboxes
from storage.alarms import ALARM
from storage.columns import AnyRow, table, written
from storage.mail_tables import Mail
from storage.mailboxes import MAILBOX
from storage.threads import id_key

MAIL = table(Mail)


def begin(connection: Connection, name: str, word: str, unless_since: datetime, now: datetime) -> bool:
    """Note that a probe with this *word* leaves; False when another one left after *unless_since*."""
    mailboxes.add(connection, name)
    row = connection.execute(
        select(MAILBOX.c.probe_sent_at).where(MAILBOX.c.name == name).with_for_update()
    ).one()
    if row.probe_sent_at is not None and row.probe_sent_at > unless_since:
        return False
    mailboxes.probe_left(connection, name, word, now)
    return True


def last(connection: Connection, name: str) -> AnyRow | None:
    """The latest probe of this mailbox: probe, probe_sent_at, probe_seen_at, and failing_since.

    ``probe`` is its word, empty once its mail was taken away. None before the first.
    """
    columns = (MAILBOX.c.probe, MAILBOX.c.probe_sent_at, MAILBOX.c.probe_seen_at, MAILBOX.c.failing_since)
    statement = select(*columns).where(MAILBOX.c.name == name, MAILBOX.c.probe_sent_at.is_not(None))
    return connection.execute(statement).first()


def cleared(connection: Connection, name: str, word: str, message_id: str) -> None:
    """The mail of this probe came back and was taken away; what was kept of it here goes too."""
    connection.execute(
        update(MAILBOX).where(MAILBOX.c.name == name, MAILBOX.c.probe == word).values(probe="")
    )
    own = (MAIL.c.mailbox == name, MAIL.c.message_id == id_key(message_id), MAIL.c.rule == "probe")
    connection.execute(delete(MAIL).where(*own, MAIL.c.intake == written("filed")))


def told_since(connection: Connection, key: str, moment: datetime) -> bool:
    """Whether people were alarmed under *key* since *moment*."""
    found = select(ALARM.c.key).where(ALARM.c.key == key, ALARM.c.last_at >= moment)
    return connection.execute(found).first() is not None
