"""Bringing tickets together and taking them apart. Whatever is refused comes back as a sentence."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from handlers import linking, splitting
from handlers.linking import Obstacle
from handlers.runtime import Runtime
from handlers.web import current, words
from handlers.web.inbox import rail
from handlers.web.language import gettext
from handlers.web.permissions import LARGEST_ID
from storage import finding, kin, ticket_page
from storage.kin import Relative

blueprint = Blueprint("linking", __name__, url_prefix="/inbox/<office>/tickets/<int:ticket_id>/kin")
_LONGEST_QUERY = 200


@blueprint.get("")
def page() -> ResponseReturnValue:
    """Choose a ticket to bring this one together with, or a message to split it at."""
    query = request.args.get("with", "").strip()[:_LONGEST_QUERY]
    view, ticket = current.view(), current.ticket()
    with current.runtime().database.read() as connection:
        return render_template(
            "inbox/kin_page.html",
            ticket=ticket,
            wanted=query,
            candidates=_candidates(connection, query),
            family=kin.family(connection, view, ticket.id),
            points=kin.split_points(connection, view, ticket.id),
            on_chat=ticket.open and ticket.channel != "email" and not ticket.complaint,
            **rail(connection),
        )


def _candidates(connection: Connection, query: str) -> tuple[Relative, ...]:
    """What was searched for, else the other tickets of the same citizen."""
    view, ticket = current.view(), current.ticket()
    if query:
        found = [row.id for row in finding.found(connection, view, query)]
    else:
        found = [row.id for row in ticket_page.earlier(connection, view, ticket.id)]
    return kin.alike(connection, view, ticket.id, found)


@blueprint.post("/link")
def link() -> ResponseReturnValue:
    """Show the two tickets on each other's page."""
    other = _other()
    refused = linking.link(*_who(), current.ticket().id, other) if other else Obstacle.GONE
    return _told(refused, gettext("Kedua tiket ditautkan."))


@blueprint.post("/unlink")
def unlink() -> ResponseReturnValue:
    """They have nothing to do with each other."""
    other = _other()
    refused = linking.unlink(*_who(), current.ticket().id, other) if other else Obstacle.GONE
    return _told(refused, gettext("Tautan dilepas."))


@blueprint.post("/refuse")
def refuse() -> ResponseReturnValue:
    """It is not of the ticket that it named."""
    linking.refuse_guess(*_who(), current.ticket().id)
    return _told(None, gettext("Dicatat: bukan bagian tiket itu."))


@blueprint.post("/merge")
def merge() -> ResponseReturnValue:
    """Bring this ticket's messages to the other one, and go there."""
    other = _other()
    refused = linking.merge(*_who(), current.ticket().id, other) if other else Obstacle.GONE
    done = gettext("Pesan %(number)s kini ada di tiket ini.", number=current.ticket().reference)
    return _told(refused, done, ticket_id=other if refused is None else None)


@blueprint.post("/unmerge")
def unmerge() -> ResponseReturnValue:
    """Let a ticket that was merged here, or this one, stand by itself again."""
    asked = _number("other")
    gone = (_other() or 0) if asked else current.ticket().id
    refused = linking.undo_merge(*_who(), gone) if gone else Obstacle.GONE
    return _told(refused, gettext("Penggabungan dibatalkan: kedua tiket berdiri sendiri lagi."))


@blueprint.post("/split")
def split() -> ResponseReturnValue:
    """Open a ticket of its own for what begins with a message, and go there."""
    result = splitting.split(*_who(), current.ticket().id, _number("message"))
    if isinstance(result, Obstacle):
        gone = gettext("Pilih dulu pesan yang memulai permintaan baru.")
        flash(gone if result is Obstacle.GONE else words.obstacle(result), "problem")
        return redirect(_here("linking.page"), 303)
    done = gettext("Tiket %(number)s dibuka dengan pesan yang dipisahkan.", number=result.reference)
    return _told(None, done, ticket_id=result.id)


@blueprint.post("/unsplit")
def unsplit() -> ResponseReturnValue:
    """Bring everything back to the ticket this one was split off from."""
    return _told(
        splitting.undo_split(*_who(), current.ticket().id),
        gettext("Pemisahan dibatalkan: pesannya kembali ke tiket semula."),
    )


def _who() -> tuple[Runtime, int]:
    return current.runtime(), current.view().officer_id


def _other() -> int | None:
    """The ticket that the form names, if this officer's office works on it."""
    asked = _number("other")
    with current.runtime().database.read() as connection:
        found = ticket_page.find(connection, current.view(), asked) if asked else None
    return found.id if found and found.handled_by == current.view().office else None


def _number(field: str) -> int:
    return min(max(request.form.get(field, 0, type=int), 0), LARGEST_ID)


def _told(refused: Obstacle | None, done: str, ticket_id: int | None = None) -> ResponseReturnValue:
    flash(words.obstacle(refused) if refused else done, "problem" if refused else "done")
    return redirect(_here("tickets.page", ticket_id), 303)


def _here(endpoint: str, ticket_id: int | None = None) -> str:
    ticket_id = ticket_id or current.ticket().id
    return url_for(endpoint, office=current.view().office, ticket_id=ticket_id)
