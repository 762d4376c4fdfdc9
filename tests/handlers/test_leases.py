"""Who has claimed a message sends it while that is certain to be theirs alone, and not a moment longer."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Event, Thread

import pytest
from sqlalchemy import text

from channels.contract import Accepted, Channel, Outbound, SendError, Trouble
from channels.whatsapp.errors import UNREACHABLE, failure
from handlers import delivery, jobs
from handlers.mailroom import notice_sending
from handlers.pacing import PACES
from handlers.runtime import Runtime
from storage import notices, outbox
from storage.columns import AnyRow
from storage.officers import MailWishes
from tests.driver import Desk
from tests.handlers.correspondence import wishing

LEASE = PACES["whatsapp"].lease
PEOPLE = [f"+62812000000{number:02d}" for number in range(5)]


class Watched:
    """A channel that does something before each sending."""

    def __init__(self, real: Channel, before: Callable[[Outbound], None]) -> None:
        self.real, self.before, self.manners = real, before, real.manners

    def send(self, message: Outbound) -> Accepted:
        self.before(message)
        return self.real.send(message)


def watched(runtime: Runtime, channel: str, before: Callable[[Outbound], None]) -> Runtime:
    """The same desk in another process, whose sendings are watched."""
    channels: Mapping[str, object] = {**runtime.channels, channel: Watched(runtime.channels[channel], before)}
    return replace(runtime, channels=channels)  # type: ignore[arg-type]  # all that sending asks of it


def asked(desk: Desk, *people: str) -> None:
    """Everybody is at an officer's desk, and an answer waits for each, with nothing sent yet."""
    for one in people:
        desk.writes("petugas", office="6302", address=one)
        desk.settle()
        desk.replies(f"Jawaban untuk {one}")


def answers(desk: Desk) -> list[AnyRow]:
    return [row for row in desk.messages("out") if row.author == "officer"]


def heard(desk: Desk, *people: str) -> list[int]:
    """How often the answer arrived at each."""
    return [sum("Jawaban" in message.text for message in desk.phone(one)) for one in people]


def test_what_a_colleague_has_sent_meanwhile_does_not_leave_again(desk: Desk) -> None:
    """Of many claimed at once the first hangs beyond the lease, and a colleague does the work."""
    asked(desk, *PEOPLE)
    reached, go_on = Event(), Event()

    def hangs(_: Outbound) -> None:
        if not reached.is_set():
            reached.set()
            assert go_on.wait(30)
            raise failure(UNREACHABLE)

    slow = watched(desk.runtime, "whatsapp", hangs)
    with ThreadPoolExecutor(1) as pool, ThreadPoolExecutor(1) as other:
        thread = Thread(target=jobs.deliver, args=(slow, pool, "whatsapp"))
        thread.start()
        assert reached.wait(10)
        desk.clock.forward(seconds=LEASE.total_seconds() + 5)
        jobs.look_up_unknown(desk.runtime)
        jobs.deliver(desk.runtime, other, "whatsapp")
        go_on.set()
        thread.join(30)
    desk.settle()
    assert heard(desk, *PEOPLE) == [1] * len(PEOPLE)


@pytest.mark.parametrize("waited", [46, 91])
def test_what_has_waited_for_half_its_lease_has_it_renewed_before_it_leaves(desk: Desk, waited: int) -> None:
    """Beyond the end too, where nobody has looked at it yet."""
    asked(desk, *PEOPLE[:1])
    (claimed,) = delivery.claim(desk.runtime, "whatsapp")
    desk.clock.forward(seconds=waited)
    until: list[datetime] = []
    slow = watched(desk.runtime, "whatsapp", lambda _: until.append(answers(desk)[0].lease_until))
    delivery.deliver(slow, claimed)
    assert until == [desk.clock() + LEASE]
    desk.settle()
    assert heard(desk, *PEOPLE[:1]) == [1]


def test_what_leaves_soon_is_not_renewed(desk: Desk) -> None:
    asked(desk, *PEOPLE[:1])
    (claimed,) = delivery.claim(desk.runtime, "whatsapp")
    desk.clock.forward(seconds=44)
    until: list[datetime] = []
    slow = watched(desk.runtime, "whatsapp", lambda _: until.append(answers(desk)[0].lease_until))
    delivery.deliver(slow, claimed)
    assert until == [claimed.lease_until]


