"""A town around a desk: PostgreSQL, a mail server, Twilio, citizens, officers, and what happens to them."""

import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from bench.havoc import citizens, database, officers, writers
from bench.havoc.database import Postgres
from bench.havoc.desk import Desk, Program
from bench.havoc.evidence import Evidence, gathered
from bench.havoc.ledger import Ledger
from bench.havoc.provider import Provider
from bot.silence import ends_tickets
from channels.simulator import create_local_twilio, serving
from channels.simulator.weather import Storm
from handlers import compose, passwords
from handlers.settings import load
from storage import officers as accounts
from storage.columns import table
from storage.db import Database
from storage.mail_tables import Mail, Notice
from storage.tables import Address, Conversation, Message, Timer
from tests.dovecot import PROCESSED, Dovecot, running_dovecot
from tests.driver import SENDERS, SID, TOKEN, environment, write_config
from tests.ports import free_port
from tests.post import PostOffice, post_office

PUBLIC_URL = "http://loket.example"
OFFICES = ("7411", "6302", "6571")
WITHOUT = ("window", "limit", "fails")
HANG = 10.5
"""A little longer than the desk waits for Twilio."""
SECONDS_TO_GIVE_UP = 60.0
_MESSAGE, _MAIL, _NOTICE, _TIMER = table(Message), table(Mail), table(Notice), table(Timer)
_CONVERSATION, _ADDRESS = table(Conversation), table(Address)


@dataclass(frozen=True, slots=True)
class Plan:
    """How long, how much, and what goes wrong meanwhile. The same *seed* draws the same."""

    seconds: float
    messages: int
    mails: int
    kills: int
    restarts: int
    faults: float
    seed: int
    webs: int = 2
    workers: int = 2
    officers: int = 3
    writers: int = 8
    citizens: int = 400


@dataclass
class Town:
    """Everything that runs, and the ledger of what people were told."""

    plan: Plan
    folder: Path
    postgres: Postgres
    dovecot: Dovecot
    twilio: Provider
    desk: Desk
    post: PostOffice
    ledger: Ledger
    look: Database
    closing: frozenset[str]
    ended: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)
    outages: list[tuple[float, float]] = field(default_factory=list)

    def begin(self, what: Callable[..., object], *arguments: Any) -> threading.Thread:
        """Let somebody act from a thread of their own; what breaks there is a fault of the run."""

        def guarded() -> None:
            try:
                what(*arguments)
            except Exception as error:  # noqa: BLE001  # told at the end
                self.ledger.faults.append(f"the harness broke: {what.__name__}: {error!r}")

        thread = threading.Thread(target=guarded, name=what.__name__, daemon=True)
        self.threads.append(thread)
        thread.start()
        return thread

    def time_goes_by(self, address: str) -> bool:
        """Whoever fell silent has now done so days ago. False while the database is away."""
        then = compose.now() - timedelta(days=4)
        mine = select(_CONVERSATION.c.id).join(_ADDRESS, _ADDRESS.c.id == _CONVERSATION.c.address_id)
        mine = mine.where(_ADDRESS.c.value == address)
        try:
            with self.look.write() as connection:
                talk = connection.execute(mine).scalar()
                if talk is None:
                    return False
                moved = update(_TIMER).where(_TIMER.c.conversation_id == talk, _TIMER.c.kind == "abandon")
                if connection.execute(moved.values(due_at=then + timedelta(days=3))).rowcount != 1:
                    return False
                wrote = update(_CONVERSATION).where(_CONVERSATION.c.id == talk)
                connection.execute(wrote.values(last_inbound_at=then))
                return True
        except SQLAlchemyError:
            return False


