"""The mail server of a demo: mailboxes for its offices, its citizens and its officers.

What people have got and sent is kept in the demo's folder, so that they find it again after a restart. The
offices' mail is not: the desk has fetched it.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from bot.policy import Office
from channels.simulator.mailserver import HOST, NAME, LocalMail
from handlers.demo.folder import MAIL_VARIABLE, DemoFolder
from handlers.demo.people import CORRESPONDENTS
from handlers.settings.shape import Email, Imap, Mailbox, Smtp

PEOPLE = frozenset(person.address for person in CORRESPONDENTS.values())
_REMEMBERED = 200


def local_mail(folder: DemoFolder, offices: Mapping[str, Office], clock: Callable[[], datetime]) -> LocalMail:
    """The demo's mail server, listening, with what its people have kept."""
    addresses = {address for office in offices.values() for address in office.senders.email}
    mail = LocalMail(PEOPLE | addresses, folder.keys().token, clock=clock).start()
    _remember(mail, folder.mail)
    mail.keeping = lambda *laid: _keep(folder.mail, *laid)
    return mail


def remembered(mail: LocalMail) -> set[tuple[str, int]]:
    """Every mail that people have now, by address and UID."""
    return {(address, letter.uid) for address in PEOPLE for letter in mail.inbox(address)}


def mail_settings(mail: LocalMail, offices: Mapping[str, Office]) -> Email:
    """A mailbox for each address of the *offices*, at *mail*."""
    addresses = [address for office in offices.values() for address in office.senders.email]
    return Email(mailboxes={address.partition("@")[0]: _mailbox(mail, address) for address in addresses})


def _mailbox(mail: LocalMail, address: str) -> Mailbox:
    return Mailbox(
        address=address,
        imap=Imap(host=HOST, port=mail.imap_port, security="none", processed="Loket", start="all"),
        smtp=Smtp(host=HOST, port=mail.smtp_port, security="none"),
        password=f"env:{MAIL_VARIABLE}",
        plus_addressing=True,
        trusted_receiver=NAME,
        # Its clock is sent ahead by days: every mail to itself would be overdue.
        probe_minutes=0,
    )


def _keep(place: Path, address: str, folder: str, raw: bytes, at: datetime) -> None:
    if address in PEOPLE:
        home = place / address / folder
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        number = sum(1 for _ in home.iterdir())
        (home / f"{number:06}-{at.timestamp():.0f}.eml").write_bytes(raw)


def _remember(mail: LocalMail, place: Path) -> None:
    for file in sorted(place.glob("*/*/*.eml"))[-_REMEMBERED * len(PEOPLE) :]:
        address, folder = file.parent.parent.name, file.parent.name
        if address in mail.addresses:
            moment = datetime.fromtimestamp(float(file.stem.partition("-")[2]), UTC)
            mail.put(file.read_bytes(), address, folder, moment)
