"""How fast Loket takes messages beside a bare Flask app: ``python -m bench.run [--quick]``.

All servers run for the whole measurement, and runs are interleaved round by round, so that whatever else
the machine does falls on all of them. Prints Markdown for ``docs/performance.md``.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench import report
from bench.databases import running_postgres, with_tables
from bench.measuring import Run, Size, measure
from bench.servers import Server, Target, free_port, running, running_command, wait_for

FULL = (Size(1, 20), Size(8, 5), Size(32, 2))
QUICK = (Size(1, 4), Size(8, 2), Size(32, 1))
SQLITE = (Target("floor", "SQLite"), Target("accept", "SQLite"), Target("web", "SQLite"))
SERVE = Target("serve", "SQLite")
POSTGRES = tuple(Target(target.what, "PostgreSQL") for target in SQLITE)
WARM_UP = Size(32, 1)

Results = dict[tuple[Target, int], list[Run]]


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one minute, one round of small runs")
    parser.add_argument("--only", choices=["SQLite", "PostgreSQL"], help="one database")
    parser.add_argument("--rounds", type=int, help="how often everything is repeated")
    chosen = parser.parse_args(arguments)
    targets = [one for one in (*SQLITE, SERVE, *POSTGRES) if chosen.only in (None, one.database)]
    sizes, rounds = (QUICK, 1) if chosen.quick else (FULL, 5)
    print(report.markdown(measured(targets, sizes, chosen.rounds or rounds)))


def measured(
    targets: Sequence[Target], sizes: Sequence[Size], rounds: int, warm_up: Size = WARM_UP
) -> Results:
    """Every target at every size, *rounds* times, in turns."""
    results: Results = {(target, size.clients): [] for target in targets for size in sizes}
    with tempfile.TemporaryDirectory(prefix="loket-bench-") as folder, ExitStack() as stack:
        servers, postgres_pid = stack.enter_context(started(targets, Path(folder)))
        for server in servers:
            measure(server, warm_up, postgres_pid)
        for number in range(rounds):
            for size in sizes:
                for server in _in_turns(servers, number):
                    run = measure(server, size, postgres_pid)
                    results[server.target, size.clients].append(run)
                    print(report.line(server.target.name, size.clients, run), file=sys.stderr)
    return results


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
        api_url = stack.enter_context(_sink(folder)) if SERVE in targets else ""
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
def _sink(folder: Path) -> Iterator[str]:
    port = free_port()
    with running_command(["bench.sink", str(port)], {}, folder / "sink.log"):
        wait_for(f"http://127.0.0.1:{port}/", folder / "sink.log")
        yield f"http://127.0.0.1:{port}"


if __name__ == "__main__":
    main(sys.argv[1:])
