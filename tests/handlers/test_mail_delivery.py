"""Mails out of the outbox: refusals, silences and their ends, and nothing of it holds up WhatsApp."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import update

from channels.email import errors
from channels.email.sending import Email
from channels.email.smtp import SmtpAccount
from handlers import delivery
from handlers.pacing import PACES
from handlers.worker import Worker
from storage import alarms, outbox
from storage.columns import AnyRow, table
from storage.tables import Message
from tests.channels.email.letters import parsed
from tests.channels.email.postbox import DROP, HANG, PASSWORD, USER, PostBox, hasty_after_the_mail, post_box
from tests.driver import WRITER, Desk
from tests.handlers.test_letters import MAILBOX, answered, officer_answers
from tests.handlers.test_worker import ticking, wait_for

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning")
MESSAGE = table(Message)
PASSING = f"451 4.7.1 <{WRITER}>: Greylisted, try again later"


@pytest.fixture
def box(desk: Desk) -> Iterator[PostBox]:
    """The desk on a ticket by mail; from here on its mails go to this server."""
    answered(desk, "Jawaban pertama.")
    with post_box() as opened:
        use(desk, opened)
        yield opened


def use(desk: Desk, box: PostBox, password: Callable[[], str] | None = None, seconds: float = 60) -> None:
    """From here on the desk hands its mails to *box*."""
    account = SmtpAccount(box.host, box.port, "none", USER, password, seconds=seconds)
    channels = desk.runtime.channels
    assert isinstance(channels, dict)
    channels["email"] = Email({MAILBOX: account}, clock=desk.clock)


def answer(desk: Desk) -> AnyRow:
    return desk.messages("out")[-1]


def later(desk: Desk, **time: float) -> AnyRow:
    desk.clock.forward(**time)
    desk.settle()
    return answer(desk)


def sent(desk: Desk, text: str = "Jawaban kedua.") -> AnyRow:
    desk.replies(text)
    desk.settle()
    return answer(desk)


def test_a_passing_refusal_is_tried_again_after_a_minute(desk: Desk, box: PostBox) -> None:
    box.answer("RCPT", PASSING)
    row = sent(desk)
    assert (row.delivery, row.tries, row.error_code) == ("queued", 1, "4.7.1")
    assert later(desk, seconds=59).tries == 1
    assert later(desk, seconds=2).delivery == "sent"
    assert len(box.arrived) == 1


def test_the_waits_grow_to_an_hour_and_end_after_a_day(desk: Desk, box: PostBox) -> None:
    box.answer("RCPT", *[PASSING] * 100)
    began, tried = desk.clock(), [desk.clock()]
    row = sent(desk)
    while row.delivery == "queued":
        wait = row.next_try_at - desk.clock()
        row = later(desk, seconds=wait.total_seconds())
        tried.append(desk.clock())
    minutes = [(after - before).total_seconds() / 60 for before, after in pairwise(tried)]
    assert minutes[:6] == [1, 5, 15, 60, 60, 60]
    assert timedelta(hours=23) < desk.clock() - began <= timedelta(hours=24)
    assert (row.delivery, row.error_code, row.next_try_at) == ("failed", "4.7.1", None)
    assert "sudah dicoba berulang kali" in errors.officer_words(row.error_code)
    assert later(desk, days=2).tries == row.tries


def test_our_own_fault_is_waited_out_longer() -> None:
    mail, chat = PACES["email"], PACES["whatsapp"]
    assert not mail.is_over(100, ours=True)
    assert mail.is_over(200, ours=True)
    assert mail.is_over(100, ours=False)
    assert not chat.is_over(10_000, ours=True)
    assert not chat.is_over(10_000, ours=False)
    assert [chat.wait(tries).total_seconds() for tries in (1, 2, 10, 11, 50)] == [2, 4, 1024, 1800, 1800]


def test_a_final_refusal_is_told_without_the_address(desk: Desk, box: PostBox) -> None:
    box.answer("RCPT", f"550 5.1.1 <{WRITER}>: Recipient unknown")
    row = sent(desk)
    assert (row.delivery, row.error_code, row.next_try_at) == ("failed", "5.1.1", None)
    assert WRITER not in row.error_text
    assert errors.officer_words(row.error_code) == "alamat email tidak dikenal"


@pytest.mark.parametrize("silence", [DROP, HANG])
def test_a_lost_answer_is_repeated_twice_at_most(
    desk: Desk, box: PostBox, silence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasty_after_the_mail(monkeypatch)
    box.answer("END", *[silence] * 9)
    row = sent(desk)
    assert (row.delivery, row.error_code) == ("unknown", "no_answer")
    while row.next_try_at is not None:
        row = later(desk, minutes=15)
    assert (row.delivery, row.error_code) == ("unknown", "perhaps")
    wait_for(lambda: len(box.arrived) >= 3)
    assert {parsed(mail.content)["Message-ID"] for mail in box.arrived} == {own_id(box)}
    assert len(box.arrived) == 3
    later(desk, days=3)
    assert len(box.arrived) == 3
    with desk.runtime.database.read() as connection:
        assert outbox.oldest_unsent(connection) is None


def own_id(box: PostBox) -> str:
    return str(parsed(box.arrived[0].content)["Message-ID"])


def test_one_lost_answer_ends_well_and_is_marked(desk: Desk, box: PostBox) -> None:
    box.answer("END", DROP)
    sent(desk)
    row = later(desk, minutes=2)
    assert (row.delivery, row.error_code, row.raw["doubts"]) == ("sent", "no_answer", 1)
    assert row.raw["answer"] == "2.0.0 Ok: queued as 4F2"


def test_refusals_do_not_count_as_lost_answers(desk: Desk, box: PostBox) -> None:
    box.answer("RCPT", *[PASSING] * 4)
    box.answer("END", DROP)
    sent(desk)
    for _ in range(3):
        later(desk, hours=1)
    assert later(desk, hours=1).delivery == "unknown"
    assert later(desk, hours=1).delivery == "sent"


def test_a_process_that_died_while_sending_sends_again(desk: Desk, box: PostBox) -> None:
    desk.replies("Jawaban kedua.")
    (claimed,) = delivery.claim(desk.runtime, "email")
    assert later(desk, minutes=14).delivery == "sending"
    assert later(desk, minutes=2).delivery == "sent"
    assert len(box.arrived) == 1
    assert claimed.lease_until - claimed.next_try_at >= timedelta(minutes=15)


def test_a_wrong_password_raises_the_alarm_until_a_mail_leaves(desk: Desk) -> None:
    answered(desk)
    passwords = ["salah", PASSWORD]
    with post_box(auth=True) as guarded:
        use(desk, guarded, lambda: passwords.pop(0))
        row = sent(desk)
        assert (row.delivery, row.error_code) == ("queued", "auth")
        (alarm,) = open_alarms(desk)
        assert (alarm.what, alarm.about) == ("mail_unsent", {"mailbox": MAILBOX, "why": "auth"})
        assert later(desk, minutes=20).delivery == "sent"
        assert open_alarms(desk) == []


def test_the_providers_limit_for_a_day_loses_no_answer(desk: Desk, box: PostBox) -> None:
    box.answer("END", *["550 5.4.5 Daily user sending limit exceeded."] * 5)
    row = sent(desk)
    assert (row.delivery, row.error_code) == ("queued", "limit")
    assert [(alarm.what, alarm.about["why"]) for alarm in open_alarms(desk)] == [("mail_unsent", "limit")]
    for _ in range(4):
        assert later(desk, hours=1).delivery == "queued"
    assert later(desk, hours=1).delivery == "sent"
    assert (len(box.arrived), open_alarms(desk)) == (1, [])


def open_alarms(desk: Desk) -> list[AnyRow]:
    with desk.runtime.database.read() as connection:
        return alarms.open_alarms(connection, None, installation=True)


def test_a_bounce_makes_a_sent_mail_a_failed_one(desk: Desk, box: PostBox) -> None:
    row = sent(desk)
    with desk.runtime.database.write() as connection:
        assert outbox.bounced(connection, row.id, "5.2.2", "mailbox full", desk.clock())
        assert not outbox.bounced(connection, row.id, "5.2.2", "mailbox full", desk.clock())
    failed = answer(desk)
    assert (failed.delivery, failed.error_code, failed.error_text) == ("failed", "5.2.2", "mailbox full")
    assert later(desk, days=1).delivery == "failed"
    assert len(box.arrived) == 1


def test_a_bounce_undoes_no_proof_of_arrival(desk: Desk, box: PostBox) -> None:
    row = sent(desk)
    for proof, rank in (("delivered", 5), ("read", 6)):
        with desk.runtime.database.write() as connection:
            proved = update(MESSAGE).where(MESSAGE.c.id == row.id).values(delivery=proof, rank=rank)
            connection.execute(proved)
            assert not outbox.bounced(connection, row.id, "5.2.2", "late", desk.clock())
        assert answer(desk).delivery == proof
    assert len(box.arrived) == 1


def test_a_bounce_that_is_faster_than_the_answer_stays(desk: Desk, box: PostBox) -> None:
    desk.replies("Jawaban kedua.")
    (row,) = delivery.claim(desk.runtime, "email")
    with desk.runtime.database.write() as connection:
        assert outbox.bounced(connection, row.id, "5.1.1", "unknown", desk.clock())
    delivery.deliver(desk.runtime, row)
    assert (answer(desk).delivery, answer(desk).error_code) == ("failed", "5.1.1")
    assert len(box.arrived) == 1


def test_a_mail_server_that_says_nothing_does_not_hold_up_whatsapp(desk: Desk, box: PostBox) -> None:
    use(desk, box, seconds=250)
    box.answer("MAIL", *[HANG] * 50)
    for number in range(8):
        desk.mails("Mohon data inflasi", address=f"orang{number}@contoh.id", subject=f"Data {number}")
    with ticking(Worker(desk.runtime)):
        wait_for(lambda: box.tried)
        desk.writes("petugas")
        wait_for(desk.phone)
        assert not box.arrived
        box.released = True


def test_the_officers_answer_waits_for_nobody_elses(desk: Desk, box: PostBox) -> None:
    box.answer("RCPT", PASSING)
    sent(desk)
    desk.mails("Mohon data lain", address="budi@contoh.id")
    officer_answers(desk, "Untuk Budi.")
    desk.settle()
    assert "budi@contoh.id" in {mail.recipients[0] for mail in box.arrived}
