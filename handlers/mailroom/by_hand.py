"""What people make of mails that the desk could not read."""

from bot.policy import Office
from channels.mime.mail import Role
from channels.mime.subjects import bare_subject
from handlers.mailroom import turns
from handlers.mailroom.hearing import form_id
from handlers.mailroom.reading import raw_of
from handlers.mailroom.turns import Heard, Place
from handlers.runtime import Runtime
from storage import contacts, shunted_mails
from storage.columns import AnyRow

_UNREAD = {
    "id": "[surat ini tidak terbaca: lihat surat asli]",
    "en": "[this mail could not be read: see the original]",
}


def open_as_ticket(runtime: Runtime, officer_id: int, mail_id: int) -> int | None:
    """An officer makes a ticket of a mail that nobody could read: its words are in the file beside it.

    Gives the ticket; None when the mail is not put aside (any more), or nobody knows who wrote it.
    """
    with runtime.database.read() as connection:
        row = shunted_mails.find(connection, mail_id)
    if row is None or not row.author:
        return None
    office, now = runtime.settings.offices[row.office], runtime.clock()
    heard = _unread_letter(runtime, row, office)
    with runtime.database.write() as connection:
        if not shunted_mails.take(connection, mail_id, officer_id):
            return None
        home = contacts.home(connection, office.code, "email", row.author, (), "", now)
        if turns.was_heard(connection, heard):
            return None
        went = turns.take(runtime, connection, heard, home, Place(), now)
        shunted_mails.went(connection, mail_id, went.conversation_id, went.ticket_id)
    return went.ticket_id


def _unread_letter(runtime: Runtime, row: AnyRow, office: Office) -> Heard:
    content = raw_of(runtime, row)
    file = {"file": runtime.files.put(content), "name": "surat.eml", "content_type": "message/rfc822"}
    box = runtime.settings.channels.email.mailboxes.get(row.mailbox)
    return Heard(
        mid=form_id(row),
        account=row.mailbox,
        external_id=f"mail-{row.id}",
        office=office.code,
        sender=box.address.lower() if box else office.senders.email[0],
        address=row.author,
        text=_UNREAD.get(office.languages[0], _UNREAD["id"]),
        subject=bare_subject(row.subject, office.short_name),
        media=({**file, "size": str(len(content)), "role": Role.ATTACHED.value},),
        mail_id=row.id,
        answerable=False,
    )
