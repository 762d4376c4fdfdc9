"""A citizen's letter gets its turn: it becomes a message of a thread, and the core decides about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.effects import NoteEvent
from bot.events import Content, MessageReceived
from bot.letters import UNANSWERED
from handlers import apply, focusing
from handlers.mailroom import noise
from handlers.mailroom.noise import Letterbox
from handlers.runtime import Runtime
from storage import beginnings, conversations, intake, threads, tickets
from storage.beginnings import NewThread
from storage.contacts import Home
from storage.conversations import Pending, Thread


@dataclass(frozen=True, slots=True)
class Heard:
    """What a citizen wrote, and how it came: *external_id* keeps it from being heard twice.

    *sender* is our address, *address* the citizen's. *text* is what is new, *subject* without "Re:" and the
    like, *whole* the mail with all that it quotes. *unreadable*: it is encrypted. *answerable*: no header
    forbids an automatic answer.
    """

    mid: str
    account: str
    external_id: str
    office: str
    sender: str
    address: str
    text: str
    subject: str
    content: Content = Content.TEXT
    media: tuple[Mapping[str, str], ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict)
    mail_id: int | None = None
    whole: str = ""
    answerable: bool = True
    unreadable: bool = False


def told_on_a_page(runtime: Runtime, thread: Thread, page: str, mid: str, text: str) -> Heard:
    """*text*, told on a signed *page* of ours, as if it had come by mail in its *thread*."""
    found = runtime.settings.mailbox_of(thread.sender)
    return Heard(
        mid=mid,
        account=found[0] if found else thread.sender,
        external_id=f"{page}-{mid}",
        office=thread.office,
        sender=thread.sender,
        address=thread.reply_to,
        text=text,
        subject=thread.subject,
    )


@dataclass(frozen=True, slots=True)
class Place:
    """The thread a letter goes to, and the ticket it went to before or may belong to.

    *vouched*: the writer has shown that they read what we wrote to the address. *letter_at*: of when the
    letter of ours is that they were the first to answer, asked only where it matters. *letter_id*: the letter
    of ours that it answers; 0 for none. *about*: the ticket that a page of ours asked on. *ended_complaint*:
    the closed complaint that the letter was about.
    """

    conversation_id: int | None = None
    ticket_id: int | None = None
    perhaps_of: int | None = None
    vouched: bool = False
    letter_at: datetime | None = None
    letter_id: int = 0
    about: int | None = None
    ended_complaint: int | None = None


@dataclass(frozen=True, slots=True)
class Went:
    """Where a letter ended: its thread, and its ticket, if it has one."""

    conversation_id: int
    ticket_id: int | None


def was_heard(connection: Connection, heard: Heard) -> bool:
    """Whether it had its turn before. To be asked under a lock of what it came as."""
    return intake.is_known(connection, "email", heard.account, heard.external_id)


def take(
    runtime: Runtime, connection: Connection, heard: Heard, home: Home, place: Place, now: datetime
) -> Went:
    """One turn of what was not heard before, under the author's lock, in the caller's transaction."""
    new = _new_thread(heard, home, place.ticket_id)
    conversation_id = place.conversation_id or beginnings.begin(connection, new, now)
    row = _row(heard, home, conversation_id, now)
    message = Pending(0, heard.text, heard.content.value, None, now, followed=False, row=row)
    if place.conversation_id is None and place.ticket_id is None:
        thread = beginnings.begun(connection, conversation_id, new, message, newcomer=home.new)
    else:
        at = home.address_id
        thread = conversations.for_letter(connection, conversation_id, message, heard.address, locked=at)
        thread = _as_answered(connection, thread, place)
    ticket_id = _decide(runtime, connection, thread, heard, place, now, newcomer=home.new)
    if ticket_id is not None and place.perhaps_of is not None and place.conversation_id is None:
        tickets.perhaps(connection, ticket_id, place.perhaps_of, now)
    return Went(conversation_id, ticket_id)


def _as_answered(connection: Connection, thread: Thread, place: Place) -> Thread:
    """The thread with its talk about the ticket on which an officer wrote the letter, or a page asked."""
    if place.about is not None:
        return focusing.on_ticket(thread, place.about)
    if not (place.conversation_id and place.letter_id and focusing.is_in_doubt(thread)):
        return thread
    letter = threads.our_mail(connection, thread.office, place.conversation_id, place.letter_id)
    return focusing.on_what_was_answered(thread, letter)


def _decide(
    runtime: Runtime,
    connection: Connection,
    thread: Thread,
    heard: Heard,
    place: Place,
    now: datetime,
    *,
    newcomer: bool,
) -> int | None:
    """Let the core decide; where an answer had to be left out, people may have to know.

    Gives the ticket that the message ended in.
    """
    at = Letterbox(heard.account, heard.office, thread.address_id, place.ticket_id, newcomer)
    why = noise.forbids(runtime, connection, at, heard.text, now)
    event = MessageReceived(
        heard.text,
        heard.content,
        subject=heard.subject,
        whole=heard.whole,
        unreadable=heard.unreadable,
        answerable=heard.answerable and why is None,
        vouched=place.vouched,
        letter_at=place.letter_at,
        ended_complaint=place.ended_complaint,
    )
    decision, ticket_id = apply.taken(runtime, connection, thread, event, now)
    if decision.outcome is None:
        raise ValueError("a letter that ended nowhere was not kept")
    if any(isinstance(effect, NoteEvent) and effect.what.endswith(UNANSWERED) for effect in decision.effects):
        noise.fell_silent(connection, at, why if heard.answerable else None, now)
    return ticket_id


def _new_thread(heard: Heard, home: Home, ticket_id: int | None) -> NewThread:
    return NewThread(
        office=heard.office,
        channel="email",
        sender=heard.sender,
        address_id=home.address_id,
        contact_id=home.contact_id,
        reply_to=heard.address,
        subject=heard.subject[:255],
        ticket_id=ticket_id,
    )


def _row(heard: Heard, home: Home, conversation_id: int, now: datetime) -> dict[str, Any]:
    return {
        "mid": heard.mid,
        "office": heard.office,
        "direction": "in",
        "author": "citizen",
        "channel": "email",
        "account": heard.account,
        "external_id": heard.external_id,
        "address_id": home.address_id,
        "conversation_id": conversation_id,
        "sender": heard.sender,
        "address": heard.address,
        "subject": heard.subject[:255],
        "body": heard.text,
        "content": heard.content.value,
        "media": [dict(each) for each in heard.media],
        "raw": dict(heard.raw),
        "mail_id": heard.mail_id,
        "at": now,
    }
