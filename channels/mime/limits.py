"""Caps that are looked at before any parser sees the bytes. One pass over them, linear in their size."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from channels.mime.mail import Why


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a mail is read: ``size`` and ``header`` in bytes, the others are counts."""

    size: int = 30 * 1024 * 1024
    header: int = 256 * 1024
    lines: int = 1_000_000
    parts: int = 500
    depth: int = 40
    addresses: int = 2000


@dataclass(frozen=True, slots=True)
class Excess:
    """The first cap that a mail exceeds."""

    why: Why
    limit: int
    found: int


# The standard parser's time grows with the square of a Content-Type's length.
LONGEST_TYPE = 16 * 1024

# Each begins with the letters it may begin with, so that all others are skipped at once.
_BLANK = re.compile(rb"\r(?:\n\r?\n|\r)|\n\r?\n")
_HEADER_LINE = re.compile(rb"[ \t]|[!-9;-~]{1,200}:|From ")
_ADDRESSES = re.compile(rb"\n(?:from|sender|reply-to|to|cc|bcc):([^\n]*(?:\n[ \t][^\n]*)*)", re.IGNORECASE)
# A boundary line, or a Content-Type with its continuation lines; any of the three line ends may come before.
_LANDMARK = re.compile(
    rb"[\r\n](?:--([^\r\n]{1,200})|(content-type:[^\r\n]*(?:\r?\n[ \t][^\r\n]*|\r[ \t][^\r\n]*)*))",
    re.IGNORECASE,
)
_BOUNDARY = re.compile(
    rb"boundary\*?\d{0,3}\*?\s{0,9}=\s{0,9}(?:\"([^\"]{1,200})\"|([^\s;\"]{1,200}))", re.IGNORECASE
)


def header_of(raw: bytes, longest: int) -> bytes:
    """The header of *raw*: up to the first blank line, at most *longest* bytes."""
    window = raw[:longest]
    blank = _BLANK.search(window)
    return window[: blank.start()] if blank else window


def excess(raw: bytes, limits: Limits) -> Excess | None:
    """The first cap that *raw* exceeds, or None. Never raises."""
    if len(raw) > limits.size:
        return Excess(Why.SIZE, limits.size, len(raw))
    # The standard parser keeps an object for every line: short ones cost fifty times their bytes.
    lines = max(raw.count(b"\n"), raw.count(b"\r"))
    if lines > limits.lines:
        return Excess(Why.LINES, limits.lines, lines)
    header = header_of(raw, limits.header + 1)
    if len(header) > limits.header and _all_header(header):
        return Excess(Why.HEADER, limits.header, len(header))
    named = _ADDRESSES.finditer(b"\n" + header)
    addresses = sum(match[1].count(b",") + match[1].count(b";") + 1 for match in named)
    if addresses > limits.addresses:
        return Excess(Why.ADDRESSES, limits.addresses, addresses)
    return _structural_excess(raw, limits)


def _all_header(window: bytes) -> bool:
    """Whether *window* without a blank line is a header, and not a text that has none."""
    return all(_HEADER_LINE.match(line) for line in window.splitlines()[:-1])


def _structural_excess(raw: bytes, limits: Limits) -> Excess | None:
    parts = 0
    for depth, length in _landmarks(raw):
        if length > LONGEST_TYPE:
            return Excess(Why.HEADER, LONGEST_TYPE, length)
        if depth > limits.depth:
            return Excess(Why.DEPTH, limits.depth, depth)
        parts += length == 0
        if parts > limits.parts:
            return Excess(Why.PARTS, limits.parts, parts)
    return None


def _landmarks(raw: bytes) -> Iterator[tuple[int, int]]:
    """Depth at each landmark, with the length of a Content-Type, or 0 where a part begins.

    A mail inside a mail nests without a boundary; a Content-Type pasted into a text counts too, which errs
    on the side of putting aside.
    """
    depths: dict[bytes, int] = {}
    depth = 0
    for match in _LANDMARK.finditer(b"\n" + raw):
        boundary, declared = match[1], match[2]
        if declared is not None:
            depth = _declared_depth(declared, depth, depths)
            yield depth, len(declared)
        elif (known := depths.get(boundary.strip())) is not None:
            depth = known
            yield depth, 0


def _declared_depth(declared: bytes, depth: int, depths: dict[bytes, int]) -> int:
    start = declared[:200].lower()
    for match in _BOUNDARY.finditer(declared[:LONGEST_TYPE]):
        depths.setdefault((match[1] or match[2]).strip(), depth + 1)
    return depth + 1 if b"message/" in start else depth
