"""The office's own answers: written in Markdown, looked at as citizens will see them, then published."""

from dataclasses import replace

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from handlers import answering, markdown
from handlers.answering import Gone, Incomplete, Overtaken, Written
from handlers.web import current
from handlers.web.inbox import rail
from handlers.web.language import gettext
from handlers.web.permissions import LARGEST_ID
from storage import answers, ticket_page
from storage.catalogue_tables import LONGEST_TITLE
from storage.columns import AnyRow

blueprint = Blueprint("answers", __name__, url_prefix="/inbox/<office>")
_PAGE, _NEW, _EDIT = "answers.page", "answers.new", "answers.edit"


@blueprint.get("/jawaban")
def page() -> ResponseReturnValue:
    """All answers, drafts too."""
    with current.runtime().database.read() as connection:
        rows = answers.listed(connection, current.view())
        return render_template("inbox/answers.html", rows=rows, **rail(connection))


@blueprint.get("/jawaban/baru")
def new() -> ResponseReturnValue:
    """A new answer, perhaps to a question that citizens searched in vain."""
    return _editor(Written(request.args.get("tanya", "").strip()[:LONGEST_TITLE], ""))


@blueprint.get("/tickets/<int:ticket_id>/jawaban")
def from_ticket() -> ResponseReturnValue:
    """A draft out of a closed consultation. Nothing of it is kept before the officer has read it."""
    ticket, view = current.ticket(), current.view()
    if ticket.open or ticket.complaint:
        flash(gettext("Hanya konsultasi yang sudah ditutup dapat dijadikan jawaban kantor."), "problem")
        return redirect(url_for("tickets.page", office=view.office, ticket_id=ticket.id), 303)
    with current.runtime().database.read() as connection:
        reply = answers.last_reply(connection, view, ticket.id)
    question = str(ticket.request.get("what") or ticket.subject)[:LONGEST_TITLE]
    return _editor(Written(question, reply, from_ticket=ticket.id))


@blueprint.get("/jawaban/<int:answer_id>")
def edit(answer_id: int) -> ResponseReturnValue:
    """An answer that is there."""
    with current.runtime().database.read() as connection:
        row = answers.find(connection, current.view(), answer_id)
    if row is None:
        abort(404)
    return _editor(Written(row.question, row.body, row.id, row.from_ticket, answering.edition(row)))


@blueprint.post("/jawaban/periksa")
def preview() -> ResponseReturnValue:
    """As citizens will see it, with what could be personal data. Nothing is kept yet."""
    written = _written()
    if request.form.get("act") == "back":
        return _editor(written)
    if not written.question or not written.body:
        return _editor(written, incomplete=True)
    return _preview(written)


@blueprint.post("/jawaban/simpan")
def save() -> ResponseReturnValue:
    """Keep a draft."""
    written = _written()
    try:
        answer_id = answering.keep(current.runtime(), current.view(), written)
    except Incomplete:
        return _editor(written, incomplete=True)
    except Overtaken:
        return _overtaken(written)
    except Gone:
        return _gone()
    flash(gettext("Draf disimpan. Warga belum dapat melihatnya."), "done")
    return redirect(url_for(_EDIT, office=current.view().office, answer_id=answer_id), 303)


@blueprint.post("/jawaban/terbitkan")
def publish() -> ResponseReturnValue:
    """Let everybody find it, once the officer has said that nobody's data are in it."""
    written = _written()
    if "checked" not in request.form:
        return _preview(written, unchecked=True)
    try:
        answering.publish(current.runtime(), current.view(), written)
    except Incomplete:
        return _editor(written, incomplete=True)
    except Overtaken:
        return _overtaken(written)
    except Gone:
        return _gone()
    flash(gettext("Jawaban diterbitkan. Mulai sekarang warga menemukannya saat mencari."), "done")
    return redirect(url_for(_PAGE, office=current.view().office), 303)


@blueprint.post("/jawaban/<int:answer_id>/tarik")
def withdraw(answer_id: int) -> ResponseReturnValue:
    """Nobody finds it any more; it is a draft again."""
    try:
        answering.withdraw(current.runtime(), current.view(), answer_id)
    except Gone:
        abort(404)
    flash(gettext("Jawaban ditarik. Teksnya tetap ada sebagai draf."), "done")
    return redirect(url_for(_PAGE, office=current.view().office), 303)


def _overtaken(written: Written) -> ResponseReturnValue:
    """The editor with what was written, and what a colleague has saved below it."""
    with current.runtime().database.read() as connection:
        row = answers.find(connection, current.view(), written.id or 0)
    if row is None:
        return _gone()
    return _editor(replace(written, edition=answering.edition(row)), newer=row)


def _gone() -> ResponseReturnValue:
    flash(gettext("Jawaban ini baru saja diubah orang lain. Lihat keadaan terbarunya."), "problem")
    return redirect(url_for(_PAGE, office=current.view().office), 303)


def _written() -> Written:
    """What the form holds. A ticket counts only where this officer may know of it."""
    question = " ".join(request.form.get("question", "").split())[:LONGEST_TITLE]
    body = request.form.get("body", "").replace("\r\n", "\n").strip()[: answering.LONGEST_BODY]
    ticket_id = _number("from_ticket")
    with current.runtime().database.read() as connection:
        known = ticket_id and ticket_page.find(connection, current.view(), ticket_id)
    theirs = ticket_id if known and not known.complaint else None
    return Written(question, body, _number("id"), theirs, request.form.get("edition", ""))


def _number(name: str) -> int | None:
    told = request.form.get(name, "")
    return int(told) if told.isascii() and told.isdigit() and 0 < int(told[:20]) <= LARGEST_ID else None


def _editor(
    written: Written, *, incomplete: bool = False, newer: AnyRow | None = None
) -> ResponseReturnValue:
    with current.runtime().database.read() as connection:
        row = answers.find(connection, current.view(), written.id) if written.id else None
        shown = render_template(
            "inbox/answer.html",
            written=written,
            published=row is not None and row.published_at is not None,
            incomplete=incomplete,
            newer=newer,
            longest=LONGEST_TITLE,
            longest_body=answering.LONGEST_BODY,
            **rail(connection),
        )
    return shown, 409 if newer is not None else 422 if incomplete else 200


def _preview(written: Written, *, unchecked: bool = False) -> ResponseReturnValue:
    with current.runtime().database.read() as connection:
        shown = render_template(
            "inbox/answer_preview.html",
            written=written,
            body=markdown.rendered(written.body),
            told=markdown.plain(written.body),
            traces=list(answering.traces(written, _names(connection, written))),
            unchecked=unchecked,
            **rail(connection),
        )
    return shown, 422 if unchecked else 200


def _names(connection: Connection, written: Written) -> tuple[str, ...]:
    """What the citizen of the ticket is called."""
    if written.from_ticket is None:
        return ()
    ticket = ticket_page.find(connection, current.view(), written.from_ticket)
    return (ticket.person.name, ticket.person.profile_name) if ticket else ()
