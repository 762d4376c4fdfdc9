"""Charts: what is drawn is as long as its number, and nothing leaves the picture."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.web import charts

NUMBERS = st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 5_000)), min_size=1, max_size=31)


@given(NUMBERS)
def test_columns_stand_within_the_picture_in_proportion(numbers: list[tuple[int, int]]) -> None:
    drawn = charts.columns([""] * len(numbers), ("a", "b"), numbers)
    scale = (charts.FLOOR - charts.TOP) / drawn.grid[-1][1]
    assert [drawn.grid[0][0], drawn.grid[0][1]] == [charts.FLOOR, 0]
    assert len(drawn.grid) in range(2, 6)
    assert drawn.grid[-1][1] >= max(map(sum, numbers))
    for column, told in zip(drawn.columns, numbers, strict=True):
        assert [piece.height for piece in column.pieces] == [
            pytest.approx(number * scale, abs=0.01) for number in told if number
        ]
        assert all(piece.y >= charts.TOP - 0.02 and piece.x >= charts.LEFT for piece in column.pieces)
        assert all(piece.x + piece.width <= drawn.width for piece in column.pieces)


@given(st.lists(st.integers(0, 10**6), min_size=4, max_size=4))
def test_a_bar_is_shared_out(numbers: list[int]) -> None:
    pieces = charts.stack("abcd", numbers)
    assert [piece.look for piece in pieces] == [
        look for look, number in zip("abcd", numbers, strict=True) if number
    ]
    assert sum(piece.width for piece in pieces) == pytest.approx(100 if any(numbers) else 0, abs=0.05)


def test_an_empty_picture_is_one() -> None:
    assert charts.columns([], (), []).columns == ()
    assert charts.columns(["Jan"], ("a",), [[0]]).columns[0].pieces == ()
