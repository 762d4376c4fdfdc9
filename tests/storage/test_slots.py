"""Questions that several turns ask at once have few texts."""

import pytest

from storage.slots import SLOTS, padded

SIZES = [(1, 1), (2, 5), (5, 5), (6, 10), (11, 20), (21, SLOTS), (SLOTS, SLOTS), (50, 50)]


@pytest.mark.parametrize(("many", "size"), SIZES)
def test_few_are_filled_up_to_one_of_a_few_sizes(many: int, size: int) -> None:
    values = list(range(many))
    assert padded(values) == values + [0] * (size - many)
