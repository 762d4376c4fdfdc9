"""A mail only claims who wrote it: what nobody else may do in a citizen's name."""

from tests.driver import Desk
from tests.handlers.test_mail_turns import ASKS, STRANGER


def test_nobody_is_silenced_by_a_mail_that_only_claims_to_be_theirs(desk: Desk) -> None:
    desk.mails(ASKS)
    answer = desk.letters()[-1]
    desk.mails("STOP", subject="")
    assert [row.outcome for row in desk.messages()] == ["ticket", "ticket"]
    desk.mails("STOP", answers=answer)
    assert desk.messages()[-1].outcome == "after_opt_out"


def test_nobody_is_silenced_by_whoever_saw_a_copy_of_an_answer(desk: Desk) -> None:
    desk.mails(ASKS)
    first = desk.letters()[-1]
    desk.mails("Terima kasih", answers=first, Cc=STRANGER)
    for words in ("STOP", "STOP\n\nSalam,\nSiti"):
        desk.mails(words, In_Reply_To=str(first.mail["Message-ID"]))
        assert desk.messages()[-1].outcome == "ticket"
    desk.replies("Berikut datanya")
    desk.mails("STOP", answers=desk.letters()[-1])
    assert desk.messages()[-1].outcome == "after_opt_out"


def test_silence_is_not_ended_by_a_mail_that_only_claims_to_be_theirs(desk: Desk) -> None:
    desk.mails(ASKS)
    desk.mails("STOP", answers=desk.letters()[-1])
    desk.mails("MULAI", subject="")
    assert desk.messages()[-1].outcome == "after_opt_out"
    assert len(desk.tickets()) == 1
    reminder = desk.letters()[-1]
    desk.mails("MULAI", answers=reminder)
    assert desk.messages()[-1].outcome == "answered"


def test_nobody_is_erased_by_whoever_saw_a_copy_of_an_answer(desk: Desk) -> None:
    desk.mails(ASKS)
    first = desk.letters()[-1]
    desk.mails("Terima kasih", answers=first, Cc=STRANGER)  # who knows the id from now on
    known = str(first.mail["Message-ID"])
    desk.clock.forward(days=3)
    desk.mails("hapus data saya", subject="Re: data saya", In_Reply_To=known)
    asked = desk.letters()[-1]
    desk.mails("YA HAPUS", subject="Re: data saya", In_Reply_To=known)
    again = desk.letters()[-1]
    assert "YA HAPUS" in asked.text
    assert "YA HAPUS" in again.text  # asked once more, and it is the real person whom that reaches
    desk.mails("Apa maksudnya?", answers=again, Cc=STRANGER)
    desk.mails("YA HAPUS", In_Reply_To=str(again.mail["Message-ID"]))
    desk.letters()
    desk.clock.forward(hours=23)
    desk.settle()
    assert desk.messages("in")


def test_who_confirms_below_a_letter_they_have_answered_is_asked_again(desk: Desk) -> None:
    desk.mails(ASKS)
    desk.mails("hapus data saya", answers=desk.letters()[-1])
    asked = desk.letters()[-1]
    desk.mails("Apa saja yang dihapus?", answers=asked)
    desk.replies("Semua percakapan ini.")
    desk.mails("YA HAPUS", answers=asked)
    again = desk.letters()[-1]
    assert "untuk melanjutkan" in again.text
    desk.mails("Ya hapus pak", answers=again)
    assert "sudah dicatat" in desk.letters()[-1].text