def test_a_lease_that_was_lapsed_is_renewed_by_nobody(desk: Desk) -> None:
    asked(desk, *PEOPLE[:1])
    (claimed,) = delivery.claim(desk.runtime, "whatsapp")
    desk.clock.forward(seconds=LEASE.total_seconds() + 1)
    with desk.runtime.database.write() as connection:
        outbox.lapse(connection, desk.clock())
    delivery.deliver(desk.runtime, claimed)
    assert (answers(desk)[0].delivery, heard(desk, *PEOPLE[:1])) == ("unknown", [0])
    desk.settle()
    assert heard(desk, *PEOPLE[:1]) == [1]


def claimed_anew(desk: Desk, channel: str = "whatsapp") -> tuple[AnyRow, AnyRow]:
    """What was claimed and lapsed, and the same as a colleague has it in hand now."""
    (before,) = delivery.claim(desk.runtime, channel)
    desk.clock.forward(seconds=PACES[channel].lease.total_seconds() + 1)
    jobs.look_up_unknown(desk.runtime)
    (now,) = delivery.claim(desk.runtime, channel)
    assert (now.id, now.delivery, now.tries) == (before.id, "sending", 2)
    return before, now


@pytest.mark.parametrize("waited", [0, 50])
def test_a_late_process_takes_nothing_out_of_a_colleague_s_hands(desk: Desk, waited: int) -> None:
    """Neither by giving back what it has not sent, nor by telling that it could not send it."""
    asked(desk, *PEOPLE[:1])
    before, _ = claimed_anew(desk)
    desk.clock.forward(seconds=waited)
    delivery.give_back(desk.runtime, before)
    delivery._not_sent(desk.runtime, before, SendError("20429", "too late", Trouble.RETRY))
    delivery.deliver(desk.runtime, before)
    assert (answers(desk)[0].delivery, heard(desk, *PEOPLE[:1])) == ("sending", [0])


def test_a_mail_leaves_by_one_hand_too(desk: Desk) -> None:
    desk.mails("Saya ingin bicara dengan petugas")
    desk.settle()
    desk.replies("Jawaban kami.")
    before, now = claimed_anew(desk, "email")
    many = len(desk.letters())
    delivery.deliver(desk.runtime, before)
    assert len(desk.letters()) == many
    desk.clock.forward(minutes=8)
    delivery.deliver(desk.runtime, now)
    assert len(desk.letters()) == many + 1


def test_a_notice_that_waited_behind_slow_ones_leaves_once(desk: Desk) -> None:
    """Four are claimed at once and leave one after the other: a colleague finds the last ones lapsed."""
    for name in ("rahma", "budi", "wati"):
        wishing(desk, name, MailWishes(new=True))
    desk.writes("petugas")
    desk.clock.forward(minutes=3)
    gone: list[str] = []

    def slowly(message: Outbound) -> None:
        gone.append(message.address)
        desk.clock.forward(minutes=4)
        if len(gone) == 2:
            notice_sending.send_due(desk.runtime, Event())

    notice_sending.send_due(watched(desk.runtime, "email", slowly), Event())
    for name in ("rahma", "budi", "wati"):
        assert len(desk.postbox.to(f"{name}@bps.go.id")) == 1
    assert len(gone) == 2


def test_a_notice_given_back_late_stays_with_who_has_it(desk: Desk) -> None:
    wishing(desk, "rahma", MailWishes(new=True))
    desk.writes("petugas")
    desk.clock.forward(minutes=3)
    with desk.runtime.database.write() as connection:
        (before,) = notices.claim(connection, desk.clock())
        desk.clock.forward(seconds=notices.LEASE.total_seconds() + 1)
        (now,) = notices.claim(connection, desk.clock())
        notices.give_back(connection, before)
        assert not notices.renew(connection, before, desk.clock() + timedelta(hours=1))
        row = notices.find(connection, now.id)
    assert row is not None
    assert (row.delivery, row.lease_until) == ("sending", now.lease_until)


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_that_find_the_same_lapsed_ones_do_not_wait_for_each_other(desk: Desk) -> None:
    """In another order each would have waited for what the other had found, until PostgreSQL ended one."""
    asked(desk, PEOPLE[0])
    with desk.runtime.database.write() as connection:
        assert len(outbox.claim(connection, desk.clock(), "whatsapp")) == 1
    desk.clock.forward(seconds=outbox.LEASE.total_seconds() + 1)
    with desk.runtime.database.write() as first, desk.runtime.database.write() as second:
        second.execute(text("SET LOCAL lock_timeout = '2s'"))
        assert outbox.lapse(first, desk.clock()) == 1
        assert outbox.lapse(second, desk.clock()) == 0
