"""A rolling upgrade under load: ``python -m bench.upgrade --from COMMIT``, on PostgreSQL.

The program of COMMIT runs as two web processes and a worker while citizens write without a pause. Then
``loket migrate`` of this program, and one process after another is exchanged for a new one. What a proxy
would do the clients do: where one web process does not take a message, the other is asked, and both again.
Afterwards everything that was answered 200 must be in the database once, handled, and on a phone once.
"""

import argparse
import random
import socket
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from sqlalchemy import func, select

from bench.databases import running_postgres
from bench.posts import ACCOUNT, PUBLIC_URL, TOKEN, clients
from bench.servers import environment_of, free_port, wait_for
from channels.simulator import LocalTwilio, create_local_twilio, serving
from handlers import compose
from storage import schema
from storage.columns import table
from storage.db import Database
from storage.tables import Message, Ticket

HERE = Path(__file__).resolve().parent.parent
BEFORE = "f1f87dc^"
"""The parent of the migration that gave ``contact`` its columns for privacy."""
MESSAGE, TICKET = table(Message), table(Ticket)
_PATIENCE = 300


def main(arguments: Sequence[str]) -> None:
    """Play it and print what came of it; exit code 1 where anything is missing or double."""
    parser = argparse.ArgumentParser(prog="python -m bench.upgrade", description=__doc__)
    parser.add_argument("--from", dest="commit", default=BEFORE, help="the older program")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=10, help="between one exchange and the next")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="loket-bench-") as folder:
        faults = played(chosen.commit, Path(folder), chosen.clients, chosen.seconds)
    sys.exit(1 if faults else 0)


def played(commit: str, folder: Path, how_many: int, seconds: float) -> list[str]:
    """The whole upgrade; what went wrong in it."""
    old = program_of(commit, folder / "old")
    with ExitStack() as stack:
        url = stack.enter_context(running_postgres()).make("loket_upgrade")
        twilio = LocalTwilio(ACCOUNT, TOKEN, clock=compose.now, public_url=PUBLIC_URL)
        twilio.most_messages = 1_000_000  # it forgets nothing of this
        stack.callback(twilio.close)
        twilio.most_messages = 1_000_000  # it forgets nothing of this
        load = Load(how_many, twilio)
        api_url = stack.enter_context(serving(create_local_twilio(twilio)))
        desk = Desk(folder, url, api_url)
        stack.callback(desk.stop_all)
        print(f"old program: {desk.migrated(old)}")
        for name in ("web-1", "web-2", "worker"):
            desk.start(name, old)
        load.ports = [desk.ports["web-1"], desk.ports["web-2"]]
        twilio.desk_url = f"http://127.0.0.1:{load.ports[0]}"
        with load.running():
            _wait_for(lambda: _arrived(twilio))  # the worker is up, too
            time.sleep(seconds)
            load.during("migrate", lambda: print(f"new program: {desk.migrated(HERE)}"))
            time.sleep(seconds)
            for name in ("web-1", "web-2", "worker"):
                load.during(f"exchange of {name}", partial(desk.exchange, name, HERE))
                time.sleep(seconds)
        return audited(url, folder, load, twilio)


