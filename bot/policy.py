"""What an office promises and how its desk behaves, as typed values.

These dataclasses are also the shape of one office in ``config.yaml``: ``handlers.settings``
builds them straight from the file, so a rule has one name from the page to the code.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Literal

from bot.calendar import WorkingCalendar

# What leaves in the last minutes of a window may arrive after it.
_MARGIN = timedelta(minutes=5)


class Mode(StrEnum):
    """What a channel of an office is open for."""

    OFF = "off"
    COMPLAINT_ONLY = "complaint_only"
    CONSULT = "consult"
    LINK_ONLY = "link_only"


class Status(StrEnum):
    """How sure a rule is. Only what is not ``assumed`` is ever spoken as a promise."""

    STATED = "stated"
    RESTORED = "restored"
    ASSUMED = "assumed"
    CONFIRMED = "confirmed"


class Field(StrEnum):
    """What registration may ask a citizen."""

    NAME = "name"
    INSTITUTION_CATEGORY = "institution_category"
    MAIN_USE = "main_use"
    EMAIL = "email"


VisitStep = Literal["front_desk", "guest_book", "queue", "wait", "consult"]
"""What a visitor passes on the way to an officer."""


class _Shape:
    """Unknown keys are refused when the value is read from a file."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class Hours(_Shape):
    """Service hours by weekday, each a list of ``HH:MM-HH:MM`` spans in the office's own zone."""

    status: Status = Status.ASSUMED
    mon: tuple[str, ...] = ()
    tue: tuple[str, ...] = ()
    wed: tuple[str, ...] = ()
    thu: tuple[str, ...] = ()
    fri: tuple[str, ...] = ()
    sat: tuple[str, ...] = ()
    sun: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sla(_Shape):
    """*days* working days, counted from *starts*. Officers are warned *warn_days_before* the end."""

    days: int = 3
    starts: Literal["clear_and_complete", "received"] = "clear_and_complete"
    pause_while_waiting_citizen: bool = True
    after_hours_counts_as: Literal["same_day", "next_working_day"] = "same_day"
    warn_days_before: int = 1
    status: Status = Status.STATED


@dataclass(frozen=True, slots=True)
class AutoClose(_Shape):
    """Closing after the citizen's silence, counted from the office's last message.

    *by* an officer means that the ticket is put on a list for a click. *roll_to_working_day*: calendar days
    that end on a free day end with the next working day.
    """

    mode: Literal["none", "calendar_days", "working_days"] = "none"
    days: int = 0
    by: Literal["officer", "system"] = "officer"
    warn_days_before: int = 1
    roll_to_working_day: bool = False
    status: Status = Status.STATED


@dataclass(frozen=True, slots=True)
class CalendarRule(_Shape):
    """Whether the office serves on collective leave (*cuti bersama*), as units for the public may (SKB)."""

    open_on_collective_leave: bool = False


@dataclass(frozen=True, slots=True)
class Topic(_Shape):
    """A subject that officers specialise in, recognised in a request by any of *words*."""

    name: Mapping[str, str]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Routing(_Shape):
    """Who gets a new ticket: nobody by itself, whose turn it is, or who has the least to do.

    Nobody is given more than *cap* tickets that wait for the office (0: no limit). What nobody has taken
    after *escalate_after_hours* hours of service is told to the supervisors (0: never).
    """

    assign: Literal["none", "turns", "load"] = "none"
    cap: int = 0
    escalate_after_hours: int = 4
    topics: Mapping[str, Topic] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ContactRule(_Shape):
    """Whether a WhatsApp address is enough or an e-mail address is needed too."""

    rule: Literal["email_or_whatsapp", "email_required"] = "email_or_whatsapp"


@dataclass(frozen=True, slots=True)
class Registration(_Shape):
    """The channels on which registration is asked, and which fields."""

    required_on: tuple[str, ...] = ()
    fields: tuple[Field, ...] = (Field.NAME, Field.INSTITUTION_CATEGORY, Field.MAIN_USE)


