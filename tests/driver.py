"""The whole desk in a test: really signed webhooks in, the real SDK out to a local stand-in for Twilio."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml
from flask import Flask
from sqlalchemy import select
from twilio.request_validator import RequestValidator

from channels.mime.kinds import Ours
from channels.simulator import LocalTwilio, PhoneMessage, serving
from handlers import compose, jobs, officer, pushing
from handlers.content_templates import ANSWER_READY
from handlers.mailroom import handling
from handlers.mailroom.reading import Reader
from handlers.pushing import Done
from handlers.runtime import Runtime
from handlers.shipped_files import sample_config
from handlers.web.intake import create_intake
from storage import content_templates, mails, officers
from storage.columns import AnyRow, table
from storage.content_templates import APPROVED, Known
from storage.mail_tables import Mail
from storage.tables import Message, Ticket
from tests import filled
from tests.dovecot import PASSWORD
from tests.loaded import settings_of
from tests.post import Letter, PostOffice, post_office
from tests.providers import SID as TWILIO_SID
from tests.providers import TOKEN as TWILIO_TOKEN
from tests.providers import shelved, standing

SID, TOKEN = TWILIO_SID, TWILIO_TOKEN
PUBLIC_URL = "https://bot.example.org"
CITIZEN = "+6281234567890"
WRITER = "siti@contoh.id"
TICKET, MESSAGE, MAIL = table(Ticket), table(Message), table(Mail)
MORNING = datetime(2026, 7, 6, 1, 0, tzinfo=UTC)

CONFIG = """
defaults:
  modes: {{whatsapp: consult, email: consult}}
channels:
  whatsapp:
    accounts: {{main: {{sid: env:TWILIO_ACCOUNT_SID, token: env:TWILIO_AUTH_TOKEN}}}}
    templates: {templates}
  email:
    mailboxes:
{mailboxes}
public_url: {public_url}
data_dir: {data_dir}
database: {{url: "{database_url}"}}
offices:
  "7411":
    short_name: KTM
    name: {{id: BPS Kabupaten Kolaka Timur, en: BPS-Statistics Kolaka Timur Regency}}
    timezone: Asia/Makassar
    senders: {{whatsapp: ["+6282188887411"], email: [bps7411@bps.go.id]}}
    sla: {{starts: received, pause_while_waiting_citizen: false}}
    autoclose: {{mode: working_days, days: 3, by: system}}
  "6571":
    short_name: TRK
    name: {{id: BPS Kota Tarakan, en: BPS-Statistics Tarakan Municipality}}
    timezone: Asia/Makassar
    senders: {{whatsapp: ["+6285183106571"], email: [bps6571@bps.go.id]}}
    contact: {{rule: email_required}}
    registration: {{required_on: [whatsapp, email]}}
    complaints: {{web: "https://s.bps.go.id/AduanPST6571"}}
  "1905":
    short_name: BSL
    name: {{id: BPS Kabupaten Bangka Selatan, en: BPS-Statistics Bangka Selatan Regency}}
    timezone: Asia/Jakarta
    modes: {{whatsapp: complaint_only, email: complaint_only}}
    senders: {{whatsapp: ["+6281271067114"], email: [bps1905@bps.go.id]}}
  "6302":
    short_name: KTB
    name: {{id: BPS Kabupaten Kotabaru, en: BPS-Statistics Kotabaru Regency}}
    timezone: Asia/Makassar
    senders: {{whatsapp: ["+14155238886"], email: [bps6302@bps.go.id]}}
    autoclose: {{mode: calendar_days, days: 7, by: system}}
"""
MAILBOX = """
      bps{code}:
        address: bps{code}@bps.go.id
        imap: {{host: 127.0.0.1, port: {imap}, security: none, processed: Processed, start: all}}
        smtp: {{host: 127.0.0.1, port: {port}, security: none}}
        password: env:MAILBOX_PASSWORD
        plus_addressing: true
        probe_minutes: 0
