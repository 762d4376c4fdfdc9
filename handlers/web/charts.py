"""The geometry of charts: where each piece of a picture stands. Templates draw and stylesheets colour it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

TOP, FLOOR, LEFT, LABELS = 18, 168, 34, 26
_NARROW, _WIDE = 420, 760
_FEW = 13
"""Up to so many columns have their number written on them, and all fit on a telephone."""
_LINES = 4


@dataclass(frozen=True, slots=True)
class Piece:
    """A rectangle; *look* is the class that colours it."""

    look: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its pieces from below, what is written under it and, where there is room, above it."""

    middle: float
    top: float
    label: str
    number: int | None
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Columns:
    """A chart of columns on lines of *grid*: how high, and for how many."""

    width: int
    height: int
    columns: tuple[Column, ...]
    grid: tuple[tuple[float, int], ...]

    @property
    def wide(self) -> bool:
        """Whether it needs more room than a telephone has."""
        return self.width > _NARROW


def columns(labels: Sequence[str], looks: Sequence[str], numbers: Sequence[Sequence[int]]) -> Columns:
    """A column for each of *labels* (an empty one is not written), with a piece for each of *looks*."""
    highest = max((sum(each) for each in numbers), default=0)
    step = _step(highest)
    upmost = step * -(-max(highest, 1) // step)
    width = _NARROW if len(labels) <= _FEW else _WIDE
    pitch = (width - LEFT) / max(len(labels), 1)
    scale = (FLOOR - TOP) / upmost
    drawn = tuple(
        _column(label, looks, each, LEFT + pitch * at, pitch, scale, numbered=len(labels) <= _FEW)
        for at, (label, each) in enumerate(zip(labels, numbers, strict=True))
    )
    grid = tuple((_short(FLOOR - line * scale), line) for line in range(0, upmost + 1, step))
    return Columns(width, FLOOR + LABELS, drawn, grid)


def _column(
    label: str,
    looks: Sequence[str],
    numbers: Sequence[int],
    x: float,
    pitch: float,
    scale: float,
    *,
    numbered: bool,
) -> Column:
    total = sum(numbers)
    pieces = tuple(_stacked(looks, numbers, x + pitch * 0.14, pitch * 0.72, scale))
    number = total if numbered and total else None
    return Column(_short(x + pitch / 2), _short(FLOOR - total * scale), label, number, pieces)


def _stacked(
    looks: Sequence[str], numbers: Sequence[int], x: float, width: float, scale: float
) -> Iterator[Piece]:
    floor = float(FLOOR)
    for look, number in zip(looks, numbers, strict=True):
        if number:
            floor -= number * scale
            yield Piece(look, _short(x), _short(floor), _short(width), _short(number * scale))


def stack(looks: Sequence[str], numbers: Sequence[int]) -> tuple[Piece, ...]:
    """One bar of a hundred, lying, shared out as *numbers* say."""
    total, x, found = sum(numbers), 0.0, []
    for look, number in zip(looks, numbers, strict=True):
        if number:
            width = number * 100 / total
            found.append(Piece(look, _short(x), 0, _short(width), 1))
            x += width
    return tuple(found)


def _step(highest: int) -> int:
    """1, 2 or 5 and so many noughts: at most four of it reach *highest*."""
    unit = 1
    while True:
        for step in (unit, 2 * unit, 5 * unit):
            if step * _LINES >= highest:
                return step
        unit *= 10


def _short(place: float) -> float:
    return round(place, 2)
