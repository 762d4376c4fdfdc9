"""The service standard of an office as its public page has it: published sentences, and rules put in words.

What is merely assumed is named at the end, never said as a promise.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

from bot.policy import BothWays, Item, Mode, Office, Status
from handlers import wording
from handlers.phrases import PHRASES
from handlers.standard_phrases import STANDARD_PHRASES

WAYS = ("in_person", "online")
PUBLISHED = ("requirements", "procedure")
FURTHER = (
    *("legal_basis", "facilities", "competence", "supervision", "staff"),
    *("service_guarantee", "safety_guarantee", "evaluation"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of the page. *number* is its own in the document, *language* the one it is written in.

    Of a way to the office *label* says which it is, and *href* leads there.
    """

    text: str
    status: Status
    language: str
    number: int | None = None
    source: str | None = None
    note: str | None = None
    label: str = ""
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Lines that belong together, under a heading or none."""

    heading: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One of the fourteen components, with its place among them."""

    key: str
    number: int
    heading: str
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """A way to the office: what it is called, where it leads, what it is open for."""

    label: str
    text: str
    href: str | None
    open_for: str = ""


def sections(office: Office, language: str) -> tuple[Section, ...]:
    """The components that have something to say, in the order of the regulation."""
    told = {
        **{part: _both_ways(getattr(office.standard, part), language) for part in PUBLISHED},
        "time": _times(office, language),
        "cost": (Group("", (Line(cost(office, language), Status.STATED, language),)),),
        "products": (Group("", tuple(_products(office, language))),),
        "complaints": (Group("", tuple(_complaints(office, language))),),
        **{part: (Group("", _lines(getattr(office.standard, part), language)),) for part in FURTHER},
    }
    headings = STANDARD_PHRASES[language].components
    return tuple(
        Section(key, number, heading, groups)
        for number, (key, heading) in enumerate(headings.items(), 1)
        if (groups := tuple(group for group in told.get(key, ()) if group.lines))
    )


def title(office: Office, language: str) -> Line:
    """What the service is called."""
    return _line(office.standard.title, language)


def waiting(office: Office, language: str) -> str | None:
    """How long a visitor waits at most; None while that is only assumed."""
    phrases = STANDARD_PHRASES[language]
    if office.visit.status is Status.ASSUMED:
        return None
    return phrases.visit.format(time=phrases.minutes(office.visit.wait_minutes))


def answering(office: Office, language: str) -> str | None:
    """How soon a request online is answered; None while that is only assumed."""
    phrases, days = STANDARD_PHRASES[language], wording.answering_days(office, language)
    when_clear = office.sla.starts == "clear_and_complete"
    return days and (phrases.online_when_clear if when_clear else phrases.online).format(time=days)


def closing(office: Office, language: str) -> str | None:
    """Who closes a conversation, and after which silence; None while that is only assumed."""
    phrases, silence = STANDARD_PHRASES[language], wording.silence(office, language)
    if office.autoclose.status is Status.ASSUMED:
        return None
    by = phrases.closed_by_system if office.autoclose.by == "system" else phrases.closed_by_officer
    return by.format(time=silence) if silence else phrases.closed_when_done


def cost(office: Office, language: str) -> str:
    """What the service costs; the usual words are known in every language."""
    return STANDARD_PHRASES[language].free if wording.free_of_charge(office) else office.cost.text


def unconfirmed(office: Office, language: str) -> tuple[str, ...]:
    """What the office has not confirmed, by name: nothing of it is promised."""
    phrases = STANDARD_PHRASES[language]
    rules = (phrases.rules[rule] for rule in assumed_rules(office))
    lists = (_list_name(path, language) for path, _ in assumed_lists(office))
    questions = (_line(item, language).text for item in open_questions(office))
    return (*rules, *lists, *questions)


def not_published(office: Office, language: str) -> tuple[str, ...]:
    """The components of the regulation that the office's standard says nothing about."""
    headings = STANDARD_PHRASES[language].components
    return tuple(headings[part] for part in FURTHER if not getattr(office.standard, part))


def assumed_rules(office: Office) -> Iterator[str]:
    """The rules of the office that nobody has confirmed, by their keys."""
    for rule in fields(office):
        if getattr(getattr(office, rule.name), "status", None) is Status.ASSUMED:
            yield rule.name


def assumed_lists(office: Office) -> Iterator[tuple[str, int]]:
    """The lists of the standard that hold sentences nobody has confirmed, by their keys, and how many."""
    standard = office.standard
    lists = {f"{part}.{way}": getattr(getattr(standard, part), way) for part in PUBLISHED for way in WAYS}
    lists |= {part: getattr(standard, part) for part in FURTHER}
    for path, items in lists.items():
        if count := len(_assumed(items)):
            yield path, count