@contextmanager
def standing(plan: Plan, folder: Path) -> Iterator[Town]:
    """The town at rest: everything runs, and nobody has said anything yet."""
    folder.mkdir(parents=True, exist_ok=True)
    ledger, post = Ledger(), post_office()
    post.clear()
    with ExitStack() as stack:
        postgres = stack.enter_context(database.running(folder / "look"))
        dovecot = stack.enter_context(running_dovecot(fsync="optimized"))
        look = Database(postgres.url, folder / "look")
        stack.callback(look.close)
        webs: list[str] = []
        twilio = Provider(
            SID, TOKEN, ledger=ledger, webs=lambda: webs, clock=compose.now, public_url=PUBLIC_URL
        )
        stack.callback(twilio.close)
        api_url = stack.enter_context(serving(create_local_twilio(twilio)))
        config = write_config(folder, postgres.url, PUBLIC_URL, imap=dovecot.port)
        _hire(look, plan.officers)
        desk = Desk(_programs(plan, config, api_url))
        webs += desk.webs
        stack.callback(desk.stop)
        desk.start()
        offices = load(config, environment()).offices.items()
        closing = frozenset(code for code, office in offices if ends_tickets(office.autoclose))
        yield Town(plan, folder, postgres, dovecot, twilio, desk, post, ledger, look, closing)


def _programs(plan: Plan, config: Path, api_url: str) -> list[Program]:
    known = os.environ | environment() | {"LOKET_CONFIG": str(config), "LOKET_WHATSAPP_API_URL": api_url}
    programs = []
    for number in range(plan.webs + plan.workers):
        port = free_port() if number < plan.webs else 0
        name = f"{'web' if port else 'worker'}{number}"
        arguments = ("web", "--port", str(port)) if port else ("worker",)
        programs.append(Program(name, arguments, known, config.with_name(f"{name}.log"), port))
    return programs


def _hire(look: Database, many: int) -> None:
    word = passwords.hashed(officers.PASSWORD)
    with look.write() as connection:
        for number in range(many):
            mine = accounts.add(
                connection,
                email=f"petugas{number}@bps.go.id",
                name=f"Petugas {number}",
                password_hash=word,
                now=compose.now(),
            )
            for office in OFFICES:
                accounts.set_role(connection, mine, office, "supervisor")


def storm(town: Town) -> None:
    """Everybody acts, and everything goes wrong, until the plan's time is over."""
    plan, ended = town.plan, town.ended
    town.twilio.weather = Storm(plan.seed, HANG, share=plan.faults, without=WITHOUT) if plan.faults else None
    until = time.monotonic() + plan.seconds
    pace = citizens.Pace(plan.messages, plan.seconds)
    people = [(f"+62812{number:08d}", SENDERS[OFFICES[number % 3]]) for number in range(plan.citizens)]
    for number in range(plan.writers):
        town.begin(
            citizens.write, town.twilio, people[number :: plan.writers], pace, f"{plan.seed}.{number}", ended
        )
    town.begin(citizens.fall_silent, town.twilio, SENDERS["7411"], town.time_goes_by, ended)
    boxes = [f"bps{code}@bps.go.id" for code in OFFICES]
    mails = citizens.Pace(plan.mails, plan.seconds)
    town.begin(writers.write, town.dovecot, boxes, town.ledger, mails, f"warga{plan.seed}", ended)
    for number in range(plan.officers):
        officer = officers.Officer(f"petugas{number}@bps.go.id", OFFICES, lambda: town.desk.webs, town.ledger)
        town.begin(officer.work, f"{plan.seed}.{number}", ended)
    _misfortunes(town, until)
    ended.set()
    for thread in town.threads:
        thread.join(120)
        if thread.is_alive():
            town.ledger.faults.append(f"the harness broke: {thread.name} does not end")


def _misfortunes(town: Town, until: float) -> None:
    """Kills and crashes at moments by the seed, none in the first or last tenth of the time."""
    plan, chosen = town.plan, random.Random(f"{town.plan.seed}")  # noqa: S311  # the same every time
    began = until - plan.seconds
    moments = [
        *((chosen.uniform(0.1, 0.9), _kill) for _ in range(plan.kills)),
        *((chosen.uniform(0.1, 0.9), _crash) for _ in range(plan.restarts)),
    ]
    for share, act in sorted(moments, key=lambda each: each[0]):
        time.sleep(max(0.0, began + share * plan.seconds - time.monotonic()))
        act(town, chosen)
    time.sleep(max(0.0, until - time.monotonic()))


