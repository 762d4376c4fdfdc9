"""The menus that citizens meet, in every office's words: what is made at Twilio beforehand.

Only their choices and the number of their lines matter there, so one example stands for many messages. What
is missing here is said by number.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from bot.effects import Say
from bot.policy import Office
from bot.texts import Text
from channels.menus import Menu, shape
from handlers import offering
from handlers.rendering import Sentences

Turn = tuple[Say, ...]
_ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)
_HELLO: tuple[Turn, ...] = ((Say(Text.GREETING),), (Say(Text.SALAM), Say(Text.GREETING)))
# Stands for every sentence of one line.
_NOTE: Turn = (Say(Text.NOT_UNDERSTOOD),)
_AT_ONCE: tuple[Turn, ...] = ((), *_HELLO)
_REQUEST = {"what": "jumlah penduduk", "area": "Kabupaten Contoh", "years": "2024", "use": "tugas"}
_MOST_FOUND = 3


@dataclass(frozen=True, slots=True)
class Occasion:
    """A menu in *language*, by the name of its question."""

    question: str
    language: str
    menu: Menu


def occasions(sentences: Sentences, offices: Mapping[str, Office]) -> list[Occasion]:
    """One of each shape, of all *offices* and their languages."""
    found: dict[str, Occasion] = {}
    for office in offices.values():
        for language in office.languages:
            for one in _of(sentences, office, language):
                found.setdefault(shape(one.menu), one)
    return list(found.values())


def _of(sentences: Sentences, office: Office, language: str) -> Iterator[Occasion]:
    for turn in _turns(office):
        say = partial(
            sentences.say, turn, office, language, _ANY_DAY, reference=f"{office.short_name}-2026-00012"
        )
        menu = offering.said(say, choosable=True)[1]
        if menu:
            yield Occasion(menu.options[0].id.partition(".")[0], language, menu)


def _turns(office: Office) -> Iterator[Turn]:
    yield from _after(((), _NOTE, *_HELLO), (Say(Text.MENU),))
    yield from _after(_AT_ONCE, (Say(Text.REDIRECT_WAGE, {"to": ""}), Say(Text.REDIRECT_INSIST)))
    for text in (Text.ASK_INSTITUTION_CATEGORY, Text.ASK_MAIN_USE):
        yield from _after(((), _NOTE), (Say(text),))
    for field in ("institution_category", "main_use"):
        yield from _after(((), _NOTE), (Say(Text.ASK_CORRECTION, {"field": field}),))
    if office.search_first.enabled:
        for found in _findings():
            yield from _after(_AT_ONCE, (found, Say(Text.ASK_FOUND)))
        yield from _after((_NOTE,), (Say(Text.ASK_FOUND),))
    for more in ("", "mohon sertakan rasio jenis kelamin"):
        yield from _after(((), _NOTE, *_HELLO), (Say(Text.SUMMARY, {**_REQUEST, "text": more}),))
    yield from _after(_AT_ONCE, (Say(Text.COMPLAINT_CONFIRM, {"text": "petugas tidak ramah"}),))
    told: tuple[Turn, ...] = ((), (Say(Text.CLOSED_BY_OFFICER),), (Say(Text.CLOSED_BY_SILENCE),))
    yield from _after(told, (Say(Text.ASK_RATING),))


def _after(before: tuple[Turn, ...], asked: Turn) -> Iterator[Turn]:
    return ((*said, *asked) for said in before)


def _findings() -> Iterator[Say]:
    """What a search may show: an answer of the office, which has a summary, or publications, or both."""
    for answers in (0, 1):
        for others in range(_MOST_FOUND + 1 - answers):
            if answers + others:
                yield _found(["answer"] * answers + ["publication"] * others)


def _found(kinds: list[str]) -> Say:
    number = len(kinds)
    return Say(
        Text.SEARCH_FOUND,
        {
            "titles": ("Kabupaten Contoh Dalam Angka 2025",) * number,
            "links": ("https://www.bps.go.id",) * number,
            "kinds": tuple(kinds),
            "days": ("2025-02-28",) * number,
            "summaries": tuple("Ringkasan" if kind == "answer" else "" for kind in kinds),
        },
    )
