"""What SQLite really does to its files, write by write: for losing power, or room, at any of them.

A file system of SQLite's own (VFS) under which the desk's unchanged code runs: it is the usual one with four
functions replaced, which note what they do.
"""

import _sqlite3
import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest

FULL = 13  # SQLITE_FULL
_Address = ctypes.c_void_p
_OPEN = ctypes.CFUNCTYPE(ctypes.c_int, _Address, _Address, _Address, ctypes.c_int, _Address)
_DELETE = ctypes.CFUNCTYPE(ctypes.c_int, _Address, _Address, ctypes.c_int)
_WRITE = ctypes.CFUNCTYPE(ctypes.c_int, _Address, _Address, ctypes.c_int, ctypes.c_int64)
_TRUNCATE = ctypes.CFUNCTYPE(ctypes.c_int, _Address, ctypes.c_int64)
_SYNC = ctypes.CFUNCTYPE(ctypes.c_int, _Address, ctypes.c_int)


class _FileSystem(ctypes.Structure):
    """``sqlite3_vfs``, as far as anything is replaced, and what follows as it is."""

    _fields_ = (
        ("version", ctypes.c_int),
        ("file_size", ctypes.c_int),
        ("longest_path", ctypes.c_int),
        ("following", _Address),
        ("name", ctypes.c_char_p),
        ("own", _Address),
        ("open", _Address),
        ("delete", _Address),
        ("rest", _Address * 14),
    )


class _Methods(ctypes.Structure):
    """``sqlite3_io_methods``, likewise."""

    _fields_ = (
        ("version", ctypes.c_int),
        ("close", _Address),
        ("read", _Address),
        ("write", _Address),
        ("truncate", _Address),
        ("sync", _Address),
        ("rest", _Address * 13),
    )


class _File(ctypes.Structure):
    _fields_ = (("methods", ctypes.POINTER(_Methods)),)


@dataclass(frozen=True, slots=True)
class Act:
    """One thing done to the file *name*: from *at* on *content* was written; or cut to *at*; or …"""

    kind: Literal["write", "truncate", "sync", "delete", "said"]
    name: str
    at: int = 0
    content: bytes = b""


@dataclass
class Tape:
    """What happened to all files, in order. With *room*, so many bytes more fit onto the disk."""

    acts: list[Act] = field(default_factory=list)
    room: int | None = None
    refused: int = 0
    _sizes: dict[str, int] = field(default_factory=dict)

    def said(self, word: str) -> None:
        """Note that at this moment *word* has been promised to the world outside."""
        self.acts.append(Act("said", word))

    def takes(self, name: str, end: int) -> bool:
        """Whether the file may grow to *end*."""
        growth = max(0, end - self._sizes.get(name, 0))
        if self.room is not None and growth > self.room:
            self.refused += 1
            return False
        if self.room is not None:
            self.room -= growth
        self._sizes[name] = max(end, self._sizes.get(name, 0))
        return True

    def sized(self, name: str, size: int) -> None:
        """The file is that large now."""
        if self.room is not None:
            self.room += max(0, self._sizes.get(name, 0) - size)
        self._sizes[name] = size


class _Recorder:
    """The usual file system, registered once more under a name of its own, with a tape running."""

    def __init__(self, library: Any) -> None:
        library.sqlite3_vfs_find.restype = ctypes.POINTER(_FileSystem)
        self._library = library
        self._usual = library.sqlite3_vfs_find(None)
        self._own = _FileSystem.from_buffer_copy(self._usual.contents)
        self._own.name = b"recorded"
        self._tape = Tape()
        self._names: dict[int, str] = {}
        self._methods: dict[int, _Methods] = {}
        self._usual_open = _OPEN(self._usual.contents.open)
        self._usual_delete = _DELETE(self._usual.contents.delete)
        self._kept: list[Any] = [_OPEN(self._open), _DELETE(self._delete)]
        self._own.open, self._own.delete = (ctypes.cast(each, _Address) for each in self._kept)

    def begin(self, tape: Tape) -> None:
        """From now on whoever opens a database does so under the tape."""
        self._tape = tape
        assert self._library.sqlite3_vfs_register(ctypes.byref(self._own), 1) == 0

    def end(self) -> None:
        """As before."""
        assert self._library.sqlite3_vfs_register(self._usual, 1) == 0

    def _open(self, system: int, name: int, file: int, flags: int, told: int) -> int:
        code = int(self._usual_open(system, name, file, flags, told))
        opened = _File.from_address(file)
        if opened.methods:
            path = (ctypes.string_at(name) if name else b"").decode()
            self._names[file] = Path(path).name
            if path and Path(path).exists():
                self._tape.sized(Path(path).name, Path(path).stat().st_size)
            opened.methods = ctypes.pointer(self._recorded(opened.methods))
        return code

    def _recorded(self, usual: Any) -> _Methods:
        """The same methods with ours among them; there are as many kinds as SQLite has ways to lock."""
        address = ctypes.addressof(usual.contents)
        if address not in self._methods:
            own = _Methods.from_buffer_copy(usual.contents)
            acts = (_WRITE(own.write), _TRUNCATE(own.truncate), _SYNC(own.sync))
            mine = (self._writing(acts[0]), self._cutting(acts[1]), self._syncing(acts[2]))
            own.write, own.truncate, own.sync = (ctypes.cast(each, _Address) for each in mine)
            self._kept += [*acts, *mine]
            self._methods[address] = own
        return self._methods[address]

    def _writing(self, usual: Any) -> Any:
        def write(file: int, content: int, size: int, at: int) -> int:
            name = self._names[file]
            if not self._tape.takes(name, at + size):
                return FULL
            code = int(usual(file, content, size, at))
            self._tape.acts.append(Act("write", name, at, ctypes.string_at(content, size)))
            return code

        return _WRITE(write)

    def _cutting(self, usual: Any) -> Any:
        def truncate(file: int, size: int) -> int:
            self._tape.acts.append(Act("truncate", self._names[file], size))
            self._tape.sized(self._names[file], size)
            return int(usual(file, size))

        return _TRUNCATE(truncate)

    def _syncing(self, usual: Any) -> Any:
        def sync(file: int, flags: int) -> int:
            code = int(usual(file, flags))
            self._tape.acts.append(Act("sync", self._names[file]))
            return code

        return _SYNC(sync)

    def _delete(self, system: int, name: int, sync_folder: int) -> int:
        code = int(self._usual_delete(system, name, sync_folder))
        self._tape.acts.append(Act("delete", Path(ctypes.string_at(name).decode()).name))
        self._tape.sized(Path(ctypes.string_at(name).decode()).name, 0)
        return code


_recorders: list[_Recorder] = []


@contextmanager
def recording() -> Iterator[Tape]:
    """Databases that this process opens meanwhile are recorded. All must be closed at the end."""
    if not _recorders:
        library = ctypes.CDLL(getattr(_sqlite3, "__file__", None))
        if not hasattr(library, "sqlite3_vfs_find"):
            pytest.skip("this Python keeps its SQLite to itself")
        _recorders.append(_Recorder(library))
    tape = Tape()
    _recorders[0].begin(tape)
    try:
        yield tape
    finally:
        _recorders[0].end()
