"""Tables as files for Excel and its like; as workbooks: ``workbooks.py``."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from handlers.sheets import written

Cell: TypeAlias = str | int | float | Decimal | date | datetime | None
CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with its title; the first row names the columns."""

    title: str
    rows: Sequence[Sequence[Cell]]


def as_csv(rows: Iterable[Sequence[Cell]]) -> bytes:
    """The rows as a file for Excel, moments as ``2026-03-31 23:59``."""
    return written([_plain(cell) for cell in row] for row in rows)


def _plain(cell: Cell) -> Cell:
    return cell.strftime("%Y-%m-%d %H:%M") if isinstance(cell, datetime) else cell
