"""Whether a text answers the question that was put, and with what."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

from bot import words
from bot.spelling import spelt
from bot.understanding import Intent, insists_on_human, intent, is_request, words_of


class Reply(StrEnum):
    """An answer to *is this right?*."""

    YES = "yes"
    REWRITE = "rewrite"
    NO = "no"


_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9][A-Za-z0-9._%+'-]{0,63}@"
    r"(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9-])"
)
_SCORE = re.compile(
    r"(?:(?:nilai|skor|rating|bintang)[\s:]+)?(?P<score>[1-4])(?![\d.,/]*\d)\b"
    r"(?:\s+bintang\b)?\W*(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_NAMED = re.compile(
    r"\b(?:nama\s+(?:lengkap\s+)?(?:saya|sy|aku)|nama\s*:|my\s+name\s+is)[\s:,]+(?:adalah\s+)?", re.IGNORECASE
)
_SELF = re.compile(r"^(?:saya|sy|aku|i am|i'm|name)[\s:,]+", re.IGNORECASE)
_ORIGIN = re.compile(r"\s(?:dari|from|mau|ingin|butuh|mohon|minta)\s", re.IGNORECASE)
_LONGEST_COMMENT = 1000
_BESIDE_A_YES = frozenset(
    ["sekali", "banget", "itu", "saja", "aja", "semua", "semuanya", "lengkap", "cukup", "kok", "sih", "lah"]
)
_LONGEST_MARK = 3
_OPINING = (
    words.OPINION
    | words.RATED
    | words.AROUND_A_RATING
    | words.BESIDE_PRAISE
    | words.ADDRESS
    | words.NO
    | {"kurang", "cukup"}
)
# What is another office's business, or asked for by another law, says something, too.
_TELLING = {Intent.CONTENT, Intent.ELSEWHERE, Intent.PUBLIC_INFORMATION}


def number(text: str) -> int | None:
    """The number that is all of *text*, in digits or in a word, also as "no. 2"; None when it says more."""
    said = [word for word in words_of(text) if word not in words.ADDRESS]
    if len(said) == 2 and said[0] in words.CALLED_A_NUMBER:
        said = said[1:]
    if len(said) != 1:
        return None
    digits = said[0].isdecimal() and len(said[0]) <= 4
    return int(said[0]) if digits else words.NUMBERS.get(said[0])


def tells(text: str) -> bool:
    """Whether *text* says something by itself: no courtesy, command, bare number, yes, no or skip."""
    short = (number(text) or 0) < 100 and number(text) is not None
    bare = short or skips(text) or confirmation(text) is not None
    return intent(text) in _TELLING and not bare


def confirmation(text: str) -> Reply | None:
    """Yes, a wish to write anew, or no; None for anything else."""
    said = words_of(text)
    if not said:
        return None if words.AGREEING_SIGNS.isdisjoint(text) else Reply.YES
    aside = ((words.ADDRESS | words.THANKS) - words.YES) | _BESIDE_A_YES
    core = [_plainly(word) for word in said if word not in aside]
    if core and all(word in words.YES for word in core):
        return Reply.YES
    if core and all(word in words.CHANGE | words.YES for word in core):
        return Reply.REWRITE if words.REWRITE.intersection(core) else Reply.NO
    return None


def _plainly(word: str) -> str:
    """*word* as one of ours, where it is one in other letters: "iyaa", "bener", "udh"."""
    return word if word in words.CHANGE | words.YES else spelt(word)


def choice(text: str, options: Sequence[str], aliases: Mapping[str, str]) -> str | None:
    """The option meant by its number (from 1) or by a word of *aliases*; None when it is neither."""
    picked = number(text)
    if picked is not None:
        return options[picked - 1] if 1 <= picked <= len(options) else None
    said = words_of(text)
    if "?" in text or said[:1] == ("data",) or (words.TOPICS - words.LOOSE_TOPICS).intersection(said):
        return None
    if is_request(text) and (len(said) > 5 or re.search(r"\d", text)):
        return None
    padded = f" {' '.join(said)} "
    found = [(padded.find(f" {word} "), option) for word, option in aliases.items() if f" {word} " in padded]
    return min(found)[1] if found else None


def name(text: str) -> str | None:
    """A person's name as typed, without "nama saya"; None when *text* is a question, a number or too long.

    A name that is also a word of ours ("Kasih") passes when it is introduced as a name.
    """
    one_line = " ".join(text[:400].split())
    named = _NAMED.search(one_line)
    said = one_line[named.end() :] if named else _SELF.sub("", one_line, count=1)
    said = _without_full_stop(_ORIGIN.split(said, maxsplit=1)[0].strip(" ,:;!*_~"))
    if not _like_a_name(said) or not (named or _no_word_of_ours(one_line)):
        return None
    return said


def _without_full_stop(said: str) -> str:
    """A dot ends the sentence, except behind a title: ``S.E.`` keeps it."""
    return said if "." in said.rpartition(" ")[2][:-1] else said.rstrip(".")


def _like_a_name(said: str) -> bool:
    letters = sum(letter.isalpha() for letter in said)
    fits = 2 <= len(said) <= 80 and letters >= 2 and len(said.split()) <= 8
    signs = any(sign.isdecimal() or sign in "?@:/" for sign in said)
    return fits and not signs and words.NOT_IN_A_NAME.isdisjoint(words_of(said))


def _no_word_of_ours(one_line: str) -> bool:
    said = _ORIGIN.split(one_line, maxsplit=1)
    asks = is_request(one_line) or not words.REQUEST.isdisjoint(words_of(said[0]))
    return not asks and intent(said[0]) is Intent.CONTENT and confirmation(said[0]) is None


def email(text: str) -> str | None:
    """The first e-mail address in *text*, in lower case; None when there is none or it can't be one."""
    found = _EMAIL.search(text)
    if not found or len(found.group()) > 200:
        return None
    address = found.group()
    if ".." in address or ".@" in address or "@-" in address or "-." in address.rsplit("@", 1)[1]:
        return None
    return address.lower()


