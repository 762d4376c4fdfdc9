"""Whether somebody wants messages: recorded with the words, the time and who said it, when it changes."""

from datetime import datetime

from sqlalchemy import Connection

from bot import keywords
from bot.conversation import Conversation
from handlers.runtime import Runtime
from storage import consents, contacts, conversations, outbox, tickets
from storage.columns import AnyRow
from storage.conversations import Thread

_BY_PROVIDER = {keywords.STOP, keywords.START}


def note_by_officer(runtime: Runtime, officer_id: int, ticket_id: int, *, wants: bool, words: str) -> bool:
    """An officer records what a citizen said elsewhere. A refusal silences the desk at once.

    What they agreed to lifts no silence: that takes the citizen's own MULAI. False without such a ticket.
    """
    now = runtime.clock()
    with runtime.database.write() as connection:
        ticket = tickets.find(connection, ticket_id)
        thread = conversations.by_id(connection, ticket.conversation_id) if ticket else None
        if ticket is None or thread is None:
            return False
        if not wants and consents.silence(connection, thread.contact_id, now):
            outbox.cancel_unsent(connection, ticket.conversation_id)
        consents.note(
            connection,
            office=thread.office,
            contact_id=thread.contact_id,
            channel=thread.channel,
            address=thread.reply_to,
            what="in" if wants else "out",
            source="officer",
            now=now,
            words=words,
            officer_id=officer_id,
        )
        what = "consent_in" if wants else "consent_out"
        tickets.log(connection, thread.office, ticket_id, what, now, officer_id, {})
        tickets.touch(connection, ticket_id, now)
    return True


def remember(
    connection: Connection, thread: Thread, before: Conversation, after: Conversation, now: datetime
) -> None:
    """Keep the language and the wish for silence that a turn has changed, and on whose words.

    What it has not changed it leaves: another turn of this person may change it at the same moment.
    """
    changed = after.opted_out != before.opted_out
    manner: dict[str, object] = {}
    if after.language != before.language:
        manner["language"] = after.language
    if changed:
        manner["opted_out_at"] = now if after.opted_out else None
    if manner:
        contacts.save_manner(connection, thread.contact_id, manner)
    if changed and thread.message is not None:
        consents.note(
            connection,
            office=thread.office,
            contact_id=thread.contact_id,
            channel=thread.channel,
            address=thread.reply_to,
            what="out" if after.opted_out else "in",
            source="provider" if thread.message.choice in _BY_PROVIDER else "citizen",
            now=now,
            words=thread.message.text,
            message_id=thread.message.id or None,
        )


def refused_by_provider(connection: Connection, message: AnyRow, code: str, now: datetime) -> None:
    """The provider says that the citizen has unsubscribed: silence, as if they had told us."""
    person = consents.whose(connection, message.conversation_id) if message.conversation_id else None
    if person is None or not consents.silence(connection, person.id, now):
        return
    outbox.cancel_unsent(connection, message.conversation_id)
    consents.note(
        connection,
        office=message.office,
        contact_id=person.id,
        channel=message.channel,
        address=message.address,
        what="out",
        source="provider",
        now=now,
        words=code,
        message_id=message.id,
    )
