"""What supervisors and officers change on the roster: duty, topics, leave. Each change is audited."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import partial
from typing import Any

from sqlalchemy import Connection

from bot.routing import Absence
from handlers import leaving
from handlers.runtime import Runtime
from storage import duty, officers
from storage.db import after_others
from storage.duty import DutyHalf

LONGEST_LEAVE = timedelta(days=366)
LONGEST_REASON = 120


class Unfit(StrEnum):
    """Why a leave can't be entered."""

    NOT_HERE = "not_here"
    ORDER = "order"
    PAST = "past"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class Overlap:
    """Why not: this leave of the same officer shares a half-day with it."""

    other: Absence


@dataclass(frozen=True, slots=True)
class Editor:
    """Who changes the roster of which office."""

    runtime: Runtime
    office: str
    officer_id: int

    def audit(self, connection: Connection, what: str, **detail: object) -> None:
        """A row in the installation's audit log."""
        about = {"office": self.office, **detail}
        officers.record(connection, what, self.runtime.clock(), self.officer_id, about)


@dataclass(frozen=True, slots=True)
class Sharing:
    """What is ticked of how tickets are shared out: topics of officers, and who takes tickets."""

    topics: set[tuple[int, str]]
    taking: set[int]


def change_duty(editor: Editor, ticked: set[DutyHalf], shown: set[DutyHalf]) -> None:
    """What was changed of the weekly duty that had been *shown*; a colleague's changes since stay.

    Only officers who belong to the office are planned.
    """
    with editor.runtime.database.write() as connection:
        members = {one.id for one in officers.colleagues(connection, editor.office)}
        added = {shift for shift in ticked - shown if shift[0] in members}
        duty.change_duty(connection, editor.office, added, shown - ticked)
        editor.audit(connection, "duty_changed", halves=len(added) + len(shown - ticked))


def change_sharing(editor: Editor, ticked: Sharing, shown: Sharing) -> None:
    """What was changed of how tickets are shared out, likewise."""
    with editor.runtime.database.write() as connection:
        # In one order, as tickets are given.
        for officer_id in sorted(one.id for one in officers.colleagues(connection, editor.office)):
            row = duty.sharing(connection, editor.office, officer_id)
            if row is None:
                continue
            topics = _changed({(officer_id, key) for key in row.topics}, ticked.topics, shown.topics)
            taking = _changed({officer_id} if row.takes else set(), ticked.taking, shown.taking)
            known = editor.runtime.office(editor.office).routing.topics
            kept = [key for key in known if (officer_id, key) in topics]
            duty.set_sharing(connection, editor.office, officer_id, topics=kept, takes=officer_id in taking)
        editor.audit(connection, "sharing_changed")


def _changed(kept: set[Any], ticked: set[Any], shown: set[Any]) -> set[Any]:
    """What is *kept*, with what was ticked and without what was unticked on the page as it was shown."""
    return (kept | (ticked - shown)) - (shown - ticked)


def add_leave(editor: Editor, officer_id: int, away: Absence, reason: str) -> Unfit | Overlap | None:
    """The officer is away; their tickets go back at once, if that has begun."""
    return after_others(partial(_add_leave, editor, officer_id, away, reason))


def _add_leave(editor: Editor, officer_id: int, away: Absence, reason: str) -> Unfit | Overlap | None:
    runtime, now = editor.runtime, editor.runtime.clock()
    with runtime.database.write() as connection:
        today = runtime.calendars.of(connection, editor.office).local_date(now)
        if away.first > away.last:
            return Unfit.ORDER
        if away.last.day < today:
            return Unfit.PAST
        if away.last.day - away.first.day > LONGEST_LEAVE:
            return Unfit.TOO_LONG
        if not duty.lock_member(connection, editor.office, officer_id):
            return Unfit.NOT_HERE
        others = duty.leaves_of(connection, editor.office, officer_id, away.first.day)
        if other := next(filter(away.overlaps, others), None):
            return Overlap(other)
        plain = " ".join(reason.replace("\x00", "").split())[:LONGEST_REASON]
        by = editor.officer_id
        row = duty.add_leave(connection, editor.office, officer_id, away, plain, by, now)
        editor.audit(connection, "leave_added", officer=officer_id, leave=row.id)
        leaving.begin(runtime, connection, row, now)
    return None


def remove_leave(editor: Editor, leave_id: int, of: int | None) -> bool:
    """The leave is no more; only one of the officer *of*, unless that is None. What went back stays there."""
    with editor.runtime.database.write() as connection:
        removed = duty.remove_leave(connection, editor.office, leave_id, of)
        if removed:
            editor.audit(connection, "leave_removed", leave=leave_id)
    return removed
