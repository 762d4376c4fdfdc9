"""One run of the load generator against one server, and what it cost."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

from sqlalchemy import func, select

from bench import cpu, posts
from bench.servers import Server
from storage.columns import table
from storage.db import Database
from storage.tables import Message

MESSAGE = table(Message)


@dataclass(frozen=True, slots=True)
class Size:
    """So many clients at once, each with so many pairs of conversations (20 requests), so often a round."""

    clients: int
    pairs: int
    often: int = 1


@dataclass(frozen=True, slots=True)
class Run:
    """What one run came to. CPU is in milliseconds a request; ``database`` is PostgreSQL's own."""

    requests: int
    rate: float
    p50: float
    p99: float
    cpu: float
    database: float
    generator: float


def measure(server: Server, size: Size, postgres_pid: int | None) -> Run:
    """Play *size* against *server*. Raises when any answer is not 200."""
    return played(server, posts.clients(size.clients, size.pairs), postgres_pid)


def played(server: Server, clients: list[list[str]], postgres_pid: int | None) -> Run:
    """Let *clients* send their requests, each one after the other. Raises when any answer is not 200."""
    requests = sum(map(len, clients))
    readings: tuple[Callable[[], float], ...] = (server.cpu, lambda: _database_cpu(postgres_pid))
    before = [reading() for reading in readings]
    told = _play(server.port, clients)
    if server.target.what == "serve":
        _wait_until_sent(server)
    used = [(reading() - start) * 1000 / requests for reading, start in zip(readings, before, strict=True)]
    took = quantiles(told["milliseconds"], n=100)
    generator = told["cpu"] * 1000 / requests
    return Run(requests, requests / told["seconds"], took[49], took[98], used[0], used[1], generator)


def _play(port: int, clients: list[list[str]]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="loket-bench-") as folder:
        file = Path(folder) / "clients.json"
        file.write_text(json.dumps(clients), "ascii")
        command = [sys.executable, "-m", "bench.load", str(port), str(file)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _database_cpu(postgres_pid: int | None) -> float:
    return cpu.of_family(postgres_pid) if postgres_pid else 0.0


def _wait_until_sent(server: Server) -> None:
    """Delivering goes on after the last answer; its cost belongs to the requests that caused it."""
    unsent = select(func.count()).where(MESSAGE.c.delivery.in_(("queued", "sending")))
    with tempfile.TemporaryDirectory(prefix="loket-bench-") as folder:
        database = Database(server.database_url, Path(folder))
        with database.engine.connect() as connection:
            while connection.execute(unsent).scalar_one():
                time.sleep(0.2)
        database.close()
