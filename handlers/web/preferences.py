"""What an officer wants to get as mail from this office."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from handlers.mailroom import notices
from handlers.web import current
from handlers.web.inbox import rail
from handlers.web.language import gettext
from storage import officers
from storage.officers import MailWishes

blueprint = Blueprint("preferences", __name__, url_prefix="/inbox/<office>/pemberitahuan")


@blueprint.get("")
def page() -> ResponseReturnValue:
    """What they get now."""
    desk, view = current.runtime(), current.view()
    with desk.database.read() as connection:
        wishes = officers.mail_wishes(connection, view.officer_id, view.office)
        return render_template(
            "inbox/preferences.html",
            wishes=wishes or MailWishes(),
            mailbox=notices.mailbox_of(desk, view.office),
            **rail(connection),
        )


@blueprint.post("")
def save() -> ResponseReturnValue:
    """Remember what they want from now on."""
    view = current.view()
    wishes = MailWishes("mine" in request.form, "new" in request.form, "reminders" in request.form)
    with current.runtime().database.write() as connection:
        officers.set_mail_wishes(connection, view.officer_id, view.office, wishes)
    flash(gettext("Pilihan Anda disimpan."), "done")
    return redirect(url_for("preferences.page", office=view.office), 303)
