"""``loket chat``: talk to the desk in the terminal. The webhook is really signed, the answers really sent."""

import logging
import sys
import tempfile
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import click
from sqlalchemy import select

from bot.conversation import Refusal, State
from bot.details import place_of
from bot.understanding import read
from channels.simulator import create_local_twilio, serving
from handlers import jobs, officer
from handlers.demo import desk, past
from handlers.demo.desk import DemoRuntime
from handlers.demo.folder import DemoFolder
from handlers.demo.people import RAHMA, SINTA
from handlers.officer import Stale
from handlers.wording import office_name
from storage import officers
from storage.columns import table
from storage.tables import Conversation, Message, Ticket

# Never called: what is meant for it goes to the webhook that serves beside the terminal.
PUBLIC_URL = "https://loket.example"
_SECONDS_TO_REPORT = 30
_EVERYTHING = 2**31
_TICKET, _MESSAGE, _CONVERSATION = table(Ticket), table(Message), table(Conversation)
_LAST_STATE = select(_CONVERSATION.c.state).order_by(_CONVERSATION.c.id.desc()).limit(1)
_LAST_OUTCOME = (
    select(_MESSAGE.c.outcome).where(_MESSAGE.c.direction == "in").order_by(_MESSAGE.c.id.desc()).limit(1)
)
_COMMANDS = "/officer <jawaban> · /clear (jelas & lengkap) · /close (tutup) · /day (maju 1 hari) · /quit"


def run(office: str | None, *, why: bool = False) -> None:
    """Read lines from standard input until it ends, and print what arrives on the citizen's phone.

    *why*: after each line, which rule understood it, and where it took the conversation.
    """
    code = _chosen(office)
    logging.basicConfig(level=logging.ERROR, format="%(levelname)s %(name)s: %(message)s")
    with tempfile.TemporaryDirectory(prefix="loket-chat-") as folder_name:
        folder = DemoFolder(Path(folder_name))
        twilio = desk.local_twilio(folder.keys(), PUBLIC_URL)
        with serving(create_local_twilio(twilio)) as api_url:
            runtime = desk.open_desk(folder, PUBLIC_URL, twilio, api_url)
            try:
                past.hire(runtime)
                with past.answering(runtime):
                    _talk(Terminal(runtime, code, why=why))
            finally:
                twilio.close()
                runtime.mail.stop()
                runtime.database.close()


def _chosen(office: str | None) -> str:
    code = office or desk.OFFICES[0]
    if code not in desk.OFFICES:
        raise click.ClickException(f"there is no office {code} here; choose one of {', '.join(desk.OFFICES)}")
    return code


class Terminal:
    """One citizen's phone and one officer, in the terminal."""

    def __init__(self, runtime: DemoRuntime, office: str, *, why: bool) -> None:
        self.name = office_name(runtime.office(office), "id")
        self._runtime, self._office = runtime, office
        self._sender = desk.sender_of(runtime, office)
        self._shown, self._why = 0, why
        with runtime.database.read() as connection:
            account = officers.find_by_email(connection, RAHMA.email)
        self._officer = account.id if account else 0
        self.commands: Mapping[str, Callable[[str], str | None]] = {
            "/officer": self._reply,
            "/close": self._close,
            "/clear": self._mark_clear,
            "/day": self._next_day,
            "/help": lambda _: _COMMANDS,
        }

    def writes(self, text: str) -> None:
        """The citizen sends *text*."""
        twilio, before = self._runtime.twilio, self._state()
        twilio.citizen_writes(SINTA.address, self._sender, text, profile_name=SINTA.name)
        self.show()
        if self._why:
            click.echo(f"[{self._explained(text, before)}]\n")

    def _explained(self, text: str, before: str) -> str:
        """The rule that understood *text* by itself, and what the desk made of it then."""
        office = self._runtime.office(self._office)
        place = place_of(office.name[office.languages[0]])
        reading = read(text, place, office.neighbours)
        words = f' ("{reading.found}")' if reading.found else ""
        with self._runtime.database.read() as connection:
            outcome = connection.execute(_LAST_OUTCOME).scalar()
        return (
            f"Mengapa: aturan {reading.rule}{words} → {reading.intent}; "
            f"keadaan {before} → {self._state()}, pesan berakhir sebagai {outcome or 'pending'}."
        )

    def _state(self) -> str:
        with self._runtime.database.read() as connection:
            return connection.execute(_LAST_STATE).scalar() or State.NEW

    def show(self) -> None:
        """Let everything due happen, and print what is new on the phone."""
        jobs.run_all(self._runtime)
        self._runtime.twilio.wait_until_quiet(_SECONDS_TO_REPORT)
        arrived = self._runtime.twilio.phone(SINTA.address)
        for message in arrived[self._shown :]:
            click.echo("\n".join(f"  {line}" for line in message.text.splitlines()) + "\n")
        self._shown = len(arrived)
        if self._held():
            click.echo("[Jawaban petugas tertahan: jendela 24 jam tertutup sampai warga menulis lagi.]\n")

    def _held(self) -> bool:
        waiting = select(_MESSAGE.c.id).where(_MESSAGE.c.delivery == "held").limit(1)
        with self._runtime.database.read() as connection:
            return connection.execute(waiting).first() is not None

    def _reply(self, text: str) -> str | None:
        if not text:
            return "Tulis jawabannya sesudah /officer."
        return self._on_ticket(
            lambda ticket: officer.reply(
                self._runtime, self._officer, ticket, text, str(uuid4()), asks_back=False, seen=_EVERYTHING
            )
        )

    def _close(self, _: str) -> str | None:
        return self._on_ticket(lambda ticket: officer.close(self._runtime, self._officer, ticket))

    def _mark_clear(self, _: str) -> str | None:
        return self._on_ticket(lambda ticket: officer.mark_clear(self._runtime, self._officer, ticket))

    def _next_day(self, _: str) -> str | None:
        self._runtime.time.forward(timedelta(days=1))
        return f"Sekarang {self._runtime.clock():%d-%m-%Y %H.%M} UTC."

    def _on_ticket(self, act: Callable[[int], Refusal | Stale | None]) -> str | None:
        newest = select(_TICKET.c.id).order_by(_TICKET.c.status.desc(), _TICKET.c.id.desc()).limit(1)
        with self._runtime.database.read() as connection:
            ticket = connection.execute(newest).scalar()
        if ticket is None:
            return "Belum ada tiket."
        refused = act(ticket)
        return f"Tidak dapat: {refused}" if refused else None


def _talk(terminal: Terminal) -> None:
    click.echo(f"Anda warga yang menulis kepada {terminal.name}. {_COMMANDS}\n")
    while (line := _line()) is not None:
        word, _, rest = line.partition(" ")
        if word == "/quit":
            return
        if word not in terminal.commands:
            terminal.writes(line)
            continue
        told = terminal.commands[word](rest.strip())
        if told:
            click.echo(f"[{told}]\n")
        terminal.show()


def _line() -> str | None:
    """The next line that holds anything; None at the end."""
    while True:
        if sys.stdin.isatty():
            click.echo("> ", nl=False)
        line = sys.stdin.readline()
        if not line:
            return None
        if line.strip():
            return line.strip()
