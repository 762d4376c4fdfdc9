"""How much has been said by itself of late, and how much came in: what budgets are counted from."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    ScalarSelect,
    Select,
    Table,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    select,
)

from storage import later
from storage.columns import plain, table, written
from storage.mail_tables import Mail
from storage.slots import padded
from storage.tables import Message

MESSAGE: Table = table(Message)
MAIL: Table = table(Mail)
# As the partial indexes say it, so that a database can tell that the index holds the row.
_OURS = and_(MESSAGE.c.direction == written("out"), MESSAGE.c.author == written("bot"))
_AUTOMATIC = and_(_OURS, MESSAGE.c.channel == written("email"))
_RECEIVED = and_(MESSAGE.c.direction == written("in"), MESSAGE.c.channel == written("email"))
# The same as ``_AUTOMATIC``, but in words that lead to no index: that of the ticket is the one to take.
_BY_MAIL = and_(_OURS, func.coalesce(MESSAGE.c.channel, "") == written("email"))


def _moment(name: str) -> ColumnElement[datetime]:
    return bindparam(name, type_=MESSAGE.c.at.type)


def _said(*wanted: ColumnElement[bool]) -> ScalarSelect[int]:
    """How many, but no more than *most*: whether it is more still changes nothing."""
    found: Select[int] = select(literal_column("1")).select_from(MESSAGE).where(*wanted)
    most = bindparam("most", type_=Integer())
    return select(func.count()).select_from(found.limit(most).subquery()).scalar_subquery()


_HERE = MESSAGE.c.address_id == bindparam("address_id", type_=MESSAGE.c.address_id.type)
_LATELY, _TODAY = (MESSAGE.c.at > _moment(name) for name in ("hour_ago", "day_ago"))
_REPEATED = and_(_HERE, _RECEIVED, _LATELY, MESSAGE.c.body == bindparam("body"))
# Each by an index of its own: what was said to others today is not looked at.
_SAID_TO = select(
    _said(_AUTOMATIC, _HERE, _LATELY).label("address_hour"),
    _said(_AUTOMATIC, _HERE, _TODAY).label("address_day"),
    select(literal_column("1")).select_from(MESSAGE).where(_REPEATED).exists().label("repeated"),
)
_THEM = MESSAGE.c.address_id.in_(bindparam("addresses", expanding=True))
_SAID_TO_ALL = (
    select(MESSAGE.c.address_id, func.sum(case((_LATELY, 1), else_=0)).label("hour"))
    .add_columns(func.count().label("day"))
    .where(_AUTOMATIC, _THEM, _TODAY)
    .group_by(MESSAGE.c.address_id)
)
_REPEATED_BY_ALL = (
    select(MESSAGE.c.address_id, MESSAGE.c.body)
    .where(_RECEIVED, _THEM, _LATELY, MESSAGE.c.body.in_(bindparam("bodies", expanding=True)))
    .distinct()
)
_THERE = MESSAGE.c.ticket_id == bindparam("ticket_id", type_=MESSAGE.c.ticket_id.type)
_SAID_ON = select(_said(_BY_MAIL, _THERE, _TODAY))
_SAID_ON_ALL = (
    select(MESSAGE.c.ticket_id, func.count().label("day"))
    .where(_BY_MAIL, MESSAGE.c.ticket_id.in_(bindparam("ticket_ids", expanding=True)), _TODAY)
    .group_by(MESSAGE.c.ticket_id)
)
_TOTAL = select(_said(_AUTOMATIC, _LATELY))


@dataclass(frozen=True, slots=True)
class Limits:
    """From when on is counted, and up to how many."""

    hour_ago: datetime
    day_ago: datetime
    most: int


@dataclass(frozen=True, slots=True)
class Said:
    """How many mails the desk wrote by itself to an address of late (some count no further than a limit).

    ``repeated``: whether its person wrote exactly the same words by mail within the hour.
    """

    address_hour: int
    address_day: int
    repeated: bool


def said_to(connection: Connection, address_id: int, body: str, limits: Limits) -> Said:
    """What was said to somebody who writes these words by mail, before they are kept."""
    told: Said | None = later.take(connection, ("said_to", address_id, body))
    if told is not None:
        return told
    row = connection.execute(_SAID_TO, {"address_id": address_id, "body": body, **plain(limits)}).one()
    return Said(row.address_hour, row.address_day, bool(row.repeated))


def expect(connection: Connection, words: Sequence[tuple[int, str]], limits: Limits) -> None:
    """Let the first turn that asks ``said_to`` for each address and words know, at most ``SLOTS``."""
    them = {"addresses": padded([address_id for address_id, _ in words])}
    since = {"hour_ago": limits.hour_ago, "day_ago": limits.day_ago}
    said = {row.address_id: row for row in connection.execute(_SAID_TO_ALL, them | since)}
    asked = them | {"bodies": padded([body for _, body in words]), "hour_ago": limits.hour_ago}
    repeated = {(row.address_id, row.body) for row in connection.execute(_REPEATED_BY_ALL, asked)}
    for each in words:
        row = said.get(each[0])
        known = Said(row.hour if row else 0, row.day if row else 0, each in repeated)
        later.tell(connection, ("said_to", *each), known)


def said_on(connection: Connection, ticket_id: int, limits: Limits) -> int:
    """How many mails the desk wrote by itself on this ticket within the day."""
    told: int | None = later.take(connection, ("said_on", ticket_id))
    if told is not None:
        return told
    asked = {"ticket_id": ticket_id, "day_ago": limits.day_ago, "most": limits.most}
    return int(connection.execute(_SAID_ON, asked).scalar_one())


def expect_on(connection: Connection, ticket_ids: Collection[int], day_ago: datetime) -> None:
    """Let the first turn that asks ``said_on`` for each of these tickets know, at most ``SLOTS``."""
    asked = {"ticket_ids": padded(ticket_ids), "day_ago": day_ago}
    said = {row.ticket_id: row.day for row in connection.execute(_SAID_ON_ALL, asked)}
    for ticket_id in ticket_ids:
        later.tell(connection, ("said_on", ticket_id), said.get(ticket_id, 0))


def said_in_all(connection: Connection, hour_ago: datetime, most: int) -> int:
    """How many mails the desk wrote by itself to everybody, *most* or a few more at most.

    Where turns share a transaction it is asked once, and what they say themselves is counted along.
    """
    asked = {"hour_ago": hour_ago, "most": most}
    before = later.once(
        connection, "said_in_all", lambda: int(connection.execute(_TOTAL, asked).scalar_one())
    )
    return before + later.counted(connection, "said_in_all")


_SINCE = select(func.count()).where(_HERE, _RECEIVED, MESSAGE.c.at > _moment("since"))


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
