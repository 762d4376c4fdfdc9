"""Out of the outbox: in order, once, and with the truth about what became of each message."""

import logging
from datetime import timedelta

import pytest
from sqlalchemy import select

from channels.contract import Accepted, Outbound, SendError, Trouble
from channels.whatsapp.sending import WhatsApp
from handlers import delivery
from storage.columns import AnyRow, table
from storage.tables import Timer
from tests.driver import CITIZEN, Desk

TIMER = table(Timer)
HALF_A_SECOND = timedelta(milliseconds=500)


def answered(desk: Desk, *texts: str) -> None:
    """A citizen at an officer's desk, the bot's words delivered, and then the officer's *texts* queued."""
    desk.writes("petugas", office="6302")
    desk.settle()
    for text in texts:
        desk.replies(text)


def answers(desk: Desk) -> list[AnyRow]:
    """The officer's messages, oldest first."""
    return [row for row in desk.messages("out") if row.author == "officer"]


def fates(desk: Desk) -> list[str]:
    """What became of the officer's messages."""
    return [row.delivery for row in answers(desk)]


def arrived(desk: Desk) -> list[str]:
    """The officer's words on the citizen's phone: what came after the bot's first answer."""
    return [message.text for message in desk.phone()][1:]


def later(desk: Desk, **time: float) -> None:
    """Some time passes, and the worker does what is due."""
    desk.clock.forward(**(time or {"seconds": 40}))
    desk.settle()


def unused(desk: Desk) -> int:
    """How many scripted faults the provider still has: each request for sending uses one."""
    return len(desk.twilio._faults)


def timers(desk: Desk) -> set[str]:
    with desk.runtime.database.read() as connection:
        return set(connection.execute(select(TIMER.c.kind)).scalars())


def test_an_answer_arrives_and_is_marked(desk: Desk) -> None:
    answered(desk, "Jawaban kami")
    desk.settle()
    (row,) = answers(desk)
    assert arrived(desk) == ["Jawaban kami"]
    assert (row.delivery, row.rank, row.tries, row.error_code) == ("delivered", 5, 1, None)
    assert row.external_id == desk.phone()[-1].sid
    assert timers(desk) == {"idle_warn", "idle_close"}


def test_parts_of_a_long_text_keep_their_order(desk: Desk) -> None:
    words = [f"kata{number:04d}" for number in range(1000)]
    answered(desk, " ".join(words), "selesai")
    desk.settle()
    assert len(arrived(desk)) > 5
    assert " ".join(arrived(desk)).split() == [*words, "selesai"]


def test_a_part_of_unknown_fate_is_cleared_up_before_the_next_part_leaves(desk: Desk) -> None:
    words = [f"kata{number:04d}" for number in range(500)]
    desk.writes("petugas", office="6302")
    desk.settle()
    desk.twilio.fail_next(500, 20500)
    desk.replies(" ".join(words))
    desk.settle()
    later(desk)
    assert " ".join(arrived(desk)).split() == words


def test_what_waits_for_another_try_keeps_its_place(desk: Desk) -> None:
    desk.writes("petugas", office="6302")
    desk.settle()
    desk.twilio.fail_next(429, 20429, times=2)
    desk.replies("satu")
    desk.replies("dua")
    desk.settle()
    assert (fates(desk), arrived(desk)) == (["queued", "queued"], [])
    first = answers(desk)[0]
    assert HALF_A_SECOND <= first.next_try_at - desk.clock() <= HALF_A_SECOND * 1.5
    later(desk, seconds=1)
    assert HALF_A_SECOND * 2 <= answers(desk)[0].next_try_at - desk.clock() <= HALF_A_SECOND * 3
    later(desk, seconds=2)
    assert (fates(desk), arrived(desk)) == (["delivered", "delivered"], ["satu", "dua"])


