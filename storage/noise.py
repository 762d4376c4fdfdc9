"""How much has been said by itself of late, and how much came in: what budgets are counted from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
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
from storage.columns import AnyRow, plain, table, written
from storage.mail_tables import Mail
from storage.slots import Bind, ask, slotted
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


def _here(bind: Bind) -> ColumnElement[bool]:
    return MESSAGE.c.address_id == bind("address_id", type_=MESSAGE.c.address_id.type)


def _said_to(bind: Bind) -> Select[*tuple[Any, ...]]:
    """Each by an index of its own: what was said to others today is not looked at."""
    here, lately = _here(bind), MESSAGE.c.at > _moment("hour_ago")
    mailed = and_(here, _RECEIVED, lately, MESSAGE.c.body == bind("body"))
    return select(
        _said(_AUTOMATIC, here, lately).label("address_hour"),
        _said(_AUTOMATIC, here, MESSAGE.c.at > _moment("day_ago")).label("address_day"),
        select(literal_column("1")).select_from(MESSAGE).where(mailed).exists().label("repeated"),
    )


_LATELY, _TODAY = (MESSAGE.c.at > _moment(name) for name in ("hour_ago", "day_ago"))
_THERE = MESSAGE.c.ticket_id == bindparam("ticket_id", type_=MESSAGE.c.ticket_id.type)
_SAID_TO, _SAID_TO_ALL = _said_to(bindparam), slotted(_said_to)
_SAID_ON = select(_said(_BY_MAIL, _THERE, _TODAY))
_TOTAL = select(_said(_AUTOMATIC, _LATELY))


@dataclass(frozen=True, slots=True)
class Limits:
    """From when on is counted, and up to how many."""

    hour_ago: datetime
    day_ago: datetime
    most: int


def said_to(connection: Connection, address_id: int, body: str, limits: Limits) -> AnyRow:
    """What was said to somebody who writes these words by mail, before they are kept.

    A row of ``address_hour`` and ``address_day``: how many mails the desk wrote by itself to this address.
    ``repeated``: whether this person wrote exactly these words by mail within the hour.
    """
    told: AnyRow | None = later.take(connection, ("said_to", address_id, body))
    if told is not None:
        return told
    return connection.execute(_SAID_TO, {"address_id": address_id, "body": body, **plain(limits)}).one()


def expect(connection: Connection, words: Sequence[tuple[int, str]], limits: Limits) -> None:
    """Let the first turn that asks ``said_to`` for each address and words know, at most ``SLOTS``."""
    asked = [{"address_id": address_id, "body": body} for address_id, body in words]
    for slot, row in ask(connection, _SAID_TO_ALL, asked, plain(limits)).items():
        later.tell(connection, ("said_to", *words[slot]), row)


def said_on(connection: Connection, ticket_id: int, limits: Limits) -> int:
    """How many mails the desk wrote by itself on this ticket within the day."""
    asked = {"ticket_id": ticket_id, "day_ago": limits.day_ago, "most": limits.most}
    return int(connection.execute(_SAID_ON, asked).scalar_one())


def said_in_all(connection: Connection, hour_ago: datetime, most: int) -> int:
    """How many mails the desk wrote by itself to everybody, *most* or a few more at most.

    Where turns share a transaction it is asked once, and what they say themselves is counted along.
    """
    asked = {"hour_ago": hour_ago, "most": most}
    before = later.once(
        connection, "said_in_all", lambda: int(connection.execute(_TOTAL, asked).scalar_one())
    )
    return before + later.counted(connection, "said_in_all")


_SINCE = select(func.count()).where(_here(bindparam), _RECEIVED, MESSAGE.c.at > _moment("since"))


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
