"""What the desk decided to say, in the words of ``templates/messages`` or of the office itself.

An office's own sentence is compiled when the desk starts, and refused then by its path when it cannot work.
One of the folder must be there, and is compiled when it is said first: all would be a tenth of a start.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from itertools import product
from pathlib import Path
from typing import Any

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    Template,
    TemplateNotFound,
    TemplateSyntaxError,
    meta,
    nodes,
)

from bot import words
from bot.effects import Say
from bot.opening import point_of
from bot.policy import Office
from bot.texts import Text
from bot.understanding import words_of
from handlers import wording
from handlers.offering import Offer
from handlers.phrases import PHRASES
from handlers.wording import render_date

__all__ = ["Sentences", "plain", "render_date"]

_EMPTY_LINES = re.compile(r"\n{3,}")
_BLANKS_AT_END = re.compile(r"[ \t]+$", re.MULTILINE)
# A mark inside a word formats nothing, and an underscore there is often part of an address.
_MARKS = re.compile(r"[*~`]|(?<![^\W_])_|_(?![^\W_])")
# What a chat shows in bold.
_STRONG = re.compile(r"(?<![*\w])\*([^*\n]+)\*(?![*\w])")
_LETTER = ".mail"
_LABEL = re.compile(r"^[A-Za-z ]{2,20}[:=]")
_INVISIBLE = {"Cc", "Cf", "Co", "Cs"}
_JOINER = "\u200d"  # holds family and flag emoji together
_LONGEST_QUOTE = 300
_LONGEST_READ = 2000
_OPENING = 80
_TURN = (
    *("turn", "alone", "values", "reference"),
    *("link", "form_link", "survey_link", "part_of_day", "today", "published"),
    *("numbered", "option", "shortcut"),
)
_PARTS = ("what", "area", "years", "use")
_VALUES = frozenset(
    {
        *(*_PARTS, "text", "more", "missing", "content", "tickets", "score", "consulting", "due", "to"),
        *("name", "institution_category", "main_use", "email", "field"),
        *("titles", "links", "kinds", "days", "summaries", "ticket", "why", "tapped", "goes_on"),
    }
)

Value = str | int | datetime | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Voice:
    """One office in one language: its sentences by key, and what all of them may mention."""

    office: Office
    language: str
    own: Mapping[str, Template]
    shipped: Callable[[str], Template | None]
    constant: Mapping[str, Any]

    def put(self, say: Say, turn: Mapping[str, Any], offer: Offer, *, letter: bool) -> str:
        """One sentence. In a letter it has its own wording, or a chat's without bold marks."""
        written = self._sentence(f"{say.text}{_LETTER}") if letter else None
        choose = offer.of(say)
        sentence = written or self._sentence(say.text)
        if sentence is None:
            raise LookupError(say.text)
        spoken = sentence.render(
            turn, values=self._values(say), option=choose.option, shortcut=choose.shortcut
        )
        return _STRONG.sub(r"\1", spoken) if letter and not written else spoken

    def _sentence(self, key: str) -> Template | None:
        return self.own.get(key) or self.shipped(key)

    def _values(self, say: Say) -> dict[str, Value | None]:
        values = _harmless(say)
        moments = {name: it for name, it in values.items() if isinstance(it, datetime)}
        told = {name: wording.deadline(it, self.office, self.language) for name, it in moments.items()}
        return {"due": None, **values, **told}


