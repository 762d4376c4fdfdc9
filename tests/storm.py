"""A storm of webhooks against a real server process, and the serial replay it must equal."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import Connection, select
from twilio.request_validator import RequestValidator

from storage.columns import table
from storage.tables import Conversation, Message, Ticket
from tests.driver import PUBLIC_URL, SENDERS, TOKEN, environment, form_of, write_config

MESSAGE, CONVERSATION, TICKET = table(Message), table(Conversation), table(Ticket)
PATH = "/webhooks/whatsapp"
SAYINGS = (
    "p",
    "1",
    "data penduduk 2023 kab brp pak, untuk skripsi",
    "Budi Santoso",
    "mahasiswa",
    "ya",
    "budi@contoh.id",
    "petugas",
    "terima kasih",
    "pdrb 2020-2024",
    "2",
    "STOP",
    "MULAI",
    "pengaduan",
    "kenapa lama sekali ya",
)


@dataclass
class Server:
    """``loket serve`` as its own process group, so that a kill is as sudden as a power cut."""

    config: Path
    port: int
    database_url: str
    api_url: str
    command: str = "serve"
    more: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    environment: dict[str, str] = field(default_factory=dict)
    program: tuple[str, ...] = (sys.executable, "-m", "handlers.cli")

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        names = {"LOKET_DATABASE_URL": self.database_url, "LOKET_WHATSAPP_API_URL": self.api_url}
        known = os.environ | environment() | names | {"LOKET_CONFIG": str(self.config)} | self.environment
        arguments = [*self.program, self.command, "--port", str(self.port), *self.more]
        log = self.config.with_name("server.log").open("ab")
        self.process = subprocess.Popen(arguments, env=known, stdout=log, stderr=log, start_new_session=True)
        log.close()
        self._wait()

    def _wait(self) -> None:
        for _ in range(900):
            try:
                if requests.get(self.url + "/healthz", timeout=10).status_code == 200:
                    return
            except requests.RequestException:
                time.sleep(0.1)
            assert self.process is not None
            assert self.process.poll() is None, self.config.with_name("server.log").read_text("utf-8")
        raise AssertionError("the server did not come up")

    def kill(self) -> None:
        """As a power cut: no process of the group gets a last word."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """Ask it to end; its exit code."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(90)


def server(folder: Path, port: int, database_url: str, api_url: str, **more: Any) -> Server:
    """A server of the test's configuration, not yet started."""
    return Server(write_config(folder, database_url), port, database_url, api_url, **more)


def messages(citizens: int = 10, each: int = 10, seed: int = 7) -> list[dict[str, str]]:
    """*citizens* x *each* different messages, as Twilio's forms."""
    chosen = random.Random(seed)  # noqa: S311  # the same storm every time
    offices = ("7411", "6571")
    return [
        form_of(chosen.choice(SAYINGS), SENDERS[offices[person % 2]], f"+62812000{person:05d}")
        for person in range(citizens)
        for _ in range(each)
    ]


def signed(form: Mapping[str, str]) -> dict[str, str]:
    """The headers that make *form* genuine."""
    return {"X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(PUBLIC_URL + PATH, dict(form))}


def blow(
    url: str,
    forms: Sequence[dict[str, str]],
    copies: int = 10,
    clients: int = 16,
    accepted: set[str] | None = None,
) -> list[tuple[str, int]]:
    """Post every form *copies* times, shuffled, from many at once; (MessageSid, status), 0 for no answer.

    What was answered 200 is in *accepted* at once.
    """
    posts = [form for form in forms for _ in range(copies)]
    random.Random(11).shuffle(posts)  # noqa: S311  # the same storm every time
    heads = {form["MessageSid"]: signed(form) for form in forms}
    own = threading.local()

    def post(form: dict[str, str]) -> tuple[str, int]:
        session: requests.Session = own.__dict__.setdefault("session", requests.Session())
        try:
            answer = session.post(url + PATH, data=form, headers=heads[form["MessageSid"]], timeout=90)
        except requests.RequestException:
            time.sleep(0.05)
            return form["MessageSid"], 0
        if accepted is not None and answer.status_code == 200:
            accepted.add(form["MessageSid"])
        return form["MessageSid"], answer.status_code

    with ThreadPoolExecutor(clients) as pool:
        return list(pool.map(post, posts))


def blow_again(url: str, forms: Sequence[dict[str, str]], answers: list[tuple[str, int]]) -> None:
    """Post what a disk that stood still has let fail, as Twilio does: every post is answered 200 in the end.

    That is a tenth of them at most, and nothing but a polite no.
    """
    assert {status for _, status in answers} <= {0, 200, 503}
    failed = {sid for sid, status in answers if status != requests.codes.ok}
    assert sum(status != requests.codes.ok for _, status in answers) <= len(answers) / 10
    for _ in range(10):
        late = [form for form in forms if form["MessageSid"] in failed]
        failed = {sid for sid, status in blow(url, late, copies=1) if status != requests.codes.ok}
    assert not failed


def stored(connection: Connection) -> list[Any]:
    """The citizens' messages in stored order."""
    return list(connection.execute(select(MESSAGE).where(MESSAGE.c.direction == "in").order_by(MESSAGE.c.id)))


def end_of(connection: Connection) -> dict[str, Any]:
    """What it all came to, without numbers and moments that depend on the order between people."""
    people = connection.execute(
        select(CONVERSATION.c.id, CONVERSATION.c.reply_to, CONVERSATION.c.state, CONVERSATION.c.memory)
    )
    return {row.reply_to: _end_of_one(connection, row) for row in people}


def _end_of_one(connection: Connection, row: Any) -> dict[str, Any]:
    mine = select(MESSAGE).where(MESSAGE.c.conversation_id == row.id).order_by(MESSAGE.c.id)
    said = [(one.direction, one.external_id if one.direction == "in" else one.text_key, one.outcome)
            for one in connection.execute(mine)]  # fmt: skip
    opened = connection.execute(
        select(TICKET.c.kind, TICKET.c.status, TICKET.c.request)
        .where(TICKET.c.conversation_id == row.id)
        .order_by(TICKET.c.id)
    )
    moments = {"closed_at", "opt_out_told_at", "spoken_since", "last_closed", "complaint_offered_for"}
    memory = {key: value for key, value in row.memory.items() if key not in moments}
    tickets = [(one.kind, one.status, json.dumps(one.request, sort_keys=True)) for one in opened]
    incoming = [one for one in said if one[0] == "in"]
    outgoing = [one[1] for one in said if one[0] == "out"]
    return {"state": row.state, "memory": memory, "tickets": tickets, "in": incoming, "out": outgoing}
