"""How much one machine holds, and how many: ``python -m bench.scaling [--update]``.

A simulation with measured service times: citizens write as their day and week has it, officers look at pages,
processes and PostgreSQL serve them. Prints the tables of ``docs/scaling.md``; ``--update`` writes them there.
"""

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlalchemy import PrimaryKeyConstraint, UniqueConstraint

from bench.queues import Kind, percentile, waits
from storage import tables  # noqa: F401  # fills the registry
from storage.columns import Base

DOCUMENT = Path(__file__).parent.parent / "docs" / "scaling.md"
OFFICES = (1, 38, 514)
SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Costs:
    """What one thing costs a process, PostgreSQL and the disk, in milliseconds (``bench.run``)."""

    process: float
    postgres: float
    disk: float


@dataclass(frozen=True, slots=True)
class Assumed:
    """What nobody has measured: a busy office, its people, and what they send along."""

    tickets_a_year: int = 3_000
    working_days: int = 240
    officers: int = 3
    seconds_between_pages: int = 20
    files_a_ticket: float = 0.3
    kilobytes_a_file: int = 400
    answered_after_the_window: float = 0.2
    morning_hour: float = 0.2


@dataclass(frozen=True, slots=True)
class Setup:
    """How many processes serve, and how many cores PostgreSQL has; none: SQLite in the one process.

    *shown*: for how many offices its waiting times are told.
    """

    name: str
    processes: int
    postgres: int = 0
    shown: tuple[int, ...] = (514,)


ASSUMED = Assumed()
# Of one message in, with the answers that leave for it: accepted, handled, delivered.
MESSAGE = {"SQLite": Costs(6.12, 0, 0.6), "PostgreSQL": Costs(6.24, 1.16, 0)}
# The dearest: on PostgreSQL a ticket for the process, and a search for PostgreSQL.
PAGE = {"SQLite": Costs(55.3, 0, 0), "PostgreSQL": Costs(28.9, 32.3, 0)}
IN_A_TICKET, OUT_A_TICKET = 10, 6
KILOBYTES_A_TICKET = {"SQLite": 19.7, "PostgreSQL": 35.8}
MOMENTS = {"usual morning": 1.0, "Monday": 1.3, "after Lebaran": 3.0, "release, x 20": 20.0}
SETUPS = (
    Setup("SQLite, `loket serve`", 1, shown=OFFICES),
    Setup("PostgreSQL on the same machine, 2 processes", 2, 2, shown=OFFICES),
    Setup("2 machines of 4 processes, PostgreSQL with 4 cores", 8, 4),
    Setup("4 machines of 4 processes, PostgreSQL with 8 cores", 16, 8),
)
PATIENCE = 250
A_SENDER = 80
TIERS = (250, 2_000, 10_000, 100_000)


def messages_a_second(offices: float, busy: float) -> float:
    """What arrives in the busiest hour, *busy* times a usual day."""
    a_day = ASSUMED.tickets_a_year * IN_A_TICKET / ASSUMED.working_days
    return offices * busy * a_day * ASSUMED.morning_hour / 3600


def pages_a_second(offices: float) -> float:
    """What officers look at: they can't look faster when more is written."""
    return offices * ASSUMED.officers / ASSUMED.seconds_between_pages


@cache
def simulated(setup: Setup, offices: int, busy: float) -> tuple[float, float, float] | None:
    """p50, p95 and p99 of a message in milliseconds; None where more comes than can be served."""
    database = "PostgreSQL" if setup.postgres else "SQLite"
    servers = (setup.processes, setup.postgres or 1)
    kinds = [
        Kind(rate, _services(cost[database]))
        for rate, cost in ((messages_a_second(offices, busy), MESSAGE), (pages_a_second(offices), PAGE))
    ]
    if any(sum(k.rate * k.services[at] for k in kinds) > many for at, many in enumerate(servers)):
        return None
    # A seldom thing is watched for longer, so that a percentile means something.
    took = waits(kinds, servers, max(SECONDS, min(500 / kinds[0].rate, 20_000)))
    return tuple(1000 * percentile(took, part) for part in (0.5, 0.95, 0.99))  # type: ignore[return-value]


