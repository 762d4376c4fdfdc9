"""A desk without a database: what the shell does with the effects of ``decide``, in memory."""

from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta

from bot.conversation import Conversation, Outcome, Request, State, Ticket, TicketKind
from bot.effects import (
    BeginSilence,
    CheckCode,
    ClearTimers,
    CloseTicket,
    CompleteRequest,
    Decision,
    Effect,
    EndSilence,
    ForwardTicket,
    KeepClock,
    LookUpTickets,
    MailCode,
    MarkClear,
    MarkClosable,
    MoveTimer,
    NoteEvent,
    NoteSearch,
    OpenTicket,
    RecordRating,
    RelayReply,
    ReleaseHeld,
    Reminder,
    ReopenTicket,
    SaveProfile,
    Say,
    Search,
    SetTimer,
    SettleSearch,
    TellOfficers,
)
from bot.events import (
    CodeChecked,
    CodeMailed,
    CodeResult,
    Content,
    Event,
    Found,
    FoundTicket,
    MessageReceived,
    OfficeMessageSent,
    OfficerClosed,
    OfficerMarkedClear,
    OfficerReplied,
    SearchFinished,
    TicketsFound,
    TimerDue,
    TimerKind,
)
from bot.machine import decide
from bot.policy import Desk
from bot.texts import Text
from tests.bot.offices import (
    ABOUT,
    ASK,
    BY_MAIL,
    BY_OFFICER,
    CALENDAR,
    COMPLAINT_ONLY,
    CONSULTING,
    DESKS,
    IN_WORKING_DAYS,
    LINK_ONLY,
    MAIL,
    MAILBOX,
    NAME_ONLY,
    OFF,
    PLAIN,
    REGISTERING,
    REGISTERING_BY_MAIL,
    SEARCHING,
    SELF_CLOSING,
    START,
    WHATSAPP,
    WITH_MAILBOX,
    by_mail,
    desk,
    in_mode,
    office,
)

__all__ = [
    "ABOUT", "ASK", "BY_MAIL", "BY_OFFICER", "CALENDAR", "COMPLAINT_ONLY", "CONSULTING", "DESKS",
    "IN_WORKING_DAYS", "LINK_ONLY", "MAIL", "MAILBOX", "NAME_ONLY", "OFF", "PLAIN", "REGISTERING",
    "REGISTERING_BY_MAIL", "RESULTS", "SEARCHING", "SELF_CLOSING", "START", "WHATSAPP", "WITH_MAILBOX",
    "WROTE", "Filed", "Shell", "after", "by_mail", "complaint_filed", "desk", "in_mode", "office", "rating",
    "requests", "thread", "with_officer"
]  # fmt: skip
# Where a citizen's words end that an officer owes an answer to.
WROTE = (Outcome.TICKET, Outcome.AFTER_OPT_OUT, Outcome.COMPLAINT)
# What a code comes to when it is typed; any other one is wrong.
RESULTS = {
    "482913": CodeResult.PROVED,
    "48291357": CodeResult.PROVED,
    "777777": CodeResult.DEAD,
}


@dataclass
class Filed:
    """A ticket as the shell keeps it."""

    ticket: Ticket
    request: Request
    confirmed: bool
    linked_to: int | None
    open: bool = True
    answered: bool = False
    words: list[str] = field(default_factory=list)


