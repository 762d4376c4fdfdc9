"""The core's decision, with its questions to the shell answered within the same turn."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from bot.effects import CheckCode, Decision, Effect, LookUpTickets, MailCode, Search
from bot.events import Event, TicketsFound
from bot.machine import decide
from handlers import proving, searching
from handlers.runtime import Runtime
from storage import tickets
from storage.conversations import Thread


def decided(
    runtime: Runtime, connection: Connection, thread: Thread, event: Event, now: datetime
) -> Decision:
    """What *event* comes to. What follows from an answer stands where its question stood."""
    calendar = runtime.calendars.of(connection, thread.office, thread.calendar_version)
    desk = runtime.desk(thread.office, thread.channel, calendar)
    decision = decide(thread.value, event, desk, now)
    effects: list[Effect] = []
    for effect in decision.effects:
        answer = _answer(runtime, connection, thread, effect, now)
        if answer is None:
            effects.append(effect)
            continue
        answered = decide(decision.conversation, answer, desk, now)
        effects += answered.effects
        decision = replace(decision, conversation=answered.conversation)
        if answered.outcome:
            decision = replace(decision, outcome=answered.outcome, about=answered.about)
    return replace(decision, effects=tuple(effects))


def _answer(
    runtime: Runtime, connection: Connection, thread: Thread, effect: Effect, now: datetime
) -> Event | None:
    """What the shell says to a question; None for an effect that is none."""
    match effect:
        case LookUpTickets():
            return TicketsFound(tickets.of_contact(connection, thread.contact_id))
        case MailCode(email):
            return proving.mail_code(runtime, connection, thread, email, now)
        case CheckCode(code):
            return proving.check(runtime, connection, thread, code, now)
        case Search(query):
            return searching.look(runtime, connection, thread.office, query)
        case _:
            return None
