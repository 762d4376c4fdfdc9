"""What people asked about their own data: the list with its deadlines, and the word that erases."""

from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from handlers import erasing_due
from handlers.web import current
from handlers.web.inbox import rail
from handlers.web.language import gettext, ngettext
from storage import privacy_requests, theirs
from storage.columns import AnyRow

blueprint = Blueprint("privacy", __name__, url_prefix="/inbox/<office>/data-pribadi")
_HOUR = timedelta(hours=1)


@blueprint.get("")
def page() -> ResponseReturnValue:
    """Who asked what, what is still to be done first, and what of theirs is open."""
    view = current.view()
    with current.runtime().database.read() as connection:
        rows = privacy_requests.listed(connection, view.office)
        undone = [row for row in rows if row.state in privacy_requests.UNDONE]
        open_ones = {
            row.id: privacy_requests.open_tickets(connection, theirs.person(connection, row.contact_id), view)
            for row in undone
        }
        shown = {"rows": rows, "open_ones": open_ones, "left": left, "undone": privacy_requests.UNDONE}
        return render_template("inbox/privacy.html", **shown, **rail(connection))


def left(row: AnyRow) -> str:
    """How long there still is, by the clock."""
    rest = row.due_at - current.runtime().clock()
    if rest < timedelta(0):
        late = max(1, round(-rest / _HOUR))
        return ngettext("terlambat %(num)s jam", "terlambat %(num)s jam", late)
    return ngettext("%(num)s jam lagi", "%(num)s jam lagi", max(1, round(rest / _HOUR)))


def noted() -> str:
    """What a supervisor hears whose word erases somebody."""
    return gettext(
        "Dicatat. Warga diberi tahu, dan datanya dihapus satu jam kemudian. Bila masih ada yang perlu"
        " dilihat, permintaannya menunggu pengawas lagi."
    )


@blueprint.post("/<int:request_id>")
def confirm(request_id: int) -> ResponseReturnValue:
    """Let the person be told now, and erased an hour later."""
    view = current.view()
    done = erasing_due.confirm(current.runtime(), view.office, request_id, view.officer_id)
    refused = gettext("Permintaan itu sudah tidak menunggu.")
    flash(noted() if done else refused, "done" if done else "problem")
    return redirect(url_for("privacy.page", office=view.office), 303)
