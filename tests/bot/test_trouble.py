"""What is wrong with what an officer has sent goes back to an officer at once, without questions."""

import pytest

from bot.conversation import State
from bot.events import Found
from bot.texts import Text
from bot.understanding import ENDING, Intent, intent
from tests.bot.desk import SEARCHING, Shell, rating, requests

TROUBLE = (
    *("filenya rusak", "file nya ga bisa dibuka pak", "linknya error", "datanya salah pak"),
    *("makasih, tapi filenya rusak", "datanya kurang lengkap", "email belum masuk", "belum terima filenya"),
)
NEW_REQUESTS = ("kalau data 2022 ada?", "data balita kurang gizi 2023", "data yang salah hitung apa")


@pytest.mark.parametrize("said", TROUBLE)
def test_trouble_after_closing_goes_to_an_officer_at_once(said: str) -> None:
    shell = rating()
    shell.hears(said)
    assert (shell.said, shell.value.state) == ([Text.HANDED_TO_OFFICER], State.WITH_OFFICERS)
    assert said in requests(shell)[-1]
    assert [*shell.tickets.values()][-1].linked_to == 1


@pytest.mark.parametrize("said", NEW_REQUESTS)
def test_a_new_question_is_asked_about_as_before(said: str) -> None:
    shell = rating()
    shell.hears(said)
    assert Text.HANDED_TO_OFFICER not in shell.said


@pytest.mark.parametrize("said", ["maaf baru balas pak, terima kasih", "maaf pak baru buka wa"])
def test_an_apology_for_being_late_asks_for_nothing(said: str) -> None:
    assert intent(said) in ENDING


@pytest.mark.parametrize("said", ["petugas aja", "langsung ke petugas aja", "tanya admin saja"])
def test_rather_an_officer(said: str) -> None:
    assert intent(said) is Intent.HUMAN


def test_found_in_other_letters_is_found() -> None:
    shell = Shell(
        SEARCHING, published=(Found("Penduduk Kotabaru 2020", "publication", "https://contoh.id/1"),)
    )
    shell.hears("data penduduk kotabaru 2020")
    shell.hears("iyaa udah ketemu makasih")
    assert shell.said == [Text.SEARCH_ANSWERED]
