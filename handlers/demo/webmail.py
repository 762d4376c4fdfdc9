"""What a small webmail shows of one person's mailbox."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from functools import lru_cache
from typing import Any

from babel.dates import format_datetime

from channels.mime import reading
from channels.mime.mail import Attachment, Mail, Role
from channels.mime.newtext import new_text
from channels.simulator.mailserver import Letter
from handlers.demo.desk import OFFICES, DemoRuntime
from handlers.demo.people import Correspondent
from handlers.wording import local

INBOX, SENT = "INBOX", "Sent"
FOLDERS = {"masuk": INBOX, "terkirim": SENT}
_SHOWN = 60
_SNIPPET = 120
# The line that people are asked to write above.
_ABOVE = re.compile(r"\A[-#]{2}[^\n]*[-#]{2}\n")


@dataclass(frozen=True, slots=True)
class Told:
    """What a mail says: its envelope's words, its text, its HTML as written (empty when it has none)."""

    author: str
    address: str
    to: str
    answers_go_to: str
    subject: str
    message_id: str
    references: tuple[str, ...]
    text: str
    new: str
    html: str = field(repr=False)
    files: tuple[Attachment, ...] = ()
    automatic: bool = False


def shown(runtime: DemoRuntime, person: Correspondent) -> dict[str, Any]:
    """The mailbox as the page draws it: both folders, newest first."""
    return {
        "key": person.key,
        "away": person.address in runtime.mail.away,
        "closed": person.address in runtime.mail.closed,
        "folders": {name: list(_rows(runtime, person, name)) for name in FOLDERS},
    }


def _rows(runtime: DemoRuntime, person: Correspondent, name: str) -> Iterator[dict[str, Any]]:
    letters = runtime.mail.inbox(person.address, FOLDERS[name])
    for letter in reversed(letters[-_SHOWN:]):
        told = told_by(letter.raw)
        moment, now = _moment(runtime, letter.at), _moment(runtime, runtime.clock())
        yield {
            "uid": letter.uid,
            "who": told.author if name == "masuk" else told.to,
            "subject": told.subject,
            "snippet": " ".join(_ABOVE.sub("", told.new).split())[:_SNIPPET],
            "when": _shortly(moment, now),
            "unread": name == "masuk" and (person.address, letter.uid) not in runtime.opened,
            "files": len(told.files),
        }


def opened(runtime: DemoRuntime, person: Correspondent, name: str, uid: int) -> dict[str, Any] | None:
    """One mail as the page draws it, from now on read; None when there is none with this number."""
    letter = find(runtime, person, name, uid)
    if letter is None:
        return None
    runtime.opened.add((person.address, uid))
    told = told_by(letter.raw)
    return {
        "uid": uid,
        "folder": name,
        "author": told.author,
        "address": told.address,
        "to": told.to,
        "subject": told.subject,
        "when": format_datetime(_moment(runtime, letter.at), "EEEE, d MMMM y, HH.mm", locale="id"),
        "text": told.text,
        "html": bool(told.html),
        "automatic": told.automatic,
        "files": [{"name": each.name, "size": len(each.content)} for each in told.files],
        "reply": {"to": told.answers_go_to, "subject": reply_subject(told.subject)},
    }


def find(runtime: DemoRuntime, person: Correspondent, name: str, uid: int) -> Letter | None:
    """The mail with this number in a folder of *person*."""
    letters = runtime.mail.inbox(person.address, FOLDERS[name])
    return next((letter for letter in letters if letter.uid == uid), None)


@lru_cache(maxsize=512)
def told_by(raw: bytes) -> Told:
    """What a mail says. Never raises; one that can't be read has a subject at most."""
    read = reading.read(raw)
    head = read.envelope
    author = head.author
    replies = head.reply_to[0] if head.reply_to else author
    text = read.text if isinstance(read, Mail) else "(tidak dapat dibaca)"
    return Told(
        author=(author.name or author.address) if author else head.author_text,
        address=author.address if author else "",
        to=", ".join(each.address for each in head.to),
        answers_go_to=replies.address if replies else "",
        subject=head.subject or "(tanpa subjek)",
        message_id=head.message_id or "",
        references=head.references,
        text=text,
        new=new_text(text, head.subject).text,
        html=_html(raw) if isinstance(read, Mail) and read.html else "",
        files=_files(read) if isinstance(read, Mail) else (),
        automatic=head.marks.get("auto-submitted", "no") != "no",
    )


def _html(raw: bytes) -> str:
    """The HTML as it was written: the page shows it where no script runs."""
    part = Letter(0, datetime.min, raw).mail.get_body(("html",))  # noqa: DTZ901  # no moment is asked for
    return str(part.get_content()) if isinstance(part, EmailMessage) else ""


def _files(mail: Mail) -> tuple[Attachment, ...]:
    return tuple(each for each in mail.attachments if each.role is Role.ATTACHED)


def reply_subject(subject: str) -> str:
    """*subject* as a mail program answers it."""
    return subject if subject.lower().startswith("re:") else f"Re: {subject}"


def _shortly(moment: datetime, now: datetime) -> str:
    today = moment.date() == now.date()
    return f"{moment:%H.%M}" if today else format_datetime(moment, "d MMM", locale="id")


def _moment(runtime: DemoRuntime, at: datetime) -> datetime:
    return local(at, runtime.office(OFFICES[0]))
