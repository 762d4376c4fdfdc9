"""What is ahead of an answer that the window stops: a call, patience, a mail, or only the telephone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property

from sqlalchemy import Connection

from channels.email.sending import CHANNEL as MAIL
from channels.whatsapp.errors import OPTED_OUT
from handlers import other_ways, routes, undelivered
from handlers.content_templates import ANSWER_READY, Sendable, sendable
from handlers.routes import Choice
from handlers.runtime import Runtime
from storage import held
from storage.columns import AnyRow
from storage.routes import Route


class Step(StrEnum):
    """What comes next for an answer that the window stops."""

    CALL = "call"
    WAIT = "wait"
    MAIL = "mail"
    STUCK = "stuck"


@dataclass(frozen=True, slots=True)
class Outlook:
    """The next step; the ``template`` of a call; when they were ``called_at``, and until when is waited.

    ``mail``: the way that the answer takes then, if there is one.
    """

    step: Step
    template: Sendable | None = None
    called_at: datetime | None = None
    until: datetime | None = None
    mail: Choice | None = None


@dataclass(frozen=True, slots=True)
class Prospect:
    """So many answers wait in a conversation, and this is ``ahead`` of them.

    ``came_back``: the letter that they went by. ``silenced``: the citizen asked for silence, or was blocked.
    """

    count: int
    ahead: Outlook
    came_back: bool = False
    silenced: bool = False


class Prospects:
    """What is ahead of the answers of *ticket* at *now*. Whatever that hangs on is asked for once."""

    def __init__(self, runtime: Runtime, connection: Connection, ticket: AnyRow, now: datetime) -> None:
        self._runtime, self._connection, self._ticket, self._now = runtime, connection, ticket, now
        self._found: dict[int, Outlook] = {}
        self._talks: dict[int, AnyRow] = {}

    @cached_property
    def choices(self) -> list[Choice]:
        """The ways to the people of the ticket."""
        return routes.choices(self._runtime, self._connection, self._ticket, self._now)

    @cached_property
    def _held(self) -> dict[int, list[AnyRow]]:
        """The answers that are held, by the conversation."""
        found: dict[int, list[AnyRow]] = {}
        for row in held.of_ticket(self._connection, self._ticket.id):
            found.setdefault(row.conversation_id, []).append(row)
        return found

    def outlook(self, route: Route) -> Outlook | None:
        """What becomes of an answer that *route* can't take now; None where it can.

        Where WhatsApp has stopped one that the desk took to be in time, it will stop the next one too.
        """
        there = route.conversation_id
        if there is None:
            return None
        manners = self._runtime.channels[route.channel].manners
        if manners.take_free_text(route.last_inbound_at, self._now) and there not in self._held:
            return None
        return self._of(there)

    def of_held(self) -> list[Prospect]:
        """What is ahead of the answers that are held, for each conversation where some are."""
        return [self._prospect(conversation_id) for conversation_id in sorted(self._held)]

    def _prospect(self, conversation_id: int) -> Prospect:
        answers, talk = self._held[conversation_id], self._talk(conversation_id)
        came_back = any(each.mailed_as is not None for each in answers)
        silenced = talk.opted_out_at is not None or talk.blocked_at is not None
        return Prospect(len(answers), self._of(conversation_id), came_back, silenced)

    def _of(self, conversation_id: int) -> Outlook:
        if conversation_id not in self._found:
            talk, answers = self._talk(conversation_id), self._held.get(conversation_id, [])
            self._found[conversation_id] = self.next(talk, answers)
        return self._found[conversation_id]

    def _talk(self, conversation_id: int) -> AnyRow:
        if conversation_id not in self._talks:
            self._talks[conversation_id] = held.talk(self._connection, conversation_id)
        return self._talks[conversation_id]

    def next(self, talk: AnyRow, answers: Sequence[AnyRow]) -> Outlook:
        """What is ahead of *answers*, which wait in this conversation or failed there."""
        if self._runtime.channels[talk.channel].manners.window is None:
            return Outlook(Step.STUCK)
        call = held.call_since(self._connection, talk.id, talk.last_inbound_at)
        mail = self._mail_way(talk) if self._may_mail(talk, answers, call) else None
        if any(each.delivery == "failed" for each in answers) or (call is not None and _failed(call)):
            return _at_once(mail)
        patience = timedelta(hours=self._runtime.settings.channels.whatsapp.held.mail_after_hours)
        if call is None:
            template = self._template(talk)
            until = self._now + patience
            return Outlook(Step.CALL, template, until=until, mail=mail) if template else _at_once(mail)
        if self._now < call.at + patience:
            return Outlook(Step.WAIT, None, call.at, call.at + patience, mail)
        return _at_once(mail, call.at)

    def _template(self, talk: AnyRow) -> Sendable | None:
        languages = (talk.language, self._runtime.office(talk.office).languages[0])
        return sendable(self._runtime, self._connection, talk.sender, ANSWER_READY, languages)

    def _may_mail(self, talk: AnyRow, answers: Sequence[AnyRow], call: AnyRow | None) -> bool:
        """Not to somebody else of the ticket, not what came back, not to who asked WhatsApp for silence."""
        came_back = any(each.mailed_as is not None for each in answers)
        silenced = call is not None and call.error_code == OPTED_OUT
        return talk.contact_id == self._ticket.contact_id and not came_back and not silenced

    def _mail_way(self, talk: AnyRow) -> Choice | None:
        ways = other_ways.open_among(self._runtime, self.choices, self._now, besides=talk.id)
        return next((way for way in ways if way.route.channel == MAIL), None)


def _at_once(mail: Choice | None, called_at: datetime | None = None) -> Outlook:
    return Outlook(Step.MAIL if mail else Step.STUCK, called_at=called_at, mail=mail)


def _failed(call: AnyRow) -> bool:
    waits = call.delivery in ("queued", "sending") and undelivered.waits_for_repair(call, call.error_code)
    return waits or call.delivery in ("failed", "cancelled")
