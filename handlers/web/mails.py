"""The mails of a ticket as they came, and the files of its messages.

The permission guard has found the ticket before any of these runs.
"""

from typing import Any

from flask import Blueprint, Response, abort, request, send_file, url_for
from flask.typing import ResponseReturnValue

from handlers.web import current, letter, media
from handlers.web.mail_words import SHOWN_IMAGES
from storage import mail_pages
from storage.columns import AnyRow

blueprint = Blueprint("mails", __name__, url_prefix="/inbox/<office>/tickets/<int:ticket_id>")


@blueprint.get("/mails/<int:mail_id>")
def page(mail_id: int) -> ResponseReturnValue:
    """The original of a mail."""
    row, here = _mail(mail_id), _here()
    with current.runtime().database.read() as connection:
        message = mail_pages.message_of_mail(connection, current.view(), current.ticket().id, row.id)
    return letter.page(
        row,
        raw=url_for("mails.raw", mail_id=row.id, **here),
        back=url_for("tickets.page", **here),
        back_to=current.ticket().reference,
        addresses=_addresses(message) if message else {},
    )


@blueprint.get("/mails/<int:mail_id>/raw")
def raw(mail_id: int) -> ResponseReturnValue:
    """The mail itself, to be opened in a mail program."""
    return letter.download(_mail(mail_id))


@blueprint.get("/files/<int:message_id>/<int:index>")
def file(message_id: int, index: int) -> ResponseReturnValue:
    """A file of a message; with ``?show=1`` a picture is shown instead of downloaded."""
    view, ticket = current.view(), current.ticket()
    with current.runtime().database.read() as connection:
        found = mail_pages.file_of_ticket(connection, view, ticket.id, message_id, index)
    if found is None:
        abort(404)
    stopped = media.unsafe(found["file"])
    if stopped is not None:
        return stopped
    shown = "show" in request.args and found["content_type"] in SHOWN_IMAGES
    return letter.guarded(_sent(found["file"], found["content_type"], found["name"], shown=shown))


def _sent(file: str, content_type: str, name: str, *, shown: bool) -> Response:
    try:
        path = current.runtime().files.path(file).resolve()
        return send_file(path, mimetype=content_type, as_attachment=not shown, download_name=name)
    except FileNotFoundError:
        abort(404)


def _mail(mail_id: int) -> AnyRow:
    with current.runtime().database.read() as connection:
        found = mail_pages.mail_of_ticket(connection, current.view(), current.ticket().id, mail_id)
    if found is None:
        abort(404)
    return found


def _here() -> dict[str, Any]:
    return {"office": current.view().office, "ticket_id": current.ticket().id}


def _addresses(message: AnyRow) -> dict[str, str]:
    """Where each kept file of a message can be had, by its SHA-256."""
    return {
        each["file"]: url_for("mails.file", message_id=message.id, index=index, **_here())
        for index, each in enumerate(message.media)
        if "file" in each
    }
