"""What must hold in an office's block, and between offices, beyond the types of the values."""

import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from zoneinfo import ZoneInfo, available_timezones

from bot.calendar import read_spans
from bot.complaint_days import read_term
from bot.policy import Item, Office
from bot.texts import Text
from bot.understanding import plain
from handlers.settings import addresses
from handlers.settings.problems import Place, Problem
from handlers.settings.yaml_text import close_to

CHANNELS = ("whatsapp", "email", "webchat", "portal", "visit", "zoom")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def broken_rules(offices: Mapping[str, Office], languages: AbstractSet[str]) -> Iterator[Problem]:
    """Every broken rule of every office; *languages* are those the desk has sentences for."""
    if not offices:
        yield ("offices",), "there must be at least one office"
    for office in offices.values():
        for place, sentence in _of_one(office, languages):
            yield ("offices", office.code, *place), sentence
    yield from _between(offices)


def _of_one(office: Office, languages: AbstractSet[str]) -> Iterator[Problem]:
    yield from _identity(office)
    yield from _languages(office, languages)
    yield from _channels(office)
    yield from _hours(office)
    yield from _counts(office)
    yield from _terms(office)
    yield from _addresses(office)
    yield from _texts(office)
    yield from _empty_items(office.standard, ("standard",))
    yield from _topics(office)
    yield from _domains(office)


def _identity(office: Office) -> Iterator[Problem]:
    if not re.fullmatch(r"[0-9]{1,16}", office.code):
        yield (), "the key of an office is its BPS code, digits only"
    if not re.fullmatch(r"[A-Z]{2,6}", office.short_name):
        yield ("short_name",), "must be 2 to 6 capital letters; it begins every ticket number"
    if not _is_zone(office.timezone):
        known = sorted(available_timezones())
        yield (
            ("timezone",),
            "is no time zone; Asia/Jakarta, Asia/Makassar and Asia/Jayapura are"
            + close_to(office.timezone, known),
        )


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _languages(office: Office, languages: AbstractSet[str]) -> Iterator[Problem]:
    if not office.languages or len(set(office.languages)) < len(office.languages):
        yield ("languages",), "must name at least one language, and each only once"
    for index, language in enumerate(office.languages):
        if language not in languages:
            yield (
                ("languages", index),
                f'there are no sentences in "{language}"; there are: {_listed(languages)}',
            )
        elif not office.name.get(language, "").strip():
            yield ("name", language), "is missing: the office needs a name in each of its languages"


def _channels(office: Office) -> Iterator[Problem]:
    for channel in office.modes:
        if channel not in CHANNELS:
            yield ("modes", channel), f"unknown channel{close_to(channel, list(CHANNELS))}"
    for index, channel in enumerate(office.registration.required_on):
        if channel not in CHANNELS:
            yield (
                ("registration", "required_on", index),
                f'unknown channel "{channel}"; known are: {_listed(CHANNELS)}',
            )


def _hours(office: Office) -> Iterator[Problem]:
    for day in WEEKDAYS:
        try:
            read_spans(getattr(office.hours, day))
        except ValueError as error:
            yield ("hours", day), str(error)


def _counts(office: Office) -> Iterator[Problem]:
    closing = office.autoclose
    smallest: dict[Place, tuple[int, int]] = {
        ("sla", "days"): (office.sla.days, 1),
        ("autoclose", "days"): (closing.days, 0 if closing.mode == "none" else 1),
        ("autoclose", "warn_days_before"): (closing.warn_days_before, 0),
        ("reopen_days",): (office.reopen_days, 0),
        ("abandon_after_days",): (office.abandon_after_days, 1),
        ("visit", "wait_minutes"): (office.visit.wait_minutes, 1),
        ("limits", "answers_per_hour"): (office.limits.answers_per_hour, 1),
        ("routing", "cap"): (office.routing.cap, 0),
        ("routing", "escalate_after_hours"): (office.routing.escalate_after_hours, 0),
        ("rating", "remind_after_hours"): (office.rating.remind_after_hours, 0),
    }
    for place, (value, least) in smallest.items():
        if value < least:
            yield place, f"must be {least} or more"
    if closing.mode != "none" and closing.warn_days_before > closing.days > 0:
        yield ("autoclose", "warn_days_before"), "the warning would come before the silence begins"


