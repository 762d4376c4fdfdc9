"""The measured runs as Markdown: medians, and ratios to the floor of the same round."""

from collections.abc import Callable, Mapping, Sequence
from statistics import median

from bench.measuring import Run
from bench.servers import Target

WORDS = {
    "floor": "bare Flask app, two commits",
    "accept": "Loket: accept alone",
    "web": "`loket web`: accept and handle",
    "serve": "`loket serve`: accept, handle and deliver",
}
LEAST = {"accept": 0.5, "web": 0.25}
_HEAD = (
    "clients",
    "what",
    "requests/s",
    "ratio to floor",
    "p50 ms",
    "p99 ms",
    "CPU ms/request",
    "ratio to floor",
    "PostgreSQL CPU ms",
    "generator CPU ms",
)


def markdown(results: Mapping[tuple[Target, int], Sequence[Run]]) -> str:
    """A table a database; then whether the targets hold."""
    databases = dict.fromkeys(target.database for target, _ in results)
    return "\n\n".join([*(_table(results, database) for database in databases), _verdict(results)])


def line(name: str, clients: int, run: Run) -> str:
    """One run, while one waits."""
    return f"{name:22} {clients:3} clients {run.rate:7.0f}/s  p50 {run.p50:6.1f} ms  CPU {run.cpu:5.2f} ms"


def _table(results: Mapping[tuple[Target, int], Sequence[Run]], database: str) -> str:
    rows = [
        _row(target, clients, results)
        for target, clients in sorted(results, key=lambda key: key[1])
        if target.database == database
    ]
    head = [f"### {database}", "", _joined(_HEAD), _joined(["---"] * 2 + ["--:"] * (len(_HEAD) - 2))]
    return "\n".join([*head, *rows])


def _row(target: Target, clients: int, results: Mapping[tuple[Target, int], Sequence[Run]]) -> str:
    runs = results[target, clients]
    medians = {name: median(getattr(run, name) for run in runs) for name in Run.__slots__}
    return _joined(
        [
            str(clients),
            WORDS[target.what],
            f"{medians['rate']:.0f}",
            _ratio(target, clients, results, lambda run: run.rate),
            f"{medians['p50']:.1f}",
            f"{medians['p99']:.1f}",
            f"{medians['cpu']:.2f}",
            _ratio(target, clients, results, lambda run: run.cpu),
            f"{medians['database']:.2f}" if target.database == "PostgreSQL" else "",
            f"{medians['generator']:.2f}",
        ]
    )


def _ratio(
    target: Target,
    clients: int,
    results: Mapping[tuple[Target, int], Sequence[Run]],
    what: Callable[[Run], float],
) -> str:
    return f"{ratio(target, clients, results, what):.2f}"


def ratio(
    target: Target,
    clients: int,
    results: Mapping[tuple[Target, int], Sequence[Run]],
    what: Callable[[Run], float],
) -> float:
    """The median over all rounds of what *target* came to, divided by the floor of the same round."""
    floors = results[Target("floor", target.database), clients]
    return median(
        what(one) / what(floor) for one, floor in zip(results[target, clients], floors, strict=True)
    )


def _verdict(results: Mapping[tuple[Target, int], Sequence[Run]]) -> str:
    lines = []
    for target, clients in results:
        if least := LEAST.get(target.what):
            reached = ratio(target, clients, results, lambda run: run.rate)
            word = "holds" if reached >= least else "**missed**"
            lines.append(f"* {target.name}, {clients} clients: {reached:.2f}, wanted {least}: {word}")
    return "\n".join(lines)


def _joined(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
