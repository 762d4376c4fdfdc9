"""Accounts that open only the page on which they are finished: an own password, a second factor."""

from enum import StrEnum

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from handlers.web import current, signing
from storage.officers import Account

_OPEN = ("account", "auth")


class Lack(StrEnum):
    """What has to be done first."""

    PASSWORD = "password"  # noqa: S105  # the name of a state
    SECOND_FACTOR = "second_factor"


def lacks(account: Account) -> Lack | None:
    """What this account lacks before it may do anything. Who was signed in by an issuer lacks nothing: with
    which password and factors is its business, and the password here may be one that nobody has seen.
    """
    if signing.way() == signing.BY_ISSUER:
        return None
    if account.temporary:
        return Lack.PASSWORD
    return Lack.SECOND_FACTOR if must_have_code(account) and not account.has_second_factor else None


def must_have_code(account: Account) -> bool:
    """Whether the installation asks this officer for a second factor."""
    supervises = account.administrator or "supervisor" in account.roles.values()
    match current.runtime().settings.sign_in.second_factor:
        case "nobody":
            return False
        case "administrators":
            return account.administrator
        case "supervisors":
            return supervises
        case "everybody":
            return True


def may_go_on(endpoint: str | None) -> bool:
    """Whether this route is for finishing the account, or for leaving."""
    return (endpoint or "").partition(".")[0] in _OPEN


def lead() -> ResponseReturnValue:
    """To the page on which it is finished."""
    return redirect(url_for("account.page"), 303)
