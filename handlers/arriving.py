"""Messages that arrive at the same moment share a transaction: one thread keeps and handles them for all.

A commit, and asking who has written, cost a good part of a turn.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby

from sqlalchemy import Connection
from sqlalchemy.exc import TimeoutError as NoneFree

from bot.policy import Office
from channels.contract import Inbound
from handlers import inbound, receiving
from handlers.inbound import Fate, where
from handlers.runtime import Runtime
from storage import db, forgotten, later, writers
from storage.slots import SLOTS

log = logging.getLogger(__name__)
_Owned = tuple[Inbound, Office]
MOST = SLOTS // 2
"""So many go together at most: of each the person is asked for by two addresses, mostly."""


@dataclass(slots=True, eq=False)
class Arrival:
    """A message at the door, and what it came to. One of no ``office`` goes by itself.

    ``called``: look again whether you are ``over``, or may let in the next ones.
    """

    message: Inbound
    office: Office | None
    ended: Fate | Exception | None = None
    over: bool = False
    called: threading.Event = field(default_factory=threading.Event)


class Arrivals:
    """The door of one process."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._waiting: deque[Arrival] = deque()
        self._inside = threading.Lock()

    def receive(self, message: Inbound) -> Fate:
        """What ``receiving.receive`` promises, together with whatever waits at the door as well."""
        arrival = Arrival(message, receiving.office_of(self._runtime, message))
        self._waiting.append(arrival)
        self._let_in_until_over(arrival)
        if isinstance(arrival.ended, Exception):
            raise arrival.ended
        # None, if the thread that had let it in was ended in the middle of it.
        return arrival.ended or receiving.receive(self._runtime, message)

    def _let_in_until_over(self, arrival: Arrival) -> None:
        """Nobody waits for the door itself: who is over could be held up there by those who came later."""
        # Who is let in may have to wait for the database as well.
        until = time.monotonic() + db.SECONDS_TO_WAIT / 2
        while not arrival.over:
            if self._inside.acquire(blocking=False):
                self._keep_the_door(arrival)
            elif not arrival.called.wait(until - time.monotonic()):
                self._give_up(arrival)
                raise NoneFree("others arrive all the time")
            arrival.called.clear()

    def _keep_the_door(self, arrival: Arrival) -> None:
        try:
            while not arrival.over:
                self._let_in_few()
        finally:
            self._inside.release()
            self.call_next()

    def call_next(self) -> None:
        """Whoever waits longest sees to it that they are let in."""
        with suppress(IndexError):
            self._waiting[0].called.set()

    def _let_in_few(self) -> None:
        few = self._few()
        try:
            let_in(self._runtime, few)
        finally:
            for each in few:
                each.over = True
                each.called.set()

    def _give_up(self, arrival: Arrival) -> None:
        try:
            self._waiting.remove(arrival)
        except ValueError:  # it is let in just now: who sends it again is told that it is there
            log.info("a message is let in after its sender was refused")
        self.call_next()  # who gave up may have been called just then

    def _few(self) -> list[Arrival]:
        """Those who came first; nobody's second message together with their first, and nobody's before it."""
        few: list[Arrival] = []
        others: list[Arrival] = []
        named: set[str] = set()
        for arrival in [self._waiting.popleft() for _ in range(len(self._waiting))]:
            joins = not few or (len(few) < MOST and arrival.office and few[0].office)
            (few if joins and named.isdisjoint(arrival.message.addresses) else others).append(arrival)
            named.update(arrival.message.addresses)
        self._waiting.extendleft(reversed(others))
        return few


def let_in(runtime: Runtime, few: Sequence[Arrival]) -> None:
    """Keep them and give them their turns, together if that goes well; each gets what it came to."""
    try:
        ended: Fate | Exception = _let_in(runtime, few)
    except Exception as error:  # noqa: BLE001  # what is wrong with one of them shows again with it alone
        log.info("%d messages did not go in: %s", len(few), where(error))
        if len(few) > 1 and not _is_for_all(error):
            for each in few:
                let_in(runtime, [each])
            return
        ended = error
    for arrival in few:
        arrival.ended = ended


def _let_in(runtime: Runtime, few: Sequence[Arrival]) -> Fate:
    if len(few) == 1:
        return receiving.receive(runtime, few[0].message)
    return _together(runtime, [(each.message, each.office) for each in few if each.office])


def _is_for_all(error: Exception) -> bool:
    """Whether it would happen to each of them by itself, after as long a wait."""
    return isinstance(error, db.AWAY) and not db.passes(error) and not db.is_busy(error)


def _together(runtime: Runtime, few: Sequence[_Owned]) -> Fate:
    """All or nothing. They have their turns office by office: so are the numbers of new tickets locked."""
    by_number = sorted(few, key=_number)
    with runtime.database.write() as connection, later.together(connection):
        now = runtime.clock()
        for channel, theirs in groupby(by_number, _channel):
            _expect(connection, channel, list(theirs))
        for message, office in by_number:
            home = inbound.writer(connection, message, office.code, now)
            receiving.turn(runtime, connection, message, office, home, now)
    return Fate.ACCEPTED


def _number(owned: _Owned) -> tuple[str, str, str]:
    message, office = owned
    return message.channel, office.code, message.sender


def _channel(owned: _Owned) -> str:
    return owned[0].channel


def _expect(connection: Connection, channel: str, few: Sequence[_Owned]) -> None:
    """Ask for all on one channel who they are, how their chats stand, and whether strangers were erased."""
    known = writers.expect(
        connection, channel, [(receiving.ends_of(*owned), owned[0].addresses) for owned in few]
    )
    strangers = [
        message
        for message, office in few
        if known.keys().isdisjoint((office.code, value) for value in message.addresses)
    ]
    if strangers:
        forgotten.expect(connection, [inbound.mark_of(message) for message in strangers])
