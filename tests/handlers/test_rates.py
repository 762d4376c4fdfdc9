"""No faster than WhatsApp allows, however many processes send: measured with a clock that a test moves."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import event

from handlers import delivery, rates
from handlers.runtime import Runtime
from storage import outbox
from storage.db import Database
from tests.driver import SENDERS, Desk
from tests.storage.seeding import Thread

SENDER, OTHER = SENDERS["7411"], SENDERS["6302"]
MOST = 80
SECOND = timedelta(seconds=1)


def queue(desk: Desk, office: str, sender: str, how_many: int) -> None:
    """So many citizens wait for a message each."""
    with desk.runtime.database.write() as connection:
        threads = [Thread(connection, office) for _ in range(how_many)]
        rows = [
            {
                "mid": str(uuid4()), "office": office, "direction": "out", "author": "bot",
                "channel": "whatsapp", "address_id": one.address, "conversation_id": one.conversation,
                "sender": sender, "address": f"+62812{number:07d}", "body": "x", "media": [],
                "at": desk.clock(), "next_try_at": desk.clock(), "delivery": "queued", "part": 0,
            }
            for number, one in enumerate(threads)
        ]  # fmt: skip
        outbox.queue(connection, rows)


@pytest.fixture
def processes(desk: Desk) -> Iterator[list[Runtime]]:
    """Two processes on one database."""
    second = Database(desk.runtime.database.url, desk.runtime.settings.data_dir)
    yield [desk.runtime, replace(desk.runtime, database=second)]
    second.close()


def test_no_second_sees_more_than_the_limit_of_one_number(desk: Desk, processes: list[Runtime]) -> None:
    queue(desk, "7411", SENDER, 250)
    queue(desk, "6302", OTHER, 10)
    left: list[tuple[datetime, str]] = []
    began = desk.clock()
    while len(left) < 260 and desk.clock() - began < 10 * SECOND:
        for runtime in processes:
            while claimed := delivery.claim(runtime, "whatsapp"):
                left += [(desk.clock(), message.sender) for message in claimed]
        desk.clock.forward(seconds=0.1)
    assert len(left) == 260
    ours = [moment for moment, sender in left if sender == SENDER]
    assert max(sum(one <= other < one + SECOND for other in ours) for one in ours) == MOST
    assert max(ours) - began <= 4 * SECOND
    assert [moment for moment, sender in left if sender == OTHER] == [began] * 10


def test_what_is_put_off_costs_no_try(desk: Desk) -> None:
    queue(desk, "7411", SENDER, MOST + 1)
    while delivery.claim(desk.runtime, "whatsapp"):
        pass
    waiting = [row for row in desk.messages("out") if row.delivery == "queued"]
    assert [(row.tries, row.next_try_at) for row in waiting] == [(0, desk.clock() + SECOND)]


def test_nothing_to_send_asks_nobody_how_fast(desk: Desk) -> None:
    heard: list[str] = []
    event.listen(
        desk.runtime.database.engine, "before_cursor_execute", lambda _c, _u, text, *_: heard.append(text)
    )
    assert delivery.claim(desk.runtime, "whatsapp") == []
    assert not any("sender_pace" in text for text in heard)
    queue(desk, "7411", SENDER, 15)
    delivery.claim(desk.runtime, "whatsapp")
    heard.clear()
    queue(desk, "6302", SENDER, 15)
    heard.clear()
    assert len(delivery.claim(desk.runtime, "whatsapp")) == 15
    assert sum("sender_pace" in text and "message" not in text for text in heard) == 2


def test_one_person_gets_no_two_messages_at_once_where_that_is_wanted(desk: Desk) -> None:
    channels = desk.runtime.settings.channels
    whatsapp = channels.whatsapp.model_copy(update={"recipient_seconds": 6.0})
    patient = desk.runtime.settings.model_copy(
        update={"channels": channels.model_copy(update={"whatsapp": whatsapp})}
    )
    desk.runtime = replace(desk.runtime, settings=patient)
    desk.writes("petugas", office="6302")
    for text in ("satu", "dua"):
        desk.replies(text)
    seen = []
    for _ in range(4):
        desk.settle()
        seen.append(len(desk.phone()))
        desk.clock.forward(seconds=3)
    assert seen == [1, 1, 2, 2]
    desk.clock.forward(seconds=3)
    desk.settle()
    assert [message.text for message in desk.phone()][1:] == ["satu", "dua"]
    assert rates.within(desk.runtime, None, "email", [1, 2]) == [1, 2]  # type: ignore[arg-type, list-item]