class Sentences:
    """Every sentence of the desk, ready to be said for each of *offices*.

    *folder* holds one folder a language, one file a sentence, and a second one (``<key>.mail.txt``) for a
    sentence that reads otherwise in a letter. Raises ``ValueError`` with the path of an
    office's own sentence that cannot be read or mentions what no sentence knows.
    """

    def __init__(self, offices: Mapping[str, Office], public_url: str, folder: Path) -> None:
        self._shipped = _shipped(folder)
        self._voices = {
            (code, language): self._voice(office, language, public_url)
            for code, office in offices.items()
            for language in office.languages
        }

    def say(
        self,
        says: Sequence[Say],
        office: Office,
        language: str,
        now: datetime,
        *,
        reference: str = "",
        link: str = "",
        letter: bool = False,
        form_link: str | None = None,
        survey_link: str = "",
        offer: Offer | None = None,
    ) -> str:
        """All of *says* as one message, in *language* or else in the office's first.

        *office* is known since the start, but its service hours may be those of a season.

        *reference* names the ticket it is about; *link* is a page where the rating may be given, *form_link*
        one where what is missing may be told, *survey_link* one with the questions of the survey. *letter*:
        the channel writes letters. *offer* gathers the choices that are named.
        """
        offer = offer or Offer()
        voice = self._voices.get((office.code, language)) or self._voices[office.code, office.languages[0]]
        offer.language = voice.language
        turn = {
            **voice.constant,
            "numbered": offer.numbered,
            "turn": tuple(one.text.value for one in says),
            "alone": len(says) == 1,
            "reference": reference,
            "link": link,
            "form_link": form_link,
            "survey_link": survey_link,
            "part_of_day": partial(wording.part_of_day, now, office, voice.language),
            "today": partial(render_date, now, office, voice.language),
            "published": partial(wording.published, language=voice.language),
        }
        if office.hours != voice.office.hours:
            turn["hours"] = wording.hours(office, voice.language)
        return _joined([voice.put(one, turn, offer, letter=letter) for one in says])

    def compile(self) -> None:
        """Compile them all now. Raises jinja's ``TemplateError`` for one of the folder that cannot work."""
        self._shipped.compile()

    def _voice(self, office: Office, language: str, public_url: str) -> _Voice:
        constant = _constant(office, language, public_url)
        own = {
            key: self._own(source[language], f"offices.{office.code}.texts.{key}.{language}", constant)
            for key, source in office.texts.items()
            if language in source
        }
        return _Voice(office, language, own, partial(self._shipped.of, language), constant)

    def _own(self, source: str, path: str, constant: Mapping[str, Any]) -> Template:
        try:
            sentence = self._shipped.environment.from_string(source)
        except TemplateSyntaxError as error:
            raise ValueError(f"{path}: {error.message} (line {error.lineno})") from error
        known = {*constant, *_TURN, *self._shipped.environment.globals}
        unknown = _unknown_names(self._shipped.environment.parse(source), known)
        if unknown:
            raise ValueError(f"{path}: a sentence knows no {', '.join(sorted(unknown))}")
        return sentence


class _Shipped:
    """The sentences of *folder*, each compiled once. Raises ``TemplateNotFound`` when one is missing."""

    def __init__(self, folder: Path) -> None:
        self.environment = _environment(folder)
        self._there = frozenset(self.environment.list_templates())
        for language, text in product(sorted(PHRASES), Text):
            if f"{language}/{text}.txt" not in self._there:
                raise TemplateNotFound(f"{language}/{text}.txt")
        self.of = cache(self._of)

    def _of(self, language: str, key: str) -> Template | None:
        name = f"{language}/{key}.txt"
        return self.environment.get_template(name) if name in self._there else None

    def compile(self) -> None:
        for name in sorted(self._there):
            self.environment.get_template(name)


_shipped = cache(_Shipped)


def _environment(folder: Path) -> Environment:
    return Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
        autoescape=False,  # noqa: S701  # these are plain text messages; HTML marks mean nothing in them
    )


def _unknown_names(tree: nodes.Template, known: set[str]) -> set[str]:
    asked = {
        found.attr
        for found in tree.find_all(nodes.Getattr)
        if isinstance(found.node, nodes.Name) and found.node.name == "values"
    }
    return (meta.find_undeclared_variables(tree) - known) | {f"values.{name}" for name in asked - _VALUES}


