"""How much has been said by itself of late, and how much came in: what budgets are counted from."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    ScalarSelect,
    Select,
    Table,
    and_,
    bindparam,
    func,
    literal_column,
    select,
)

from storage import later
from storage.columns import AnyRow, table
from storage.mail_tables import Mail
from storage.tables import Message

MESSAGE: Table = table(Message)
MAIL: Table = table(Mail)
# As the partial indexes say it, so that a database can tell that the index holds the row.
_OURS = and_(MESSAGE.c.direction == literal_column("'out'"), MESSAGE.c.author == literal_column("'bot'"))
_AUTOMATIC = and_(_OURS, MESSAGE.c.channel == literal_column("'email'"))
# The same, but in words that lead to no index: that of the ticket is the one to take.
_BY_MAIL = and_(_OURS, func.coalesce(MESSAGE.c.channel, "") == literal_column("'email'"))


def _moment(name: str) -> ColumnElement[datetime]:
    return bindparam(name, type_=MESSAGE.c.at.type)


def _said(*wanted: ColumnElement[bool]) -> ScalarSelect[int]:
    """How many, but no more than *most*: whether it is more still changes nothing."""
    found: Select[int] = select(literal_column("1")).select_from(MESSAGE).where(*wanted)
    return select(func.count()).select_from(found.limit(bindparam("most")).subquery()).scalar_subquery()


_HERE = MESSAGE.c.address_id == bindparam("address_id")
_LATELY, _TODAY = MESSAGE.c.at > _moment("hour_ago"), MESSAGE.c.at > _moment("day_ago")
_THERE = MESSAGE.c.ticket_id == bindparam("ticket_id", type_=MESSAGE.c.ticket_id.type)
_SAID_BEFORE = (
    select(literal_column("1"))
    .select_from(MESSAGE)
    .where(
        _HERE,
        MESSAGE.c.direction == literal_column("'in'"),
        MESSAGE.c.channel == literal_column("'email'"),
        _LATELY,
        MESSAGE.c.body == bindparam("body"),
    )
    .exists()
)
# Each by an index of its own: what was said to others today is not looked at.
_SAID = select(
    _said(_AUTOMATIC, _HERE, _LATELY).label("address_hour"),
    _said(_AUTOMATIC, _HERE, _TODAY).label("address_day"),
    _said(_BY_MAIL, _THERE, _TODAY).label("ticket_day"),
    _SAID_BEFORE.label("repeated"),
)
_TOTAL = select(_said(_AUTOMATIC, _LATELY))


@dataclass(frozen=True, slots=True)
class Written:
    """Words that came by mail: from whom, and on which ticket (None: on none)."""

    address_id: int
    ticket_id: int | None
    body: str


def said_of_late(
    connection: Connection, written: Written, hour_ago: datetime, day_ago: datetime, most: int
) -> AnyRow:
    """What was said before these words.

    A row of ``address_hour``, ``address_day`` and ``ticket_day``: how many mails the desk wrote by itself to
    this address and on this ticket, no more than *most* of each. ``repeated``: whether this person wrote
    exactly these words by mail within the hour.
    """
    about = {"address_id": written.address_id, "ticket_id": written.ticket_id, "most": most}
    moments = {"hour_ago": hour_ago, "day_ago": day_ago}
    return connection.execute(_SAID, {**about, "body": written.body, **moments}).one()


def said_in_all(connection: Connection, hour_ago: datetime, most: int) -> int:
    """How many mails the desk wrote by itself to everybody, *most* or a few more at most.

    Where turns share a transaction it is asked once, and what they say themselves is counted along.
    """
    asked = {"hour_ago": hour_ago, "most": most}
    before = later.once(
        connection, "said_in_all", lambda: int(connection.execute(_TOTAL, asked).scalar_one())
    )
    return before + later.counted(connection, "said_in_all")


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