"""
SENDERS = {
    "7411": "+6282188887411",
    "6571": "+6285183106571",
    "1905": "+6281271067114",
    "6302": "+14155238886",
}


INVENTED = {
    "6302": {"whatsapp": ["+6281100006302"]},
    "6402": {"email": ["konsultasi6402@contoh.go.id"]},
}
"""What no source tells of the shipped offices."""


class Clock:
    """A clock that stands still until it is told to move."""

    def __init__(self, at: datetime = MORNING) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **time: float) -> None:
        """Let *time* (days, hours, minutes, seconds) go by."""
        self.at += timedelta(**time)


def environment() -> dict[str, str]:
    """The secrets of the test's desk."""
    twilio = {"TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": TOKEN}
    return twilio | {"LOKET_SECRET_KEY": "k" * 40, "MAILBOX_PASSWORD": PASSWORD}


def write_config(folder: Path, database_url: str, public_url: str = PUBLIC_URL, *, imap: int = 9) -> Path:
    """The configuration file of the test's desk; *imap* is the port where its mailboxes are."""
    path = folder / "config.yaml"
    mailboxes = "".join(MAILBOX.format(code=code, port=post_office().port, imap=imap) for code in SENDERS)
    values = {"data_dir": folder / "data", "database_url": database_url, "templates": _shipped_templates()}
    path.write_text(CONFIG.format(public_url=public_url, mailboxes=mailboxes, **values), "utf-8")
    return path


@cache
def _shipped_templates() -> str:
    content = yaml.safe_load(sample_config().read_text("utf-8"))
    return json.dumps(content["channels"]["whatsapp"]["templates"])


Change = Callable[[dict[str, Any]], None]
"""What a test changes in the shipped configuration before it is read."""


def write_shipped(folder: Path, database_url: str, public_url: str = PUBLIC_URL, *changes: Change) -> Path:
    """The configuration that travels with Loket, with invented senders where none are known."""
    sample = sample_config()
    content = yaml.safe_load(sample.read_text("utf-8"))
    boxes = content["channels"]["email"]["mailboxes"] = {}
    for code, office in content["offices"].items():
        office["standard"] = str(sample.parent / office["standard"])
        office["senders"].update(INVENTED.get(code, {}))
        if office["senders"]["email"]:
            boxes.update(yaml.safe_load(MAILBOX.format(code=code, port=post_office().port, imap=9)))
            boxes[f"bps{code}"]["address"] = office["senders"]["email"][0]
    content |= {"public_url": public_url, "data_dir": str(folder / "data"), "database": {"url": database_url}}
    for change in changes:
        change(content)
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    return path


@cache
def reader(mine: Ours) -> Reader:
    """The reader of mails, one for all desks of a process that know themselves by the same words."""
    return Reader(mine)


