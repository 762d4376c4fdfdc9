"""CSV files as people and Excel write them, and cells that no program takes for a formula."""

import csv
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from io import StringIO

# A cell that begins so is a formula to Excel.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
# Where Excel parts cells by semicolons, as in Indonesia, what stands behind one begins a cell.
_WITHIN = re.compile(r"(;\s?\"*)('*[=+\-@])")
_MADE_HARMLESS = re.compile(r"(;\s?\"*)'('*[=+\-@])")


class NoSheet(Exception):
    """The bytes are no CSV that can be read."""


class NoColumns(NoSheet):
    """The first line lacks a column that is needed."""


class Unreadable(Exception):
    """A file can't be taken; ``problems`` says why, a sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(len(problems))
        self.problems = problems


def written(rows: Iterable[Sequence[object]]) -> bytes:
    """The rows as a file for Excel: UTF-8 with a BOM, and no text in it that would be a formula."""
    out = StringIO()
    told = ([harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    csv.writer(out).writerows(told)
    return out.getvalue().encode("utf-8-sig")


def harmless(cell: str) -> str:
    """*cell* on one line, as text even where it looks like a formula."""
    line = _WITHIN.sub(r"\1'\2", " ".join(cell.split()))
    return f"'{line}" if line.startswith((*FORMULA, "'")) else line


def meant(cell: str) -> str:
    """*cell* without the sign that made it harmless."""
    cell = cell[1:] if cell[:1] == "'" and cell[1:2] in (*FORMULA, "'") else cell
    return _MADE_HARMLESS.sub(r"\1\2", cell)


def lines(content: bytes, needed: Collection[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Each line that says anything, with its number, by the column's title in small letters.

    Commas, semicolons or tabs part the cells. Raises ``NoColumns`` where a *needed* one is missing, or
    ``NoSheet``.
    """
    text = _text(content)
    first = text.partition("\n")[0]
    mark = max(",;\t", key=first.count)
    try:
        rows = list(csv.reader(StringIO(text, newline=""), delimiter=mark))
    except csv.Error:
        raise NoSheet("not a CSV file that can be read") from None
    titles = [cell.strip().casefold() for cell in rows[0]] if rows else []
    if not set(needed) <= set(titles):
        raise NoColumns(f"the first line must name the columns {', '.join(needed)}")
    for number, row in enumerate(rows[1:], 2):
        if any(cell.strip() for cell in row):
            yield number, dict(zip(titles, (" ".join(cell.split()) for cell in row), strict=False))


def _text(content: bytes) -> str:
    """What people's programs save: UTF-8 with a mark or without, UTF-16 with one, else Windows' own."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace").replace("\x00", "")
    try:
        return content.decode("utf-8-sig").replace("\x00", "")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace").replace("\x00", "")