@dataclass(frozen=True, slots=True)
class SearchFirst(_Shape):
    """Whether the desk searches published material before it opens a ticket.

    *domains* are what it looks in, by BPS code, best first; none named: the office's own, its province's and
    the whole country's.
    """

    enabled: bool = False
    domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RatingRule(_Shape):
    """The question after closing, from 1 to *scale*, repeated once after *remind_after_hours* (0: never).

    *survey*: who has rated is offered the nine questions of the satisfaction survey.
    """

    scale: Literal[4] = 4
    offer_complaint: bool = True
    remind_after_hours: int = 20
    survey: bool = True


@dataclass(frozen=True, slots=True)
class Senders(_Shape):
    """The numbers and mailboxes that belong to this office and to no other."""

    whatsapp: tuple[str, ...] = ()
    email: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Visit(_Shape):
    """Counter visits: stated on the standard page, not run by the desk."""

    wait_minutes: int = 10
    status: Status = Status.STATED
    guest_book: Literal["electronic", "any"] = "electronic"
    id_card: Literal["required", "not_required"] = "not_required"
    order: tuple[VisitStep, ...] = ("front_desk", "guest_book", "queue", "consult")
    place_name: str | None = None
    ask_purpose: bool = False


@dataclass(frozen=True, slots=True)
class Cost(_Shape):
    """What the service costs, in the office's words."""

    text: str = "Tidak dipungut biaya"


@dataclass(frozen=True, slots=True)
class ComplaintDeadlines(_Shape):
    """How soon a complaint is treated: ``14 working_day`` or ``60 calendar`` each; None where none is set."""

    acknowledge: str | None = "1 working_day"
    completeness: str | None = "14 calendar"
    answer_simple: str | None = "5 working_day"
    answer: str | None = "14 working_day"
    decide_max: str | None = "60 calendar"
    status: Status = Status.ASSUMED


@dataclass(frozen=True, slots=True)
class Complaints(_Shape):
    """The office's other ways to complain, told in every complaint receipt, and its deadlines for its own."""

    box: str | None = None
    web: str | None = None
    email: str | None = None
    phone: str | None = None
    whatsapp: str | None = None
    facebook: str | None = None
    instagram: str | None = None
    deadlines: ComplaintDeadlines = field(default_factory=ComplaintDeadlines)


@dataclass(frozen=True, slots=True)
class Portal(_Shape):
    """Where the office sends people whose channel is not open for consultation."""

    name: str = "pst.bps.go.id"
    url: str = "https://pst.bps.go.id"


@dataclass(frozen=True, slots=True)
class Item(_Shape):
    """One sentence of a published standard, in its own Indonesian words; *en* only translates it.

    *source* is how the document spells what had to be mended, *note* why it stands here otherwise.
    """

    text: str
    en: str | None = None
    status: Status = Status.STATED
    source: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class BothWays(_Shape):
    """What holds in person and what online.

    *continuous*: the second list goes on with the numbers of the first.
    """

    in_person: tuple[Item, ...] = ()
    online: tuple[Item, ...] = ()
    continuous: bool = True


@dataclass(frozen=True, slots=True)
class Standard(_Shape):
    """The service standard as the office published it, where no other rule of the office says it already.

    The components are those of PermenPANRB 15/2014; times, cost, products and complaints are rules of the
    office. *questions* are what only the office can tell; they promise nothing. *headline* is the one number
    that stands above the document, kept and never counted with.
    """

    title: Item = Item("Pelayanan Konsultasi Statistik", "Statistical Consultation Service")
    issuer: str | None = None
    headline: str | None = None
    requirements: BothWays = field(default_factory=BothWays)
    procedure: BothWays = field(default_factory=BothWays)
    legal_basis: tuple[Item, ...] = ()
    facilities: tuple[Item, ...] = ()
    competence: tuple[Item, ...] = ()
    supervision: tuple[Item, ...] = ()
    staff: tuple[Item, ...] = ()
    service_guarantee: tuple[Item, ...] = ()
    safety_guarantee: tuple[Item, ...] = ()
    evaluation: tuple[Item, ...] = ()
    questions: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Privacy(_Shape):
    """Who answers for personal data."""

    contact: str | None = None


