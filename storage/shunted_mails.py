"""Mails that nobody could read or handle, in the hands of people."""

from sqlalchemy import Connection, Table, literal_column, select, update

from storage.columns import AnyRow, table
from storage.mail_tables import Mail

MAIL: Table = table(Mail)
_SHUNTED = MAIL.c.intake == literal_column("'shunted'")


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
