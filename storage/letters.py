"""What a letter says besides its text: its thread, its ticket, and who signs it."""

from sqlalchemy import Connection, Table, select

from storage.columns import AnyRow, table
from storage.tables import Contact, Conversation, Message, Officer, Ticket

MESSAGE: Table = table(Message)
CONVERSATION: Table = table(Conversation)
CONTACT: Table = table(Contact)
TICKET: Table = table(Ticket)
OFFICER: Table = table(Officer)


def surroundings(connection: Connection, message: AnyRow) -> AnyRow:
    """The subject of the message's thread, the reference of its ticket (or None), the name of its officer
    (or None), and the reader's language."""
    joined = (
        MESSAGE.join(CONVERSATION, CONVERSATION.c.id == MESSAGE.c.conversation_id)
        .join(CONTACT, CONTACT.c.id == CONVERSATION.c.contact_id)
        .outerjoin(TICKET, TICKET.c.id == MESSAGE.c.ticket_id)
        .outerjoin(OFFICER, OFFICER.c.id == MESSAGE.c.officer_id)
    )
    statement = (
        select(
            CONVERSATION.c.subject,
            CONTACT.c.language,
            TICKET.c.reference,
            OFFICER.c.name.label("officer"),
        )
        .select_from(joined)
        .where(MESSAGE.c.id == message.id)
    )
    return connection.execute(statement).one()


def answered(connection: Connection, message: AnyRow) -> AnyRow | None:
    """The citizen's latest message before this one in its thread: its ``raw`` says which mail it was."""
    return connection.execute(
        select(MESSAGE.c.id, MESSAGE.c.raw)
        .where(
            MESSAGE.c.conversation_id == message.conversation_id,
            MESSAGE.c.direction == "in",
            MESSAGE.c.id < message.id,
        )
        .order_by(MESSAGE.c.id.desc())
        .limit(1)
    ).first()


def first_sent(connection: Connection, message: AnyRow) -> int | None:
    """Our first message in the thread that left before this one."""
    return connection.execute(
        select(MESSAGE.c.id)
        .where(
            MESSAGE.c.conversation_id == message.conversation_id,
            MESSAGE.c.direction == "out",
            MESSAGE.c.external_id.is_not(None),
            MESSAGE.c.id < message.id,
        )
        .order_by(MESSAGE.c.id)
        .limit(1)
    ).scalar()
