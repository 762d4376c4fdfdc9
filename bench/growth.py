"""How much a desk's database grows: ``python -m bench.growth [--conversations N]``.

Plays whole conversations through the desk's own handlers into a fresh SQLite and a fresh PostgreSQL and
measures what was added, indexes included: before and after, so that empty tables do not count.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, func, select, text

from bench import posts
from bench.databases import running_postgres, with_tables
from bench.servers import SAMPLE, environment_of
from channels.whatsapp.reading import read_message
from handlers import compose, receiving
from handlers.runtime import Runtime
from handlers.settings import load
from storage import search
from storage.columns import table
from storage.tables import Message, Ticket

MANY = 400


@dataclass(frozen=True, slots=True)
class Growth:
    """What so many tickets and messages have added, in bytes."""

    tickets: int
    messages: int
    added: int

    @property
    def of_ticket(self) -> float:
        """Bytes a ticket, with all that was said about it."""
        return self.added / self.tickets


def measured(url: str, folder: Path, conversations: int) -> Growth:
    """Play *conversations* into the fresh database at *url*."""
    for name in ("config.yaml", "standards"):
        (shutil.copytree if name == "standards" else shutil.copyfile)(SAMPLE.parent / name, folder / name)
    known = environment_of(folder / "config.yaml", with_tables(url, folder / "var"), "http://127.0.0.1:9")
    runtime = compose.compose(load(folder / "config.yaml", known), known)
    before = _size(runtime)
    for form in posts.forms(conversations):
        receiving.receive(runtime, read_message(form))
    search.catch_up(runtime.database)
    with runtime.database.read() as connection:
        tickets, messages = (_count(connection, table(of)) for of in (Ticket, Message))
    grown = Growth(tickets, messages, _size(runtime) - before)
    runtime.database.close()
    return grown


def _count(connection: Connection, of: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(of)).scalar_one())


def _size(runtime: Runtime) -> int:
    with runtime.database.read() as connection:
        if runtime.database.is_sqlite:
            pages, each, free = (
                _pragma(connection, it) for it in ("page_count", "page_size", "freelist_count")
            )
            return (pages - free) * each
        return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())


def _pragma(connection: Connection, name: str) -> int:
    return int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())


def markdown(found: Mapping[str, Growth]) -> str:
    """A line for each database."""
    head = [
        "| database | tickets | messages | kB a ticket | kB a message |",
        "| --- | --: | --: | --: | --: |",
    ]
    rows = [
        f"| {name} | {it.tickets:,} | {it.messages:,} | {it.of_ticket / 1000:.1f}"
        f" | {it.added / it.messages / 1000:.2f} |"
        for name, it in found.items()
    ]
    return "\n".join([*head, *rows])


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.growth", description=__doc__)
    parser.add_argument("--conversations", type=int, default=MANY)
    many = parser.parse_args(arguments).conversations
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="loket-bench-") as name, running_postgres() as postgres:
        for database in ("SQLite", "PostgreSQL"):
            folder = Path(name) / database
            folder.mkdir()
            url = f"sqlite:///{folder}/g.db" if database == "SQLite" else postgres.make("growth")
            found[database] = measured(url, folder, many)
    print(markdown(found))


if __name__ == "__main__":
    main(sys.argv[1:])
