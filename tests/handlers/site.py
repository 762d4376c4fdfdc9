"""The whole web application in a test, with people of every kind to sign in, and citizens to write."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count
from pathlib import Path
from uuid import uuid4

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from bot.events import Content
from channels.contract import Inbound
from handlers import compose, passwords, receiving
from handlers.mailroom import handling
from handlers.runtime import Runtime
from handlers.web.app import create_app
from storage import mails, officers
from storage.columns import table
from storage.mail_tables import Mail
from storage.tables import Message, Ticket
from tests.driver import SENDERS, SID, Clock, environment, reader, write_config
from tests.loaded import settings_of
from tests.sessions import sign_in

PASSWORD = "sandi-yang-panjang"
HASH = passwords.hashed(PASSWORD)
REQUEST = "Mohon data luas panen padi 2021-2024 kabupaten Kolaka Timur untuk skripsi"
_numbers = count(1)
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Site:
    """The application, its clock, and the ids of its people by name."""

    runtime: Runtime
    clock: Clock
    app: Flask
    people: dict[str, int] = field(default_factory=dict)

    def signed_in(self, name: str) -> FlaskClient:
        """A browser in which *name* is signed in; empty for nobody."""
        client = self.app.test_client()
        return sign_in(client, self.runtime, self.people[name]) if name else client

    def writes(self, text: str, *, address: str = "+6281234567890", office: str = "7411") -> None:
        """A citizen's message arrives and is handled."""
        self.clock.forward(seconds=1)
        receiving.receive(
            self.runtime,
            Inbound(
                channel="whatsapp", account=SID, external_id=f"SM{next(_numbers):032d}",
                sender=SENDERS[office], address=address, aliases=(), profile_name="Siti Contoh",
                text=text, content=Content.TEXT,
            ),
        )  # fmt: skip

    def asks(self, text: str = REQUEST, *, address: str = "+6281234567890", office: str = "7411") -> int:
        """A citizen asks and confirms; the id of the ticket."""
        self.writes(text, address=address, office=office)
        self.writes("ya", address=address, office=office)
        return self.newest_ticket()

    def complains(self, *, address: str = "+6281299990000") -> int:
        """A citizen complains; the id of the complaint."""
        self.writes("pengaduan", address=address)
        self.writes("Surat kami seminggu tidak dijawab, mohon perhatian", address=address)
        self.writes("ya", address=address)
        return self.newest_ticket()

    def mail_arrives(self, raw: bytes, *, office: str = "7411", whole: bool = True) -> int:
        """A mail is fetched and gets its turn; its id."""
        now, name, uid = self.clock(), f"bps{office}", next(_numbers)
        row = {"office": office, "uid": uid, "size": len(raw), "whole": whole, "raw": raw}
        row |= {"sha256": sha256(raw).hexdigest(), "received_at": now}
        with self.runtime.database.write() as connection:
            mails.keep(connection, name, [row], 1, uid, now)
            kept = select(table(Mail).c.id).where(table(Mail).c.mailbox == name, table(Mail).c.uid == uid)
            mail = int(connection.execute(kept).scalar_one())
        handling.handle_waiting(self.runtime, reader(handling.ours(self.runtime)), name)
        return mail

    def newest_ticket(self) -> int:
        """The id of the ticket opened last."""
        with self.runtime.database.read() as connection:
            found = connection.execute(select(table(Ticket).c.id).order_by(table(Ticket).c.id.desc())).first()
        assert found is not None
        return int(found.id)

    def bodies(self, ticket: int, author: str = "officer") -> list[str]:
        """What was written on a ticket by officers (or by *author*), oldest first."""
        rows = table(Message)
        wanted = select(rows.c.body).where(rows.c.ticket_id == ticket, rows.c.author == author)
        with self.runtime.database.read() as connection:
            return [row.body for row in connection.execute(wanted.order_by(rows.c.id))]

    def last_said(self) -> str:
        """What the desk said last to anybody."""
        rows = table(Message)
        newest = select(rows.c.body).where(rows.c.direction == "out").order_by(rows.c.id.desc())
        with self.runtime.database.read() as connection:
            return str(connection.execute(newest).scalars().first() or "")

    def last_id(self, direction: str = "in") -> int:
        """The id of the newest message of that direction; 0 for none."""
        rows = table(Message)
        newest = select(rows.c.id).where(rows.c.direction == direction).order_by(rows.c.id.desc())
        with self.runtime.database.read() as connection:
            return int(connection.execute(newest).scalars().first() or 0)


def token_of(page: str) -> str:
    """The CSRF token in a page."""
    found = _TOKEN.search(page)
    assert found is not None
    return found[1]


def composed(text: str, seen: int, **more: str) -> dict[str, str]:
    """What the composer posts."""
    return {"text": text, "form_id": str(uuid4()), "seen": str(seen), **more}


@contextmanager
def running_site(
    database_url: str,
    folder: Path,
    *,
    forms_checked: bool = False,
    written: Callable[[Path, str], Path] = write_config,
) -> Iterator[Site]:
    """The site with its people; without *forms_checked* a test may post what it likes."""
    with standing_site(database_url, folder, forms_checked=forms_checked, written=written) as site:
        _enlist(site)
        yield site


@contextmanager
def standing_site(
    database_url: str,
    folder: Path,
    *,
    forms_checked: bool = False,
    written: Callable[[Path, str], Path] = write_config,
) -> Iterator[Site]:
    """The site on a database as it is."""
    clock = Clock()
    settings = settings_of(written(folder, database_url), database_url, environment())
    runtime = compose.compose(settings, environment(), clock=clock)
    app = create_app(runtime)
    app.config.update(WTF_CSRF_ENABLED=forms_checked, SESSION_COOKIE_SECURE=False)
    yield Site(runtime, clock, app)
    runtime.database.close()


_PEOPLE = {
    "officer": ("7411", "officer"),
    "supervisor": ("7411", "supervisor"),
    "stranger": ("6571", "supervisor"),
    "administrator": None,
    "former": None,
    "disabled": ("7411", "supervisor"),
}


def _enlist(site: Site) -> None:
    with site.runtime.database.write() as connection:
        for name, member in _PEOPLE.items():
            site.people[name] = officers.add(
                connection, email=f"{name}@bps.go.id", name=name.title(), password_hash=HASH,
                now=site.clock(), administrator=name == "administrator",
            )  # fmt: skip
            if member:
                officers.set_role(connection, site.people[name], *member)
        officers.set_role(connection, site.people["former"], "7411", "supervisor")
        officers.remove_role(connection, site.people["former"], "7411", site.clock())
