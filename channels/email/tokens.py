"""Signed words that come back in addresses, Message-IDs and links, and say what a mail is about.

``<purpose>.<about>.<by>.<signature>``, lower case, for clients lower-case the part before the ``@``. The
signature is 80 bits of HMAC-SHA256; who can make one has the key of the installation. A token says what a
mail is about, never who wrote it: the sender is looked at besides.
"""

import base64
import hmac
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_SIGNATURE_BYTES = 10
_TOKEN = re.compile(r"(?<![0-9a-z])([a-z])\.([0-9a-z]{1,12})\.([0-9a-z]{1,12})\.([a-z2-7]{16})(?![0-9a-z])")
_LONGEST_SEARCH = 200_000


class Purpose(StrEnum):
    """What a token is for, with what ``about`` and ``by`` hold.

    ``THREAD``: conversation, our message (0 for none); a citizen's answer. ``BOUNCE``: conversation, our
    message. ``OFFICER``: ticket, officer; the answer goes to the citizen. ``NOTE``: ticket, officer; the
    answer stays inside. ``NOTICE``: a notice, its officer (0 for none). ``FORM``: conversation, 0.
    ``COPY``: a request for one's own data, 0.
    ``PROBE``: the moment in seconds, 0. ``RATING``: the question after a closing, 0. ``FILE``: our message,
    until when in seconds. ``DOWNLOAD``: the link to a file, its ticket (0 in older ones).
    """

    THREAD = "t"
    BOUNCE = "b"
    OFFICER = "o"
    NOTE = "n"
    NOTICE = "i"
    FORM = "f"
    PROBE = "p"
    RATING = "r"
    COPY = "c"
    FILE = "m"
    DOWNLOAD = "d"


@dataclass(frozen=True, slots=True)
class Token:
    """Two numbers and what they are."""

    purpose: Purpose
    about: int
    by: int = 0


def _nothing(_token: "Token") -> str:
    return ""


class Tokens:
    """Signs with the first of *keys*, believes all of them.

    *since*: a word that is signed along with a token though it does not stand in it. Where it changes, what
    was signed before is worth nothing.
    """

    def __init__(self, keys: Sequence[str], since: Callable[[Token], str] = _nothing) -> None:
        self._keys = tuple(key.encode() for key in keys)
        self._since = since

    def sign(self, token: Token) -> str:
        """The token as text: letters, digits and dots, at most 44 letters for ids below 36**8."""
        said = _said(token)
        return f"{said}.{_signature(self._keys[0], self._since(token) + said)}"

    @property
    def marks(self) -> tuple[str, ...]:
        """How this installation marks its own mail: the first with the present key, then with older ones."""
        said = _said(Token(Purpose.PROBE, 0))
        return tuple(f"{said}.{_signature(key, said)}" for key in self._keys)

    def read(self, text: str) -> Token | None:
        """The token that *text* is; None for anything else, a wrong signature included. Never raises."""
        match = _TOKEN.fullmatch(text.strip().lower()[:64])
        return self._verified(match) if match else None

    def find(self, text: str) -> Iterator[Token]:
        """The valid tokens anywhere in *text* (its first 200,000 letters), in the order they stand."""
        for match in _TOKEN.finditer(text[:_LONGEST_SEARCH].lower()):
            token = self._verified(match)
            if token:
                yield token

    def _verified(self, match: re.Match[str]) -> Token | None:
        purpose, about, by, signature = match.groups()
        if purpose not in set(Purpose):
            return None
        token = Token(Purpose(purpose), int(about, 36), int(by, 36))
        said = f"{self._since(token)}{purpose}.{about}.{by}"
        if not any(hmac.compare_digest(_signature(key, said), signature) for key in self._keys):
            return None
        return token


def _said(token: Token) -> str:
    return f"{token.purpose}.{_in_letters(token.about)}.{_in_letters(token.by)}"


def _in_letters(number: int) -> str:
    letters = ""
    while number:
        number, digit = divmod(number, 36)
        letters = _DIGITS[digit] + letters
    return letters or "0"


def _signature(key: bytes, said: str) -> str:
    digest = hmac.digest(key, b"loket.mail." + said.encode(), "sha256")
    return base64.b32encode(digest[:_SIGNATURE_BYTES]).decode().lower()


def tagged(address: str, word: str) -> str:
    """*address* with *word* behind a plus sign (RFC 5233): ``desk+word@host``."""
    local, _, domain = address.rpartition("@")
    return f"{local}+{word}@{domain}"


def untagged(address: str) -> str:
    """*address* without what stands behind a plus sign, in lower case."""
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def message_id(word: str, address: str) -> str:
    """``<word@domain>`` with the domain of *address* (RFC 5322, 3.6.4)."""
    return f"<{word}@{address.rpartition('@')[2]}>"
