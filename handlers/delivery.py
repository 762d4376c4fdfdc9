"""Delivering: claim under a lease, send with no transaction open, record what became of it."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection

from channels.contract import Accepted, Outbound, SendError, Template, Trouble
from channels.email import errors
from channels.email.sending import CHANNEL as MAIL
from channels.menus import Menu
from channels.whatsapp.errors import LOST, NEVER_AGAIN
from handlers import rates, receipts, refusals, silence, undelivered, waiting_for_reports
from handlers.mailroom import copies, letters
from handlers.media import sending
from handlers.pacing import PACES
from handlers.runtime import Runtime
from storage import alarms, conversations, held, offers, outbox, tickets
from storage import receipts as reported
from storage.columns import AnyRow
from storage.db import again

log = logging.getLogger(__name__)
WORTH_AN_ALARM = 5
WORTH_ASKING_WHY = timedelta(hours=1)
AT_ONCE = timedelta(seconds=1)
BETWEEN_REPEATS = tuple(timedelta(minutes=minutes) for minutes in (0, 1, 5, 30))
"""How long to wait before what the provider certainly has not is sent again; the last one repeats."""
MOST_REPEATS = 27  # a day or so; before it the window's end holds an answer
MOST_DOUBTS = 2
MOST_PUT_OFF = 50


def claim(runtime: Runtime, channel: str) -> list[AnyRow]:
    """What may leave on *channel* now, claimed for this process."""
    pace = PACES[channel]
    for _ in range(MOST_PUT_OFF):
        with runtime.database.write() as connection:
            claimed = outbox.claim(connection, runtime.clock(), channel, pace.at_once, pace.lease)
            leaving = rates.within(runtime, connection, channel, claimed)
        if leaving or not claimed:
            return leaving
    return []


def deliver(runtime: Runtime, claimed: AnyRow) -> None:
    """Send one *claimed* message and record the outcome. Never raises for a provider's fault.

    Not one whose lease has lapsed: whoever found it so may have sent it. Nor one that is unwanted since.
    """
    message = _as_it_is(runtime, claimed) if _is_ours(runtime, claimed) else None
    if message is None:
        return
    if _silenced(message):
        _keep_back(runtime, message)
        return
    channel = runtime.channels[message.channel]
    if message.template and message.last_inbound_at and message.last_inbound_at > message.at:
        # They have written meanwhile: what it calls them for is on its way.
        _keep_back(runtime, message)
        return
    open_now = channel.manners.take_free_text(message.last_inbound_at, runtime.clock())
    if not (message.template or open_now) and _held(runtime, message):
        return
    try:
        wanted = _outbound(runtime, message)
        accepted = channel.send(wanted)
    except SendError as error:
        again(partial(_not_sent, runtime, message, error))
    else:
        again(partial(_sent, runtime, message, accepted))
        copies.keep(runtime, wanted)


def _is_ours(runtime: Runtime, message: AnyRow) -> bool:
    """Whether nobody else will send *message* for half a lease at least, which is more than a sending takes.

    One that has waited for others until less of it was left has it renewed.
    """
    lease, now = PACES[message.channel].lease, runtime.clock()
    if lease / 2 <= message.lease_until - now <= lease:
        return True
    with runtime.database.write() as connection:
        return outbox.renew(connection, message, now + lease)


def _as_it_is(runtime: Runtime, claimed: AnyRow) -> AnyRow | None:
    """The message as it is at this moment, which costs nothing soon after the claim; None when it is gone.

    Behind slow sendings it may have waited for long: its citizen may have written STOP, or be erased.
    """
    waited = runtime.clock() - (claimed.lease_until - PACES[claimed.channel].lease)
    if timedelta() <= waited <= AT_ONCE:
        return claimed
    with runtime.database.read() as connection:
        return outbox.in_hand(connection, claimed)


def give_back(runtime: Runtime, message: AnyRow) -> None:
    """This process ends before it could send *message*: another may at once."""
    with runtime.database.write() as connection:
        outbox.give_back(connection, message)


def look(runtime: Runtime, message: AnyRow) -> None:
    """Ask the provider about a message whose outcome is unknown; only a certain no lets it leave again."""
    try:
        accepted = runtime.channels[message.channel].find(_plain(runtime, message), _others(runtime, message))
    except SendError as error:
        if doubt := waiting_for_reports.doubt(message, error, runtime.clock()):
            _put_back(runtime, message, "unknown", doubt.error, doubt.next_look, doubt.notes)
        elif error.trouble is Trouble.PERMANENT:
            _repeat(runtime, message)
        else:
            _ask_again(runtime, message, error)
        return
    if accepted:
        _sent(runtime, message, accepted)
    elif message.error_code in NEVER_AGAIN:
        _lost(runtime, message, SendError(message.error_code, "not found at the provider", Trouble.PERMANENT))
    elif message.doubts >= MOST_REPEATS:
        _lost(runtime, message, SendError(LOST, "sent for a day without an answer", Trouble.PERMANENT))
    else:
        again = SendError(LOST, "not found at the provider", Trouble.RETRY)
        wait = BETWEEN_REPEATS[min(message.doubts, len(BETWEEN_REPEATS) - 1)]
        _put_back(runtime, message, "queued", again, runtime.clock() + wait, doubtful=True)


def _lost(runtime: Runtime, message: AnyRow, error: SendError) -> None:
    """Whatever was tried, the provider has never taken it."""
    _failed(runtime, message, error)
    with runtime.database.write() as connection:
        refusals.lost(connection, message, error.code, runtime.clock())


def _repeat(runtime: Runtime, message: AnyRow) -> None:
    """Nobody can ever tell whether it left: the same again, twice at most, then it stays perhaps sent."""
    notes = message.raw or {}
    doubts = notes.get("doubts", 0)
    if doubts < MOST_DOUBTS:
        again = SendError(errors.NO_ANSWER, "the outcome is unknown; sent again", Trouble.RETRY)
        notes = {**notes, "doubts": doubts + 1}
        _put_back(runtime, message, "queued", again, runtime.clock(), notes)
    else:
        perhaps = SendError(errors.PERHAPS, "sent three times without an answer", Trouble.UNKNOWN)
        _put_back(runtime, message, "unknown", perhaps, None)
        log.error("nobody knows whether message %s left", message.mid)


def _ask_again(runtime: Runtime, message: AnyRow, error: SendError) -> None:
    """The provider could not be asked: look again after half the time that has gone, at most half an hour."""
    waited = runtime.clock() - message.at
    later = min(max(waited / 2, timedelta(seconds=5)), timedelta(minutes=30))
    _put_back(runtime, message, "unknown", error, runtime.clock() + later)
    if waited > WORTH_ASKING_WHY:
        log.error("nobody knows whether message %s left: %s", message.mid, error.code)


def _outbound(runtime: Runtime, message: AnyRow) -> Outbound:
    """The message as its channel wants it. Raises ``SendError`` for a letter that can't be written."""
    return letters.outbound(runtime, message) if message.channel == MAIL else _plain(runtime, message)


