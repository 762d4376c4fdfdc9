"""Pages for citizens, without sign-in: the notice on personal data."""

from typing import Any

from flask import Blueprint, render_template, request

from bot.policy import Mode, Office
from handlers import wording
from handlers.phrases import PHRASES
from handlers.web import current

blueprint = Blueprint("public", __name__)
_TITLES = {"id": "Pemberitahuan pelindungan data pribadi", "en": "Personal data protection notice"}
_LANGUAGE_NAMES = {"id": "Bahasa Indonesia", "en": "English"}


@blueprint.get("/privasi/<code>")
def privacy(code: str) -> tuple[str, int]:
    """The notice of the office with this BPS code, in ``?lang=`` or the office's first language."""
    wanted = request.args.get("lang", "")
    office = current.runtime().settings.offices.get(code)
    if office is None:
        return render_template("public/not_found.html", language="en" if wanted == "en" else "id"), 404
    language = wanted if wanted in office.languages else office.languages[0]
    return render_template("public/notice.html", **_notice(office, language)), 200


def _notice(office: Office, language: str) -> dict[str, Any]:
    others = [tongue for tongue in office.languages if tongue != language]
    return {
        "office": office,
        "language": language,
        "name": wording.office_name(office, language),
        "title": _TITLES[language],
        "notice": f"notices/{language}/privacy.html",
        "uses_whatsapp": office.mode("whatsapp") is not Mode.OFF,
        "contacts": _contacts(office, language),
        "other_languages": [(tongue, _LANGUAGE_NAMES[tongue]) for tongue in others],
    }


def _contacts(office: Office, language: str) -> tuple[str, ...]:
    """Who answers for personal data; where nobody is named, the office's own addresses."""
    if office.privacy.contact:
        return (office.privacy.contact,)
    labels = PHRASES[language].channels
    told = {
        "email": office.email,
        "phone": wording.phone(office.phone) if office.phone else None,
        "visit": wording.visiting_place(office),
    }
    return tuple(f"{labels[kind]}: {where}" for kind, where in told.items() if where)
