"""The ticks: everything due happens by itself, a fault is not the end, and stopping is quick and clean."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from threading import Event

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from channels.simulator.provider import Fault
from channels.whatsapp.sending import WhatsApp
from handlers import delivery
from handlers.runtime import Runtime
from handlers.worker import Worker
from storage.columns import AnyRow, table
from storage.tables import Timer
from tests.driver import Desk


@contextmanager
def ticking(worker: Worker) -> Iterator[None]:
    """*worker* at work, stopped at the end."""
    worker.start()
    try:
        yield
    finally:
        worker.stop()


def wait_for(happened: Callable[[], object], seconds: float = 90) -> None:
    """Until it has happened, at most so long."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def deadlines(desk: Desk) -> set[str]:
    with desk.runtime.database.read() as connection:
        return set(connection.execute(select(table(Timer).c.kind)).scalars())


def test_what_is_due_happens_by_itself(desk: Desk) -> None:
    with ticking(Worker(desk.runtime)):
        desk.writes("petugas", office="6302")
        desk.replies("Jawaban")
        wait_for(lambda: len(desk.phone()) == 2)
        wait_for(lambda: {row.delivery for row in desk.messages("out")} == {"delivered"})
        desk.clock.forward(days=4)
        wait_for(lambda: deadlines(desk) == {"idle_close"})  # the warning's moment has come
        desk.clock.forward(days=3)
        wait_for(lambda: desk.tickets()[0].status == "closed")


def test_a_fault_in_a_job_is_not_the_end_of_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    faults: list[Exception] = [OperationalError("x", {}, Exception("rahasia")), RuntimeError("rahasia")]
    claim = delivery.claim

    def unreliable(runtime: Runtime, channel: str) -> list[AnyRow]:
        if faults:
            raise faults.pop()
        return claim(runtime, channel)

    monkeypatch.setattr(delivery, "claim", unreliable)
    desk.writes("halo", office="6302")
    with ticking(Worker(desk.runtime)):
        wait_for(lambda: len(desk.phone()) == 1)
    assert caplog.text.count("the job 'deliver ") == 1
    assert caplog.text.count("the database is away (OperationalError)") == 1
    assert "rahasia" not in caplog.text


def test_two_workers_deliver_once(desk: Desk) -> None:
    people = [f"+62812000{number:05d}" for number in range(10)]
    with ticking(Worker(desk.runtime)), ticking(Worker(desk.runtime)):
        for address in people:
            desk.writes("halo", office="6302", address=address)
        wait_for(lambda: all(desk.phone(address) for address in people))
        time.sleep(1)
    assert [len(desk.phone(address)) for address in people] == [1] * 10


def test_a_sending_that_hangs_holds_up_no_other(desk: Desk) -> None:
    channel = desk.runtime.channels["whatsapp"]
    assert isinstance(channel, WhatsApp)
    channel._timeout = 250
    desk.twilio.hang_next(250, accepted=False)
    desk.writes("halo", office="6302")
    with ticking(Worker(desk.runtime)):
        wait_for(lambda: not desk.twilio._faults)
        for number in range(3):
            address = f"+62812000{number:05d}"
            desk.writes("halo", office="6302", address=address)
            wait_for(partial(desk.phone, address))
            assert desk.messages("out")[0].delivery == "sending"
        desk.twilio.closing.set()


class Silence:
    """Weather in which every sending hangs until it is let go; then its line drops."""

    def __init__(self) -> None:
        self.reached, self.let_go = Event(), Event()

    def fault(self, _form: Mapping[str, str]) -> Fault:
        self.reached.set()
        self.let_go.wait(120)
        return Fault(drop=True)

    def reports(self, _form: Mapping[str, str], _usual: tuple[str, ...]) -> tuple[str, ...]:
        return ()


def test_stopping_waits_for_what_is_being_sent_and_no_longer(desk: Desk) -> None:
    """The provider hangs and ten messages wait: one outcome stays unknown, the rest is for others."""
    for number in range(10):
        desk.writes("halo", office="6302", address=f"+62812000{number:05d}")
    desk.twilio.weather = silence = Silence()
    worker = Worker(desk.runtime, senders=1)
    worker.start()
    assert silence.reached.wait(60)
    with ThreadPoolExecutor(1) as pool:
        stopped = pool.submit(worker.stop)
        wait_for(worker._stopping.is_set)
        with pytest.raises(TimeoutError):
            stopped.result(0.5)
        silence.let_go.set()
        stopped.result(90)
    rows = desk.messages("out")
    assert Counter(row.delivery for row in rows) == {"queued": 9, "unknown": 1}
    assert {row.tries for row in rows if row.delivery == "queued"} == {0}
