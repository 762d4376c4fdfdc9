"""What the provider certainly does not have leaves again, more and more slowly, and is never lost unseen."""

import pytest

from handlers import delivery
from storage import alarms
from tests.driver import Desk
from tests.handlers.test_delivery import answered, arrived, fates, later, unused


def test_half_a_minute_of_faults_loses_no_answer(desk: Desk) -> None:
    answered(desk, "satu", "dua")
    desk.twilio.fail_next(500, 20500, times=99)
    for _ in range(30):
        later(desk, seconds=1)
    desk.twilio._faults.clear()
    for _ in range(3):
        later(desk, minutes=1)
    assert (sorted(fates(desk)), sorted(arrived(desk))) == (["delivered", "delivered"], ["dua", "satu"])


def test_what_is_never_taken_is_sent_again_more_and_more_slowly(desk: Desk) -> None:
    answered(desk, "satu")
    desk.twilio.fail_next(500, 20500, times=200)
    for _ in range(20):
        later(desk, minutes=1)
    assert 4 <= 200 - unused(desk) <= 6
    for _ in range(8):
        later(desk, minutes=30)
    assert 200 - unused(desk) <= 14
    desk.twilio._faults.clear()
    for _ in range(3):
        later(desk, minutes=30)
    assert (fates(desk), arrived(desk)) == (["delivered"], ["satu"])


def test_what_is_never_taken_is_held_when_the_window_shuts(desk: Desk) -> None:
    answered(desk, "satu")
    desk.twilio.fail_next(500, 20500, times=200)
    for _ in range(30):
        later(desk, hours=1)
    assert (fates(desk), arrived(desk)) == (["held"], [])
    desk.twilio._faults.clear()
    desk.writes("halo?", office="6302")
    later(desk, minutes=1)
    assert (fates(desk), arrived(desk)) == (["delivered"], ["satu"])


def test_what_is_given_up_is_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(delivery, "MOST_REPEATS", 2)
    answered(desk, "satu")
    desk.twilio.fail_next(500, 20500, times=8)
    for _ in range(8):
        later(desk, minutes=2)
    assert unused(desk) == 8 - (1 + 2)
    assert (fates(desk), arrived(desk)) == (["failed"], [])
    assert "was not delivered" in caplog.text
    with desk.runtime.database.read() as connection:
        assert [row.what for row in alarms.open_alarms(connection, None, installation=True)] == [
            "whatsapp_lost"
        ]
