"""Officers with a mail program: what reaches them, and what they send back."""

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from storage import alarms, officers
from storage.columns import AnyRow, table
from storage.mail_tables import Notice
from storage.officers import MailWishes
from storage.tables import TicketEvent
from tests.driver import CITIZEN, Desk
from tests.post import Letter

NOTICE = table(Notice)
QUESTION = "Mohon data luas panen padi 2021-2024 kabupaten Kolaka Timur untuk skripsi"
EVERYTHING = MailWishes(mine=True, new=True, reminders=True)


def wishing(desk: Desk, name: str, wishes: MailWishes = EVERYTHING, role: str = "officer") -> int:
    """An officer of Kolaka Timur who gets mail."""
    officer_id = desk.officer(name, role=role)
    with desk.runtime.database.write() as connection:
        officers.set_mail_wishes(connection, officer_id, "7411", wishes)
    return officer_id


def asks(desk: Desk, text: str = QUESTION, *, address: str = CITIZEN) -> int:
    """A citizen asks by WhatsApp and confirms; the ticket."""
    desk.writes(text, address=address)
    desk.writes("ya", address=address)
    return int(desk.tickets()[-1].id)


def complains(desk: Desk, *, address: str = CITIZEN) -> int:
    """A citizen complains; the complaint."""
    for text in ("pengaduan", "Surat kami seminggu tidak dijawab, mohon perhatian", "ya"):
        desk.writes(text, address=address)
    return int(desk.tickets()[-1].id)


def mail_to(desk: Desk, name: str) -> list[Letter]:
    """What an officer's mailbox holds, oldest first, once everything that is due has left."""
    desk.clock.forward(minutes=3)
    desk.settle()
    return desk.postbox.to(f"{name}@bps.go.id")


def subjects(letters: list[Letter]) -> list[str]:
    """What the letters are called."""
    return [str(letter.mail["Subject"]) for letter in letters]


def reply_to(letter: Letter) -> str:
    """Where an answer to this mail goes."""
    return str(letter.mail["Reply-To"].addresses[0].addr_spec)


def answers(
    desk: Desk,
    letter: Letter,
    text: str,
    *,
    by: str = "rahma",
    quote: bool = True,
    office: str = "7411",
    files: tuple[tuple[str, bytes, str], ...] = (),
    **headers: Any,
) -> AnyRow:
    """An officer answers a mail of ours as their program does; its row after its turn."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = headers.pop("From", f"{by.title()} <{by}@bps.go.id>")
    mail["To"] = headers.pop("To", None) or str(letter.mail["Reply-To"] or letter.mail["From"])
    mail["Subject"] = headers.pop("Subject", f"Re: {letter.mail['Subject']}")
    mail["Message-ID"] = f"<{uuid4().hex}@bps.go.id>"
    mail["Date"] = format_datetime(desk.clock())
    mail["In-Reply-To"] = headers.pop("In_Reply_To", str(letter.mail["Message-ID"]))
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    quoted = "\n".join(f"> {line}" for line in letter.text.split("\n"))
    said = f"Pada Sen, 6 Jul 2026 pukul 09.10 Loket <bps7411@bps.go.id> menulis:\n\n{quoted}\n"
    mail.set_content(f"{text}\n\n{said}" if quote else f"{text}\n")
    for name, content, kind in files:
        main, _, sub = kind.partition("/")
        mail.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return desk.mail_arrives(mail.as_bytes(), office)


def notices_of(desk: Desk, **wanted: Any) -> list[AnyRow]:
    """The mails that were queued, oldest first."""
    statement = select(NOTICE).filter_by(**wanted).order_by(NOTICE.c.id)
    with desk.runtime.database.read() as connection:
        return list(connection.execute(statement))


def alarmed(desk: Desk) -> list[str]:
    """What somebody must look at."""
    with desk.runtime.database.read() as connection:
        return [row.what for row in alarms.open_alarms(connection, "7411")]


def noticed(desk: Desk, name: str = "rahma", role: str = "officer") -> Letter:
    """A new ticket of a WhatsApp citizen, as it lies in an officer's mailbox."""
    wishing(desk, name, role=role)
    asks(desk)
    return mail_to(desk, name)[-1]


def last(desk: Desk, name: str = "rahma") -> Letter:
    """The newest mail of an officer."""
    return mail_to(desk, name)[-1]


def said(desk: Desk) -> list[str]:
    """What officers have said to citizens."""
    return [row.body for row in desk.messages("out") if row.author == "officer"]


def events(desk: Desk, what: str) -> list[AnyRow]:
    """The rows of the tickets' logs that say so."""
    rows = table(TicketEvent)
    with desk.runtime.database.read() as connection:
        return list(connection.execute(select(rows).where(rows.c.what == what).order_by(rows.c.id)))
