"""Checks of the disk: every folder and file that the desk writes to can be written to, and there is room."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import make_url

from handlers import room, unusable
from handlers.checking.findings import Finding, error, fine, warning
from handlers.settings import Settings
from storage.db import LOCK_NAME

_FOLDERS = ("files", "backups")
_COMPANIONS = ("", "-wal", "-shm")


def usable(settings: Settings) -> Iterator[Finding]:
    """The folder for attachments and backups, the lock file and SQLite's file, or the places where they will
    be made. Makes none.
    """
    place, database = settings.data_dir, _database(settings)
    found = [*_folder(place), *(each for name in _FOLDERS for each in _folder(place / name))]
    if database is not None:
        found += [*_folder(database.parent), *_file(place / LOCK_NAME)]
        found += [each for end in _COMPANIONS for each in _file(database.with_name(database.name + end))]
    yield from dict.fromkeys(found)
    if not found:
        yield fine(f"Folder {place} dapat ditulisi.", f"The folder {place} can be written to.")
    yield from _owners(place, database)


def disk(settings: Settings) -> Iterator[Finding]:
    """Room where attachments and SQLite's file are; another database's disk is its server's business."""
    database = _database(settings)
    places = {settings.data_dir, database.parent if database else settings.data_dir}
    free = min(shutil.disk_usage(_there(place)).free for place in places)
    indonesian = f"Ruang disk tinggal {free // 2**20} MB."
    english = f"Only {free // 2**20} MB are left on the disk."
    if free < room.NONE:
        yield error(
            f"{indonesian} Loket tidak dapat menyimpan apa pun: kosongkan disk dulu.",
            f"{english} Nothing can be kept: make room first.",
        )
    elif free < room.LOW:
        yield warning(indonesian, english)
    else:
        yield fine("Ruang disk cukup.", "There is room on the disk.")


def _database(settings: Settings) -> Path | None:
    url = make_url(settings.database.url)
    return Path(url.database) if url.drivername == "sqlite" and url.database else None


def _there(place: Path) -> Path:
    """The place itself, or the folder above it that is there."""
    return next(path for path in (place, *place.parents) if os.path.lexists(path))


def _folder(place: Path) -> Iterator[Finding]:
    there = _there(place)
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        yield error(f"Folder {place} tidak dapat ditulisi.", f"The folder {place} can't be written to.")


def _file(place: Path) -> Iterator[Finding]:
    if os.path.lexists(place) and not (place.is_file() and os.access(place, os.R_OK | os.W_OK)):
        yield error(f"Berkas {place} tidak dapat ditulisi.", f"The file {place} can't be written to.")


def _owners(place: Path, database: Path | None) -> Iterator[Finding]:
    """To root everything looks usable; what is not the folder's owner's was made by somebody else."""
    if not unusable.is_there(place) or not place.is_dir():
        return
    files = [place / LOCK_NAME, *(place / name for name in _FOLDERS), *([database] if database else [])]
    owner = _owner(place)
    for path in (path for path in files if unusable.is_there(path) and _owner(path) != owner):
        other, name = unusable.name_of(_owner(path)), unusable.name_of(owner)
        yield warning(
            f"{path} milik {other}, sedangkan {place} milik {name}: kembalikan dengan"
            f" `chown -R {name} {place}`, dan jalankan loket hanya sebagai {name}.",
            f"{path} belongs to {other}, and {place} to {name}: give it back with"
            f" `chown -R {name} {place}`, and run loket as {name} only.",
        )


def _owner(path: Path) -> int:
    return path.stat().st_uid
