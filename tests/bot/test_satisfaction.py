"""The satisfaction index: the worked data set, the borders of every band, and the table of samples."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.satisfaction import Band, Element, band, element_band, index, rounded, sample

WORKED = dict(zip(Element, (105, 101, 100, 116, 102, 105, 106, 105, 115), strict=True))
# Population and sample, as the annex of the regulation prints them.
SAMPLES = {
    5: 5, 10: 10, 15: 14, 20: 19, 25: 24, 30: 28, 35: 32, 40: 36, 50: 44, 60: 52, 70: 59, 80: 66, 90: 73,
    100: 80, 150: 108, 200: 132, 300: 169, 400: 196, 500: 217, 600: 234, 1000: 278, 2000: 322, 5000: 357,
    10_000: 370, 75_000: 382, 100_000: 384, 2_000_000: 384,
}  # fmt: skip


def test_the_worked_data_set() -> None:
    found = index(29, WORKED)
    assert found is not None
    assert found.average == Fraction(955, 261)
    assert (found.points, found.band) == (Decimal("91.48"), Band.A)
    assert found.means[Element.COST] == Fraction(4)
    assert rounded(found.means[Element.TIME], 3) == Decimal("3.448")


def test_the_weight_is_a_ninth_and_nothing_near_it() -> None:
    totals = dict.fromkeys(Element, 35)
    totals[Element.REQUIREMENTS] += 3
    found = index(10, totals)
    assert found is not None
    assert (found.points, found.band) == (Decimal("88.33"), Band.A)
    short = sum((mean * Fraction(11, 100) for mean in found.means.values()), Fraction()) * 25
    assert band(rounded(short)) is Band.B


@pytest.mark.parametrize(
    ("points", "named"),
    [
        ("100.00", Band.A), ("88.31", Band.A), ("88.30", Band.B), ("76.61", Band.B), ("76.60", Band.C),
        ("65.00", Band.C), ("64.99", Band.D), ("25.00", Band.D),
    ],
)  # fmt: skip
def test_the_borders_of_the_table(points: str, named: Band) -> None:
    assert band(Decimal(points)) is named


@pytest.mark.parametrize(
    ("exact", "named"),
    [
        # Between two lines of the table: only the rounded index is looked up.
        (Fraction(88305, 1000), Band.A), (Fraction(883049, 10000), Band.B), (Fraction(76605, 1000), Band.B),
        (Fraction(766049, 10000), Band.C), (Fraction(64995, 1000), Band.C), (Fraction(649949, 10000), Band.D),
    ],
)  # fmt: skip
def test_the_gaps_of_the_table(exact: Fraction, named: Band) -> None:
    assert band(rounded(exact)) is named
    assert element_band(exact / 25) is named


@pytest.mark.parametrize(("mark", "named"), [(1, Band.D), (2, Band.D), (3, Band.C), (4, Band.A)])
def test_everybody_gives_the_same_mark(mark: int, named: Band) -> None:
    found = index(7, dict.fromkeys(Element, mark * 7))
    assert found is not None
    assert (found.points, found.band) == (Decimal(25 * mark).quantize(Decimal("0.01")), named)


def test_nobody_answered() -> None:
    assert index(0, {}) is None


@pytest.mark.parametrize("total", [9, 41])
def test_sums_that_cannot_be_are_refused(total: int) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        index(10, {**dict.fromkeys(Element, 30), Element.TIME: total})


@given(st.lists(st.lists(st.integers(1, 4), min_size=9, max_size=9), min_size=1, max_size=40))
def test_the_index_is_the_mean_of_all_marks(sheets: list[list[int]]) -> None:
    totals = {element: sum(sheet[place] for sheet in sheets) for place, element in enumerate(Element)}
    found = index(len(sheets), totals)
    assert found is not None
    marks = [mark for sheet in sheets for mark in sheet]
    assert found.average == Fraction(sum(marks), len(marks))
    assert abs(Fraction(found.points) - found.average * 25) <= Fraction(1, 200)


@pytest.mark.parametrize(("population", "asked"), SAMPLES.items())
def test_the_table_of_samples(population: int, asked: int) -> None:
    assert sample(population) == asked


def test_no_users_need_no_sample() -> None:
    assert (sample(0), sample(1)) == (0, 1)


@pytest.mark.parametrize(
    ("value", "places", "seen"),
    [
        (Fraction(1, 8), 2, "0.13"),
        (Fraction(1, 3), 2, "0.33"),
        (Fraction(5, 2), 0, "3"),
        (Fraction(4), 2, "4.00"),
    ],
)
def test_a_half_is_rounded_up(value: Fraction, places: int, seen: str) -> None:
    assert str(rounded(value, places)) == seen
