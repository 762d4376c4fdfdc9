"""The clock of the promise: what starts, pauses and ends it, whom it warns, and what it lets the bot say."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime, timedelta

from bot import complaint_days
from bot.conversation import Clock, Conversation, Outcome, Ticket, TicketKind
from bot.effects import (
    ClearTimers,
    CloseTicket,
    Decision,
    Effect,
    KeepClock,
    MarkClear,
    OpenTicket,
    RelayReply,
    Reminder,
    ReopenTicket,
    Say,
    SetTimer,
    TellOfficers,
)
from bot.events import Event, MessageReceived, OfficerReopened, TimerKind
from bot.policy import Desk, Status
from bot.texts import Text

_A_SECOND = timedelta(seconds=1)
# What is due at the end of service, and a little late, is not put off to the next morning.
_GRACE = timedelta(hours=1)
_PROMISING = {Text.TICKET_OPENED, Text.HANDED_TO_OFFICER, Text.MARKED_CLEAR, Text.REOPENED}
_MINE = (TimerKind.DUE, TimerKind.UNCLAIMED)
_SILENCE = (TimerKind.IDLE_WARN, TimerKind.IDLE_CLOSE)


def kept(before: Conversation, event: Event, decision: Decision, desk: Desk, now: datetime) -> Decision:
    """*decision* with what it means for the promise, and with the due moment in what the citizen is told."""
    effects = [effect for told in decision.effects for effect in _followed(before, told, desk, now)]
    if isinstance(event, MessageReceived) and _answers_question(before, decision):
        effects += _resumed(before, desk, now)
    if isinstance(event, OfficerReopened) and not decision.refusal:
        effects += _owed_again(event, desk, now)
    clocks = [effect.clock for effect in effects if isinstance(effect, KeepClock)]
    if clocks and (due := spoken(clocks[-1], desk)):
        effects = [_with_due(effect, _PROMISING, due) for effect in effects]
    if any(files_complaint(effect) for effect in effects) and (answer := complaint_days.promised(now, desk)):
        effects = [_with_due(effect, {Text.COMPLAINT_RECEIPT}, answer) for effect in effects]
    return replace(decision, effects=tuple(effects))


def spoken(clock: Clock, desk: Desk) -> datetime | None:
    """The due moment, where it may be promised: nothing that is only assumed or estimated is spoken."""
    if clock.since is None or clock.due_at is None or desk.office.sla.status is Status.ASSUMED:
        return None
    calendar = desk.calendar
    first, last = calendar.local_date(clock.since), calendar.local_date(clock.due_at)
    return clock.due_at if calendar.is_sure(first, last) else None


def due_came(conversation: Conversation, desk: Desk, now: datetime) -> Decision:
    """The promise ends soon, or has ended: once each, officers are told, in service hours only."""
    ticket = conversation.ticket
    if ticket is None or ticket.clock.due_at is None or ticket.clock.answered:
        return Decision(conversation)
    if later := not_now(desk, TimerKind.DUE, now):
        return Decision(conversation, later)
    ends = ticket.clock.due_at
    if now < warns_at(ticket.clock, desk):
        return Decision(conversation, (SetTimer(TimerKind.DUE, warns_at(ticket.clock, desk)),))
    if now <= ends:
        told = TellOfficers(ticket.id, Reminder.DUE_SOON)
        return Decision(conversation, (told, SetTimer(TimerKind.DUE, _late_at(ends, desk))))
    return Decision(conversation, (TellOfficers(ticket.id, Reminder.OVERDUE),))


def unclaimed(conversation: Conversation, desk: Desk, now: datetime) -> Decision:
    """Nobody took the ticket for hours of service: supervisors are told."""
    ticket = conversation.ticket
    if ticket is None or ticket.claimed or ticket.waiting_for_citizen:
        return Decision(conversation)
    if later := not_now(desk, TimerKind.UNCLAIMED, now):
        return Decision(conversation, later)
    return Decision(conversation, (TellOfficers(ticket.id, Reminder.UNCLAIMED),))


def recounted(
    conversation: Conversation, desk: Desk, standing: Mapping[TimerKind, datetime], now: datetime
) -> tuple[Effect, ...]:
    """The calendar has changed: what was counted with it is counted anew.

    *standing*: the deadlines still to come. Who was told that the promise ends soon is not told so again.
    """
    ticket = conversation.ticket
    if ticket is None or not ticket.clock.runs or ticket.clock.paused:
        return ()
    clock = counted(ticket.clock, desk)
    if clock == ticket.clock:
        return ()
    tells = _tells_anew(ticket.clock, clock, desk, standing.get(TimerKind.DUE), now)
    return (KeepClock(ticket.id, clock, moved=True), *tells)


def _tells_anew(
    before: Clock, clock: Clock, desk: Desk, standing: datetime | None, now: datetime
) -> tuple[SetTimer, ...]:
    """The next telling of a promise that was moved; *standing*: when it would have been, if there is one."""
    if clock.due_at is None or (standing is None and clock.due_at <= now):
        return ()
    if standing is None or (before.due_at and standing > before.due_at):
        return (SetTimer(TimerKind.DUE, _late_at(clock.due_at, desk)),)
    return (SetTimer(TimerKind.DUE, max(warns_at(clock, desk), now)),)


def not_now(desk: Desk, kind: TimerKind, now: datetime) -> tuple[SetTimer, ...]:
    """Nobody is disturbed outside service hours: the timer of this kind, put off to the next opening."""
    if desk.calendar.is_open(now) or desk.calendar.is_open(now - _GRACE):
        return ()
    return (SetTimer(kind, desk.calendar.next_open(now)),)


def warns_at(clock: Clock, desk: Desk) -> datetime:
    """When officers are warned: at the opening of a day before the due day, or of that day itself."""
    return next(_warnings(clock, desk))


def _warnings(clock: Clock, desk: Desk) -> Iterator[datetime]:
    """The openings at which officers may be warned, from the first on, and then the end itself."""
    if clock.since is None or clock.due_at is None:
        raise ValueError("a clock that does not count warns nobody")
    calendar, due_day = desk.calendar, desk.calendar.local_date(clock.due_at)
    for days in range(desk.office.sla.warn_days_before, -1, -1):
        opens = calendar.opening(calendar.working_day_before(due_day, days))
        if opens > clock.since:
            yield opens
    yield clock.due_at


def _followed(before: Conversation, effect: Effect, desk: Desk, now: datetime) -> Iterator[Effect]:
    """*effect*, and what follows from it for the clock."""
    yield effect
    match effect:
        case OpenTicket(kind=TicketKind.CONSULTATION):
            yield from _opened(desk, now)
        case MarkClear(ticket_id):
            yield from _cleared(_find(before, ticket_id), desk, now)
        case RelayReply(ticket_id, answers) if ticket := _find(before, ticket_id):
            # A silence counts from words that have left, and these have not yet.
            yield ClearTimers(_SILENCE)
            yield from _replied(ticket, desk, now, answers=answers)
        case CloseTicket(ticket_id) if _find(before, ticket_id):
            yield ClearTimers(_MINE)
        case ReopenTicket(ticket_id, anew=True):
            yield from _started(ticket_id, desk, now)


def _opened(desk: Desk, now: datetime) -> Iterator[Effect]:
    if desk.office.sla.starts == "received":
        yield from _started(None, desk, now)
    if hours := desk.office.routing.escalate_after_hours:
        late = desk.calendar.after_service(now, timedelta(hours=hours))
        yield SetTimer(TimerKind.UNCLAIMED, late)


def _cleared(ticket: Ticket | None, desk: Desk, now: datetime) -> Iterator[Effect]:
    starts = desk.office.sla.starts == "clear_and_complete"
    if ticket and starts and not ticket.clock.answered:
        yield from _started(ticket.id, desk, now)


def _started(ticket_id: int | None, desk: Desk, now: datetime) -> Iterator[Effect]:
    clock = counted(Clock(since=now), desk)
    yield KeepClock(ticket_id, clock)
    yield from _timed(clock, desk, now)


def _replied(ticket: Ticket, desk: Desk, now: datetime, *, answers: bool) -> Iterator[Effect]:
    """An answer ends the clock; a question back stops it, where the office's standard says so."""
    clock = ticket.clock
    if answers:
        yield ClearTimers(_MINE)
    elif _stops(clock, desk, now):
        yield KeepClock(ticket.id, replace(clock, due_at=None, pauses=(*clock.pauses, (now, None))))
        yield ClearTimers(_MINE)


