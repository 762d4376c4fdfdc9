"""Officers' pages beside the same pages in raw SQL on a bare Flask app, on the same filled desk."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import desk
from bench.databases import Postgres, with_tables
from bench.heap import OFFICE, Heap
from bench.measuring import Run, played
from bench.servers import Server, Target, running

FULL, SMALL = Heap(closed=19_000, open=1_000), Heap(closed=40, open=60)
PAGES = {
    "inbox list": (f"/inbox/{OFFICE}", f"/list?office={OFFICE}"),
    "ticket page": (f"/inbox/{OFFICE}/tickets/{{number}}", f"/ticket?id={{number}}&office={OFFICE}"),
    "search": (f"/inbox/{OFFICE}?q=inflasi+{{number}}", f"/search?office={OFFICE}&q=inflasi+{{number}}"),
}
WARM_UP = 4
Results = dict[tuple[str, str, int], tuple[list[Run], list[Run]]]


@dataclass(frozen=True, slots=True)
class Pair:
    """Loket and the bare app on one desk, and the cookie of its officer."""

    database: str
    loket: Server
    floor: Server
    cookie: str


def measured(
    pairs: Sequence[Pair], sizes: Sequence[int], requests: int, rounds: int, postgres_pid: int | None
) -> Results:
    """Every page with so many clients at once, *rounds* times: Loket's runs and the floor's."""
    results: Results = {}
    for pair in pairs:
        _warm(pair)
    for number in range(rounds):
        for pair in pairs:
            for clients in sizes:
                for page, paths in PAGES.items():
                    sides = results.setdefault((page, pair.database, clients), ([], []))
                    for at in (0, 1) if number % 2 else (1, 0):
                        server = (pair.loket, pair.floor)[at]
                        each = max(4, requests // clients)
                        asked = [_client(paths[at], pair.cookie, one * each, each) for one in range(clients)]
                        sides[at].append(played(server, asked, postgres_pid))
    return results


def _warm(pair: Pair) -> None:
    """What is prepared at the first look at a page does not count."""
    for paths in PAGES.values():
        for path, server in zip(paths, (pair.loket, pair.floor), strict=True):
            played(server, [_client(path, pair.cookie, 0, WARM_UP)], None)


def _client(path: str, cookie: str, first: int, many: int) -> list[str]:
    return [_request(path.format(number=1 + (first + one) % 50), cookie) for one in range(many)]


def _request(path: str, cookie: str) -> str:
    return f"GET {path} HTTP/1.1\r\nHost: bench.example.org\r\nCookie: loket={cookie}\r\n\r\n"


@contextmanager
def served(
    folder: Path, heap: Heap, databases: Sequence[str], postgres: Postgres | None
) -> Iterator[list[Pair]]:
    """Both sides on a filled desk in each of *databases*."""
    with ExitStack() as stack:
        pairs = []
        for database in databases:
            own = folder / f"pages-{database}"
            own.mkdir()
            address = (
                postgres.make("loket_pages") if postgres and database != "SQLite" else f"sqlite:///{own}/p.db"
            )
            cookie = desk.filled(with_tables(address, own / "var"), own / "var", heap)
            loket, floor = (
                stack.enter_context(running(Target(what, database), address, own / what))
                for what in ("web", "raw")
            )
            pairs.append(Pair(database, loket, floor, cookie))
        yield pairs
