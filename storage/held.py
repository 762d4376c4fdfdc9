"""Answers that could not leave: which wait, whether their citizen was called, and what became of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, and_, bindparam, case, insert, literal_column, or_, select, update

from storage.columns import AnyRow, table, written
from storage.tables import Contact, Conversation, Message

MESSAGE: Table = table(Message)
CONVERSATION: Table = table(Conversation)
CONTACT: Table = table(Contact)
CALL = "template:jawaban_siap"
"""The text key of the message that calls a citizen whose answer waits."""

_HELD = MESSAGE.c.delivery == written("held")
_ANSWER = (MESSAGE.c.direction == written("out"), MESSAGE.c.author == written("officer"))
_TALK = select(
    *(CONVERSATION.c.id, CONVERSATION.c.office, CONVERSATION.c.channel),
    *(CONVERSATION.c.sender, CONVERSATION.c.last_inbound_at),
    *(CONTACT.c.id.label("contact_id"), CONTACT.c.name, CONTACT.c.language),
    *(CONTACT.c.opted_out_at, CONTACT.c.blocked_at),
).select_from(CONVERSATION.join(CONTACT, CONTACT.c.id == CONVERSATION.c.contact_id))
_DUE = (
    select(MESSAGE.c.conversation_id, MESSAGE.c.ticket_id)
    .where(MESSAGE.c.fall_over_at.is_not(None), MESSAGE.c.fall_over_at <= bindparam("now"))
    .order_by(MESSAGE.c.fall_over_at, MESSAGE.c.id)
    .limit(literal_column("100"))
)


def due(connection: Connection, now: datetime) -> list[tuple[int, int]]:
    """The conversations, each with the ticket, where somebody must look what becomes of an answer."""
    found = connection.execute(_DUE, {"now": now})
    return list(dict.fromkeys((row.conversation_id, row.ticket_id) for row in found))


_REFUSED = and_(MESSAGE.c.delivery == written("failed"), MESSAGE.c.fall_over_at.is_not(None))
_ANSWERS = select(MESSAGE).where(MESSAGE.c.ticket_id == bindparam("ticket"), *_ANSWER).order_by(MESSAGE.c.id)
_WAITING = _ANSWERS.where(MESSAGE.c.conversation_id == bindparam("conversation"), or_(_HELD, _REFUSED))
_HELD_OF_TICKET = _ANSWERS.where(_HELD)


def waiting(connection: Connection, conversation_id: int, ticket_id: int) -> Sequence[AnyRow]:
    """The answers there that are held, or failed and are to go another way; in their order."""
    return connection.execute(_WAITING, {"conversation": conversation_id, "ticket": ticket_id}).all()


def of_ticket(connection: Connection, ticket_id: int) -> Sequence[AnyRow]:
    """The answers on the ticket that are held, in whatever conversation; in their order."""
    return connection.execute(_HELD_OF_TICKET, {"ticket": ticket_id}).all()


_ONE_TALK = _TALK.where(CONVERSATION.c.id == bindparam("conversation"))


def talk(connection: Connection, conversation_id: int) -> AnyRow:
    """What a call must know of a conversation: our number, the citizen's name, language and last word."""
    return connection.execute(_ONE_TALK, {"conversation": conversation_id}).one()


_CALLS = (
    select(MESSAGE)
    .where(MESSAGE.c.conversation_id == bindparam("conversation"), MESSAGE.c.text_key == CALL)
    .order_by(MESSAGE.c.id.desc())
    .limit(literal_column("1"))
)
_LATER_CALLS = _CALLS.where(MESSAGE.c.at >= bindparam("since"))


def call_since(connection: Connection, conversation_id: int, since: datetime | None) -> AnyRow | None:
    """The newest call there after the citizen's last word; None when they were not called since."""
    asked = {"conversation": conversation_id, **({"since": since} if since else {})}
    return connection.execute(_LATER_CALLS if since else _CALLS, asked).first()


def look_again(connection: Connection, message_ids: Sequence[int], at: datetime | None) -> None:
    """Let somebody look what becomes of these answers *at* that moment; None for never."""
    connection.execute(update(MESSAGE).where(MESSAGE.c.id.in_(message_ids)).values(fall_over_at=at))


def look_no_more(connection: Connection, conversation_id: int, ticket_id: int) -> None:
    """Nothing is to be done for the answers there by itself."""
    here = (MESSAGE.c.conversation_id == conversation_id, MESSAGE.c.ticket_id == ticket_id)
    marked = MESSAGE.c.fall_over_at.is_not(None)
    connection.execute(update(MESSAGE).where(*here, marked).values(fall_over_at=None))


def wake(connection: Connection, conversation_id: int, now: datetime) -> None:
    """What the answers held there were waiting for has failed: look at them now."""
    here = MESSAGE.c.conversation_id == conversation_id
    connection.execute(update(MESSAGE).where(here, _HELD, *_ANSWER).values(fall_over_at=now))


def wake_all(connection: Connection, now: datetime) -> None:
    """What may leave has changed: look now at all that waits to be looked at, but for what is in hand."""
    waits = (MESSAGE.c.fall_over_at.is_not(None), MESSAGE.c.fall_over_at > now)
    later = select(MESSAGE.c.id).where(*waits, _HELD)
    free = later.with_for_update(skip_locked=True, of=MESSAGE).cte("later")
    connection.execute(update(MESSAGE).where(MESSAGE.c.id.in_(select(free.c.id))).values(fall_over_at=now))


def refused(connection: Connection, message_id: int, now: datetime) -> None:
    """This citizen can't be reached there: look for another way for the answer, if it really failed."""
    failed = (MESSAGE.c.delivery == written("failed"), MESSAGE.c.mailed_as.is_(None))
    connection.execute(update(MESSAGE).where(MESSAGE.c.id == message_id, *failed).values(fall_over_at=now))


def mail(connection: Connection, row: Mapping[str, Any]) -> int:
    """Put the letter that answers go by in the outbox; its id."""
    return int(connection.execute(insert(MESSAGE).values(**row).returning(MESSAGE.c.id)).scalar_one())


def went_by_mail(connection: Connection, message_ids: Sequence[int], mail_id: int) -> None:
    """These answers leave as that letter, and never again as what they were."""
    left = case((_HELD, "cancelled"), else_=MESSAGE.c.delivery)
    done = {"delivery": left, "mailed_as": mail_id, "fall_over_at": None}
    connection.execute(update(MESSAGE).where(MESSAGE.c.id.in_(message_ids)).values(**done))


def came_back(connection: Connection, mail_id: int, now: datetime) -> None:
    """The letter did not arrive: its answers wait for the citizen's word again, and are not mailed anew."""
    mailed = MESSAGE.c.mailed_as == mail_id
    again = {"delivery": "held", "fall_over_at": now}
    dropped = MESSAGE.c.delivery == written("cancelled")
    connection.execute(update(MESSAGE).where(mailed, dropped).values(**again))


def drop_calls(connection: Connection, conversation_id: int) -> None:
    """A call that has not left yet has lost its sense."""
    calls = (MESSAGE.c.conversation_id == conversation_id, MESSAGE.c.text_key == CALL)
    queued = MESSAGE.c.delivery == written("queued")
    connection.execute(update(MESSAGE).where(*calls, queued).values(delivery="cancelled"))
