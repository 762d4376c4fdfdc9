"""The public satisfaction index (IKM) of PermenPANRB 14/2017, in fractions until the last step.

Nine elements, each marked 1 to 4, each with the weight 1/9. A weight written as 0.11 or 0.111 makes every
index too small, and some fall into a lower band; stars given after a chat are no such marks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction


class Element(StrEnum):
    """What is asked about, in the regulation's order; kept by name, for some reports swap the last two."""

    REQUIREMENTS = "requirements"
    PROCEDURE = "procedure"
    TIME = "time"
    COST = "cost"
    PRODUCT = "product"
    COMPETENCE = "competence"
    BEHAVIOUR = "behaviour"
    COMPLAINTS = "complaints"
    FACILITIES = "facilities"


class Band(StrEnum):
    """The quality of the service (*mutu pelayanan*)."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


BEST = 4
"""The best mark."""
_WEIGHT = Fraction(1, len(Element))
_TO_POINTS = 25
# The regulation's table has gaps (64.99 to 65.00): what is rounded to two decimals falls into none of them.
_FROM = ((Decimal("88.31"), Band.A), (Decimal("76.61"), Band.B), (Decimal("65.00"), Band.C))
# Krejcie and Morgan: chi-square for one degree of freedom at 95 %, a half, and an error of 5 %.
_CHI, _HALVES, _ERROR = Fraction(3841, 1000), Fraction(1, 4), Fraction(1, 400)
# The last line of the printed table does not follow its own formula.
_LARGEST, _LARGEST_SAMPLE = 100_000, 384


@dataclass(frozen=True, slots=True)
class Index:
    """The index of *answers* complete questionnaires.

    ``means``: each element from 1 to 4; ``average``: their weighted sum, from 1 to 4; ``points``: the same
    from 25 to 100, rounded half up to two decimals, which decides the band.
    """

    answers: int
    means: Mapping[Element, Fraction]
    average: Fraction
    points: Decimal
    band: Band


def index(answers: int, totals: Mapping[Element, int]) -> Index | None:
    """The index of so many complete questionnaires with these sums of marks; None where there are none.

    Raises ``ValueError`` for sums that no such number of marks from 1 to 4 can have.
    """
    if answers < 1:
        return None
    if any(not answers <= totals[element] <= BEST * answers for element in Element):
        raise ValueError("a sum of marks does not fit the number of answers")
    means = {element: Fraction(totals[element], answers) for element in Element}
    average = sum((mean * _WEIGHT for mean in means.values()), Fraction())
    points = rounded(average * _TO_POINTS)
    return Index(answers, means, average, points, band(points))


def band(points: Decimal) -> Band:
    """The band of an index from 25 to 100, as rounded to two decimals."""
    return next((named for least, named in _FROM if points >= least), Band.D)


def element_band(mean: Fraction) -> Band:
    """The band of one element: its mean, made to points and rounded as the index is."""
    return band(rounded(mean * _TO_POINTS))


def rounded(value: Fraction, places: int = 2) -> Decimal:
    """*value* (not negative) rounded half up, exactly: never by way of a binary fraction."""
    whole = (value.numerator * 10**places * 2 + value.denominator) // (value.denominator * 2)
    return Decimal(whole).scaleb(-places)


def sample(population: int) -> int:
    """How many of *population* users the regulation's table asks for (Krejcie and Morgan)."""
    if population < 1:
        return 0
    if population >= _LARGEST:
        return _LARGEST_SAMPLE
    spread = _CHI * _HALVES
    return int(rounded(spread * population / (_ERROR * (population - 1) + spread), 0))
