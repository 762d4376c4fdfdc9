"""A desk of many offices on ``loket web``, each with a ticket and an officer who is signed in."""

import http.client
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import yaml
from sqlalchemy import select

from bench import posts
from bench.databases import with_tables
from bench.servers import SAMPLE, environment_of, free_port, running_command, wait_for
from handlers import compose, passwords
from storage import officers
from storage.columns import table
from storage.db import Database
from storage.tables import Ticket

TICKET = table(Ticket)
PASSWORD = "sandi-yang-panjang"  # noqa: S105  # of people who exist only while this measures
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
# A place may ask for the sign-in page sixty times a minute.
_OFFICES_OF_ONE = 20
_LETTERS = str.maketrans("0123456789", "ABCDEFGHIJ")
_SAYINGS = posts.SHORT[1][:4]


@dataclass
class LiveDesk:
    """Where it listens, its processes' leader, and of each office the officer's cookie and a ticket."""

    port: int
    leader: int
    cookies: dict[str, str]
    senders: dict[str, str]
    tickets: dict[str, int] = field(default_factory=dict)
    posted: list[tuple[float, str]] = field(default_factory=list)

    def page(self, number: int) -> dict[str, str]:
        """Any page: its office, and the cookie of who looks at it."""
        office = list(self.cookies)[number % len(self.cookies)]
        return {"office": office, "cookie": self.cookies[office]}

    def write(
        self, line: http.client.HTTPConnection, number: int, text: str = "kalau bisa 2019 juga"
    ) -> None:
        """A citizen of one of the offices writes; remembered with the moment."""
        office = list(self.cookies)[number % len(self.cookies)]
        path, form, headers = posts.signed(text, self.senders[office], f"+62811{office}0000")
        line.request("POST", path, form, headers)
        answer = line.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"a message was answered {answer.status}")
        self.posted.append((time.monotonic(), office))


@contextmanager
def running(address: str, how_many: int) -> Iterator[LiveDesk]:
    """The desk on the database at *address* (empty: an SQLite file), ended afterwards."""
    with tempfile.TemporaryDirectory(prefix="loket-bench-") as name:
        folder, port = Path(name), free_port()
        url = with_tables(address or f"sqlite:///{folder}/loket.db", folder / "data")
        senders = _configured(folder, how_many)
        _enlist(url, folder, senders)
        known = environment_of(folder / "config.yaml", url, "") | {"PYTHONUNBUFFERED": "1"}
        command = ["handlers.cli", "web", "--port", str(port)]
        with running_command(command, known, folder / "log") as leader:
            wait_for(f"http://127.0.0.1:{port}/healthz", folder / "log", patience=180)
            cookies = {
                office: cookie
                for first in _first_ones(senders)
                for cookie in (_signed_in(port, first),)
                for office in _with(first, senders)
            }
            desk = LiveDesk(port, leader, cookies, senders)
            _asked(desk, url, folder)
            yield desk


def _configured(folder: Path, how_many: int) -> dict[str, str]:
    """The sample with one of its offices many times over, each with a number of its own."""
    shutil.copytree(SAMPLE.parent / "standards", folder / "standards")
    sample = yaml.safe_load(SAMPLE.read_text("utf-8"))
    pattern = sample["offices"]["7411"]
    senders = {str(7500 + number): f"+62821{number:08d}" for number in range(how_many)}
    sample["offices"] = {
        office: pattern
        | {"short_name": office.translate(_LETTERS), "senders": {"whatsapp": [sender], "email": []}}
        for office, sender in senders.items()
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(sample, allow_unicode=True), "utf-8")
    return senders


def _first_ones(offices: dict[str, str]) -> list[str]:
    """One office of every twenty, which share an officer: signing 500 in would take longer than measuring."""
    return list(offices)[::_OFFICES_OF_ONE]


def _with(first: str, offices: dict[str, str]) -> list[str]:
    known = list(offices)
    return known[known.index(first) :][:_OFFICES_OF_ONE]


def _enlist(url: str, folder: Path, offices: dict[str, str]) -> None:
    database, hashed = Database(url, folder / "data"), passwords.hashed(PASSWORD)
    with database.write() as connection:
        for first in _first_ones(offices):
            added = officers.add(
                connection, email=f"{first}@example.go.id", name=f"Petugas {first}",
                password_hash=hashed, now=compose.now(),
            )  # fmt: skip
            for office in _with(first, offices):
                officers.set_role(connection, added, office, "officer")
    database.close()


def _signed_in(port: int, office: str) -> str:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as line:
        line.request("GET", "/sign-in")
        door = line.getresponse()
        cookie, token = _cookie(door), _TOKEN.search(door.read().decode())
        form = {"email": f"{office}@example.go.id", "password": PASSWORD}
        headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        form["csrf_token"] = token[1] if token else ""
        line.request("POST", "/sign-in", urlencode(form), headers)
        answer = line.getresponse()
        if answer.status != 303:
            raise RuntimeError(f"signing in was answered {answer.status}")
        return _cookie(answer)


def _cookie(answer: http.client.HTTPResponse) -> str:
    """Of the session; others, like the one that knows the browser, don't matter here."""
    given = answer.headers.get_all("Set-Cookie") or []
    return next(cookie.partition(";")[0] for cookie in given if cookie.startswith("loket="))


def _asked(desk: LiveDesk, url: str, folder: Path) -> None:
    """A citizen of every office asks, so that each has its ticket."""
    with closing(http.client.HTTPConnection("127.0.0.1", desk.port, timeout=60)) as line:
        for text in _SAYINGS:
            for number in range(len(desk.cookies)):
                desk.write(line, number, text)
    database = Database(url, folder / "data")
    with database.read() as connection:
        rows = connection.execute(select(TICKET.c.office, TICKET.c.id)).all()
    database.close()
    desk.tickets.update({row.office: row.id for row in rows})
    desk.posted.clear()
    if desk.tickets.keys() != desk.cookies.keys():
        raise RuntimeError("not every office has a ticket")
