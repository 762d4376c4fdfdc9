"""The one-page form for what a letter asked for: a signed link, no sign-in, and nothing shown that was told.

What is filled in becomes a message of the citizen in the thread of the letter, as if they had replied.
"""

from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.policy import Office
from channels.email.tokens import Purpose
from handlers import wording
from handlers.mailroom import turns
from handlers.mailroom.turns import Place
from handlers.phrases import PHRASES
from handlers.web import current, limits
from storage import conversations, intake
from storage.contacts import Home
from storage.conversations import Thread

blueprint = Blueprint("forms", __name__)
limits.hide(blueprint)
_LONGEST = 300
_CORRECTING = "ubah"
_CORRECTABLE = ("name", "institution_category", "main_use")
_PAGE = "forms.page"


@dataclass(frozen=True, slots=True)
class Asked:
    """An open form: its thread, office and language, the ticket it is about, and what is asked still."""

    thread: Thread
    office: Office
    language: str
    ticket_id: int
    reference: str
    fields: tuple[str, ...]


@blueprint.get("/formulir/<token>")
def page(token: str) -> ResponseReturnValue:
    """The fields that are missing still; thanks once they are told, and a polite word otherwise."""
    thread = _thread(token)
    if thread is None:
        return render_template("public/not_found.html", language="id"), 404
    asked = _asked(thread)
    if asked is None or "terkirim" in request.args:
        return _thanks(thread)
    return _form(asked, str(uuid4()), empty=False)


@blueprint.post("/formulir/<token>")
def send(token: str) -> ResponseReturnValue:
    """Take what was filled in, once per form."""
    thread, form_id = _thread(token), _form_id(token, request.form.get("form", ""))
    if thread is None:
        return render_template("public/not_found.html", language="id"), 404
    asked = _asked(thread)
    if asked is None:
        return _thanks(thread)
    if form_id is None or not _taken(form_id):
        told = _told(asked)
        if not told or form_id is None:
            return _form(asked, form_id or str(uuid4()), empty=True)
        _take(asked, told, form_id)
    return redirect(url_for(_PAGE, token=token, terkirim=1), 303)


def _taken(form_id: str) -> bool:
    with current.runtime().database.read() as connection:
        return intake.form_used(connection, form_id)


def _thread(token: str) -> Thread | None:
    """The thread a token is for; None for a token that is none, or whose thread or office is gone."""
    runtime = current.runtime()
    signed = runtime.tokens.read(token)
    if signed is None or signed.purpose is not Purpose.FORM:
        return None
    with runtime.database.read() as connection:
        thread = conversations.by_id(connection, signed.about)
    known = thread is not None and thread.office in runtime.settings.offices
    return thread if known else None


def _asked(thread: Thread) -> Asked | None:
    """What the form asks; None when there is nothing to ask (any more)."""
    asked, ticket = tuple(thread.value.asking.split()), thread.value.ticket
    fields = _CORRECTABLE if _CORRECTING in request.args else asked
    if ticket is None or not fields:
        return None
    office = current.runtime().office(thread.office)
    return Asked(thread, office, _language(thread, office), ticket.id, ticket.reference, fields)


def _language(thread: Thread, office: Office) -> str:
    return thread.value.language if thread.value.language in office.languages else office.languages[0]


def _form_id(token: str, form: str) -> str | None:
    """The id of the message that this form becomes; None for a form without its own.

    Made from the token, too: who chooses it freely could take the id that another's mail will have.
    """
    try:
        return str(uuid5(NAMESPACE_OID, f"loket form {token} {UUID(form)}"))
    except ValueError:
        return None


def _told(asked: Asked) -> str:
    """The filled fields as the lines a reply would have."""
    labels = PHRASES[asked.language].labels
    values = {field: " ".join(request.form.get(field, "").split())[:_LONGEST] for field in asked.fields}
    return "\n".join(f"{labels[field]}: {value}" for field, value in values.items() if value)


def _take(asked: Asked, text: str, form_id: str) -> None:
    """One turn of the thread, as for a reply; a form sent twice is taken once."""
    runtime, thread = current.runtime(), asked.thread
    heard = turns.told_on_a_page(runtime, thread, "form", form_id, text)
    place = Place(conversation_id=thread.id, ticket_id=asked.ticket_id, about=asked.ticket_id)
    with runtime.database.write() as connection:
        conversations.lock(connection, thread.address_id)
        home = Home(thread.address_id, thread.contact_id)
        if turns.was_heard(connection, heard):
            return
        turns.take(runtime, connection, heard, home, place, runtime.clock())


def _form(asked: Asked, form_id: str, *, empty: bool) -> ResponseReturnValue:
    phrases = PHRASES[asked.language]
    options = {
        "institution_category": tuple(phrases.institutions.values()),
        "main_use": tuple(phrases.main_uses.values()),
    }
    shown = render_template(
        "public/form.html",
        **_frame(asked.office, asked.language),
        reference=asked.reference,
        fields=[(field, phrases.labels[field], options.get(field, ())) for field in asked.fields],
        form_id=form_id,
        longest=_LONGEST,
        empty=empty,
        correcting=_CORRECTING in request.args,
    )
    return make_response(shown, 422 if empty else 200)


def _thanks(thread: Thread) -> ResponseReturnValue:
    office = current.runtime().office(thread.office)
    ticket = thread.value.ticket
    told = _frame(office, _language(thread, office)) | {
        "reference": ticket.reference if ticket else None,
        "correct": f"{request.path}?{_CORRECTING}=1",
    }
    return render_template("public/form_thanks.html", **told)


def _frame(office: Office, language: str) -> dict[str, Any]:
    return {"office": office, "language": language, "name": wording.office_name(office, language)}
