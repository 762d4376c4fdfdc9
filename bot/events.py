"""What has happened, in the past tense. ``decide`` is given exactly one at a time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from bot.conversation import Clock, TicketKind


class Content(StrEnum):
    """What a citizen's message consists of."""

    TEXT = "text"
    VOICE = "voice"
    IMAGE = "image"
    STICKER = "sticker"
    VIDEO = "video"
    DOCUMENT = "document"
    LOCATION = "location"
    CONTACT = "contact"
    EMPTY = "empty"


class TimerKind(StrEnum):
    """The deadlines a conversation may own, at most one of each."""

    ABANDON = "abandon"
    RATING_END = "rating_end"
    RATING_REMIND = "rating_remind"
    IDLE_WARN = "idle_warn"
    IDLE_CLOSE = "idle_close"
    DUE = "due"
    UNCLAIMED = "unclaimed"


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """A citizen wrote. *text* may be empty; *choice* is the id behind a tapped button or list row.

    *current* is false where the tapped one stands below an older message than the last that offered any, and
    for what was written before the last thing that it could be about: a question, or the wish for silence.
    *subject* is a letter's, without "Re:" and ticket number; *whole* is the letter with all that it quotes,
    for lines of ours may have been filled in there. *unreadable*: nobody here can read what it says.
    *answerable* is false where nothing must be answered automatically: a sender nobody reads, or another desk
    like this one. *vouched* is false where nothing but the sender's own word says who wrote: they can ask,
    but not silence the desk for somebody. *letter_at*: of when the letter of ours is that this is the first
    answer to; None where that is unknown, or was not asked. *wrote_at*: when they wrote, where that may be
    earlier than the turn. *ended_complaint*: the complaint, closed since, about which we had said what this
    answers.
    """

    text: str
    content: Content = Content.TEXT
    choice: str | None = None
    subject: str = ""
    whole: str = ""
    answerable: bool = True
    vouched: bool = True
    current: bool = True
    wrote_at: datetime | None = None
    letter_at: datetime | None = None
    unreadable: bool = False
    ended_complaint: int | None = None


@dataclass(frozen=True, slots=True)
class OfficerReplied:
    """An officer pressed send on *ticket_id*; *asks_back* marks a question, not an answer."""

    ticket_id: int
    asks_back: bool = False


@dataclass(frozen=True, slots=True)
class OfficeMessageSent:
    """A message of an officer on *ticket_id* has really left: the citizen's silence counts from here."""

    ticket_id: int


@dataclass(frozen=True, slots=True)
class CitizenCalled:
    """An answer waits for the citizen's word, and they were told so: that word may say nothing else."""


@dataclass(frozen=True, slots=True)
class AnswersMailed:
    """Answers on *ticket_id* that could not leave here went by mail to *to*, of which only a part is shown.

    *to* is empty once that mail has come back: they wait here again.
    """

    ticket_id: int
    reference: str
    to: str = ""


@dataclass(frozen=True, slots=True)
class ErasureBegins:
    """This person is erased within the hour, as they have asked: what they hear now is the last."""


@dataclass(frozen=True, slots=True)
class OfficerMarkedClear:
    """An officer declared the request of *ticket_id* clear and complete."""

    ticket_id: int


@dataclass(frozen=True, slots=True)
class OfficerClosed:
    """An officer closed *ticket_id*; *for_silence*: because its citizen does not answer."""

    ticket_id: int
    for_silence: bool = False


@dataclass(frozen=True, slots=True)
class OfficerReopened:
    """An officer reopened *ticket_id* of *kind*; *clock*: its promise as it was closed with."""

    ticket_id: int
    kind: TicketKind
    clock: Clock = field(default_factory=Clock)


@dataclass(frozen=True, slots=True)
class OfficerForwarded:
    """An officer passed *ticket_id* on to *office*, of this installation, called *name* by language."""

    ticket_id: int
    office: str
    name: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CalendarChanged:
    """The office's working days are others now: what was counted with them is counted anew.

    *standing*: the deadlines of the conversation that are still to come, for who was told already is not
    told again.
    """

    standing: Mapping[TimerKind, datetime]


@dataclass(frozen=True, slots=True)
class RatingSent:
    """The citizen has sent the page of the rating question about *ticket_id*; to open it is no event."""

    ticket_id: int
    score: int
    comment: str = ""


@dataclass(frozen=True, slots=True)
class TimerDue:
    """A deadline of this conversation has come."""

    kind: TimerKind


@dataclass(frozen=True, slots=True)
class FoundTicket:
    """One line of a citizen's own list."""

    reference: str
    open: bool
    answered: bool


@dataclass(frozen=True, slots=True)
class TicketsFound:
    """The answer to ``LookUpTickets``, newest first."""

    tickets: tuple[FoundTicket, ...]


@dataclass(frozen=True, slots=True)
class CodeMailed:
    """The answer to ``MailCode``: whether a code is on its way to *email*."""

    email: str
    sent: bool


@dataclass(frozen=True, slots=True)
class Found:
    """Something published that may be what was looked for; *summary* only where it tells the answer."""

    title: str
    kind: str
    link: str
    released_on: date | None = None
    summary: str = ""


@dataclass(frozen=True, slots=True)
class SearchFinished:
    """The answer to ``Search``: the best few first. *failed*: the catalogue could not be asked."""

    query: str
    found: tuple[Found, ...] = ()
    failed: bool = False


class CodeResult(StrEnum):
    """What became of a code that was typed. A dead one was used, is too old, or was guessed at too often."""

    PROVED = "proved"
    WRONG = "wrong"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class CodeChecked:
    """The answer to ``CheckCode``; *email* is the address that is proved now."""

    result: CodeResult
    email: str = ""


Event = (
    MessageReceived
    | OfficerReplied
    | OfficeMessageSent
    | CitizenCalled
    | AnswersMailed
    | ErasureBegins
    | OfficerMarkedClear
    | OfficerClosed
    | OfficerReopened
    | OfficerForwarded
    | CalendarChanged
    | RatingSent
    | TimerDue
    | TicketsFound
    | CodeMailed
    | CodeChecked
    | SearchFinished
)
