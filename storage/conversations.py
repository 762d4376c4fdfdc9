"""Loading the value that ``decide`` sees, and saving the one it returns."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    Boolean,
    Connection,
    Select,
    String,
    Table,
    and_,
    bindparam,
    exists,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from bot.conversation import Clock, Conversation, Profile, Request, State, Ticket, TicketKind
from storage import later
from storage.columns import AnyRow, plain, table, written
from storage.inserting import adding
from storage.intake import PENDING
from storage.reserving import next_id
from storage.tables import Address, Contact, Message
from storage.tables import Conversation as ConversationRow
from storage.thread_columns import HELD_THERE, PERSON, THREAD, calendar_of, with_tickets

ADDRESS: Table = table(Address)
CONTACT: Table = table(Contact)
CONVERSATION: Table = table(ConversationRow)
MESSAGE: Table = table(Message)


class Thread(NamedTuple):
    """One conversation as loaded under its lock: the core's value and the keys of its rows.

    ``id`` is None before the first turn; ``message`` is the pending message of this turn, if there is one.
    ``calendar_version``: the office's, as of this turn. ``holds``: an answer waits for their next word.
    """

    id: int | None
    office: str
    channel: str
    sender: str
    address_id: int
    contact_id: int
    reply_to: str
    value: Conversation
    opted_out_at: datetime | None
    complaint_id: int | None
    message: "Pending | None" = None
    subject: str = ""
    calendar_version: int | None = None
    holds: bool = False


@dataclass(frozen=True, slots=True)
class Pending:
    """A citizen's message waiting to be handled. ``followed``: another one waits behind it.

    ``id`` is 0 for one that is kept when its turn ends, as this ``row``.
    """

    id: int
    text: str
    content: str
    choice: str | None
    at: datetime
    followed: bool
    row: Mapping[str, Any] | None = None
    replies_to: str | None = None


# FOR NO KEY UPDATE: whoever changes a message twice in a transaction looks whether its address is there,
# and must not wait for this lock, whose holder may wait for that message.
_LOCK = select(ADDRESS.c.id).where(ADDRESS.c.id == bindparam("address_id")).with_for_update(key_share=True)


_NEXT_MESSAGE = (
    select(
        MESSAGE.c.id.label("message_id"),
        MESSAGE.c.office,
        MESSAGE.c.channel,
        MESSAGE.c.sender,
        MESSAGE.c.address.label("reply_to"),
        MESSAGE.c.address_id,
        MESSAGE.c.body,
        MESSAGE.c.content,
        MESSAGE.c.choice,
        MESSAGE.c.replies_to,
        MESSAGE.c.at,
        ADDRESS.c.contact_id,
        calendar_of(MESSAGE.c.office),
        *PERSON,
        *THREAD,
    )
    .select_from(
        with_tickets(
            MESSAGE.join(ADDRESS, ADDRESS.c.id == MESSAGE.c.address_id)
            .join(CONTACT, CONTACT.c.id == ADDRESS.c.contact_id)
            .outerjoin(
                CONVERSATION,
                and_(
                    CONVERSATION.c.address_id == MESSAGE.c.address_id,
                    CONVERSATION.c.channel == MESSAGE.c.channel,
                    CONVERSATION.c.sender == MESSAGE.c.sender,
                    CONVERSATION.c.thread == written(""),
                ),
            )
        )
    )
    .where(MESSAGE.c.address_id == bindparam("address_id"), PENDING)
    .order_by(MESSAGE.c.id)
    .limit(2)
)

LOADED: Select[*tuple[Any, ...]] = select(
    CONVERSATION.c.office,
    CONVERSATION.c.channel,
    CONVERSATION.c.sender,
    CONVERSATION.c.reply_to,
    CONVERSATION.c.address_id,
    CONVERSATION.c.contact_id,
    calendar_of(CONVERSATION.c.office),
    *PERSON,
    *THREAD,
).select_from(with_tickets(CONVERSATION.join(CONTACT, CONTACT.c.id == CONVERSATION.c.contact_id)))
_BY_ID = LOADED.where(CONVERSATION.c.id == bindparam("conversation_id"))


def lock(connection: Connection, address_id: int) -> None:
    """Wait for this address's turn. On SQLite the writing transaction is the lock already.

    The lock is a statement of its own: PostgreSQL would show joined rows as they were before the wait.
    """
    if connection.dialect.name != "sqlite":
        connection.execute(_LOCK, {"address_id": address_id})


def next_message(connection: Connection, address_id: int) -> Thread | None:
    """Lock *address_id* and load its oldest pending message with its thread; None when nothing waits."""
    lock(connection, address_id)
    rows = connection.execute(_NEXT_MESSAGE, {"address_id": address_id}).all()
    if not rows:
        return None
    row, followed = rows[0], len(rows) > 1
    told = (row.message_id, row.body, row.content, row.choice, row.at, followed)
    return _thread(row, Pending(*told, replies_to=row.replies_to))


_ADDRESS_OF = select(CONVERSATION.c.address_id).where(CONVERSATION.c.id == bindparam("key"))


def by_id(connection: Connection, conversation_id: int, complaint_id: int | None = None) -> Thread | None:
    """Lock and load a thread for a turn that no message started; None when there is none with this id.

    *complaint_id* makes that complaint the one the thread speaks about: several may stand open beside it.
    """
    address_id = connection.execute(_ADDRESS_OF, {"key": conversation_id}).scalar()
    if address_id is None:
        return None
    lock(connection, address_id)
    if complaint_id is not None:
        connection.execute(
            update(CONVERSATION).where(CONVERSATION.c.id == conversation_id).values(complaint_id=complaint_id)
        )
    row = connection.execute(_BY_ID, {"conversation_id": conversation_id}).first()
    return _thread(row, None) if row else None


def _thread(row: AnyRow, message: Pending | None) -> Thread:
    return Thread(
        id=row.conversation_id,
        office=row.office,
        channel=row.channel,
        sender=row.sender,
        address_id=row.address_id,
        contact_id=row.contact_id,
        reply_to=row.reply_to,
        value=value_of(row),
        opted_out_at=row.opted_out_at,
        complaint_id=row.complaint_id,
        message=message,
        subject=row.subject or "",
        calendar_version=row.calendar_version,
        holds=bool(row.holds),
    )


# What needs no translation between the value and its JSON.
_AS_IT_IS = (
    *("complaint_draft", "turned_away", "asking", "correcting", "misses"),
    *("complaint_offered_for", "spoken", "codes_wrong", "searches", "called", "mailed_to", "mailed_about"),
)


def value_of(row: AnyRow) -> Conversation:
    """What the core knows of a row with the columns of ``PERSON`` and ``THREAD``."""
    memory = row.memory or {}
    # A ticket that two conversations lead to is closed in a turn of one of them: the other learns it here.
    elsewhere = row.consultation_status == "closed"
    return Conversation(
        state=State(row.state) if row.state else State.NEW,
        language=row.language,
        profile=Profile(row.name, row.institution_category, row.main_use, row.email),
        draft=Request(**memory.get("draft", {})),
        ticket=None if elsewhere else _ticket(row, "consultation", TicketKind.CONSULTATION),
        complaint=_ticket(row, "complaint_open", TicketKind.COMPLAINT),
        focus=TicketKind(memory.get("focus", TicketKind.CONSULTATION)),
        last_closed=row.consultation_id if elsewhere else memory.get("last_closed"),
        closed_at=row.consultation_closed_at if elsewhere else _moment(memory.get("closed_at")),
        last_inbound_at=row.last_inbound_at,
        opted_out=row.opted_out_at is not None,
        opt_out_told_at=_moment(memory.get("opt_out_told_at")),
        blocked=row.blocked_at is not None,
        spoken_since=_moment(memory.get("spoken_since")),
        proving_until=_moment(memory.get("proving_until")),
        codes_since=_moment(memory.get("codes_since")),
        erasure_asked_at=_moment(memory.get("erasure_asked_at")),
        **{name: memory[name] for name in _AS_IT_IS if name in memory},
    )


def _moment(stored: str | None) -> datetime | None:
    return datetime.fromisoformat(stored) if stored else None


def _ticket(row: AnyRow, prefix: str, kind: TicketKind) -> Ticket | None:
    found = row._mapping  # noqa: SLF001  # SQLAlchemy's documented name for a row by column names
    if found[f"{prefix}_id"] is None:
        return None
    return Ticket(
        id=found[f"{prefix}_id"],
        reference=found[f"{prefix}_reference"],
        kind=kind,
        clear=found[f"{prefix}_clear_at"] is not None,
        waiting_for_citizen=found[f"{prefix}_waiting_for"] == "citizen",
        claimed=found[f"{prefix}_claimed_by"] is not None,
        clock=clock_of(row) if kind is TicketKind.CONSULTATION else Clock(),
        silent_since=row.silent_since if kind is TicketKind.CONSULTATION else None,
    )


def clock_of(row: AnyRow) -> Clock:
    """The promise's clock of a ticket's row."""
    pauses = tuple((datetime.fromisoformat(asked), _moment(answered)) for asked, answered in row.pauses)
    return Clock(row.clock_from, row.due_at, pauses, row.answered_at is not None)


def memory_of(value: Conversation) -> dict[str, Any]:
    """What is kept as JSON: whatever of the value has no column of its own, without the empty parts."""
    kept = {
        "draft": {name: told for name, told in plain(value.draft).items() if told},
        "focus": value.focus.value if value.focus is not TicketKind.CONSULTATION else None,
        "last_closed": value.last_closed,
        "closed_at": value.closed_at.isoformat() if value.closed_at else None,
        "opt_out_told_at": value.opt_out_told_at.isoformat() if value.opt_out_told_at else None,
        "spoken_since": value.spoken_since.isoformat() if value.spoken_since else None,
        "proving_until": value.proving_until.isoformat() if value.proving_until else None,
        "codes_since": value.codes_since.isoformat() if value.codes_since else None,
        "erasure_asked_at": value.erasure_asked_at.isoformat() if value.erasure_asked_at else None,
        **{name: getattr(value, name) for name in _AS_IT_IS},
    }
    return {name: part for name, part in kept.items() if part}


_SAVE = (
    update(CONVERSATION)
    .where(CONVERSATION.c.id == bindparam("key"))
    .values(
        state=bindparam("state"),
        memory=bindparam("memory"),
        reply_to=bindparam("reply_to"),
        last_inbound_at=bindparam("last_inbound_at"),
        ticket_id=bindparam("ticket_id"),
        complaint_id=bindparam("complaint_id"),
    )
)


# The transaction that has written a row: another one after each change (PostgreSQL, "System Columns").
VERSION = literal_column("conversation.xmin::text", String).label("version")
_SAVE_AS_IT_WAS = _SAVE.where(
    VERSION.element == bindparam("version"),
    ~exists().where(MESSAGE.c.address_id == CONVERSATION.c.address_id, PENDING),
    or_(bindparam("held", type_=Boolean), ~exists().where(*HELD_THERE)),
)


def doubt(connection: Connection, conversation_id: int, version: str) -> None:
    """The thread was read in this *version*, with what waits and is held, before its lock was waited for.

    Its tickets are not looked at again: who changes them from elsewhere writes it anew (``links.lock``).
    """
    later.tell(connection, ("in doubt", conversation_id), version)


def save(
    connection: Connection,
    thread: Thread,
    value: Conversation,
    ticket_id: int | None,
    complaint_id: int | None,
) -> None:
    """Keep *value* as the thread's new state, with its open tickets. The thread exists already.

    Of one in ``doubt`` nothing may stand if it had changed: ``later.Missed`` is raised then.
    """
    columns = {
        "state": value.state.value,
        "memory": memory_of(value),
        "reply_to": thread.reply_to,
        "last_inbound_at": value.last_inbound_at,
        "ticket_id": ticket_id,
        "complaint_id": complaint_id,
    }
    if later.amend(connection, ("conversation", thread.id), **columns):
        return
    row, version = {"key": thread.id, **columns}, later.take(connection, ("in doubt", thread.id))
    if version is None:
        later.put(connection, _SAVE, [row])
    else:
        later.put_surely(connection, _SAVE_AS_IT_WAS, {**row, "version": version, "held": thread.holds})


def for_letter(
    connection: Connection, conversation_id: int, message: Pending, reply_to: str, locked: int
) -> Thread:
    """Lock and load a thread by mail for the turn of *message*, whose answers go to *reply_to*.

    *locked*: the address that is locked already, mostly that of the thread. Raises ``LookupError`` when there
    is no such thread.
    """
    later.need(connection, ("conversation", conversation_id))
    row = later.take(connection, ("thread", conversation_id))
    row = row or connection.execute(_BY_ID, {"conversation_id": conversation_id}).first()
    thread = _thread(row, None) if row else None
    if thread is not None and thread.address_id != locked:
        thread = by_id(connection, conversation_id)
    if thread is None:
        raise LookupError(conversation_id)
    return thread._replace(message=message, reply_to=reply_to)


_CREATE_LATER = adding(CONVERSATION)
_CREATE = insert(CONVERSATION).returning(CONVERSATION.c.id)


def create(connection: Connection, thread: Thread, now: datetime) -> int:
    """The thread's row, made with its first turn."""
    keys = {"office": thread.office, "channel": thread.channel, "sender": thread.sender}
    people = {"address_id": thread.address_id, "contact_id": thread.contact_id, "reply_to": thread.reply_to}
    row: dict[str, Any] = {**keys, **people, "memory": {}, "created_at": now}
    if not later.may_wait(connection):
        return int(connection.execute(_CREATE, row).scalar_one())
    row |= {"id": next_id(connection, CONVERSATION), "state": State.NEW.value, "last_inbound_at": None}
    row |= {"ticket_id": None, "complaint_id": None}
    later.put_new(connection, _CREATE_LATER, row, ("conversation", row["id"]), rank=2)
    return int(row["id"])
