"""The page where a person takes the copy of their data: a signed link that ends, and works a few times."""

from datetime import timedelta

from flask import Blueprint, Response, make_response, render_template
from flask.typing import ResponseReturnValue

from channels.email.tokens import Purpose
from handlers import copying, wording
from handlers.web import current, limits
from storage import people, privacy_requests
from storage.columns import AnyRow

blueprint = Blueprint("copies", __name__)
limits.hide(blueprint)
LASTS = timedelta(days=7)
MOST = 5


@blueprint.get("/data-saya/<token>")
def page(token: str) -> ResponseReturnValue:
    """A button: to open the page takes nothing, for phones and mail programs look at links by themselves."""
    asked = _asked(token)
    if asked is None:
        return _unknown()
    row, language = asked
    return render_template(
        "public/copy.html", language=language, name=_name(row, language), token=token, most=MOST
    )


@blueprint.post("/data-saya/<token>")
def take(token: str) -> ResponseReturnValue:
    """The copy itself, as long as the link lasts."""
    asked = _asked(token)
    if asked is None:
        return _unknown()
    row, language = asked
    runtime = current.runtime()
    with runtime.database.write() as connection:
        if not privacy_requests.open_copy(connection, row.id, MOST):
            return _unknown()
    office = runtime.office(row.office)
    return attachment(
        copying.make(runtime, office, row.contact_id, language, None),
        copying.file_name(office, runtime.clock()),
    )


def attachment(content: bytes, name: str) -> Response:
    """A ZIP to be saved, which no browser and no proxy keeps."""
    answer = make_response(content)
    answer.headers["Content-Type"] = "application/zip"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _asked(token: str) -> tuple[AnyRow, str] | None:
    """The request that a link is for, while it lasts, and the language of its person."""
    runtime = current.runtime()
    signed = runtime.tokens.read(token)
    if signed is None or signed.purpose is not Purpose.COPY:
        return None
    with runtime.database.read() as connection:
        row = privacy_requests.find(connection, signed.about)
        language = people.language_of(connection, row.contact_id) if row else ""
    over = row is None or row.kind != privacy_requests.COPY or row.opened >= MOST
    if row is None or over or row.office not in runtime.settings.offices:
        return None
    return (row, language) if runtime.clock() - row.asked_at <= LASTS else None


def _name(row: AnyRow, language: str) -> str:
    return wording.office_name(current.runtime().office(row.office), language)


def _unknown() -> ResponseReturnValue:
    return render_template("public/not_found.html", language="id"), 404
