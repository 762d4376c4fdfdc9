"""What several turns ask at once: one statement, always with the same text, so that it is prepared once."""

from collections.abc import Collection
from typing import TypeVar

SLOTS = 40
"""So many turns may ask together."""

_Value = TypeVar("_Value")


def padded(values: Collection[_Value]) -> list[_Value]:
    """*values*, of which there is at least one, the first repeated until they are ``SLOTS``."""
    asked = list(values)
    return asked + asked[:1] * (SLOTS - len(asked))
