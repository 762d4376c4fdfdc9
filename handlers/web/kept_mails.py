"""For supervisors: mails that could not be handled, and those that were kept without an answer."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from handlers.mailroom import put_aside
from handlers.web import current, letter
from handlers.web.inbox import rail
from handlers.web.language import gettext
from storage import mail_pages
from storage.columns import AnyRow

blueprint = Blueprint("kept_mails", __name__, url_prefix="/inbox/<office>/unhandled/mails")
_LAST_PAGE = 10_000


@blueprint.get("")
def filed() -> ResponseReturnValue:
    """The mails that were kept without an answer, newest first."""
    at = min(max(request.args.get("page", 0, type=int), 0), _LAST_PAGE)
    with current.runtime().database.read() as connection:
        found = mail_pages.filed_mails(connection, current.view(), at, mail_pages.PAGE + 1)
        return render_template(
            "inbox/filed_mails.html",
            mails=found[: mail_pages.PAGE],
            more=len(found) > mail_pages.PAGE,
            at=at,
            **rail(connection),
        )


@blueprint.get("/<int:mail_id>")
def page(mail_id: int) -> ResponseReturnValue:
    """The original of such a mail."""
    row, office = _mail(mail_id), current.view().office
    shunted = row.intake == "shunted"
    return letter.page(
        row,
        raw=url_for("kept_mails.raw", office=office, mail_id=row.id),
        back=url_for("unhandled.page" if shunted else "kept_mails.filed", office=office),
        back_to=gettext("Belum tertangani") if shunted else gettext("Surat yang disimpan"),
    )


@blueprint.get("/<int:mail_id>/raw")
def raw(mail_id: int) -> ResponseReturnValue:
    """The mail itself, to be opened in a mail program."""
    return letter.download(_mail(mail_id))


@blueprint.post("/<int:mail_id>/retry")
def retry(mail_id: int) -> ResponseReturnValue:
    """Read and handle a mail again, now."""
    _shunted(mail_id)
    put_aside.retry(current.runtime(), current.reader(), current.view(), mail_id)
    if _still_there(mail_id):
        flash(
            gettext("Masih belum berhasil. Suratnya tetap di sini; buka sebagai tiket bila perlu."), "problem"
        )
    else:
        flash(gettext("Surat dicoba lagi. Bila berhasil, tiketnya muncul di kotak masuk."), "done")
    return _back()


@blueprint.post("/<int:mail_id>/settle")
def settle(mail_id: int) -> ResponseReturnValue:
    """The mail was dealt with by other means."""
    _shunted(mail_id)
    put_aside.settle(current.runtime(), current.view(), mail_id)
    flash(gettext("Surat ditandai sudah ditangani."), "done")
    return _back()


@blueprint.post("/<int:mail_id>/ticket")
def open_ticket(mail_id: int) -> ResponseReturnValue:
    """Make a ticket of a mail that only a person can read."""
    _shunted(mail_id)
    ticket = put_aside.open_as_ticket(current.runtime(), current.view(), mail_id)
    if ticket is None:
        flash(gettext("Surat ini tidak dapat dibuka sebagai tiket: pengirimnya tidak diketahui."), "problem")
        return _back()
    return redirect(url_for("tickets.page", office=current.view().office, ticket_id=ticket), 303)


def _back() -> ResponseReturnValue:
    return redirect(url_for("unhandled.page", office=current.view().office), 303)


def _mail(mail_id: int) -> AnyRow:
    with current.runtime().database.read() as connection:
        found = mail_pages.mail_aside(connection, current.view(), mail_id)
    if found is None:
        abort(404)
    return found


def _shunted(mail_id: int) -> None:
    if _mail(mail_id).intake != "shunted":
        abort(404)


def _still_there(mail_id: int) -> bool:
    with current.runtime().database.read() as connection:
        found = mail_pages.mail_aside(connection, current.view(), mail_id)
    return found is not None and found.intake == "shunted"
