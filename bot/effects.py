"""What shall happen, in the imperative. Each is a row to write or a question to the shell; none sends."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.conversation import Clock, CloseReason, Conversation, Outcome, Profile, Refusal, Request, TicketKind
from bot.events import TimerKind
from bot.texts import Text


class Reminder(StrEnum):
    """What officers are told about a ticket by the clock."""

    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    UNCLAIMED = "unclaimed"


@dataclass(frozen=True, slots=True)
class Say:
    """Queue the sentence *text*. All sentences of one turn leave as one message.

    A value is a word to print, another sentence's key, a tuple of words, or a moment, which is put into
    words on the office's clock; the renderer adds the office, the promise and the references.
    """

    text: Text
    values: Mapping[str, str | int | datetime | tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """Open a ticket with the next number of its series.

    *linked_to* is the ticket closed before it; *confirmed* is false when the citizen did not
    look the request over (asked for a human, or fell silent).
    """

    kind: TicketKind
    request: Request
    confirmed: bool
    linked_to: int | None = None


@dataclass(frozen=True, slots=True)
class CloseTicket:
    """Close *ticket_id* for *reason*."""

    ticket_id: int
    reason: CloseReason


@dataclass(frozen=True, slots=True)
class ReopenTicket:
    """Open *ticket_id* again. *anew*: the citizen asks on, so that the promise is given once more."""

    ticket_id: int
    anew: bool = False


@dataclass(frozen=True, slots=True)
class MarkClear:
    """Record the moment from which the request of *ticket_id* is clear and complete."""

    ticket_id: int


@dataclass(frozen=True, slots=True)
class KeepClock:
    """Keep the promise's *clock* of *ticket_id*; without one, of the ticket that this turn opens.

    *moved*: it is another one because the calendar has changed, which stands in the log.
    """

    ticket_id: int | None
    clock: Clock
    moved: bool = False


@dataclass(frozen=True, slots=True)
class BeginSilence:
    """The citizen's silence on *ticket_id* counts from now; *anew*: it did before, be it elsewhere."""

    ticket_id: int
    anew: bool = False


@dataclass(frozen=True, slots=True)
class EndSilence:
    """The citizen has written, be it about something else: *ticket_id* must not be closed for silence."""

    ticket_id: int


@dataclass(frozen=True, slots=True)
class MarkClosable:
    """*ticket_id* may be closed for the citizen's silence: an officer's click is enough."""

    ticket_id: int


@dataclass(frozen=True, slots=True)
class TellOfficers:
    """Tell the officer of *ticket_id*, or who may take it, and supervisors where it is late."""

    ticket_id: int
    what: Reminder


@dataclass(frozen=True, slots=True)
class ForwardTicket:
    """*office* works on *ticket_id* from now on; its number and its promise stay."""

    ticket_id: int
    office: str


@dataclass(frozen=True, slots=True)
class CompleteRequest:
    """Add what the citizen told later to the request of *ticket_id*: empty parts leave what was there."""

    ticket_id: int
    request: Request


@dataclass(frozen=True, slots=True)
class RelayReply:
    """Queue the officer's text to the citizen; *answers* is false for a question back."""

    ticket_id: int
    answers: bool


@dataclass(frozen=True, slots=True)
class AskRating:
    """Remember that the rating question for *ticket_id* was put, once per closing; *again*: the reminder."""

    ticket_id: int
    again: bool = False


@dataclass(frozen=True, slots=True)
class RecordRating:
    """Keep *score* (1 to 4) for *ticket_id*; an empty *comment* leaves an earlier one alone.

    *page*: it was given on the page behind the link.
    """

    ticket_id: int
    score: int | None
    comment: str = ""
    page: bool = False


@dataclass(frozen=True, slots=True)
class SaveProfile:
    """Keep what the citizen told about themselves."""

    profile: Profile


@dataclass(frozen=True, slots=True)
class SetTimer:
    """Let ``TimerDue(kind)`` happen at *due_at*; an earlier timer of that kind is replaced."""

    kind: TimerKind
    due_at: datetime


@dataclass(frozen=True, slots=True)
class MoveTimer:
    """Let the timer of this kind be due at *due_at*, if it is still set."""

    kind: TimerKind
    due_at: datetime


@dataclass(frozen=True, slots=True)
class ClearTimers:
    """Forget these deadlines."""

    kinds: tuple[TimerKind, ...]


@dataclass(frozen=True, slots=True)
class NoteEvent:
    """Leave a row in the ticket's log: something was offered, skipped or asked.

    Without *ticket_id* it is the ticket that this turn opens.
    """

    ticket_id: int | None
    what: str


@dataclass(frozen=True, slots=True)
class ReleaseHeld:
    """The citizen has written again: let waiting answers go."""


@dataclass(frozen=True, slots=True)
class CancelUnsent:
    """The citizen wants no more messages: what has not left yet does not leave."""


@dataclass(frozen=True, slots=True)
class LookUpTickets:
    """A question to the shell: this citizen's own tickets; answered by ``TicketsFound``."""


@dataclass(frozen=True, slots=True)
class MailCode:
    """A question to the shell: let a code leave to *email*, if that may be; answered by ``CodeMailed``."""

    email: str


@dataclass(frozen=True, slots=True)
class CheckCode:
    """A question to the shell: is this the code that was mailed? Answered by ``CodeChecked``."""

    code: str


@dataclass(frozen=True, slots=True)
class RequestCopy:
    """Record that they want a copy of their data, which is theirs at once behind a link."""


@dataclass(frozen=True, slots=True)
class RequestErasure:
    """Record that they want to be erased."""


@dataclass(frozen=True, slots=True)
class WithdrawErasure:
    """They want to stay after all: what was recorded and not done is dropped."""


@dataclass(frozen=True, slots=True)
class Search:
    """A question to the shell: what is published about *query*? Answered by ``SearchFinished``."""

    query: str


@dataclass(frozen=True, slots=True)
class NoteSearch:
    """Keep that *query* was searched; *found* is how much was, None where the search failed."""

    query: str
    found: int | None


@dataclass(frozen=True, slots=True)
class SettleSearch:
    """What was found last was an answer, or it was not."""

    answered: bool


Effect = (
    Say
    | OpenTicket
    | CloseTicket
    | ReopenTicket
    | MarkClear
    | KeepClock
    | BeginSilence
    | EndSilence
    | MarkClosable
    | TellOfficers
    | ForwardTicket
    | CompleteRequest
    | RelayReply
    | AskRating
    | RecordRating
    | SaveProfile
    | SetTimer
    | MoveTimer
    | ClearTimers
    | NoteEvent
    | ReleaseHeld
    | CancelUnsent
    | LookUpTickets
    | MailCode
    | CheckCode
    | RequestCopy
    | RequestErasure
    | WithdrawErasure
    | Search
    | NoteSearch
    | SettleSearch
)


@dataclass(frozen=True, slots=True)
class Decision:
    """A turn: the conversation afterwards, what to do, where the citizen's message ended,
    and, when an officer's act can't be done, why (the officer keeps the text).

    ``outcome`` is set for every ``MessageReceived``; the answer to a question may change it. ``about`` is the
    ticket the message belongs to, when it is older than this turn; a ticket opened in the turn claims it by
    itself.
    """

    conversation: Conversation
    effects: tuple[Effect, ...] = ()
    outcome: Outcome | None = None
    about: int | None = None
    refusal: Refusal | None = None
