"""Tables as files for Excel and its like: what people wrote stays text there, whatever it begins with."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any, TypeAlias

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from handlers.sheets import FORMULA, written

Cell: TypeAlias = str | int | float | Decimal | date | datetime | None
CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LONGEST_CELL = 32_000
# XML 1.0 has no word for these.
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_BAD_IN_TITLES = re.compile(r"[\[\]:*?/\\]")
_WIDEST = 60


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


def as_xlsx(sheets: Iterable[Sheet]) -> bytes:
    """The tables as a workbook. Moments stand in it without a zone, as Excel knows none."""
    book = Workbook(write_only=True)
    for sheet in sheets:
        _write(book, sheet)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _write(book: Any, sheet: Sheet) -> None:
    page = book.create_sheet(_BAD_IN_TITLES.sub(" ", sheet.title)[:31])
    page.freeze_panes = "A2"
    for at, width in enumerate(_widths(sheet), 1):
        page.column_dimensions[get_column_letter(at)].width = width
    for number, row in enumerate(sheet.rows):
        page.append([_cell(page, cell, heads=number == 0) for cell in row])


def _widths(sheet: Sheet) -> list[int]:
    columns = zip(*sheet.rows, strict=True)
    return [min(max(len(str(cell)) for cell in column) + 2, _WIDEST) for column in columns]


def _cell(page: Any, told: Cell, *, heads: bool) -> Any:
    if not isinstance(told, str):
        cell = WriteOnlyCell(page, told)
        if isinstance(told, datetime):
            cell.number_format = "yyyy-mm-dd hh:mm"
        return cell
    cell = WriteOnlyCell(page, _UNWRITABLE.sub("", told)[:_LONGEST_CELL])
    # The library takes what begins with "=" for a formula; and edited in Excel it shall stay the text it is.
    cell.data_type = "s"
    cell.quotePrefix = cell.value.startswith(FORMULA)
    if heads:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell
