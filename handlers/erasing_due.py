"""Erasures are confirmed, told and done when their time has come, and none is late unseen."""

import logging
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from bot.events import ErasureBegins
from bot.privacy import DUE_WITHIN
from handlers import apply, erasing, inbound
from handlers.runtime import Runtime
from handlers.wishes import ALARM, alarm, alarm_key
from storage import alarms, conversations, officers, privacy_requests, theirs
from storage.columns import AnyRow

log = logging.getLogger(__name__)
CONFIRMED = "erasure_confirmed"
SOON = timedelta(hours=24)
ONE_HOUR = timedelta(hours=1)


def confirm(runtime: Runtime, office: str, request_id: int, officer_id: int) -> bool:
    """A supervisor lets the person be told and erased now; False when there is nothing to confirm."""
    now = runtime.clock()
    with runtime.database.write() as connection:
        row = privacy_requests.find(connection, request_id)
        if row is None or row.office != office or row.kind != privacy_requests.ERASURE:
            return False
        if not privacy_requests.schedule(connection, request_id, now, officer_id):
            return False
        officers.record(connection, CONFIRMED, now, officer_id, {"office": office, "request": request_id})
    return True


def begin(runtime: Runtime, office: str, contact_id: int, officer_id: int) -> bool:
    """A supervisor erases somebody who asked for it elsewhere; False when that is under way already."""
    now = runtime.clock()
    with runtime.database.write() as connection:
        if privacy_requests.undone(connection, contact_id):
            return False
        request_id = privacy_requests.add(
            connection,
            office=office,
            contact_id=contact_id,
            conversation_id=privacy_requests.latest_thread(connection, contact_id),
            kind=privacy_requests.ERASURE,
            channel="officer",
            now=now,
            due_at=now + DUE_WITHIN,
            state="scheduled",
            erase_at=now,
        )
        privacy_requests.schedule(connection, request_id, now, officer_id)
        officers.record(connection, CONFIRMED, now, officer_id, {"office": office, "request": request_id})
    return True


def do_due(runtime: Runtime) -> None:
    """Tell those whose time has come, erase those who were told an hour ago, and warn of what gets late."""
    now = runtime.clock()
    for row in _due(runtime, now):
        try:
            _do(runtime, row, now)
        except Exception as error:  # noqa: BLE001  # one that fails stays due and stops no other
            log.error("the erasure of request %s failed: %s", row.id, inbound.where(error))
    _warn(runtime, now)
    erasing.clean_up(runtime.database, runtime.files)


def _due(runtime: Runtime, now: datetime) -> list[AnyRow]:
    """What is due. An older version merges people, and takes them apart, without what they asked."""
    with runtime.database.read() as connection:
        due = privacy_requests.due(connection, now)
    astray = [row for row in due if row.speaker not in (None, row.contact_id)]
    if not astray:
        return due
    with runtime.database.write() as connection:
        for row in astray:
            privacy_requests.give(connection, row.id, row.speaker)
        return privacy_requests.due(connection, now)


def _do(runtime: Runtime, row: AnyRow, now: datetime) -> None:
    if row.state == "told":
        still = partial(_still_told, row)
        erasing.erase(runtime, row.office, row.contact_id, row.confirmed_by, still)
        return
    with runtime.database.write() as connection:
        thread = conversations.by_id(connection, row.conversation_id) if row.conversation_id else None
        open_ones = privacy_requests.open_tickets(connection, theirs.person(connection, row.contact_id))
        if open_ones and row.confirmed_by is None:
            privacy_requests.put_back(connection, row.id)
            alarm(connection, row.office, now)
        elif privacy_requests.tell(connection, row.id, now + ONE_HOUR) and thread:
            apply.take(runtime, connection, thread, ErasureBegins(), now)


def _still_told(row: AnyRow, connection: Connection) -> bool:
    """Whether it was neither taken back meanwhile, nor went to another contact by a merge."""
    found = privacy_requests.find(connection, row.id)
    return found is not None and (found.state, found.contact_id) == ("told", row.contact_id)


def _warn(runtime: Runtime, now: datetime) -> None:
    """What is due within a day, or late, stands above the inbox until it is done."""
    with runtime.database.read() as connection:
        offices = {row.office for row in privacy_requests.due_before(connection, now + SOON)}
        waiting = {row.office for row in privacy_requests.waiting(connection)}
        raised = alarms.offices_with(connection, ALARM) & set(runtime.settings.offices)
    late, over = offices - raised, raised - offices - waiting
    if not late | over:
        return
    with runtime.database.write() as connection:
        for office in late:
            alarm(connection, office, now)
        for office in over:
            alarms.settle(connection, alarm_key(office), None, now)
