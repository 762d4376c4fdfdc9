"""What a free text wants: short, misspelt, abbreviated Indonesian first.

The order of decision is that of the service: a wish for silence, a cry for help, a wish for a human, a
complaint, then the rest, and a greeting with something behind it is that something. Every reading names
its rule.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache

from bot import courtesy, elsewhere, rules, small_talk, words
from bot.distress import IN_DANGER
from bot.intents import ENDING, Intent, Message, Reading
from bot.rules import Rule
from bot.spelling import spelt, spelt_out

__all__ = [
    "ENDING", "Intent", "Reading", "accuses", "command", "complains", "insists_on_human", "intent",
    "is_request", "language_of", "names_topic", "plain", "read", "read_elsewhere", "starts_with_salam",
    "words_of"
]  # fmt: skip

_WORD = re.compile(r"'*\w[\w']*")
_REFERENCE = re.compile(r"\b[a-z]{2,6} (?:p )?\d{4} \d{5,6}\b")
_VOWEL = re.compile(r"[aeiouy\d]|[^a-z']")
_KEYS_IN_A_ROW = re.compile(r"asdf|qwer|zxcv|hjkl|[^aeiouy\W\d]{6}")
_LINK = re.compile(r"https?://|\bbit\.ly/|\bwa\.me/|\b08\d{8,}|\b08\d+x+", re.IGNORECASE)
# What somebody wants is said in the first few hundred words of even the longest message.
_JUDGED = 400
_LONGEST_READ = 6_000
# Who writes more than this about UMK or KTP has a question of their own.
_SHORT_ENOUGH = 25
_SHORT_QUESTION = 8
_SHORTEST_NOISE = 4
_A_YEAR = 4
_LONGEST_OPT_OUT = 10


# Of one message the words are asked for two dozen times, and what it wants a dozen; mails wait by forty.
@lru_cache(maxsize=512)
def words_of(text: str) -> tuple[str, ...]:
    """The words of *text* in lower case, without punctuation, emoji or WhatsApp's formatting marks."""
    return tuple(_WORD.findall(text.casefold().replace("_", " ")))


def plain(text: str) -> str:
    """*text* as its words with single blanks: what exact commands are compared with."""
    return " ".join(words_of(text))


def intent(text: str) -> Intent:
    """What *text* wants. Signs alone greet or thank, and nothing at all is ``NOTHING``."""
    return read(text).intent


def read(text: str, own: str = "", neighbours: Mapping[str, tuple[str, ...]] | None = None) -> Reading:
    """What *text* wants, and by which rule.

    *own* is the office's place; *neighbours* are other offices and the names of their areas, to whom a
    request for figures of there is sent.
    """
    reading = _read(text[:_LONGEST_READ])
    if not neighbours or reading.intent is not Intent.CONTENT:
        return reading
    return _of_another_area(_judged(text), own, neighbours) or reading


def read_elsewhere(text: str, own: str, neighbours: Mapping[str, tuple[str, ...]]) -> Reading | None:
    """The same, where that is another's business; None for all else, which is most, and soon told."""
    said = _judged(text)
    if len(said) > _SHORT_ENOUGH and not (neighbours and _of_another_area(said, own, neighbours)):
        return None
    reading = read(text, own, neighbours)
    return reading if reading.intent is Intent.ELSEWHERE else None


def complains(text: str) -> bool:
    """Whether *text* wants to complain: whether that is its ``intent``, sooner told."""
    if len(text) < _LONGEST_READ and (exact := command(text)):
        return exact is Intent.COMPLAIN
    message = _message(_judged(text))
    wish = _person_or_complaint(message)
    if wish is None or wish.intent is not Intent.COMPLAIN:
        return False
    return not (_silence(message) or _first(IN_DANGER + rules.SECRETS, message))


def _judged(text: str) -> tuple[str, ...]:
    return words_of(text[:_LONGEST_READ])[:_JUDGED]


