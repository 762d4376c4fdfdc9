"""One line of the strip that shows what happens behind the scenes."""

from dataclasses import dataclass
from datetime import datetime

SHOWN = 40


@dataclass(frozen=True, slots=True)
class Scene:
    """``done`` of ``steps`` are behind it. ``way`` is the channel it came or went by, if any."""

    id: str
    at: datetime
    kind: str
    title: str
    detail: str
    steps: tuple[str, ...] = ()
    done: int = 0
    trouble: str = ""
    way: str = ""
