"""Files by what is in them: a folder where each stands under its SHA-256, once."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path


class Files:
    """The files folder. What ``put`` has returned survives a power cut; a name never changes its content."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        """Keep *content*, and give its name: the SHA-256 in hex. Raises ``OSError`` on a full disk."""
        name = hashlib.sha256(content).hexdigest()
        path = self.path(name)
        if path.exists():
            os.utime(path)  # it is wanted again: who takes away what nobody has must see that
        else:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(path, content)
        return name

    def get(self, name: str) -> bytes | None:
        """What stands under *name*; None when it is not there."""
        try:
            return self.path(name).read_bytes()
        except FileNotFoundError:
            return None

    def put_at(self, name: str) -> datetime:
        """When it was put last, by the clock of the disk. Raises ``FileNotFoundError``."""
        return datetime.fromtimestamp(self.path(name).stat().st_mtime, UTC)

    def remove(self, name: str) -> None:
        """Take it away, if it is there."""
        self.path(name).unlink(missing_ok=True)

    def names(self) -> Iterator[str]:
        """The names of all files, in no order worth mentioning; what is just being written is none yet."""
        for path in self._folder.glob("??/*"):
            with suppress(ValueError):
                if self.path(path.name) == path:
                    yield path.name

    def path(self, name: str) -> Path:
        """Where *name* stands. Raises ``ValueError`` for what is no name of ours."""
        if len(name) != hashlib.sha256().digest_size * 2 or not set(name) <= set("0123456789abcdef"):
            raise ValueError("not a SHA-256 in hex")
        return self._folder / name[:2] / name


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
