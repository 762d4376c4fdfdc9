"""How fast Loket is beside the least that any desk would do: ``python -m bench.run [--quick]``.

Prints one table for ``docs/performance.md``: webhooks beside a bare Flask app that commits twice, officers'
pages and a tick beside raw SQL, delivering and mail beside bare loops. Each measurement has all its servers
running and interleaves its runs round by round, so that whatever else the machine does falls on all of them.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import mail, outgoing, pages, table, ticking
from bench.databases import Postgres, running_postgres, with_tables
from bench.heap import Heap
from bench.measuring import Run, Size, measure
from bench.servers import Server, Target, free_port, running, running_command, wait_for
from bench.table import Line
from tests.dovecot import MISSING, PROGRAM

# One client's run takes a second, and a shared machine's next second may be half as fast: five in a round.
FULL = (Size(1, 20, often=5), Size(8, 5), Size(32, 2))
QUICK = (Size(1, 4), Size(8, 2), Size(32, 1))
SQLITE = (Target("floor", "SQLite"), Target("accept", "SQLite"), Target("web", "SQLite"))
SERVE = Target("serve", "SQLite")
POSTGRES = tuple(Target(target.what, "PostgreSQL") for target in SQLITE)
WARM_UP = Size(32, 1)

Results = dict[tuple[Target, int], list[Run]]


NAMES = {"accept": "accept", "web": "accept and handle", "serve": "accept, handle, deliver"}
TICKS = Heap(closed=1_000, open=2_000)


@dataclass(frozen=True, slots=True)
class Effort:
    """How much of everything is measured."""

    sizes: tuple[Size, ...]
    rounds: int
    heap: Heap
    requests: int
    conversations: int
    mails: int
    warm_up: Size = WARM_UP


WHOLE = Effort(FULL, 3, pages.FULL, 320, 120, 1_500)
LOOK = Effort(QUICK, 1, pages.SMALL, 64, 20, 200)


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two minutes, one round of small runs")
    parser.add_argument("--only", choices=["SQLite", "PostgreSQL"], help="one database")
    chosen = parser.parse_args(arguments)
    databases = [name for name in ("SQLite", "PostgreSQL") if chosen.only in (None, name)]
    print(table.markdown(everything(databases, LOOK if chosen.quick else WHOLE)))


def everything(databases: Sequence[str], effort: Effort) -> list[Line]:
    """All lines of the table, one measurement after the other."""
    targets = [one for one in (*SQLITE, SERVE, *POSTGRES) if one.database in databases]
    memory: dict[Target, float] = {}
    lines = webhook_lines(
        measured(targets, effort.sizes, effort.rounds, effort.warm_up, memory=memory), memory
    )
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="loket-bench-")))
        postgres = stack.enter_context(running_postgres()) if "PostgreSQL" in databases else None
        lines += delivery_lines(databases, effort, folder, postgres)
        lines += page_lines(databases, effort, folder, postgres)
        lines += [tick_line(name, folder, postgres) for name in databases]
    return lines + mail_lines(databases, effort)


def webhook_lines(results: "Results", memory: Mapping[Target, float]) -> list[Line]:
    """Webhooks beside the bare app."""
    return [
        table.line(
            NAMES[target.what],
            target.database,
            clients,
            runs,
            results[Target("floor", target.database), clients],
            memory=memory.get(target),
        )
        for (target, clients), runs in results.items()
        if target.what != "floor"
    ]


def delivery_lines(
    databases: Sequence[str], effort: Effort, folder: Path, postgres: Postgres | None
) -> list[Line]:
    """Claiming and delivering beside a bare loop that posts and commits twice."""
    with sink(folder) as api_url:
        found = outgoing.measured(databases, effort.conversations, effort.rounds, api_url, postgres)
    return [table.line("deliver", name, 1, found[name, "loket"], found[name, "floor"]) for name in databases]


def page_lines(
    databases: Sequence[str], effort: Effort, folder: Path, postgres: Postgres | None
) -> list[Line]:
    """Officers' pages beside raw SQL on the bare app."""
    clients = [size.clients for size in effort.sizes]
    with pages.served(folder, effort.heap, databases, postgres) as pairs:
        pid = postgres.pid if postgres else None
        found = pages.measured(pairs, clients, effort.requests, effort.rounds, pid)
        memory = {pair.database: pair.loket.memory() for pair in pairs}
    return [
        table.line(page, name, many, mine, floors, memory=memory[name])
        for (page, name, many), (mine, floors) in found.items()
    ]


