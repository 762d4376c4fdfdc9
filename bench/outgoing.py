"""Delivering beside a bare loop: both send to the same stand-in, each from a new database, in turns."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from bench.databases import Postgres, with_tables
from bench.servers import SAMPLE, environment_of

SIDES = ("floor", "loket")
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Run:
    """Messages a second, and milliseconds of CPU a message (not of PostgreSQL beside it)."""

    rate: float
    cpu: float


Results = dict[tuple[str, str], list[Run]]


def measured(
    databases: Sequence[str], conversations: int, rounds: int, api_url: str, postgres: Postgres | None
) -> Results:
    """Both sides on every database, *rounds* times."""
    results: Results = {(name, what): [] for name in databases for what in SIDES}
    for number in range(rounds):
        for name, what in sorted(results, reverse=bool(number % 2)):
            run = _run(what, conversations, api_url, postgres if name == "PostgreSQL" else None)
            results[name, what].append(run)
            print(f"{name:10} deliver, {what} {run.rate:6.0f}/s  CPU {run.cpu:.2f} ms", file=sys.stderr)
    return results


def _run(what: str, conversations: int, api_url: str, postgres: Postgres | None) -> Run:
    with tempfile.TemporaryDirectory(prefix="loket-bench-") as name:
        folder = Path(name)
        url = postgres.make(f"out{next(_numbers)}") if postgres else f"sqlite:///{folder / 'loket.db'}"
        with_tables(url, folder / "var")
        shutil.copyfile(SAMPLE, folder / "config.yaml")
        shutil.copytree(SAMPLE.parent / "standards", folder / "standards")
        command = [
            sys.executable,
            "-m",
            "bench.delivering",
            what,
            str(folder / "config.yaml"),
            str(conversations),
        ]
        known = environment_of(folder / "config.yaml", url, api_url)
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=known)
    told = json.loads(done.stdout)
    many = told["messages"]
    return Run(many / told["seconds"], told["cpu"] * 1000 / many)
