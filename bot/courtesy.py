"""Greetings, thanks, and what else is said without asking for anything."""

from collections.abc import Collection, Iterable

from bot import rules, words
from bot.beside_thanks import APOLOGY, BESIDE_THANKS
from bot.gratitude import without_what_for
from bot.intents import Intent, Message, Reading
from bot.spelling import spelt

_ANNOUNCES, _INTRODUCES = "announces_a_question", "introduces"
# The rules by which somebody only says that they are about to ask.
PRAISES = "praise"
PREFACES = frozenset({_ANNOUNCES, _INTRODUCES})
_SHORT = 8
_POLITE = words.THANKS | words.ACKNOWLEDGE | words.GREETING
_COURTESIES = _POLITE | words.ANNOUNCING | words.ADDRESS
_DONE = _POLITE | words.ADDRESS | words.DONE
_BESIDE_THANKS = _POLITE | words.ADDRESS | BESIDE_THANKS
_LONGEST_WISHES = 60
_A_YEAR = 4
_AROUND = _POLITE | words.ADDRESS
_WISHES = words.WISHES | _AROUND
_ASKING = words.REQUEST - words.WISHES
_KINDNESSES = (
    ("wishes", rules.WISHES, _WISHES),
    (PRAISES, rules.PRAISE, words.GOOD | words.BESIDE_PRAISE | _AROUND),
    ("filled_in", rules.FILLED, words.FILLED | _AROUND),
    ("apology", rules.APOLOGY, APOLOGY | _AROUND),
)
_NAMING = frozenset({"nama", "perkenalkan", "name"})
_NO_NAME = words.NOT_IN_A_NAME | words.FILLER | words.REQUEST | words.NO


def read(message: Message) -> Reading | None:
    """What a message that is nothing but courtesy comes to; None when it says more."""
    return (
        _finished(message)
        or _later(message)
        or _introduces(message)
        or _polite(message)
        or _grateful(message)
        or _kind(message)
    )


def _later(message: Message) -> Reading | None:
    found = None if message.about_figures else rules.LATER.fullmatch(message.sentence)
    return Reading(Intent.CLOSE, "later", found.group()) if found else None


def _grateful(message: Message) -> Reading | None:
    """Thanks for something in particular, to somebody, or with an apology: "makasih ya kak, maaf ganggu"."""
    said = " ".join(without_what_for(message)).replace("mohon maaf", "maaf").split()
    thanked = [word for word in said if _is_thanks(word)]
    if not thanked or not _only(said, _BESIDE_THANKS):
        return None
    return Reading(Intent.THANKS, "thanks", " ".join(sorted(set(thanked))))


def _is_thanks(word: str) -> bool:
    return word in words.THANKS or spelt(word) in words.THANKS


def _finished(message: Message) -> Reading | None:
    unfinished = message.about_figures or not words.UNFINISHED.isdisjoint(message.written)
    if unfinished or len(message.said) > _SHORT:
        return None
    found = rules.CLOSED.search(message.sentence) if _only(message.said, _DONE) else None
    return Reading(Intent.CLOSE, "finished", found.group()) if found else None


def _introduces(message: Message) -> Reading | None:
    """A name alone is no request yet: people send that before they ask."""
    names = len(message.said) <= _SHORT and not _NAMING.isdisjoint(message.said)
    found = rules.INTRODUCES.fullmatch(message.sentence) if names else None
    if not found or not _NO_NAME.isdisjoint(found["name"].split()):
        return None
    opened = set(found["opening"].split())
    return Reading(Intent.GREET, _INTRODUCES, found["name"]) if _only(opened, _COURTESIES) else None


def _polite(message: Message) -> Reading | None:
    if not all(map(_is_courtesy, message.said)):
        return None
    rest = [word for word in message.said if word not in words.ADDRESS]
    rest = [word for word in rest if not rules.LAUGHTER.fullmatch(word)] or rest
    thanked = any(map(_is_thanks, rest))
    if not rest and not {"ya", "y"}.isdisjoint(message.said):
        return Reading(Intent.THANKS, "agrees")
    if (thanked or (rest and _only(rest[:1], words.ACKNOWLEDGE))) and _only(rest, _POLITE):
        return Reading(Intent.THANKS, "thanks", " ".join(sorted(words.THANKS.intersection(rest))))
    if _only(rest, words.GREETING):
        return Reading(Intent.GREET, "greeting")
    if len(rest) <= _SHORT and _only(rest, words.GREETING | words.ANNOUNCING):
        return Reading(Intent.GREET, _ANNOUNCES)
    return None


def _kind(message: Message) -> Reading | None:
    """Wishes, praise, or the word that the questionnaire is filled in: nobody asks for figures by it."""
    if message.about_figures or len(message.said) > _LONGEST_WISHES:
        return None
    spoken = " ".join(message.said)
    for rule, pattern, beside in _KINDNESSES:
        if (found := pattern.search(spoken)) and _says_only(spoken, beside):
            return Reading(Intent.THANKS, rule, found.group())
    return None


def _says_only(spoken: str, beside: Collection[str]) -> bool:
    """Whether all words are of *beside*, or numbers. Who is wished well, and by whom, has any name."""
    named = beside is _WISHES and _ASKING.isdisjoint(spoken.split())
    rest = rules.WELL_WISHERS.sub("", spoken) if named else spoken
    return _only((word for word in rest.split() if not (word.isdecimal() and len(word) <= _A_YEAR)), beside)


def _is_courtesy(word: str) -> bool:
    return word in _COURTESIES or spelt(word) in _COURTESIES or bool(rules.LAUGHTER.fullmatch(word))


def _only(said: Iterable[str], table: Collection[str]) -> bool:
    return all(word in table or spelt(word) in table for word in said)