def _plain(runtime: Runtime, message: AnyRow) -> Outbound:
    template = Template(**message.template) if message.template else None
    menu = Menu.of(message.menu)
    of = (message.mid, message.sender, message.address, message.body)
    along = sending.file_of(runtime, message)
    return Outbound(*of, template=template, menu=menu, since=message.at, file=along)


def _others(runtime: Runtime, message: AnyRow) -> list[str]:
    with runtime.database.read() as connection:
        return reported.known_ids(connection, message)


def _silenced(message: AnyRow) -> bool:
    """Whether the citizen asked for silence after this was queued (not: whether this answers that)."""
    return message.opted_out_at is not None and bool(message.at < message.opted_out_at)


def _keep_back(runtime: Runtime, message: AnyRow) -> None:
    with runtime.database.write() as connection:
        outbox.keep_back(connection, message.id)
        _touch(connection, message, runtime.clock())


def _held(runtime: Runtime, message: AnyRow) -> bool:
    """Hold it, unless the citizen has written since it was claimed: what is held now nobody would release."""
    now = runtime.clock()
    with runtime.database.write() as connection:
        conversations.lock(connection, message.address_id)
        last = held.talk(connection, message.conversation_id).last_inbound_at
        shut = not runtime.channels[message.channel].manners.take_free_text(last, now)
        if shut:
            _hold(connection, message, now)
    return shut


def _hold(connection: Connection, message: AnyRow, now: datetime) -> None:
    """An officer's answer waits for the citizen's next word; a bot's sentence would only be late."""
    outbox.hold_for_window(connection, message.id, now)
    _touch(connection, message, now)