def _stops(clock: Clock, desk: Desk, now: datetime) -> bool:
    """Whether a question back stops the clock: not one whose end has passed, which is missed for good."""
    missed = clock.due_at is not None and now > clock.due_at
    return clock.runs and not clock.paused and not missed and desk.office.sla.pause_while_waiting_citizen


def _answers_question(before: Conversation, decision: Decision) -> bool:
    """Whether the citizen wrote on the ticket on which they were asked back."""
    ticket = before.ticket
    wrote = decision.outcome in (Outcome.TICKET, Outcome.AFTER_OPT_OUT)
    return ticket is not None and wrote and decision.about == ticket.id and ticket.clock.paused


def _resumed(before: Conversation, desk: Desk, now: datetime) -> list[Effect]:
    ticket = before.ticket
    if ticket is None or not ticket.clock.runs:
        return []
    clock = resumed(ticket.clock, desk, now)
    return [KeepClock(ticket.id, clock), *_timed(clock, desk, now)]


def _owed_again(event: OfficerReopened, desk: Desk, now: datetime) -> Iterator[Effect]:
    """What was closed unanswered is owed as before; a pause is over, for the office is waited for now."""
    clock = resumed(event.clock, desk, now)
    if clock != event.clock:
        yield KeepClock(event.ticket_id, clock)
    if clock.runs and clock.due_at:
        # Its deadlines went with the closing; the turn of this one sets it for when it is really due.
        yield SetTimer(TimerKind.DUE, now)


