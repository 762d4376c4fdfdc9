"""The local Twilio is worth its name: it refuses what Twilio refuses, and stays on this machine."""

import socket
import struct
import threading
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.wsgi import ClosingIterator

from channels.simulator import LocalTwilio, NotLoopback, create_local_twilio, serving
from channels.whatsapp.reading import read_message, read_status
from tests.channels.conftest import ACCOUNT, CITIZEN, PUBLIC, SENDER, Clock, Desk

PATH = f"/2010-04-01/Accounts/{ACCOUNT.sid}/Messages"
MESSAGE = {"From": f"whatsapp:{SENDER}", "To": f"whatsapp:{CITIZEN}", "Body": "halo"}
CONTENT = "HX" + "0" * 32


def basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode()}


AUTH = basic(ACCOUNT.sid, ACCOUNT.token)


@pytest.fixture
def client(twilio: LocalTwilio) -> FlaskClient:
    """The API without the network."""
    return create_local_twilio(twilio).test_client()


def post(client: FlaskClient, fields: dict[str, Any]) -> tuple[int, Any]:
    form = MultiDict({name: value for name, value in (MESSAGE | fields).items() if value is not None})
    answer = client.post(PATH + ".json", data=form, headers=AUTH)
    return answer.status_code, answer.json


@pytest.mark.parametrize(("fields", "code"), [
    ({"To": None}, 21604),
    ({"To": CITIZEN}, 21211),
    ({"To": "whatsapp:0812"}, 21211),
    ({"To": "whatsapp:+ID.123"}, 21211),
    ({"From": None}, 21603),
    ({"From": SENDER}, 21212),
    ({"From": "whatsapp:+6281100000000"}, 63007),
    ({"From": f"whatsapp:{CITIZEN}"}, 63031),
    ({"Body": None}, 21602),
    ({"Body": ""}, 21602),
    ({"Body": "x" * 1601}, 21617),
    ({"Body": "🌸" * 801}, 21617),
    ({"MediaUrl": ["https://a.example/1", "https://a.example/2"]}, 21623),
    ({"MediaUrl": "not a url"}, 21620),
    ({"ContentSid": CONTENT}, 63030),
    ({"ContentSid": CONTENT, "Body": None, "MediaUrl": "https://a.example/1"}, 63030),
    ({"ContentSid": "HX1", "Body": None}, 21655),
    ({"ContentVariables": "{}"}, 21654),
    ({"ContentSid": CONTENT, "Body": None, "ContentVariables": "1"}, 21656),
    ({"ContentSid": CONTENT, "Body": None, "ContentVariables": "{"}, 21656),
    ({"ContentSid": CONTENT, "Body": None, "ContentVariables": '{"1": "a\\nb"}'}, 21656),
    ({"StatusCallback": "nowhere"}, 21609),
    ({"StatusCallback": "https://my_desk.example/x"}, 21609),
    ({}, 63016),
])  # fmt: skip
def test_what_twilio_refuses_is_refused(client: FlaskClient, fields: dict[str, Any], code: int) -> None:
    status, answer = post(client, fields)
    assert (status, answer["status"], answer["code"]) == (400, 400, code)
    assert answer["more_info"].endswith(str(code))
    assert answer["message"]


@pytest.mark.parametrize(("headers", "path", "code"), [
    ({}, PATH, 20003),
    (basic(ACCOUNT.sid, "wrong"), PATH, 20003),
    (AUTH, PATH.replace("aaaa", "bbbb"), 20404),
    (AUTH, PATH + "/SM1", 20404),
])  # fmt: skip
def test_strangers_are_refused(client: FlaskClient, headers: dict[str, str], path: str, code: int) -> None:
    answer = client.get(path + ".json", headers=headers)
    assert answer.json is not None
    assert answer.json["code"] == code


def test_an_approved_template_passes_outside_the_window(twilio: LocalTwilio, client: FlaskClient) -> None:
    fields = {"ContentSid": CONTENT, "Body": None, "ContentVariables": '{"1": "Siti"}'}
    assert post(client, fields)[1]["code"] == 21655
    twilio.contents.put(CONTENT, "Halo {{1}}")
    assert post(client, fields)[0] == 201
    twilio.contents.judge(CONTENT, "paused")
    assert post(client, fields)[1]["code"] == 63016


