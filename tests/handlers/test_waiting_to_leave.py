"""What is claimed and stands behind slow ones is looked at once more before it leaves."""

from unittest.mock import Mock

import pytest
from sqlalchemy import select

from handlers import delivery, erasing
from storage import outbox
from storage.columns import AnyRow, table
from storage.tables import Contact
from tests.driver import Desk
from tests.handlers.test_delivery import answered, arrived, fates


def waiting_for_a_sender(desk: Desk) -> AnyRow:
    """An officer's answer that is claimed, and stands behind slow ones for a while."""
    answered(desk, "satu")
    (claimed,) = delivery.claim(desk.runtime, "whatsapp")
    desk.clock.forward(seconds=20)
    return claimed


@pytest.mark.parametrize("more", [0, 40, 80])
def test_opting_out_stops_what_waits_for_a_sender(desk: Desk, more: int) -> None:
    """Claimed together with others, before the citizen wrote, whether or not its lease was renewed."""
    claimed = waiting_for_a_sender(desk)
    desk.writes("STOP", office="6302")
    desk.clock.forward(seconds=more)
    delivery.deliver(desk.runtime, claimed)
    assert (fates(desk), arrived(desk)) == (["held"], [])
    desk.writes("MULAI", office="6302")
    assert "satu" in desk.heard()


def test_nothing_leaves_to_who_was_erased_while_it_waited_for_a_sender(desk: Desk) -> None:
    claimed = waiting_for_a_sender(desk)
    with desk.runtime.database.read() as connection:
        (person,) = connection.execute(select(table(Contact).c.id)).scalars()
    assert erasing.erase(desk.runtime, "6302", person, None)
    delivery.deliver(desk.runtime, claimed)
    assert arrived(desk) == []


def test_what_was_cancelled_while_it_waited_for_a_sender_stays(desk: Desk) -> None:
    claimed = waiting_for_a_sender(desk)
    with desk.runtime.database.write() as connection:
        outbox.keep_back(connection, claimed.id)
    delivery.deliver(desk.runtime, claimed)
    assert (fates(desk), arrived(desk)) == (["held"], [])


@pytest.mark.parametrize(("waited", "looks"), [(0, 0), (1, 0), (1.1, 1), (20, 1)])
def test_what_leaves_at_once_is_not_read_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, waited: float, looks: int
) -> None:
    answered(desk, "satu")
    (claimed,) = delivery.claim(desk.runtime, "whatsapp")
    desk.clock.forward(seconds=waited)
    looked = Mock(wraps=outbox.in_hand)
    monkeypatch.setattr(outbox, "in_hand", looked)
    delivery.deliver(desk.runtime, claimed)
    assert (looked.call_count, arrived(desk)) == (looks, ["satu"])
