"""What all tables share: the registry, keys, and moments that keep their zone."""

from dataclasses import fields
from datetime import UTC, datetime
from functools import cache
from typing import Any, ClassVar, TypeAlias

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    DateTime,
    Dialect,
    Integer,
    MetaData,
    Row,
    String,
    Table,
    TypeDecorator,
    literal_column,
    text,
)
from sqlalchemy.orm import DeclarativeBase

AnyRow: TypeAlias = Row[*tuple[Any, ...]]


class Moment(TypeDecorator[datetime]):
    """An aware moment, stored as UTC. SQLite keeps no zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Refuse a moment without a zone: it could be any of Indonesia's three."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Give the moment back in UTC."""
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """The registry of all tables; names of constraints are fixed so that migrations can find them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: Moment, dict[str, Any]: JSON}


def only(condition: str) -> dict[str, Any]:
    """Makes an index hold nothing but the rows a page or a tick looks for."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


def written(word: str) -> ColumnElement[str]:
    """*word*, one of our own, as part of a statement and not as its parameter.

    A parameter that is compared with what an index is ``only`` for makes SQLite prepare the statement anew
    each time it is executed (sqlite.org/c3ref/prepare.html), and keeps PostgreSQL from planning it once for
    all values.
    """
    if not word.isidentifier() and word:
        raise ValueError(f"{word!r} is not to be written into a statement")
    return literal_column(f"'{word}'", String)


def as_it_is(column: ColumnElement[str]) -> ColumnElement[str]:
    """*column*, to be compared where the row is found by its key: no index ``only`` for what it says is read.

    PostgreSQL takes any of a few pages for as good as a key until it has counted a table's rows: its first
    minute, in which that index may grow to thousands.
    """
    return column + literal_column("''", String)


def plain(value: Any) -> dict[str, Any]:
    """The fields of a dataclass by their names, as they are.

    ``dataclasses.asdict`` copies all of it deeply, which costs as much as to execute a statement.
    """
    return {name: getattr(value, name) for name in _names(value.__class__)}


@cache
def _names(of: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(of))


Key = BigInteger().with_variant(Integer, "sqlite")


def table(of: type[Base]) -> Table:
    """The Core table of a class: what statements on the hot path are made from."""
    found = of.__table__
    if not isinstance(found, Table):
        raise TypeError(of.__name__)
    return found
