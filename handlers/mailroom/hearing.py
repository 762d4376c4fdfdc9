"""What a mail comes to as a message: its new words, its files, and what is kept of its headers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from uuid import NAMESPACE_OID, uuid5

from bot.events import Content
from bot.policy import Office
from channels.mime.mail import Attachment, Mail, Role
from channels.mime.newtext import NewText, with_repeats
from channels.mime.subjects import bare_subject
from handlers.mailroom.reading import Read
from handlers.mailroom.turns import Heard
from handlers.runtime import Runtime
from storage.columns import AnyRow

LONGEST_WORDS = 100_000
STALE = timedelta(days=30)
_UNREADABLE = {"id": "[surat terenkripsi: isinya tidak dapat dibaca]", "en": "[encrypted mail: not readable]"}
_CUT = "[…]"


@dataclass(frozen=True, slots=True)
class Case:
    """A mail in its turn: the row, what was read in it, the office and address it came to, its files."""

    row: AnyRow
    read: Read
    office: Office
    sender: str
    media: tuple[Mapping[str, str], ...] = ()


def heard(case: Case, mail: Mail, address: str, *, first: bool = False) -> Heard:
    """The mail as the words of the citizen who writes from *address*.

    *first*: it answers nothing of ours, so that what it repeats may be what they ask.
    """
    seen, verdict = mail.envelope, case.read.verdict
    text = words_of(case, mail, first=first)
    return Heard(
        mid=form_id(case.row),
        account=case.row.mailbox,
        external_id=f"mail-{case.row.id}",
        office=case.office.code,
        sender=case.sender,
        address=address,
        text=text,
        subject=bare_subject(seen.subject, case.office.short_name),
        content=Content.TEXT if text else _content(case.media),
        media=case.media,
        raw={
            "message_id": seen.message_id,
            "references": list(seen.references),
            "subject": seen.subject,
            "from_name": case.read.writer.name if case.read.writer else "",
            "from": seen.author.address if seen.author else "",
            "to": [each.address for each in seen.to],
            "cc": [each.address for each in seen.cc],
        },
        mail_id=case.row.id,
        whole=mail.text[:LONGEST_WORDS],
        unreadable=mail.encrypted and not mail.text.strip(),
        answerable=verdict is not None and verdict.answerable and not _is_stale(case.row),
    )


def _is_stale(row: AnyRow) -> bool:
    """Whether the mail had lain there so long that an automatic answer would only astonish."""
    return row.received_at is not None and row.at - row.received_at > STALE


def words_of(case: Case, mail: Mail, *, first: bool = False) -> str:
    """What is new in the mail; what the mail holds besides is one click away in the original."""
    text = _text(mail.text, case.read.new, first=first).strip()
    if len(text) > LONGEST_WORDS:
        return f"{text[:LONGEST_WORDS]}\n{_CUT}"
    if not text and mail.encrypted:
        return _UNREADABLE.get(case.office.languages[0], _UNREADABLE["id"])
    return text


def _text(full: str, new: NewText | None, *, first: bool) -> str:
    if new is None:
        return full
    return with_repeats(full, new) if first else new.text


def _content(media: tuple[Mapping[str, str], ...]) -> Content:
    kinds = [each["content_type"] for each in media if each["role"] != Role.SIGNATURE.value]
    if not kinds:
        return Content.TEXT
    return Content.IMAGE if all(kind.startswith("image/") for kind in kinds) else Content.DOCUMENT


def form_id(row: AnyRow) -> str:
    """The id of the message that a mail becomes: always the same, so that it becomes one only once."""
    return str(uuid5(NAMESPACE_OID, f"loket mail {row.id}"))


def kept_files(runtime: Runtime, mail: Mail) -> tuple[Mapping[str, str], ...]:
    """The mail's files, kept under what is in them, before any transaction, as ``media`` of a message."""
    return tuple(map(partial(_kept_file, runtime), mail.attachments))


def _kept_file(runtime: Runtime, file: Attachment) -> Mapping[str, str]:
    return {
        "file": runtime.files.put(file.content),
        "name": file.name,
        "content_type": file.content_type,
        "size": str(len(file.content)),
        "role": file.role.value,
    }
