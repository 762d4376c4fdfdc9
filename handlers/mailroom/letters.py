"""A message to a citizen becomes a letter: in its thread, signed, and marked where nobody wrote it."""

from typing import Literal

from bot.policy import Office
from bot.texts import Text
from channels.contract import File, Letter, Outbound
from channels.email import errors
from channels.email.tokens import Purpose, Token, message_id, tagged
from channels.mime.subjects import bare_subject
from handlers.mailroom.envelopes import envelope, subject_without_words
from handlers.media.sending import LINKED
from handlers.runtime import Runtime
from handlers.wording import office_name
from storage import letters
from storage.columns import AnyRow

_LONGEST_SUBJECT = 150
# What the bot says without having been written to: a deadline came, or an officer acted.
_UNASKED = frozenset(
    {
        Text.CLOSED_BY_OFFICER,
        Text.CLOSED_BY_SILENCE,
        Text.COMPLAINT_CLOSED,
        Text.IDLE_WARNING,
        Text.MARKED_CLEAR,
        Text.REMIND_RATING,
        Text.REOPENED,
    }
)


def outbound(runtime: Runtime, message: AnyRow) -> Outbound:
    """The row *message* of the outbox as a letter. The same row gives the same Message-ID each time.

    Raises ``SendError`` when a file of it is gone.
    """
    office = runtime.office(message.office)
    with runtime.database.read() as connection:
        about = letters.surroundings(connection, message)
        answered = letters.answered(connection, message)
        first = letters.first_sent(connection, message)
    text, html = envelope(
        runtime,
        office,
        about.language,
        message.body,
        reference=about.reference or "",
        marked=message.author == "bot",
    )
    replied_to, references = _threading(runtime, message, answered, first)
    letter = Letter(
        subject=_subject(office, about),
        from_name=_signed(office, about),
        html=html,
        message_id=own_id(runtime, message, message.id),
        mark=runtime.tokens.marks[0],
        reply_to=_tagged(runtime, message, Purpose.THREAD),
        bounces_to=_tagged(runtime, message, Purpose.BOUNCE),
        in_reply_to=replied_to,
        references=references,
        automatic=_automatic(message),
        files=tuple(_file(runtime, each) for each in message.media or () if each.get("role") != LINKED),
    )
    return Outbound(message.mid, message.sender, message.address, text, letter)


def own_id(runtime: Runtime, message: AnyRow, id_of: int) -> str:
    """The Message-ID of our message *id_of* in the thread of *message*."""
    word = runtime.tokens.sign(Token(Purpose.THREAD, message.conversation_id, id_of))
    return message_id(word, message.sender)


def _tagged(runtime: Runtime, message: AnyRow, purpose: Purpose) -> str | None:
    """Our address with a signed word, where the host delivers to such addresses."""
    found = runtime.settings.mailbox_of(message.sender)
    if found is None or not found[1].plus_addressing:
        return None
    return tagged(message.sender, runtime.tokens.sign(Token(purpose, message.conversation_id, message.id)))


def _threading(
    runtime: Runtime, message: AnyRow, answered: AnyRow | None, first: int | None
) -> tuple[str | None, tuple[str, ...]]:
    """What the letter answers, and the ids of its thread, oldest first.

    Our own first id stands among them, since some servers replace the id of each single mail.
    """
    raw = (answered.raw if answered else None) or {}
    known = [*raw.get("references", ()), *([raw["message_id"]] if raw.get("message_id") else ())]
    ours = [own_id(runtime, message, first)] if first is not None else []
    return raw.get("message_id"), tuple(
        dict.fromkeys([*(each for each in ours if each not in known), *known])
    )


def _subject(office: Office, about: AnyRow) -> str:
    words = bare_subject(about.subject, office.short_name)[:_LONGEST_SUBJECT].strip()
    said = f"Re: {words}" if words else subject_without_words(office, about.language)
    return f"{said} [{about.reference}]" if about.reference else said


def _signed(office: Office, about: AnyRow) -> str:
    language = about.language if about.language in office.languages else office.languages[0]
    name = office_name(office, language)
    return f"{about.officer} - {name}" if about.officer else name


def _automatic(message: AnyRow) -> Literal["", "auto-replied", "auto-generated"]:
    if message.author == "officer":
        return ""
    said = set((message.text_key or "").split("+"))
    return "auto-generated" if not message.text_key or said & _UNASKED else "auto-replied"


def _file(runtime: Runtime, kept: dict[str, str]) -> File:
    content = runtime.files.get(kept["file"])
    if content is None:
        raise errors.failure(errors.NO_LETTER, "a file of it is gone")
    return File(kept["name"], kept["content_type"], content)
