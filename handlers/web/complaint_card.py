"""What the page of a complaint shows beside its conversation: its course, its plan, whom it is about."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
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
FIELDS = ("category", "weight", "plan", "plan_by", "plan_due")


@dataclass(frozen=True, slots=True)
class Unsaved:
    """What was entered of a complaint and not kept, beside what the form had shown, and why it was not."""

    told: Mapping[str, str]
    was: Mapping[str, str]
    accused: frozenset[int]
    shown: frozenset[int]
    problem: str


@dataclass(frozen=True, slots=True)
class Filled:
    """The form as it is shown. ``newer``: fields that a colleague has saved, with something else entered."""

    fields: Mapping[str, str]
    kept: Mapping[str, str]
    accused: Collection[int]
    newer: Collection[str] = ()
    problem: str = ""


def card(connection: Connection, unsaved: Unsaved | None) -> dict[str, Any]:
    """The entry of the register of the ticket on the page; nothing for a consultation."""
    ticket, view, now = current.ticket(), current.view(), current.runtime().clock()
    entry = complaint_register.entry(connection, view, ticket.id) if ticket.complaint else None
    if entry is None:
        return {"entry": None, "accused": {}}
    accused = complaint_register.kept_from(connection, view, ticket.id)
    return {
        "entry": entry,
        "form": _filled(entry, {one.officer_id for one in accused}, unsaved),
        "stages": complaint_words.stages(entry.course, desk(connection), now),
        "accused": {one.officer_id: one.found for one in accused},
        "elements": tuple(Element),
        "weights": tuple(Weight),
        "longest_plan": LONGEST_PLAN,
        "longest_name": LONGEST_NAME,
    }


def _filled(entry: Entry, accused: set[int], unsaved: Unsaved | None) -> Filled:
    due = entry.plan_due.isoformat() if entry.plan_due else ""
    told = (entry.category, entry.course.weight or "", plain(entry.plan), entry.plan_by, due)
    kept = dict(zip(FIELDS, told, strict=True))
    if unsaved is None:
        return Filled(kept, kept, accused)
    changed = {name for name in FIELDS if unsaved.told[name] != unsaved.was[name]}
    fields = kept | {name: unsaved.told[name] for name in changed}
    newer = {name for name in changed if kept[name] not in (unsaved.was[name], fields[name])}
    ticked = (accused | unsaved.accused) - (unsaved.shown - unsaved.accused)
    return Filled(fields, kept, ticked, newer, unsaved.problem)


def plain(written: str) -> str:
    """What was written in a field, with the ends of lines as they are compared."""
    return "\n".join(written.splitlines())


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