@dataclass
class Shell:
    """One conversation and what became of it. ``says`` are the sentences of the last turn."""

    desk: Desk = PLAIN
    now: datetime = START
    value: Conversation = field(default_factory=Conversation)
    tickets: dict[int, Filed] = field(default_factory=dict)
    timers: dict[TimerKind, datetime] = field(default_factory=dict)
    held: int = 0
    profiles: list[str] = field(default_factory=list)
    ratings: list[RecordRating] = field(default_factory=list)
    says: list[Say] = field(default_factory=list)
    opened: list[int] = field(default_factory=list)
    noted: list[str] = field(default_factory=list)
    closable: list[int] = field(default_factory=list)
    told: list[tuple[int, Reminder]] = field(default_factory=list)
    forwarded: list[tuple[int, str]] = field(default_factory=list)
    mailed: str = ""
    published: tuple[Found, ...] | None = ()
    searched: list[NoteSearch | SettleSearch] = field(default_factory=list)
    results: dict[str, CodeResult] = field(default_factory=lambda: dict(RESULTS))

    def take(self, event: Event) -> Decision:
        """Let *event* happen and write down what follows."""
        self.says, self.opened = [], []
        self._swap_complaint(event)
        decision = decide(self.value, event, self.desk, self.now)
        if not decision.refusal:
            self._write(decision, event)
        return decision

    def hears(self, text: str, content: Content = Content.TEXT, choice: str | None = None) -> Decision:
        """The citizen writes."""
        return self.take(MessageReceived(text, content, choice))

    def mails(
        self,
        text: str,
        subject: str = "",
        content: Content = Content.TEXT,
        *,
        whole: str = "",
        answerable: bool = True,
    ) -> Decision:
        """The citizen writes a letter."""
        return self.take(MessageReceived(text, content, None, subject, whole, answerable))

    def fires(self, kind: TimerKind) -> Decision:
        """The deadline of *kind* comes; it is gone then, unless the turn sets it anew."""
        self.timers.pop(kind, None)
        return self.take(TimerDue(kind))

    def waits(self, **span: float) -> None:
        """Time goes by, and nothing happens in it."""
        self.now += timedelta(**span)

    @property
    def asked(self) -> tuple[str, ...]:
        """What the last turn asked for in a letter."""
        missing = (say.values["missing"] for say in self.says if say.text is Text.ASK_MISSING)
        return tuple(part for parts in missing if isinstance(parts, tuple) for part in parts)

    @property
    def said(self) -> list[Text]:
        """The sentences of the last turn."""
        return [say.text for say in self.says]

    def _swap_complaint(self, event: Event) -> None:
        """An officer's act on an open complaint that is not the latest puts it in its place first."""
        if isinstance(event, OfficerReplied | OfficerClosed | OfficerMarkedClear):
            kept = self.tickets.get(event.ticket_id)
            if kept and kept.open and kept.ticket.kind is TicketKind.COMPLAINT:
                self.value = self.value.but(complaint=kept.ticket)

    def _write(self, decision: Decision, event: Event) -> None:
        before, self.value = self.value, decision.conversation
        for effect in decision.effects:
            self._do(effect)
        if isinstance(event, MessageReceived):
            self._settle(decision, event)
        self._see_tickets(before)

    def _do(self, effect: Effect) -> None:
        match effect:
            case Say():
                self.says.append(effect)
            case OpenTicket():
                self._open(effect)
            case CloseTicket(ticket_id):
                self.tickets[ticket_id].open = False
                self._end_silence(ticket_id)
            case ReopenTicket(ticket_id, anew):
                self._reopen(ticket_id, anew=anew)
            case SetTimer(kind, due_at):
                self.timers[kind] = due_at
            case MoveTimer(kind, due_at):
                self.timers |= {kind: due_at} if kind in self.timers else {}
            case ClearTimers(kinds):
                self.timers = {kind: due for kind, due in self.timers.items() if kind not in kinds}
            case NoteSearch() | SettleSearch():
                self.searched.append(effect)
            case LookUpTickets() | MailCode() | CheckCode() | Search():
                self._ask(effect)
            case _:
                self._keep(effect)

    def _keep(self, effect: Effect) -> None:
        match effect:
            case SaveProfile(profile):
                self.profiles.append(str(profile))
            case RecordRating():
                self.ratings.append(effect)
            case ReleaseHeld():
                self.held = 0
            case CompleteRequest(ticket_id, told):
                self._complete(ticket_id, told)
            case NoteEvent(_, what):
                self.noted.append(what)
            case MarkClear(ticket_id):
                self._change(ticket_id, clear=True)
            case RelayReply(ticket_id, answers):
                kept = self.tickets[ticket_id]
                kept.answered |= answers
                clock = replace(kept.ticket.clock, answered=kept.answered)
                self._change(ticket_id, waiting_for_citizen=True, claimed=True, clock=clock)
                self._end_silence(ticket_id)
                self.held += not self.window_open
            case _:
                self._count(effect)

    def _count(self, effect: Effect) -> None:
        match effect:
            case KeepClock(ticket_id, clock):
                self._change(ticket_id or self.opened[-1], clock=clock)
            case BeginSilence(ticket_id):
                self._end_silence(ticket_id)
                self._change(ticket_id, silent_since=self.now)
            case EndSilence(ticket_id):
                self._end_silence(ticket_id)
            case MarkClosable(ticket_id):
                self.closable.append(ticket_id)
            case TellOfficers(ticket_id, what):
                self.told.append((ticket_id, what))
            case ForwardTicket(ticket_id, office):
                self.forwarded.append((ticket_id, office))

    @property
    def window_open(self) -> bool:
        """Whether the channel takes free text now."""
        last, window = self.value.last_inbound_at, self.desk.manners.window
        return window is None or (last is not None and self.now - last < window)

    def _open(self, effect: OpenTicket) -> None:
        number = len(self.tickets) + 1
        series = "KTB-P" if effect.kind is TicketKind.COMPLAINT else "KTB"
        ticket = Ticket(number, f"{series}-2026-{number:05}", effect.kind)
        self.tickets[number] = Filed(ticket, effect.request, effect.confirmed, effect.linked_to)
        self.opened.append(number)

    def _reopen(self, ticket_id: int, *, anew: bool) -> None:
        kept = self.tickets[ticket_id]
        kept.open = True
        kept.answered = kept.answered and not anew
        self._change(ticket_id, waiting_for_citizen=False)
        self.opened.append(ticket_id)

    def _change(self, ticket_id: int, **changes: object) -> None:
        kept = self.tickets[ticket_id]
        kept.ticket = replace(kept.ticket, **changes)  # type: ignore[arg-type]  # replace() checks the names

    def _complete(self, ticket_id: int, told: Request) -> None:
        kept = self.tickets[ticket_id]
        kept.request = replace(kept.request, **{key: part for key, part in asdict(told).items() if part})

    def _settle(self, decision: Decision, event: MessageReceived) -> None:
        """The words belong to the ticket opened with them, else to the older one they are about."""
        mine = next(iter(self.opened), None) or decision.about
        if mine is not None:
            self.tickets[mine].words.append(event.text)
            if decision.outcome in WROTE and mine not in self.opened:
                self._change(mine, waiting_for_citizen=False)
                self._end_silence(mine)

    def _end_silence(self, ticket_id: int) -> None:
        self._change(ticket_id, silent_since=None)
        self.closable = [each for each in self.closable if each != ticket_id]

    def _ask(self, question: LookUpTickets | MailCode | CheckCode | Search) -> None:
        answered = decide(self.value, self._know(question), self.desk, self.now)
        self.value = answered.conversation
        for effect in answered.effects:
            self._do(effect)

    def _know(self, question: LookUpTickets | MailCode | CheckCode | Search) -> Event:
        match question:
            case Search(query):
                return SearchFinished(query, self.published or (), failed=self.published is None)
            case MailCode(email):
                self.mailed = email
                return CodeMailed(email, sent=True)
            case CheckCode(code):
                result = self.results.get(code, CodeResult.WRONG)
                return CodeChecked(result, self.mailed)
        mine = (kept for kept in reversed(self.tickets.values()))
        return TicketsFound(
            tuple(FoundTicket(kept.ticket.reference, kept.open, kept.answered) for kept in mine)
        )

    def _see_tickets(self, before: Conversation) -> None:
        """The open tickets that the next turn sees: those before, and what was opened or closed since."""
        seen = [
            before.ticket.id if before.ticket else None,
            before.complaint.id if before.complaint else None,
        ]
        current = {
            kept.ticket.kind: kept.ticket
            for kept in (self.tickets[number] for number in [*seen, *self.opened] if number)
            if kept.open
        }
        self.value = self.value.but(
            ticket=current.get(TicketKind.CONSULTATION), complaint=current.get(TicketKind.COMPLAINT)
        )


