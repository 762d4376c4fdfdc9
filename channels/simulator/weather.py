"""Bad weather at the stand-in: a seeded mix of faults, the same for the same words whoever sends them."""

import random
import threading
from collections import Counter
from collections.abc import Collection, Mapping

from channels.simulator.provider import Fault

# Of a hundred sendings so many end so, 30 of them by a fault; of what is taken a third is told wrongly.
_SENDINGS: tuple[tuple[str, int], ...] = (
    ("busy", 6),
    ("refused", 4),
    ("taken", 4),
    ("hangs", 4),
    ("silent", 2),
    ("late", 2),
    ("drops", 4),
    ("limit", 2),
    ("window", 2),
)
USUAL_SHARE = 0.3
_REPORTS: tuple[tuple[str, int], ...] = (
    ("disorder", 8),
    ("twice", 8),
    ("lost", 6),
    ("half", 4),
    ("fails", 2),
    ("limit", 1),
    ("window", 2),
)


class Storm:
    """Faults by a seed. *hang*: how long a silence is; longer than anybody waits. May be used by threads.

    *share*: of how many sendings something goes wrong. *without*: kinds that don't happen.
    """

    def __init__(
        self, seed: int, hang: float, *, share: float = USUAL_SHARE, without: Collection[str] = ()
    ) -> None:
        self.seed, self.hang = seed, hang
        self._strength, self._without = share / USUAL_SHARE, frozenset(without)
        self.happened: Counter[str] = Counter()
        self._tries: Counter[str] = Counter()
        self._lock = threading.Lock()

    def fault(self, form: Mapping[str, str]) -> Fault:
        """What happens to the sending of this message."""
        kind, _ = self._drawn("sending", form, _SENDINGS)
        return self._as_fault(kind)

    def foretold(self, form: Mapping[str, str]) -> Fault:
        """What would happen to the sending of this message now; that it was asked for changes nothing."""
        key = _key("sending", form)
        return self._as_fault(self._chosen(key, self._tries[key] + 1, _SENDINGS)[0])

    def _as_fault(self, kind: str) -> Fault:
        match kind:
            case "busy":
                return Fault(status=429, code=20429)
            case "refused":
                return Fault(status=500, code=20500)
            case "taken":
                return Fault(status=500, code=20500, taken=True)
            case "hangs":
                return Fault(hang=self.hang)
            case "silent":
                return Fault(hang=self.hang, accepted=False)
            case "late":
                return Fault(hang=self.hang, late=True)
            case "drops":
                return Fault(drop=True)
            case "limit":
                return Fault(status=429, code=63018)
            case "window":
                return Fault(status=400, code=63016)
        return Fault()

    def reports(self, form: Mapping[str, str], usual: tuple[str, ...]) -> tuple[str, ...]:
        """What is reported of a message that was taken."""
        kind, chosen = self._drawn("report", form, _REPORTS)
        match kind:
            case "disorder":
                return tuple(chosen.sample((*usual, "sending"), len(usual) + 1))
            case "twice":
                return (*usual, *reversed(usual))
            case "lost":
                return tuple(f"-{status}" for status in usual)
            case "half":
                return (usual[0], *(f"-{status}" for status in usual[1:]))
            case "fails":
                return (usual[0], "undelivered:63012", "failed:63012")
            case "limit":
                return (usual[0], "failed:63018:(#131056) pair rate limit hit")
            case "window":
                return ("failed:63016", usual[0])
        return usual

    def _drawn(
        self, what: str, form: Mapping[str, str], kinds: tuple[tuple[str, int], ...]
    ) -> tuple[str, random.Random]:
        key = _key(what, form)
        with self._lock:
            self._tries[key] += 1
            attempt = self._tries[key]
        kind, chosen = self._chosen(key, attempt, kinds)
        with self._lock:
            self.happened[f"{what} {kind}".strip()] += 1
        return kind, chosen

    def _chosen(
        self, key: str, attempt: int, kinds: tuple[tuple[str, int], ...]
    ) -> tuple[str, random.Random]:
        chosen = random.Random(f"{self.seed}:{key}:{attempt}")  # noqa: S311  # the same storm every time
        place = chosen.randrange(100)
        kind = next((name for name, upto in _summed(kinds) if place < upto), "")
        if kind in self._without or (self._strength < 1 and chosen.random() >= self._strength):
            kind = ""
        return kind, chosen


def _key(what: str, form: Mapping[str, str]) -> str:
    return f"{what}:{form.get('To')}:{form.get('Body')}"


def _summed(kinds: tuple[tuple[str, int], ...]) -> tuple[tuple[str, int], ...]:
    upto, summed = 0, []
    for name, share in kinds:
        upto += share
        summed.append((name, upto))
    return tuple(summed)
