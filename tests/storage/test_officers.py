"""What is typed as an e-mail address never breaks a query."""

from storage import officers
from storage.db import Database


def test_any_text_may_be_looked_up(database: Database) -> None:
    """NUL, which PostgreSQL refuses, and whole letters in the address field included."""
    with database.read() as connection:
        for typed in (
            "a\x00b@bps.go.id",
            "x" * 100_000,
            "",
            "' OR 1=1 --",
            "\ud800".encode("utf-8", "replace").decode(),
        ):
            assert officers.find_by_email(connection, typed) is None