def resumed(clock: Clock, desk: Desk, now: datetime) -> Clock:
    """*clock* as it counts on from now, if it is still owed and stood still."""
    if not (clock.runs and clock.paused):
        return clock
    *ended, (asked, _) = clock.pauses
    return counted(replace(clock, pauses=(*ended, (asked, now))), desk)


def received(since: datetime, desk: Desk) -> Clock:
    """The promise of what was received then, where the office's standard counts from the receipt."""
    return counted(Clock(since=since), desk) if desk.office.sla.starts == "received" else Clock()


def first_to_end(mine: Clock, theirs: Clock) -> Clock:
    """The promise that stands where two tickets become one: of those still owed the one that ends first.

    *mine* where neither is owed. Of two that stand still the older one.
    """
    owed = [clock for clock in (mine, theirs) if clock.runs]
    return min(owed, key=lambda clock: (clock.due_at is None, clock.due_at or clock.since), default=mine)


def counted(clock: Clock, desk: Desk) -> Clock:
    """*clock* with the end that the office's calendar gives it."""
    if clock.since is None:
        return clock
    sla = desk.office.sla
    next_day = sla.after_hours_counts_as == "next_working_day"
    due = desk.calendar.due(clock.since, sla.days, next_day=next_day, pauses=clock.pauses)
    return replace(clock, due_at=due)


def _timed(clock: Clock, desk: Desk, now: datetime) -> tuple[SetTimer, ...]:
    """The next moment at which somebody must be told."""
    if clock.due_at is None:
        return ()
    warning = next((at for at in _warnings(clock, desk) if at > now), _late_at(clock.due_at, desk))
    return (SetTimer(TimerKind.DUE, warning),)


def _late_at(due: datetime, desk: Desk) -> datetime:
    return desk.calendar.next_open(due + _A_SECOND)


def files_complaint(effect: Effect) -> bool:
    """Whether *effect* opens a complaint."""
    return isinstance(effect, OpenTicket) and effect.kind is TicketKind.COMPLAINT


def _with_due(effect: Effect, promising: AbstractSet[Text], due: datetime) -> Effect:
    if isinstance(effect, Say) and effect.text in promising:
        return replace(effect, values={**effect.values, "due": due})
    return effect


def _find(conversation: Conversation, ticket_id: int) -> Ticket | None:
    """The consultation with this id: complaints have clocks of their own."""
    ticket = conversation.ticket
    return ticket if ticket and ticket.id == ticket_id else None
