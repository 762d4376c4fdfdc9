"""Everything a desk holds, searched for words: all tables with all columns, search indexes, and files."""

import json
from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import select, text

from handlers.runtime import Runtime
from storage.columns import Base


def found(runtime: Runtime, words: Collection[str]) -> set[str]:
    """Where any of *words* stands (capitals don't matter): ``table.column: word`` and names of files."""
    wanted = {word.casefold() for word in words}
    places = {f"{place}: {word}" for place, said in _texts(runtime) for word in wanted if word in said}
    with_files = (path for path in runtime.settings.data_dir.rglob("*") if path.is_file())
    for path in with_files:
        said = path.read_bytes().decode("utf-8", "replace").casefold()
        if path.suffix not in {".db", ".db-wal", ".db-shm"} and path.name != "loket.db":
            places |= {f"{path.name}: {word}" for word in wanted if word in said}
    return places


def _texts(runtime: Runtime) -> Iterator[tuple[str, str]]:
    with runtime.database.read() as connection:
        for table in Base.metadata.sorted_tables:
            for row in connection.execute(select(table)):
                for column, value in zip(table.columns, row, strict=True):
                    yield f"{table.name}.{column.name}", _said(value)
        for index, words in _indexes(connection):
            yield index, words.casefold()


def _said(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").casefold()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False).casefold()
    return str(value).casefold()


def _indexes(connection: Any) -> Iterator[tuple[str, str]]:
    """The words that the search indexes know."""
    if connection.dialect.name == "sqlite":
        for name in ("message", "ticket", "catalogue"):
            vocabulary = f"temp.v_{name} USING fts5vocab('main', '{name}_search', 'row')"
            connection.execute(text(f"CREATE VIRTUAL TABLE {vocabulary}"))
            rows = connection.execute(text(f"SELECT term FROM temp.v_{name}"))  # noqa: S608  # our own names
            yield f"{name}_search", " ".join(row.term for row in rows)
            connection.execute(text(f"DROP TABLE temp.v_{name}"))
        return
    # Those of messages and tickets are made of the texts themselves, and hold no word of their own.
    words = connection.execute(
        text("SELECT search::text AS words FROM catalogue_item WHERE search IS NOT NULL")
    )
    yield "catalogue_item.search", " ".join(row.words for row in words)