def _sent(runtime: Runtime, message: AnyRow, accepted: Accepted) -> None:
    now = runtime.clock()
    # A mail's server says nothing later: its last words are what its postmaster will ask for.
    notes = {**(message.raw or {}), "answer": accepted.status} if message.channel == MAIL else None
    with runtime.database.write() as connection:
        conversations.lock(connection, message.address_id)  # reports may have come; see ``receipts.receive``
        left = outbox.sent(connection, message.id, accepted.external_id, now, notes)
        if (menu := Menu.of(message.menu)) and not accepted.offered:
            offers.only_by_number(connection, message.id, menu.by_number())
        reports = receipts.catch_up(connection, message, accepted.external_id, now)
        _touch(connection, message, now)
        if message.channel == MAIL:
            alarms.settle(connection, f"smtp:{message.sender}", None, now)
        else:
            refusals.went(connection, message, now, arrived=False)
        if left and receipts.Said.FAILED not in reports:
            silence.begins(runtime, connection, message)


def _not_sent(runtime: Runtime, message: AnyRow, error: SendError) -> None:
    pace = PACES[message.channel]
    later = runtime.clock() + pace.wait(message.tries)
    match error.trouble:
        case Trouble.WINDOW_CLOSED if message.template is None:
            with runtime.database.write() as connection:
                conversations.lock(connection, message.address_id)
                _hold(connection, message, runtime.clock())
        case Trouble.UNKNOWN:
            _put_back(runtime, message, "unknown", error, later)
        case _ if message.channel != MAIL:
            _refused(runtime, message, error)
        case Trouble.RETRY if pace.is_over(message.tries, ours=errors.is_ours(error.code)):
            _failed(runtime, message, error)
        case Trouble.RETRY:
            _put_back(runtime, message, "queued", error, later)
            _log_if_worth(message, error)
        case Trouble.PERMANENT | Trouble.WINDOW_CLOSED:
            _failed(runtime, message, error)


def _refused(runtime: Runtime, message: AnyRow, error: SendError) -> None:
    """WhatsApp said no. What can be mended is tried without an end: a wrong token or a provider that is away
    for a day must lose no answer, and the window's end turns this into a held one."""
    now = runtime.clock()
    with runtime.database.write() as connection:
        conversations.lock(connection, message.address_id)
        outbox.lock(connection, message.id)
        fate = refusals.met(connection, message, error.code, error.detail, error.trouble, now)
        outbox.put_back(connection, message, fate.delivery, error.code, error.detail, fate.next_try_at)
        if fate.delivery == "failed" or undelivered.waits_for_repair(message, error.code):
            undelivered.noted(connection, message, error.code, now)
        _touch(connection, message, now)
    if fate.delivery == "failed":
        log.error("message %s was not delivered: %s", message.mid, error.code)
    else:
        _log_if_worth(message, error)


def _log_if_worth(message: AnyRow, error: SendError) -> None:
    if message.tries >= WORTH_AN_ALARM:
        log.error("message %s still can't leave: %s", message.mid, error.code)


def _failed(runtime: Runtime, message: AnyRow, error: SendError) -> None:
    _put_back(runtime, message, "failed", error, None)
    log.error("message %s was not delivered: %s", message.mid, error.code)


def _put_back(
    runtime: Runtime,
    message: AnyRow,
    delivery: str,
    error: SendError,
    next_try_at: datetime | None,
    notes: Mapping[str, Any] | None = None,
    *,
    doubtful: bool = False,
) -> None:
    now = runtime.clock()
    told = (delivery, error.code, error.detail, next_try_at, notes)
    with runtime.database.write() as connection:
        if message.channel != MAIL:
            conversations.lock(connection, message.address_id)
        outbox.put_back(connection, message, *told, doubtful=doubtful)
        if delivery == "failed":
            undelivered.noted(connection, message, error.code, now)
        _touch(connection, message, now)
        if message.channel == MAIL and errors.is_ours(error.code):
            about = {"mailbox": message.sender, "why": error.code}
            alarms.raise_alarm(connection, f"smtp:{message.sender}", None, "mail_unsent", about, now)


def _touch(connection: Connection, message: AnyRow, now: datetime) -> None:
    if message.ticket_id is not None:
        tickets.touch(connection, message.ticket_id, now)
