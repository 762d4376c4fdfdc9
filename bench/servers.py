"""The servers that are measured, each a session of processes of its own on a free port."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

from bench import cpu, memory
from bench.posts import ACCOUNT, PUBLIC_URL, TOKEN

SAMPLE = Path(__file__).parent.parent / "config.yaml"
_LOCAL = build_opener(ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Target:
    """What is measured: *what* is ``floor``, ``raw``, ``accept``, ``web`` or ``serve``."""

    what: str
    database: str

    @property
    def name(self) -> str:
        """For one's eyes."""
        return f"{self.what} on {self.database}"


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: where it listens, and the leader of its processes."""

    target: Target
    port: int
    leader: int
    database_url: str

    def cpu(self) -> float:
        """CPU seconds so far of all its processes (not of a database server beside it)."""
        return cpu.of_session(self.leader)

    def memory(self) -> float:
        """Megabytes of all its processes: their own, and their share of what they have in common."""
        return memory.total(self.leader)


@contextmanager
def running(target: Target, database_url: str, folder: Path, api_url: str = "") -> Iterator[Server]:
    """Start *target* with its own folder, and end it afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(SAMPLE, folder / "config.yaml")
    shutil.copytree(SAMPLE.parent / "standards", folder / "standards", dirs_exist_ok=True)
    port = free_port()
    known = environment_of(folder / "config.yaml", database_url, api_url)
    with running_command(_command(target, port), known, folder / "log") as leader:
        wait_for(f"http://127.0.0.1:{port}/healthz", folder / "log")
        yield Server(target, port, leader, database_url)


@contextmanager
def running_command(module: list[str], known: Mapping[str, str], log: Path) -> Iterator[int]:
    """Run a module in a session of its own; gives its leader."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", *module], env=known, stdout=out, stderr=out, start_new_session=True
        )
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


def _command(target: Target, port: int) -> list[str]:
    if target.what in ("web", "serve"):
        return ["handlers.cli", target.what, "--port", str(port)]
    return ["bench.application", target.what, str(port)]


def environment_of(config: Path, database_url: str, api_url: str) -> dict[str, str]:
    """What a server's process is told: where everything is, and the secrets of a measurement."""
    return os.environ | {
        "LOKET_CONFIG": str(config),
        "LOKET_DATABASE_URL": database_url,
        "LOKET_PUBLIC_URL": PUBLIC_URL,
        "LOKET_WHATSAPP_API_URL": api_url or "http://127.0.0.1:9",
        "LOKET_SECRET_KEY": "b" * 40,
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
    }


def wait_for(url: str, log: Path, patience: float = 30) -> None:
    """Until it answers. Raises ``RuntimeError`` with the log when it does not."""
    for _ in range(round(patience * 10)):
        try:
            _LOCAL.open(url, timeout=2).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"{url} did not come up:\n{log.read_text('utf-8')}")


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
