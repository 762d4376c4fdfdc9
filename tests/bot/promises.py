"""What must hold about promises and silence in every turn, whatever happened before."""

from datetime import timedelta

from bot.conversation import CloseReason, Conversation, State
from bot.effects import CloseTicket, Decision, KeepClock, MarkClosable, Reminder, TellOfficers
from bot.events import Event, OfficerClosed, OfficerReplied, TimerDue, TimerKind
from tests.bot.desk import Shell

_AN_HOUR = timedelta(hours=1)
_IDLE = {TimerKind.IDLE_WARN, TimerKind.IDLE_CLOSE}
_BY_THE_CLOCK = {TimerKind.DUE, TimerKind.UNCLAIMED, *_IDLE}


def keep_to_the_day(event: Event, decision: Decision, shell: Shell) -> None:
    """Nobody, citizen or officer, hears of a deadline at night, and nothing is closed then."""
    if not isinstance(event, TimerDue) or event.kind not in _BY_THE_CLOCK:
        return
    kinds = (TellOfficers, CloseTicket, MarkClosable)
    if shell.says or any(isinstance(effect, kinds) for effect in decision.effects):
        calendar, now = shell.desk.calendar, shell.now
        assert calendar.is_open(now) or calendar.is_open(now - _AN_HOUR)


def only_silence_closes(before: Conversation, event: Event, decision: Decision) -> None:
    """The office's own slowness closes nothing, and no timer closes for another reason."""
    for effect in decision.effects:
        closes = isinstance(effect, CloseTicket)
        silent = isinstance(effect, CloseTicket) and effect.reason is CloseReason.SILENCE
        if silent or isinstance(effect, MarkClosable):
            assert before.ticket
            assert before.ticket.waiting_for_citizen
        elif closes:
            assert isinstance(event, OfficerClosed)


def only_answers_end_the_clock(before: Conversation, event: Event, decision: Decision, shell: Shell) -> None:
    """Neither the bot nor the citizen ends it, and nobody is warned of what was answered or is asked back."""
    for effect in decision.effects:
        assert not (isinstance(effect, KeepClock) and effect.clock.answered)
        if isinstance(effect, TellOfficers) and effect.what is not Reminder.UNCLAIMED:
            assert before.ticket
            assert before.ticket.clock.runs
            assert not before.ticket.clock.paused
    ticket = shell.value.ticket
    if before.ticket and ticket and ticket.id == before.ticket.id and ticket.clock.answered:
        assert before.ticket.clock.answered or isinstance(event, OfficerReplied)


def is_watched(shell: Shell) -> None:
    """A promise that counts has a timer, until officers were told that it is over."""
    ticket = shell.value.ticket
    if ticket and ticket.clock.runs and ticket.clock.due_at and TimerKind.DUE not in shell.timers:
        assert shell.now > ticket.clock.due_at
        assert (ticket.id, Reminder.OVERDUE) in shell.told


def who_is_silent_is_counted(shell: Shell) -> None:
    """No ticket stands open for ever: whose citizen is waited for is closed some day, or may be.

    Unless they complain or want no messages: then it rests.
    """
    ticket, value = shell.value.ticket, shell.value
    if ticket is None or not (ticket.waiting_for_citizen and ticket.silent_since):
        return
    rests = value.opted_out or value.complaint or value.state is State.COMPLAINING
    assert rests or TimerKind.IDLE_CLOSE in shell.timers or ticket.id in shell.closable


def only_the_told_are_silent(shell: Shell) -> None:
    """A silence is counted, or was long enough, only while the citizen has the last word of an officer."""
    ticket = shell.value.ticket
    if shell.closable or _IDLE & shell.timers.keys():
        assert ticket
        assert ticket.waiting_for_citizen
        assert ticket.silent_since
        assert set(shell.closable) <= {ticket.id}
