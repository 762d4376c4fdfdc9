"""Deadlines: every state that waits for the citizen has one that leads out."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot import after_closing, clocks, complaints, silence
from bot.conversation import Conversation, Request, State, TicketKind
from bot.effects import ClearTimers, Decision, Effect, OpenTicket, SetTimer
from bot.events import TimerKind
from bot.policy import Desk
from bot.words import MEDIA_MARKS

_RATING = (TimerKind.RATING_END, TimerKind.RATING_REMIND)
_ABANDONABLE = {
    State.CHOOSING,
    State.REGISTERING,
    State.DESCRIBING,
    State.SUGGESTING,
    State.CONFIRMING,
    State.COMPLAINING,
    State.CORRECTING,
}


def owned_by(state: State) -> TimerKind | None:
    """The timer that leads out of *state*; None for states that wait for nobody or for the office."""
    if state in _ABANDONABLE:
        return TimerKind.ABANDON
    return TimerKind.RATING_END if state is State.RATING else None


def kept(before: State, decision: Decision, desk: Desk, now: datetime) -> Decision:
    """*decision* with the timer its state owns.

    Set on entering only: a timer that comes before the citizen's patience ran out sets itself anew.
    """
    had, has = owned_by(before), owned_by(decision.conversation.state)
    if had is has:
        return decision
    effects: list[Effect] = list(decision.effects)
    if had:
        effects.append(ClearTimers(_RATING if had in _RATING else (had,)))
    if has:
        effects.append(SetTimer(has, now + patience(desk)))
    if has is TimerKind.RATING_END and (hours := desk.office.rating.remind_after_hours):
        later = desk.calendar.next_open(now + timedelta(hours=hours))
        effects.append(SetTimer(TimerKind.RATING_REMIND, later))
    return replace(decision, effects=tuple(effects))


def due(conversation: Conversation, desk: Desk, kind: TimerKind, now: datetime) -> Decision:
    """A deadline has come. One that no longer fits the conversation changes nothing."""
    match kind:
        case TimerKind.ABANDON | TimerKind.RATING_END:
            return _end_waiting(conversation, desk, kind, now)
        case TimerKind.RATING_REMIND:
            return after_closing.remind(conversation, desk, now)
        case TimerKind.IDLE_WARN | TimerKind.IDLE_CLOSE:
            return silence.lasts(conversation, desk, kind, now)
        case TimerKind.DUE:
            return clocks.due_came(conversation, desk, now)
        case TimerKind.UNCLAIMED:
            return clocks.unclaimed(conversation, desk, now)


def patience(desk: Desk) -> timedelta:
    """How long half a conversation waits for its citizen."""
    return timedelta(days=desk.office.abandon_after_days)


def _end_waiting(conversation: Conversation, desk: Desk, kind: TimerKind, now: datetime) -> Decision:
    if owned_by(conversation.state) is not kind:
        return Decision(conversation)
    last = conversation.last_inbound_at
    if last and kind is TimerKind.ABANDON and last + patience(desk) > now:
        return Decision(conversation, (SetTimer(kind, last + patience(desk)),))
    opened = (*complaints.unanswered(conversation), *_unfinished(conversation))
    kinds = {ticket.kind for ticket in opened}
    waits = bool(kinds) or conversation.current is not None
    ended = conversation.but(
        state=State.WITH_OFFICERS if waits else State.CLOSED,
        draft=Request(),
        complaint_draft="",
        correcting="",
        asking=complaints.still_asked(conversation),
        misses=0,
        searches=0,
    )
    if TicketKind.CONSULTATION in kinds:
        ended = ended.but(focus=TicketKind.CONSULTATION, last_closed=None, closed_at=None)
    return Decision(ended, opened)


def _unfinished(conversation: Conversation) -> tuple[OpenTicket, ...]:
    """A request that nobody confirmed still reaches an officer, unless its citizen wants silence.

    Nor where something was found for it: who says nothing more has looked at that.
    """
    if not conversation.draft.text or conversation.opted_out or _was_shown_all(conversation):
        return ()
    linked = conversation.last_closed
    return (OpenTicket(TicketKind.CONSULTATION, conversation.draft, confirmed=False, linked_to=linked),)


def _was_shown_all(conversation: Conversation) -> bool:
    """Whether something was found for the request, which has no voice note or picture that nobody heard."""
    unseen = any(mark in conversation.draft.text for mark in MEDIA_MARKS.values())
    return conversation.state is State.SUGGESTING and not unseen
