"""Supervisors are told of complaints whose deadlines come or were missed: once each, in service hours."""

import logging
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.complaint_days import Telling
from bot.effects import Reminder
from handlers import complaints as complaint_acts
from handlers import inbound
from handlers.mailroom import notices
from handlers.runtime import Runtime
from storage import complaints, links, tickets
from storage.columns import AnyRow
from storage.db import AWAY

log = logging.getLogger(__name__)
_A_WHILE = timedelta(minutes=5)


def remind(runtime: Runtime) -> None:
    """Tell supervisors of deadlines that come or were missed, each complaint in a transaction of its own."""
    now = runtime.clock()
    with runtime.database.read() as connection:
        due = complaints.telling(connection, now)
    for ticket_id in due:
        _guarded(runtime, ticket_id, now)


def _guarded(runtime: Runtime, ticket_id: int, now: datetime) -> None:
    try:
        with runtime.database.write() as connection:
            links.lock(connection, (ticket_id,))
            _tell(runtime, connection, ticket_id, now)
    except links.Moved:
        return
    except AWAY as error:
        log.error("the database failed while deadlines were told; they stay due: %s", inbound.where(error))
    except Exception as error:  # noqa: BLE001  # one broken complaint must not stop the others
        log.error("telling of complaint %s failed: %s", ticket_id, inbound.where(error))
        with runtime.database.write() as connection:
            complaints.tell_at(connection, ticket_id, now + _A_WHILE)


def _tell(runtime: Runtime, connection: Connection, ticket_id: int, now: datetime) -> None:
    row = complaints.find(connection, ticket_id)
    if row is None or row.status != "open" or row.office not in runtime.settings.offices:
        complaints.tell_at(connection, ticket_id, None)
        return
    at = complaint_acts.desk_of(runtime, connection, row.office)
    if not at.calendar.is_open(now):
        complaints.tell_at(connection, ticket_id, at.calendar.next_open(now))
        return
    for telling in complaint_acts.untold(connection, row, at):
        if telling.at <= now:
            _told(runtime, connection, row, telling, now)
    complaint_acts.settle(runtime, connection, ticket_id)


def _told(runtime: Runtime, connection: Connection, row: AnyRow, telling: Telling, now: datetime) -> None:
    """One row in the log, and one mail to each. A warning that comes after the end only stands in the log."""
    what, step, due = complaint_acts.mark(telling)
    tickets.log(connection, row.office, row.ticket_id, what, now, None, {"step": step, "due": due})
    tickets.touch(connection, row.ticket_id, now)
    if telling.late or telling.owed.due_at > now:
        ends = telling.owed.due_at
        notices.warned(runtime, connection, row.ticket_id, Reminder(what), now, ends=ends)
