"""Who writes that they don't want to live any more is asked for no area and no years."""

import pytest

from bot.conversation import State
from bot.policy import Desk
from bot.texts import Text
from bot.understanding import Intent, complains, intent
from tests.bot.desk import COMPLAINT_ONLY, OFF, after, requests

IN_DANGER = (
    "saya mau bunuh diri",
    "rasanya pengen bunuh diri aja",
    "pengen mati aja rasanya",
    "lebih baik saya mati",
    "saya sudah capek hidup, mau mati saja",
    "aku gak kuat hidup lagi pak",
    "saya kecewa, saya ingin mengakhiri hidup saya",
    "I want to die",
    "i'm going to kill myself",
)
NOT_IN_DANGER = (
    "angka bunuh diri 2023 tarakan",
    "data kasus bunuh diri",
    "saya mau data bunuh diri",
    "saya mau penelitian bunuh diri remaja",
    "dari mana dapat info bunuh diri di kotabaru",
    "mau mati rasanya ngerjain skripsi ini",
    "lampu mau mati terus",
    "angka harapan hidup",
    "biaya hidup mahal saya capek",
)


@pytest.mark.parametrize("text", IN_DANGER)
def test_a_cry_for_help_is_heard(text: str) -> None:
    assert intent(text) is Intent.DISTRESS
    assert not complains(text)


@pytest.mark.parametrize("text", NOT_IN_DANGER)
def test_figures_and_jokes_are_no_cry_for_help(text: str) -> None:
    assert intent(text) is not Intent.DISTRESS


@pytest.mark.parametrize("before", [(), ("p",), ("p", "1"), ("data penduduk",)])
def test_the_way_to_help_is_named_and_an_officer_sees_it(before: tuple[str, ...]) -> None:
    shell = after(*before, IN_DANGER[0])
    assert shell.said[-1] is Text.DISTRESS
    assert shell.value.state is State.WITH_OFFICERS
    assert IN_DANGER[0] in requests(shell)[-1]


@pytest.mark.parametrize("desk", [COMPLAINT_ONLY, OFF])
def test_it_is_named_where_nobody_consults(desk: Desk) -> None:
    shell = after(IN_DANGER[0], desk=desk)
    assert shell.said == [Text.DISTRESS]
