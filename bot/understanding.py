"""What a free text wants: short, misspelt, abbreviated Indonesian first.

The order of decision is that of the service: a wish for silence, then for a human, then a complaint,
then the rest, and a greeting with something behind it is that something.
"""

import re
from collections.abc import Collection, Sequence
from enum import StrEnum
from functools import lru_cache

from bot import words


class Intent(StrEnum):
    """What a message wants, seen by itself."""

    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    HUMAN = "human"
    COMPLAIN = "complain"
    STATUS = "status"
    CANCEL = "cancel"
    MENU = "menu"
    SERVICE = "service"
    PROFILE = "profile"
    ENGLISH = "english"
    INDONESIAN = "indonesian"
    THANKS = "thanks"
    GREET = "greet"
    CONTENT = "content"
    NOTHING = "nothing"


_NOT_A_WORD = re.compile(r"[^\w']+|_+")
_REFERENCE = re.compile(r"\b[a-z]{2,6} (?:p )?\d{4} \d{5,6}\b")


@lru_cache(maxsize=64)  # one message is asked for its words two dozen times
def words_of(text: str) -> tuple[str, ...]:
    """The words of *text* in lower case, without punctuation, emoji or WhatsApp's formatting marks."""
    return tuple(word for word in _NOT_A_WORD.split(text.casefold()) if word.strip("'"))


def plain(text: str) -> str:
    """*text* as its words with single blanks: what exact commands are compared with."""
    return " ".join(words_of(text))


def intent(text: str) -> Intent:
    """What *text* wants. Signs alone greet or thank, and nothing at all is ``NOTHING``."""
    said = words_of(text)
    if not said:
        return _sign(text)
    return command(text) or _wish(said, " ".join(said)) or _courtesy(said) or Intent.CONTENT


def command(text: str) -> Intent | None:
    """The command that the whole of *text* is, perhaps with a "pak" or "dong"; None when it is a sentence."""
    said = words_of(text)
    curt = " ".join(word for word in said if word not in words.ADDRESS)
    whole = " ".join(said)
    if whole in words.OPT_OUT:
        return Intent.OPT_OUT
    return next((meaning for table, meaning in _COMMANDS if whole in table or curt in table), None)


def is_request(text: str) -> bool:
    """Whether *text* asks for figures or an answer, so that it must not be lost as a name or a comment."""
    said = set(words_of(text))
    topics = len(said & words.TOPICS)
    dated = any(word.isdecimal() and len(word) == 4 for word in said)
    wished = bool(topics and (said & words.WISHING or dated))
    return "?" in text or bool(said & words.ASKING) or wished or topics > 1


def names_topic(text: str) -> bool:
    """Whether *text* names something that statistics are about."""
    return not words.TOPICS.isdisjoint(words_of(text))


def accuses(text: str) -> bool:
    """Whether *text* is a complaint in so many words, not only a suggestion."""
    return command(text) is Intent.COMPLAIN or not words.COMPLAINT_STRONG.isdisjoint(_stems(words_of(text)))


def insists_on_human(text: str) -> bool:
    """Whether *text* calls for a person in so many words, and does not only speak of one."""
    calls = not words.HUMAN_VERBS.isdisjoint(words_of(text))
    return command(text) is Intent.HUMAN or (calls and intent(text) is Intent.HUMAN)


def starts_with_salam(text: str) -> bool:
    """Whether the citizen greeted with salam, which is answered first."""
    said = words_of(text)
    return bool(said) and said[0] in words.SALAM


def language_of(text: str, languages: Sequence[str]) -> str | None:
    """The language *text* is written in, among *languages*; None when it does not show."""
    said = words_of(text)
    english = sum(word in words.ENGLISH_HINTS for word in said)
    indonesian = sum(word in words.INDONESIAN_HINTS for word in said)
    if "en" in languages and english >= 2 and english > indonesian:
        return "en"
    if "id" in languages and indonesian > english:
        return "id"
    return None


_COMMANDS = (
    (words.HUMAN_EXACT, Intent.HUMAN),
    (words.COMPLAINT_EXACT, Intent.COMPLAIN),
    (words.STATUS_EXACT, Intent.STATUS),
    (words.CANCEL_EXACT, Intent.CANCEL),
    (words.MENU_EXACT, Intent.MENU),
    (words.SERVICE_EXACT, Intent.SERVICE),
    (words.PROFILE_EXACT, Intent.PROFILE),
    (words.ENGLISH_EXACT, Intent.ENGLISH),
    (words.INDONESIAN_EXACT, Intent.INDONESIAN),
    (words.OPT_IN, Intent.OPT_IN),
)


def _sign(text: str) -> Intent:
    if not text.strip():
        return Intent.NOTHING
    return Intent.GREET if words.THANKFUL_SIGNS.isdisjoint(text) else Intent.THANKS


def _wish(said: tuple[str, ...], sentence: str) -> Intent | None:
    stems = _stems(said)
    if len(said) <= 10 and _says(sentence, words.OPT_OUT_SENTENCES):
        return Intent.OPT_OUT
    # Who complains about an officer names one, and must not be handed to them.
    if _wants_human(said, stems) and not stems & words.COMPLAINT_STRONG:
        return Intent.HUMAN
    if _complains(said, stems, sentence):
        return Intent.COMPLAIN
    if _asks_for_status(said, sentence):
        return Intent.STATUS
    if len(said) <= 8 and not names_topic(sentence) and _says(sentence, words.SERVICE_PHRASES):
        return Intent.SERVICE
    return None


def _says(sentence: str, phrases: Collection[str]) -> bool:
    padded = f" {sentence} "
    return any(f" {phrase} " in padded for phrase in phrases)


def _stems(said: tuple[str, ...]) -> set[str]:
    return {word.removesuffix("nya") for word in said} | set(said)


def _wants_human(said: tuple[str, ...], stems: set[str]) -> bool:
    officer, anybody = stems & words.HUMAN_NOUNS, stems & words.ANY_PERSON
    about_figures = stems & words.TOPICS or stems & {"berapa", "brp"}
    if len(said) > 12 or not (officer or (anybody and not about_figures)):
        return False
    if stems & words.HUMAN_VERBS:
        return True
    hinted = bool(stems & words.HUMAN_WEAK_VERBS) and len(said) <= 6 and not about_figures
    return hinted and bool(officer or stems & words.NOT_A_MACHINE)


def _complains(said: tuple[str, ...], stems: set[str], sentence: str) -> bool:
    first = next((word for word in said if word not in words.ADDRESS), "")
    if stems & words.COMPLAINT_STRONG or first in words.COMPLAINT_FIRST:
        return True
    weak = stems & words.COMPLAINT_WEAK or _says(sentence, words.COMPLAINT_PHRASES)
    return bool(weak) and not stems & words.TOPICS


def _asks_for_status(said: tuple[str, ...], sentence: str) -> bool:
    if len(said) > 10:
        return False
    if _says(sentence, words.STATUS_PHRASES) or _REFERENCE.search(sentence):
        return True
    return not names_topic(sentence) and _says(sentence, words.STATUS_HINTS)


def _courtesy(said: tuple[str, ...]) -> Intent | None:
    rest = [word for word in said if word not in words.ADDRESS]
    if any(word in words.THANKS for word in rest) or (rest and rest[0] in words.ACKNOWLEDGE):
        polite = words.THANKS | words.ACKNOWLEDGE | words.GREETING
        if all(word in polite for word in rest):
            return Intent.THANKS
    if all(word in words.GREETING for word in rest):
        return Intent.GREET
    return None
