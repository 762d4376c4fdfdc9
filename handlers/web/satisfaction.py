"""The page of satisfaction: the IKM of a period with its sample, each element, and the ratings beside it."""

from decimal import Decimal
from fractions import Fraction

from babel.numbers import format_decimal
from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from bot.satisfaction import BEST, Band, Element, element_band, rounded, sample
from handlers.phrases import PHRASES
from handlers.web import asked_days, current
from handlers.web.inbox import rail
from handlers.web.language import chosen, gettext
from storage import satisfaction
from storage.satisfaction import Ratings

blueprint = Blueprint("satisfaction", __name__, url_prefix="/inbox/<office>/kepuasan")


@blueprint.get("")
def page() -> ResponseReturnValue:
    """The figures of the period that the address chooses."""
    view, period = current.view(), asked_days.asked()
    with current.runtime().database.read() as connection:
        index = satisfaction.index(connection, view, period.since, period.until)
        population = satisfaction.served(connection, view, period.since, period.until)
        rated = satisfaction.ratings(connection, view, period.since, period.until)
        around = rail(connection)
    return render_template(
        "inbox/satisfaction.html",
        period=period,
        index=index,
        population=population,
        wanted=sample(population),
        rated=rated,
        average=_average(rated),
        elements=tuple(Element),
        best=BEST,
        number=number,
        band_name=band_name,
        mark_name=mark_name,
        reason_name=reason_name,
        element_band=element_band,
        rounded=rounded,
        **around,
    )


def _average(rated: Ratings) -> Fraction | None:
    total = sum(mark * many for mark, many in rated.marks.items())
    return Fraction(total, rated.answered) if rated.answered else None


def number(value: Decimal) -> str:
    """``91,48``, with as many decimals as *value* has."""
    places = len(str(value).partition(".")[2])
    return str(format_decimal(value, f"0.{'0' * places}", locale=PHRASES[chosen()].locale))


def band_name(band: Band) -> str:
    """What a band of the regulation's table is called (*kinerja*)."""
    names = {
        Band.A: gettext("Sangat baik"),
        Band.B: gettext("Baik"),
        Band.C: gettext("Kurang baik"),
        Band.D: gettext("Tidak baik"),
    }
    return names[band]


def mark_name(mark: int) -> str:
    """What a rating from 1 to 4 is called."""
    return (gettext("Tidak baik"), gettext("Kurang baik"), gettext("Baik"), gettext("Sangat baik"))[mark - 1]


def reason_name(reason: str) -> str:
    """Why the tickets were closed about which was asked."""
    if reason == "silence":
        return gettext("ditutup karena tidak ada balasan")
    return gettext("ditutup petugas")
