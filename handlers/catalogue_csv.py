"""The catalogue as a CSV file, for offices that have no key, or know of more than the WebAPI does."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from hashlib import sha256
from urllib.parse import urlsplit

from handlers import sheets
from handlers.sheets import Unreadable
from storage.catalogue import Item
from storage.catalogue_tables import LONGEST_LINK, LONGEST_TITLE
from storage.columns import AnyRow

COLUMNS = ("judul", "tautan", "jenis", "tanggal", "ringkasan")
LARGEST = 16 * 1024 * 1024
_NEEDED = COLUMNS[:2]
_DATES = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y")
NAMES = {
    "publication": "publikasi",
    "statictable": "tabel",
    "pressrelease": "berita resmi statistik",
    "news": "berita",
}
_KINDS = (
    {name: kind for kind, name in NAMES.items()}
    | {kind: kind for kind in NAMES}
    | {
        "brs": "pressrelease",
        "": "publication",
    }
)


def written(rows: Iterable[AnyRow]) -> bytes:
    """The items as a file for Excel."""
    items = ((row.title, row.link, NAMES[row.kind], row.released_on, row.summary) for row in rows)
    return sheets.written([COLUMNS, *items])


def read(content: bytes) -> list[Item]:
    """The items of a file, one for each link. Raises ``Unreadable`` with all that is wrong in it."""
    if len(content) > LARGEST:
        raise Unreadable([f"the file is too large: {LARGEST // 1024 // 1024} MB at most"])
    items: dict[str, Item] = {}
    problems: list[str] = []
    try:
        for number, cells in sheets.lines(content, _NEEDED):
            problems += [f"line {number}: {told}" for told in _problems(cells)]
            item = _item(cells)
            items[item.external_id] = item
    except sheets.NoSheet as error:
        raise Unreadable([str(error)]) from None
    if problems:
        raise Unreadable(problems)
    return list(items.values())


def _problems(cells: dict[str, str]) -> Iterator[str]:
    title, link = sheets.meant(cells.get("judul", "")), cells.get("tautan", "")
    if not 0 < len(title) <= LONGEST_TITLE:
        yield f"judul must be there, {LONGEST_TITLE} characters at most"
    if len(link) > LONGEST_LINK or not _is_address(link):
        yield f"tautan must be a web address (https://...), {LONGEST_LINK} characters at most"
    if _kind(cells) is None:
        yield f"jenis must be one of: {', '.join(NAMES.values())}"
    if cells.get("tanggal") and _day(cells["tanggal"]) is None:
        yield "tanggal can't be read; write it like 2025-02-28 or 28/02/2025"


def _is_address(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not any(map(str.isspace, link))


def _kind(cells: dict[str, str]) -> str | None:
    return _KINDS.get(" ".join(cells.get("jenis", "").casefold().split()))


def _item(cells: dict[str, str]) -> Item:
    link = cells.get("tautan", "")
    return Item(
        kind=_kind(cells) or "publication",
        external_id=sha256(link.encode()).hexdigest()[:32],
        title=sheets.meant(cells.get("judul", "")),
        link=link,
        released_on=_day(cells.get("tanggal", "")),
        summary=sheets.meant(cells.get("ringkasan", "")),
    )


def _day(told: str) -> date | None:
    for form in _DATES:
        try:
            return datetime.strptime(told, form).date()  # noqa: DTZ007  # a date has no zone
        except ValueError:
            continue
    return None
