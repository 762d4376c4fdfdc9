"""What supervisors and officers change on the roster: duty, topics, leave. Each change is audited."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import Connection

from bot.routing import Absence, Half
from handlers import leaving
from handlers.runtime import Runtime
from storage import duty, officers

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


def set_duty(editor: Editor, wanted: Mapping[int, Collection[tuple[int, Half]]]) -> None:
    """The whole weekly duty; of officers who belong to the office."""
    with editor.runtime.database.write() as connection:
        members = {one.id for one in officers.colleagues(connection, editor.office)}
        mine = {officer_id: halves for officer_id, halves in wanted.items() if officer_id in members}
        duty.set_duty(connection, editor.office, mine)
        editor.audit(connection, "duty_changed", halves=sum(map(len, mine.values())))


def set_sharing(editor: Editor, topics: Mapping[int, Collection[str]], taking: Collection[int]) -> None:
    """For every officer of the office what they answer, and whether tickets are given to them."""
    known = editor.runtime.office(editor.office).routing.topics
    with editor.runtime.database.write() as connection:
        for one in officers.colleagues(connection, editor.office):
            wanted = [key for key in known if key in topics.get(one.id, ())]
            duty.set_sharing(connection, editor.office, one.id, topics=wanted, takes=one.id in taking)
        editor.audit(connection, "sharing_changed")


def add_leave(editor: Editor, officer_id: int, away: Absence, reason: str) -> Unfit | Overlap | None:
    """The officer is away; their tickets go back at once, if that has begun."""
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
