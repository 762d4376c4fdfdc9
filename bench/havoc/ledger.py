"""What the people around the desk were told: whatever was answered with a yes must be found afterwards."""

import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field


@dataclass
class Ledger:
    """Written by many threads, each key by one of them; read when they have ended.

    ``accepted``: the ids of each citizen's messages (with the office's number they were sent to) that the
    desk has answered with 200, in that order. ``offered``: all ids, those nobody took included. ``answers``:
    the words of officers by their form's id, where the page said that they were taken. ``mails``: the
    Message-IDs that the mail server has taken. ``reports``: the ids at the provider and the statuses of
    which the desk has taken the report. ``undecided``: who fell silent over half a request and waited too
    long. ``counted``: how often what else happened; ``faults``: what may never happen, whatever dies.
    """

    offered: set[str] = field(default_factory=set)
    accepted: defaultdict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    answers: dict[str, str] = field(default_factory=dict)
    mails: list[str] = field(default_factory=list)
    reports: set[tuple[str, str]] = field(default_factory=set)
    undecided: list[str] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def longest(self, what: str, since: float) -> None:
        """Note the seconds that *what* has taken, if it never took longer."""
        name = f"seconds at most: {what}"
        self.counted[name] = max(self.counted[name], round(time.monotonic() - since))

    @property
    def taken(self) -> int:
        """How many messages the desk has answered with 200."""
        return sum(map(len, self.accepted.values()))