def program_of(commit: str, folder: Path) -> Path:
    """The program of *commit*, laid out in *folder*."""
    packed = subprocess.run(["git", "archive", commit], cwd=HERE, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    return folder


@dataclass
class Desk:
    """The processes of a desk, each of one program or the other."""

    folder: Path
    database_url: str
    api_url: str
    ports: dict[str, int] = field(default_factory=dict)
    _running: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def migrated(self, program: Path) -> str:
        """``loket migrate`` of *program*: what it says."""
        done = subprocess.run(
            [sys.executable, "-m", "handlers.cli", "migrate"],
            cwd=program, env=self._environment(program), check=True, capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout.strip()

    def start(self, name: str, program: Path) -> None:
        """Start *name* (``web-…`` or ``worker``), and wait until it answers."""
        command = [sys.executable, "-m", "handlers.cli", name.partition("-")[0]]
        log = self.folder / f"{name}.log"
        if name.startswith("web"):
            self.ports.setdefault(name, free_port())
            command += ["--port", str(self.ports[name])]
        with log.open("ab") as out:
            self._running[name] = subprocess.Popen(
                command, cwd=program, env=self._environment(program), stdout=out, stderr=out
            )
        if name in self.ports:
            wait_for(f"http://127.0.0.1:{self.ports[name]}/healthz", log, _PATIENCE)

    def exchange(self, name: str, program: Path) -> None:
        """End it as ``systemctl restart`` does, and start the other program in its place."""
        self._stop(name)
        self.start(name, program)

    def stop_all(self) -> None:
        """At the end, whatever has happened."""
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            process.wait(_PATIENCE)

    def _stop(self, name: str) -> None:
        process = self._running.pop(name)
        if process.poll() is not None:
            raise RuntimeError(f"{name} ended by itself:\n{(self.folder / f'{name}.log').read_text('utf-8')}")
        process.terminate()
        process.wait(_PATIENCE)

    def _environment(self, program: Path) -> Mapping[str, str]:
        return environment_of(program / "config.yaml", self.database_url, self.api_url) | {
            "PYTHONPATH": str(program)
        }


class Load:
    """Citizens who write without a pause, and how long each message took to be taken."""

    def __init__(self, how_many: int, twilio: LocalTwilio) -> None:
        self._twilio = twilio
        self.ports: list[int] = []
        self.accepted = 0
        self.refusals: Counter[str] = Counter()
        self.longest = 0.0
        self._how_many = how_many
        self._end = threading.Event()
        self._lock = threading.Lock()

    @contextmanager
    def running(self) -> Iterator[None]:
        """All of them at once until the end of the block; what was begun is sent to its end."""
        writers = [threading.Thread(target=self._write) for _ in range(self._how_many)]
        for one in writers:
            one.start()
        try:
            yield
        finally:
            self._end.set()
            for one in writers:
                one.join(_PATIENCE)

    def during(self, what: str, act: Callable[[], None]) -> None:
        """Do it, and print what the citizens noticed of it."""
        before, self.longest, refused = self.accepted, 0.0, sum(self.refusals.values())
        began = time.monotonic()
        act()
        took = time.monotonic() - began
        print(
            f"{what}: {took:.1f} s, {self.accepted - before} messages taken,"
            f" {sum(self.refusals.values()) - refused} asked elsewhere, longest wait {self.longest:.2f} s"
        )

    def _write(self) -> None:
        while not self._end.is_set():
            for request in clients(1, 1)[0]:
                self._tell_provider(request)
                self._until_taken(request.encode())

    def _tell_provider(self, request: str) -> None:
        """The provider knows of the message before it posts it: answers to it may leave."""
        form = dict(parse_qsl(request.partition("\r\n\r\n")[2]))
        citizen, number = (form[name].removeprefix("whatsapp:") for name in ("From", "To"))
        self._twilio.citizen_writes(citizen, number, form["Body"], sid=form["MessageSid"], unheard=True)

    def _until_taken(self, request: bytes) -> None:
        began = time.monotonic()
        while time.monotonic() - began < _PATIENCE:
            for port in random.sample(self.ports, len(self.ports)):
                status = _posted(port, request)
                with self._lock:
                    if status == "200":
                        self.accepted += 1
                        self.longest = max(self.longest, time.monotonic() - began)
                        return
                    self.refusals[status] += 1
            time.sleep(0.1)
        raise RuntimeError("a message was not taken for five minutes")


def _posted(port: int, request: bytes) -> str:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), _PATIENCE) as connection:
        connection.sendall(request.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        if answer:
            return answer.split(b" ", 2)[1].decode()
    return "no answer"


def audited(url: str, folder: Path, load: Load, twilio: LocalTwilio) -> list[str]:
    """The balance, printed; what in it does not close."""
    database = Database(url, folder / "audit")
    _wait_for(lambda: _is_quiet(database))
    twilio.wait_until_quiet(_PATIENCE)
    with database.read() as connection:
        intake = dict(connection.execute(_counted("in", MESSAGE.c.intake)).all())
        delivery = dict(connection.execute(_counted("out", MESSAGE.c.delivery)).all())
        series = connection.execute(_NUMBERS).all()
        sent = connection.execute(select(MESSAGE.c.external_id).where(MESSAGE.c.direction == "out")).scalars()
        ours = {each for each in sent if each}
    on_phones = _arrived(twilio)
    at = schema.current(database)
    database.close()
    print(f"accepted {load.accepted} = {intake}; out {delivery}; on phones {len(on_phones)}; revision {at}")
    print(f"asked elsewhere: {dict(load.refusals) or 'never'}")
    faults = [
        *([] if sum(intake.values()) == load.accepted else ["not everything answered 200 is kept once"]),
        *([] if set(intake) <= {"handled", "filed"} else ["something was left unhandled"]),
        *([] if set(delivery) <= {"sent", "delivered", "read"} else ["something did not arrive"]),
        *([] if set(on_phones) == ours and len(on_phones) == len(ours) else ["phones hold something else"]),
        *(f"{row.office}: a number is missing" for row in series if row.highest != row.many),
    ]
    print("\n".join(faults) or "nothing was lost, nothing was doubled")
    return faults


_NUMBERS = select(
    TICKET.c.office, func.max(TICKET.c.number).label("highest"), func.count().label("many")
).group_by(TICKET.c.office, TICKET.c.kind, TICKET.c.year)


def _counted(direction: str, by: Any) -> Any:
    return select(by, func.count()).where(MESSAGE.c.direction == direction).group_by(by)


def _is_quiet(database: Database) -> bool:
    waits = MESSAGE.c.delivery.in_(("queued", "sending", "unknown")) | (MESSAGE.c.intake == "pending")
    with database.read() as connection:
        return not connection.execute(select(func.count()).where(waits)).scalar_one()


def _arrived(twilio: LocalTwilio) -> list[str]:
    """What phones hold of ours, by the provider's ids."""
    return [each.sid for each in twilio.search(None, None) if not each.from_citizen]


def _wait_for(happened: Callable[[], object]) -> None:
    end = time.monotonic() + _PATIENCE
    while not happened() and time.monotonic() < end:
        time.sleep(0.2)


if __name__ == "__main__":
    main(sys.argv[1:])
