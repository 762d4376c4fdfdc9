"""Officers' passwords: which are good enough, argon2, and the same work for an address that nobody has.

Length and not being guessed at once are asked for, no mixture of signs (NIST SP 800-63B-4, 3.1.1.2).
"""

import re
import threading
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 15, 200
# What passwords are made of all over the world, and in Indonesian offices: the rest must suffice.
_COMMON = frozenset(Path(__file__).with_name("common_passwords.txt").read_text(encoding="utf-8").split())
_FEWEST_DIFFERENT = 6
_LEFT_AT_LEAST = 6
_SHORTEST_WORD = 3
_HASHER = PasswordHasher()
# Each check takes 64 MiB: many at once must not eat the machine.
_TURNS = threading.Semaphore(2)


class Weakness(StrEnum):
    """Why a password is not taken."""

    SHORT = "short"
    LONG = "long"
    SIMPLE = "simple"
    COMMON = "common"


def weakness(password: str, own_words: Iterable[str] = ()) -> Weakness | None:
    """What is wrong with *password*; *own_words*: the owner's name and address, which everybody knows."""
    plain = _plain(password)
    if len(plain) < SHORTEST:
        return Weakness.SHORT
    if len(plain) > LONGEST:
        return Weakness.LONG
    folded = plain.casefold()
    if len(set(folded)) < _FEWEST_DIFFERENT:
        return Weakness.SIMPLE
    return Weakness.COMMON if len(_left(folded, own_words)) < _LEFT_AT_LEAST else None


def _left(folded: str, own_words: Iterable[str]) -> str:
    """What of a password is neither a common word nor the owner's, nor figures and signs around them."""
    own = {part for word in own_words for part in re.split(r"\W+", word.casefold())}
    known = _COMMON | {part for part in own if len(part) >= _SHORTEST_WORD}
    letters = re.sub(r"[\W\d_]+", "", folded)
    for word in sorted(known, key=len, reverse=True):
        letters = letters.replace(word, "")
    return letters


def hashed(password: str) -> str:
    """What may be stored of *password*."""
    return _HASHER.hash(_plain(password))


def matches(password: str, stored: str | None) -> bool:
    """Whether *password* is the one behind *stored*; None takes as long and is always wrong."""
    try:
        with _TURNS:
            _HASHER.verify(stored or _nobody(), _plain(password))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def outdated(stored: str) -> bool:
    """Whether *stored* was made at another cost than today's and should be made again."""
    return _HASHER.check_needs_rehash(stored)


def _plain(password: str) -> str:
    """The same letters whatever keyboard wrote them; half a surrogate pair is no letter."""
    return unicodedata.normalize("NFKC", password.encode(errors="replace").decode())


@cache
def _nobody() -> str:
    return hashed("an account that does not exist")
