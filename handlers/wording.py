"""What an office is and promises, in words. Nothing that is only assumed is ever put into words here."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import groupby
from zoneinfo import ZoneInfo

import phonenumbers
from babel.dates import format_date, format_datetime, get_day_names
from babel.lists import format_list

from bot.calendar import Season, Span
from bot.policy import Hours, Mode, Office, Status
from handlers.phrases import PHRASES

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
COMPLAINT_CHANNELS = ("box", "web", "email", "phone", "whatsapp", "facebook", "instagram")
_NUMBERS = ("phone", "whatsapp")
_SURE_HOURS = (Status.STATED, Status.CONFIRMED)
# Indonesia has no summer time, so one day's zone name is every day's.
_ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)


def render_date(moment: datetime, office: Office, language: str) -> str:
    """*moment* on the office's own clock, such as ``Rabu, 25 Maret 2026 pukul 15.30 WITA``."""
    return in_words(moment, office, language, PHRASES[language].date)


def in_words(moment: datetime, office: Office, language: str, pattern: str) -> str:
    """*moment* on the office's own clock, by a *pattern* of Babel's."""
    return _in_words(moment, office.timezone, PHRASES[language].locale, pattern)


@lru_cache(8192)
def _in_words(moment: datetime, zone: str, locale: str, pattern: str) -> str:
    """Pages show the same moments again. Equal ones may be told in several zones: it is not left to them."""
    return format_datetime(moment.astimezone(ZoneInfo(zone)), pattern, locale=locale)


def published(day: str, language: str) -> str:
    """The *day* (ISO) on which something was published, such as ``28 Februari 2025``."""
    return format_date(date.fromisoformat(day), "d MMMM y", locale=PHRASES[language].locale)


def deadline(moment: datetime, office: Office, language: str) -> str:
    """The end of a promise; while the office's hours are only assumed, the day alone is promised."""
    phrases = PHRASES[language]
    sure = office.hours.status in _SURE_HOURS
    return in_words(moment, office, language, phrases.date if sure else phrases.day)


def local(moment: datetime, office: Office) -> datetime:
    """*moment* on the office's own clock."""
    return moment.astimezone(ZoneInfo(office.timezone))


def part_of_day(moment: datetime, office: Office, language: str) -> str:
    """The word that wishes a good morning, afternoon or evening at *moment*."""
    hour = local(moment, office).hour
    return next(word for since, word in PHRASES[language].parts_of_day if hour >= since)


def office_name(office: Office, language: str) -> str:
    """The office's name in *language*, else in its own first language, else any."""
    wanted = (language, office.languages[0], *office.name)
    return next(office.name[tongue] for tongue in wanted if tongue in office.name)


def promise(office: Office, language: str) -> str | None:
    """How soon an officer answers; None while that is only assumed."""
    if office.sla.status is Status.ASSUMED:
        return None
    days = PHRASES[language].working_days(office.sla.days)
    if office.sla.starts == "received":
        return days
    return f"{days} {PHRASES[language].when_clear}"


def answering_days(office: Office, language: str) -> str | None:
    """The length of the promise alone, for when its clock has just started; None while it is only assumed."""
    return None if office.sla.status is Status.ASSUMED else PHRASES[language].working_days(office.sla.days)


def silence(office: Office, language: str) -> str | None:
    """How long a silence closes a ticket; None where it never does, or while that is only assumed."""
    rule = office.autoclose
    if rule.mode == "none" or rule.days < 1 or rule.status is Status.ASSUMED:
        return None
    phrases = PHRASES[language]
    return (phrases.working_days if rule.mode == "working_days" else phrases.calendar_days)(rule.days)


def hours(office: Office, language: str) -> str | None:
    """The service hours, equal days together; None while they are only assumed."""
    open_on: dict[tuple[str, ...], list[int]] = {}
    for number, day in enumerate(_WEEKDAYS):
        if spans := tuple(getattr(office.hours, day)):
            open_on.setdefault(spans, []).append(number)
    if not open_on or office.hours.status not in _SURE_HOURS:
        return None
    told = (f"{_days(days, language)} {_spans(spans, language)}" for spans, days in open_on.items())
    return f"{'; '.join(told)} {_zone(office, language)}"


