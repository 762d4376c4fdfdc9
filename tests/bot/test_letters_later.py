"""Letters after a closing, after STOP, and where no answer may leave."""

import pytest

from bot.conversation import Outcome, State, TicketKind
from bot.effects import Say
from bot.events import OfficerClosed, OfficerReplied, TimerKind
from bot.texts import Text
from tests.bot.desk import BY_MAIL, REGISTERING_BY_MAIL, Shell, thread

ASK = "Mohon data penduduk Kotabaru 2020 untuk skripsi"


def _first(text: str, subject: str) -> Shell:
    shell = Shell(BY_MAIL)
    shell.mails(text, subject)
    return shell


def _closed() -> Shell:
    shell = thread(ASK)
    shell.take(OfficerReplied(1))
    shell.take(OfficerClosed(1))
    assert shell.said == [Text.CLOSED_BY_OFFICER, Text.ASK_RATING]
    return shell


@pytest.mark.parametrize(
    ("text", "score"),
    [
        *(("4", 4), ("Nilai: 3", 3), ("2, kurang cepat", 2), ("sangat baik", 4)),
        ("Saya beri nilai 4. Terima kasih banyak.\n\nHormat saya,\nSiti Contoh\nUniversitas Contoh", 4),
        ("Yth. BPS\n\nNilai kami: 3\n\nSalam,\nBappeda Kotabaru", 3),
    ],
)
def test_a_rating_is_taken_without_another_word(text: str, score: int) -> None:
    shell = _closed()
    assert shell.mails(text).outcome is Outcome.RATING
    assert shell.ratings[-1].score == score
    assert shell.said == []


def test_a_remark_may_follow_the_rating() -> None:
    shell = _closed()
    shell.mails("4")
    shell.mails("petugasnya ramah")
    assert shell.ratings[-1].comment == "petugasnya ramah"
    assert shell.value.state is State.CLOSED
    assert len(shell.tickets) == 1


def test_what_is_no_rating_is_not_asked_again() -> None:
    shell = _closed()
    decision = shell.mails("9")
    assert (decision.outcome, decision.about) == (Outcome.FILED, 1)
    assert shell.said == []
    assert shell.value.state is State.RATING


def test_an_accusation_with_the_rating_is_a_complaint_at_once() -> None:
    shell = _closed()
    shell.mails("1 saya mau melaporkan petugas yang meminta uang")
    assert shell.ratings[-1].score == 1
    assert shell.said == [Text.COMPLAINT_RECEIPT]
    assert shell.tickets[2].ticket.kind is TicketKind.COMPLAINT


@pytest.mark.parametrize("text", ["Terima kasih banyak pak", "🙏", ""])
def test_late_thanks_open_nothing_either(text: str) -> None:
    shell = _closed()
    shell.waits(days=30)
    shell.fires(TimerKind.RATING_END)
    assert shell.mails(text).outcome is Outcome.FILED
    assert shell.said == []
    assert len(shell.tickets) == 1


@pytest.mark.parametrize("text", ["Terima kasih banyak pak", "sudah cukup, terima kasih", "🙏", ""])
@pytest.mark.parametrize("rated", [True, False])
def test_thanks_after_closing_open_nothing(text: str, *, rated: bool) -> None:
    shell = _closed()
    if rated:
        shell.mails("4")
    assert shell.mails(text, "Re: data").outcome is Outcome.FILED
    assert (shell.said, len(shell.tickets)) == ([], 1)


@pytest.mark.parametrize(
    "text",
    [
        "Terima kasih.\n\nSalam,\nSiti",
        "Yth. BPS\n\nTerima kasih banyak atas bantuannya.\n\nHormat kami,\nBappeda\nTelp: 0518-123",
        "Siap, terima kasih.\n\nWassalamualaikum wr. wb.\n\nSiti Contoh\nDosen Universitas Contoh",
        "Noted with thanks.\n\nBest regards,\nSiti",
        "Thank you very much for your assistance.\n\nSincerely,\nSiti",
    ],
)
def test_thanks_with_a_name_below_open_nothing(text: str) -> None:
    shell = _closed()
    assert shell.mails(text, "Re: data").outcome is Outcome.FILED
    assert (shell.said, len(shell.tickets)) == ([], 1)


@pytest.mark.parametrize(
    "text",
    [
        "Terima kasih.\n\nSalam,\nSiti\n\nNB: tahun 2021 belum ada?",
        "Terima kasih.\n\nHormat saya,\nSiti\nMohon juga yang per kecamatan",
        "Terima kasih.\nYang 2021 belum.\n\nSalam,\nSiti",
    ],
)
def test_what_is_asked_around_the_thanks_is_not_lost(text: str) -> None:
    shell = _closed()
    assert shell.mails(text, "Re: data").outcome is Outcome.TICKET


@pytest.mark.parametrize(("days", "linked"), [(1, 1), (8, None)])
def test_a_new_question_after_closing_opens_a_new_ticket(days: int, linked: int | None) -> None:
    shell = _closed()
    shell.fires(TimerKind.RATING_END)
    shell.waits(days=days)
    shell.mails("Kalau data ipm 2023 ada?", "Mohon data penduduk")
    assert shell.said == [Text.TICKET_OPENED]
    assert (shell.tickets[2].linked_to, shell.tickets[2].request.text) == (linked, "Kalau data ipm 2023 ada?")


# --- silence ---


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("STOP", "Re: data"),
        ("berhenti", ""),
        ("", "unsubscribe"),
        ("Yth. BPS\n\nSTOP\n\nHormat saya,\nSiti", "Re: data"),
    ],
)
def test_stop_is_exact(text: str, subject: str) -> None:
    shell = _first(text, subject)
    assert shell.said == [Text.OPTED_OUT]
    assert shell.tickets == {}


@pytest.mark.parametrize(
    ("text", "subject"), [("stop dulu ya pak, data IPM 2023", ""), ("mohon data IPM 2023", "STOP")]
)
def test_a_sentence_with_stop_is_a_letter(text: str, subject: str) -> None:
    assert _first(text, subject).said == [Text.TICKET_OPENED]


def test_after_stop_nothing_is_lost_and_nothing_is_said() -> None:
    shell = thread("STOP")
    shell.mails(ASK)
    assert shell.said == [Text.OPTED_OUT_REMINDER]
    assert shell.noted == ["skipped:ticket_opened:opted_out"]
    shell.mails("Tahun 2021 juga")
    assert shell.said == []
    assert shell.tickets[1].words == [ASK, "Tahun 2021 juga"]
    shell.mails("MULAI\n\nSalam,\nSiti")
    assert shell.said == [Text.WELCOME_BACK]
    assert shell.value.state is State.WITH_OFFICERS


def test_who_must_not_be_answered_is_not() -> None:
    shell = Shell(REGISTERING_BY_MAIL)
    decision = shell.mails("p", answerable=False)
    assert not [effect for effect in decision.effects if isinstance(effect, Say)]
    assert decision.outcome is Outcome.TICKET
    assert len(shell.tickets) == 1
    assert shell.noted == ["skipped:ticket_opened:not_answerable"]
    # What was not asked is not waited for, and its answer is not thanked for.
    assert shell.value.asking == ""


def test_status_tells_nothing_of_other_tickets() -> None:
    shell = thread(ASK)
    decision = shell.mails("status")
    assert shell.said == []
    assert (decision.outcome, decision.about) == (Outcome.TICKET, 1)
