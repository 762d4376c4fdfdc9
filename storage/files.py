"""Files by what is in them: a folder where each stands under its SHA-256, once."""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

_NAME = re.compile(r"[0-9a-f]{64}")


class Files:
    """The files folder. What ``put`` has returned survives a power cut; a name never changes its content."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        """Keep *content*, and give its name: the SHA-256 in hex. Raises ``OSError`` on a full disk."""
        name = hashlib.sha256(content).hexdigest()
        path = self.path(name)
        try:
            os.utime(path)  # it is wanted again: who takes away what nobody has must see that
        except FileNotFoundError:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(path, content)
        return name

    def get(self, name: str) -> bytes | None:
        """What stands under *name*; None when it is not there."""
        try:
            return self.path(name).read_bytes()
        except FileNotFoundError:
            return None

    def is_older(self, name: str, moment: datetime) -> bool:
        """Whether it was put last before *moment*, by the clock of the disk, or is not there at all."""
        try:
            return _put_at(self.path(name)) < moment
        except FileNotFoundError:
            return True

    def remove(self, name: str, before: datetime) -> bool:
        """Take it away, unless it was put at *before* or later; whether it is not there any more.

        Set aside first: who puts it at this moment either finds it gone, and writes it, or has marked it.
        """
        path = self.path(name)
        aside = path.with_name(f"{name}.gone")
        try:
            path.rename(aside)
        except FileNotFoundError:
            return True
        old = _put_at(aside) < before
        if old:
            aside.unlink(missing_ok=True)
        else:
            aside.replace(path)
        return old

    def drop_unfinished(self, before: datetime) -> None:
        """Take away what a process that ended in the middle has left: half written, or half removed."""
        for path in self._folder.glob("??/*"):
            with suppress(FileNotFoundError):
                if not _NAME.fullmatch(path.name) and _put_at(path) < before:
                    path.unlink()

    def names(self) -> Iterator[str]:
        """The names of all files, in no order worth mentioning; what is just being written is none yet."""
        for path in self._folder.glob("??/*"):
            with suppress(ValueError):
                if self.path(path.name) == path:
                    yield path.name

    def path(self, name: str) -> Path:
        """Where *name* stands. Raises ``ValueError`` for what is no name of ours."""
        if not _NAME.fullmatch(name):
            raise ValueError("not a SHA-256 in hex")
        return self._folder / name[:2] / name


def _put_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _write(path: Path, content: bytes) -> None:
    """All of it or nothing: a half-written file never stands under its name."""
    handle, unfinished = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(unfinished).replace(path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
