"""A backup: one archive of all rows, all files and the configuration, made while the desk is running.

It is the same for SQLite and PostgreSQL, so that a desk moves from one to the other by it, too. A tar:
``tables/<name>.jsonl.gz``, ``files/<sha256>``, ``config.yaml`` with the files that it names, by their paths
from its folder, and last ``manifest.json``, without which an archive is not whole.
"""

import gzip
import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection

from handlers.settings import named_files
from storage import dump, restored, schema, search
from storage.db import Database
from storage.files import Files

FORMAT = 1
MANIFEST = "manifest.json"
CONFIG = "config.yaml"
PREFIX = "loket-"
_TABLES, _FILES = "tables/", "files/"
_ENDING = ".jsonl.gz"
_BROKEN_OFF_FOR = timedelta(days=1)


class Unusable(Exception):
    """An archive that can't be restored, or not here; the text says why."""


@dataclass(frozen=True, slots=True)
class Made:
    """A finished backup: how many rows of each table, how many files, how large.

    *left_out*: what the configuration names and is not in it, each with the reason.
    """

    path: Path
    rows: Mapping[str, int]
    files: int
    size: int
    left_out: tuple[str, ...] = ()


def name_for(now: datetime) -> str:
    """What a backup made now is called: in the order of names the newest is the last."""
    return f"{PREFIX}{now:%Y%m%dT%H%M%SZ}.tar"


def make(database: Database, files: Files, config: Path | None, target: Path, now: datetime) -> Made:
    """Write everything into the archive *target*, which stands under its name only when it is whole.

    Nobody has to stop for it. Raises ``OSError`` for a full disk, ``Unusable`` where the tables are not those
    of this program.
    """
    if schema.current(database) != schema.head():
        raise Unusable("the tables are not those of this Loket: run loket migrate first")
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _clear_broken_off(target.parent, now)
    with _whole_or_nothing(target) as unfinished, tarfile.open(unfinished, "w") as archive:
        rows, sums = _put_tables(archive, database)
        # After the rows: a file is there before any row that names it.
        count = _put_files(archive, files)
        left_out = tuple(_put_config(archive, config)) if config is not None else ()
        told = {"format": FORMAT, "revision": schema.head(), "at": now.isoformat(), "files": count}
        _put(archive, MANIFEST, json.dumps({**told, "rows": rows, "sha256": sums}, indent=1).encode())
    return Made(target, rows, count, target.stat().st_size, left_out)


def _clear_broken_off(folder: Path, now: datetime) -> None:
    """Take away what backups have left that were broken off: it is large, and nobody sees it."""
    for path in folder.glob(f".{PREFIX}*.tar.*"):
        if now - datetime.fromtimestamp(path.stat().st_mtime, UTC) > _BROKEN_OFF_FOR:
            path.unlink(missing_ok=True)


@contextmanager
def _whole_or_nothing(target: Path) -> Iterator[Path]:
    """A file of its owner alone that takes the name *target* at the end, safe from a power cut."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    os.close(handle)
    unfinished = Path(name)
    try:
        yield unfinished
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def _put_tables(archive: tarfile.TarFile, database: Database) -> tuple[dict[str, int], dict[str, str]]:
    rows, sums = {}, {}
    with dump.snapshot(database) as connection:
        for name in dump.of_tables():
            with tempfile.TemporaryFile(dir=Path(str(archive.name)).parent) as file:
                rows[name] = _write(file, connection, name)
                sums[name] = _sum(file)
                _put_open(archive, f"{_TABLES}{name}{_ENDING}", file)
    return rows, sums


def _write(file: IO[bytes], connection: Connection, name: str) -> int:
    count = -1  # the first line names the columns
    with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=6, mtime=0) as packed:
        for line in dump.as_lines(connection, name):
            packed.write(line.encode() + b"\n")
            count += 1
    return count


def _sum(file: IO[bytes]) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type] # a binary file will do


def _put_files(archive: tarfile.TarFile, files: Files) -> int:
    count = 0
    for name in files.names():
        try:
            archive.add(files.path(name), _FILES + name)
        except FileNotFoundError:  # cleared away meanwhile
            continue
        count += 1
    return count


def _put_config(archive: tarfile.TarFile, config: Path) -> Iterator[str]:
    """The configuration and what it names; what of it is left out, and why."""
    _put_as_it_is(archive, CONFIG, config)
    for each in named_files.named_in(config):
        taken = each.name in {CONFIG, MANIFEST} or each.name.startswith((_TABLES, _FILES))
        if problem := each.problem or ("its name is the archive's own" if taken else ""):
            yield f"{each.name} is not in the backup: {problem}"
        else:
            _put_as_it_is(archive, each.name, each.path)


def _put_as_it_is(archive: tarfile.TarFile, name: str, path: Path) -> None:
    """With its owner and mode; where it is a link, what it leads to."""
    with path.open("rb") as file:
        archive.addfile(archive.gettarinfo(arcname=name, fileobj=file), file)


def _put(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    _put_open(archive, name, io.BytesIO(content))


def _put_open(archive: tarfile.TarFile, name: str, file: IO[bytes]) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = file.seek(0, os.SEEK_END), 0o600
    file.seek(0)
    archive.addfile(entry, file)


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore brought back, and when its backup was made."""

    at: datetime
    rows: Mapping[str, int]
    files: int


