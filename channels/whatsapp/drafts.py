"""WhatsApp templates as the desk speaks of them, whoever's account they are in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

UNSUBMITTED = "unsubmitted"


@dataclass(frozen=True, slots=True)
class Draft:
    """A template to be made. *name* tells it from every other wording: by it it is found again.

    *types* are Twilio's own; *samples* fill its placeholders for those who judge it.
    """

    name: str
    language: str
    types: Mapping[str, Any]
    samples: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Made:
    """A template as the provider has it."""

    sid: str
    name: str
    language: str
    types: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What WhatsApp says of a template: its word for it, the category it decided, why it was refused."""

    status: str = UNSUBMITTED
    category: str = ""
    reason: str = ""
