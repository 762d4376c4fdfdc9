"""A leave begins: what waits for the office with this officer goes back to the others, once."""

import logging
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.routing import Half, served_next
from handlers import assigning, inbound
from handlers.runtime import Runtime
from storage import duty
from storage.columns import AnyRow
from storage.db import AWAY

log = logging.getLogger(__name__)
# In Papua it is tomorrow already.
_AHEAD = timedelta(days=1)


def begin_due(runtime: Runtime) -> None:
    """Let every leave that has begun give its tickets back, each in a transaction of its own."""
    now = runtime.clock()
    with runtime.database.read() as connection:
        coming = duty.leaves_to_begin(connection, (now + _AHEAD).date())
    for leave in coming:
        try:
            with runtime.database.write() as connection:
                begin(runtime, connection, leave, now)
        except AWAY as error:
            log.error("the database failed when a leave began: %s", inbound.where(error))
        except Exception as error:  # noqa: BLE001  # one broken leave must not stop the others
            log.error("leave %s could not begin: %s", leave.id, inbound.where(error))


def begin(runtime: Runtime, connection: Connection, leave: AnyRow, now: datetime) -> None:
    """If *leave* has begun, its officer's tickets that wait for the office go back; once.

    What waits for the citizen stays with them, until the citizen writes. A leave that is over when it is
    looked at takes nothing away.
    """
    office = runtime.settings.offices.get(leave.office)
    if office is None or not _has_begun(runtime, connection, leave, now):
        return
    if not duty.begin_leave(connection, leave.id, now):
        return
    if assigning.is_away(runtime, connection, leave.office, leave.officer_id, now):
        theirs = duty.owed_by(connection, leave.office, leave.officer_id)
        assigning.give_back(runtime, connection, theirs, leave.officer_id, now)


def _has_begun(runtime: Runtime, connection: Connection, leave: AnyRow, now: datetime) -> bool:
    """A leave from the afternoon on begins when the morning's service is over."""
    calendar = runtime.calendars.of(connection, leave.office)
    first, today = duty.absence(leave).first, calendar.local_date(now)
    if first.day != today:
        return first.day < today
    return first.half is Half.AM or served_next(calendar, now) >= first
