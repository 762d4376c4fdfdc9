"""Who may do what: one table, and the guard that asks it before every request.

A route that stands in no line of the table is refused to everybody. What somebody may not know of
answers 404, exactly like what does not exist.
"""

from collections.abc import Mapping
from enum import StrEnum

from flask import Flask, abort, g, request
from flask.typing import ResponseReturnValue

from handlers.web import auth, current, unfinished
from storage import ticket_page
from storage.inbox import View
from storage.officers import Account
from storage.ticket_page import Shown


class Role(StrEnum):
    """What a person is to a page: to its office, or to the installation."""

    ANYONE = "anyone"
    SIGNED_IN = "signed_in"
    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"


LARGEST_ID = 2**63 - 1
"""What a database takes for a number: nothing beyond it exists."""

_EVERYBODY = frozenset({Role.ANYONE})
_SIGNED_IN = frozenset({Role.SIGNED_IN})
_DESK = frozenset({Role.OFFICER, Role.SUPERVISOR})
_SUPERVISORS = frozenset({Role.SUPERVISOR})
_ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})
_HEADS = _SUPERVISORS | _ADMINISTRATORS

ALLOWED: Mapping[str, frozenset[Role]] = {
    # A line is a route, or a whole blueprint whose pages are for citizens and machines.
    "static": _EVERYBODY,
    "public": _EVERYBODY,
    "forms": _EVERYBODY,
    "ratings": _EVERYBODY,
    "copies": _EVERYBODY,
    "outgoing": _EVERYBODY,
    "health": _EVERYBODY,
    "demo": _EVERYBODY,
    "auth.sign_in": _EVERYBODY,
    "auth.second_factor": _EVERYBODY,
    "openid.leave": _EVERYBODY,
    "openid.come_back": _EVERYBODY,
    "auth.sign_out": _SIGNED_IN,
    "account.page": _SIGNED_IN,
    "account.change_password": _SIGNED_IN,
    "account.sign_out_everywhere": _SIGNED_IN,
    "account.prepare": _SIGNED_IN,
    "account.enforce": _SIGNED_IN,
    "account.renew_codes": _SIGNED_IN,
    "account.remove": _SIGNED_IN,
    "staff.page": _ADMINISTRATORS,
    "staff.act": _ADMINISTRATORS,
    "staff.of_office": _SUPERVISORS,
    "staff.act_in_office": _SUPERVISORS,
    "auth.language": _SIGNED_IN,
    "inbox.start": _SIGNED_IN,
    "inbox.tickets": _DESK,
    "tickets.page": _DESK,
    "tickets.reply": _DESK,
    "tickets.note": _DESK,
    "tickets.clear": _DESK,
    "tickets.close": _DESK,
    "tickets.reopen": _DESK,
    "tickets.claim": _DESK,
    "tickets.release": _DESK,
    "tickets.transfer": _DESK,
    "tickets.present": _DESK,
    "closing.close": _DESK,
    "closing.reopen": _DESK,
    "tickets.set_topic": _DESK,
    "forwarding.page": _DESK,
    "forwarding.forward": _DESK,
    "forwarding.take_back": _DESK,
    "linking.page": _DESK,
    "linking.link": _DESK,
    "linking.unlink": _DESK,
    "linking.refuse": _DESK,
    "linking.merge": _DESK,
    "linking.unmerge": _DESK,
    "linking.split": _DESK,
    "linking.unsplit": _DESK,
    "consents.note": _DESK,
    "people.connect": _DESK,
    "people.page": _SUPERVISORS,
    "people.merge": _SUPERVISORS,
    "people.unmerge": _SUPERVISORS,
    "people.copy": _SUPERVISORS,
    "people.erase": _SUPERVISORS,
    "privacy.page": _SUPERVISORS,
    "privacy.confirm": _SUPERVISORS,
    "mails.page": _DESK,
    "mails.raw": _DESK,
    "mails.file": _DESK,
    "media.file": _DESK,
    "media.shown": _DESK,
    "media.retry": _DESK,
    "alarms.settle": _DESK,
    "alarms.settle_for_all": _ADMINISTRATORS,
    "preferences.page": _DESK,
    "preferences.save": _DESK,
    "roster.page": _DESK,
    "roster.save_duty": _SUPERVISORS,
    "roster.save_sharing": _SUPERVISORS,
    "roster.add_leave": _DESK,
    "roster.remove_leave": _DESK,
    "calendar.page": _DESK,
    "calendar.export": _DESK,
    "calendar.preview": _SUPERVISORS,
    "calendar.save": _SUPERVISORS,
    "calendar.undo": _SUPERVISORS,
    "complaints.page": _SUPERVISORS,
    "complaints.printed": _SUPERVISORS,
    "complaints.treat": _SUPERVISORS,
    "complaints.complete": _SUPERVISORS,
    "complaints.plan_done": _SUPERVISORS,
    "satisfaction.page": _DESK,
    "answers.page": _DESK,
    "answers.new": _DESK,
    "answers.from_ticket": _DESK,
    "answers.edit": _DESK,
    "answers.preview": _DESK,
    "answers.save": _DESK,
    "answers.publish": _DESK,
    "answers.withdraw": _DESK,
    "searches.page": _DESK,
    "searches.settle": _DESK,
    "reports.page": _HEADS,
    "reports.figures_file": _HEADS,
    "reports.tickets_file": _HEADS,
    "reports.workbook": _HEADS,
    "reports.people": _SUPERVISORS,
    "live.stream": _DESK,
    "live.changes": _DESK,
    "unhandled.page": _SUPERVISORS,
    "unhandled.retry": _SUPERVISORS,
    "unhandled.settle": _SUPERVISORS,
    "kept_mails.filed": _SUPERVISORS,
    "kept_mails.page": _SUPERVISORS,
    "kept_mails.raw": _SUPERVISORS,
    "kept_mails.retry": _SUPERVISORS,
    "kept_mails.settle": _SUPERVISORS,
    "kept_mails.open_ticket": _SUPERVISORS,
    "administration.page": _ADMINISTRATORS,
    "administration_log.page": _ADMINISTRATORS,
    "breaches.page": _ADMINISTRATORS,
    "breaches.add": _ADMINISTRATORS,
    "breaches.tell": _ADMINISTRATORS,
    "administration.settle": _ADMINISTRATORS,
    "balance.page": _ADMINISTRATORS,
    "balance.settle": _ADMINISTRATORS,
}


