"""Passing a ticket on to another office of the installation, and taking it back."""

import uuid

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.conversation import Refusal
from handlers import officer
from handlers.officer import MOST_WORDS
from handlers.web import current, words
from handlers.web.inbox import rail
from handlers.web.language import chosen, gettext
from handlers.wording import office_name
from storage import officers

blueprint = Blueprint("forwarding", __name__, url_prefix="/inbox/<office>/tickets/<int:ticket_id>/teruskan")
LONGEST_REASON = 2_000


@blueprint.get("")
def page() -> ResponseReturnValue:
    """Choose the office, and say why."""
    return _page("", "", "")


def _page(to: str, why: str, problem: str) -> str:
    with current.runtime().database.read() as connection:
        receivers = {
            code: office_name(one, chosen())
            for code, one in current.runtime().settings.offices.items()
            if code != current.ticket().handled_by and officers.colleagues(connection, code)
        }
        return render_template(
            "inbox/forward.html",
            ticket=current.ticket(),
            receivers=receivers,
            to=to,
            why=why,
            problem=problem,
            longest=LONGEST_REASON,
            form_id=str(uuid.uuid4()),
            **rail(connection),
        )


@blueprint.post("")
def forward() -> ResponseReturnValue:
    """Let the chosen office work on it, if a reason was told."""
    to, why = request.form.get("to", ""), request.form.get("why", "")[:LONGEST_REASON]
    if not to:
        return _page(to, why, gettext("Pilih dulu kantor yang akan menerima tiket.")), 422
    if not officer.clean(why):
        return _page(
            to, why, gettext("Tulis dulu alasannya, supaya kantor itu tahu apa yang diharapkan.")
        ), 422
    refused = _pass_on(to, why[:MOST_WORDS], request.form.get("form_id", ""))
    if refused is not None:
        return _page(to, why, words.refusal(refused)), 409
    told = gettext("Tiket %(number)s diteruskan.", number=current.ticket().reference)
    flash(f"{told} {gettext('Anda masih dapat membacanya di daftar “Diteruskan”.')}", "done")
    mine = current.ticket().office == current.view().office
    return redirect(_ticket_page() if mine else url_for("inbox.tickets", office=current.view().office), 303)


@blueprint.post("/kembali")
def take_back() -> ResponseReturnValue:
    """The office that was asked works on it itself again."""
    refused = _pass_on(current.view().office, gettext("Ditarik kembali."), request.form.get("form_id", ""))
    if refused is not None:
        flash(words.refusal(refused), "problem")
    else:
        flash(gettext("Tiket kembali ke kantor Anda."), "done")
    return redirect(_ticket_page(), 303)


def _pass_on(to: str, why: str, form_id: str) -> Refusal | None:
    try:
        form_id = str(uuid.UUID(form_id))
    except ValueError:
        form_id = str(uuid.uuid4())
    return officer.forward(
        current.runtime(), current.view().officer_id, current.ticket().id, to, why, form_id
    )


def _ticket_page() -> str:
    return url_for("tickets.page", office=current.view().office, ticket_id=current.ticket().id)