def open_questions(office: Office) -> tuple[Item, ...]:
    """What only the office can tell, and has not."""
    return _assumed(office.standard.questions)


def _list_name(path: str, language: str) -> str:
    phrases, (part, _, way) = STANDARD_PHRASES[language], path.partition(".")
    return f"{phrases.components[part]}: {phrases.ways[way]}" if way else phrases.components[part]


def _assumed(items: Sequence[Item]) -> tuple[Item, ...]:
    return tuple(item for item in items if item.status is Status.ASSUMED)


def _both_ways(both: BothWays, language: str) -> tuple[Group, ...]:
    ways = STANDARD_PHRASES[language].ways
    first = len(both.in_person) if both.continuous else 0
    return (
        Group(ways["in_person"], _lines(both.in_person, language, 1)),
        Group(ways["online"], _lines(both.online, language, first + 1)),
    )


def _lines(items: Sequence[Item], language: str, first: int | None = None) -> tuple[Line, ...]:
    """The published ones, each with its own number even where another is left out."""
    numbers = [None if first is None else first + place for place in range(len(items))]
    told = zip(items, numbers, strict=True)
    return tuple(_line(item, language, number) for item, number in told if item.status is not Status.ASSUMED)


def _line(item: Item, language: str, number: int | None = None) -> Line:
    translated = item.en if language == "en" else None
    spoken = language if translated else "id"
    return Line(translated or item.text, item.status, spoken, number, item.source, item.note)


def _times(office: Office, language: str) -> tuple[Group, ...]:
    phrases = STANDARD_PHRASES[language]
    told = (
        (phrases.ways["in_person"], waiting(office, language), office.visit.status),
        (phrases.ways["online"], answering(office, language), office.sla.status),
        (phrases.closing, closing(office, language), office.autoclose.status),
    )
    return tuple(Group(heading, (Line(text, status, language),)) for heading, text, status in told if text)


def _products(office: Office, language: str) -> Iterator[Line]:
    """Consultations by what they are about, and the services they may lead to."""
    phrases = STANDARD_PHRASES[language]
    about = [phrases.products.get(key, key) for key in office.products if key != "konsultasi"]
    if "konsultasi" in office.products:
        yield Line(phrases.consulting, Status.STATED, language)
    if about:
        yield Line(phrases.informing.format(products="/".join(about)), Status.STATED, language)
    for service in office.next_services:
        named = phrases.services.get(service, service.replace("_", " "))
        yield Line(phrases.next_service.format(service=named), Status.STATED, language)


def _complaints(office: Office, language: str) -> Iterator[Line]:
    """Every way to complain that the standard names, the desk's own number too."""
    for kind in wording.COMPLAINT_CHANNELS:
        if where := getattr(office.complaints, kind):
            label, place = PHRASES[language].channels[kind], wording.place_of(kind, where)
            told = "" if wording.is_named(kind, where, label) else label
            yield Line(place, Status.STATED, "id", label=told, href=wording.address_of(kind, where))


def ways(office: Office, language: str) -> tuple[Way, ...]:
    """How the office is reached, and what each way is open for; what has no address yet is left out."""
    phrases = STANDARD_PHRASES[language]
    told = (
        Way(PHRASES[language].channels[kind], wording.place_of(kind, where), wording.address_of(kind, where),
            phrases.open_for.get(kind) or phrases.open_for[office.mode(kind).value])
        for kind, where in _places(office)
    )  # fmt: skip
    return tuple(told)


def _places(office: Office) -> Iterator[tuple[str, str]]:
    """Each open way with where it is: only its own addresses, for they are what the desk listens to."""
    taking = (Mode.CONSULT, Mode.COMPLAINT_ONLY)
    if office.mode("whatsapp") in taking:
        yield from (("whatsapp", number) for number in office.senders.whatsapp)
    if office.mode("email") in taking:
        yield from (("email", address) for address in office.senders.email)
    if office.mode("portal") in (Mode.CONSULT, Mode.LINK_ONLY):
        yield "portal", office.portal.url
    if office.mode("visit") in (Mode.CONSULT, Mode.LINK_ONLY) and (place := wording.visiting_place(office)):
        yield "visit", place


def letterhead(office: Office, language: str) -> tuple[Way, ...]:
    """What stands below the office's name: telephone, website, e-mail."""
    labels = PHRASES[language].channels
    told = (("phone", office.phone), ("website", office.website), ("email", office.email))
    return tuple(
        Way(labels.get(kind, labels["web"]), wording.place_of(kind, where), wording.address_of(kind, where))
        for kind, where in told
        if where
    )


def marks(language: str) -> dict[Status, str]:
    """How sure a sentence is, in words."""
    return {**STANDARD_PHRASES[language].marks}
