"""WhatsApp's approval of a template is noticed by the desk itself, without anybody asking for it."""

import logging
from datetime import timedelta

import pytest

from channels.contract import SendError, Trouble
from channels.whatsapp.contents import Contents
from channels.whatsapp.drafts import Verdict
from handlers import approvals, jobs
from handlers.content_templates import ANSWER_READY
from storage import content_templates, own
from storage.content_templates import APPROVED
from tests.driver import SID, Desk


def judged(desk: Desk, status: str) -> None:
    """WhatsApp has looked at what was submitted, and tells nobody."""
    for each in desk.twilio.contents.all():
        if each.friendly_name.startswith(f"loket_{ANSWER_READY}_"):
            desk.twilio.contents.judge(each.sid, status)


def known(desk: Desk) -> set[str]:
    with desk.runtime.database.read() as connection:
        rows = content_templates.of_account(connection, SID, ANSWER_READY)
    return {row.approval for row in rows}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was asked about at the provider."""
    ids: list[str] = []
    real = Contents.verdict

    def verdict(self: Contents, sid: str) -> Verdict:
        ids.append(sid)
        return real(self, sid)

    monkeypatch.setattr(Contents, "verdict", verdict)
    return ids


def test_an_approval_is_noticed_and_calls_who_waits(desk: Desk) -> None:
    desk.pushes()
    desk.writes("petugas")
    desk.settle()
    desk.clock.forward(days=2)
    desk.replies("jawaban")
    desk.settle()
    desk.settle()
    assert desk.messages("out")[-1].delivery == "held"
    judged(desk, "approved")
    jobs.look_at_templates(desk.runtime)
    assert known(desk) == {APPROVED}
    desk.clock.forward(minutes=1)
    assert "sudah siap" in desk.heard()[-1]


def test_asks_every_hour_until_it_is_approved_and_then_once_a_day(desk: Desk, asked: list[str]) -> None:
    desk.pushes()
    asked.clear()
    for _ in range(8):
        jobs.look_at_templates(desk.runtime)
        desk.clock.forward(minutes=15)
    assert len(asked) == 2 * 2  # two languages
    judged(desk, "approved")
    jobs.look_at_templates(desk.runtime)
    asked.clear()
    for _ in range(47):
        desk.clock.forward(hours=1)
        jobs.look_at_templates(desk.runtime)
    assert len(asked) == 2
    judged(desk, "paused")
    desk.clock.forward(hours=1)
    jobs.look_at_templates(desk.runtime)
    assert known(desk) == {"paused"}


def test_where_nothing_was_made_nobody_is_asked(desk: Desk, asked: list[str]) -> None:
    jobs.look_at_templates(desk.runtime)
    assert asked == []


def test_one_process_asks(desk: Desk) -> None:
    now = desk.clock()
    with desk.runtime.database.write() as connection:
        assert own.move(connection, "asked", None, now)
        assert not own.move(connection, "asked", None, now)
        assert own.move(connection, "asked", now, now + timedelta(hours=1))
        assert not own.move(connection, "asked", now, now + timedelta(hours=2))
        assert own.moment(connection, "asked") == now + timedelta(hours=1)


def test_a_clock_that_was_ahead_keeps_nobody_from_asking(desk: Desk) -> None:
    assert approvals._takes(desk.runtime, desk.clock() + timedelta(days=900))
    assert approvals._takes(desk.runtime, desk.clock())
    assert not approvals._takes(desk.runtime, desk.clock())


def test_why_it_can_not_ask_is_told_in_words_and_the_others_are_asked(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    desk.pushes()
    judged(desk, "approved")
    real, failed = Contents.verdict, list[str]()

    def verdict(self: Contents, sid: str) -> Verdict:
        if not failed:
            failed.append(sid)
            raise SendError("20404", "HTTP 404: gone", Trouble.RETRY)
        return real(self, sid)

    monkeypatch.setattr(Contents, "verdict", verdict)
    with caplog.at_level(logging.ERROR):
        jobs.look_at_templates(desk.runtime)
    assert f"the templates of account …{SID[-6:]}: HTTP 404: gone" in caplog.text
    assert known(desk) == {"pending", APPROVED}
