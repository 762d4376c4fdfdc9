"""Rows that nothing looks at before their transaction ends are written last, all statements in one piece.

One statement writes the rows of all turns that share a transaction. Outside ``together`` each is written at
once. A turn that looks at what an earlier one of the same transaction may have left says so first (``meet``).
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, CursorResult
from sqlalchemy.sql.dml import Insert, UpdateBase

from storage.pipelining import in_one_piece, rows_changed
from storage.slots import padded

Row = Mapping[str, Any]
_Found = TypeVar("_Found")


class Missed(Exception):
    """A row is not as its turn had found it any more: nothing that these turns did may stand."""


@dataclass(slots=True)
class _Shared:
    """What the turns of a transaction have left to be written, in this order, and what one has found out."""

    new: dict[Insert, list[Row]] = field(default_factory=dict)
    ranks: dict[Insert, int] = field(default_factory=dict)
    unwritten: dict[Hashable, dict[str, Any]] = field(default_factory=dict)
    rows: dict[UpdateBase, list[Row]] = field(default_factory=dict)
    latest: dict[UpdateBase, dict[Hashable, Row]] = field(default_factory=dict)
    changes: dict[tuple[UpdateBase, datetime], set[int]] = field(default_factory=dict)
    sure: list[tuple[UpdateBase, Row]] = field(default_factory=list)
    found: dict[Hashable, Any] = field(default_factory=dict)
    told: dict[Hashable, Any] = field(default_factory=dict)
    met: set[Hashable] = field(default_factory=set)
    counts: Counter[Hashable] = field(default_factory=Counter)
    by_itself: bool = False


_SHARED: dict[Connection, _Shared] = {}


@contextmanager
def together(connection: Connection, *, by_itself: bool = False) -> Iterator[None]:
    """Several turns share the transaction of *connection* until the end of this block.

    *by_itself*: it is a single one. Its new rows are written at once: it would only have to ask for ids.
    """
    _SHARED[connection] = _Shared(by_itself=by_itself)
    try:
        yield
        write_now(connection)
    finally:
        del _SHARED[connection]


def is_shared(connection: Connection) -> bool:
    """Whether this is a transaction of ``together``: if it fails, its turns are taken anew in others."""
    return connection in _SHARED


def put(connection: Connection, statement: UpdateBase, rows: Sequence[Row]) -> None:
    """Execute *statement* with *rows*, which all have the same columns."""
    shared = _SHARED.get(connection)
    if shared is None:
        connection.execute(statement, rows if len(rows) > 1 else rows[0])
    else:
        shared.rows.setdefault(statement, []).extend(rows)


def put_latest(connection: Connection, statement: UpdateBase, key: Hashable, row: Row) -> None:
    """The same for one row, in place of the one before with this *key*."""
    shared = _SHARED.get(connection)
    if shared is None:
        connection.execute(statement, row)
    else:
        shared.latest.setdefault(statement, {})[key] = row


def change(connection: Connection, statement: UpdateBase, key: int, now: datetime) -> None:
    """Let *statement*, which takes ``keys`` and ``now``, change the row with this *key* later.

    ``Missed`` is raised then if it does not. Only where the transaction ``is_shared``.
    """
    _SHARED[connection].changes.setdefault((statement, now), set()).add(key)


def put_surely(connection: Connection, statement: UpdateBase, row: Row) -> None:
    """Execute *statement* later, which must change one row, or ``Missed`` is raised.

    Only where the transaction ``is_shared``.
    """
    _SHARED[connection].sure.append((statement, row))


def may_wait(connection: Connection) -> bool:
    """Whether turns share the transaction, so that a new row may be written later."""
    shared = _SHARED.get(connection)
    return shared is not None and not shared.by_itself


def put_new(connection: Connection, statement: Insert, row: Row, what: Hashable, *, rank: int) -> None:
    """Insert *row* later, before all that is put, and after what has a lower *rank*: it may be referred to.

    Whoever reads or changes it before says so first (``need`` *what*, or ``amend``).
    """
    shared, kept = _SHARED[connection], dict(row)
    shared.new.setdefault(statement, []).append(kept)
    shared.ranks[statement] = rank
    shared.unwritten[what] = kept


def amend(connection: Connection, what: Hashable, **values: object) -> bool:
    """Change a row that will be inserted later; False when it is none of those. It has these columns."""
    shared = _SHARED.get(connection)
    row = shared.unwritten.get(what) if shared else None
    if row is None:
        return False
    row.update(values)
    return True


def is_unwritten(connection: Connection, what: Hashable) -> bool:
    """Whether this is a row that will be inserted later."""
    shared = _SHARED.get(connection)
    return shared is not None and what in shared.unwritten


def need(connection: Connection, what: Hashable) -> None:
    """The row is going to be looked at, or changed."""
    if is_unwritten(connection, what):
        write_now(connection)


def write_now(connection: Connection) -> None:
    """Write what the turns before have left."""
    shared = _SHARED.get(connection)
    if shared is None:
        return
    changes, left = list(_changes(shared)), list(_left(shared))
    if len(changes) + len(left) > 1:
        with in_one_piece(connection):
            made = _execute(connection, changes, left)
    else:
        made = _execute(connection, changes, left)
    if any(rows_changed(result) != wanted for result, wanted in made):
        raise Missed
    for written in (shared.new, shared.unwritten, shared.latest, shared.rows, shared.changes, shared.sure):
        written.clear()


def _changes(shared: _Shared) -> Iterator[tuple[UpdateBase, Mapping[str, object], int]]:
    for (statement, now), keys in shared.changes.items():
        yield statement, {"keys": padded(keys), "now": now}, len(keys)
    for statement, row in shared.sure:
        yield statement, row, 1


def _left(shared: _Shared) -> Iterator[tuple[UpdateBase, Sequence[Row]]]:
    for insertion in sorted(shared.new, key=shared.ranks.__getitem__):
        yield insertion, shared.new[insertion]
    for statement, latest in shared.latest.items():
        yield statement, list(latest.values())
    yield from shared.rows.items()


def _execute(
    connection: Connection,
    changes: Sequence[tuple[UpdateBase, Mapping[str, object], int]],
    left: Sequence[tuple[UpdateBase, Sequence[Row]]],
) -> list[tuple[CursorResult[Any], int]]:
    """Those that must change so many rows, with that number."""
    made = [(connection.execute(statement, values), wanted) for statement, values, wanted in changes]
    for statement, rows in left:
        connection.execute(statement, rows if len(rows) > 1 else rows[0])
    return made


def meet(
    connection: Connection, own: AbstractSet[Hashable], named: AbstractSet[Hashable] = frozenset()
) -> bool:
    """A turn begins that is about *own* and looks at what it has *named*.

    True if a turn before was about any of these; then what the turns before have left is written now.
    """
    shared = _SHARED.get(connection)
    if shared is None:
        return False
    again = not shared.met.isdisjoint(own | named)
    if again:
        write_now(connection)
        shared.told.clear()
    shared.met |= own
    return again


def once(connection: Connection, key: Hashable, find: Callable[[], _Found]) -> _Found:
    """What *find* gives, asked once in a transaction that turns share: for what no turn of it changes."""
    shared = _SHARED.get(connection)
    if shared is None:
        return find()
    if key not in shared.found:
        shared.found[key] = find()
    found: _Found = shared.found[key]
    return found


def tell(connection: Connection, what: Hashable, told: object) -> None:
    """Let the turn that asks for it first know this, unless a turn before it was about the same."""
    shared = _SHARED.get(connection)
    if shared is not None:
        shared.told[what] = told


def take(connection: Connection, what: Hashable) -> Any:
    """What was told, once; None else."""
    shared = _SHARED.get(connection)
    return shared.told.pop(what, None) if shared else None


def count(connection: Connection, what: Hashable, many: int) -> int:
    """One turn of several adds so *many* to what the next ones are told by ``counted``; what that is now."""
    shared = _SHARED.get(connection)
    if shared is not None:
        shared.counts[what] += many
    return counted(connection, what)


def counted(connection: Connection, what: Hashable) -> int:
    """What earlier turns of this transaction have counted."""
    shared = _SHARED.get(connection)
    return shared.counts[what] if shared else 0
