"""Which thread a mail names: by our own signed words, by ids of mails we hold, by a ticket's number."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, Table, and_, bindparam, case, func, or_, select

from storage import later
from storage.columns import AnyRow, table, written
from storage.conversations import LOADED
from storage.mail_tables import Mail
from storage.slots import SLOTS, padded
from storage.tables import Conversation, Message, Ticket

CONVERSATION: Table = table(Conversation)
TICKET: Table = table(Ticket)
MAIL: Table = table(Mail)
MESSAGE: Table = table(Message)
LONGEST_ID = 255
ENDED_COMPLAINT = case(
    (
        and_(
            TICKET.c.kind == written("complaint"),
            TICKET.c.status == written("closed"),
            TICKET.c.merged_into.is_(None),
        ),
        TICKET.c.id,
    )
).label("ended_complaint")
"""The ticket at hand where it is a complaint that was closed, and not merged into another."""


@dataclass(frozen=True, slots=True)
class Named:
    """A thread that a mail names, and the ticket that its words would go to.

    ``ticket_id`` is the open ticket, else the latest; None for a thread that never had one.
    ``ended_complaint``: the closed complaint that the letter of ours which the mail answers was about.
    """

    conversation_id: int
    channel: str
    contact_id: int
    ticket_id: int | None
    complaint: bool
    open: bool
    ended_complaint: int | None = None


def id_key(message_id: str | None) -> str | None:
    """A Message-ID as the tables keep it: itself, or its SHA-256 where it is longer than the column."""
    if message_id is None or len(message_id) <= LONGEST_ID:
        return message_id
    return hashlib.sha256(message_id.encode(errors="replace")).hexdigest()


_LATEST = (
    select(func.max(TICKET.c.id))
    .where(TICKET.c.conversation_id == CONVERSATION.c.id)
    .correlate(CONVERSATION)
    .scalar_subquery()
)
_CHAT = select(CONVERSATION.c.id, func.coalesce(CONVERSATION.c.ticket_id, _LATEST).label("ticket_id")).where(
    CONVERSATION.c.address_id == bindparam("home"), CONVERSATION.c.sender == bindparam("ours")
)


def chat_with(connection: Connection, address_id: int, sender: str) -> tuple[int, int | None] | None:
    """The chat of this person with our number: its id, and that of its open ticket, else of the latest."""
    found = connection.execute(_CHAT, {"home": address_id, "ours": sender}).first()
    return (found.id, found.ticket_id) if found else None


_NAMED = (
    select(
        CONVERSATION.c.id,
        CONVERSATION.c.channel,
        CONVERSATION.c.contact_id,
        TICKET.c.id.label("ticket_id"),
        TICKET.c.kind,
        TICKET.c.status,
        TICKET.c.merged_into,
    )
    .select_from(
        CONVERSATION.outerjoin(
            TICKET,
            TICKET.c.id == func.coalesce(CONVERSATION.c.ticket_id, CONVERSATION.c.complaint_id, _LATEST),
        )
    )
    # Who was erased is answered nowhere any more, and nothing new is said in a thread of theirs.
    .where(CONVERSATION.c.office == bindparam("office"), CONVERSATION.c.reply_to != written(""))
)
_BY_ID = _NAMED.where(CONVERSATION.c.id == bindparam("conversation_id"))


def by_id(connection: Connection, office: str, conversation_id: int) -> Named | None:
    """This thread of this office; None when the office has none of this id."""
    row = connection.execute(_BY_ID, {"office": office, "conversation_id": conversation_id}).first()
    return _named(row) if row else None


_LETTER = (
    select(MESSAGE.c.conversation_id, ENDED_COMPLAINT)
    .select_from(MESSAGE.outerjoin(TICKET, TICKET.c.id == MESSAGE.c.ticket_id))
    .where(MESSAGE.c.id == bindparam("message_id"), MESSAGE.c.office == bindparam("office"))
)


def of_our_mail(connection: Connection, office: str, conversation_id: int, message_id: int) -> Named | None:
    """The thread in which our mail stands: the one it was written in, unless it was split off since."""
    asked = {"message_id": message_id, "office": office}
    letter = connection.execute(_LETTER, asked).first() if message_id else None
    if letter is None:
        return by_id(connection, office, conversation_id)
    named = by_id(connection, office, letter.conversation_id or conversation_id)
    return named and replace(named, ended_complaint=letter.ended_complaint)


_ITS_THREAD = CONVERSATION.alias("its_thread")
_WITH_ID = (
    select(MAIL.c.conversation_id)
    .join(_ITS_THREAD, _ITS_THREAD.c.id == MAIL.c.conversation_id)
    .where(
        MAIL.c.mailbox == bindparam("mailbox"),
        MAIL.c.message_id.in_(bindparam("keys", expanding=True)),
    )
    .order_by(_ITS_THREAD.c.contact_id != bindparam("contact_id"), MAIL.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
_BY_MESSAGE_IDS = _NAMED.where(CONVERSATION.c.id == _WITH_ID)
_ALL_WITH_IDS = (
    select(MAIL.c.message_id, _ITS_THREAD.c.contact_id, func.max(MAIL.c.id).label("mail_id"))
    .join(_ITS_THREAD, _ITS_THREAD.c.id == MAIL.c.conversation_id)
    .where(MAIL.c.mailbox == bindparam("mailbox"), MAIL.c.message_id.in_(bindparam("keys", expanding=True)))
    .group_by(MAIL.c.message_id, _ITS_THREAD.c.contact_id)
)
_OF_MAILS = (
    _NAMED.add_columns(MAIL.c.id.label("mail_id"))
    .join(MAIL, MAIL.c.conversation_id == CONVERSATION.c.id)
    .where(MAIL.c.id.in_(bindparam("mail_ids", expanding=True)))
)


_LOADED = LOADED.where(CONVERSATION.c.id.in_(bindparam("keys", expanding=True)))


def by_message_ids(
    connection: Connection, office: str, mailbox: str, ids: Sequence[str], contact_id: int
) -> Named | None:
    """The thread of the newest mail of this mailbox that bears one of these Message-IDs.

    This person's own threads come first: a stranger may write a Message-ID that they have read.
    """
    told: tuple[Named | None] | None = later.take(connection, (mailbox, tuple(ids), contact_id))
    if told:
        return told[0]
    keys = {"keys": [id_key(each) for each in ids], "mailbox": mailbox, "contact_id": contact_id}
    row = connection.execute(_BY_MESSAGE_IDS, {**keys, "office": office}).first()
    return _named(row) if row else None


_Asked = tuple[tuple[str, ...], int]


def expect_named(connection: Connection, office: str, mailbox: str, asked: Sequence[_Asked]) -> list[Named]:
    """Let the first turn that asks ``by_message_ids`` for these ids and contact know; at most ``SLOTS`` ids.

    Gives the threads that are the contact's own.
    """
    fitting, keys = _fitting(asked)
    if not keys:
        return []
    bearing = connection.execute(_ALL_WITH_IDS, {"mailbox": mailbox, "keys": padded(keys)}).all()
    newest = {(ids, contact_id): _newest(bearing, ids, contact_id) for ids, contact_id in fitting}
    named = _of_mails(connection, office, {mail_id for mail_id in newest.values() if mail_id})
    own = []
    for (ids, contact_id), mail_id in newest.items():
        found = named.get(mail_id)
        later.tell(connection, (mailbox, ids, contact_id), (found,))
        own += [found] if found and found.contact_id == contact_id else []
    return own


def _fitting(asked: Sequence[_Asked]) -> tuple[list[_Asked], set[str | None]]:
    """So many as may ask together, and what they ask for."""
    fitting, keys = list[_Asked](), set[str | None]()
    for each in asked:
        more = keys.union(map(id_key, each[0]))
        if len(more) <= SLOTS:
            fitting, keys = [*fitting, each], more
    return fitting, keys


def _newest(bearing: Sequence[AnyRow], ids: tuple[str, ...], contact_id: int) -> int | None:
    """The mail that ``by_message_ids`` takes, of those that bear any Message-ID."""
    keys = set(map(id_key, ids))
    found = [(row.contact_id == contact_id, row.mail_id) for row in bearing if row.message_id in keys]
    return max(found)[1] if found else None


def _of_mails(connection: Connection, office: str, mail_ids: set[int]) -> dict[int | None, Named]:
    if not mail_ids:
        return {}
    rows = connection.execute(_OF_MAILS, {"office": office, "mail_ids": padded(mail_ids)})
    return {row.mail_id: _named(row) for row in rows}


def expect(connection: Connection, conversation_ids: Collection[int]) -> None:
    """Let the first letter of each of these threads, whose people are locked, load it without asking."""
    for row in connection.execute(_LOADED, {"keys": padded(conversation_ids)}):
        later.tell(connection, ("thread", row.conversation_id), row)


def by_reference(connection: Connection, office: str, references: Sequence[str]) -> Named | None:
    """The thread of the ticket with one of these numbers, the first that exists; a complaint's too."""
    later.write_now(connection)  # it may be a ticket of this very transaction
    rows = connection.execute(
        select(TICKET.c.id, TICKET.c.reference, TICKET.c.conversation_id, TICKET.c.kind, TICKET.c.status)
        .add_columns(TICKET.c.contact_id, CONVERSATION.c.channel)
        .join(CONVERSATION, CONVERSATION.c.id == TICKET.c.conversation_id)
        .where(TICKET.c.office == office, TICKET.c.reference.in_(list(references)))
        .where(CONVERSATION.c.reply_to != written(""))
    )
    found = {row.reference: row for row in rows}
    row = next((found[each] for each in references if each in found), None)
    if row is None:
        return None
    return Named(
        row.conversation_id,
        row.channel,
        row.contact_id,
        row.id,
        row.kind == "complaint",
        row.status == "open",
    )


