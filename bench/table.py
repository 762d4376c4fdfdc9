"""Everything that was measured as one Markdown table, each line beside its floor."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any

_ENOUGH = 10
NODE_BOT = 2.5
"""Milliseconds of CPU that a bot in Node spends on a message, by those who run one."""
WANTED = {
    "accept": 0.7,
    "accept and handle": 0.45,
    "mail intake": 0.3,
}
_HEAD = (
    *("what", "database", "clients", "a second", "floor", "ratio", "p50 ms", "p99 ms"),
    *("CPU ms", "floor's", "of a Node bot's 2.5", "PostgreSQL CPU ms", "memory MB"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing measured: how many a second, beside its floor, and what one cost. None: not measured.

    ``middle``: between which ratios half of the rounds lie, where there were enough of them.
    """

    what: str
    database: str
    clients: int
    rate: float
    floor: float
    ratio: float
    p50: float | None = None
    p99: float | None = None
    cpu: float | None = None
    floor_cpu: float | None = None
    postgres: float | None = None
    memory: float | None = None
    middle: tuple[float, float] | None = None


def line(
    what: str,
    database: str,
    clients: int,
    mine: Sequence[Any],
    floors: Sequence[Any],
    memory: float | None = None,
) -> Line:
    """Medians of both sides' rounds; the ratio is the median of the ratios of the same round."""
    took = {name: _median(mine, name) for name in ("p50", "p99") if hasattr(mine[0], name)}
    apart = database == "PostgreSQL" and hasattr(mine[0], "database")
    ratios = [one.rate / floor.rate for one, floor in zip(mine, floors, strict=True)]
    return Line(
        what,
        database,
        clients,
        _median(mine, "rate"),
        _median(floors, "rate"),
        median(ratios),
        cpu=_median(mine, "cpu"),
        floor_cpu=_median(floors, "cpu"),
        postgres=_median(mine, "database") if apart else None,
        memory=memory,
        middle=_middle(ratios),
        **took,
    )


def _middle(ratios: Sequence[float]) -> tuple[float, float] | None:
    if len(ratios) < _ENOUGH:
        return None
    lower, _, upper = quantiles(ratios, n=4)
    return lower, upper


def _median(runs: Sequence[Any], what: str) -> float:
    return float(median(getattr(run, what) for run in runs))


def markdown(lines: Sequence[Line]) -> str:
    """The table, and below it which targets hold."""
    rows = [_joined(_HEAD), _joined(["---"] * 2 + ["--:"] * (len(_HEAD) - 2)), *map(_row, lines)]
    return "\n".join([*rows, "", *(_verdict(one) for one in lines if one.what in WANTED)])


def _row(one: Line) -> str:
    beside_node = f"{one.cpu / NODE_BOT:.2f}" if one.cpu is not None and one.what in WANTED else ""
    return _joined(
        [
            *(one.what, one.database, str(one.clients)),
            *(f"{one.rate:.0f}", f"{one.floor:.0f}", f"{one.ratio:.2f}"),
            *(_told(one.p50, 1), _told(one.p99, 1), _told(one.cpu, 2), _told(one.floor_cpu, 2)),
            *(beside_node, _told(one.postgres, 2), _told(one.memory, 0)),
        ]
    )


def _told(figure: float | None, digits: int) -> str:
    return "" if figure is None else f"{figure:.{digits}f}"


def _verdict(one: Line) -> str:
    wanted = WANTED[one.what]
    word = "holds" if one.ratio >= wanted else "**missed**"
    middle = " ({:.2f} to {:.2f} in half of the rounds)".format(*one.middle) if one.middle else ""
    return f"* {one.what}, {one.database}, {one.clients}: {one.ratio:.2f}{middle}, wanted {wanted}: {word}"


def _joined(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
