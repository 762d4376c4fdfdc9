"""Mails that wait: for another try, or for people, because nobody could read or handle them."""

from datetime import datetime

from sqlalchemy import Connection, Table, or_, select, update

from storage.columns import AnyRow, table, written
from storage.mail_tables import Mail

MAIL: Table = table(Mail)
_PENDING = MAIL.c.intake == written("pending")
_SHUNTED = MAIL.c.intake == written("shunted")


def find(connection: Connection, mail_id: int) -> AnyRow | None:
    """The whole row; None when the mail is not shunted (any more)."""
    return connection.execute(select(MAIL).where(MAIL.c.id == mail_id, _SHUNTED)).first()


def take(connection: Connection, mail_id: int, officer_id: int) -> bool:
    """A person makes something of it; False when it is not shunted (any more): somebody was first."""
    done = connection.execute(
        update(MAIL).where(MAIL.c.id == mail_id, _SHUNTED).values(intake="handled", settled_by=officer_id)
    )
    return done.rowcount == 1


def went(connection: Connection, mail_id: int, conversation_id: int, ticket_id: int | None) -> None:
    """What was made of it."""
    connection.execute(
        update(MAIL).where(MAIL.c.id == mail_id).values(conversation_id=conversation_id, ticket_id=ticket_id)
    )


def retry_all(connection: Connection) -> int:
    """Put all shunted mails back in line; how many there were."""
    again = {"intake": "pending", "tries": 0, "next_try_at": None, "error_text": "", "kind": "", "rule": ""}
    return int(connection.execute(update(MAIL).where(_SHUNTED).values(**again)).rowcount)


def mailboxes_waiting(connection: Connection, now: datetime) -> list[str]:
    """The mailboxes that have mails whose turn it is."""
    due = or_(MAIL.c.next_try_at.is_(None), MAIL.c.next_try_at <= now)
    return [row.mailbox for row in connection.execute(select(MAIL.c.mailbox).where(_PENDING, due).distinct())]
