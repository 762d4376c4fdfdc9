"""What was signed after a backup is worthless once that backup is restored.

A signed word names a row by its number, and a restored desk gives the numbers since the backup to other rows:
somebody else's. So the restores that a row is younger than are signed along with its number.
"""

from collections.abc import Mapping
from functools import cached_property

from channels.email.tokens import Purpose, Token
from storage import restored
from storage.db import Database

NAMED: Mapping[Purpose, tuple[str, ...]] = {
    Purpose.THREAD: ("conversation", "message"),
    Purpose.BOUNCE: ("conversation", "message"),
    Purpose.OFFICER: ("ticket", "officer"),
    Purpose.NOTE: ("ticket", "officer"),
    Purpose.NOTICE: ("notice", "officer"),
    Purpose.FORM: ("conversation",),
    Purpose.PROBE: (),
    Purpose.RATING: ("rating",),
    Purpose.COPY: ("privacy_request",),
    Purpose.FILE: ("message",),
    Purpose.DOWNLOAD: ("file_link", "ticket"),
}
"""The tables of the rows that the first and the second number of a word stand for."""


class Restores:
    """The restores that this database comes from. They are read once: a desk is restored while none runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def before(self, token: Token) -> str:
        """The names of those that what *token* names is younger than; nothing where it is older than all."""
        rows = tuple(zip(NAMED[token.purpose], (token.about, token.by), strict=False))
        if not rows:
            return ""
        since = (name for name, highest in self._noted.items() if _is_younger(rows, highest))
        return "".join(f"{name}." for name in since)

    @cached_property
    def _noted(self) -> Mapping[str, Mapping[str, int]]:
        with self._database.read() as connection:
            return restored.closed(connection)


def _is_younger(rows: tuple[tuple[str, int], ...], highest: Mapping[str, int]) -> bool:
    return any(number > highest.get(name, 0) for name, number in rows)
