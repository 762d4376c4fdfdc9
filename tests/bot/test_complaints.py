"""Complaints: filed when meant, never heard by the officer they may be about."""

from dataclasses import replace

import pytest

from bot.complaints import accused
from bot.conversation import Outcome, State, TicketKind
from bot.events import (
    OfficerClosed,
    OfficerReplied,
    TimerKind,
)
from bot.policy import ComplaintDeadlines, Complaints, Status
from bot.texts import Text
from tests.bot.decreed_days import decreed
from tests.bot.desk import (
    ABOUT,
    ASK,
    COMPLAINT_ONLY,
    Shell,
    after,
    complaint_filed,
    desk,
    requests,
    with_officer,
)


@pytest.mark.parametrize("before", [(), ("p",), ("p", "1"), ("data penduduk",), (ASK,)])
def test_a_complaint_leaves_the_request_alone(before: tuple[str, ...]) -> None:
    shell = after(*before)
    draft, question = shell.value.draft.text, shell.said[-1:]
    shell.hears("pengaduan")
    shell.hears(ABOUT)
    assert shell.tickets[1].ticket.kind is TicketKind.COMPLAINT
    assert shell.value.draft.text == draft
    assert not draft or shell.said == [Text.COMPLAINT_RECEIPT, *question]


def test_giving_up_a_complaint_leads_back_to_the_request() -> None:
    shell = after(ASK, "pengaduan", "batal")
    assert (shell.value.state, shell.said) == (State.CONFIRMING, [Text.SUMMARY])


@pytest.mark.parametrize(
    ("text", "state", "said"),
    [
        ("1", State.WITH_OFFICERS, [Text.COMPLAINT_RECEIPT]),
        ("ya", State.WITH_OFFICERS, [Text.COMPLAINT_RECEIPT]),
        ("sudah dua minggu", State.WITH_OFFICERS, [Text.COMPLAINT_RECEIPT]),
        ("petugas", State.WITH_OFFICERS, [Text.COMPLAINT_RECEIPT]),
        ("2", State.COMPLAINING, [Text.COMPLAINT_ASK]),
        ("tidak", State.CLOSED, [Text.CANCELLED]),
        ("ga usah", State.CLOSED, [Text.CANCELLED]),
        ("tidak usah pak", State.CLOSED, [Text.CANCELLED]),
        ("pak tidak perlu", State.CLOSED, [Text.CANCELLED]),
        ("jangan pak", State.CLOSED, [Text.CANCELLED]),
        ("Tidak, cuma curhat", State.CLOSED, [Text.CANCELLED]),
        ("gak kok bu, makasih", State.CLOSED, [Text.CANCELLED]),
        ("no need, thanks", State.CLOSED, [Text.CANCELLED]),
        ("tidak, lain kali", State.COMPLAINING, [Text.COMPLAINT_CONFIRM]),
        ("jangan sekarang", State.COMPLAINING, [Text.COMPLAINT_CONFIRM]),
        ("batal", State.CLOSED, [Text.CANCELLED]),
        ("menu", State.CHOOSING, [Text.MENU]),
        ("p", State.COMPLAINING, [Text.COMPLAINT_CONFIRM]),
        ("terima kasih", State.COMPLAINING, [Text.COMPLAINT_CONFIRM]),
        ("status", State.COMPLAINING, [Text.STATUS_NONE, Text.COMPLAINT_CONFIRM]),
        ("english", State.COMPLAINING, [Text.COMPLAINT_CONFIRM]),
        ("STOP", State.COMPLAINING, [Text.OPTED_OUT]),
    ],
)
def test_a_complaint_is_filed_only_when_meant(text: str, state: State, said: list[Text]) -> None:
    shell = after("mau komplain, dari minggu lalu ga ada jawaban!!", text)
    assert (shell.value.state, shell.said) == (state, said)


@pytest.mark.parametrize(
    ("text", "asked"), [("pengaduan", Text.COMPLAINT_ASK), (f"mau komplain, {ABOUT}", Text.COMPLAINT_CONFIRM)]
)
def test_where_only_complaints_are_taken_we_say_once_who_we_are(text: str, asked: Text) -> None:
    shell = after(text, desk=COMPLAINT_ONLY)
    assert shell.said == [Text.CHANNEL_COMPLAINT_ONLY, asked]
    shell.hears("batal")
    shell.hears(text)
    assert shell.said == [asked]


@pytest.mark.parametrize("text", ["p", "ok", "ya", "1", "pengaduan", "status", "info"])
def test_a_courtesy_is_no_complaint(text: str) -> None:
    shell = after("pengaduan", text)
    assert not shell.tickets
    assert shell.value.state is State.COMPLAINING


