"""The page of one ticket, and everything an officer can do on it.

The permission guard has found the ticket before any of these runs. Whatever is refused, the page
comes back with the text that was written.
"""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from bot.conversation import Refusal
from handlers import officer
from handlers.officer import MOST_WORDS, Stale
from handlers.prospects import Prospects
from handlers.web import complaint_card, composer, consents, current, deadlines, uploads, windows, words
from handlers.web.complaint_card import Unsaved
from handlers.web.inbox import lines, rail
from handlers.web.language import chosen as language
from handlers.web.language import gettext, ngettext
from handlers.web.permissions import LARGEST_ID
from handlers.wording import office_name
from storage import kin, media_pages, officers, ticket_page, tickets
from storage.complaint_register import Entry
from storage.consents import told as told_consents
from storage.held import CALL

blueprint = Blueprint("tickets", __name__, url_prefix="/inbox/<office>/tickets/<int:ticket_id>")
CLOSED = "closed"
_KEPT = ("list", "q", "page", "sort")


@dataclass(frozen=True, slots=True)
class Kept:
    """What the officer had written, and why it was not sent. ``seen`` is what they had seen then."""

    text: str = ""
    note: str = ""
    asks_back: bool = False
    problem: str = ""
    form_id: str = ""
    seen: int | None = None
    route: str = ""
    files: tuple[Mapping[str, str], ...] = ()
    by_link: bool = False
    unsaved: Unsaved | None = None