def _kill(town: Town, chosen: random.Random) -> None:
    if town.desk.kill(chosen):
        town.ledger.counted["killed"] += 1


def _crash(town: Town, chosen: random.Random) -> None:
    began = time.monotonic()
    town.postgres.crash()
    time.sleep(chosen.uniform(1.0, 3.0))
    town.postgres.start()
    town.outages.append((began, time.monotonic()))
    town.ledger.counted["database restarts"] += 1
    town.ledger.longest("the database was away", began)
    town.begin(_healed, town, time.monotonic(), town.ledger.taken)


def _healed(town: Town, since: float, taken: int) -> None:
    while town.ledger.taken == taken and not town.ended.wait(0.05):
        pass
    town.ledger.longest("until a message was taken again", since)


def strange_deaths(town: Town) -> list[str]:
    """Who ended by themselves although the database was there: only what starts without one may give up."""
    return [
        f"{name} ended by itself"
        for moment, name in town.desk.deaths
        if not any(began <= moment <= ended + SECONDS_TO_GIVE_UP for began, ended in town.outages)
    ]


def calm(town: Town, patience: float = 120.0) -> None:
    """No more faults: let the desk work until nothing is left. Hours go by for what waits for its moment."""
    town.twilio.weather = None
    # What is still being sent belonged to the dead: those who are stopped have given back what they held.
    town.desk.stop(town.desk.workers)
    _let_leases_lapse(town.look)
    town.desk.start()
    seen, since = -1, time.monotonic()
    while left := _left(town):
        if left != seen:
            seen, since = left, time.monotonic()
        if time.monotonic() - since > patience:
            raise RuntimeError(f"{left} are left and nothing happens:\n{town.desk.said()}")
        _hurry(town.look)
        time.sleep(0.5)
    town.twilio.wait_until_quiet(patience)


def _let_leases_lapse(look: Database) -> None:
    past = compose.now() - timedelta(hours=1)
    with look.write() as connection:
        for rows in (_MESSAGE, _NOTICE):
            connection.execute(update(rows).where(rows.c.delivery == "sending").values(lease_until=past))


def _hurry(look: Database) -> None:
    """Whoever would try again in minutes does so now."""
    now = compose.now()
    soon = now + timedelta(seconds=3)
    with look.write() as connection:
        for rows in (_MESSAGE, _NOTICE):
            waits = rows.c.delivery.in_(("queued", "unknown"))
            late = update(rows).where(waits, rows.c.next_try_at > soon)
            connection.execute(late.values(next_try_at=now))


def _left(town: Town) -> int:
    """How much has still to be done."""
    now = compose.now()
    unsent = or_(
        _MESSAGE.c.delivery.in_(("queued", "sending")),
        (_MESSAGE.c.delivery == "unknown") & _MESSAGE.c.next_try_at.is_not(None),
    )
    questions = (
        select(func.count()).select_from(_MESSAGE).where(or_(_MESSAGE.c.intake == "pending", unsent)),
        select(func.count()).select_from(_MAIL).where(_MAIL.c.intake == "pending"),
        select(func.count()).select_from(_NOTICE).where(_NOTICE.c.delivery.in_(("queued", "sending"))),
        select(func.count()).select_from(_TIMER).where(_TIMER.c.due_at <= now),
    )
    with town.look.read() as connection:
        left = sum(int(connection.execute(question).scalar_one()) for question in questions)
        fetched = int(connection.execute(select(func.count()).select_from(_MAIL)).scalar_one())
    return left + max(0, len(town.ledger.mails) - fetched)


def evidence(town: Town) -> Evidence:
    """What is found when all is quiet."""
    lying = [
        raw
        for code in OFFICES
        for folder in ("INBOX", PROCESSED)
        for raw in town.dovecot.mails(f"bps{code}@bps.go.id", folder).values()
    ]
    return gathered(
        *(town.look, town.ledger, town.twilio, lying, town.post.letters, compose.now()),
        town.closing,
        database.turns(town.look.engine),
    )
