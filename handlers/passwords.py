"""Officers' passwords: argon2, and the same work for an address that nobody has."""

import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher()
# Each check takes 64 MiB: many at once must not eat the machine.
_TURNS = threading.Semaphore(2)


def hashed(password: str) -> str:
    """What may be stored of *password*."""
    return _HASHER.hash(password)


def matches(password: str, stored: str | None) -> bool:
    """Whether *password* is the one behind *stored*; None takes as long and is always wrong."""
    try:
        with _TURNS:
            _HASHER.verify(stored or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def outdated(stored: str) -> bool:
    """Whether *stored* was made at another cost than today's and should be made again."""
    return _HASHER.check_needs_rehash(stored)


@cache
def _nobody() -> str:
    return hashed("an account that does not exist")
