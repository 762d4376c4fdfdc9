"""What people ask about their own data in a turn is recorded, with when it must be done."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.effects import RequestCopy, RequestErasure, WithdrawErasure
from bot.privacy import DUE_WITHIN
from handlers import page_links
from handlers.runtime import Runtime
from storage import alarms, privacy_requests, theirs
from storage.conversations import Thread

ALARM = "privacy_request"
UNDO = timedelta(hours=20)
"""Time to think it over, within the day in which WhatsApp still lets the person be told."""


def write(
    runtime: Runtime,
    connection: Connection,
    thread: Thread,
    effect: RequestCopy | RequestErasure | WithdrawErasure,
    conversation_id: int,
    now: datetime,
) -> dict[str, str]:
    """Record what a turn has decided; the links that its sentences may name."""
    match effect:
        case WithdrawErasure():
            privacy_requests.withdraw(connection, thread.contact_id)
        case RequestErasure():
            _ask_erasure(connection, thread, conversation_id, now)
        case RequestCopy():
            of = (connection, thread, conversation_id, now)
            request_id = _add(*of, kind=privacy_requests.COPY, state="done")
            return {"link": page_links.own_data(runtime, request_id)}
    return {}


def _ask_erasure(connection: Connection, thread: Thread, conversation_id: int, now: datetime) -> None:
    """By itself after some time to think it over where nothing is open; else a supervisor confirms it."""
    if privacy_requests.undone(connection, thread.contact_id):
        return
    of = (connection, thread, conversation_id, now)
    if privacy_requests.open_tickets(connection, theirs.person(connection, thread.contact_id)):
        _add(*of, kind=privacy_requests.ERASURE, state="waiting")
        alarm(connection, thread.office, now)
    else:
        _add(*of, kind=privacy_requests.ERASURE, state="scheduled", erase_at=now + UNDO)


def _add(
    connection: Connection,
    thread: Thread,
    conversation_id: int,
    now: datetime,
    *,
    kind: str,
    state: str,
    erase_at: datetime | None = None,
) -> int:
    return privacy_requests.add(
        connection,
        office=thread.office,
        contact_id=thread.contact_id,
        conversation_id=conversation_id,
        kind=kind,
        channel=thread.channel,
        now=now,
        due_at=now + DUE_WITHIN,
        state=state,
        erase_at=erase_at,
    )


def alarm_key(office: str) -> str:
    """One alarm an office, however many wait."""
    return f"{ALARM}:{office}"


def alarm(connection: Connection, office: str, now: datetime) -> None:
    """A supervisor must look at what was asked."""
    alarms.raise_alarm(connection, alarm_key(office), office, ALARM, {}, now)