@dataclass
class Desk:
    """A desk under test, its local provider and post office, its clock, and what people do with them."""

    runtime: Runtime
    twilio: LocalTwilio
    clock: Clock
    intake: Flask
    postbox: PostOffice
    officer_ids: dict[str, int] = field(default_factory=dict)
    uids: Iterator[int] = field(default_factory=lambda: count(1))

    def post(
        self, form: Mapping[str, str], path: str = "/webhooks/whatsapp", *, signature: str | None = None
    ) -> int:
        """A webhook request, signed unless *signature* is given; its HTTP status."""
        signed = RequestValidator(TOKEN).compute_signature(PUBLIC_URL + path, dict(form))
        answer = self.intake.test_client().post(
            path.removeprefix("/webhooks"),
            data=dict(form),
            headers={"X-Twilio-Signature": signed if signature is None else signature},
            environ_overrides={"RAW_URI": path},
        )
        return answer.status_code

    def writes(
        self, text: str, *, office: str = "7411", address: str = CITIZEN, sid: str | None = None, **more: str
    ) -> int:
        """A citizen's message arrives; its HTTP status."""
        return self.twilio.citizen_writes(
            address, self.sender(office, "whatsapp"), text, sid=sid, profile_name="Siti Contoh", more=more
        )

    def sender(self, office: str, channel: str) -> str:
        """The office's own number or mailbox."""
        own: tuple[str, ...] = getattr(self.runtime.office(office).senders, channel)
        return own[0]

    def mails(
        self,
        text: str,
        *,
        office: str = "7411",
        subject: str = "Permohonan data",
        address: str = WRITER,
        to: str = "",
        answers: Letter | None = None,
        encloses: str = "",
        **headers: str,
    ) -> AnyRow:
        """A citizen's mail arrives (in reply to *answers*, a mail of ours); its row after its turn.

        *encloses* is the name of a PDF that comes with it.
        """
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["Subject"] = f"Siti Contoh <{address}>", subject
        mail["To"] = to or (str(answers.mail["Reply-To"]) if answers else self.sender(office, "email"))
        mail["Message-ID"] = f"<{uuid4().hex}@contoh.id>"
        mail["Date"] = format_datetime(self.clock())
        if answers:
            mail["In-Reply-To"] = mail["References"] = str(answers.mail["Message-ID"])
        for name, value in headers.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text)
        if encloses:
            mail.add_attachment(b"%PDF-1.4 surat", maintype="application", subtype="pdf", filename=encloses)
        return self.mail_arrives(mail.as_bytes(), office)

    def mail_arrives(self, raw: bytes, office: str = "7411", *, whole: bool = True) -> AnyRow:
        """Bytes are kept as they would be after a fetch, and get their turn; the row afterwards."""
        name, uid, now = f"bps{office}", next(self.uids), self.clock()
        row = {"office": office, "uid": uid, "size": len(raw), "whole": whole, "raw": raw}
        row |= {"sha256": sha256(raw).hexdigest(), "received_at": now}
        with self.runtime.database.write() as connection:
            mails.keep(connection, name, [row], 1, uid, now)
        handling.handle_waiting(self.runtime, reader(handling.ours(self.runtime)), name)
        with self.runtime.database.read() as connection:
            return connection.execute(select(MAIL).where(MAIL.c.mailbox == name, MAIL.c.uid == uid)).one()

    def letters(self, address: str = WRITER) -> list[Letter]:
        """What has arrived in a citizen's mailbox, oldest first."""
        self.settle()
        return self.postbox.to(address)

    def approves(self, key: str = ANSWER_READY, approval: str = APPROVED) -> dict[str, str]:
        """WhatsApp has looked at a configured template: the ids that it has now, by language."""
        template, ids = self.runtime.settings.channels.whatsapp.templates[key], {}
        for language, wording in template.content.items():
            ids[language] = content_id = shelved(self.twilio, key, language, wording.body)
            for account in (*self.runtime.keys.whatsapp, *self.runtime.keys.cloud):
                known = Known(account, key, language, content_id, wording.mark, template.category, approval)
                with self.runtime.database.write() as connection:
                    content_templates.keep(connection, known, self.clock())
        return ids

    def pushes(self) -> list[Done]:
        """The operator makes the templates at the provider."""
        asked = pushing.wanted(self.runtime)
        return [
            done
            for account, contents in pushing.accounts(self.runtime)
            for done in pushing.push(self.runtime, account, contents, asked)
        ]

    def taps(self, choice: str, *, office: str = "7411", address: str = CITIZEN, below: str = "") -> int:
        """A citizen taps what bears this id, below the message *below* or the last that has it."""
        sender = self.sender(office, "whatsapp")
        return self.twilio.citizen_taps(
            address, sender, choice, below=below or None, profile_name="Siti Contoh"
        )

    def settle(self) -> None:
        """Let the worker do everything that is due."""
        jobs.run_all(self.runtime)
        assert self.twilio.wait_until_quiet(60)

    def heard(self, address: str = CITIZEN) -> list[str]:
        """What has arrived on a citizen's phone, oldest first."""
        self.settle()
        return [message.text for message in self.phone(address)]

    def phone(self, address: str = CITIZEN) -> list[PhoneMessage]:
        """The messages on a citizen's phone."""
        return self.twilio.phone(address)

    def officer(self, name: str = "rahma", office: str = "7411", role: str = "supervisor") -> int:
        """An officer of *office*, added on first use."""
        if name not in self.officer_ids:
            with self.runtime.database.write() as connection:
                added = officers.add(
                    connection,
                    email=f"{name}@bps.go.id",
                    name=name.title(),
                    password_hash="x",
                    now=self.clock(),
                )
                officers.set_role(connection, added, office, role)
            self.officer_ids[name] = added
        return self.officer_ids[name]

    def replies(
        self, text: str, ticket_id: int | None = None, *, asks_back: bool = False, by: str = "rahma"
    ) -> Any:
        """An officer answers on the newest (or the given) ticket."""
        about = ticket_id or self.tickets()[-1].id
        form = str(uuid4())
        return officer.reply(
            self.runtime, self.officer(by), about, text, form, asks_back=asks_back, seen=10**9
        )

    def closes(self, ticket_id: int | None = None) -> Any:
        """An officer closes the newest (or the given) ticket."""
        return officer.close(self.runtime, self.officer(), ticket_id or self.tickets()[-1].id)

    def tickets(self) -> list[AnyRow]:
        """All tickets, oldest first."""
        with self.runtime.database.read() as connection:
            return list(connection.execute(select(TICKET).order_by(TICKET.c.id)))

    def messages(self, direction: str = "in") -> list[AnyRow]:
        """All messages of one direction, oldest first."""
        statement = select(MESSAGE).where(MESSAGE.c.direction == direction).order_by(MESSAGE.c.id)
        with self.runtime.database.read() as connection:
            return list(connection.execute(statement))


