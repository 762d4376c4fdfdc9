"""Whatever comes between, in whatever order: a held answer arrives by one way, or is seen to wait."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import pytest

from handlers import delivery, held_answers
from tests.databases import SqliteTemplate
from tests.driver import Desk, running_desk
from tests.handlers.test_held_answers import answers, asked, calls, came, fates, officers, settle


@pytest.fixture
def sqlite_desk(sqlite_template: SqliteTemplate, tmp_path: Path) -> Iterator[Desk]:
    """A desk where the database makes no difference."""
    with running_desk(sqlite_template.copy(tmp_path), tmp_path) as running:
        yield running


def test_killed_while_the_call_is_on_its_way_calls_once(desk: Desk) -> None:
    asked(desk)
    answers_queued(desk, "jawaban")
    desk.twilio.drop_after_accept_next()
    desk.twilio.callbacks_next()
    settle(desk)
    assert [row.delivery for row in calls(desk)] == ["unknown"]
    settle(desk, minutes=2)
    settle(desk, minutes=2)
    assert [row.delivery for row in calls(desk)] == ["sent"]
    assert len(came(desk)) == 1


def answers_queued(desk: Desk, text: str) -> None:
    desk.replies(text)
    desk.settle()
    assert fates(desk) == ["held"]


def test_two_workers_call_once_and_mail_once(desk: Desk) -> None:
    asked(desk)
    desk.replies("jawaban")
    desk.settle()
    about = (desk.messages("out")[-1].conversation_id, desk.tickets()[-1].id)
    for hours in (0, 25):
        desk.clock.forward(hours=hours)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: held_answers.look(desk.runtime, *about), range(4)))
        desk.settle()
    settle(desk)
    assert (len(calls(desk)), len(desk.letters()), fates(desk)) == (1, 1, ["cancelled"])


@pytest.mark.parametrize("turn", range(3))
def test_a_reply_while_it_goes_over_to_mail_reaches_them_once(desk: Desk, turn: int) -> None:
    asked(desk)
    answers(desk, "jawaban")
    about = (desk.messages("out")[-1].conversation_id, desk.tickets()[-1].id)
    desk.clock.forward(hours=25, seconds=turn)
    acts = [lambda: desk.writes("ya"), lambda: held_answers.look(desk.runtime, *about)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda act: act(), acts if turn % 2 else reversed(acts)))
    settle(desk)
    by_mail = sum("jawaban" in letter.text.split("24 jam")[-1] for letter in desk.letters())
    assert (by_mail, came(desk)[1:].count("jawaban")) in ((1, 0), (0, 1))


ACTS = ("reply", "tick", "callback", "answer", "day")


@pytest.mark.parametrize("seed", range(12))
def test_in_whatever_order_things_happen_each_answer_arrives_once_or_waits(
    sqlite_desk: Desk, seed: int
) -> None:
    desk, chance = sqlite_desk, Random(seed)  # noqa: S311  # an order of events, no secret
    asked(desk, template=seed % 3 != 0, mail=seed % 4 != 1)
    texts = ["jawaban 0"]
    desk.replies(texts[0])
    for act in chance.choices(ACTS, k=8):
        desk.clock.forward(minutes=chance.choice((1, 90)))
        if act == "reply":
            desk.writes("ya")
        elif act == "callback":
            desk.twilio.callbacks_next("sent", f"failed:{chance.choice((63016, 63024, 63014))}")
        elif act == "answer":
            texts.append(f"jawaban {len(texts)}")
            desk.replies(texts[-1])
        elif act == "day":
            desk.clock.forward(hours=25)
        else:
            desk.settle()
    settle(desk, days=1)
    settle(desk, days=1)
    for text in texts:
        assert_once_or_seen(desk, text)
    assert len(calls(desk)) <= len(desk.messages("in"))


def assert_once_or_seen(desk: Desk, text: str) -> None:
    """It is on the phone, or in one letter, or an officer sees that it is held or has failed; never twice."""
    row = next(row for row in officers(desk) if row.body == text)
    letters = sum(text in letter.text for letter in desk.letters())
    arrived = sum(message.text == text and message.status == "delivered" for message in desk.phone())
    seen = row.delivery in ("held", "failed") and row.mailed_as is None
    assert (arrived, letters, seen) in ((1, 0, False), (0, 1, False), (0, 0, True)), (text, row.delivery)


def test_killed_before_the_call_was_recorded_finds_it_instead_of_calling_again(desk: Desk) -> None:
    asked(desk)
    answers_queued(desk, "jawaban")
    held_answers.look_due(desk.runtime)
    (message,) = delivery.claim(desk.runtime, "whatsapp")
    desk.twilio.callbacks_next()
    desk.runtime.channels["whatsapp"].send(delivery._outbound(desk.runtime, message))
    settle(desk, minutes=2)
    settle(desk, minutes=2)
    assert [row.delivery for row in calls(desk)] == ["sent"]
    assert len(came(desk)) == 1
