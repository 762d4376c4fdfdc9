"""``winmail.dat``: the files and the text that Outlook hides in TNEF (MS-OXTNEF, MS-OXCDATA).

Read here and not by a library: the one there is (tnefparse 1.4.0) believes the counts in the file; twelve
bytes keep it busy for hours. Everything here is bounded by the bytes that are really there.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from channels.mime.charsets import decode

_SIGNATURE = 0x223E9F78
_ATTACHMENT_STARTS, _TITLE, _CONTENT, _ATTACHMENT_PROPERTIES = 0x9002, 0x8010, 0x800F, 0x9005
_BODY, _MESSAGE_PROPERTIES = 0x800C, 0x9003
_PR_BODY, _PR_HTML, _PR_LONG_NAME, _PR_NAME, _PR_CONTENT = 0x1000, 0x1013, 0x3707, 0x3704, 0x3701
_SIZES = {0x0002: 4, 0x000B: 4, 0x0003: 4, 0x0004: 4, 0x000A: 4, 0x0048: 16}
_SIZES |= dict.fromkeys((0x0005, 0x0006, 0x0007, 0x0014, 0x0040), 8)
_COUNTED = {0x001E, 0x001F, 0x0102, 0x000D}
_UNICODE = 0x001F
_MULTIPLE = 0x1000
_OBJECT_ID = 16
MOST_FILES = 200
MOST_PROPERTIES = 20_000


class _Broken(Exception):
    """The bytes end before what they announce, or are no TNEF."""


@dataclass(slots=True)
class _File:
    title: str = ""
    name: str = ""
    content: bytes = b""


@dataclass(slots=True)
class Winmail:
    """What a ``winmail.dat`` holds. ``whole`` is false where reading stopped at a fault or a cap."""

    text: str = ""
    html: str = ""
    files: list[tuple[str, bytes]] = field(default_factory=list)
    whole: bool = True


def read_winmail(raw: bytes) -> Winmail:
    """The files (name, content) and texts in *raw*. Never raises; what was read before a fault stays."""
    found = Winmail()
    files: list[_File] = []
    try:
        for name, content in _objects(raw):
            _take(name, content, found, files)
    except (_Broken, struct.error):
        found.whole = False
    found.files = [(each.name or each.title, each.content) for each in files if each.content or found.whole]
    return found


def _objects(raw: bytes) -> Iterator[tuple[int, memoryview]]:
    """The attributes of a TNEF stream: level, name, type, length, content, checksum."""
    if len(raw) < 6 or struct.unpack_from("<I", raw)[0] != _SIGNATURE:
        raise _Broken
    view, at = memoryview(raw), 6
    while at + 11 <= len(raw):
        _, name, _, length = struct.unpack_from("<BHHI", raw, at)
        if at + 9 + length > len(raw):
            raise _Broken
        yield name, view[at + 9 : at + 9 + length]
        at += 11 + length


def _take(name: int, content: memoryview, found: Winmail, files: list[_File]) -> None:
    if name == _ATTACHMENT_STARTS:
        if len(files) >= MOST_FILES:
            raise _Broken
        files.append(_File())
    elif name == _BODY:
        found.text = decode(bytes(content).rstrip(b"\0"), "cp1252")
    elif name == _MESSAGE_PROPERTIES:
        _take_texts(content, found)
    elif files:
        _take_file(name, content, files[-1])


def _take_file(name: int, content: memoryview, file: _File) -> None:
    if name == _TITLE:
        file.title = decode(bytes(content).partition(b"\0")[0], "cp1252")
    elif name == _CONTENT:
        file.content = bytes(content)
    elif name == _ATTACHMENT_PROPERTIES:
        for tag, kind, value in _properties(content):
            if tag == _PR_LONG_NAME or (tag == _PR_NAME and not file.name):
                file.name = _property_text(kind, value)
            elif tag == _PR_CONTENT and len(value) > len(file.content):
                file.content = bytes(value[_OBJECT_ID:] if kind == 0x000D else value)


def _take_texts(content: memoryview, found: Winmail) -> None:
    for tag, kind, value in _properties(content):
        if tag == _PR_BODY:
            found.text = _property_text(kind, value)
        elif tag == _PR_HTML:
            found.html = _property_text(kind, value)


def _property_text(kind: int, value: memoryview) -> str:
    if kind == _UNICODE:
        return decode(bytes(value), "utf-16-le").rstrip("\0")
    return decode(bytes(value).rstrip(b"\0"), "cp1252")


def _properties(content: memoryview) -> Iterator[tuple[int, int, memoryview]]:
    """Tag, type and value of each property; of several values only the last."""
    (count,) = struct.unpack_from("<I", content)
    if count > MOST_PROPERTIES:
        raise _Broken
    at = 4
    for _ in range(count):
        kind, tag = struct.unpack_from("<HH", content, at)
        at = _after_name(content, at + 4) if tag >= 0x8000 else at + 4
        values, at = _values_at(content, at, kind)
        if values:
            yield tag, kind & ~_MULTIPLE, values[-1]


def _after_name(content: memoryview, at: int) -> int:
    """Where the value of a named property starts: after a GUID, and a number or a padded name."""
    (by_name,) = struct.unpack_from("<I", content, at + 16)
    if not by_name:
        return at + 24
    (length,) = struct.unpack_from("<I", content, at + 20)
    return at + 24 + _padded(length)


def _values_at(content: memoryview, at: int, kind: int) -> tuple[list[memoryview], int]:
    bare = kind & ~_MULTIPLE
    if not kind & _MULTIPLE and bare in _SIZES:
        return [], at + _SIZES[bare]
    (count,) = struct.unpack_from("<I", content, at)
    # Each value takes a byte at least: a larger count is a lie.
    if count > len(content) - at or (bare not in _COUNTED and bare not in _SIZES):
        raise _Broken
    if bare in _SIZES:
        size = 2 if bare in {0x0002, 0x000B} else _SIZES[bare]
        return [], at + 4 + _padded(size * count)
    return _counted_values(content, at + 4, count)


def _counted_values(content: memoryview, at: int, count: int) -> tuple[list[memoryview], int]:
    values = []
    for _ in range(count):
        (length,) = struct.unpack_from("<I", content, at)
        if at + 4 + length > len(content):
            raise _Broken
        values.append(content[at + 4 : at + 4 + length])
        at += 4 + _padded(length)
    return values, at


def _padded(length: int) -> int:
    return length + -length % 4
