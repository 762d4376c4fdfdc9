"""What citizens searched: what was not answered is the office's list of answers to write."""

from datetime import timedelta

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from handlers.web import current
from handlers.web.inbox import rail
from handlers.web.language import gettext
from storage import catalogue, searches

blueprint = Blueprint("searches", __name__, url_prefix="/inbox/<office>/pencarian")
_LATELY = timedelta(days=30)


@blueprint.get("")
def page() -> ResponseReturnValue:
    """The unanswered ones first, then what was answered lately, and how full the catalogue is."""
    desk, view = current.runtime(), current.view()
    since = desk.clock() - _LATELY
    domains = current.office().domains
    with desk.database.read() as connection:
        return render_template(
            "inbox/searches.html",
            unanswered=searches.unanswered(connection, view),
            answered=searches.answered(connection, view, since),
            tally=searches.tally(connection, view, since),
            items=sum(catalogue.counts(connection, domains).values()),
            sources=catalogue.sources(connection, domains),
            **rail(connection),
        )


@blueprint.post("/<int:searched_id>/selesai")
def settle(searched_id: int) -> ResponseReturnValue:
    """The office has dealt with it."""
    desk, view = current.runtime(), current.view()
    with desk.database.write() as connection:
        if searches.find(connection, view, searched_id) is None:
            abort(404)
        searches.put_aside(connection, view, searched_id, desk.clock())
    flash(gettext("Pencarian ditandai sudah ditangani."), "done")
    return redirect(url_for("searches.page", office=view.office), 303)