def _terms(office: Office) -> Iterator[Problem]:
    for step in fields(office.complaints.deadlines):
        written = getattr(office.complaints.deadlines, step.name)
        try:
            if step.name != "status" and written is not None:
                read_term(written)
        except ValueError as error:
            yield ("complaints", "deadlines", step.name), str(error)


def _addresses(office: Office) -> Iterator[Problem]:
    mails: dict[Place, str | None] = {
        ("email",): office.email,
        ("complaints", "email"): office.complaints.email,
    }
    for place, address in mails.items():
        if address is not None and addresses.spelt(address) is None:
            yield place, f'"{address}" is not an e-mail address'
    pages: dict[Place, str | None] = {
        ("website",): office.website,
        ("complaints", "web"): office.complaints.web,
        ("portal", "url"): office.portal.url,
    }
    for place, page in pages.items():
        if page is not None and not re.fullmatch(r"https?://[^\s/]+\S*", page):
            yield place, "must be a web address that begins with https:// or http://"


def _texts(office: Office) -> Iterator[Problem]:
    known = [key for text in Text for key in (text.value, f"{text}.mail")]
    for key, wordings in office.texts.items():
        if key not in known:
            yield ("texts", key), f"unknown sentence{close_to(key, known)}"
        for language, wording in wordings.items():
            if language not in office.languages:
                yield ("texts", key, language), "is not one of the office's languages"
            elif not wording.strip():
                yield ("texts", key, language), "is empty"


def _empty_items(value: object, place: Place) -> Iterator[Problem]:
    """Sentences of the standard without a word, at any depth."""
    if isinstance(value, Item):
        if not value.text.strip():
            yield (*place, "text"), "is empty"
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _empty_items(item, (*place, index))
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from _empty_items(getattr(value, field.name), (*place, field.name))


def _topics(office: Office) -> Iterator[Problem]:
    for key, topic in office.routing.topics.items():
        here: Place = ("routing", "topics", key)
        if not re.fullmatch(r"[a-z0-9_]{1,32}", key):
            yield here, "a topic's key is 1 to 32 small letters, digits or _"
        if not any(plain(word) for word in topic.words):
            yield (*here, "words"), "must name at least one word"
        for index, word in enumerate(topic.words):
            if not plain(word):
                yield (*here, "words", index), "holds no letter or digit"
        for language in office.languages:
            if not topic.name.get(language, "").strip():
                yield (
                    (*here, "name", language),
                    "is missing: a topic needs a name in each of the office's languages",
                )
        for language in topic.name:
            if language not in office.languages:
                yield (*here, "name", language), "is not one of the office's languages"


def _domains(office: Office) -> Iterator[Problem]:
    for index, domain in enumerate(office.search_first.domains):
        if not re.fullmatch(r"[0-9]{4}", domain):
            yield ("search_first", "domains", index), "must be a BPS code: four digits, in quotes"


def _between(offices: Mapping[str, Office]) -> Iterator[Problem]:
    """Short names, numbers and mailboxes belong to one office only."""
    taken: dict[str, str] = {}
    for office in offices.values():
        for place, value in _own(office):
            if value in taken:
                yield place, f"{value} already belongs to {taken[value]}"
            taken.setdefault(value, ".".join(map(str, place)))


def _own(office: Office) -> Iterator[tuple[Place, str]]:
    home: Place = ("offices", office.code)
    yield (*home, "short_name"), office.short_name
    for channel, senders in (("whatsapp", office.senders.whatsapp), ("email", office.senders.email)):
        for index, sender in enumerate(senders):
            yield (*home, "senders", channel, index), sender.casefold()


def _listed(words: Iterable[str]) -> str:
    return ", ".join(sorted(words))
