"""Search first: what is found is shown, a yes ends it, anything else leads on, and no failure blocks."""

from dataclasses import replace
from datetime import date

import pytest

from bot.conversation import Outcome, State
from bot.effects import NoteSearch, SettleSearch
from bot.events import Content, Found, TimerKind
from bot.texts import Text
from tests.bot.desk import PLAIN, REGISTERING, SEARCHING, Shell, by_mail, requests

ASK = "brp jmlh pddk kotabaru 2024"
BOOK = Found("Kabupaten Kotabaru Dalam Angka 2025", "publication", "https://contoh.id/a", date(2025, 2, 28))


def shown(*texts: str, published: tuple[Found, ...] | None = (BOOK,)) -> Shell:
    shell = Shell(SEARCHING, published=published)
    for text in (ASK, *texts):
        shell.hears(text)
    return shell


def test_what_is_found_is_shown_before_anything_else_is_asked() -> None:
    shell = shown()
    assert shell.said == [Text.GREETING, Text.SEARCH_FOUND, Text.ASK_FOUND]
    assert shell.says[1].values["titles"] == (BOOK.title,)
    assert shell.says[1].values["days"] == ("2025-02-28",)
    assert shell.value.state is State.SUGGESTING
    assert shell.searched == [NoteSearch(ASK, 1)]
    assert not shell.tickets


@pytest.mark.parametrize(
    "text", ["1", "ya", "sudah", "Sudah ketemu, terima kasih kak", "👍", "makasih", "oke"]
)
def test_a_yes_ends_it_without_a_ticket(text: str) -> None:
    shell = shown(text)
    assert shell.said == [Text.SEARCH_ANSWERED]
    assert (shell.value.state, shell.value.draft.text) == (State.CLOSED, "")
    assert shell.searched[-1] == SettleSearch(answered=True)
    assert not shell.tickets


@pytest.mark.parametrize(
    "text", ["2", "belum", "blm ada pak", "tidak", "lewati", "bukan itu", "ya tapi kurang lengkap"]
)
def test_anything_like_no_leads_on_to_what_is_missing_and_then_to_a_ticket(text: str) -> None:
    shell = shown(text)
    assert shell.said == [Text.ASK_DETAILS]
    assert shell.searched[-1] == SettleSearch(answered=False)
    shell.hears("skripsi")
    assert shell.said == [Text.SUMMARY]
    shell.hears("1")
    assert shell.said == [Text.TICKET_OPENED]
    assert len(requests(shell)) == 1
    assert requests(shell)[0].startswith(ASK)


@pytest.mark.parametrize("first", ["saya mahasiswa UHO", "saya Rina, mahasiswa UHO"])
@pytest.mark.parametrize("published", [(BOOK,), ()])
def test_what_is_named_only_in_answer_is_looked_for_too(first: str, published: tuple[Found, ...]) -> None:
    shell = Shell(SEARCHING, published=())
    shell.hears(first)
    assert shell.said == [Text.GREETING, Text.ASK_DETAILS]
    shell.published = published
    shell.hears(ASK)
    assert shell.searched[-1] == NoteSearch(ASK, len(published))
    if published:
        assert shell.said == [Text.SEARCH_FOUND, Text.ASK_FOUND]
        shell.hears("belum")
    assert shell.said == [Text.SUMMARY]


def test_an_officer_may_be_asked_for_at_once() -> None:
    shell = shown("petugas")
    assert shell.said == [Text.HANDED_TO_OFFICER]
    assert requests(shell) == [ASK]
    assert shell.searched[-1] == SettleSearch(answered=False)


def test_other_words_are_looked_for_and_kept_for_the_officer() -> None:
    shell = shown("data rasio jenis kelamin")
    assert shell.said == [Text.SEARCH_FOUND, Text.ASK_FOUND]
    noted = [SettleSearch(answered=False), NoteSearch("data rasio jenis kelamin", 1)]
    assert shell.searched[-2:] == noted
    shell.hears("data penduduk per desa")
    shell.hears("data penduduk per dusun")
    assert shell.said == [Text.ASK_DETAILS]
    shell.hears("petugas")
    assert all(said in requests(shell)[0] for said in ("jenis kelamin", "per desa", "per dusun"))