def form_of(
    text: str, sender: str, address: str = CITIZEN, *, sid: str | None = None, **more: str
) -> dict[str, str]:
    """The form of an inbound WhatsApp message as Twilio posts it."""
    sid = sid or "SM" + uuid4().hex
    return {
        "MessageSid": sid, "SmsMessageSid": sid, "SmsSid": sid, "AccountSid": SID, "SmsStatus": "received",
        "From": f"whatsapp:{address}", "To": f"whatsapp:{sender}", "Body": text, "NumMedia": "0",
        "NumSegments": "1", "ProfileName": "Siti Contoh", "ApiVersion": "2010-04-01", **more,
    }  # fmt: skip


@contextmanager
def running_desk(
    database_url: str,
    folder: Path,
    public_url: str = PUBLIC_URL,
    *,
    written: Callable[..., Path] = write_config,
    environ: Mapping[str, str] | None = None,
    provider: str = "twilio",
) -> Iterator[Desk]:
    """A desk on *database_url* with everything real but the provider; *written*: its configuration."""
    clock = Clock()
    post = post_office()
    post.clear()
    settings_file = written(folder, database_url, public_url)
    with standing(provider, clock, public_url, settings_file) as stands:
        secrets = {**(environ or environment()), **stands.environ()}
        settings = settings_of(settings_file, database_url, secrets)
        runtime = compose.compose(settings, secrets, clock=clock)
        filled.fill(runtime)
        intake = create_intake(runtime)
        with serving(_mounted(intake)) as desk_url:
            stands.provider.desk_url = desk_url
            try:
                yield Desk(runtime, stands.provider, clock, intake, post)
            finally:
                stands.provider.close()
                runtime.database.close()


def _mounted(intake: Flask) -> Flask:
    from werkzeug.middleware.dispatcher import DispatcherMiddleware

    outer = Flask("outer")
    outer.wsgi_app = DispatcherMiddleware(outer.wsgi_app, {"/webhooks": intake.wsgi_app})  # type: ignore[method-assign]
    return outer
