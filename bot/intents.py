"""What a message may want, and how that is told apart."""

from dataclasses import dataclass
from enum import StrEnum


class Intent(StrEnum):
    """What a message wants, seen by itself."""

    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    HOLD = "hold"
    DISTRESS = "distress"
    HUMAN = "human"
    COMPLAIN = "complain"
    PRIVACY = "privacy"
    PUBLIC_INFORMATION = "public_information"
    INJECTION = "injection"
    STATUS = "status"
    CANCEL = "cancel"
    MENU = "menu"
    SERVICE = "service"
    PROFILE = "profile"
    ENGLISH = "english"
    INDONESIAN = "indonesian"
    ELSEWHERE = "elsewhere"
    CLOSE = "close"
    THANKS = "thanks"
    GREET = "greet"
    SMALL = "small"
    CONTENT = "content"
    UNCLEAR = "unclear"
    NOTHING = "nothing"


# Courtesy that ends a conversation and asks for nothing.
ENDING = frozenset({Intent.THANKS, Intent.CLOSE})


@dataclass(frozen=True, slots=True)
class Reading:
    """What a message wants, by which rule, and in which of its words the rule found it.

    *subject* names whose business it is where that is ``ELSEWHERE``, *place* whose area.
    """

    intent: Intent
    rule: str
    found: str = ""
    subject: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it is judged: its words as they came, and as they are usually written."""

    said: tuple[str, ...]
    written: tuple[str, ...]
    sentence: str
    about_figures: bool
