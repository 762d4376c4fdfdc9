"""What every channel promises, whichever provider stands behind it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.contract import Accepted, Channel, Outbound, SendError, Trouble
from channels.email.sending import Email
from channels.email.smtp import SmtpAccount
from channels.menus import Menu, Option, pattern, shape
from channels.simulator import LocalCloud, LocalTwilio
from channels.whatsapp.contents import Contents, choices
from channels.whatsapp.drafts import Draft
from channels.whatsapp.sending import WhatsApp
from tests.channels.conftest import ACCOUNT, CITIZEN, PUBLIC, SENDER
from tests.channels.email.letters import MESSAGE, MORNING, text_of
from tests.channels.email.postbox import DROP, PostBox, post_box

MENU = Menu("Sudah menjawab?", "Lihat pilihan", (Option("found.1", "Sudah"), Option("found.2", "Belum")))


@dataclass
class Trial:
    """A channel, a message it can send, and ways to spoil the next sending and to count what arrived.

    ``can_be_asked``: whether its provider tells what became of a message when it is asked; else how it
    fails: for ever, so that the same goes out again, or for now, until a report comes.
    """

    channel: Channel
    message: Outbound
    lose_answer: Callable[[], None]
    refuse: Callable[[], None]
    arrived: Callable[[], list[str]]
    can_be_asked: bool = True
    asked_in_vain: Trouble = Trouble.PERMANENT


def whatsapp_trial(request: pytest.FixtureRequest) -> Trial:
    twilio: LocalTwilio = request.getfixturevalue("twilio")
    channel: WhatsApp = request.getfixturevalue("whatsapp")
    twilio.citizen_writes(CITIZEN, SENDER, "halo")
    return Trial(
        channel=channel,
        message=Outbound("mid-1", SENDER, CITIZEN, "Selamat pagi"),
        lose_answer=twilio.drop_after_accept_next,
        refuse=lambda: twilio.fail_next(400, 21211),
        arrived=lambda: [message.text for message in twilio.phone(CITIZEN)],
    )


def whatsapp_with_templates(request: pytest.FixtureRequest) -> Trial:
    api_url: str = request.getfixturevalue("api_url")
    made = Contents(ACCOUNT, api_url=api_url)
    sid = made.create(Draft("menu", "id", choices(MENU), pattern(MENU)[1]))
    made.close()
    channel = WhatsApp(
        [ACCOUNT],
        public_url=PUBLIC,
        api_url=api_url,
        contents=lambda _, of: sid if of == shape(MENU) else None,
    )
    request.addfinalizer(channel.close)
    return replace(whatsapp_trial(request), channel=channel)


def cloud_trial(request: pytest.FixtureRequest) -> Trial:
    """Meta takes the same messages; only its reports tell what became of one without an answer."""
    cloud: LocalCloud = request.getfixturevalue("cloud")
    cloud.citizen_writes(CITIZEN, SENDER, "halo")
    return Trial(
        channel=request.getfixturevalue("cloud_api"),
        message=Outbound("mid-1", SENDER, CITIZEN, "Selamat pagi"),
        lose_answer=cloud.drop_after_accept_next,
        refuse=lambda: cloud.fail_next(400, 131026),
        arrived=lambda: [message.text for message in cloud.phone(CITIZEN)],
        can_be_asked=False,
        asked_in_vain=Trouble.UNKNOWN,
    )


def email_trial(request: pytest.FixtureRequest) -> Trial:
    box: PostBox = request.getfixturevalue("box")
    account = SmtpAccount(box.host, box.port, "none")
    return Trial(
        channel=Email({MESSAGE.sender: account}, clock=lambda: MORNING),
        message=MESSAGE,
        lose_answer=lambda: box.answer("END", DROP),
        refuse=lambda: box.answer("RCPT", f"550 5.1.1 <{MESSAGE.address}> unknown"),
        arrived=lambda: [text_of(mail.content) for mail in box.arrived],
        can_be_asked=False,
    )


@pytest.fixture
def box() -> Iterator[PostBox]:
    """A mail server."""
    with post_box() as opened:
        yield opened


@pytest.fixture(
    params=[whatsapp_trial, whatsapp_with_templates, cloud_trial, email_trial],
    ids=["whatsapp", "whatsapp with templates", "cloud", "email"],
)
def trial(request: pytest.FixtureRequest) -> Trial:
    """Each channel in turn."""
    given: Trial = request.param(request)
    return given


def test_its_manners_say_who_it_is(trial: Trial) -> None:
    manners = trial.channel.manners
    assert manners.channel
    assert manners.max_length > 0


@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(text=st.text(max_size=5000))
def test_parts_keep_every_word_and_can_be_carried(trial: Trial, text: str) -> None:
    parts = trial.channel.split(text)
    assert all(part.strip() for part in parts)
    assert all(len(part) <= trial.channel.manners.max_length for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.replace("\x00", "").split())


def test_what_is_sent_arrives(trial: Trial) -> None:
    accepted = trial.channel.send(trial.message)
    assert isinstance(accepted, Accepted)
    assert accepted.external_id
    assert trial.arrived() == [trial.message.text]


def test_choices_are_offered_or_said_by_number_and_never_both(trial: Trial) -> None:
    accepted = trial.channel.send(replace(trial.message, menu=MENU))
    assert trial.arrived() == [MENU.body if accepted.offered else trial.message.text]
    assert trial.channel.manners.supports_choices or not accepted.offered
    if trial.can_be_asked:
        found = trial.channel.find(replace(trial.message, menu=MENU))
        assert found is not None
        assert (found.external_id, found.offered) == (accepted.external_id, accepted.offered)


def test_a_refusal_is_a_send_error_without_the_text(trial: Trial) -> None:
    trial.refuse()
    with pytest.raises(SendError) as caught:
        trial.channel.send(trial.message)
    assert caught.value.trouble is Trouble.PERMANENT
    assert caught.value.code
    assert trial.message.text not in str(caught.value)
    assert trial.message.address not in str(caught.value)
    assert trial.arrived() == []


def test_what_was_sent_without_an_answer_is_unknown_until_it_is_found(trial: Trial) -> None:
    trial.lose_answer()
    with pytest.raises(SendError) as caught:
        trial.channel.send(trial.message)
    assert caught.value.trouble is Trouble.UNKNOWN
    assert not trial.can_be_asked or trial.channel.find(trial.message) is not None


def test_what_was_never_sent_is_not_found(trial: Trial) -> None:
    if trial.can_be_asked:
        assert trial.channel.find(trial.message) is None
        return
    with pytest.raises(SendError) as caught:
        trial.channel.find(trial.message)
    assert caught.value.trouble is trial.asked_in_vain