def _of_another_area(
    said: tuple[str, ...], own: str, neighbours: Mapping[str, tuple[str, ...]]
) -> Reading | None:
    found = elsewhere.other_area(" ".join(spelt_out(said)), elsewhere.written(own), neighbours)
    if not found:
        return None
    office, name = found
    return Reading(Intent.ELSEWHERE, "other_area", name, elsewhere.AREA, office)


def _message(said: tuple[str, ...]) -> Message:
    written = spelt_out(said)
    return Message(said, written, " ".join(written), _about_figures(written))


@lru_cache(maxsize=512)
def _read(text: str) -> Reading:
    said = words_of(text)[:_JUDGED]
    if not said:
        return _sign(text)
    # The beginning of a longer text is no command.
    if len(text) < _LONGEST_READ and (exact := command(text)):
        return Reading(exact, "command", " ".join(said))
    message = _message(said)
    return _wish(message) or courtesy.read(message) or _chatter(text, message) or _content(message)


def command(text: str) -> Intent | None:
    """The command that the whole of *text* is, perhaps with a "pak" or "dong"; None when it is a sentence."""
    said = words_of(text)
    told = [word for word in said if word not in words.ADDRESS]
    if len(told) > _LONGEST_COMMAND:
        return None
    curt, whole = " ".join(told), " ".join(said)
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


def language_of(text: str, languages: Sequence[str], subject: str = "") -> str | None:
    """The language *text* and its *subject* are written in, among *languages*; None when it does not show."""
    said = (*words_of(subject), *words_of(text))
    english = sum(map(words.ENGLISH_HINTS.__contains__, said))
    indonesian = sum(map(words.INDONESIAN_HINTS.__contains__, said))
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
_LONGEST_COMMAND = max(
    len(each.split()) for table in (words.OPT_OUT, *(table for table, _ in _COMMANDS)) for each in table
)


def _sign(text: str) -> Reading:
    if not text.strip():
        return Reading(Intent.NOTHING, "empty")
    if not words.LAUGHING_SIGNS.isdisjoint(text):
        return Reading(Intent.SMALL, "laughter", text.strip()[:20])
    thanks = not words.THANKFUL_SIGNS.isdisjoint(text)
    return Reading(Intent.THANKS if thanks else Intent.GREET, "sign", text.strip()[:20])


def _wish(message: Message) -> Reading | None:
    """In the order in which wishes go before one another."""
    return (
        _silence(message)
        or _first(IN_DANGER, message)
        or _first(rules.SECRETS, message)
        or _person_or_complaint(message)
        or _first(rules.PRIVACY, message)
        or _public_information(message)
        or _status(message)
        or _first(rules.CANCEL, message)
        or _elsewhere(message)
        or _first(rules.SERVICE, message)
        or _service(message)
    )


def _silence(message: Message) -> Reading | None:
    asked = len(message.said) <= _LONGEST_OPT_OUT and _says(" ".join(message.said), words.OPT_OUT_SENTENCES)
    return Reading(Intent.OPT_OUT, "no_messages") if asked else _first(rules.SILENCE, message)


def _person_or_complaint(message: Message) -> Reading | None:
    """Who complains about an officer names one, and must not be handed to them."""
    said, stems = message.said, _stems(message.said)
    accusing = sorted(stems & words.COMPLAINT_STRONG)
    mistreated = _first(rules.COMPLAINTS, message)
    if not accusing and not mistreated:
        if _wants_human(said, stems):
            return Reading(Intent.HUMAN, "wants_a_person", _named(said, words.HUMAN_NOUNS | words.ANY_PERSON))
        if person := _first(rules.HUMAN, message):
            return person
    if _complains(said, stems, message.sentence):
        return Reading(Intent.COMPLAIN, "complaint_words", " ".join(accusing))
    return mistreated


def _public_information(message: Message) -> Reading | None:
    named = not words.PUBLIC_INFORMATION.isdisjoint(message.written)
    return _first(rules.PUBLIC_INFORMATION, message) if named else None


def _status(message: Message) -> Reading | None:
    if _asks_for_status(message.said, " ".join(message.said)):
        return Reading(Intent.STATUS, "status_words")
    return _first(rules.STATUS, message)


