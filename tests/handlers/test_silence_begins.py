"""The citizen's silence begins in the transaction that records what they got: nothing may die in between."""

import pytest

from handlers import apply, jobs
from tests.driver import Desk


class Died(BaseException):
    """The process is gone."""


def answered(desk: Desk) -> None:
    desk.writes("petugas", office="6302")
    desk.settle()
    desk.replies("Jawaban")
    desk.twilio.callbacks_next()  # no report comes to help


def at_the_turn(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def broken(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(apply, "take", broken)


def test_a_death_at_that_moment_costs_no_deadline(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    answered(desk)
    with monkeypatch.context() as patch:
        at_the_turn(patch, Died())
        with pytest.raises(Died):
            jobs.run_all(desk.runtime)
    assert desk.messages("out")[-1].delivery == "sending"
    desk.clock.forward(minutes=5)
    desk.settle()
    assert [message.text for message in desk.phone()].count("Jawaban") == 1
    assert desk.tickets()[0].silent_since is not None


def test_a_fault_in_the_turn_does_not_send_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    answered(desk)
    with monkeypatch.context() as patch:
        at_the_turn(patch, RuntimeError("rahasia"))
        desk.settle()
    desk.clock.forward(minutes=5)
    desk.settle()
    assert [message.text for message in desk.phone()].count("Jawaban") == 1
    assert "the silence on ticket" in caplog.text
    assert "rahasia" not in caplog.text
