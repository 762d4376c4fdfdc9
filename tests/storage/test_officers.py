"""What is typed as an e-mail address never breaks a query; what officers want as mail is remembered."""

from storage import officers
from storage.db import Database
from storage.officers import MailWishes
from tests.storage.seeding import NOON


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


def test_what_an_officer_wants_as_mail_outlives_a_new_role(database: Database) -> None:
    with database.write() as connection:
        rahma = officers.add(connection, email="rahma@bps.go.id", name="Rahma", password_hash="x", now=NOON)
        officers.set_role(connection, rahma, "7411", "officer")
        assert officers.mail_wishes(connection, rahma, "7411") == MailWishes()
        officers.set_mail_wishes(connection, rahma, "7411", MailWishes(mine=True, reminders=True))
        officers.set_role(connection, rahma, "7411", "supervisor")
        officers.set_role(connection, rahma, "6571", "officer")
    with database.read() as connection:
        account = officers.find(connection, rahma)
        assert account is not None
        assert account.roles == {"7411": "supervisor", "6571": "officer"}
        assert officers.mail_wishes(connection, rahma, "7411") == MailWishes(mine=True, reminders=True)
        assert officers.mail_wishes(connection, rahma, "6571") == MailWishes()
        assert officers.mail_wishes(connection, rahma, "6302") is None