def test_a_wrong_token_loses_no_answer(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """Refused for half a day, at most every half hour, said aloud; gone out as soon as it is mended."""
    desk.writes("petugas", office="6302")
    desk.settle()
    desk.twilio.fail_next(401, 20003, times=20)
    desk.replies("satu")
    for _ in range(20):
        later(desk, minutes=31)
    assert (fates(desk), arrived(desk), unused(desk)) == (["queued"], [], 0)
    assert any(record.levelno == logging.ERROR for record in caplog.records)
    later(desk, minutes=31)
    assert (fates(desk), arrived(desk)) == (["delivered"], ["satu"])


def test_what_could_not_leave_before_the_window_closed_is_held(desk: Desk) -> None:
    """And goes out when the citizen writes again."""
    desk.writes("petugas", office="6302")
    desk.settle()
    desk.twilio.fail_next(401, 20003, times=1)
    desk.replies("satu")
    desk.settle()
    later(desk, hours=25)
    assert fates(desk) == ["held"]
    desk.writes("halo?", office="6302")
    desk.settle()
    assert (fates(desk), arrived(desk)) == (["delivered"], ["satu"])


def test_a_failed_message_blocks_nobody(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    answered(desk, "satu rahasia", "dua")
    desk.twilio.fail_next(400, 63024)
    desk.settle()
    assert (fates(desk), arrived(desk)) == (["failed", "delivered"], ["dua"])
    first = answers(desk)[0]
    assert (first.error_code, bool(first.error_text), first.next_try_at) == ("63024", True, None)
    later(desk, hours=2)
    assert arrived(desk) == ["dua"]
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert "rahasia" not in caplog.text


def test_what_was_taken_without_an_answer_is_found_and_not_sent_again(desk: Desk) -> None:
    answered(desk, "satu")
    desk.twilio.drop_after_accept_next()
    desk.twilio.callbacks_next()
    desk.settle()
    assert fates(desk) == ["unknown"]
    later(desk)
    assert (fates(desk), arrived(desk)) == (["sent"], ["satu"])
    assert answers(desk)[0].external_id == desk.phone()[-1].sid
    assert timers(desk) == {"idle_warn", "idle_close"}


@pytest.mark.parametrize("taken", [True, False])
def test_an_equal_text_is_not_mistaken_for_it(desk: Desk, taken: bool) -> None:
    """Two equal answers, of the second nobody knows: the first is no proof of the second."""
    answered(desk, "Baik")
    desk.settle()
    desk.twilio.callbacks_next()
    if taken:
        desk.twilio.drop_after_accept_next()
    else:
        desk.twilio.fail_next(500, 20500)
    desk.replies("Baik")
    desk.settle()
    assert fates(desk) == ["delivered", "unknown"]
    later(desk)
    assert arrived(desk) == ["Baik", "Baik"]
    first, second = answers(desk)
    assert [first.external_id, second.external_id] == [message.sid for message in desk.phone()[1:]]


def test_while_nobody_can_be_asked_nothing_is_sent(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise SendError("unreachable", "no route", Trouble.UNKNOWN)

    answered(desk, "satu", "dua")
    desk.twilio.fail_next(500, 20500)
    desk.settle()
    with monkeypatch.context() as patch:
        patch.setattr(WhatsApp, "find", away)
        for _ in range(3):
            later(desk, minutes=1)
        assert (fates(desk), arrived(desk)) == (["unknown", "delivered"], ["dua"])
    later(desk, minutes=31)
    assert (fates(desk), arrived(desk)) == (["delivered", "delivered"], ["dua", "satu"])


def test_a_receipt_settles_what_was_taken_without_an_answer(desk: Desk) -> None:
    """Also the citizen's silence counts then, although sending never returned."""
    answered(desk, "satu")
    desk.twilio.drop_after_accept_next()
    desk.settle()
    assert (fates(desk), arrived(desk)) == (["delivered"], ["satu"])
    assert answers(desk)[0].external_id == desk.phone()[-1].sid
    assert timers(desk) == {"idle_warn", "idle_close"}
    later(desk, minutes=5)
    assert arrived(desk) == ["satu"]


def test_outside_the_window_the_provider_is_not_even_asked(desk: Desk) -> None:
    answered(desk)
    desk.clock.forward(hours=23, minutes=56)
    desk.replies("satu")
    desk.replies("dua")
    desk.twilio.fail_next(500, 20500)
    desk.settle()
    assert (unused(desk), fates(desk), arrived(desk)) == (1, ["held", "held"], [])
    assert timers(desk) == set()
    desk.twilio._faults.clear()
    desk.writes("halo, sudah ada?", office="6302")
    desk.settle()
    assert (fates(desk), arrived(desk)) == (["delivered", "delivered"], ["satu", "dua"])


def test_a_window_the_provider_calls_closed_holds_an_answer(desk: Desk) -> None:
    answered(desk, "satu")
    desk.twilio.fail_next(400, 63016)
    desk.settle()
    desk.replies("dua")
    desk.settle()
    assert (fates(desk), arrived(desk)) == (["held", "delivered"], ["dua"])
    assert answers(desk)[0].error_code == "63016"
    desk.writes("halo", office="6302")
    desk.settle()
    assert (fates(desk), arrived(desk)) == (["delivered", "delivered"], ["dua", "satu"])


def test_a_bot_s_sentence_is_dropped_when_the_window_is_closed(desk: Desk) -> None:
    desk.twilio.fail_next(400, 63016)
    desk.writes("halo", office="6302")
    desk.settle()
    assert [row.delivery for row in desk.messages("out")] == ["cancelled"]
    desk.writes("1", office="6302")
    assert len(desk.heard()) == 1


@pytest.mark.parametrize("reports", [("sent", "failed:63016"), ("failed:63016", "sent", "sending")])
def test_a_window_reported_closed_afterwards_holds_the_answer(desk: Desk, reports: tuple[str, ...]) -> None:
    """Whatever the order of the reports: it has not arrived, so it waits and leaves anew."""
    answered(desk, "satu", "dua")
    desk.twilio.callbacks_next(*reports)
    desk.settle()
    assert fates(desk) == ["held", "delivered"]
    later(desk, minutes=1)
    assert arrived(desk) == ["satu", "dua"]
    desk.writes("halo", office="6302")
    desk.settle()
    assert fates(desk) == ["delivered", "delivered"]
    assert arrived(desk) == ["satu", "dua", "satu"]
    assert answers(desk)[0].external_id == desk.phone()[-1].sid


def test_a_bot_s_sentence_reported_outside_the_window_is_dropped(desk: Desk) -> None:
    desk.twilio.callbacks_next("sent", "failed:63016")
    desk.writes("halo", office="6302")
    desk.settle()
    assert [row.delivery for row in desk.messages("out")] == ["cancelled"]


def test_silence_does_not_count_after_an_answer_that_never_arrived(desk: Desk) -> None:
    answered(desk, "satu")
    desk.twilio.callbacks_next("sent", "failed:63016")
    desk.settle()
    assert timers(desk) == set()
    later(desk, days=8)
    assert desk.tickets()[-1].status == "open"


def test_a_held_answer_of_unknown_fate_is_not_found_in_its_first_try(desk: Desk) -> None:
    """The provider still lists the attempt that the window stopped: that is not the new one."""
    answered(desk, "satu")
    desk.twilio.callbacks_next("sent", "failed:63016")
    desk.settle()
    desk.twilio.fail_next(500, 20500)
    desk.writes("halo", office="6302")
    desk.settle()
    assert fates(desk) == ["unknown"]
    later(desk)
    assert (fates(desk), arrived(desk)) == (["delivered"], ["satu", "satu"])


def test_opting_out_stops_what_has_not_left(desk: Desk) -> None:
    desk.writes("petugas", office="6302")
    desk.replies("satu")
    desk.writes("STOP", office="6302")
    assert [row.delivery for row in desk.messages("out")] == ["cancelled", "held", "queued"]
    (only,) = desk.heard()
    assert "MULAI" in only
    later(desk, hours=1)
    assert len(desk.phone()) == 1
    desk.writes("MULAI", office="6302")
    assert desk.heard()[1] == "satu"


def test_opting_out_stops_what_is_on_its_way_again(desk: Desk) -> None:
    """Queued again after a failed look-up or a busy provider: the citizen has asked for silence since."""
    answered(desk, "satu", "dua")
    desk.twilio.fail_next(500, 20500)
    desk.twilio.fail_next(429, 20429)
    desk.settle()
    assert fates(desk) == ["unknown", "queued"]
    desk.clock.forward(seconds=1)
    desk.writes("STOP", office="6302")
    later(desk)
    later(desk)
    assert fates(desk) == ["held", "held"]
    assert ["satu" in text or "dua" in text for text in arrived(desk)] == [False]
    desk.writes("MULAI", office="6302")
    assert desk.heard()[2:4] == ["satu", "dua"]


def test_a_process_that_died_before_sending_is_made_good(desk: Desk) -> None:
    answered(desk, "satu")
    assert [row.body for row in delivery.claim(desk.runtime, "whatsapp")] == ["satu"]
    desk.settle()
    assert (fates(desk), arrived(desk)) == (["sending"], [])
    later(desk, seconds=91)
    assert (fates(desk), arrived(desk)) == (["delivered"], ["satu"])


def test_a_process_that_died_after_sending_sends_nothing_twice(desk: Desk) -> None:
    answered(desk, "satu")
    (row,) = delivery.claim(desk.runtime, "whatsapp")
    desk.twilio.callbacks_next()
    desk.runtime.channels["whatsapp"].send(Outbound(row.mid, row.sender, row.address, row.body))
    later(desk, seconds=91)
    assert (fates(desk), arrived(desk)) == (["sent"], ["satu"])


def test_a_slow_sender_s_late_word_undoes_nothing(desk: Desk) -> None:
    """Its lease lapsed and a colleague found the message at the provider: it stays sent, once."""
    answered(desk, "satu")
    (row,) = delivery.claim(desk.runtime, "whatsapp")
    sent = desk.runtime.channels["whatsapp"].send(Outbound(row.mid, row.sender, row.address, row.body))
    later(desk, seconds=91)
    delivery._not_sent(desk.runtime, row, SendError("no_answer", "too late", Trouble.UNKNOWN))
    delivery._sent(desk.runtime, row, Accepted(sent.external_id, "queued"))
    assert (fates(desk), arrived(desk)) == (["delivered"], ["satu"])


def test_two_workers_claim_nothing_twice(desk: Desk) -> None:
    for number in range(6):
        desk.writes("halo", office="6302", address=f"+62812000{number:05d}")
    first, second = delivery.claim(desk.runtime, "whatsapp"), delivery.claim(desk.runtime, "whatsapp")
    assert (len(first), second) == (6, [])


def test_a_bug_while_sending_one_message_leaves_the_others_alone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    send = WhatsApp.send

    def broken(channel: WhatsApp, message: Outbound) -> Accepted:
        if message.address == CITIZEN:
            raise RuntimeError(message.text)
        return send(channel, message)

    monkeypatch.setattr(WhatsApp, "send", broken)
    other = "+6281299999999"
    desk.writes("halo", office="6302")
    desk.writes("halo", office="6302", address=other)
    assert len(desk.heard(other)) == 1
    assert [row.delivery for row in desk.messages("out")] == ["sending", "delivered"]
    assert "Selamat" not in caplog.text


def test_an_unknown_fate_is_asked_about_ever_more_rarely(
    desk: Desk, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the provider can't be asked nothing is sent again; after an hour somebody is told."""
    desk.writes("petugas", office="6302")
    desk.settle()
    desk.twilio.fail_next(500, 20500)
    desk.replies("satu")
    desk.settle()
    asked: list[int] = []

    def away(*_: object) -> None:
        asked.append(1)
        raise SendError("20503", "away", Trouble.UNKNOWN)

    monkeypatch.setattr(type(desk.runtime.channels["whatsapp"]), "find", away)
    for _ in range(120):
        later(desk, minutes=1)
    assert fates(desk) == ["unknown"]
    assert 5 <= len(asked) <= 20
    assert any("nobody knows" in record.message for record in caplog.records)
