"""Pages for citizens, without sign-in: the notice on personal data, and the service standard."""

from datetime import datetime
from typing import Any

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue

from bot.calendar import Season
from bot.policy import Mode, Office
from handlers import markdown, notice_shown, standards, wording
from handlers.phrases import PHRASES
from handlers.web import current, public_days
from handlers.web.permissions import LARGEST_ID
from storage import answers

blueprint = Blueprint("public", __name__)
_TITLES = {"id": "Pemberitahuan pelindungan data pribadi", "en": "Personal data protection notice"}
_MINUTES_KEPT = 5
_LANGUAGE_NAMES = {"id": "Bahasa Indonesia", "en": "English"}


@blueprint.get("/privasi/<code>")
def privacy(code: str) -> tuple[str, int]:
    """The notice of the office with this BPS code, in ``?lang=`` or the office's first language."""
    office = current.runtime().settings.offices.get(code)
    if office is None:
        return _unknown()
    language = _language(office)
    return render_template("public/notice.html", **_notice(office, language)), 200


@blueprint.get("/standar/<code>")
def standard(code: str) -> ResponseReturnValue:
    """The service standard of the office with this BPS code, as it was published; kept for minutes."""
    office = current.runtime().settings.offices.get(code)
    if office is None:
        return _unknown()
    page = make_response(render_template("public/standard.html", **_standard(office, _language(office))))
    page.cache_control.public, page.cache_control.max_age = True, _MINUTES_KEPT * 60
    page.add_etag()
    return page.make_conditional(request)


@blueprint.get("/jawaban/<code>/<int:answer_id>")
def answer(code: str, answer_id: int) -> tuple[str, int]:
    """An answer that the office has published; in its own words, so in one language."""
    office = current.runtime().settings.offices.get(code)
    if office is None or answer_id > LARGEST_ID:
        return _unknown()
    with current.runtime().database.read() as connection:
        row = answers.published(connection, code, answer_id)
    if row is None:
        return _unknown()
    language = office.languages[0]
    shown = {"row": row, "body": markdown.rendered(row.body), **_frame(office, language)}
    return render_template("public/answer.html", day=_day(row.changed_at, office, language), **shown), 200


def _day(moment: datetime, office: Office, language: str) -> str:
    return wording.published(wording.local(moment, office).date().isoformat(), language)


def _unknown() -> tuple[str, int]:
    language = "en" if request.args.get("lang", "") == "en" else "id"
    return render_template("public/not_found.html", language=language), 404


def _language(office: Office) -> str:
    wanted = request.args.get("lang", "")
    return wanted if wanted in office.languages else office.languages[0]


def _frame(office: Office, language: str) -> dict[str, Any]:
    others = [tongue for tongue in office.languages if tongue != language]
    return {
        "office": office,
        "language": language,
        "name": wording.office_name(office, language),
        "other_languages": [(tongue, _LANGUAGE_NAMES[tongue]) for tongue in others],
    }


def _notice(office: Office, language: str) -> dict[str, Any]:
    return {
        **_frame(office, language),
        "title": _TITLES[language],
        "version": notice_shown.VERSION,
        "notice": f"notices/{language}/privacy.html",
        "uses_whatsapp": office.mode("whatsapp") is not Mode.OFF,
        "contacts": _contacts(office, language),
    }


def _standard(office: Office, language: str) -> dict[str, Any]:
    runtime = current.runtime()
    with runtime.database.read() as connection:
        calendar = runtime.calendars.of(connection, office.code)
    today = calendar.local_date(runtime.clock())
    season = calendar.season(today)
    return {
        **_frame(office, language),
        "title": standards.title(office, language),
        "letterhead": standards.letterhead(office, language),
        "ways": standards.ways(office, language),
        "sections": standards.sections(office, language),
        "marks": standards.marks(language),
        "hours": wording.hours(wording.in_season(office, season), language),
        "season": _days_of(season, language) if season else "",
        "closures": public_days.closures(calendar, today, language),
        "unconfirmed": standards.unconfirmed(office, language),
        "not_published": standards.not_published(office, language),
        "today": public_days.written(today, language),
    }


def _days_of(season: Season, language: str) -> str:
    return f"{season.name}, {public_days.in_a_row(season.first, season.last, language)}"


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
