"""Addresses out of a header value (RFC 5322, 3.4), by one pass without recursion: brackets cost nothing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from channels.mime.mail import Address
from channels.mime.words import decoded_words, one_line, raw_text

LONGEST_ADDRESS = 254
LONGEST_NAME = 200
MOST_ADDRESSES = 2000

_MAILBOX = re.compile(
    r"[^\s@<>\"(),;:\\]{1,64}@[^\s@<>\"(),;:\\]{1,253}|\"[^\"\s@<>]{1,62}\"@[^\s@<>\"(),;:\\]{1,253}"
)


_SPECIAL = "<>,;:"
_LOOSE = re.compile(r"(?<![^\s<>\"(),;:\\])[^\s@<>\"(),;:\\]{1,64}@[^\s@<>\"(),;:\\]{1,253}+(?!@)")


@dataclass(slots=True)
class _Entry:
    """One address while it is read: words outside, a comment, and what stands in angle brackets."""

    words: list[str] = field(default_factory=list)
    comment: list[str] = field(default_factory=list)
    angle: list[str] = field(default_factory=list)
    has_angle: bool = False


def addresses(value: str) -> tuple[Address, ...]:
    """The mailboxes in *value* (as the parser gives it), each once, in order, at most ``MOST_ADDRESSES``.

    What has no ``@`` is left out; the names of groups are passed over.
    """
    if not value:
        return ()
    text = raw_text(value)
    # Some mailers encode the whole value, address included.
    found = _found(text) or _found(decoded_words(text)) or _loose(text)
    return tuple(found.values())


def address(text: str) -> str | None:
    """*text* as an address, its domain in lower case, or None when it is none."""
    bare = text.strip().strip("<>").strip()
    if len(bare) > LONGEST_ADDRESS or not _MAILBOX.fullmatch(bare):
        return None
    local, _, domain = bare.rpartition("@")
    return f"{local}@{domain.rstrip('.').lower()}" if domain.strip(".") else None


def _found(text: str) -> dict[str, Address]:
    found: dict[str, Address] = {}
    for entry in _entries(text):
        mailbox = _mailbox(entry)
        if mailbox and len(found) < MOST_ADDRESSES:
            found.setdefault(mailbox.address, mailbox)
    return found


def _loose(text: str) -> dict[str, Address]:
    """Whatever looks like an address, for values whose quotes or brackets are broken."""
    match = _LOOSE.search(text)
    bare = address(match[0]) if match else None
    return {bare: Address("", bare)} if bare else {}


def _mailbox(entry: _Entry) -> Address | None:
    words = "".join(entry.words)
    if entry.has_angle:
        return _named(words, "".join(entry.angle).rpartition(":")[2])
    tokens = [token for token in words.split() if "@" in token]
    return _named("".join(entry.comment), tokens[-1]) if tokens else None


def _named(name: str, mailbox: str) -> Address | None:
    bare = address(mailbox)
    clean = one_line(decoded_words(name)).strip("'\" ")[:LONGEST_NAME].strip()
    return Address(clean, bare) if bare else None


def _entries(text: str) -> Iterator[_Entry]:
    """The comma-separated entries of *text*: quotes, comments and brackets hide commas."""
    entry, quoted, escaped, depth, angle = _Entry(), False, False, 0, False
    for letter in text:
        if escaped:
            escaped = False
            _put(entry, letter, depth, angle)
        elif letter == "\\" and (quoted or depth):
            escaped = True
        elif letter == '"' and not depth:
            quoted = not quoted
        elif letter in "()" and not quoted:
            depth = max(0, depth + (1 if letter == "(" else -1))
        elif quoted or depth or letter not in _SPECIAL:
            _put(entry, letter, depth, angle)
        elif letter in ",;" and entry.angle[:1] != ["@"]:
            yield entry
            entry, angle = _Entry(), False
        else:
            angle = _special(entry, letter, angle)
    yield entry


def _special(entry: _Entry, letter: str, angle: bool) -> bool:
    """Take a bracket or a colon; the answer is whether an angle bracket is open now."""
    if letter == ":" and not angle:
        entry.words.clear()
    elif letter in ",;:":
        entry.angle.append(letter)
    else:
        entry.has_angle = True
        return letter == "<"
    return angle


def _put(entry: _Entry, letter: str, depth: int, angle: bool) -> None:
    if depth:
        entry.comment.append(letter)
    elif angle:
        entry.angle.append(letter)
    else:
        entry.words.append(letter)
