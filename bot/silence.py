"""The citizen's silence: when it closes a ticket, and when it is warned of. It counts in the office's days.

It begins with an office's message that has really left, and any word of the citizen ends it. A word about
another matter begins it anew. It rests while they complain, and while they want no messages.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot import clocks, officers
from bot.conversation import OWING, CloseReason, Conversation, State
from bot.effects import (
    BeginSilence,
    ClearTimers,
    Decision,
    Effect,
    EndSilence,
    MarkClosable,
    MoveTimer,
    Say,
    SetTimer,
)
from bot.events import TimerKind
from bot.policy import AutoClose, Desk
from bot.texts import Text

_A_WHILE, _A_DAY = timedelta(hours=1), timedelta(days=1)


def ends_tickets(rule: AutoClose) -> bool:
    """Whether silence closes tickets at all, by the desk or by an officer's click."""
    return rule.mode != "none" and rule.days > 0


def begun(conversation: Conversation, desk: Desk, ticket_id: int, now: datetime) -> Decision:
    """An officer's message has left: from here the citizen is waited for."""
    ticket = conversation.ticket
    if ticket is None or ticket.id != ticket_id or not ends_tickets(desk.office.autoclose):
        return Decision(conversation)
    # They may have written while the words were on their way.
    if not ticket.waiting_for_citizen:
        return Decision(conversation)
    complains = conversation.state is State.COMPLAINING
    return Decision(conversation, (BeginSilence(ticket_id), *(() if complains else _counted(desk, now))))


def counted_anew(conversation: Conversation, desk: Desk, now: datetime) -> tuple[SetTimer, ...]:
    """Their complaint has ended elsewhere: the deadlines where the citizen is waited for again, else none."""
    ticket = conversation.ticket
    waits = ticket is not None and ticket.waiting_for_citizen and ticket.silent_since is not None
    if not waits or _rests(Decision(conversation)) or not ends_tickets(desk.office.autoclose):
        return ()
    return _counted(desk, now)


def _counted(desk: Desk, now: datetime) -> tuple[SetTimer, ...]:
    closing, warning = SetTimer(TimerKind.IDLE_CLOSE, closes_at(desk, now)), warns_at(desk, now)
    warned = (SetTimer(TimerKind.IDLE_WARN, warning),) if warning else ()
    return (closing, *warned)


def closes_at(desk: Desk, since: datetime) -> datetime:
    """When a silence that began at *since* closes: in service hours, never earlier than the rule says."""
    rule, calendar = desk.office.autoclose, desk.calendar
    if rule.mode == "working_days":
        days = calendar.working_days_after(calendar.local_date(since))
        return calendar.closing(next(day for number, day in enumerate(days, 1) if number == rule.days))
    over = since + timedelta(days=rule.days)
    if rule.roll_to_working_day and not calendar.works(calendar.local_date(over)):
        return calendar.closing(next(calendar.working_days_after(calendar.local_date(over))))
    return calendar.next_open(over)


def warns_at(desk: Desk, since: datetime) -> datetime | None:
    """When the citizen is told that the ticket will be closed: in service hours, rather earlier than later.

    None where the office warns nobody, or where there is no such moment.
    """
    rule, closing = desk.office.autoclose, closes_at(desk, since)
    if rule.warn_days_before < 1:
        return None
    wished = _warning_wished(desk, closing)
    warning = wished if desk.calendar.is_open(wished) else desk.calendar.last_opening(wished)
    if warning < since + _A_WHILE:
        warning = desk.calendar.next_open(since + _A_WHILE)
    return warning if warning <= closing - _A_WHILE else None


def _warning_wished(desk: Desk, closing: datetime) -> datetime:
    rule, calendar = desk.office.autoclose, desk.calendar
    if rule.mode == "working_days":
        day = calendar.working_day_before(calendar.local_date(closing), rule.warn_days_before)
        return calendar.opening(day)
    return closing - timedelta(days=rule.warn_days_before)


def lasts(conversation: Conversation, desk: Desk, kind: TimerKind, now: datetime) -> Decision:
    """The citizen has been silent for so long: warn, close, or let an officer close."""
    ticket, rule = conversation.ticket, desk.office.autoclose
    if ticket is None or not ticket.waiting_for_citizen or not ends_tickets(rule):
        return Decision(conversation)
    # What was told since has not left yet: nobody is silent about words that never reached them.
    if ticket.silent_since is None:
        return Decision(conversation)
    if later := _too_early(ticket.silent_since, desk, kind, now) or clocks.not_now(desk, kind, now):
        return Decision(conversation, later)
    if kind is TimerKind.IDLE_WARN:
        return _warned(conversation, desk, ticket.id, ticket.silent_since, now)
    if rule.by == "officer":
        return Decision(conversation, (MarkClosable(ticket.id),))
    return officers.close(conversation, desk, ticket, CloseReason.SILENCE, now)


