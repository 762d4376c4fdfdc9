"""For supervisors: messages and mails the desk could not handle, and those kept after BERHENTI."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from handlers import officer
from handlers.web import current
from handlers.web.inbox import rail
from handlers.web.language import gettext
from storage import mail_pages, unhandled

blueprint = Blueprint("unhandled", __name__, url_prefix="/inbox/<office>/unhandled")


@blueprint.get("")
def page() -> ResponseReturnValue:
    """Read them."""
    with current.runtime().database.read() as connection:
        return render_template(
            "inbox/unhandled.html",
            shunted=unhandled.shunted(connection, current.view()),
            mails=mail_pages.shunted_mails(connection, current.view()),
            balance=mail_pages.mail_balance(connection, current.view()),
            after_opt_out=unhandled.after_opt_out(connection, current.view()),
            **rail(connection),
        )


@blueprint.post("/<int:message_id>/retry")
def retry(message_id: int) -> ResponseReturnValue:
    """Put a message back in line and handle it now."""
    _must_be_theirs(message_id)
    officer.retry_shunted(current.runtime(), current.view().officer_id, message_id)
    with current.runtime().database.read() as connection:
        still_there = unhandled.find_shunted(connection, current.view(), message_id)
    if still_there:
        flash(gettext("Masih belum berhasil. Pesannya tetap di sini; beri tahu pengelola sistem."), "problem")
    else:
        flash(gettext("Pesan dicoba lagi. Bila berhasil, tiketnya muncul di kotak masuk."), "done")
    return redirect(url_for("unhandled.page", office=current.view().office), 303)


@blueprint.post("/<int:message_id>/settle")
def settle(message_id: int) -> ResponseReturnValue:
    """The message was dealt with by other means."""
    _must_be_theirs(message_id)
    officer.settle_shunted(current.runtime(), current.view().officer_id, message_id)
    flash(gettext("Pesan ditandai sudah ditangani."), "done")
    return redirect(url_for("unhandled.page", office=current.view().office), 303)


def _must_be_theirs(message_id: int) -> None:
    with current.runtime().database.read() as connection:
        if unhandled.find_shunted(connection, current.view(), message_id) is None:
            abort(404)