def test_other_words_that_find_nothing_are_told_so() -> None:
    shell = shown()
    shell.published = ()
    shell.hears("data rasio jenis kelamin")
    assert shell.said == [Text.SEARCH_NOTHING, Text.ASK_DETAILS]


@pytest.mark.parametrize(("published", "found"), [((), 0), (None, None)])
def test_a_search_that_finds_nothing_or_fails_changes_nothing_else(
    published: tuple[Found, ...] | None, found: int | None
) -> None:
    shell = shown(published=published)
    assert shell.said == [Text.GREETING, Text.ASK_DETAILS]
    assert shell.searched == [NoteSearch(ASK, found)]
    shell.hears("skripsi")
    shell.hears("1")
    assert shell.said == [Text.TICKET_OPENED]
    assert shell.searched == [NoteSearch(ASK, found)]


def test_an_office_that_does_not_search_first_does_not() -> None:
    shell = Shell(PLAIN, published=(BOOK,))
    shell.hears(ASK)
    assert shell.said == [Text.GREETING, Text.ASK_DETAILS]
    assert shell.searched == []


def test_registration_comes_before_the_search() -> None:
    desk = replace(
        REGISTERING, office=replace(REGISTERING.office, search_first=SEARCHING.office.search_first)
    )
    shell = Shell(desk, published=(BOOK,))
    for text in (ASK, "Siti Aminah", "6", "1", "siti@contoh.id"):
        assert shell.searched == []
        shell.hears(text)
    assert shell.said == [Text.SEARCH_FOUND, Text.ASK_FOUND]


def test_who_says_nothing_more_has_been_answered() -> None:
    shell = shown()
    shell.waits(days=4)
    shell.fires(TimerKind.ABANDON)
    assert not shell.tickets
    assert shell.value.state is State.CLOSED
    assert TimerKind.ABANDON not in shell.timers
    assert shell.searched == [NoteSearch(ASK, 1)]


def test_a_voice_note_beside_what_was_found_still_reaches_an_officer() -> None:
    shell = shown()
    shell.hears("", Content.VOICE)
    assert shell.said == [Text.MEDIA_KEPT, Text.ASK_FOUND]
    shell.waits(days=4)
    shell.fires(TimerKind.ABANDON)
    assert requests(shell) == [f"{ASK}\n[pesan suara]"]


def test_the_next_request_is_searched_anew() -> None:
    shell = shown("sudah")
    shell.hears(ASK)
    assert shell.said[-2:] == [Text.SEARCH_FOUND, Text.ASK_FOUND]


def test_a_letter_opens_its_ticket_and_lists_below_its_number_what_was_found() -> None:
    shell = Shell(by_mail(SEARCHING), published=(BOOK,))
    shell.mails("Mohon data jumlah penduduk Kotabaru tahun 2024 untuk skripsi saya.")
    assert shell.said == [Text.TICKET_OPENED, Text.SEARCH_FOUND]
    assert shell.value.state is State.WITH_OFFICERS
    assert len(shell.searched) == 1


def test_a_letter_is_not_told_that_nothing_was_found() -> None:
    shell = Shell(by_mail(SEARCHING), published=None)
    decision = shell.mails("Mohon data jumlah penduduk Kotabaru tahun 2024 untuk skripsi saya.")
    assert shell.said == [Text.TICKET_OPENED]
    assert decision.outcome is Outcome.TICKET


@pytest.mark.parametrize(
    "text",
    [
        *("ya tolong petugas", "sudah saya buka linknya error", "iya saya mau yang lebih rinci"),
        *("ya saya masih bingung", "sudah saya lihat, saya butuh format excel", "ya yang tahun 2019"),
        *("ya kak mohon bantuannya", "sudah dicoba gagal terus", "Sudah saya coba buka, error 404"),
    ],
)
def test_a_yes_that_wants_more_is_none(text: str) -> None:
    shell = shown(text)
    assert Text.SEARCH_ANSWERED not in shell.said
    assert shell.value.draft.text


@pytest.mark.parametrize(
    "text", ["ya kak, yang nomor 2 cocok", "sudah ketemu pak terima kasih", "iya betul itu"]
)
def test_a_yes_to_one_of_them_is_one(text: str) -> None:
    assert Text.SEARCH_ANSWERED in shown(text).said
