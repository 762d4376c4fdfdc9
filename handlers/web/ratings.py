"""The page behind the link of a rating question, and the survey: signed links, no sign-in.

To open either page counts nothing, so a scanner that follows links rates nobody; only what is sent counts.
"""

from typing import Any
from uuid import NAMESPACE_OID, uuid5

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.policy import Office
from bot.satisfaction import BEST, Element
from channels.email.tokens import Purpose
from handlers import rating_pages, wording
from handlers.survey_phrases import SURVEY
from handlers.web import current, limits
from storage import ratings
from storage.columns import AnyRow

blueprint = Blueprint("ratings", __name__)
limits.hide(blueprint)
_LONGEST = 1000


@blueprint.get("/nilai/<token>")
def page(token: str) -> ResponseReturnValue:
    """Four large buttons and a box for words; thanks once they were sent."""
    asked = _asked(token)
    if asked is None:
        return _unknown()
    if asked.score is not None or not rating_pages.is_open(asked, current.runtime().clock()):
        return _thanks(token, asked)
    return _rating(token, asked, problem=False)


@blueprint.post("/nilai/<token>")
def rate(token: str) -> ResponseReturnValue:
    """Take the mark, once for the closing it is about."""
    asked = _asked(token)
    if asked is None:
        return _unknown()
    score = _mark(request.form.get("score", ""))
    if score is None:
        return _rating(token, asked, problem=True)
    comment = " ".join(request.form.get("comment", "").split())[:_LONGEST]
    rating_pages.rate(current.runtime(), asked.id, score, comment, _message_id(token))
    return redirect(url_for("ratings.page", token=token), 303)


@blueprint.get("/nilai/<token>/survei")
def survey(token: str) -> ResponseReturnValue:
    """The nine questions."""
    asked = _asked(token)
    if asked is None or not _office(asked).rating.survey:
        return _unknown()
    if asked.survey_id is not None or not rating_pages.may_fill_in(asked, current.runtime().clock()):
        return _thanks(token, asked, surveyed=True)
    return _survey(token, asked, {}, problem=False)


@blueprint.post("/nilai/<token>/survei")
def fill_in(token: str) -> ResponseReturnValue:
    """Take all nine marks, once for the closing they are about."""
    asked = _asked(token)
    if asked is None or not _office(asked).rating.survey:
        return _unknown()
    given = {element: _mark(request.form.get(element.value, "")) for element in Element}
    marks = {element: mark for element, mark in given.items() if mark is not None}
    if len(marks) < len(Element):
        return _survey(token, asked, marks, problem=True)
    suggestion = request.form.get("suggestion", "").strip()[:_LONGEST]
    rating_pages.fill_in(current.runtime(), asked.id, marks, suggestion)
    return redirect(url_for("ratings.survey", token=token), 303)


def _mark(written: str) -> int | None:
    return int(written) if len(written) == 1 and "1" <= written <= str(BEST) else None


def _asked(token: str) -> AnyRow | None:
    """The question that a link is for; None for a link that is none, or whose office is gone."""
    runtime = current.runtime()
    signed = runtime.tokens.read(token)
    if signed is None or signed.purpose is not Purpose.RATING:
        return None
    with runtime.database.read() as connection:
        found = ratings.find(connection, signed.about)
    return found if found is not None and found.office in runtime.settings.offices else None


def _message_id(token: str) -> str:
    """The id of the message that words on the page become where they ask for something: one a link."""
    return str(uuid5(NAMESPACE_OID, f"loket rating {token.lower()}"))


def _office(asked: AnyRow) -> Office:
    return current.runtime().office(asked.office)


def _frame(token: str, asked: AnyRow) -> dict[str, Any]:
    office = _office(asked)
    language = asked.language if asked.language in office.languages else office.languages[0]
    return {
        "office": office,
        "language": language,
        "name": wording.office_name(office, language),
        "reference": asked.reference,
        "token": token,
        "said": SURVEY[language],
        "longest": _LONGEST,
    }


def _rating(token: str, asked: AnyRow, *, problem: bool) -> ResponseReturnValue:
    told = {"problem": problem, "comment": request.form.get("comment", "")[:_LONGEST]}
    return make_response(
        render_template("public/rating.html", **_frame(token, asked), **told), 422 if problem else 200
    )


def _survey(token: str, asked: AnyRow, marks: dict[Element, int], *, problem: bool) -> ResponseReturnValue:
    told = {
        "problem": problem,
        "marks": marks,
        "elements": tuple(Element),
        "suggestion": request.form.get("suggestion", "")[:_LONGEST],
    }
    return make_response(
        render_template("public/survey.html", **_frame(token, asked), **told), 422 if problem else 200
    )


def _thanks(token: str, asked: AnyRow, *, surveyed: bool = False) -> ResponseReturnValue:
    now = current.runtime().clock()
    offers = _office(asked).rating.survey and asked.survey_id is None and rating_pages.may_fill_in(asked, now)
    over = asked.score is None if not surveyed else asked.survey_id is None
    told = {"over": over, "offers_survey": offers and not surveyed}
    return make_response(render_template("public/rating_thanks.html", **_frame(token, asked), **told))


def _unknown() -> ResponseReturnValue:
    return render_template("public/not_found.html", language="id"), 404
