"""How much the desk says to one person in an hour, and what it says all the same."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.effects import Decision, Effect, LookUpTickets, Say, Search
from bot.policy import Desk
from bot.texts import Text

_HOUR = timedelta(hours=1)
_ALWAYS_SAID = {
    *(Text.OPTED_OUT, Text.TICKET_OPENED, Text.HANDED_TO_OFFICER, Text.COMPLAINT_RECEIPT),
    *(Text.PRIVACY_HANDED, Text.ERASURE_NOTED, Text.ERASURE_WITHDRAWN, Text.DISTRESS),
}


def within(decision: Decision, desk: Desk, now: datetime) -> Decision:
    """At most so many answers an hour: beyond it the message is kept, only the bot falls silent."""
    if not any(isinstance(effect, Say | LookUpTickets | Search) for effect in decision.effects):
        return decision
    talk = decision.conversation
    fresh = talk.spoken_since is None or now - talk.spoken_since >= _HOUR
    talk = talk.but(spoken_since=now, spoken=1) if fresh else talk.but(spoken=talk.spoken + 1)
    effects = decision.effects
    if talk.spoken > desk.office.limits.answers_per_hour:
        effects = tuple(effect for effect in effects if not _is_talk(effect))
    return replace(decision, conversation=talk, effects=effects)


def _is_talk(effect: Effect) -> bool:
    """Whether it can be left out when somebody writes too much."""
    return isinstance(effect, LookUpTickets) or (isinstance(effect, Say) and effect.text not in _ALWAYS_SAID)
