"""How much has been said by itself of late, and how much came in: what budgets are counted from."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, and_, case, func, literal_column, select

from storage.columns import AnyRow, table
from storage.mail_tables import Mail
from storage.tables import Message

MESSAGE: Table = table(Message)
MAIL: Table = table(Mail)
# As the partial index says it, so that a database can tell that the index holds the row.
_AUTOMATIC = and_(
    MESSAGE.c.direction == literal_column("'out'"),
    MESSAGE.c.author == literal_column("'bot'"),
    MESSAGE.c.channel == literal_column("'email'"),
)


def automatic_mails(
    connection: Connection, address_id: int, ticket_id: int | None, hour_ago: datetime, day_ago: datetime
) -> AnyRow:
    """How many mails the desk wrote by itself, to this address and in all.

    A row of ``address_hour``, ``address_day``, ``ticket_day`` and ``total_hour``.
    """

    def count(*wanted: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((and_(*wanted), 1), else_=0)), 0)

    here = MESSAGE.c.address_id == address_id
    recent = MESSAGE.c.at > hour_ago
    return connection.execute(
        select(
            count(here, recent).label("address_hour"),
            count(here).label("address_day"),
            count(MESSAGE.c.ticket_id == ticket_id).label("ticket_day"),
            count(recent).label("total_hour"),
        ).where(_AUTOMATIC, MESSAGE.c.at > day_ago)
    ).one()


def said_before(connection: Connection, address_id: int, body: str, since: datetime, but: int) -> bool:
    """Whether this person wrote exactly these words by mail since then, in a message other than *but*."""
    found = connection.execute(
        select(MESSAGE.c.id)
        .where(
            MESSAGE.c.address_id == address_id,
            MESSAGE.c.direction == "in",
            MESSAGE.c.channel == "email",
            MESSAGE.c.at > since,
            MESSAGE.c.body == body,
            MESSAGE.c.id != but,
        )
        .limit(1)
    )
    return found.first() is not None


def machines_mails(connection: Connection, mailbox: str, author: str, since: datetime) -> int:
    """How many mails of machines this address has sent to a mailbox since then."""
    return int(
        connection.execute(
            select(func.count()).where(
                MAIL.c.intake == literal_column("'filed'"),
                MAIL.c.mailbox == mailbox,
                MAIL.c.author == author,
                MAIL.c.at > since,
            )
        ).scalar_one()
    )
