"""What several turns ask at once: one statement, with one of a few texts, so that each is prepared once."""

from collections.abc import Collection
from typing import TypeVar

SLOTS = 40
"""So many turns may ask together."""
_SIZES = (1, 5, 10, 20, SLOTS)

_Value = TypeVar("_Value")


def padded(values: Collection[_Value]) -> list[_Value]:
    """*values*, of which there is at least one, the first repeated until they are one of a few sizes.

    More than ``SLOTS`` are left as they are.
    """
    asked = list(values)
    size = next((size for size in _SIZES if size >= len(asked)), len(asked))
    return asked + asked[:1] * (size - len(asked))