def skips(text: str) -> bool:
    """Whether the citizen does not want to answer, or has no answer."""
    said = words_of(text)
    curt = " ".join(word for word in said if word not in words.ADDRESS)
    return " ".join(said) in words.SKIP or curt in words.SKIP


def rating(text: str) -> tuple[int, str] | None:
    """A score from 1 to 4 and what was written behind it; None when *text* is not a rating.

    A sentence that asks for something is never a rating, even when it starts with a number.
    """
    said = [word for word in words_of(text) if word not in words.ADDRESS | words.THANKS]
    spoken = " ".join(said)
    of_what = " ".join(word for word in said if word not in words.RATED)
    worded = words.RATINGS.get(spoken) or words.RATINGS.get(of_what) or number(text)
    if worded:
        return (worded, "") if worded <= 4 else None
    if opinion := _opinion(said):
        return opinion
    found = _SCORE.fullmatch(text.strip())
    if not found or _goes_on_otherwise(found["rest"]):
        return None
    return int(found["score"]), found["rest"].strip()[:_LONGEST_COMMENT]


def _opinion(said: Sequence[str]) -> tuple[int, str] | None:
    """A mark behind or within an opinion, such as "bagus, 4 ya": the mark counts, the opinion is kept."""
    marks = [word for word in said if word.isdecimal()]
    rest = [word for word in said if not word.isdecimal() and word not in words.AROUND_A_RATING]
    spoken = " ".join(rest)
    if len(marks) != 1 or marks[0] not in ("1", "2", "3", "4") or said[0] == marks[0]:
        return None
    if not rest or words.ACKNOWLEDGE.issuperset(rest):
        return int(marks[0]), spoken if spoken in words.RATINGS else ""
    return (int(marks[0]), spoken) if spoken in words.RATINGS else None


def opines(text: str) -> bool:
    """Whether *text* is nothing but an opinion of the service, or a mark on another scale than ours."""
    said = words_of(text)
    marks = [word for word in said if word.isdecimal() and len(word) <= _LONGEST_MARK]
    judged = not words.OPINION.isdisjoint(said) or len(marks) == len(said)
    return bool(said) and judged and all(word in marks or word in _OPINING for word in said)


def _goes_on_otherwise(rest: str) -> bool:
    first = next(iter(words_of(rest)), "")
    return first in words.COUNTED or is_request(rest) or insists_on_human(rest)