def _elsewhere(message: Message) -> Reading | None:
    if len(message.said) > _SHORT_ENOUGH or not (found := elsewhere.business(message.sentence)):
        return None
    subject, words_found = found
    return Reading(Intent.ELSEWHERE, "not_ours", words_found, subject=subject)


def _service(message: Message) -> Reading | None:
    said, written = message.said, set(message.written)
    if len(said) > _SHORT_QUESTION:
        return None
    if not names_topic(message.sentence) and _says(" ".join(said), words.SERVICE_PHRASES):
        return Reading(Intent.SERVICE, "service_words")
    if written & words.COST and written <= words.ABOUT_COST | words.ADDRESS | words.GREETING:
        return Reading(Intent.SERVICE, "what_it_costs", _named(message.written, words.COST))
    return None


def _first(table: Iterable[Rule], message: Message) -> Reading | None:
    for rule in table:
        if len(message.written) > rule.longest or (message.about_figures and not rule.beside_figures):
            continue
        if found := rule.pattern.search(message.sentence):
            return Reading(rule.intent, rule.name, found.group().strip())
    return None


def _named(said: Collection[str], table: Collection[str]) -> str:
    return " ".join(sorted(word for word in said if word in table))


def _about_figures(written: tuple[str, ...]) -> bool:
    """Whether the words name what statistics are about; "data" alone is also said of anything else."""
    if not _FIGURES.isdisjoint(written):
        return True
    dated = any(word.isdecimal() and len(word) == _A_YEAR for word in written)
    return dated and not _COUNTED.isdisjoint(written)


_COUNTED = words.LOOSE_TOPICS | words.PLAIN_COUNTING
_FIGURES = frozenset(map(spelt, words.TOPICS - words.LOOSE_TOPICS - words.PLAIN_COUNTING))


def _says(sentence: str, phrases: Collection[str]) -> bool:
    padded = f" {sentence} "
    return any(f" {phrase} " in padded for phrase in phrases)


def _stems(said: tuple[str, ...]) -> set[str]:
    return {word[:-3] for word in said if word[-3:] == "nya"}.union(said)


def _wants_human(said: tuple[str, ...], stems: set[str]) -> bool:
    officer, anybody = stems & words.HUMAN_NOUNS, stems & words.ANY_PERSON
    if not stems.isdisjoint(words.BEFORE_MANKIND):
        officer = officer - {"manusia"}
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


def _chatter(text: str, message: Message) -> Reading | None:
    """Advertisements, laughter and small talk; and what nobody could read."""
    said = message.said
    if (found := small_talk.ADVERT.search(message.sentence)) and (_LINK.search(text) or "!" in text):
        return Reading(Intent.SMALL, "advertisement", found.group())
    if all(rules.LAUGHTER.fullmatch(word) for word in said[:8]):
        return Reading(Intent.SMALL, "laughter", said[0][:20])
    short = len(said) <= _SHORT_QUESTION and not message.about_figures and "data" not in message.written
    if short and (
        found := small_talk.CHATTER.search(message.sentence)
        or small_talk.RIGHT_HERE.fullmatch(message.sentence)
    ):
        return Reading(Intent.SMALL, "small_talk", found.group())
    if all(_is_noise(word) for word in said):
        return Reading(Intent.UNCLEAR, "no_word", said[0][:20])
    return None


def _is_noise(word: str) -> bool:
    if len(word) < _SHORTEST_NOISE or word in words.TOPICS or spelt(word) != word:
        return False
    return not _VOWEL.search(word) or bool(_KEYS_IN_A_ROW.search(word))


def _content(message: Message) -> Reading:
    """Something to answer: a concept to explain, figures, a question, or simply words."""
    concept = rules.CONCEPT.search(message.sentence)
    if concept and len(message.said) <= _SHORT_ENOUGH:
        return Reading(Intent.CONTENT, "concept", concept.group())
    if topics := _named(message.written, words.TOPICS):
        return Reading(Intent.CONTENT, "figures", topics[:80])
    if asked := _named(message.written, words.ASKING):
        return Reading(Intent.CONTENT, "question", asked[:80])
    return Reading(Intent.CONTENT, "words")
