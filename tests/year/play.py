"""A year is played through the desk's own handlers, the clock jumping from one event to the next."""

import gc
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from heapq import heapify, heappop, heappush
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select, update

from bot.events import Content
from channels.contract import Inbound
from handlers import jobs, officer, receiving, recounting
from handlers.mailroom import turns
from handlers.mailroom.turns import Heard, Place
from storage import calendar, contacts, outbox
from storage.columns import table, written
from storage.tables import Message, Ticket, Timer
from tests.driver import SID
from tests.year.almanac import DAY
from tests.year.office import PlayedOffice, closes_on, goes_on_leave
from tests.year.people import Act, Done
from tests.year.staff import LEAVES, Leave

MESSAGE, TICKET, TIMER = table(Message), table(Ticket), table(Timer)
LEAVES_AFTER = timedelta(seconds=2)
END = datetime.combine(date(2027, 3, 1), time())
_NEXT = select(func.min(TIMER.c.due_at))
_NEWEST = select(func.max(TICKET.c.id))
_CLOSABLE = select(TICKET.c.id).where(TICKET.c.status == written("open"), TICKET.c.closable_at.is_not(None))
_BOTS = (
    update(MESSAGE)
    .where(outbox._UNSENT, MESSAGE.c.delivery == written("queued"), MESSAGE.c.author == written("bot"))
    .values(delivery="sent")
)
_ASKS = {
    "": "petugas",
    "tani": "mau bicara dengan petugas soal padi",
    "harga": "mau bicara dengan petugas soal inflasi",
    "tani harga": "mau bicara dengan petugas soal inflasi dan padi",
}
_TELLS = "Yang saya perlukan angka per kecamatan, tahun 2024."
_THANKS = "terima kasih"


class Inline(ThreadPoolExecutor):
    """A pool that does everything at once, in its caller's thread."""

    def map(self, fn: Any, *iterables: Iterable[Any], **_: Any) -> Iterator[Any]:
        """Each in its turn."""
        return iter([fn(*each) for each in zip(*iterables, strict=True)])


INLINE = Inline(1)


@dataclass(frozen=True)
class Closure:
    """A day that the office closes by itself, and since when that is known (local time)."""

    day: date
    told_at: datetime


class Tick:
    """The worker looks whether a leave has begun."""


Step = tuple[datetime, int, Done | Closure | Leave | Tick | None]
"""At that moment, of several in this order: what is not a number's, acts, or (None) what waits may leave."""


def _about_leaves() -> Iterator[tuple[datetime, Leave | Tick]]:
    """Each leave is entered; and about its beginning there are ticks, some of them too early."""
    for leave in LEAVES:
        yield leave.told_at, leave
    days = {leave.first[0] for leave in LEAVES}
    for day in days | {day - DAY for day in days}:
        for at in (time(), time(11, 30, 1), time(12, 0, 1)):
            yield datetime.combine(day, at), Tick()


