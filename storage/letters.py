"""What a letter says besides its text: its thread, its ticket, and who signs it."""

from sqlalchemy import Connection, Table, bindparam, literal_column, select

from storage.columns import AnyRow, table, written
from storage.tables import Contact, Conversation, Message, Officer, Ticket

MESSAGE: Table = table(Message)
CONVERSATION: Table = table(Conversation)
CONTACT: Table = table(Contact)
TICKET: Table = table(Ticket)
OFFICER: Table = table(Officer)


_SURROUNDINGS = (
    select(CONVERSATION.c.subject, CONTACT.c.language, TICKET.c.reference, OFFICER.c.name.label("officer"))
    .select_from(
        MESSAGE.join(CONVERSATION, CONVERSATION.c.id == MESSAGE.c.conversation_id)
        .join(CONTACT, CONTACT.c.id == CONVERSATION.c.contact_id)
        .outerjoin(TICKET, TICKET.c.id == MESSAGE.c.ticket_id)
        .outerjoin(OFFICER, OFFICER.c.id == MESSAGE.c.officer_id)
    )
    .where(MESSAGE.c.id == bindparam("key"))
)
_BEFORE = (MESSAGE.c.conversation_id == bindparam("thread"), MESSAGE.c.id < bindparam("key"))
_ANSWERED = (
    select(MESSAGE.c.id, MESSAGE.c.raw)
    .where(*_BEFORE, MESSAGE.c.direction == written("in"))
    .order_by(MESSAGE.c.id.desc())
    .limit(literal_column("1"))
)
_FIRST_SENT = (
    select(MESSAGE.c.id)
    .where(*_BEFORE, MESSAGE.c.direction == written("out"), MESSAGE.c.external_id.is_not(None))
    .order_by(MESSAGE.c.id)
    .limit(literal_column("1"))
)


def surroundings(connection: Connection, message: AnyRow) -> AnyRow:
    """The subject of the message's thread, the reference of its ticket (or None), the name of its officer
    (or None), and the reader's language."""
    return connection.execute(_SURROUNDINGS, {"key": message.id}).one()


def answered(connection: Connection, message: AnyRow) -> AnyRow | None:
    """The citizen's latest message before this one in its thread: its ``raw`` says which mail it was."""
    return connection.execute(_ANSWERED, _before(message)).first()


def first_sent(connection: Connection, message: AnyRow) -> int | None:
    """Our first message in the thread that left before this one."""
    return connection.execute(_FIRST_SENT, _before(message)).scalar()


def _before(message: AnyRow) -> dict[str, int]:
    return {"thread": message.conversation_id, "key": message.id}
