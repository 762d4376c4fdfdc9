"""What an officer writes to a citizen, on whatever way."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    """What an officer wrote, with the id of the form it came in, and the files that go with it."""

    text: str
    form_id: str
    media: tuple[Mapping[str, str], ...] = ()