def _services(cost: Costs) -> tuple[float, ...]:
    return cost.process / 1000, (cost.postgres + cost.disk) / 1000


def coming() -> str:
    """What so many offices bring on a usual day."""
    a_day = ASSUMED.tickets_a_year * IN_A_TICKET / ASSUMED.working_days
    rows = [
        (
            f"{many}",
            f"{many * a_day:,.0f}",
            f"{messages_a_second(many, 1):.2f}",
            f"{pages_a_second(many):.1f}",
        )
        for many in OFFICES
    ]
    head = ("offices", "messages a day", "a second, in the busiest hour", "pages a second")
    return _table(head, rows, 0)


def waiting() -> str:
    """How long a message takes, by offices, moments and processes."""
    rows = [
        (
            setup.name,
            f"{offices}",
            moment,
            f"{messages_a_second(offices, busy):.2f}",
            *_told(setup, offices, busy),
        )
        for setup in SETUPS
        for offices in setup.shown
        for moment, busy in MOMENTS.items()
    ]
    return _table(
        ("served by", "offices", "when", "messages a second", "p50 ms", "p95 ms", "p99 ms"), rows, 3
    )


def _told(setup: Setup, offices: int, busy: float) -> tuple[str, ...]:
    found = simulated(setup, offices, busy)
    return tuple(f"{one:.0f}" for one in found) if found else ("**too much**", "", "")


def holding() -> str:
    """How many offices each holds with 95 of a hundred messages within the patience."""
    rows = [(setup.name, *(f"{_most(setup, busy):,}" for busy in MOMENTS.values())) for setup in SETUPS]
    return _table(("served by", *MOMENTS), rows, 1)


def _most(setup: Setup, busy: float) -> int:
    """The most offices, by halving; ten at a time."""
    few, many = 0, 800
    while many - few > 1:
        middle = (few + many) // 2
        found = simulated(setup, middle * 10, busy)
        few, many = (middle, many) if found and found[1] <= PATIENCE else (few, middle)
    return few * 10


def officers() -> str:
    """How many officers a process serves, used to seven tenths, who each look at a page so often."""
    free = 0.7 * 1000 * ASSUMED.seconds_between_pages
    rows = [
        (name, f"{free / cost.process:,.0f}", f"{free / cost.process / ASSUMED.officers:,.0f}")
        for name, cost in PAGE.items()
    ]
    return _table(("one process on", "officers", "offices"), rows, 1)


def database_limit() -> str:
    """What PostgreSQL itself serves, used to seven tenths, and for how many offices that is enough."""
    message, page = MESSAGE["PostgreSQL"].postgres, PAGE["PostgreSQL"].postgres
    rows = []
    for cores in (2, 4, 8, 16, 32):
        free = cores * 0.7 * 1000
        per_office = messages_a_second(1, 3) * message + pages_a_second(1) * page
        rows.append(
            (str(cores), f"{free / message:,.0f}", f"{free / page:,.0f}", f"{free / per_office:,.0f}")
        )
    return _table(
        ("cores", "messages a second alone", "pages a second alone", "offices after Lebaran"), rows, 0
    )


def senders() -> str:
    """What leaves a second at each moment, beside what one WhatsApp number may send."""
    rows = []
    for moment, busy in MOMENTS.items():
        leaving = [messages_a_second(many, busy) * OUT_A_TICKET / IN_A_TICKET for many in OFFICES]
        shares = [f"{each:.3f} ({100 * each / A_SENDER:.1f} %)" for each in leaving]
        rows.append((moment, *shares))
    return _table(("when", *(f"{many} offices on one number" for many in OFFICES)), rows, 1)


