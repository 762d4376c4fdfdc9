"""What a page may ask about the request it answers: the desk, the officer, the office, the ticket."""

from dataclasses import dataclass, field

from flask import current_app, g
from flask_login import UserMixin, current_user
from sqlalchemy import Connection

from bot.calendar import WorkingCalendar
from bot.policy import Office
from handlers.mailroom.reading import Reader
from handlers.runtime import Runtime
from storage.inbox import View
from storage.officers import Account
from storage.ticket_page import Shown

EXTENSION = "loket"
READER = "loket.reader"


@dataclass(frozen=True)
class SignedIn(UserMixin):  # type: ignore[misc]  # flask_login has no types
    """An officer who is signed in. The session names them and how often their sign-ins were ended."""

    account: Account
    key: str = field(default="", repr=False)

    def get_id(self) -> str:
        """What the cookie holds: it stops being true as soon as ``sessions`` counts on or the key goes."""
        return f"{self.account.id}.{self.account.sessions}.{self.key}"


def runtime() -> Runtime:
    """The desk this app was made for."""
    found: Runtime = current_app.extensions[EXTENSION]
    return found


def reader() -> Reader:
    """The reader of mails that all pages of this app share. It starts its child with the first mail."""
    found: Reader = current_app.extensions[READER]
    return found


def account() -> Account | None:
    """Who is signed in; None for nobody."""
    if "nobody" in g or not current_user.is_authenticated:
        return None
    found: Account = current_user.account
    return found


def sign_in_key() -> str:
    """The key of this sign-in; empty for nobody."""
    return str(current_user.key) if account() is not None else ""


def officer() -> Account:
    """Who is signed in. Only for pages that the permission table keeps for those who are."""
    found = account()
    if found is None:
        raise LookupError("nobody is signed in")
    return found


def view() -> View:
    """The eyes with which this page looks at its office, as the permission guard has settled them."""
    found: View = g.view
    return found


def office() -> Office:
    """The office of this page."""
    return runtime().office(view().office)


def calendar(connection: Connection, office: str) -> WorkingCalendar:
    """The working days of an office, as they are when this page asks for them first."""
    known: dict[str, WorkingCalendar] = g.setdefault("calendars", {})
    if office not in known:
        known[office] = runtime().calendars.of(connection, office)
    return known[office]


def ticket() -> Shown:
    """The ticket of this page, which the permission guard has found visible."""
    found: Shown = g.ticket
    return found
