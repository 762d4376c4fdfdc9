"""What the provider reports: in any order, twice, early and late; kept as it came, and only ever rising."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import select

from channels.contract import Accepted, Receipt, SendError, Trouble
from handlers import delivery, receipts
from storage.columns import AnyRow, table
from storage.tables import Message, ReceiptRow
from tests.driver import Desk

RECEIPT = table(ReceiptRow)
EARLY = "SM" + "1" * 32
SECOND = "SM" + "2" * 32


def report(desk: Desk, message: Any, status: str, external_id: str = EARLY, *, named: bool = True) -> None:
    """The provider says *status* (``failed:63024`` with its code) of *message*."""
    word, _, code = status.partition(":")
    mid = message.mid if named else None
    receipts.receive(
        desk.runtime, Receipt("whatsapp", external_id, mid, word, code or None, code and "Words")
    )


def reply_in_hand(desk: Desk) -> AnyRow:
    """An officer's answer that this process is just sending."""
    desk.writes("petugas", office="6302")
    desk.settle()
    desk.replies("Jawaban")
    (message,) = delivery.claim(desk.runtime, "whatsapp")
    return message


def returned(desk: Desk, message: AnyRow, external_id: str = EARLY) -> None:
    """The provider's answer to the sending comes at last."""
    delivery._sent(desk.runtime, message, Accepted(external_id, "queued"))


def now_of(desk: Desk, message: AnyRow) -> AnyRow:
    of = table(Message)
    with desk.runtime.database.read() as connection:
        return connection.execute(select(of).where(of.c.id == message.id)).one()


def kept(desk: Desk) -> list[tuple[str, bool]]:
    with desk.runtime.database.read() as connection:
        rows = connection.execute(
            select(RECEIPT.c.status, RECEIPT.c.matched)
            .where(RECEIPT.c.external_id.in_((EARLY, SECOND)))
            .order_by(RECEIPT.c.id)
        )
        return [(row.status, row.matched) for row in rows]


@pytest.mark.parametrize("named", [True, False])
def test_reports_may_come_before_sending_returns(desk: Desk, named: bool) -> None:
    message = reply_in_hand(desk)
    report(desk, message, "sent", named=named)
    report(desk, message, "delivered", named=named)
    returned(desk, message)
    end = now_of(desk, message)
    assert (end.delivery, end.rank, end.external_id) == ("delivered", 5, EARLY)
    assert kept(desk) == [("sent", True), ("delivered", True)]
    report(desk, message, "read", named=False)
    assert now_of(desk, message).delivery == "read"


def test_a_report_without_our_id_waits_for_its_message(desk: Desk) -> None:
    message = reply_in_hand(desk)
    report(desk, message, "failed:63024", named=False)
    assert (kept(desk), now_of(desk, message).delivery) == ([("failed", False)], "sending")
    returned(desk, message)
    assert (kept(desk), now_of(desk, message).delivery) == ([("failed", True)], "failed")
    assert now_of(desk, message).error_code == "63024"


def test_any_order_comes_to_the_same(desk: Desk) -> None:
    """Also each moment is kept, whichever report came first."""
    for order in permutations(("sent", "delivered", "read")):
        message = _another_reply(desk)
        for seconds, status in enumerate(order):
            desk.clock.forward(seconds=seconds)
            report(desk, message, status, message.mid[:34])
        end = now_of(desk, message)
        assert (end.delivery, end.rank) == ("read", 6), order
        assert None not in (end.sent_at, end.delivered_at, end.read_at), order


def _another_reply(desk: Desk) -> AnyRow:
    if not desk.tickets():
        return reply_in_hand(desk)
    desk.replies("Lagi")
    (message,) = delivery.claim(desk.runtime, "whatsapp")
    return message


def test_twice_is_once(desk: Desk) -> None:
    message = reply_in_hand(desk)
    returned(desk, message)
    for _ in range(3):
        report(desk, message, "delivered")
        desk.clock.forward(minutes=1)
    assert kept(desk) == [("delivered", True)]
    assert now_of(desk, message).delivered_at == desk.clock() - timedelta(minutes=3)


def test_proof_of_arrival_outranks_a_failure_whose_words_stay(desk: Desk) -> None:
    for order in (("failed:63024", "delivered"), ("delivered", "failed:63024"), ("read", "failed:63016")):
        message = _another_reply(desk)
        for status in order:
            report(desk, message, status, message.mid[:34])
        end = now_of(desk, message)
        assert end.delivery == order[0 if order[0] in ("read", "delivered") else 1], order
        assert end.error_code == order[1 if ":" in order[1] else 0].partition(":")[2], order
        assert end.error_text == "Words"


def test_an_unknown_word_is_kept_and_changes_nothing(desk: Desk) -> None:
    message = reply_in_hand(desk)
    returned(desk, message)
    report(desk, message, "partially_delivered")
    assert (now_of(desk, message).delivery, kept(desk)) == ("sent", [("partially_delivered", True)])


