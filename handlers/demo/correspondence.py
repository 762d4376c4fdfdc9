"""How people of the demo write mail: as Gmail does, and over SMTP like everybody."""

import html
import re
import smtplib
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from uuid import uuid4

from babel.dates import format_datetime as in_words

from channels.contract import File
from channels.email.writing import clean
from channels.simulator.mailserver import HOST, Letter
from handlers.demo.desk import OFFICES, DemoRuntime
from handlers.demo.people import Correspondent
from handlers.demo.webmail import SENT, Told, told_by
from handlers.wording import local

_SECONDS = 60
_QUOTE = "margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex"
_REFERENCES_KEPT = 10
_BODY = re.compile(r"<body[^>]*>(.*)</body>", re.DOTALL | re.IGNORECASE)


class NotSent(Exception):
    """The mail server would not take it. ``unknown``: there is no such recipient."""

    def __init__(self, *, unknown: bool) -> None:
        super().__init__("not sent")
        self.unknown = unknown


@dataclass(frozen=True, slots=True)
class Draft:
    """A mail as it was typed. ``answers`` is the mail that it replies to."""

    to: str
    subject: str
    text: str
    answers: Letter | None = None
    files: tuple[File, ...] = ()


def send(runtime: DemoRuntime, person: Correspondent, draft: Draft) -> None:
    """Send *draft* and keep a copy. Raises ``NotSent``."""
    now = runtime.clock()
    raw = _written(runtime, person, draft, now)
    try:
        with smtplib.SMTP(HOST, runtime.mail.smtp_port, "localhost", timeout=_SECONDS) as server:
            server.login(person.address, runtime.mail_password)
            server.sendmail(person.address, [clean(draft.to)], raw)
    except smtplib.SMTPRecipientsRefused:
        raise NotSent(unknown=True) from None
    except (OSError, smtplib.SMTPException, UnicodeError):
        raise NotSent(unknown=False) from None
    runtime.mail.put(raw, person.address, SENT, now)


def _written(runtime: DemoRuntime, person: Correspondent, draft: Draft, now: datetime) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(person.name, addr_spec=person.address)
    mail["To"], mail["Subject"] = clean(draft.to), clean(draft.subject)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{uuid4().hex}@mail.{person.address.rpartition('@')[2]}>"
    answered = told_by(draft.answers.raw) if draft.answers else None
    if answered and answered.message_id:
        ids = [*answered.references, answered.message_id][-_REFERENCES_KEPT:]
        mail["In-Reply-To"], mail["References"] = answered.message_id, " ".join(ids)
    announced = _announced(runtime, draft.answers, answered) if draft.answers and answered else ""
    mail.set_content(_text(draft.text, announced, answered))
    mail.add_alternative(_html(draft.text, announced, answered), subtype="html")
    for file in draft.files:
        maintype, _, subtype = file.content_type.partition("/")
        mail.add_attachment(file.content, maintype=maintype, subtype=subtype, filename=clean(file.name))
    return mail.as_bytes()


def _announced(runtime: DemoRuntime, letter: Letter, told: Told) -> str:
    moment = local(letter.at, runtime.office(OFFICES[0]))
    when = in_words(moment, "EEE, d MMM y 'pukul' HH.mm", locale="id")
    return f"Pada {when} {told.author} <{told.address}> menulis:"


def _text(text: str, announced: str, answered: Told | None) -> str:
    if answered is None:
        return text
    quoted = "\n".join(f"> {line}" if line else ">" for line in answered.text.splitlines())
    return f"{text}\n\n{announced}\n\n{quoted}\n"


def _html(text: str, announced: str, answered: Told | None) -> str:
    own = f'<div dir="ltr">{_lines(text)}</div>'
    if answered is None:
        return own
    original = _body(answered.html) or _lines(answered.text)
    return (
        f'{own}<br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">'
        f'{_lines(announced)}<br></div><blockquote class="gmail_quote" style="{_QUOTE}">{original}'
        "</blockquote></div>"
    )


def _body(page: str) -> str:
    """What stands between the tags of a page's body; all of a page without."""
    found = _BODY.search(page)
    return found.group(1) if found else page


def _lines(text: str) -> str:
    return "<br>".join(map(html.escape, text.splitlines()))