def tick_line(name: str, folder: Path, postgres: Postgres | None) -> Line:
    """What is due, beside the same statement on the driver."""
    own = folder / f"tick-{name}"
    own.mkdir()
    address = postgres.make("loket_tick") if postgres and name == "PostgreSQL" else f"sqlite:///{own}/t.db"
    mine, floor = ticking.measured(with_tables(address, own), own, TICKS)
    return table.line("tick: what is due", name, 1, [mine], [floor])


def mail_lines(databases: Sequence[str], effort: Effort) -> list[Line]:
    """Taking in mail beside a bare loop; nothing where there is no Dovecot."""
    if PROGRAM is None:
        print(MISSING, file=sys.stderr)
        return []
    found = mail.measured(databases, effort.mails, min(2, effort.rounds))
    return [
        table.line("mail intake", name, 1, found[name, "loket"], found[name, "floor"]) for name in databases
    ]


def measured(
    targets: Sequence[Target],
    sizes: Sequence[Size],
    rounds: int,
    warm_up: Size = WARM_UP,
    *,
    memory: dict[Target, float] | None = None,
) -> Results:
    """Every target at every size, *rounds* times, in turns; *memory* is told what each one held then."""
    results: Results = {(target, size.clients): [] for target in targets for size in sizes}
    with tempfile.TemporaryDirectory(prefix="loket-bench-") as folder, ExitStack() as stack:
        servers, postgres_pid = stack.enter_context(started(targets, Path(folder)))
        for server in servers:
            measure(server, warm_up, postgres_pid)
        for number in range(rounds):
            turns = [(size, number + turn) for size in sizes for turn in range(size.often)]
            for size, turn in turns:
                for server in _in_turns(servers, turn):
                    run = measure(server, size, postgres_pid)
                    results[server.target, size.clients].append(run)
                    _tell(server.target.name, size.clients, run)
        if memory is not None:
            memory |= {server.target: server.memory() for server in servers}
    return results


def _tell(name: str, clients: int, run: Run) -> None:
    """One run, while one waits."""
    told = f"{name:22} {clients:3} clients {run.rate:7.0f}/s  p50 {run.p50:6.1f} ms  CPU {run.cpu:5.2f} ms"
    print(told, file=sys.stderr)


def _in_turns(servers: Sequence[Server], number: int) -> list[Server]:
    """Nobody is always first."""
    first = number % len(servers)
    return [*servers[first:], *servers[:first]]


@contextmanager
def started(targets: Sequence[Target], folder: Path) -> Iterator[tuple[list[Server], int | None]]:
    """All servers of *targets*, and PostgreSQL's process where one of them needs it."""
    with ExitStack() as stack:
        wanted = any(target.database == "PostgreSQL" for target in targets)
        postgres = stack.enter_context(running_postgres()) if wanted else None
        api_url = stack.enter_context(sink(folder)) if SERVE in targets else ""
        servers = []
        for target in targets:
            own = folder / target.name.replace(" ", "-")
            own.mkdir()
            address = f"sqlite:///{own / 'loket.db'}"
            if target.database == "PostgreSQL" and postgres:
                address = postgres.make(f"loket_{target.what}")
            if target.what != "floor":
                with_tables(address, own / "var")
            servers.append(stack.enter_context(running(target, address, own, api_url)))
        yield servers, postgres.pid if postgres else None


@contextmanager
def sink(folder: Path) -> Iterator[str]:
    """The address of a provider that takes everything."""
    port = free_port()
    with running_command(["bench.sink", str(port)], {}, folder / "sink.log"):
        wait_for(f"http://127.0.0.1:{port}/", folder / "sink.log")
        yield f"http://127.0.0.1:{port}"


if __name__ == "__main__":
    main(sys.argv[1:])