def test_the_window_belongs_to_one_sender_and_one_citizen(twilio: LocalTwilio, client: FlaskClient) -> None:
    twilio.senders = frozenset()
    twilio.citizen_writes(CITIZEN, SENDER, "halo", external_id="ID.123")
    assert post(client, {})[0] == 201
    assert post(client, {"To": "whatsapp:ID.123"})[0] == 201
    assert [message.text for message in twilio.phone(CITIZEN)] == ["halo", "halo"]
    assert post(client, {"From": "whatsapp:+6281100000000"})[1]["code"] == 63016
    assert post(client, {"To": "whatsapp:+6281200000000"})[1]["code"] == 63016


def test_messages_are_told_as_twilio_tells_them(
    twilio: LocalTwilio, client: FlaskClient, clock: Clock
) -> None:
    twilio.citizen_writes(CITIZEN, SENDER, "halo", sid="SM1")
    clock.pass_by(minutes=1)
    sent = post(client, {"Body": "selamat pagi"})[1]
    assert twilio.wait_until_quiet(60)
    one = client.get(f"{PATH}/{sent['sid']}.json", headers=AUTH).json
    listed = client.get(f"{PATH}.json", headers=AUTH).json
    assert one is not None
    assert listed is not None
    assert (one["status"], one["direction"], one["body"]) == ("delivered", "outbound-api", "selamat pagi")
    assert one["date_created"] == "Fri, 20 Nov 2026 01:01:00 +0000"
    assert [(each["sid"], each["direction"]) for each in listed["messages"]] == [
        (sent["sid"], "outbound-api"),
        ("SM1", "inbound"),
    ]
    to_citizen = client.get(f"{PATH}.json", query_string={"To": MESSAGE["To"]}, headers=AUTH).json
    assert to_citizen is not None
    assert [each["sid"] for each in to_citizen["messages"]] == [sent["sid"]]


@pytest.mark.parametrize(("address", "given", "aliases"), [
    (CITIZEN, None, ()),
    (CITIZEN, "ID.123", ("ID.123",)),
    ("ID.123", None, ()),
])  # fmt: skip
def test_a_citizen_is_read_by_the_desk(
    twilio: LocalTwilio, desk: Desk, address: str, given: str | None, aliases: tuple[str, ...]
) -> None:
    status = twilio.citizen_writes(address, SENDER, "halo 🌸", external_id=given, profile_name="Siti")
    url, form = desk.posts[0]
    message = read_message(form)
    assert (status, url) == (200, f"{PUBLIC}/webhooks/whatsapp")
    assert (message.address, message.aliases, message.sender) == (address, aliases, SENDER)
    assert (message.text, message.profile_name, message.account) == ("halo 🌸", "Siti", ACCOUNT.sid)


def test_a_citizen_sends_other_things(twilio: LocalTwilio, desk: Desk) -> None:
    twilio.citizen_writes(CITIZEN, SENDER, "", media="audio/ogg")
    twilio.citizen_writes(
        CITIZEN, SENDER, "", more={"Latitude": "-6.1", "Longitude": "106.8", "Label": "Monas"}
    )
    read = [read_message(form) for _, form in desk.posts]
    assert [message.content.value for message in read] == ["voice", "location"]
    assert [message.text for message in twilio.chat(CITIZEN)] == ["[audio/ogg]", "[Monas]"]


def test_the_same_sid_is_posted_again_and_shown_once(twilio: LocalTwilio, desk: Desk) -> None:
    for _ in range(3):
        twilio.citizen_writes(CITIZEN, SENDER, "halo", sid="SM1")
    assert [form["MessageSid"] for _, form in desk.posts] == ["SM1"] * 3
    assert len(twilio.chat(CITIZEN)) == 1
    assert twilio.phone(CITIZEN) == []


def test_the_desks_refusal_is_told(twilio: LocalTwilio, desk: Desk) -> None:
    desk.answer = 503
    assert twilio.citizen_writes(CITIZEN, SENDER, "halo") == 503


