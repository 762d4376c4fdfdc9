"""What 1,000 open pages cost everybody else: ``python -m bench.live [--small] [--only SQLite|PostgreSQL]``.

Ordinary requests (the inbox, a ticket, a citizen's message) at a steady pace, in rounds that alternate
between no open page and all of them. The pages belong to 500 offices and a process of their own, hear of
every message of their office and fetch themselves then.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from math import nan
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from bench import live_desk, memory
from bench.databases import running_postgres
from bench.live_desk import LiveDesk
from bench.live_paced import KINDS, paced


@dataclass(frozen=True, slots=True)
class Size:
    """How many pages, of how many offices; rounds, and the seconds of each half of one."""

    pages: int
    offices: int
    rounds: int
    seconds: float


WHOLE, SMALL = Size(1000, 500, 5, 20.0), Size(60, 30, 1, 1.5)


@dataclass
class Half:
    """The rounds without pages, or with them: milliseconds by kind, each round apart; the server's memory."""

    took: list[dict[str, list[float]]] = field(default_factory=list)
    mib: list[float] = field(default_factory=list)
    told_after: list[float] = field(default_factory=list)
    fetched: int = 0


def measured(desk: LiveDesk, size: Size) -> tuple[Half, Half]:
    """Interleaved rounds; the half without pages, and the half with them. Raises on any refusal."""
    without, with_pages = Half(), Half()
    paced(desk, 1.0)
    for _ in range(size.rounds):
        _round(desk, size.seconds, without)
        desk.posted.clear()  # nobody was there to hear of these
        with _open(desk, size) as heard:
            _round(desk, size.seconds, with_pages)
            told = heard()
            with_pages.fetched += told["fetched"]
            with_pages.told_after += _delays(desk, told)
    return without, with_pages


def _round(desk: LiveDesk, seconds: float, half: Half) -> None:
    half.took.append(paced(desk, seconds))
    half.mib.append(memory.total(desk.leader))


@contextmanager
def _open(desk: LiveDesk, size: Size) -> Iterator[Any]:
    pages = [desk.page(number) for number in range(size.pages)]
    with tempfile.TemporaryDirectory(prefix="loket-bench-") as folder:
        file = Path(folder) / "pages.json"
        file.write_text(json.dumps(pages), "ascii")
        listening = subprocess.Popen(
            [sys.executable, "-m", "bench.live_pages", str(desk.port), str(file)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            if listening.stdout is None or listening.stdout.readline() != "open\n":
                raise RuntimeError("the pages did not open")
            yield lambda: json.loads(listening.communicate(timeout=60)[0])
        finally:
            listening.kill()
            listening.communicate()


def _delays(desk: LiveDesk, told: dict[str, Any]) -> list[float]:
    """For every message the seconds until the first page of its office heard, where any did."""
    moments = defaultdict(list)
    for moment, office in told["heard"]:
        moments[office].append(moment)
    found = []
    for posted, office in desk.posted:
        later = [moment - posted for moment in moments[office] if moment > posted]
        found += [min(later)] if later else []
    desk.posted.clear()
    return found


def _all(rounds: list[list[float]]) -> list[float]:
    return [each for took in rounds for each in took]


def _p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1] if len(values) > 1 else max(values, default=nan)


def markdown(name: str, size: Size, halves: tuple[Half, Half]) -> str:
    """A row of a table for every kind of request, and a sentence."""
    without, open_pages = halves
    rows = []
    for kind in KINDS:
        before, after = ([took[kind] for took in half.took] for half in halves)
        ratios = [_p95(b) / _p95(a) for a, b in zip(before, after, strict=True)]
        cells = [f"{median(each):.1f} | {_p95(each):.1f}" for each in map(_all, (before, after))]
        rows.append(f"| {name} | {kind} | {cells[0]} | {cells[1]} | {median(ratios):.2f} |")
    more = median(open_pages.mib) - median(without.mib)
    told = (
        f"told after {median(open_pages.told_after or [nan]):.1f} s (p95 {_p95(open_pages.told_after):.1f} s)"
    )
    return "\n".join(rows) + (
        f"\n\n{name}: {size.pages} pages of {size.offices} offices; {told}, and fetched themselves"
        f" {open_pages.fetched} times. {more:.0f} MiB more, {more * 1024 / size.pages:.0f} KiB a page.\n"
    )


HEAD = (
    "| database | request | p50 ms, no page | p95 ms | p50 ms, all pages | p95 ms | p95, ratio |\n"
    "| --- | --- | --: | --: | --: | --: | --: |"
)


def main() -> None:
    """Measure and print."""
    wanted = ArgumentParser(description=__doc__)
    wanted.add_argument("--small", action="store_true")
    wanted.add_argument("--only", choices=("SQLite", "PostgreSQL"))
    chosen = wanted.parse_args()
    size = SMALL if chosen.small else WHOLE
    print(f"load average before: {os.getloadavg()[0]:.1f}\n\n{HEAD}")
    for name in ("SQLite", "PostgreSQL"):
        if chosen.only not in (None, name):
            continue
        with (
            running_postgres() if name == "PostgreSQL" else nullcontext() as postgres,
            live_desk.running(postgres.make("live") if postgres else "", size.offices) as desk,
        ):
            print(markdown(name, size, measured(desk, size)), flush=True)
    print(f"load average after: {os.getloadavg()[0]:.1f}; {time.strftime('%Y-%m-%d', time.gmtime())}")


if __name__ == "__main__":
    main()