def after(*texts: str, desk: Desk = PLAIN) -> Shell:
    """A conversation in which the citizen has written *texts*."""
    shell = Shell(desk)
    for text in texts:
        shell.hears(text)
    return shell


def thread(*letters: str, desk: Desk = BY_MAIL) -> Shell:
    """A thread in which the citizen has written *letters*."""
    shell = Shell(desk)
    for letter in letters:
        shell.mails(letter)
    return shell


def with_officer(*, answered: bool = True, desk: Desk = PLAIN) -> Shell:
    """A consultation, number 1, that an officer has answered."""
    shell = after(ASK, "1", desk=desk)
    if answered:
        shell.take(OfficerReplied(1))
        shell.take(OfficeMessageSent(1))
    return shell


def rating() -> Shell:
    """A consultation, number 1, just closed and waiting for its rating."""
    shell = with_officer()
    shell.take(OfficerClosed(1))
    assert shell.value.state is State.RATING
    return shell


def complaint_filed(desk: Desk = PLAIN) -> Shell:
    """A complaint, number 1, and no consultation."""
    return after("pengaduan", ABOUT, desk=desk)


def requests(shell: Shell) -> list[str]:
    """The requests of all tickets, oldest first."""
    return [kept.request.text for kept in shell.tickets.values()]