def _constant(office: Office, language: str, public_url: str) -> dict[str, Any]:
    """What any sentence of this office may mention at any time."""
    phrases = PHRASES[language]
    query = "" if language == office.languages[0] else f"?lang={language}"
    return {
        "office": office,
        "language": language,
        "languages": office.languages,
        "name": wording.office_name(office, language),
        "hours": wording.hours(office, language),
        "promise": wording.promise(office, language),
        "answering_days": wording.answering_days(office, language),
        "silence": wording.silence(office, language),
        "free": wording.free_of_charge(office),
        "place": wording.visiting_place(office),
        "phone": wording.phone(office.phone) if office.phone else None,
        "complaint_channels": wording.complaint_channels(office, language),
        "ways": wording.ways_to_consult(office, language),
        "privacy_link": f"{public_url.rstrip('/')}/privasi/{office.code}{query}",
        "standard_link": f"{public_url.rstrip('/')}/standar/{office.code}{query}",
        "institutions": tuple(phrases.institutions[option] for option in words.INSTITUTIONS),
        "main_uses": tuple(phrases.main_uses[option] for option in words.MAIN_USES),
        "labels": phrases.labels,
        "use_in_words": _in_words(phrases.main_uses),
        "institution_in_words": _in_words(phrases.institutions),
    }


def _in_words(known: Mapping[str, str]) -> Callable[[str], str]:
    """What a citizen chose is kept as its key; what they said in their own words is left alone."""
    return lambda told: known.get(told, told)


def _joined(spoken: Sequence[str]) -> str:
    message = "\n\n".join(_BLANKS_AT_END.sub("", part).strip("\n") for part in spoken)
    return _EMPTY_LINES.sub("\n\n", message).strip()


def _harmless(say: Say) -> dict[str, Value]:
    values = dict(say.values)
    if say.text is Text.SUMMARY:
        values["more"] = _untold(values)
    # A link is ours, and broken without a single one of its signs.
    return {name: value if name == "links" else _plain_value(value) for name, value in values.items()}


def _plain_value(value: Value) -> Value:
    if isinstance(value, tuple):
        return tuple(plain(word) for word in value)
    return plain(value) if isinstance(value, str) else value


def plain(text: str, longest: int = _LONGEST_QUOTE) -> str:
    """A citizen's words on one line, without formatting marks and invisible signs, cut at *longest*."""
    line = " ".join(_MARKS.sub("", _visible(text[:_LONGEST_READ])).split())
    if len(line) <= longest:
        return line
    cut = line[: longest - 1]
    return f"{cut.rsplit(' ', 1)[0] if ' ' in cut[longest // 2 :] else cut}…"


def _visible(text: str) -> str:
    if text.isprintable():
        return text
    kept = (" " if letter in "\n\r\t" else letter for letter in text)
    return "".join(
        letter for letter in kept if letter == _JOINER or unicodedata.category(letter) not in _INVISIBLE
    )


def _untold(values: Mapping[str, Value]) -> str:
    """The lines of the request that say something its four parts do not show."""
    shown = {word for part in _PARTS for word in words_of(str(values.get(part, "")))}
    what = str(values.get("what", ""))
    said = str(values.get("text", ""))[:_LONGEST_READ].splitlines()
    lines = [point_of(" ".join(line.split())) for line in said]
    told = [line for line in _since_told(lines, what) if line[:_OPENING] not in what]
    return "; ".join(line for line in told if _telling(line) - shown)


def _since_told(lines: list[str], what: str) -> list[str]:
    """*lines* from where the data were told: of what came before a rewriting only a picture or voice note."""
    places = (place for place, line in enumerate(lines) if line and line[:_OPENING] in what)
    begins = next(places, 0)
    return [line for place, line in enumerate(lines) if place >= begins or line in words.MEDIA_MARKS.values()]


def _telling(line: str) -> set[str]:
    said = words_of(_LABEL.sub("", line))
    return {word for word in said if word not in words.FILLER and not _is_list_number(word)}


def _is_list_number(word: str) -> bool:
    return len(word) == 1 and word.isdecimal()
