"""A citizen's message arrives: kept together with its turn where that goes well, else first and by itself."""

import logging
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from bot.policy import Office
from channels.contract import Inbound
from handlers import inbound
from handlers.inbound import Fate, Forgotten, row_of, where
from handlers.runtime import Runtime
from storage import chats, later, writers
from storage.chats import Ends
from storage.contacts import Home
from storage.conversations import Pending, Thread
from storage.db import again, is_busy

log = logging.getLogger(__name__)


def receive(runtime: Runtime, message: Inbound) -> Fate:
    """Keep *message* and give it its turn. After this returns it is kept, whatever became of the turn.

    Mostly both are one transaction. A turn that fails leaves the message pending; only a failing database
    raises.
    """
    office = office_of(runtime, message)
    if office is None:
        return _kept_first(runtime, message)
    try:
        return again(partial(_at_once, runtime, message, office))
    except _Stopped as stopped:
        log.info("a message is kept before it has its turn: %s", where(stopped.why))
        return _kept_first(runtime, message, busy=is_busy(stopped.why))


def office_of(runtime: Runtime, message: Inbound) -> Office | None:
    """Whose message may be kept with its turn; None for nobody's, and where files are to be fetched first."""
    return None if message.media else inbound.owner(runtime, message)


class _Stopped(Exception):
    """The turn can't be in one transaction with keeping the message: nothing was written."""

    def __init__(self, why: Exception) -> None:
        super().__init__()
        self.why = why


def _kept_first(runtime: Runtime, message: Inbound, *, busy: bool = False) -> Fate:
    """Keep it, then handle what its address has waiting; *busy*: later, when others have done their work."""
    fate, address_id = again(partial(inbound.accept, runtime, message))
    if address_id is not None and not busy:
        inbound.drain(runtime, address_id)
    return fate


def _at_once(runtime: Runtime, message: Inbound, office: Office) -> Fate:
    now = runtime.clock()
    try:
        with runtime.database.write() as connection, later.together(connection, by_itself=True):
            writers.expect_one(connection, (ends_of(message, office), message.addresses))
            home = inbound.writer(connection, message, office.code, now)
            try:
                turn(runtime, connection, message, office, home, now)
                later.write_now(connection)
            except Exception as error:
                raise _Stopped(error) from error
    except Forgotten:
        return Fate.DUPLICATE
    return Fate.ACCEPTED


def turn(
    runtime: Runtime, connection: Connection, message: Inbound, office: Office, home: Home, now: datetime
) -> None:
    """The turn of a message that *home*, who is locked, has written; it keeps the message.

    One that was kept before is refused by the database. Raises ``ValueError`` where an older one waits.
    """
    row = row_of(message, office.code, home.address_id, now)
    told = (message.text, message.content.value, message.choice, row["at"])
    pending = Pending(0, *told, followed=False, row=row, replies_to=message.replies_to)
    thread = _chat(connection, message, office, home, pending)
    decision = inbound.take(runtime, connection, thread, pending, now)
    if decision.refusal or decision.outcome is None:
        raise ValueError("a message that ended nowhere was not kept")


def ends_of(message: Inbound, office: Office) -> Ends:
    """Between whom the message went."""
    return Ends(office.code, message.channel, message.sender, message.address)


def _chat(connection: Connection, message: Inbound, office: Office, home: Home, pending: Pending) -> Thread:
    load = partial(chats.load, connection, ends_of(message, office), home, pending)
    thread = load()
    if thread and later.meet(connection, chats.about(thread)):
        thread = load()
    if thread is None:
        raise ValueError("an older message waits for its turn")
    return thread
