"""Where nobody consults, nothing is offered that is refused with the next word."""

import pytest

from bot.conversation import State
from bot.policy import Desk
from bot.texts import Text
from tests.bot.desk import COMPLAINT_ONLY, LINK_ONLY, OFF, after, complaint_filed

WAYS = [
    (OFF, Text.CHANNEL_OFF),
    (LINK_ONLY, Text.CHANNEL_LINK_ONLY),
    (COMPLAINT_ONLY, Text.CHANNEL_COMPLAINT_ONLY),
]


@pytest.mark.parametrize(("desk", "way"), WAYS)
def test_who_comes_back_is_told_the_way_and_no_menu(desk: Desk, way: Text) -> None:
    shell = after("stop", "mulai", desk=desk)
    assert (shell.said, shell.value.state) == ([Text.WELCOME_BACK, way], State.NEW)


def test_who_comes_back_to_a_complaint_is_asked_for_it() -> None:
    shell = after("pengaduan", "stop", "mulai", desk=COMPLAINT_ONLY)
    assert shell.said == [Text.WELCOME_BACK, Text.COMPLAINT_ASK]


@pytest.mark.parametrize(("desk", "way"), WAYS)
def test_wishes_about_ones_data_are_met_without_a_greeting_that_promises_officers(
    desk: Desk, way: Text
) -> None:
    shell = after("hapus data", desk=desk)
    assert (shell.said, shell.value.state) == ([way, Text.ERASURE_ASK], State.NEW)
    shell.hears("ya hapus")
    assert shell.said == [Text.ERASURE_NOTED]


@pytest.mark.parametrize(("desk", "way"), WAYS)
def test_the_way_is_told_in_the_language_that_was_asked_for(desk: Desk, way: Text) -> None:
    shell = after("english", desk=desk)
    assert (shell.said, shell.value.language) == ([way], "en")


def test_who_complained_hears_how_far_it_has_come() -> None:
    shell = complaint_filed(COMPLAINT_ONLY)
    shell.hears("status")
    assert shell.said == [Text.STATUS_LIST]
