"""How many wrong passwords and codes are heard out: whoever guesses waits, and the officer does not.

Counted for a browser, not for the account alone: a stranger who guesses at somebody's address shuts out
strangers, never the browsers in which the officer has signed in before ("device cookies", OWASP).
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection

from storage import guesses

_WINDOW, _LONG = timedelta(minutes=10), timedelta(hours=1)
FROM_A_PLACE, AT_AN_ACCOUNT, BY_STRANGERS = 20, 8, 50


@dataclass(frozen=True, slots=True)
class Guesser:
    """Where a guess comes from (a place, or a browser that is known) and which e-mail address it is for."""

    place: str
    email: str
    known: bool = False

    @property
    def account(self) -> str:
        """What is kept of the address: a digest, whoever it may belong to."""
        return sha256(self.email.encode(errors="replace")).hexdigest()


def seconds_to_wait(connection: Connection, who: Guesser, now: datetime) -> int:
    """0 as long as one more guess is heard out, else how long to wait."""
    waits = [
        _wait(guesses.count(connection, now - _WINDOW, place=who.place), FROM_A_PLACE, now, _WINDOW),
        _wait(
            guesses.count(connection, now - _WINDOW, place=who.place, account=who.account),
            AT_AN_ACCOUNT, now, _WINDOW,
        ),
    ]  # fmt: skip
    if not who.known:
        all_of_them = guesses.count(connection, now - _LONG, account=who.account)
        waits.append(_wait(all_of_them, BY_STRANGERS, now, _LONG))
    return max(waits)


def note(connection: Connection, who: Guesser, now: datetime) -> None:
    """One guess was wrong."""
    guesses.note(connection, who.place, who.account, now)


def forget(connection: Connection, now: datetime) -> None:
    """What no longer counts."""
    guesses.forget(connection, now - _LONG)


def _wait(counted: tuple[int, datetime | None], most: int, now: datetime, window: timedelta) -> int:
    times, first = counted
    if times < most or first is None:
        return 0
    return max(1, math.ceil((first + window - now).total_seconds()))
