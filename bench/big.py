"""How fast an officer's pages are over years of a whole province: ``python -m bench.big --tickets 1000000``.

Fills both databases (or one, ``--only``), asks the real application for its pages, and prints how long each
took, and what it read: pages of PostgreSQL's buffers, steps of SQLite's virtual machine. ``--keep`` leaves
the filled databases in a folder, and takes those that are there already.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from flask.testing import FlaskClient

from bench import officers_day
from bench.bulk import filled
from bench.cpu import of_family
from bench.databases import running_postgres, with_tables
from bench.officers_day import Look
from bench.province import Province
from bench.ticks import Cost, analysed, explained, listening, steps, undone
from storage.db import Database

READING = ("SELECT", "WITH", "(")
SLOW = 1000.0
_STEPS = 100


@dataclass(frozen=True, slots=True)
class Seen:
    """A page: milliseconds of every request, the CPU of one, what one of them read, and its plans."""

    took: tuple[float, ...]
    cpu: float
    statements: int
    read: int
    rows: int
    plans: tuple[str, ...]


def seen(address: str, folder: Path, province: Province, rounds: int, server: int = 0) -> dict[str, Seen]:
    """Every page of an officer's day over a filled database; *server* is the process of its PostgreSQL."""
    found = {}
    with officers_day.desk(address, folder, province) as (runtime, app):
        for look in officers_day.looks(runtime, province):
            client = officers_day.signed_in(app, runtime, look.officer_id)
            found[look.name] = _seen(runtime.database, client, look, rounds, server)
            print(look.name, *(f"{ms:.0f}" for ms in sorted(found[look.name].took)), file=sys.stderr)
    return found


def _seen(database: Database, client: FlaskClient, look: Look, rounds: int, server: int) -> Seen:
    _ask(client, look)
    with listening(database.engine) as heard:
        took = [_ask(client, look)]
    rest = rounds if took[0] < SLOW else 3
    began = _cpu(server)
    took = [_ask(client, look) for _ in range(rest)]
    cpu = (_cpu(server) - began) * 1000 / rest
    cost = read(database, heard)
    return Seen(tuple(took), cpu, len(heard), cost.read, cost.rows, tuple(cost.plans))


def _cpu(server: int) -> float:
    """CPU seconds so far of this process and of PostgreSQL's."""
    return time.process_time() + (of_family(server) if server else 0.0)


def _ask(client: FlaskClient, look: Look) -> float:
    began = time.perf_counter()
    answer = client.get(look.path)
    answer.get_data()
    if answer.status_code != 200:
        raise RuntimeError(f"{look.path}: {answer.status}")
    return (time.perf_counter() - began) * 1000


def read(database: Database, heard: Sequence[tuple[str, Any]]) -> Cost:
    """What the reading ones of these statements read, and by which plans."""
    cost = Cost()
    for statement, parameters in heard:
        if not statement.lstrip().upper().startswith(READING):
            continue
        with undone(database) as connection:
            (explained if database.is_sqlite else analysed)(connection, statement, parameters, cost)
            if database.is_sqlite:
                again = _again(statement, parameters)
                cost.read += steps(connection, again, _STEPS)
    return cost


def _again(statement: str, parameters: Any) -> Callable[[Any], object]:
    return lambda connection: connection.exec_driver_sql(statement, parameters).all()


@contextmanager
def databases(
    folder: Path, province: Province, only: str | None
) -> Iterator[dict[str, tuple[str, Path, int]]]:
    """The filled databases by their names: address, folder and server. What is there is not filled anew."""
    with ExitStack() as stack:
        made = {}
        for kind in ("SQLite", "PostgreSQL"):
            if only in (None, kind):
                home = folder / kind.lower()
                home.mkdir(parents=True, exist_ok=True)
                make = _sqlite if kind == "SQLite" else _postgres
                address, server = make(stack, home, province)
                made[kind] = (address, home, server)
        yield made


def _sqlite(_stack: ExitStack, home: Path, province: Province) -> tuple[str, int]:
    address = f"sqlite:///{home / 'loket.db'}"
    if not (home / "filled").exists():
        _fill(with_tables(address, home), home, province)
    return address, 0


def _postgres(stack: ExitStack, home: Path, province: Province) -> tuple[str, int]:
    server = stack.enter_context(running_postgres(home))
    if not (home / "filled").exists():
        _fill(with_tables(server.make("big"), home), home, province)
    return server.address("big"), server.pid


def _fill(address: str, home: Path, province: Province) -> None:
    began = time.monotonic()
    filled(address, home, province)
    print(f"{province} filled in {time.monotonic() - began:.0f} s", file=sys.stderr)
    (home / "filled").write_text(repr(province), "utf-8")


def markdown(kind: str, found: dict[str, Seen]) -> str:
    """A table of the pages."""
    what = "steps" if kind == "SQLite" else "pages"
    head = f"| page | p50 ms | p95 ms | CPU ms | statements | {what} read |"
    rows = [
        f"| {name} | {median(one.took):.0f} | {quantiles(one.took, n=20)[-1]:.0f}"
        f" | {one.cpu:.0f} | {one.statements} | {one.read:,} |"
        for name, one in found.items()
    ]
    return "\n".join([f"### On {kind}", "", head, "| --- | --: | --: | --: | --: | --: |", *rows, ""])


def main(arguments: Sequence[str]) -> None:
    """Fill, ask and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.big", description=__doc__)
    parser.add_argument("--tickets", type=int, default=1_000_000)
    parser.add_argument("--messages", type=int, default=10_000_000)
    parser.add_argument("--offices", type=int, default=500)
    parser.add_argument("--largest", type=float, default=0.1, help="the share of the largest office")
    parser.add_argument("--only", choices=["SQLite", "PostgreSQL"], help="one database")
    parser.add_argument("--rounds", type=int, default=40, help="how often each page is asked for")
    parser.add_argument("--keep", type=Path, help="a folder where the filled databases stay")
    chosen = parser.parse_args(arguments)
    province = Province(chosen.tickets, chosen.messages, chosen.offices, chosen.largest)
    with (
        tempfile.TemporaryDirectory(prefix="loket-big-") as passing,
        databases(chosen.keep or Path(passing), province, chosen.only) as made,
    ):
        for kind, (address, home, server) in made.items():
            print(markdown(kind, seen(address, home, province, chosen.rounds, server)))


if __name__ == "__main__":
    main(sys.argv[1:])