@blueprint.url_value_preprocessor
def make_room(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """An answer may bring files along. Said before anybody looks into the form."""
    if endpoint == f"{blueprint.name}.{reply.__name__}":
        request.max_content_length = uploads.LARGEST_ANSWER


@blueprint.get("")
def page() -> ResponseReturnValue:
    """The ticket. Looking at it marks it read; a page that only refreshes itself does not."""
    said, newest = _page(Kept())
    if not request.headers.get("X-Live"):
        _mark_read(newest)
    return said


def _mark_read(message_id: int) -> None:
    ticket = current.ticket()
    if message_id > ticket.read_up_to:
        officer.mark_read(current.runtime(), current.view().officer_id, ticket.id, message_id)


def shown(kept: Kept) -> str:
    """The page with what was written or entered and not kept."""
    return _page(kept)[0]


def _page(kept: Kept) -> tuple[str, int]:
    """The page, and the newest message on it."""
    desk, view, ticket, now = current.runtime(), current.view(), current.ticket(), current.runtime().clock()
    limit = None if request.args.get("all") else ticket_page.SHOWN_MESSAGES
    with desk.database.read() as connection:
        said = ticket_page.messages(connection, view, ticket.id, limit)
        prospects = _prospects(connection)
        about = {
            "ticket": ticket,
            "messages": said,
            "shortened": limit is not None and len(said) == limit,
            "events": ticket_page.events(connection, view, ticket.id),
            "media": media_pages.media_of_ticket(connection, view, ticket.id),
            "ratings": ticket_page.ratings(connection, view, ticket.id),
            "addresses": ticket_page.addresses(connection, view, ticket.id),
            "consents": [(row, consents.fact(row)) for row in told_consents(connection, view, ticket.id)],
            "earlier": ticket_page.earlier(connection, view, ticket.id),
            "viewers": ticket_page.viewers(connection, view, ticket.id, now),
            "members": (members := officers.colleagues(connection, view.office)),
            "names": {one.id: one.name for one in members},
            "family": kin.family(connection, view, ticket.id),
            "participants": kin.participants(connection, view, ticket.id),
            "composer": _composer(prospects, kept),
            "held": windows.notices(prospects.of_held(), ticket.address, now),
            **(told := complaint_card.card(connection, kept.unsaved)),
            **_deadlines(connection, told["entry"]),
            "colleagues": _receivers(members, told["accused"]),
            **lines(connection),
            **rail(connection),
        }
    newest = said[-1].id if said else 0
    page = render_template(
        "inbox/ticket.html",
        **about,
        kept=kept,
        seen=newest,
        fresh_after=_fresh_after(kept, newest),
        form_id=kept.form_id or str(uuid.uuid4()),
        note_id=str(uuid.uuid4()),
        looking_on=ticket.handled_by != view.office,
        office_of=desk_name,
        longest=MOST_WORDS,
        CALL=CALL,
        uploads=uploads,
        onward={key: request.args[key] for key in _KEPT if key in request.args},
    )
    return page, newest


def _deadlines(connection: Connection, complaint: Entry | None) -> dict[str, Any]:
    """What was promised on this ticket, and what its citizen's silence comes to."""
    desk, ticket, now = current.runtime(), current.ticket(), current.runtime().clock()
    asked = desk.desk(ticket.office, ticket.channel, current.calendar(connection, ticket.office))
    promised = deadlines.promised(ticket, asked, now)
    return {
        "promised": complaint_card.promised(connection, complaint) if ticket.complaint else promised,
        "silent": deadlines.silent(ticket, asked.office, now),
    }


def desk_name(code: str) -> str:
    """What an office of this installation is called; its code once the configuration has lost it."""
    found = current.runtime().settings.offices.get(code)
    return office_name(found, language()) if found else code


def _prospects(connection: Connection) -> Prospects:
    desk, row = current.runtime(), tickets.find(connection, current.ticket().id)
    if row is None:
        raise LookupError("a ticket that the guard has found")
    return Prospects(desk, connection, row, desk.clock())


def _composer(prospects: Prospects, kept: Kept) -> composer.Composer:
    desk = current.runtime()
    asked = (desk, current.ticket(), prospects.choices, desk.clock(), prospects.outlook)
    return composer.composer(*asked, wanted=kept.route)


def _receivers(
    members: tuple[officers.Colleague, ...], accused: Collection[int]
) -> tuple[officers.Colleague, ...]:
    """Who may be handed the ticket: a complaint a supervisor, and none whom it is about."""
    ticket = current.ticket()
    return tuple(
        member
        for member in members
        if member.id not in {ticket.claimed_by, *accused}
        and (member.role == "supervisor" or not ticket.complaint)
    )


def _fresh_after(kept: Kept, newest: int) -> int:
    """Messages beyond this id are marked as new: the first look marks nothing."""
    if kept.seen is not None:
        return kept.seen
    return current.ticket().read_up_to or newest


@blueprint.post("/reply")
def reply() -> ResponseReturnValue:
    """Send the text to the citizen, unless somebody else wrote meanwhile: then the officer looks again."""
    text, form_id = request.form.get("text", ""), _form_id()
    asks_back, seen = "asks_back" in request.form, _number("seen")
    route = request.form.get("route", "")
    kept = Kept(text, asks_back=asks_back, form_id=form_id, seen=seen, route=route)
    brings = request.files or "kept" in request.form
    chosen = uploads.chosen(current.runtime(), request, _channel(kept)) if brings else uploads.Chosen()
    kept = replace(kept, files=chosen.media, by_link=chosen.by_link)
    problem = _unsendable(text, gettext("Tulis dulu jawabannya.")) or chosen.problem
    if problem:
        return _again(kept, problem, 422)
    if other := _meant_for_another():
        return _again(kept, other, 409)
    result = officer.reply(
        *(current.runtime(), current.view().officer_id, current.ticket().id, text, form_id),
        asks_back=asks_back,
        seen=seen,
        media=chosen.media,
        route=route,
    )
    if isinstance(result, Stale):
        return _again(kept, _stale(result.newer), 409)
    if isinstance(result, Refusal):
        return _again(kept, words.refusal(result), 409)
    return _back(sent="reply")


def _channel(kept: Kept) -> str:
    """The channel that the answer would take now."""
    with current.runtime().database.read() as connection:
        return _composer(_prospects(connection), kept).channel


def _unsendable(text: str, lacking: str) -> str:
    if not officer.clean(text):
        return lacking
    if len(text) > MOST_WORDS:
        return gettext("Terlalu panjang: paling banyak %(longest)s huruf.", longest=MOST_WORDS)
    return ""


def _meant_for_another() -> str:
    """A page that stood open while a backup was restored: its address may be another ticket's by now."""
    meant = request.form.get("reference", "")[:40]
    if meant in {"", current.ticket().reference}:
        return ""
    return gettext(
        "Halaman ini dibuka untuk tiket %(number)s, yang tidak ada lagi sejak data dipulihkan."
        " Lihat dulu siapa yang bertanya di sini, lalu kirim hanya bila memang untuknya.",
        number=meant,
    )


def _stale(newer: int) -> str:
    return ngettext(
        "%(num)s pesan baru masuk sejak Anda mulai menulis. Baca dulu yang bertanda baru, lalu kirim.",
        "%(num)s pesan baru masuk sejak Anda mulai menulis. Baca dulu yang bertanda baru, lalu kirim.",
        newer,
    )


def _again(kept: Kept, problem: str, code: int) -> ResponseReturnValue:
    """The page with what was written, and the files that could be kept; the others are asked for again."""
    fresh = any(file.filename for file in request.files.getlist("files"))
    lost = gettext("Pilih lagi berkasnya sebelum mengirim.") if fresh and not kept.files else ""
    return shown(replace(kept, problem=f"{problem} {lost}".strip())), code


@blueprint.post("/note")
def note() -> ResponseReturnValue:
    """Keep an internal note."""
    text = request.form.get("text", "")
    problem = _unsendable(text, gettext("Tulis dulu catatannya."))
    if problem:
        return _again(Kept(note=text), problem, 422)
    officer.note(current.runtime(), current.view().officer_id, current.ticket().id, text, _form_id())
    return _back(sent="note")


@blueprint.post("/clear")
def clear() -> ResponseReturnValue:
    """Declare the request clear and complete."""
    return _settled(officer.mark_clear(current.runtime(), current.view().officer_id, current.ticket().id))


@blueprint.post("/close")
def close() -> ResponseReturnValue:
    """Close the ticket; the message that says so offers to open it again."""
    refusal = officer.close(current.runtime(), current.view().officer_id, current.ticket().id)
    if refusal is None:
        flash(gettext("Tiket %(number)s ditutup.", number=current.ticket().reference), CLOSED)
    return _settled(refusal)


@blueprint.post("/reopen")
def reopen() -> ResponseReturnValue:
    """Open the ticket again."""
    return _settled(officer.reopen(current.runtime(), current.view().officer_id, current.ticket().id))


@blueprint.post("/claim")
def claim() -> ResponseReturnValue:
    """Take the ticket."""
    return _settled(officer.claim(current.runtime(), current.view().officer_id, current.ticket().id))


@blueprint.post("/release")
def release() -> ResponseReturnValue:
    """Give the ticket back to everybody."""
    officer.release(current.runtime(), current.view().officer_id, current.ticket().id)
    return _back()


@blueprint.post("/transfer")
def transfer() -> ResponseReturnValue:
    """Hand the ticket to a colleague."""
    receiver = _number("to")
    if not receiver:
        flash(gettext("Pilih dulu petugas yang akan menerima tiket."), "problem")
        return _back()
    return _settled(
        officer.transfer(current.runtime(), current.view().officer_id, current.ticket().id, receiver)
    )


@blueprint.post("/topic")
def set_topic() -> ResponseReturnValue:
    """Say what the ticket is about."""
    topic = request.form.get("topic", "")
    if topic and topic not in current.office().routing.topics:
        flash(gettext("Pilih topik dari daftar."), "problem")
        return _back()
    officer.set_topic(current.runtime(), current.view().officer_id, current.ticket().id, topic)
    return _back()


@blueprint.post("/present")
def present() -> Response:
    """The page is open in somebody's hands: remember it, and tell who else has it open."""
    desk, view = current.runtime(), current.view()
    officer.present(desk, view.officer_id, current.ticket().id, writing="writing" in request.form)
    with desk.database.read() as connection:
        there = ticket_page.viewers(connection, view, current.ticket().id, desk.clock())
    _mark_read(_number("seen"))
    return jsonify(viewers=render_template("inbox/viewers.html", viewers=there))


def _number(field: str) -> int:
    """A number of the form, 0 for none, never more than a database takes."""
    return min(max(request.form.get(field, 0, type=int), 0), LARGEST_ID)


def _form_id() -> str:
    """The composer's own id; one that is no UUID is replaced, for it is stored as a message's."""
    try:
        return str(uuid.UUID(request.form.get("form_id", "")))
    except ValueError:
        return str(uuid.uuid4())


def _settled(refusal: Refusal | None) -> ResponseReturnValue:
    if refusal is not None:
        flash(words.refusal(refusal), "problem")
    return _back()


def _back(**also: str) -> ResponseReturnValue:
    """The ticket's page anew; *also* tells its script which box may be emptied."""
    onward: dict[str, Any] = {key: request.args[key] for key in _KEPT if key in request.args}
    onward |= also
    here = url_for("tickets.page", office=current.view().office, ticket_id=current.ticket().id, **onward)
    return redirect(here, 303)