@pytest.mark.parametrize(
    "text",
    [
        "petugas minta uang, mana orangnya",
        "status permintaan saya tidak jelas",
        "data yang dikirim salah",
        "tidak ada jawaban",
        "jangan kirim pesan lagi, itu kata petugasnya",
        "pelayanannya bagus, pertahankan",
    ],
)
def test_a_complaint_is_one_whatever_it_names(text: str) -> None:
    shell = after("pengaduan", text)
    assert shell.tickets[1].ticket.kind is TicketKind.COMPLAINT
    assert requests(shell) == [text]


def test_what_begins_with_no_is_asked_about_once_more_and_not_lost() -> None:
    shell = after(f"mau komplain, {ABOUT}", "tidak ada petugas di loket", "1")
    assert requests(shell) == [f"mau komplain, {ABOUT}\ntidak ada petugas di loket"]


@pytest.mark.parametrize("text", ["ga usah", "jangan pak", "tidak perlu", "tidak jadi deh"])
def test_nothing_is_filed_where_nothing_was_told(text: str) -> None:
    shell = after("pengaduan", text)
    assert (shell.value.state, shell.tickets) == (State.CLOSED, {})


def test_an_officer_does_not_hear_a_complaint_about_them() -> None:
    shell = with_officer()
    shell.hears("pengaduan")
    shell.take(OfficerReplied(1))
    shell.hears(ABOUT)
    assert shell.tickets[2].ticket.kind is TicketKind.COMPLAINT
    assert ABOUT not in shell.tickets[1].words
    assert shell.value.state is State.WITH_OFFICERS


def test_closing_while_a_complaint_is_written_asks_for_no_rating() -> None:
    shell = with_officer()
    shell.hears("pengaduan")
    shell.take(OfficerClosed(1))
    assert shell.said == [Text.CLOSED_BY_OFFICER]
    shell.hears(ABOUT)
    assert shell.said == [Text.COMPLAINT_RECEIPT]


def test_a_told_complaint_is_filed_even_if_nobody_says_yes() -> None:
    shell = after(f"mau komplain, {ABOUT}")
    shell.waits(days=4)
    shell.fires(TimerKind.ABANDON)
    assert (shell.said, requests(shell)) == ([], [f"mau komplain, {ABOUT}"])
    assert not shell.tickets[1].confirmed


@pytest.mark.parametrize(
    ("text", "outcome", "said"),
    [
        ("lupa, kejadiannya kemarin", Outcome.TICKET, []),
        ("terima kasih", Outcome.TICKET, []),
        ("menu", Outcome.ANSWERED, [Text.MENU]),
        ("status", Outcome.ANSWERED, [Text.STATUS_LIST]),
        ("petugas", Outcome.TICKET, [Text.HANDED_TO_OFFICER]),
        ("pengaduan", Outcome.COMPLAINT, [Text.COMPLAINT_ASK]),
    ],
)
def test_beside_a_mere_complaint_the_desk_still_serves(text: str, outcome: Outcome, said: list[Text]) -> None:
    shell = complaint_filed()
    assert shell.hears(text).outcome is outcome
    assert shell.said == said


def test_days_after_a_complaint_a_question_is_a_question() -> None:
    shell = complaint_filed()
    shell.waits(days=4)
    shell.hears(ASK)
    assert shell.said == [Text.GREETING, Text.SUMMARY]


def test_who_handles_a_complaint_is_not_interrupted() -> None:
    shell = complaint_filed()
    shell.take(OfficerReplied(1, asks_back=True))
    shell.waits(days=4)
    for text in ("status", "petugas", "data penduduk 2020", "ya"):
        assert shell.hears(text).about == 1
        assert shell.said == []


def test_a_reply_to_a_complaint_saves_the_half_written_request() -> None:
    shell = complaint_filed()
    shell.hears("menu")
    shell.hears("data penduduk")
    shell.take(OfficerReplied(1))
    assert requests(shell) == [ABOUT, "data penduduk"]
    assert shell.hears("baik").about == 1


def test_a_receipt_names_the_day_of_the_answer_once_the_office_has_confirmed_it() -> None:
    sure = Complaints(deadlines=ComplaintDeadlines(status=Status.CONFIRMED))
    spoken = replace(desk(complaints=sure), calendar=decreed())
    for deadlines, told in ((spoken, True), (replace(desk(), calendar=decreed()), False)):
        shell = Shell(desk=deadlines)
        shell.hears("pengaduan")
        shell.hears(ABOUT)
        (receipt,) = shell.says
        assert ("due" in receipt.values) == told


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Bu Rahma minta uang", {1}),
        ("rahma dan JUFRI tidak ramah", {1, 2}),
        ("petugasnya tidak ramah", set()),
        ("pak budi", {3}),
        ("saya butuh data dari ibu", set()),
    ],
)
def test_whom_a_complaint_may_be_about(text: str, meant: set[int]) -> None:
    names = {1: "Siti Rahma", 2: "Jufri, S.ST", 3: "Pak Budi", 4: "Ibu Data"}
    assert accused(text, names) == meant
