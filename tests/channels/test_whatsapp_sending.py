"""Messages leave through the real SDK, and every way of failing has its meaning."""

import logging
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from flask import Flask

from channels.contract import Accepted, Outbound, SendError, Template, Trouble
from channels.simulator import LocalTwilio, serving
from channels.whatsapp.manners import MANNERS
from channels.whatsapp.sending import Account, WhatsApp
from channels.whatsapp.transport import HostRefused, MappedHttpClient
from tests.channels.conftest import ACCOUNT, CITIZEN, PUBLIC, SENDER, Clock, Desk

ANSWER = Outbound("7f3c", SENDER, CITIZEN, "Baik, & kami *carikan* 🌸\nTerima kasih = 100%")


def fails(channel: WhatsApp, message: Outbound = ANSWER) -> SendError:
    with pytest.raises(SendError) as caught:
        channel.send(message)
    assert message.text not in caught.value.detail
    assert message.address not in caught.value.detail
    return caught.value


def test_a_message_arrives_and_its_receipts_come_back(
    whatsapp: WhatsApp, twilio: LocalTwilio, desk: Desk
) -> None:
    assert twilio.citizen_writes(CITIZEN, SENDER, "halo") == 200
    accepted = whatsapp.send(ANSWER)
    assert accepted.status == "queued"
    assert twilio.wait_until_quiet(60)
    assert [message.text for message in twilio.phone(CITIZEN)] == [ANSWER.text]
    assert [(url, form["MessageSid"]) for url, form in desk.posts[1:]] == [
        (f"{PUBLIC}/webhooks/whatsapp/status?mid=7f3c", accepted.external_id)
    ] * 2
    assert desk.statuses() == ["sent", "delivered"]


def test_an_answer_goes_to_a_citizen_without_a_number(whatsapp: WhatsApp, twilio: LocalTwilio) -> None:
    twilio.citizen_writes("ID.123", SENDER, "halo")
    whatsapp.send(Outbound("m", SENDER, "ID.123", "Selamat pagi"))
    assert [message.address for message in twilio.phone("ID.123")] == ["ID.123"]


@pytest.mark.parametrize(("status", "code", "trouble"), [
    (429, 20429, Trouble.RETRY),
    (401, 20003, Trouble.RETRY),
    (400, 63016, Trouble.WINDOW_CLOSED),
    (400, 21610, Trouble.PERMANENT),
    (400, 99999, Trouble.PERMANENT),
    (500, 20500, Trouble.UNKNOWN),
    (503, 20503, Trouble.UNKNOWN),
])  # fmt: skip
def test_a_scripted_refusal_is_understood_and_passes(
    whatsapp: WhatsApp, twilio: LocalTwilio, status: int, code: int, trouble: Trouble
) -> None:
    twilio.citizen_writes(CITIZEN, SENDER, "halo")
    twilio.fail_next(status, code)
    error = fails(whatsapp)
    assert (error.code, error.trouble) == (str(code), trouble)
    assert twilio.phone(CITIZEN) == []
    whatsapp.send(ANSWER)
    assert len(twilio.phone(CITIZEN)) == 1


def test_a_template_leaves_by_its_id_and_finds_itself_again(whatsapp: WhatsApp, twilio: LocalTwilio) -> None:
    twilio.contents.put("HX" + "a" * 32, "Jawaban {{1}} untuk {{2}} siap.")
    template = Template("HX" + "a" * 32, "siap", "id", ('BPS "Timur"', "7\n"))
    call = Outbound("m", SENDER, CITIZEN, 'Jawaban BPS "Timur" untuk 7 siap.', template=template)
    accepted = whatsapp.send(call)
    assert twilio.wait_until_quiet(60)
    assert [message.text for message in twilio.phone(CITIZEN)] == [call.text]
    assert twilio.wait_until_quiet(60)
    assert whatsapp.find(call) == Accepted(accepted.external_id, "delivered")
    twilio.contents.put("HX" + "b" * 32, "Salam.")
    bare = Template("HX" + "b" * 32, "salam", "id")
    whatsapp.send(Outbound("n", SENDER, CITIZEN, "Salam.", template=bare))
    assert twilio.phone(CITIZEN)[-1].text == "Salam."


def test_the_window_closes_after_a_day(whatsapp: WhatsApp, twilio: LocalTwilio, clock: Clock) -> None:
    assert fails(whatsapp).trouble is Trouble.WINDOW_CLOSED
    twilio.citizen_writes(CITIZEN, SENDER, "halo")
    clock.pass_by(hours=23, minutes=59)
    whatsapp.send(ANSWER)
    clock.pass_by(minutes=1)
    assert fails(whatsapp).code == "63016"
    assert MANNERS.window is not None
    assert MANNERS.window.total_seconds() == 24 * 3600


def drop(twilio: LocalTwilio) -> None:
    twilio.drop_after_accept_next()


def hang(twilio: LocalTwilio) -> None:
    twilio.hang_next(250)


def hang_and_forget(twilio: LocalTwilio) -> None:
    twilio.hang_next(250, accepted=False)


