"""Queues, event by event: who arrives when, who serves them for how long, and how long they waited."""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of work: how many a second arrive, and how many seconds each place serves one."""

    rate: float
    services: tuple[float, ...]


def waits(kinds: Sequence[Kind], servers: Sequence[int], seconds: float, seed: int = 1) -> list[float]:
    """How long everything of the first kind took, first server to last, in a row of queues.

    Arrivals are Poisson's. One service in ten takes three times as long as the rest, as a checkpoint or a
    cold page make it. *servers*: how many stand at each place of the row.
    """
    random = Random(seed)  # noqa: S311  # a simulation must come out the same again
    came = sorted((at, kind) for kind, one in enumerate(kinds) for at in _arrivals(one.rate, seconds, random))
    leaves = [at for at, _ in came]
    for place, many in enumerate(servers):
        leaves = _served(leaves, [_service(kinds[kind].services[place], random) for _, kind in came], many)
    return [gone - at for gone, (at, kind) in zip(leaves, came, strict=True) if kind == 0]


def _arrivals(rate: float, seconds: float, random: Random) -> list[float]:
    found, at = [], 0.0
    while rate and (at := at + random.expovariate(rate)) < seconds:
        found.append(at)
    return found


def _service(mean: float, random: Random) -> float:
    return mean / 1.2 * (3 if random.random() < 0.1 else 1)


def _served(arrive: Sequence[float], take: Sequence[float], many: int) -> list[float]:
    """When each one leaves *many* servers with one queue, who are served as they arrive."""
    free = [0.0] * many
    leaves = [0.0] * len(arrive)
    for number in sorted(range(len(arrive)), key=arrive.__getitem__):
        begins = max(arrive[number], heapq.heappop(free))
        leaves[number] = begins + take[number]
        heapq.heappush(free, leaves[number])
    return leaves


def percentile(of: Sequence[float], part: float) -> float:
    """The value below which *part* (0 to 1) of them lie; nothing waited for nothing."""
    ordered = sorted(of)
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)] if ordered else 0.0


def least(enough: Callable[[int], bool], most: int) -> int | None:
    """The smallest number up to *most* that is enough; None when none is."""
    return next((many for many in range(1, most + 1) if enough(many)), None)
