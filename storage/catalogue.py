"""The catalogue: what is published and where to read it, and how fetching it goes."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, delete, func, or_, select, update

from storage.catalogue_tables import LONGEST_LINK, LONGEST_TITLE, CatalogueItem, CatalogueSource
from storage.catalogue_terms import terms_of
from storage.columns import AnyRow, table
from storage.inserting import insert_into

ITEM: Table = table(CatalogueItem)
SOURCE: Table = table(CatalogueSource)
LEASE = timedelta(minutes=30)
AGAIN = timedelta(hours=1)
_LONGEST_SUMMARY = 250
_AT_ONCE = 500
_KEY = ("office", "source", "kind", "external_id")
_TOLD = ("title", "link", "released_on", "summary", "title_terms", "more_terms")


@dataclass(frozen=True, slots=True)
class Item:
    """Something published. *more*: words besides the title that it may be found by."""

    kind: str
    external_id: str
    title: str
    link: str
    released_on: date | None = None
    summary: str = ""
    more: str = ""


def keep(
    connection: Connection, office: str, source: str, items: Sequence[Item], place: str, now: datetime
) -> None:
    """Add *items* or bring them up to date. All of *office* are about *place*, whether they say so or not."""
    rows = [_row(office, source, item, place, now) for item in items if _fits(item)]
    for first in range(0, len(rows), _AT_ONCE):
        some = rows[first : first + _AT_ONCE]
        statement = insert_into(connection, ITEM)
        new = {name: statement.excluded[name] for name in (*_TOLD, "changed_at")}
        changed = or_(*(ITEM.c[name].is_distinct_from(new[name]) for name in _TOLD))
        connection.execute(
            statement.on_conflict_do_update(index_elements=list(_KEY), set_=new, where=changed), some
        )


def _fits(item: Item) -> bool:
    return bool(item.title.strip()) and len(item.link) <= LONGEST_LINK and len(item.external_id) <= 64


def _row(office: str, source: str, item: Item, place: str, now: datetime) -> dict[str, Any]:
    title = " ".join(item.title.split())[:LONGEST_TITLE]
    return {
        "office": office,
        "source": source,
        "kind": item.kind,
        "external_id": item.external_id,
        "title": title,
        "link": item.link,
        "released_on": item.released_on,
        "summary": " ".join(item.summary.split())[:_LONGEST_SUMMARY],
        "title_terms": terms_of(title, place),
        "more_terms": terms_of(f"{item.summary} {item.more}"),
        "changed_at": now,
    }


def forget_others(connection: Connection, office: str, source: str, kind: str, there: Collection[str]) -> int:
    """Take away what is no longer published; how many."""
    mine = (ITEM.c.office == office, ITEM.c.source == source, ITEM.c.kind == kind)
    rows = connection.execute(select(ITEM.c.id, ITEM.c.external_id).where(*mine))
    gone = [row.id for row in rows if row.external_id not in there]
    for first in range(0, len(gone), _AT_ONCE):
        connection.execute(delete(ITEM).where(ITEM.c.id.in_(gone[first : first + _AT_ONCE])))
    return len(gone)


def remove(connection: Connection, office: str, source: str, kind: str, external_id: str) -> None:
    """Take one item away."""
    key = {"office": office, "source": source, "kind": kind, "external_id": external_id}
    connection.execute(delete(ITEM).where(*(ITEM.c[name] == value for name, value in key.items())))


def counts(connection: Connection, offices: Sequence[str]) -> dict[tuple[str, str, str], int]:
    """How many items each of *offices* has, by (office, source, kind)."""
    columns = (ITEM.c.office, ITEM.c.source, ITEM.c.kind)
    counted = select(*columns, func.count().label("number")).where(ITEM.c.office.in_(offices))
    rows = connection.execute(counted.group_by(*columns).order_by(*columns))
    return {(row.office, row.source, row.kind): row.number for row in rows}


def listed(connection: Connection, office: str, source: str) -> Iterator[AnyRow]:
    """The items of *office* from this source, oldest first."""
    mine = (ITEM.c.office == office, ITEM.c.source == source)
    yield from connection.execute(select(ITEM).where(*mine).order_by(ITEM.c.id))


def add_source(connection: Connection, office: str) -> None:
    """Let this domain have its row, if it has none yet."""
    connection.execute(insert_into(connection, SOURCE).values(office=office).on_conflict_do_nothing())


def claim_source(connection: Connection, office: str, now: datetime, *, fetched_before: datetime) -> bool:
    """Take this domain for fetching; False when another process is at it, or it was fetched since.

    One that failed is tried again an hour later.
    """
    add_source(connection, office)
    free = or_(SOURCE.c.lease_until.is_(None), SOURCE.c.lease_until < now)
    wanted = or_(SOURCE.c.fetched_at.is_(None), SOURCE.c.fetched_at < fetched_before)
    rested = or_(SOURCE.c.tried_at.is_(None), SOURCE.c.tried_at <= now - AGAIN)
    done = connection.execute(
        update(SOURCE)
        .where(SOURCE.c.office == office, free, wanted, rested)
        .values(lease_until=now + LEASE, tried_at=now)
    )
    return done.rowcount == 1


def source_done(connection: Connection, office: str, now: datetime, items: int, error: str) -> None:
    """How fetching ended: *error* is empty when everything came."""
    told: dict[str, Any] = {"lease_until": None, "error": error[:255]}
    if not error:
        told |= {"fetched_at": now, "items": items}
    connection.execute(update(SOURCE).where(SOURCE.c.office == office).values(**told))


def sources(connection: Connection, offices: Sequence[str]) -> dict[str, AnyRow]:
    """How fetching went for each of *offices* that was ever fetched."""
    rows = connection.execute(select(SOURCE).where(SOURCE.c.office.in_(offices)))
    return {row.office: row for row in rows}