def conversations() -> str:
    """Conversations that the desk begins in a day, answering after the window, and the tier they need."""
    rows = []
    for many in OFFICES:
        begun = many * ASSUMED.tickets_a_year * ASSUMED.answered_after_the_window / ASSUMED.working_days
        tier = next((f"{tier:,}" for tier in TIERS if begun * MOMENTS["after Lebaran"] <= tier), "unlimited")
        rows.append((str(many), f"{begun:,.1f}", f"{begun * MOMENTS['after Lebaran']:,.1f}", tier))
    return _table(("offices in a portfolio", "usual day", "after Lebaran", "tier that is enough"), rows, 0)


def grown() -> str:
    """What ``bench.growth`` has measured."""
    said = IN_A_TICKET + OUT_A_TICKET
    rows = [(name, f"{each:.1f}", f"{each / said:.2f}") for name, each in KILOBYTES_A_TICKET.items()]
    return _table(("database", "kB a consultation", "kB a message"), rows, 1)


def storage() -> str:
    """What a year adds, in gigabytes."""
    rows = []
    for offices in OFFICES:
        tickets = offices * ASSUMED.tickets_a_year
        kept = [f"{tickets * each / 1e6:,.1f}" for each in KILOBYTES_A_TICKET.values()]
        files = tickets * ASSUMED.files_a_ticket * ASSUMED.kilobytes_a_file / 1e6
        said = tickets * (IN_A_TICKET + OUT_A_TICKET)
        rows.append((str(offices), f"{tickets:,}", f"{said:,}", *kept, f"{files:,.1f}"))
    head = ("offices", "tickets", "messages", *(f"{name} GB" for name in KILOBYTES_A_TICKET), "files GB")
    return _table(head, rows, 0)


def keys() -> str:
    """What stands in the way of dividing the tables by office, read from the tables themselves."""
    known = Base.metadata.sorted_tables
    with_office = sorted(one.name for one in known if "office" in one.c)
    without = sorted(one.name for one in known if "office" not in one.c)
    loose = sorted(
        f"{one.name} ({', '.join(column.name for column in key.columns)})"
        for one in known
        if "office" in one.c
        for key in one.constraints
        if isinstance(key, PrimaryKeyConstraint | UniqueConstraint) and "office" not in key.columns
    )
    rows = [
        (f"tables with the office in a column ({len(with_office)})", _listed(with_office)),
        (f"tables without ({len(without)})", _listed(without)),
        (f"keys, of the former, without the office ({len(loose)})", _listed(loose)),
    ]
    return _table(("what", "which"), rows, 2)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def parameters() -> str:
    """What the simulation was given."""
    rows = [
        (f"a message, {name}", f"{one.process:.2f}", f"{one.postgres:.2f}", f"{one.disk:.2f}")
        for name, one in MESSAGE.items()
    ]
    rows += [
        (f"a page, {name}", f"{one.process:.2f}", f"{one.postgres:.2f}", f"{one.disk:.2f}")
        for name, one in PAGE.items()
    ]
    return _table(("ms of", "a process", "PostgreSQL", "the disk"), rows, 1)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], words: int) -> str:
    marks = ["---"] * words + ["--:"] * (len(head) - words)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, marks, *rows))


TABLES: dict[str, Callable[[], str]] = {
    one.__name__: one
    for one in (
        parameters,
        coming,
        waiting,
        holding,
        officers,
        database_limit,
        keys,
        senders,
        conversations,
        grown,
        storage,
    )
}
_MARKED = re.compile(r"<!-- (\w+) -->\n.*?<!-- end -->", re.DOTALL)


def updated(document: str) -> str:
    """*document* with every marked table as it comes out now."""
    return _MARKED.sub(lambda found: _marked(found[1]), document)


def _marked(name: str) -> str:
    return f"<!-- {name} -->\n{TABLES[name]()}\n<!-- end -->"


def main(arguments: Sequence[str]) -> None:
    """Print the tables, or write them into the document."""
    if "--update" in arguments:
        DOCUMENT.write_text(updated(DOCUMENT.read_text("utf-8")), "utf-8")
        return
    for name, made in TABLES.items():
        print(f"### {name}\n\n{made()}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