LOOKING_ON = frozenset(
    {
        "tickets.page",
        "tickets.note",
        "tickets.present",
        "mails.page",
        "mails.raw",
        "mails.file",
        "media.file",
        "media.shown",
        "forwarding.take_back",
    }
)
"""What an office may still do on a ticket that it has passed on to another."""
_AT_HOME = frozenset(
    {
        *("consents.note", "people.connect", "people.page", "people.merge", "people.unmerge"),
        *("people.copy", "people.erase"),
    }
)
"""What is about the contact, who belongs to the office that was asked, whoever works on the ticket."""


def roles(account: Account | None, office: str | None) -> frozenset[Role]:
    """Everything *account* is on a page of *office* (None: a page of the whole installation)."""
    if account is None or account.disabled:
        return _EVERYBODY
    held = {Role.ANYONE, Role.SIGNED_IN}
    if account.administrator:
        held.add(Role.ADMINISTRATOR)
    if office is not None and office in account.roles:
        held.add(Role(account.roles[office]))
    return frozenset(held)


def allowed(endpoint: str) -> frozenset[Role]:
    """Who may use this route: its own line, else its blueprint's, else nobody."""
    return ALLOWED.get(endpoint) or ALLOWED.get(endpoint.partition(".")[0]) or frozenset()


def install(app: Flask) -> None:
    """Ask the table before every request to *app*."""
    app.before_request(guard)


def guard() -> ResponseReturnValue | None:
    """Before every request: let in, send to the sign-in page, or answer that there is no such page.

    The office and the ticket of the address are settled here, for ``current`` to give; the page's own
    function is not handed them, so that none can look at them unchecked.
    """
    if request.endpoint is None:
        return None
    wanted = allowed(request.endpoint)
    if Role.ANYONE in wanted:
        return None
    account = current.account()
    if account is None:
        return auth.ask_to_sign_in()
    if unfinished.lacks(account) and not unfinished.may_go_on(request.endpoint):
        return unfinished.lead()
    address = request.view_args or {}
    if any(isinstance(value, int) and value > LARGEST_ID for value in address.values()):
        abort(404)
    _enter(account, wanted, address.pop("office", None))
    _find_ticket(address.pop("ticket_id", None))
    return None


def _enter(account: Account, wanted: frozenset[Role], office: str | None) -> None:
    held = roles(account, office)
    # A membership may outlive its office's block in the configuration.
    known = office is None or office in current.runtime().settings.offices
    if not wanted & held or not known:
        abort(404)
    if office is not None:
        g.view = View(office, account.id, complaints=Role.SUPERVISOR in held)


def _find_ticket(ticket_id: int | None) -> None:
    if ticket_id is None:
        return
    with current.runtime().database.read() as connection:
        found = ticket_page.find(connection, current.view(), ticket_id)
    if found is None or not _may_here(found):
        abort(404)
    g.ticket = found


def _may_here(ticket: Shown) -> bool:
    """Whether this office may do that on a ticket it knows of: two offices may know of one."""
    office, endpoint = current.view().office, request.endpoint
    if endpoint in _AT_HOME:
        return ticket.office == ticket.handled_by == office
    return ticket.handled_by == office or endpoint in LOOKING_ON
