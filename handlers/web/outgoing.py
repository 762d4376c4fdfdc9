"""Files that leave by a signed address: to the provider for a day, to a citizen for as long as the link says.

No sign-in: who has the address was given it. Whatever is wrong with one, the answer is that there is none.
"""

from datetime import UTC, datetime

from flask import Blueprint, Response, abort, render_template, send_file
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from werkzeug.exceptions import HTTPException

from channels.email.tokens import Purpose, Token
from handlers import wording
from handlers.media import scanning, sending
from handlers.web import current, letter, limits, mail_words
from storage import file_links
from storage.columns import AnyRow

blueprint = Blueprint("outgoing", __name__)
limits.hide(blueprint)


@blueprint.errorhandler(404)
def none(_error: HTTPException) -> ResponseReturnValue:
    """Said to a citizen: the officers' own page would send them to a door that is not theirs."""
    return render_template("public/not_found.html", language="id"), 404


@blueprint.get("/berkas/<token>/<name>")
def file(token: str, name: str) -> ResponseReturnValue:  # noqa: ARG001 # the name is for who fetches it
    """What goes along with a message, for the provider: with its true type, under a short name."""
    runtime, signed = current.runtime(), _signed(token, Purpose.FILE)
    if datetime.fromtimestamp(signed.by, UTC) <= runtime.clock():
        abort(404)
    made = datetime.fromtimestamp(signed.by, UTC) - sending.FOR_THE_PROVIDER
    with runtime.database.read() as connection:
        along = sending.attached(file_links.media_of_message(connection, signed.about, made))
    if along is None:
        abort(404)
    shown = sending.short_name(along["name"])
    return _sent(along["file"], along["content_type"], shown, as_attachment=False)


@blueprint.get("/unduh/<token>")
def page(token: str) -> ResponseReturnValue:
    """What is to be had here, from which office and for which ticket, and a button."""
    row = _link(token)
    if row is None:
        abort(404)
    office = current.runtime().office(row.office)
    return render_template(
        "public/download.html",
        language=row.language,
        name=wording.office_name(office, row.language),
        token=token,
        file=row,
        size=mail_words.size(row.size),
        until=wording.published(wording.local(row.expires_at, office).date().isoformat(), row.language),
    )


@blueprint.get("/unduh/<token>/berkas")
def download(token: str) -> ResponseReturnValue:
    """The file behind a link, to be saved."""
    row = _link(token)
    if row is None:
        abort(404)
    return _sent(row.sha256, row.kind, row.name, as_attachment=True)


def _link(token: str) -> AnyRow | None:
    """The link of this token, if it holds still and its office is still there."""
    runtime, signed = current.runtime(), _signed(token, Purpose.DOWNLOAD)
    with runtime.database.read() as connection:
        row = file_links.find(connection, signed.about)
        if row is None or not _is_meant(connection, token, signed, row):
            return None
    there = row.office in runtime.settings.offices
    return row if there and row.expires_at > runtime.clock() else None


def _is_meant(connection: Connection, token: str, signed: Token, row: AnyRow) -> bool:
    """Whether the link was given out on this ticket: on SQLite a number may be somebody else's by now.

    The ones that name no ticket are older, and open what they were given out with.
    """
    if signed.by == 0:
        return file_links.was_said(connection, row.ticket_id, token.strip().lower())
    return bool(row.ticket_id == signed.by)


def _signed(token: str, purpose: Purpose) -> Token:
    signed = current.runtime().tokens.read(token)
    if signed is None or signed.purpose is not purpose:
        abort(404)
    return signed


def _sent(sha256: str, kind: str, name: str, *, as_attachment: bool) -> Response:
    runtime = current.runtime()
    if scanning.verdict(runtime, sha256) == scanning.INFECTED:
        abort(404)
    try:
        path = runtime.files.path(sha256).resolve()
        answer = send_file(path, mimetype=kind, as_attachment=as_attachment, download_name=name)
    except FileNotFoundError:
        abort(404)
    if not as_attachment:
        answer.headers.set("Content-Disposition", "inline", filename=name)
    return letter.guarded(answer)