@dataclass(frozen=True, slots=True)
class Limits(_Shape):
    """What one citizen may cost in one hour. Messages beyond it are kept, just not answered."""

    answers_per_hour: int = 40


@dataclass(frozen=True, slots=True)
class Office(_Shape):
    """One office: a block in ``config.yaml``, never a line of code."""

    code: str
    short_name: str
    name: Mapping[str, str]
    timezone: str
    decree: str | None = None
    address: str | None = None
    phone: str | None = None
    website: str | None = None
    email: str | None = None
    languages: tuple[str, ...] = ("id", "en")
    modes: Mapping[str, Mode] = field(default_factory=dict)
    senders: Senders = field(default_factory=Senders)
    hours: Hours = field(default_factory=Hours)
    contact: ContactRule = field(default_factory=ContactRule)
    registration: Registration = field(default_factory=Registration)
    sla: Sla = field(default_factory=Sla)
    autoclose: AutoClose = field(default_factory=AutoClose)
    calendar: CalendarRule = field(default_factory=CalendarRule)
    routing: Routing = field(default_factory=Routing)
    reopen_days: int = 7
    after_closing: Literal["new_ticket", "reopen"] = "new_ticket"
    abandon_after_days: int = 3
    search_first: SearchFirst = field(default_factory=SearchFirst)
    rating: RatingRule = field(default_factory=RatingRule)
    neighbours: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    products: tuple[str, ...] = ()
    next_services: tuple[str, ...] = ()
    visit: Visit = field(default_factory=Visit)
    cost: Cost = field(default_factory=Cost)
    complaints: Complaints = field(default_factory=Complaints)
    portal: Portal = field(default_factory=Portal)
    standard: Standard = field(default_factory=Standard)
    privacy: Privacy = field(default_factory=Privacy)
    limits: Limits = field(default_factory=Limits)
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def domains(self) -> tuple[str, ...]:
        """The BPS codes whose publications are looked in, the office's own answers always among them."""
        named = self.search_first.domains or (f"{self.code[:2]}00", "0000")
        return tuple(dict.fromkeys((self.code, *named)))

    def mode(self, channel: str) -> Mode:
        """What *channel* is open for; a channel that is not named is off."""
        return self.modes.get(channel, Mode.OFF)

    def fields_to_register(self, channel: str) -> tuple[Field, ...]:
        """The fields a citizen is asked on *channel*, in order; empty where none is required."""
        if channel not in self.registration.required_on:
            return ()
        wanted = self.registration.fields
        if self.contact.rule == "email_required" and Field.EMAIL not in wanted:
            return (*wanted, Field.EMAIL)
        return wanted


@dataclass(frozen=True, slots=True)
class Manners:
    """How a channel wants to be spoken on: data, so that the core knows no channel by name."""

    channel: str
    interactive: bool
    max_length: int
    supports_choices: bool
    window: timedelta | None

    @property
    def open_for(self) -> timedelta | None:
        """How long after the citizen's last message free text may leave; None for always."""
        return None if self.window is None else self.window - _MARGIN

    def shuts_at(self, last_inbound_at: datetime | None) -> datetime | None:
        """Until when free text may leave; None for always, and where the citizen has never written."""
        if self.open_for is None or last_inbound_at is None:
            return None
        return last_inbound_at + self.open_for

    def take_free_text(self, last_inbound_at: datetime | None, now: datetime) -> bool:
        """Whether free text may leave now: always, or for the window after the citizen's last message."""
        if self.open_for is None:
            return True
        return last_inbound_at is not None and now - last_inbound_at < self.open_for


@dataclass(frozen=True, slots=True)
class Desk:
    """What ``decide`` may know besides the conversation: the office, the channel's manners, working days."""

    office: Office
    manners: Manners
    calendar: WorkingCalendar

    @property
    def mode(self) -> Mode:
        """What this channel of this office is open for."""
        return self.office.mode(self.manners.channel)