_LATEST_OPEN = (
    select(func.max(TICKET.c.id).label("ticket_id"))
    .select_from(CONVERSATION.join(TICKET, TICKET.c.id == CONVERSATION.c.ticket_id))
    .where(
        CONVERSATION.c.channel == written("email"),
        CONVERSATION.c.sender == bindparam("sender"),
        # In words that lead to no index: PostgreSQL may begin with all open tickets.
        TICKET.c.status + written("") == written("open"),
    )
)
_UNDER = func.lower(CONVERSATION.c.subject)
_OPEN_UNDER = _LATEST_OPEN.where(
    CONVERSATION.c.contact_id == bindparam("contact_id"),
    func.lower(CONVERSATION.c.subject) == bindparam("subject"),
)
_ALL_OPEN_UNDER = (
    _LATEST_OPEN.add_columns(CONVERSATION.c.contact_id, _UNDER.label("subject"))
    .where(CONVERSATION.c.contact_id.in_(bindparam("contact_ids", expanding=True)))
    .where(_UNDER.in_(bindparam("subjects", expanding=True)))
    .group_by(CONVERSATION.c.contact_id, _UNDER)
)


def open_under(connection: Connection, contact_id: int, sender: str, subject: str) -> int | None:
    """The latest open consultation that this person began by mail under *subject*; capitals don't matter."""
    wanted = {"contact_id": contact_id, "sender": sender, "subject": subject.lower()}
    told: tuple[int | None] | None = later.take(connection, tuple(wanted.values()))
    return told[0] if told else connection.execute(_OPEN_UNDER, wanted).scalar()


