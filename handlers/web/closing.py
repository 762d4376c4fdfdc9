"""Closing tickets whose citizens do not answer: one, or those that were ticked, and all of it undone."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bot.conversation import Refusal
from handlers import officer
from handlers.web import current
from handlers.web.language import gettext, ngettext
from handlers.web.permissions import LARGEST_ID
from handlers.web.tickets import CLOSED
from storage import ticket_page
from storage.inbox import PAGE, ListName

blueprint = Blueprint("closing", __name__, url_prefix="/inbox/<office>/closing")


@blueprint.post("/close")
def close() -> ResponseReturnValue:
    """Close the one whose button was pressed, else all that were ticked."""
    chosen = _numbers("only") or _numbers("chosen")
    if not chosen:
        flash(gettext("Pilih dulu tiket yang akan ditutup."), "problem")
    closed = [each for each in chosen if _done(officer.close_silent, each)]
    if missed := len(chosen) - len(closed):
        flash(
            ngettext(
                "%(num)s tiket tidak ditutup: keadaannya baru saja berubah.",
                "%(num)s tiket tidak ditutup: keadaannya baru saja berubah.",
                missed,
            ),
            "problem",
        )
    return _back(closed)


@blueprint.post("/reopen")
def reopen() -> ResponseReturnValue:
    """Open again what was just closed."""
    opened = [each for each in _numbers("chosen") if _done(officer.reopen, each)]
    if opened:
        flash(ngettext("%(num)s tiket dibuka lagi.", "%(num)s tiket dibuka lagi.", len(opened)), "done")
    return _back([])


def _done(act: Callable[..., Refusal | None], ticket_id: int) -> bool:
    """Let it happen to the ticket, if this officer's office works on it; whether it did."""
    desk, view = current.runtime(), current.view()
    with desk.database.read() as connection:
        found = ticket_page.find(connection, view, ticket_id)
    theirs = found is not None and found.handled_by == view.office
    return theirs and act(desk, view.officer_id, ticket_id) is None


def _numbers(field: str) -> list[int]:
    """The tickets named in the form, at most a page of them, each once."""
    told = [one for one in request.form.getlist(field) if one.isascii() and one.isdigit() and len(one) < 19]
    return [one for one in dict.fromkeys(map(int, told)) if one <= LARGEST_ID][:PAGE]


def _back(closed: list[int]) -> ResponseReturnValue:
    """To the list, or to the ticket whose page it was; either offers to undo what was closed."""
    office, told = current.view().office, ",".join(map(str, closed)) or None
    if ticket := _numbers("ticket"):
        if closed:
            flash(gettext("Tiket ini ditutup karena tidak ada balasan."), CLOSED)
        return redirect(url_for("tickets.page", office=office, ticket_id=ticket[0]), 303)
    return redirect(url_for("inbox.tickets", office=office, list=ListName.CLOSABLE.value, closed=told), 303)
