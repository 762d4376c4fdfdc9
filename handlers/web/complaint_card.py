"""What the page of a complaint shows beside its conversation: its course, its plan, whom it is about."""

from typing import Any

from sqlalchemy import Connection

from bot.complaint_days import Weight
from bot.policy import Desk
from bot.satisfaction import Element
from handlers.web import complaint_words, current
from handlers.web.deadlines import Promise
from handlers.web.language import gettext
from storage import complaint_register
from storage.complaint_register import Entry

LONGEST_PLAN = 2000
LONGEST_NAME = 120


def card(connection: Connection) -> dict[str, Any]:
    """The entry of the register of the ticket on the page; nothing for a consultation."""
    ticket, view, now = current.ticket(), current.view(), current.runtime().clock()
    entry = complaint_register.entry(connection, view, ticket.id) if ticket.complaint else None
    if entry is None:
        return {"entry": None, "accused": {}}
    accused = complaint_register.kept_from(connection, view, ticket.id)
    return {
        "entry": entry,
        "stages": complaint_words.stages(entry.course, desk(connection), now),
        "accused": {one.officer_id: one.found for one in accused},
        "elements": tuple(Element),
        "weights": tuple(Weight),
        "longest_plan": LONGEST_PLAN,
        "longest_name": LONGEST_NAME,
    }


def promised(connection: Connection, entry: Entry | None) -> Promise | None:
    """The deadline of the complaint that stands above the conversation."""
    if entry is None or not entry.open:
        return None
    stage = complaint_words.upcoming(entry.course, desk(connection), current.runtime().clock())
    if stage is None:
        return None
    told = gettext("%(step)s %(deadline)s.", step=stage.name, deadline=stage.text)
    return Promise("late" if stage.state == "late" else "runs", told)


def desk(connection: Connection) -> Desk:
    """The rules and the days by which this office's complaints are counted."""
    runtime, office = current.runtime(), current.view().office
    channel = next(iter(runtime.channels))
    return runtime.desk(office, channel, current.calendar(connection, office))
