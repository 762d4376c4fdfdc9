"""Whether a citizen wants messages: shown before anybody writes, and recorded where it was said elsewhere."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from handlers import consenting
from handlers.web import current, moments, words
from handlers.web.language import gettext
from storage.columns import AnyRow
from storage.consents import LONGEST_WORDS

blueprint = Blueprint("consents", __name__, url_prefix="/inbox/<office>/tickets/<int:ticket_id>/consent")


@blueprint.post("")
def note() -> ResponseReturnValue:
    """An officer writes down what the citizen said, and where."""
    said, what = request.form.get("words", "").strip()[:LONGEST_WORDS], request.form.get("what", "")
    ticket, view = current.ticket(), current.view()
    if what not in ("in", "out") or not said:
        flash(gettext("Tulis apa yang dikatakan warga, kapan, dan lewat apa."), "problem")
    elif consenting.note_by_officer(
        current.runtime(), view.officer_id, ticket.id, wants=what == "in", words=said
    ):
        flash(gettext("Dicatat."), "done")
    return redirect(url_for("tickets.page", office=view.office, ticket_id=ticket.id), 303)


def fact(row: AnyRow) -> str:
    """One recorded fact in a line: what, when, on whose words."""
    when = moments.short(row.at, current.runtime().clock(), current.office())
    what = gettext("bersedia dihubungi") if row.what == "in" else gettext("BERHENTI, tidak mau dihubungi")
    return gettext("%(what)s, %(when)s, %(source)s", what=what, when=when, source=_source(row))


def _source(row: AnyRow) -> str:
    channel = words.by_channel(row.channel)
    if row.source == "officer":
        return gettext("dicatat %(name)s", name=row.officer or "")
    if row.source == "provider":
        return gettext("menurut penyedia %(channel)s", channel=channel)
    return gettext("kata warga lewat %(channel)s", channel=channel)
