"""Erasures are confirmed, told and done when their time has come, and none is late unseen."""

import logging
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from bot.events import ErasureBegins
from bot.privacy import DUE_WITHIN
from handlers import apply, complaints, erasing, inbound
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
        if not _heeded(connection, row, officer_id, now):
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
            state="waiting",
        )
        _heeded(connection, privacy_requests.find(connection, request_id), officer_id, now)
        officers.record(connection, CONFIRMED, now, officer_id, {"office": office, "request": request_id})
    return True


def _heeded(connection: Connection, row: AnyRow | None, officer_id: int, now: datetime) -> bool:
    """It happens now; False when it waits no more.

    The word of whom a complaint of theirs is about changes nothing, and they are not told why: others decide.
    """
    if row is None or row.state not in privacy_requests.CHANGEABLE:
        return False
    them = theirs.person(connection, row.contact_id)
    if complaints.concerns(connection, row.office, them, officer_id, now):
        alarm(connection, row.office, now)
        return True
    return privacy_requests.schedule(connection, row.id, now, officer_id)


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
        still = partial(_may_go_on, row, row.erase_at - ONE_HOUR, now)
        erasing.erase(runtime, row.office, row.contact_id, row.confirmed_by, still)
        return
    with runtime.database.write() as connection:
        thread = conversations.by_id(connection, row.conversation_id) if row.conversation_id else None
        going_on = _may_go_on(row, row.erase_at, now, connection)
        if going_on and privacy_requests.tell(connection, row.id, now + ONE_HOUR) and thread:
            apply.take(runtime, connection, thread, ErasureBegins(), now)


def _may_go_on(row: AnyRow, seen_at: datetime, now: datetime, connection: Connection) -> bool:
    """Whether it is still as it was when it became due, and nobody has to look first: else somebody shall."""
    found = privacy_requests.find(connection, row.id)
    if found is None or (found.state, found.contact_id) != (row.state, row.contact_id):
        return False  # taken back meanwhile, or gone to another contact by a merge
    if not _needs_a_look(connection, row, seen_at, now):
        return True
    privacy_requests.put_back(connection, row.id)
    alarm(connection, row.office, now)
    return False


def _needs_a_look(connection: Connection, row: AnyRow, seen_at: datetime, now: datetime) -> bool:
    """Whether something is open that no supervisor has seen, or none who may decide on it."""
    them = theirs.person(connection, row.contact_id)
    if row.confirmed_by is None:
        return bool(privacy_requests.open_tickets(connection, them))
    if privacy_requests.asked_since(connection, them, seen_at):
        return True
    return complaints.concerns(connection, row.office, them, row.confirmed_by, now)


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
