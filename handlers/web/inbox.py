"""The inbox: which office, which list, what was searched for; and the frame around every officer's page."""

from typing import Any

from flask import Blueprint, abort, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from handlers import calendar_gaps, wishes
from handlers.web import (
    complaint_words,
    current,
    deadlines,
    duty_words,
    mail_words,
    media_words,
    windows,
    words,
)
from handlers.wording import office_name
from storage import finding, inbox, tallies
from storage.alarms import open_alarms
from storage.inbox import PAGE, Listed, ListName

blueprint = Blueprint("inbox", __name__)
FIRST_LIST = ListName.WAITING
_LAST_OFFICE = "office"
BY_WINDOW = "window"
_SUPERVISORS = {calendar_gaps.WHAT, wishes.ALARM}
_ORDERED = {ListName.CLOSED, ListName.FORWARDED}
"""Lists of what is over here: nobody hurries for a window."""


@blueprint.get("/")
@blueprint.get("/inbox")
def start() -> ResponseReturnValue:
    """To the office looked at last, or the first one; who has none learns what to do."""
    offices = [code for code in current.officer().roles if code in current.runtime().settings.offices]
    if not offices:
        if current.officer().administrator:
            return redirect(url_for("administration.page"))
        return render_template("inbox/no_office.html")
    last = session.get(_LAST_OFFICE)
    return redirect(url_for("inbox.tickets", office=last if last in offices else offices[0]))


@blueprint.get("/inbox/<office>")
def tickets() -> ResponseReturnValue:
    """A list, or what a search found."""
    session[_LAST_OFFICE] = current.view().office
    with current.runtime().database.read() as connection:
        shown = lines(connection)
        return render_template("inbox/list.html", **shown, **rail(connection))


def lines(connection: Connection) -> dict[str, Any]:
    """The list that the address asks for, ready for its template."""
    query = request.args.get("q", "").strip()[:200]
    name, page = _list_name(), _page()
    view = current.view()
    if query:
        rows: tuple[Listed, ...] = finding.found(connection, view, query, PAGE + 1)
    else:
        now = current.runtime().clock()
        shut = windows.shut_before(current.runtime(), now) if _by_window(name) else None
        rows = inbox.listed(connection, view, name, now, page=page, ahead=1, by_window=shut)
    sort = {"sort": BY_WINDOW} if _by_window(name) and not query else {}
    keep = {"list": name.value} | ({"q": query} if query else sort) | ({"page": page} if page else {})
    more = len(rows) > PAGE
    found = inbox.closed_among(connection, view, _just_closed()) if name is ListName.CLOSABLE else ()
    return {
        "calendar": current.calendar(connection, view.office),
        "just_closed": found,
        "rows": rows[:PAGE],
        "query": query,
        "list_name": name,
        "page_number": page,
        "more": more,
        "sort": sort,
        "sortable": not query and name not in _ORDERED,
        "around_id": _around_id(view.office, keep),
    }


def _around_id(office: str, keep: dict[str, Any]) -> tuple[str, str]:
    """The address of a ticket's page before and after its id. Made for each row, it was a quarter of it."""
    before, _, after = url_for("tickets.page", office=office, ticket_id=0, **keep).partition("/0?")
    return f"{before}/", f"?{after}"


def _just_closed() -> tuple[int, ...]:
    """The tickets that the address names as closed a moment ago."""
    told = request.args.get("closed", "").split(",")[:PAGE]
    return tuple(int(one) for one in told if one.isascii() and one.isdigit() and len(one) < 19)


def rail(connection: Connection) -> dict[str, Any]:
    """The counts at the left edge and in the title, and what somebody must look at."""
    beside = tallies.beside(connection, current.view(), current.runtime().clock())
    changed = beside.changed.isoformat() if beside.changed else ""
    alarms = open_alarms(connection, current.view().office, installation=current.officer().administrator)
    # A calendar is a supervisor's to mend, and so are wishes about personal data.
    alarms = [row for row in alarms if row.what not in _SUPERVISORS or current.view().complaints]
    return {"counts": beside.counts, "changed": changed, "alarms": alarms}


def frame() -> dict[str, Any]:
    """What every officer's page knows; nothing for pages of citizens."""
    account = current.account()
    found: dict[str, Any] = {
        "me": account,
        "words": words,
        "mail_words": mail_words,
        "media_words": media_words,
        "deadlines": deadlines,
        "duty_words": duty_words,
        "complaint_words": complaint_words,
        "lists": tuple(ListName),
        "windows": windows,
        "desk": current.runtime(),
    }
    if account is None or "view" not in g:
        return found
    office = current.office()
    found |= {"view": current.view(), "office": office, "now": current.runtime().clock()}
    several = len(current.runtime().settings.offices) > 1
    return found | {"office_names": _office_names(), "here": _here(), "several_offices": several}


def _here() -> str:
    """Where this very page can be asked for again, even when it is the answer to a form."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    if "ticket" in g:
        return url_for("tickets.page", office=current.view().office, ticket_id=current.ticket().id)
    return url_for("inbox.start")


def _office_names() -> dict[str, str]:
    offices = current.runtime().settings.offices
    language = current.officer().language
    return {code: office_name(offices[code], language) for code in current.officer().roles if code in offices}


def _list_name() -> ListName:
    asked = request.args.get("list", FIRST_LIST.value)
    if asked not in set(ListName):
        abort(404)
    name = ListName(asked)
    if name is ListName.COMPLAINTS and not current.view().complaints:
        abort(404)
    return name


def _by_window(name: ListName) -> bool:
    """Whether the officer wants those first whose window shuts soonest."""
    return request.args.get("sort") == BY_WINDOW and name not in _ORDERED


def _page() -> int:
    asked = request.args.get("page", "0")
    return min(int(asked), 10_000) if asked.isdecimal() and len(asked) < 6 else 0