@contextmanager
def rarely_collected() -> Iterator[None]:
    """Looking for garbage a thousand times would cost a fifth of the time."""
    before = gc.get_threshold()
    gc.set_threshold(200_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@dataclass
class Player:
    """Plays on *office*. ``tickets``: their ids by number. ``refused``: what could not be done."""

    office: PlayedOffice
    tickets: dict[int, int] = field(default_factory=dict)
    refused: list[Done] = field(default_factory=list)
    _threads: dict[int, int] = field(default_factory=dict)

    def play(self, acts: Sequence[Done], closure: Closure) -> None:
        """All acts in their order, with every deadline before each of them, and then until none is left."""
        steps: list[Step] = [(act.at, number, act) for number, act in enumerate(acts, 1)]
        steps.append((closure.told_at, 0, closure))
        steps += [(at, -number, step) for number, (at, step) in enumerate(_about_leaves(), 1)]
        heapify(steps)
        with rarely_collected():
            self._play(steps, acts)
        self._wait(END)

    def _play(self, steps: list[Step], acts: Sequence[Done]) -> None:
        last = len(acts)
        while steps:
            at, number, step = heappop(steps)
            self._wait(at)
            if isinstance(step, Closure):
                self._close_a_day(step)
            elif isinstance(step, Leave):
                goes_on_leave(self.office, step)
            elif isinstance(step, Tick):
                jobs.begin_leaves(self.office.runtime)
            elif step is None:
                self._delivers("whatsapp" if acts[number - last - 1].number % 2 else "email")
            elif self._does(step):
                heappush(steps, (at + LEAVES_AFTER, last + number, None))

    def _wait(self, until: datetime) -> None:
        """Let every deadline happen in its second, as a tick each second would."""
        runtime, clock = self.office.runtime, self.office.clock
        while True:
            with runtime.database.read() as connection:
                due = connection.execute(_NEXT).scalar()
            if due is None or self.office.local(due) > until:
                break
            clock.at = max(clock.at, due.replace(microsecond=0) + timedelta(seconds=due.microsecond > 0))
            jobs.fire_timers(runtime)
        self.office.set_clock(until)

    def _delivers(self, channel: str) -> None:
        """What officers wrote leaves by the worker's job; the desk's own sentences are simply gone."""
        runtime = self.office.runtime
        with runtime.database.write() as connection:
            connection.execute(_BOTS)
        jobs.deliver(runtime, INLINE, channel)

    def _does(self, done: Done) -> bool:
        """Do it; whether something leaves then that matters for a promise."""
        match done.act:
            case Act.OPENS | Act.WRITES | Act.THANKS:
                self._writes(done)
            case Act.SWEEPS:
                self._sweeps()
            case _:
                self._officer(done)
        released = done.act in (Act.WRITES, Act.THANKS) and done.number % 2
        return bool(done.act in (Act.ASKS_BACK, Act.ANSWERS) or released)

    def _officer(self, done: Done) -> None:
        runtime, me = self.office.runtime, self.office.officer_ids[done.by]
        ticket = self.tickets[done.number]
        if done.act is Act.CLAIMS:
            officer.claim(runtime, me, ticket)
            return
        if done.act is Act.CLEARS:
            refused = officer.mark_clear(runtime, me, ticket)
        elif done.act is Act.CLOSES:
            refused = officer.close(runtime, me, ticket)
        else:
            asks, form = done.act is Act.ASKS_BACK, str(uuid4())
            words = "Untuk tahun berapa?" if asks else "Luas panen tahun 2024: 1.234 ha."
            told = officer.reply(runtime, me, ticket, words, form, asks_back=asks, seen=10**9)
            assert not isinstance(told, officer.Stale)
            refused = told
        if refused:
            self.refused.append(done)

    def _sweeps(self) -> None:
        with self.office.runtime.database.read() as connection:
            closable = list(connection.execute(_CLOSABLE).scalars())
        for ticket in closable:
            assert officer.close(self.office.runtime, self.office.officer_ids[0], ticket) is None

    def _writes(self, done: Done) -> None:
        """By WhatsApp, or, every second one, by mail."""
        words = _ASKS[done.about] if done.act is Act.OPENS else _THANKS
        if done.act is Act.WRITES and self._is_open(done.number):
            words = _TELLS
        if done.number % 2:
            self._chats(done.number, words)
        else:
            self._mails(done.number, words)
        if done.act is Act.OPENS:
            with self.office.runtime.database.read() as connection:
                newest = int(connection.execute(_NEWEST).scalar_one())
            assert newest not in self.tickets.values(), "these words open no ticket"
            self.tickets[done.number] = newest

    def _is_open(self, number: int) -> bool:
        status = select(TICKET.c.status).where(TICKET.c.id == self.tickets[number])
        with self.office.runtime.database.read() as connection:
            return bool(connection.execute(status).scalar() == "open")

    def _chats(self, number: int, words: str) -> None:
        sender = self.office.runtime.office(self.office.code).senders.whatsapp[0]
        receiving.receive(
            self.office.runtime,
            Inbound(
                channel="whatsapp", account=SID, external_id=f"SM{uuid4().hex}", sender=sender,
                address=f"+62812{number:08d}", aliases=(), profile_name="Siti Contoh", text=words,
                content=Content.TEXT,
            ),
        )  # fmt: skip

    def _mails(self, number: int, words: str) -> None:
        """The turn of a mail that was read and found its thread."""
        runtime, now, code = self.office.runtime, self.office.clock(), self.office.code
        address = f"siti{number}@contoh.id"
        heard = Heard(
            mid=str(uuid4()), account="kotak", external_id=uuid4().hex, office=code,
            sender=runtime.office(code).senders.email[0], address=address, text=words, subject="Luas panen",
        )  # fmt: skip
        with runtime.database.write() as connection:
            home = contacts.home(connection, code, "email", address, (), "Siti Contoh", now)
            place = Place(self._threads.get(number), self.tickets.get(number), vouched=True)
            went = turns.take(runtime, connection, heard, home, place, now)
        assert went is not None
        self._threads[number] = went.conversation_id

    def _close_a_day(self, closure: Closure) -> None:
        closes_on(self.office, closure.day)
        runtime, code = self.office.runtime, self.office.code
        with runtime.database.read() as connection:
            version = calendar.version(connection, code)
        # Tick after tick, each of which takes so many.
        while recounting.recount_office(runtime, code, version):
            pass
