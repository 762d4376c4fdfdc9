"""What becomes of an answer that the window has stopped: the citizen is called, then it goes by mail.

The call is the approved template, once for as long as the window is shut. Any word of the citizen releases
the answers (``bot.holding``). Without one, or where WhatsApp can't be used, they go to a proved address.
"""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from bot.corrections import masked_email
from bot.effects import Say
from bot.events import AnswersMailed, CitizenCalled
from bot.texts import Text
from channels.contract import Template
from handlers import apply, other_ways, routes
from handlers.content_templates import Sendable
from handlers.inbound import where
from handlers.prospects import Outlook, Prospects, Step
from handlers.routes import Choice
from handlers.runtime import Runtime
from handlers.wording import office_name
from storage import conversations, held, links, mids, outbox, tickets
from storage.columns import AnyRow, plain
from storage.conversations import Thread
from storage.db import AWAY

log = logging.getLogger(__name__)
STUCK = "held_stuck"
"""What the log says when nothing is left but to phone."""
_AGAIN = timedelta(hours=6)


def look_due(runtime: Runtime) -> None:
    """Look what becomes of every answer that it is time for."""
    with runtime.database.read() as connection:
        due = held.due(connection, runtime.clock())
    for conversation_id, ticket_id in due:
        try:
            look(runtime, conversation_id, ticket_id)
        except AWAY as error:
            log.error("the database failed; the held answers stay due: %s", where(error))
            return
        except Exception as error:  # noqa: BLE001  # one broken ticket must not stop the others
            log.error("the held answers of ticket %s can't be looked at: %s", ticket_id, where(error))


def look(runtime: Runtime, conversation_id: int, ticket_id: int) -> None:
    """Take the next step for the answers held there. Who came in meanwhile makes it stay due."""
    now = runtime.clock()
    try:
        with runtime.database.write() as connection:
            ticket, locked = other_ways.lock(runtime, connection, ticket_id, now, besides=conversation_id)
            thread = conversations.by_id(connection, conversation_id)
            if ticket is not None and thread is not None:
                _Look(runtime, connection, ticket, thread, now).take(locked)
    except links.Moved:
        return


@dataclass(frozen=True, slots=True)
class _Look:
    """One look, under the locks of all who speak in the ticket."""

    runtime: Runtime
    connection: Connection
    ticket: AnyRow
    thread: Thread
    now: datetime

    @property
    def home(self) -> int:
        return self.thread.id or 0

    def take(self, locked: Collection[int]) -> None:
        answers = held.waiting(self.connection, self.home, self.ticket.id)
        if not answers or self.thread.value.opted_out or self.thread.value.blocked:
            held.look_no_more(self.connection, self.home, self.ticket.id)
        elif self._takes_them_again(answers):
            outbox.release(self.connection, self.home, self.now)
        else:
            talk = held.talk(self.connection, self.home)
            ahead = Prospects(self.runtime, self.connection, self.ticket, self.now).next(talk, answers)
            self._go(ahead, talk, answers, locked)

    def _takes_them_again(self, answers: Sequence[AnyRow]) -> bool:
        """Whether a mail came back, and the citizen has written here meanwhile."""
        manners = self.runtime.channels[self.thread.channel].manners
        back = any(each.mailed_as is not None for each in answers)
        return back and manners.take_free_text(self.thread.value.last_inbound_at, self.now)

    def _go(self, ahead: Outlook, talk: AnyRow, answers: Sequence[AnyRow], locked: Collection[int]) -> None:
        ids = [each.id for each in answers]
        if any(each.mailed_as is not None for each in answers) and self.thread.value.mailed_to:
            self._turn(AnswersMailed(self.ticket.id, self.ticket.reference))
        match ahead.step:
            case Step.CALL if ahead.template is not None:
                self._call(ahead.template, talk)
                held.look_again(self.connection, ids, ahead.until)
            case Step.WAIT:
                held.look_again(self.connection, ids, ahead.until)
            case Step.MAIL if ahead.mail is not None:
                if ahead.mail.route.address_id not in locked:
                    raise links.Moved
                self._go_over(ahead.mail, answers)
            case _:
                self._stuck(answers)

    def _call(self, template: Sendable, talk: AnyRow) -> None:
        """Queue the call as a message of its own: killed before or after it leaves, it leaves once."""
        office = self.runtime.office(talk.office)
        about = {"office": office_name(office, template.language), "reference": self.ticket.reference}
        filled = template.filled({**about, "name": talk.name or "Bapak/Ibu"})
        row = self._row(self.thread, template.text(filled), author="bot", text_key=held.CALL)
        outbox.queue(self.connection, [{**row, "template": _kept(filled)}])
        self._turn(CitizenCalled())

    def _go_over(self, way: Choice, answers: Sequence[AnyRow]) -> None:
        there = routes.thread_on(self.runtime, self.connection, self.ticket, way, self.now)
        if there is None or there.id is None:
            raise links.Moved
        row = self._row(there, self._letter(answers), author="officer", officer_id=answers[-1].officer_id)
        files = [dict(file) for each in answers for file in each.media or ()]
        mail_id = held.mail(self.connection, {**row, "media": files})
        held.went_by_mail(self.connection, [each.id for each in answers], mail_id)
        held.drop_calls(self.connection, self.home)
        links.one_clock(self.connection, self.ticket.id, there.id)
        to = masked_email(way.route.address)
        self._turn(AnswersMailed(self.ticket.id, self.ticket.reference, to))

    def _letter(self, answers: Sequence[AnyRow]) -> str:
        """Why it comes by mail, then the answers in their order."""
        refused = any(each.delivery == "failed" for each in answers)
        why = Say(Text.MAILED_INSTEAD, {"why": "refused" if refused else "window"})
        office, language = self.runtime.office(self.ticket.office), self.thread.value.language
        about = {"reference": self.ticket.reference, "letter": True}
        told = self.runtime.sentences.say([why], office, language, self.now, **about)
        return "\n\n".join([told, *(each.body for each in answers if each.body)])

    def _stuck(self, answers: Sequence[AnyRow]) -> None:
        """Nothing is left but to phone; a template may be approved, or an address proved, later."""
        held.look_no_more(self.connection, self.home, self.ticket.id)
        waits = [each for each in answers if each.delivery == "held"]
        held.look_again(self.connection, [each.id for each in waits], self.now + _AGAIN)
        told = links.latest(self.connection, self.ticket.id, STUCK)
        if told is None or told.at < answers[-1].at:
            tickets.log(self.connection, self.ticket.office, self.ticket.id, STUCK, self.now, None)
            tickets.touch(self.connection, self.ticket.id, self.now)

    def _turn(self, event: CitizenCalled | AnswersMailed) -> None:
        thread = conversations.by_id(self.connection, self.home)
        if thread is not None:
            apply.take(self.runtime, self.connection, thread, event, self.now)
            tickets.touch(self.connection, self.ticket.id, self.now)

    def _row(self, thread: Thread, text: str, **more: Any) -> dict[str, Any]:
        mid = mids.new(self.now)
        return {
            "office": thread.office,
            "direction": "out",
            "channel": thread.channel,
            "address_id": thread.address_id,
            "conversation_id": thread.id,
            "ticket_id": self.ticket.id,
            "sender": thread.sender,
            "address": thread.reply_to,
            "at": self.now,
            "next_try_at": self.now,
            "delivery": "queued",
            "mid": mid,
            "part_of": mid,
            "media": [],
            "body": text,
            **more,
        }


def _kept(template: Template) -> dict[str, Any]:
    return {**plain(template), "values": list(template.values)}
