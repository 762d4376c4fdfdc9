"""Tables as workbooks: what people wrote stays text there, whatever it begins with.

Imported by who writes one: the library takes a process a good while and ten megabytes.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from handlers.sheets import FORMULA
from handlers.web.cells import Cell, Sheet

_LONGEST_CELL = 32_000
# XML 1.0 has no word for these.
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_BAD_IN_TITLES = re.compile(r"[\[\]:*?/\\]")
_WIDEST = 60


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