def test_scripted_receipts_come_as_scripted(twilio: LocalTwilio, client: FlaskClient, desk: Desk) -> None:
    twilio.citizen_writes(CITIZEN, SENDER, "halo")
    twilio.callbacks_next("read", "sent", "sent", "failed:63024")
    post(client, {"StatusCallback": f"{PUBLIC}/status?mid=7"})
    assert twilio.wait_until_quiet(60)
    receipts = [read_status(form, "7") for _, form in desk.posts[1:]]
    assert [receipt.status for receipt in receipts] == ["read", "sent", "sent", "failed"]
    assert [receipt.error_code for receipt in receipts] == [None, None, None, "63024"]
    assert {url for url, _ in desk.posts[1:]} == {f"{PUBLIC}/status?mid=7"}


def test_reading_is_reported_when_asked(twilio: LocalTwilio, client: FlaskClient, desk: Desk) -> None:
    twilio.citizen_writes(CITIZEN, SENDER, "halo")
    post(client, {"StatusCallback": f"{PUBLIC}/status"})
    assert twilio.wait_until_quiet(60)
    twilio.citizen_reads(CITIZEN)
    assert twilio.wait_until_quiet(60)
    twilio.reads_at_once = True
    post(client, {"StatusCallback": f"{PUBLIC}/status"})
    assert twilio.wait_until_quiet(60)
    assert desk.statuses() == ["sent", "delivered", "read"] * 2
    assert [message.status for message in twilio.phone(CITIZEN)] == ["read", "read"]


def test_a_page_waits_for_a_change(twilio: LocalTwilio) -> None:
    before = twilio.changes
    assert twilio.wait_for_change(before, 0.01) == before
    writer = threading.Timer(0.05, twilio.citizen_writes, (CITIZEN, SENDER, "halo"))
    writer.start()
    assert twilio.wait_for_change(before, 60) > before
    writer.join()


def test_nothing_outside_this_machine_is_called(twilio: LocalTwilio, client: FlaskClient) -> None:
    for url in (
        "https://127.0.0.1",
        "http://192.0.2.1",
        "http://desk.example.org",
        "http://127.0.0.1.example",
    ):
        with pytest.raises(NotLoopback):
            twilio.desk_url = url
    twilio.citizen_writes(CITIZEN, SENDER, "halo")
    for place in ("http://192.0.2.1/status", f"{PUBLIC}.evil.example/status"):
        before = twilio.lost_callbacks
        post(client, {"StatusCallback": place})
        assert twilio.wait_until_quiet(60)
        assert twilio.lost_callbacks == before + 2


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "desk.example.org", ""])  # noqa: S104
def test_nothing_listens_outside_this_machine(twilio: LocalTwilio, host: str) -> None:
    with pytest.raises(NotLoopback), serving(create_local_twilio(twilio), host=host):
        pass


@pytest.mark.parametrize(
    "place", [{"REMOTE_ADDR": "192.0.2.1"}, {"SERVER_NAME": "192.0.2.1"}, {"REMOTE_ADDR": ""}]
)
def test_nobody_else_is_answered(client: FlaskClient, place: dict[str, str]) -> None:
    assert client.get(f"{PATH}.json", headers=AUTH, environ_overrides=place).status_code == 403


def test_memory_is_bounded(twilio: LocalTwilio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(twilio, "most_messages", 5)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: twilio.citizen_writes(CITIZEN, SENDER, str(number)), range(20)))
    assert len(twilio.chat(CITIZEN)) == 5


def test_an_answer_is_closed_also_where_the_line_is_cut() -> None:
    """As a file that a browser asked for when its page was left."""
    more, closed = threading.Event(), threading.Event()

    def answer() -> Iterator[bytes]:
        yield b"x"
        more.wait(30)

    app = Flask("answering", static_folder=None)
    app.add_url_rule("/", "whole", lambda: Response(ClosingIterator(answer(), closed.set)))
    with serving(app) as url:
        line = socket.create_connection(("127.0.0.1", urlsplit(url).port or 0))
        line.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        told = line.recv(1)
        line.sendall(b"what nobody reads before the answer is whole")
        more.set()
        while not told.endswith(b"0\r\n\r\n"):
            told += line.recv(1024)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        line.close()
        assert closed.wait(30)
