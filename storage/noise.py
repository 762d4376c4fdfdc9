"""How much has been said by itself of late, and how much came in: what budgets are counted from."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, and_, bindparam, case, func, literal_column, select

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


def _count(*wanted: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((and_(*wanted), 1), else_=0)), 0)


def _moment(name: str) -> ColumnElement[datetime]:
    return bindparam(name, type_=MESSAGE.c.at.type)


_HERE = MESSAGE.c.address_id == bindparam("address_id")
_LATELY = MESSAGE.c.at > _moment("hour_ago")
_SAID = select(
    _count(_HERE, _LATELY).label("address_hour"),
    _count(_HERE).label("address_day"),
    _count(MESSAGE.c.ticket_id == bindparam("ticket_id", type_=MESSAGE.c.ticket_id.type)).label("ticket_day"),
    _count(_LATELY).label("total_hour"),
).where(_AUTOMATIC, MESSAGE.c.at > _moment("day_ago"))


def automatic_mails(
    connection: Connection, address_id: int, ticket_id: int | None, hour_ago: datetime, day_ago: datetime
) -> AnyRow:
    """How many mails the desk wrote by itself, to this address and in all.

    A row of ``address_hour``, ``address_day``, ``ticket_day`` and ``total_hour``.
    """
    since = {"hour_ago": hour_ago, "day_ago": day_ago}
    return connection.execute(_SAID, {"address_id": address_id, "ticket_id": ticket_id, **since}).one()


_SAID_BEFORE = (
    select(MESSAGE.c.id)
    .where(
        _HERE,
        MESSAGE.c.direction == literal_column("'in'"),
        MESSAGE.c.channel == literal_column("'email'"),
        MESSAGE.c.at > _moment("since"),
        MESSAGE.c.body == bindparam("body"),
        MESSAGE.c.id != bindparam("but"),
    )
    .limit(1)
)


def said_before(connection: Connection, address_id: int, body: str, since: datetime, but: int) -> bool:
    """Whether this person wrote exactly these words by mail since then, in a message other than *but*."""
    wanted = {"address_id": address_id, "body": body, "since": since, "but": but}
    return connection.execute(_SAID_BEFORE, wanted).first() is not None


_SINCE = select(func.count()).where(
    _HERE,
    MESSAGE.c.direction == literal_column("'in'"),
    MESSAGE.c.channel == literal_column("'email'"),
    MESSAGE.c.at > _moment("since"),
)


def mails_since(connection: Connection, address_id: int, since: datetime) -> int:
    """How many mails of this person became messages since then."""
    return int(connection.execute(_SINCE, {"address_id": address_id, "since": since}).scalar_one())


def machines_mails(connection: Connection, mailbox: str, author: str, since: datetime) -> int:
    """How many mails this address has sent to a mailbox since then."""
    return int(
        connection.execute(
            select(func.count()).where(
                MAIL.c.mailbox == mailbox,
                MAIL.c.author == author,
                MAIL.c.at > since,
            )
        ).scalar_one()
    )
