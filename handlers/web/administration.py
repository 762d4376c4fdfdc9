"""For the administrator: messages that no office owns, and what could not be delivered."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from bot.policy import Office
from handlers import officer
from handlers.web import current
from handlers.web.language import gettext
from storage import unhandled
from storage.alarms import open_alarms

blueprint = Blueprint("administration", __name__, url_prefix="/administration")


@blueprint.get("")
def page() -> ResponseReturnValue:
    """Read them. Times are those of the first configured office, and said so by their zone."""
    desk = current.runtime()
    with desk.database.read() as connection:
        return render_template(
            "inbox/administration.html",
            unrouted=unhandled.unrouted(connection),
            undelivered=unhandled.undelivered(connection),
            clock_office=_clock_office(),
            moment=desk.clock(),
            offices=desk.settings.offices,
            alarms=open_alarms(connection, None, installation=True),
        )


@blueprint.post("/unrouted/<int:unrouted_id>/settle")
def settle(unrouted_id: int) -> ResponseReturnValue:
    """The message was dealt with."""
    with current.runtime().database.read() as connection:
        if unrouted_id not in {stray.id for stray in unhandled.unrouted(connection)}:
            abort(404)
    officer.settle_unrouted(current.runtime(), current.officer().id, unrouted_id)
    flash(gettext("Pesan ditandai sudah ditangani."), "done")
    return redirect(url_for("administration.page"), 303)


def _clock_office() -> Office:
    return next(iter(current.runtime().settings.offices.values()))