def restore(
    database: Database, files: Files, source: Path, now: datetime, *, skip: int, offices: Iterable[str]
) -> Restored:
    """Fill an empty database and the files folder from the archive *source*; all rows or none.

    The desk went on after the backup was made: what was waiting to leave is looked for at the provider first,
    and *skip* numbers of every series are left out, for citizens may hold them, also where one of these
    *offices* had none yet. What was signed since the backup is worthless.

    Raises ``Unusable`` for an archive that is not whole or comes from a newer Loket, and for a database that
    has tables already.
    """
    if schema.current(database) is not None:
        raise Unusable("this database has tables already: name an empty one in database.url")
    with _opened(source) as archive:
        told = _manifest(archive)
        _check_sums(archive, told)
        count = _restore_files(archive, files)
        with database.write() as connection:
            schema.upgrade_in(connection, told["revision"])
            _restore_rows(archive, connection, told)
            restored.doubt_unsent(connection, now)
            restored.skip_numbers(connection, skip, offices, now)
            restored.close_numbers(connection, told["rows"])
    schema.upgrade(database)
    search.catch_up(database)
    return Restored(datetime.fromisoformat(told["at"]), told["rows"], count)


@contextmanager
def _opened(source: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(source, "r:") as archive:
            yield archive
    except (tarfile.TarError, EOFError, gzip.BadGzipFile, UnicodeDecodeError) as error:
        raise Unusable(f"{source} is no whole backup: {type(error).__name__}") from error
    except dump.Malformed as error:
        raise Unusable(str(error)) from error


def _manifest(archive: tarfile.TarFile) -> dict[str, Any]:
    try:
        told = json.loads(_content(archive, MANIFEST).read())
        known = isinstance(told["rows"], dict) and isinstance(told["sha256"], dict)
        form, revision = told["format"], str(told["revision"])
        datetime.fromisoformat(told["at"])
    except (ValueError, KeyError, TypeError):
        raise Unusable("the backup's manifest can't be read") from None
    if form != FORMAT or not known or not schema.knows(revision):
        raise Unusable("this backup was made by a newer Loket, which must be used")
    return dict(told)


def _content(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    try:
        found = archive.extractfile(name)
    except KeyError:
        found = None
    if found is None:
        raise Unusable(f"the backup is not whole: {name} is missing")
    return found


def _check_sums(archive: tarfile.TarFile, told: Mapping[str, Any]) -> None:
    for name in dump.in_order(told["sha256"]):
        if _sum(_content(archive, f"{_TABLES}{name}{_ENDING}")) != told["sha256"][name]:
            raise Unusable(f"the backup is damaged: the rows of {name} are not what they were")


def _restore_files(archive: tarfile.TarFile, files: Files) -> int:
    count = 0
    for entry in archive:
        name = entry.name.removeprefix(_FILES)
        if name == entry.name or not entry.isreg():
            continue
        if files.put(_content(archive, entry.name).read()) != name:
            raise Unusable(f"the backup is damaged: file {name} is not what it was")
        count += 1
    return count


def _restore_rows(archive: tarfile.TarFile, connection: Connection, told: Mapping[str, Any]) -> None:
    for name in dump.in_order(told["rows"]):
        with gzip.open(_content(archive, f"{_TABLES}{name}{_ENDING}"), "rt", encoding="utf-8") as lines:
            count = dump.load(connection, name, (line.rstrip("\n") for line in lines))
        if count != told["rows"][name]:
            raise Unusable(f"the backup is damaged: {name} has {count} rows of {told['rows'][name]}")
        dump.number_on(connection, name)


def prune(made: Path, keep: int) -> list[Path]:
    """Of the backups in the folder of *made* keep the newest *keep*; the others are gone, and told.

    *made* is the newest, also where a clock that was ahead has named others later.
    """
    dated = sorted(made.parent.glob(f"{PREFIX}*.tar"), reverse=True)
    dated.sort(key=lambda path: path != made)
    older = dated[keep:]
    for path in older:
        path.unlink(missing_ok=True)
    return older
