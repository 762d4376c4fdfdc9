"""How soon a command answers and how much memory it keeps: ``python -m bench.startup [--rounds N]``.

``loket --help``; ``loket web`` and ``loket serve`` until ``/healthz`` is answered; ``loket worker`` until it
has taken the message that waited. Wanted: less than two seconds each. It is not the first start: the tables
are there, the calendars filled, and Python's byte code is kept as an installer leaves it. Of all rounds the
least counts, for what else the machine does only adds.
"""

import os
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import ProxyHandler, Request, build_opener

from sqlalchemy import func, select

from bench import cpu, memory, posts
from bench.databases import with_tables
from bench.servers import Target, environment_of, running, running_command
from storage.columns import table
from storage.db import Database
from storage.tables import Message

MESSAGE = table(Message)
_LOCAL = build_opener(ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds until it answered, CPU seconds meanwhile, and MiB (RSS and PSS of all its processes)."""

    seconds: float
    cpu: float
    rss: float = 0.0
    pss: float = 0.0


def helped() -> Start:
    """``loket --help``."""
    began, before = time.perf_counter(), os.times()
    subprocess.run([sys.executable, "-m", "handlers.cli", "--help"], check=True, capture_output=True)
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return Start(time.perf_counter() - began, used)


def served(what: str, folder: Path, url: str) -> Start:
    """``loket web`` or ``serve``; a citizen writes before it ends, so that a worker has something to do."""
    began = time.perf_counter()
    with running(Target(what, "SQLite"), url, folder) as server:
        start = _now(server.leader, began)
        path, form, headers = posts.signed("halo", posts.SHORT[0], "+628110000001")
        address = f"http://127.0.0.1:{server.port}{path}"
        _LOCAL.open(Request(address, form.encode(), headers), timeout=60).close()  # loopback
        return start


def worked(folder: Path, url: str) -> Start:
    """``loket worker``, until it has taken what waits."""
    began = time.perf_counter()
    known = environment_of(folder / "config.yaml", url, "")
    with (
        _opened(url, folder) as database,
        running_command(["handlers.cli", "worker"], known, folder / "log") as leader,
    ):
        taken = select(func.count()).where(MESSAGE.c.direction == "out", MESSAGE.c.tries > 0)
        while True:
            with database.read() as connection:
                if connection.execute(taken).scalar_one():
                    return _now(leader, began)
            time.sleep(0.02)


def _now(leader: int, began: float) -> Start:
    seconds, used = time.perf_counter() - began, cpu.of_session(leader)
    sizes = memory.of_session(leader).values()
    return Start(seconds, used, sum(rss for rss, _ in sizes), sum(pss for _, pss in sizes))


@contextmanager
def _opened(url: str, folder: Path) -> Iterator[Database]:
    database = Database(url, folder / "data")
    yield database
    database.close()


@contextmanager
def _byte_code() -> Iterator[None]:
    """In a folder of its own, whatever the environment says of it."""
    with tempfile.TemporaryDirectory(prefix="loket-bench-") as folder:
        os.environ["PYTHONPYCACHEPREFIX"] = folder
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        measured(1)
        yield


def measured(rounds: int) -> dict[str, list[Start]]:
    """Every command, so often, each time on a database of its own."""
    found: dict[str, list[Start]] = {name: [] for name in ("--help", "web", "worker", "serve")}
    for _ in range(rounds):
        found["--help"].append(helped())
        with tempfile.TemporaryDirectory(prefix="loket-bench-") as name:
            folder = Path(name)
            url = with_tables(f"sqlite:///{folder}/loket.db", folder / "data")
            served("web", folder, url)
            found["worker"].append(worked(folder, url))
            for what in ("web", "serve"):
                found[what].append(served(what, folder, url))
    return found


def markdown(found: dict[str, list[Start]]) -> str:
    """A table of the least of each."""
    rows = [
        f"| `loket {name}` | " + " | ".join(
            f"{min(getattr(start, kind) for start in starts):.{digits}f}"
            for kind, digits in (("seconds", 2), ("cpu", 2), ("rss", 0), ("pss", 0))
        ) + " |"
        for name, starts in found.items()
    ]  # fmt: skip
    head = "| command | answers after, s | CPU s | RSS MiB | PSS MiB |\n| --- | --: | --: | --: | --: |"
    return "\n".join([head, *rows])


if __name__ == "__main__":
    wanted = ArgumentParser(description=__doc__)
    wanted.add_argument("--rounds", type=int, default=5)
    print(f"load average: {os.getloadavg()[0]:.1f}\n")
    with _byte_code():
        print(markdown(measured(wanted.parse_args().rounds)))
