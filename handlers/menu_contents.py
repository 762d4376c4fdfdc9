"""Which template of an account carries the choices of a message."""

import logging
from collections.abc import Callable

from storage import content_templates
from storage.db import AWAY, Database

log = logging.getLogger(__name__)
PREFIX = "menu:"
"""Before the shape of a menu, in the key of its template: no key of a configured one holds such a sign."""


def lookup(database: Database) -> Callable[[str, str], str | None]:
    """A function from an account and a shape to the id of the template; None where none is known.

    Then, and while the database is away, the numbered text says it.
    """

    def found(account: str, shape: str) -> str | None:
        try:
            with database.read() as connection:
                rows = content_templates.of_account(connection, account, f"{PREFIX}{shape}")
        except AWAY as error:
            log.error("no template could be looked up: %s", type(error).__name__)
            return None
        return str(rows[0].content_id) if rows else None

    return found
