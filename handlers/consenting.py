"""Whether somebody wants messages: recorded with the words, the time and who said it, when it changes."""

from datetime import datetime

from sqlalchemy import Connection

from bot.conversation import Conversation
from storage import consents, contacts, outbox
from storage.columns import AnyRow
from storage.conversations import Thread


def remember(
    connection: Connection, thread: Thread, before: Conversation, after: Conversation, now: datetime
) -> None:
    """Keep the language and the wish for silence that a turn has changed, and on whose words."""
    changed = after.opted_out != before.opted_out
    if after.language != before.language or changed:
        since = now if after.opted_out and not before.opted_out else thread.opted_out_at
        contacts.save_manner(
            connection, thread.contact_id, after.language, since if after.opted_out else None
        )
    if changed and thread.message is not None:
        consents.note(
            connection,
            office=thread.office,
            contact_id=thread.contact_id,
            channel=thread.channel,
            address=thread.reply_to,
            what="out" if after.opted_out else "in",
            source="citizen",
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