def in_season(office: Office, season: Season | None) -> Office:
    """*office* with the service hours of *season*, such as Ramadan; as it is in usual times."""
    if season is None:
        return office
    told = (tuple(map(_span, spans)) for spans in season.week)
    return replace(office, hours=Hours(office.hours.status, *told))


def _span(span: Span) -> str:
    return f"{span[0]:%H:%M}-{span[1]:%H:%M}"


def _zone(office: Office, language: str) -> str:
    return format_datetime(local(_ANY_DAY, office), "z", locale=PHRASES[language].locale)


def _spans(spans: Sequence[str], language: str) -> str:
    phrases = PHRASES[language]
    clocks = [span.replace(":", phrases.colon).replace("-", "–") for span in spans]
    return format_list(clocks, locale=phrases.locale)


def _days(numbers: Sequence[int], language: str) -> str:
    return format_list([*_runs(numbers, language)], locale=PHRASES[language].locale)


def _runs(numbers: Sequence[int], language: str) -> Iterator[str]:
    """Three days or more in a row become "Senin–Kamis"."""
    names = get_day_names("wide", locale=PHRASES[language].locale)
    for _, group in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        run = [names[number] for _, number in group]
        yield from [f"{run[0]}–{run[-1]}"] if len(run) > 2 else run


def phone(number: str) -> str:
    """*number* as Indonesians write it; one that can't be read stays as it is."""
    try:
        parsed = phonenumbers.parse(number, "ID")
    except phonenumbers.NumberParseException:
        return number
    style = phonenumbers.PhoneNumberFormat
    home = parsed.country_code == 62
    return phonenumbers.format_number(parsed, style.NATIONAL if home else style.INTERNATIONAL)


def complaint_channels(office: Office, language: str) -> tuple[str, ...]:
    """The office's other ways to complain, a line each; its own chat number is no other way."""
    told = {kind: getattr(office.complaints, kind) for kind in COMPLAINT_CHANNELS}
    if told["whatsapp"] in office.senders.whatsapp:
        told["whatsapp"] = None
    return tuple(_complaint_line(kind, where, language) for kind, where in told.items() if where)


def _complaint_line(kind: str, where: str, language: str) -> str:
    label = PHRASES[language].channels[kind]
    if is_named(kind, where, label):
        return where
    return f"{label}: {place_of(kind, where)}"


def is_named(kind: str, where: str, label: str) -> bool:
    """Whether *where* says by itself that it is the complaint box."""
    return kind == "box" and where.casefold().startswith(("kotak", label.casefold()))


def place_of(kind: str, where: str) -> str:
    """A way to the office as it is read: a number as Indonesians write it."""
    return phone(where) if kind in _NUMBERS else where


def address_of(kind: str, where: str) -> str | None:
    """Where a link on a page leads for this way to the office; None where none is known."""
    if kind in _NUMBERS:
        digits = re.sub(r"\D", "", where)
        return f"https://wa.me/{digits}" if kind == "whatsapp" else f"tel:+{digits}"
    known = {"email": f"mailto:{where}", "instagram": f"https://www.instagram.com/{where}/"}
    return where if kind in ("web", "portal", "website") else known.get(kind)


def ways_to_consult(office: Office, language: str) -> tuple[str, ...]:
    """Where a consultation is served, a line each: what is open for it, and what the office links to."""
    labels = PHRASES[language].channels
    return tuple(f"{labels[channel]}: {where}" for channel, where in _places(office) if where)


def _places(office: Office) -> Iterator[tuple[str, str | None]]:
    if office.mode("portal") in (Mode.CONSULT, Mode.LINK_ONLY):
        yield "portal", office.portal.url
    if office.mode("whatsapp") is Mode.CONSULT:
        yield "whatsapp", ", ".join(phone(number) for number in office.senders.whatsapp)
    if office.mode("email") is Mode.CONSULT:
        yield "email", office.email or ", ".join(office.senders.email)
    if office.mode("visit") in (Mode.CONSULT, Mode.LINK_ONLY):
        yield "visit", visiting_place(office)


def visiting_place(office: Office) -> str | None:
    """The room, where it has a name, and the address."""
    return ", ".join(part for part in (office.visit.place_name, office.address) if part) or None


def free_of_charge(office: Office) -> bool:
    """Whether the office states that the service costs nothing."""
    return office.cost.text.strip(" .").casefold() == "tidak dipungut biaya"