def expect_open(connection: Connection, sender: str, asked: Sequence[tuple[int, str]]) -> None:
    """Let the first turn that asks ``open_under`` for each contact and subject know, at most ``SLOTS``."""
    wanted = [(contact_id, subject.lower()) for contact_id, subject in asked]
    of_all = {
        "sender": sender,
        "contact_ids": padded([contact_id for contact_id, _ in wanted]),
        "subjects": padded([subject for _, subject in wanted]),
    }
    rows = connection.execute(_ALL_OPEN_UNDER, of_all)
    found = {(row.contact_id, row.subject): row.ticket_id for row in rows}
    for contact_id, subject in wanted:
        later.tell(connection, (contact_id, sender, subject), (found.get((contact_id, subject)),))


def of_participant(connection: Connection, contact_id: int, ticket_id: int, sender: str) -> int | None:
    """A thread by mail of this person that leads to this ticket: merged, or answered by mail. Else None."""
    leads = or_(
        and_(CONVERSATION.c.ticket_id == ticket_id),
        CONVERSATION.c.id.in_(
            select(TICKET.c.conversation_id).where(
                or_(TICKET.c.merged_into == ticket_id, TICKET.c.id == ticket_id)
            )
        ),
    )
    found = connection.execute(
        select(func.max(CONVERSATION.c.id)).where(
            CONVERSATION.c.contact_id == contact_id,
            CONVERSATION.c.channel == written("email"),
            CONVERSATION.c.sender == sender,
            leads,
        )
    ).scalar()
    return int(found) if found is not None else None


def our_mail(connection: Connection, office: str, conversation_id: int, message_id: int) -> AnyRow | None:
    """The message we sent by mail to whom this conversation is with; None when there is none of this id.

    SQLite gives the number of the newest message anew when it is erased: it may be somebody else's by now.
    """
    whose = select(CONVERSATION.c.contact_id)
    to = whose.where(CONVERSATION.c.id == MESSAGE.c.conversation_id).scalar_subquery()
    return connection.execute(
        select(MESSAGE).where(
            to == whose.where(CONVERSATION.c.id == conversation_id).scalar_subquery(),
            MESSAGE.c.id == message_id,
            MESSAGE.c.office == office,
            MESSAGE.c.direction == written("out"),
            MESSAGE.c.channel == written("email"),
        )
    ).first()


_SIGNED = ("signed address", "signed id")


def was_read(connection: Connection, message: AnyRow) -> bool:
    """Whether a mail with a signed word of ours has come into the thread of *message* since that one."""
    answer = select(MESSAGE.c.id).join(MAIL, MAIL.c.id == MESSAGE.c.mail_id)
    later = and_(MESSAGE.c.conversation_id == message.conversation_id, MESSAGE.c.id > message.id)
    return connection.execute(answer.where(later, MAIL.c.rule.in_(_SIGNED)).limit(1)).first() is not None


def _named(row: AnyRow) -> Named:
    return Named(
        row.id,
        row.channel,
        row.contact_id,
        row.merged_into or row.ticket_id,
        row.kind == "complaint",
        row.status == "open",
    )
