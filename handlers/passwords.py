"""Officers' passwords: argon2, and the same work for an address that nobody has."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 10
LONGEST = 200

_HASHER = PasswordHasher()


def hashed(password: str) -> str:
    """What may be stored of *password*."""
    return _HASHER.hash(password)


def matches(password: str, stored: str | None) -> bool:
    """Whether *password* is the one behind *stored*; None takes as long and is always wrong."""
    try:
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
