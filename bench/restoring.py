"""Last night's backup on a fresh machine: ``python -m bench.restoring [--tickets 20000]``.

A desk with ten messages a ticket, and a file for every twentieth, on SQLite and on PostgreSQL. Each is
backed up and brought back on both, every row and file is compared, and pages are, as a supervisor sees them.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, insert, literal, null, select

from bench.databases import Postgres, running_postgres, with_tables
from bench.heap import NOON, OFFICE, Heap, fill, settle
from handlers import backups
from storage import dump
from storage.columns import Moment, table
from storage.db import Database
from storage.files import Files
from storage.tables import Message, Ticket
from tests.handlers.site import Site, running_site
from tests.handlers.test_backups import running_site_again, seen

MESSAGE, TICKET = table(Message), table(Ticket)
KINDS = ("SQLite", "PostgreSQL")
SPOKEN = 10
_MEGABYTE = 1024 * 1024
_FILE = 50_000
_WORDS = "Mohon data luas panen padi per kecamatan tahun 2021 sampai 2024 untuk skripsi saya, pesan nomor "


def main(arguments: Sequence[str]) -> int:
    """Fill, back up, restore and compare; 1 where anything differs."""
    parser = argparse.ArgumentParser(prog="python -m bench.restoring", description=__doc__)
    parser.add_argument("--tickets", type=int, default=20_000)
    chosen = parser.parse_args(arguments)
    print("| from | to | rows | archive MB | backup s | restore s | rows and files | pages |")
    print("| --- | --- | --: | --: | --: | --: | --- | --- |")
    with tempfile.TemporaryDirectory(prefix="loket-bench-") as name, running_postgres() as postgres:
        rows = [row for kind in KINDS for row in measured(kind, Path(name) / kind, postgres, chosen.tickets)]
    return int(any("differ" in row for row in rows))


def measured(kind: str, folder: Path, postgres: Postgres, tickets: int) -> Iterator[str]:
    """One desk of this *kind*, backed up once and restored on both; a line each, printed too."""
    folder.mkdir()
    url = with_tables(_empty(kind, folder, postgres, "source"), folder / "var")
    with running_site(url, folder) as site:
        filled(site, tickets)
        began = perf_counter()
        made = backups.make(site.runtime.database, site.runtime.files, None, folder / "b.tar", NOON)
        took = perf_counter() - began
        told = digests(site.runtime.database), sorted(site.runtime.files.names())
        pages = [f"/inbox/{OFFICE}{each}" for each in _pages(tickets)]
        looks = seen(site, pages)
        for target in KINDS:
            fresh = folder / f"to-{target}"
            fresh.mkdir()
            address = _empty(target, fresh, postgres, f"{kind}_{target}".lower())
            with restored(address, fresh, made.path) as (database, files, seconds):
                same = (digests(database), sorted(files.names())) == told
            with running_site_again(address, fresh, site) as again:
                alike = seen(again, pages) == looks
            figures = [f"{each:.1f}" for each in (made.size / _MEGABYTE, took, seconds)]
            words = ("equal" if one else "differ" for one in (same, alike))
            row = f"| {' | '.join(map(str, (kind, target, sum(made.rows.values()), *figures, *words)))} |"
            print(row, flush=True)
            yield row


def filled(site: Site, tickets: int) -> None:
    """So many tickets, a tenth of them open, and what was said in them."""
    heap = Heap(closed=tickets - tickets // 10, open=tickets // 10, due=0)
    with site.runtime.database.write() as connection:
        fill(connection, heap)
        for number in range(SPOKEN):
            said = _message(number)
            connection.execute(insert(MESSAGE).from_select(list(said), select(*said.values())))
        for each in ("contact", "address", "conversation", "ticket", "message"):
            dump.number_on(connection, each)
    with site.runtime.database.engine.connect() as connection:
        settle(connection)
    for number in range(tickets // 20):
        site.runtime.files.put(sha256(str(number).encode()).digest() * (_FILE // 32))


def _message(number: int) -> dict[str, ColumnElement[Any]]:
    """The message of this *number* in every ticket: by turns the citizen and an officer."""
    asked = number % 2 == 0
    key = (TICKET.c.id - 1) * SPOKEN + number + 1
    return {
        "id": key,
        "mid": literal("m-") + cast(key, Text),
        "office": TICKET.c.office,
        "direction": literal("in" if asked else "out"),
        "author": literal("citizen" if asked else "officer"),
        "channel": literal("whatsapp"),
        "external_id": literal("SM") + cast(key, Text),
        "address_id": TICKET.c.conversation_id,
        "conversation_id": TICKET.c.conversation_id,
        "ticket_id": TICKET.c.id,
        "sender": literal("+62811"),
        "address": literal("+62812"),
        "body": literal(_WORDS) + cast(key, Text),
        "at": literal(NOON, Moment()),
        "intake": literal("handled") if asked else null(),
        "delivery": null() if asked else literal("delivered"),
    }


@contextmanager
def restored(url: str, folder: Path, archive: Path) -> Iterator[tuple[Database, Files, float]]:
    """The desk of *archive* on an empty database, and how long that took."""
    files = Files(folder / "data" / "files")
    with closing(Database(url, folder / "data")) as database:
        began = perf_counter()
        backups.restore(database, files, archive, NOON, skip=0, offices=())
        yield database, files, perf_counter() - began


def digests(database: Database) -> dict[str, str]:
    """Of every table what its rows come to, written the same on both databases."""
    found = {}
    with dump.snapshot(database) as connection:
        for name in dump.of_tables():
            total = sha256()
            for line in dump.as_lines(connection, name):
                total.update(line.encode())
            found[name] = total.hexdigest()
    return found


def _pages(tickets: int) -> Iterator[str]:
    yield from ("", "?list=open", "?list=closed", "?q=skripsi", "/laporan")
    for number in (1, tickets // 10, tickets // 2, tickets):
        yield f"/tickets/{number}"


def _empty(kind: str, folder: Path, postgres: Postgres, name: str) -> str:
    return f"sqlite:///{folder / 'loket.db'}" if kind == "SQLite" else postgres.make(f"loket_{name}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