def test_a_merely_queued_report_does_not_end_the_doubt(desk: Desk) -> None:
    message = reply_in_hand(desk)
    report(desk, message, "accepted")
    delivery._not_sent(desk.runtime, message, SendError("no_answer", "nothing came", Trouble.UNKNOWN))
    assert now_of(desk, message).delivery == "unknown"


def test_a_closed_window_may_be_reported_before_sending_returns(desk: Desk) -> None:
    message = reply_in_hand(desk)
    report(desk, message, "failed:63016")
    returned(desk, message)
    report(desk, message, "sent")
    assert (now_of(desk, message).delivery, now_of(desk, message).sent_at) == ("held", None)


def test_a_closed_window_may_be_reported_though_sending_never_returns(desk: Desk) -> None:
    message = reply_in_hand(desk)
    report(desk, message, "failed:63016")
    delivery._not_sent(desk.runtime, message, SendError("no_answer", "nothing came", Trouble.UNKNOWN))
    assert now_of(desk, message).delivery == "held"


def test_late_words_about_the_first_try_do_not_concern_the_second(desk: Desk) -> None:
    message = reply_in_hand(desk)
    returned(desk, message)
    report(desk, message, "failed:63016")
    desk.writes("halo", office="6302")
    (again,) = delivery.claim(desk.runtime, "whatsapp")
    for late in ("sent", "undelivered:63016", "undelivered:63024"):
        report(desk, again, late)
        assert now_of(desk, message).delivery in ("sending", "held"), late
    desk.writes("halo", office="6302")
    again = (delivery.claim(desk.runtime, "whatsapp") or [again])[0]
    report(desk, again, "delivered", SECOND)
    returned(desk, again, SECOND)
    report(desk, again, "sending")
    end = now_of(desk, message)
    assert (end.delivery, end.external_id) == ("delivered", SECOND)


def test_a_citizen_s_message_is_no_outgoing_one(desk: Desk) -> None:
    """A report that names a citizen's own message changes nothing of it."""
    desk.writes("petugas", office="6302", sid=EARLY)
    report(desk, desk.messages()[0], "failed:63016")
    assert [(row.delivery, row.error_code) for row in desk.messages()] == [(None, None)]
    assert kept(desk) == [("failed", False)]


def test_many_reports_at_once(desk: Desk) -> None:
    message = reply_in_hand(desk)
    statuses = ["sent", "delivered", "read", "sent", "failed:63024", "queued", "read", "delivered"]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda status: report(desk, message, status), statuses * 2))
        pool.submit(returned, desk, message).result()
    end = now_of(desk, message)
    assert (end.delivery, end.rank, end.error_code, end.external_id) == ("read", 6, "63024", EARLY)
    assert sorted(kept(desk)) == sorted((word.partition(":")[0], True) for word in set(statuses))


def _menu_in_hand(desk: Desk) -> AnyRow:
    """A question with choices that this process is just sending."""
    desk.writes("halo", office="6302")
    (message,) = delivery.claim(desk.runtime, "whatsapp")
    assert "options" in message.menu
    return message


def _offered(desk: Desk, message: AnyRow) -> None:
    """The provider took it with its choices."""
    delivery._sent(desk.runtime, message, Accepted(EARLY, "queued", offered=True))


@pytest.mark.parametrize("early", [True, False])
def test_choices_that_are_refused_late_leave_again_by_number_once(desk: Desk, *, early: bool) -> None:
    message = _menu_in_hand(desk)
    if not early:
        _offered(desk, message)
    report(desk, message, "failed:63021")
    if early:
        _offered(desk, message)
    for late in ("sent", "failed:63021", "undelivered:63013"):
        report(desk, message, late)
    again = now_of(desk, message)
    assert (again.delivery, again.menu, again.rank) == ("queued", {"about": ""}, 0)
    (claimed,) = delivery.claim(desk.runtime, "whatsapp")
    report(desk, claimed, "failed:63021")
    returned(desk, claimed, SECOND)
    report(desk, claimed, "failed:63021", SECOND)
    ended = now_of(desk, message)
    assert (ended.delivery, ended.external_id, ended.error_code) == ("failed", SECOND, "63021")


@pytest.mark.parametrize("told", ["failed:63024", "undelivered:63016", "delivered"])
def test_choices_that_meet_something_else_stay_what_they_are(desk: Desk, told: str) -> None:
    message = _menu_in_hand(desk)
    _offered(desk, message)
    report(desk, message, told)
    assert "options" in now_of(desk, message).menu
    assert now_of(desk, message).delivery != "queued"


def test_what_arrived_all_the_same_is_not_said_again(desk: Desk) -> None:
    message = _menu_in_hand(desk)
    _offered(desk, message)
    report(desk, message, "delivered")
    report(desk, message, "failed:63021")
    assert now_of(desk, message).delivery == "delivered"
    report(desk, message, "read")
    assert (now_of(desk, message).delivery, "options" in now_of(desk, message).menu) == ("read", True)
