"""What the desk remembers of one citizen at one office, and what a turn comes to."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Self

from bot.calendar import Pause


class State(StrEnum):
    """The situation a conversation is in."""

    NEW = "new"
    CHOOSING = "choosing"
    REGISTERING = "registering"
    DESCRIBING = "describing"
    SUGGESTING = "suggesting"
    CONFIRMING = "confirming"
    WITH_OFFICERS = "with_officers"
    RATING = "rating"
    COMPLAINING = "complaining"
    CORRECTING = "correcting"
    CLOSED = "closed"


class TicketKind(StrEnum):
    """A consultation, or a complaint (which only supervisors see)."""

    CONSULTATION = "consultation"
    COMPLAINT = "complaint"


class Outcome(StrEnum):
    """Where a citizen's message ended up. Every message has exactly one."""

    TICKET = "ticket"
    PROFILE = "profile"
    RATING = "rating"
    COMPLAINT = "complaint"
    ANSWERED = "answered"
    FILED = "filed"
    AFTER_OPT_OUT = "after_opt_out"


OWING = frozenset({Outcome.TICKET, Outcome.AFTER_OPT_OUT, Outcome.COMPLAINT})
"""Where words end that an officer owes an answer to."""


class CloseReason(StrEnum):
    """Why a ticket was closed."""

    OFFICER = "officer"
    SILENCE = "silence"


class Refusal(StrEnum):
    """Why an officer's act can't be done. The officer keeps the text and is told in words."""

    CLOSED = "closed"
    OPTED_OUT = "opted_out"
    BLOCKED = "blocked"
    ANOTHER_OPEN = "another_open"
    WRITING_NEW = "writing_new"
    ALREADY = "already"
    MERGED = "merged"
    NO_WAY = "no_way"
    NOT_FORWARDED = "not_forwarded"
    NO_OFFICE = "no_office"


@dataclass(frozen=True, slots=True)
class Profile:
    """What a citizen has told about themselves, per office. Empty means not asked or not told."""

    name: str = ""
    institution_category: str = ""
    main_use: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """A request in the citizen's own words, and the four things that make it clear and complete."""

    text: str = ""
    what: str = ""
    area: str = ""
    years: str = ""
    use: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """The names of what was not told yet, in the order they are asked."""
        return tuple(name for name in ("what", "area", "years", "use") if not getattr(self, name))


@dataclass(frozen=True, slots=True)
class Clock:
    """The promise of a ticket: since when it counts, and when it ends; None while it does not count.

    *pauses*: when the citizen was asked back and answered. *answered*: the promise was kept or missed, and
    is over.
    """

    since: datetime | None = None
    due_at: datetime | None = None
    pauses: tuple[Pause, ...] = ()
    answered: bool = False

    @property
    def runs(self) -> bool:
        """Whether the office still owes a promised answer, be it that the citizen is asked back."""
        return self.since is not None and not self.answered

    @property
    def paused(self) -> bool:
        """Whether the citizen was asked back and has not answered."""
        return bool(self.pauses) and self.pauses[-1][1] is None


@dataclass(frozen=True, slots=True)
class Ticket:
    """What ``decide`` sees of an open ticket.

    ``silent_since``: the office's message that the citizen has not answered yet.
    """

    id: int
    reference: str
    kind: TicketKind = TicketKind.CONSULTATION
    clear: bool = False
    waiting_for_citizen: bool = False
    claimed: bool = False
    clock: Clock = field(default_factory=Clock)
    silent_since: datetime | None = None


class Conversation(NamedTuple):
    """One citizen's thread with one office on one sender.

    A tuple with names, because a turn changes it some ten times: to make a frozen dataclass of so many fields
    takes ten times as long.

    ``asking`` is the registration field or detail now being asked (kept while a complaint comes between,
    which is how the way back to the request is found); ``correcting`` the field of the profile being
    changed; ``misses`` counts answers not understood in a row; ``draft`` is a request not yet opened as a
    ticket; ``complaint_draft`` a complaint not yet filed; ``turned_away``
    words that were sent elsewhere and may be insisted on; ``focus`` the kind of ticket an officer spoke on
    last; ``last_closed`` the ticket closed last, which a rating or a thank-you belongs to;
    ``proving_until`` until when a mailed code may be typed here, and ``codes_wrong`` how many were not
    right since ``codes_since``; ``searches`` how often was searched for this draft; ``called`` that the
    citizen was told of an answer that waits for their word; ``mailed_to`` where answers went that could not
    leave here, and ``mailed_about`` on which ticket, until they hear of it;
    ``erasure_asked_at`` when they were asked whether they really want to be erased.
    """

    state: State = State.NEW
    language: str = "id"
    profile: Profile = Profile()
    draft: Request = Request()
    complaint_draft: str = ""
    turned_away: str = ""
    asking: str = ""
    correcting: str = ""
    misses: int = 0
    ticket: Ticket | None = None
    complaint: Ticket | None = None
    focus: TicketKind = TicketKind.CONSULTATION
    complaint_offered_for: int | None = None
    last_closed: int | None = None
    closed_at: datetime | None = None
    last_inbound_at: datetime | None = None
    opted_out: bool = False
    opt_out_told_at: datetime | None = None
    blocked: bool = False
    spoken_since: datetime | None = None
    spoken: int = 0
    proving_until: datetime | None = None
    codes_wrong: int = 0
    codes_since: datetime | None = None
    searches: int = 0
    called: bool = False
    mailed_to: str = ""
    mailed_about: str = ""
    erasure_asked_at: datetime | None = None

    def but(self, **changes: object) -> Self:
        """The same conversation with some fields changed; itself, where they are what they were."""
        changed = self._replace(**changes)  # type: ignore[arg-type]  # it checks the names itself
        return self if changed == self else changed

    @property
    def current(self) -> Ticket | None:
        """The open ticket that the citizen's next words belong to."""
        if self.focus is TicketKind.COMPLAINT and self.complaint:
            return self.complaint
        return self.ticket or self.complaint

    @property
    def spoken_of(self) -> Ticket | None:
        """The ticket that our next words are about: while a mark is waited for, no complaint beside it."""
        return None if self.state is State.RATING else self.current