def broken(before: Conversation, decision: Decision, desk: Desk, now: datetime) -> Decision:
    """*decision* about a message of the citizen: any word of theirs ends the silence.

    Who asks for something else meanwhile, or complains no more, has not answered yet, and is waited for anew.
    """
    ticket = before.ticket
    if ticket is None or not ticket.waiting_for_citizen:
        return decision
    stop: tuple[Effect, ...] = (ClearTimers((TimerKind.IDLE_WARN, TimerKind.IDLE_CLOSE)),)
    # What comes to the ticket itself ends its silence with the same stroke.
    answers = decision.about == ticket.id and decision.outcome in OWING
    if ticket.silent_since and not answers:
        stop = (*stop, *_anew(ticket.id, decision, desk, now))
    return replace(decision, effects=(*stop, *decision.effects))


def freed(before: Conversation, decision: Decision, desk: Desk, now: datetime) -> Decision:
    """*decision* of an officer or a deadline: where it ends a complaint, the citizen is waited for again."""
    ticket = decision.conversation.ticket
    if ticket is None or not ticket.waiting_for_citizen or ticket.silent_since is None:
        return decision
    if not _rests(Decision(before)) or _rests(decision):
        return decision
    return replace(decision, effects=(*decision.effects, *_anew(ticket.id, decision, desk, now)))


def _anew(ticket_id: int, decision: Decision, desk: Desk, now: datetime) -> tuple[Effect, ...]:
    ticket = decision.conversation.ticket
    if ticket is None or ticket.id != ticket_id or not ends_tickets(desk.office.autoclose):
        return (EndSilence(ticket_id),)
    return (BeginSilence(ticket_id, anew=True), *(() if _rests(decision) else _counted(desk, now)))


def _rests(decision: Decision) -> bool:
    """Whether nobody is waited for afterwards: not who wants no messages, or has begun to complain."""
    after = decision.conversation
    complains = after.complaint or after.state is State.COMPLAINING
    return bool(after.opted_out or complains) or any(map(clocks.files_complaint, decision.effects))


def _warned(
    conversation: Conversation, desk: Desk, ticket_id: int, since: datetime, now: datetime
) -> Decision:
    """Tell the citizen, and let nothing close within the hour, however late the warning comes."""
    if desk.office.autoclose.warn_days_before < 1:
        return Decision(conversation)
    told = officers.tell(conversation, desk, now, ticket_id, Text.IDLE_WARNING)
    if closes_at(desk, since) >= now + _A_WHILE or not any(isinstance(effect, Say) for effect in told):
        return Decision(conversation, told)
    next_day = next(desk.calendar.working_days_after(desk.calendar.local_date(now)))
    later = MoveTimer(TimerKind.IDLE_CLOSE, desk.calendar.closing(next_day))
    return Decision(conversation, (*told, later))


def _too_early(since: datetime, desk: Desk, kind: TimerKind, now: datetime) -> tuple[SetTimer, ...]:
    """The calendar may have changed since the timer was set."""
    at = closes_at(desk, since) if kind is TimerKind.IDLE_CLOSE else warns_at(desk, since)
    return (SetTimer(kind, at),) if at and at > now else ()


def recounted(
    conversation: Conversation, desk: Desk, standing: Mapping[TimerKind, datetime], now: datetime
) -> tuple[Effect, ...]:
    """The calendar has changed: a silence that is counted is counted anew.

    *standing*: the deadlines still to come. Nobody is warned twice, and who is still to be warned is not
    closed out in the same breath, even where a day that is worked after all has ended the silence.
    """
    ticket = conversation.ticket
    if ticket is None or ticket.silent_since is None or not ends_tickets(desk.office.autoclose):
        return ()
    closing, warning = max(closes_at(desk, ticket.silent_since), now), warns_at(desk, ticket.silent_since)
    if TimerKind.IDLE_WARN not in standing:
        return (MoveTimer(TimerKind.IDLE_CLOSE, closing),)
    if warning is None:
        return (ClearTimers((TimerKind.IDLE_WARN,)), MoveTimer(TimerKind.IDLE_CLOSE, closing))
    if warning < now:
        warning, closing = now, max(closing, desk.calendar.next_open(now + _A_DAY))
    return (MoveTimer(TimerKind.IDLE_WARN, warning), MoveTimer(TimerKind.IDLE_CLOSE, closing))