@pytest.mark.parametrize(("fault", "arrived"), [(drop, True), (hang, True), (hang_and_forget, False)])
def test_an_unknown_outcome_is_looked_up(
    whatsapp: WhatsApp,
    api_url: str,
    twilio: LocalTwilio,
    fault: Callable[[LocalTwilio], None],
    arrived: bool,
) -> None:
    twilio.citizen_writes(CITIZEN, SENDER, ANSWER.text)
    fault(twilio)
    impatient = WhatsApp([ACCOUNT], public_url=PUBLIC, api_url=api_url, timeout=1)
    assert fails(impatient).trouble is Trouble.UNKNOWN
    impatient.close()
    with twilio.changed:
        assert not arrived or twilio.changed.wait_for(lambda: twilio.phone(CITIZEN), 60)
    found = whatsapp.find(ANSWER)
    sids = [message.sid for message in twilio.phone(CITIZEN)]
    assert sids == ([found.external_id] if found else [])
    assert bool(found) is arrived
    twilio.close()


def test_only_the_same_words_to_the_same_person_are_found(whatsapp: WhatsApp, twilio: LocalTwilio) -> None:
    for citizen in (CITIZEN, "+6281200000000"):
        twilio.citizen_writes(citizen, SENDER, "halo")
    whatsapp.send(Outbound("a", SENDER, "+6281200000000", ANSWER.text))
    whatsapp.send(Outbound("b", SENDER, CITIZEN, "lain"))
    assert whatsapp.find(ANSWER) is None
    first, second = whatsapp.send(ANSWER), whatsapp.send(ANSWER)
    assert twilio.wait_until_quiet(60)
    assert whatsapp.find(ANSWER) == Accepted(second.external_id, "delivered")
    assert whatsapp.find(ANSWER, besides={second.external_id}) == Accepted(first.external_id, "delivered")
    assert whatsapp.find(ANSWER, besides={first.external_id, second.external_id}) is None


def test_looking_up_may_fail_and_leaves_it_unknown(api_url: str) -> None:
    stranger = WhatsApp([Account(ACCOUNT.sid, "wrong")], public_url=PUBLIC, api_url=api_url)
    with pytest.raises(SendError) as caught:
        stranger.find(ANSWER)
    assert (caught.value.code, caught.value.trouble) == ("20003", Trouble.UNKNOWN)
    assert fails(stranger).trouble is Trouble.RETRY
    stranger.close()


@pytest.mark.parametrize("path", ["", "/moved"])
def test_what_is_not_twilio_at_all_is_no_surprise(path: str) -> None:
    app = Flask("odd", static_folder=None)
    answers = [("[]", 201), ("<html>", 201), ("{}", 201), ("<html>", 502), ("", 302)]
    app.add_url_rule(f"{path}/<path:rest>", methods=["POST"], view_func=lambda **_: answers.pop(0))
    with serving(app) as url:
        channel = WhatsApp([ACCOUNT], public_url=PUBLIC, api_url=url)
        troubles = [fails(channel).trouble for _ in range(5)]
        channel.close()
    # With a path that the API does not have, nothing but 404 is answered: a matter of configuration.
    found = [Trouble.UNKNOWN] * 4 + [Trouble.RETRY]
    assert troubles == (found if not path else [Trouble.RETRY] * 5)


def test_nobody_there_means_certainly_not_sent() -> None:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
        channel = WhatsApp([ACCOUNT], public_url=PUBLIC, api_url=url)
        error = fails(channel)
        channel.close()
    assert (error.code, error.trouble) == ("unreachable", Trouble.RETRY)


def test_a_broken_character_is_refused_before_it_leaves(whatsapp: WhatsApp) -> None:
    error = fails(whatsapp, Outbound("m", SENDER, CITIZEN, "a\ud800"))
    assert (error.code, error.trouble) == ("unsendable", Trouble.PERMANENT)


def test_the_sender_chooses_the_account(api_url: str, twilio: LocalTwilio) -> None:
    twilio.citizen_writes(CITIZEN, SENDER, "halo")
    accounts = [ACCOUNT, Account("AC" + "b" * 32, "b")]
    two = WhatsApp(accounts, public_url=PUBLIC, api_url=api_url, senders={SENDER: ACCOUNT.sid})
    assert two.send(ANSWER).external_id
    error = fails(two, Outbound("m", "+6281100000000", CITIZEN, "halo"))
    assert (error.code, error.trouble) == ("no_account", Trouble.RETRY)
    two.close()


def test_other_hosts_are_never_called(monkeypatch: pytest.MonkeyPatch, whatsapp: WhatsApp) -> None:
    client = MappedHttpClient({"api.twilio.com": "http://127.0.0.1:9"}, timeout=60)
    for url in ("https://content.twilio.com/v1", "http://127.0.0.1:9/x", "https://api.twilio.com:444/"):
        with pytest.raises(HostRefused):
            client.request("GET", url)
    client.close()
    monkeypatch.setenv("TWILIO_REGION", "ie1")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert fails(whatsapp).code == "63016"


def test_threads_do_not_mix_answers(whatsapp: WhatsApp, twilio: LocalTwilio) -> None:
    twilio.citizen_writes(CITIZEN, SENDER, "halo")
    messages = [Outbound(str(number), SENDER, CITIZEN, f"pesan {number}") for number in range(60)]
    with ThreadPoolExecutor(8) as pool:
        sids = [accepted.external_id for accepted in pool.map(whatsapp.send, messages)]
    texts = {message.sid: message.text for message in twilio.phone(CITIZEN)}
    assert [texts[sid] for sid in sids] == [message.text for message in messages]


def test_nothing_secret_is_written_down(
    whatsapp: WhatsApp, twilio: LocalTwilio, caplog: pytest.LogCaptureFixture
) -> None:
    twilio.citizen_writes(CITIZEN, SENDER, "halo")
    with caplog.at_level(logging.INFO):
        whatsapp.send(ANSWER)
    assert caplog.text == ""
    assert ACCOUNT.token not in repr(ACCOUNT)
