"""Messages leave through Meta's API, and every way of failing has its meaning."""

import logging
import socket
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask, Response

from channels.contract import Linked, Outbound, SendError, Template, Trouble
from channels.menus import Menu, Option
from channels.simulator import LocalCloud, serving
from channels.whatsapp.cloud.codes import ONLY_REPORTED, ROWS
from channels.whatsapp.cloud.graph import Number
from channels.whatsapp.cloud.sending import CloudApi
from channels.whatsapp.errors import REMEDY, Remedy, officer_words
from tests.channels.conftest import CITIZEN, META_TOKEN, PHONE, SENDER, Clock, EventDesk

ANSWER = Outbound("7f3c", SENDER, CITIZEN, "Baik, & kami *carikan* 🌸\nTerima kasih = 100%")


def fails(channel: CloudApi, message: Outbound = ANSWER) -> SendError:
    with pytest.raises(SendError) as caught:
        channel.send(message)
    assert message.text not in caught.value.detail
    assert message.address not in caught.value.detail
    return caught.value


def test_a_message_arrives_and_its_reports_come_back(
    cloud_api: CloudApi, cloud: LocalCloud, events: EventDesk
) -> None:
    assert cloud.citizen_writes(CITIZEN, SENDER, "halo") == 200
    accepted = cloud_api.send(ANSWER)
    assert accepted.external_id.startswith("wamid.")
    assert cloud.wait_until_quiet(60)
    assert [message.text for message in cloud.phone(CITIZEN)] == [ANSWER.text]
    assert events.statuses() == [("sent", "7f3c", None), ("delivered", "7f3c", None)]


def test_a_citizen_without_a_number_is_no_number(cloud_api: CloudApi, cloud: LocalCloud) -> None:
    """Where the id stood in place of a number it would be taken, and never arrive."""
    cloud.citizen_writes("ID.123", SENDER, "halo")
    cloud_api.send(Outbound("m", SENDER, "ID.123", "Selamat pagi"))
    assert [message.address for message in cloud.phone("ID.123")] == ["ID.123"]
    wrong = {"messaging_product": "whatsapp", "to": "ID.123", "type": "text", "text": {"body": "x"}}
    assert cloud.take(PHONE, wrong).sid
    assert len(cloud.phone("ID.123")) == 1


@pytest.mark.parametrize(("status", "code", "trouble"), [
    (429, 130429, Trouble.RETRY),
    (400, 131056, Trouble.RETRY),
    (400, 80007, Trouble.RETRY),
    (401, 190, Trouble.RETRY),
    (403, 200, Trouble.RETRY),
    (400, 131047, Trouble.WINDOW_CLOSED),
    (400, 131026, Trouble.PERMANENT),
    (400, 131009, Trouble.PERMANENT),
    (400, 999999, Trouble.PERMANENT),
    (500, 131000, Trouble.RETRY),
    (503, 131016, Trouble.RETRY),
    (500, 1, Trouble.RETRY),
    (503, 2, Trouble.RETRY),
    (400, 2, Trouble.RETRY),
    (500, 190, Trouble.UNKNOWN),
    (502, 999999, Trouble.UNKNOWN),
])  # fmt: skip
def test_a_scripted_refusal_is_understood_and_passes(
    cloud_api: CloudApi, cloud: LocalCloud, status: int, code: int, trouble: Trouble
) -> None:
    cloud.citizen_writes(CITIZEN, SENDER, "halo")
    cloud.fail_next(status, code)
    error = fails(cloud_api)
    assert (error.code, error.trouble) == (str(code), trouble)
    assert cloud.phone(CITIZEN) == []
    cloud_api.send(ANSWER)
    assert len(cloud.phone(CITIZEN)) == 1


def test_the_window_is_told_in_a_report_or_at_once(
    cloud_api: CloudApi, cloud: LocalCloud, events: EventDesk, clock: Clock
) -> None:
    cloud.citizen_writes(CITIZEN, SENDER, "halo")
    clock.pass_by(hours=24)
    cloud_api.send(ANSWER)
    assert cloud.wait_until_quiet(60)
    assert events.statuses() == [("failed", "7f3c", "63016")]
    assert cloud.phone(CITIZEN) == []
    cloud.refuses_at_once = True
    assert fails(cloud_api).trouble is Trouble.WINDOW_CLOSED


def drop(cloud: LocalCloud) -> None:
    cloud.drop_after_accept_next()


def hang(cloud: LocalCloud) -> None:
    cloud.hang_next(250)


def hang_and_forget(cloud: LocalCloud) -> None:
    cloud.hang_next(250, accepted=False)


@pytest.mark.parametrize(("fault", "arrived"), [(drop, True), (hang, True), (hang_and_forget, False)])
def test_an_unknown_outcome_is_told_by_reports_only(
    cloud_api: CloudApi,
    cloud: LocalCloud,
    events: EventDesk,
    fault: Callable[[LocalCloud], None],
    arrived: bool,
) -> None:
    cloud.citizen_writes(CITIZEN, SENDER, "halo")
    fault(cloud)
    cloud_api._graph._timeout = (60, 1)
    assert fails(cloud_api).trouble is Trouble.UNKNOWN
    with cloud.changed:
        assert not arrived or cloud.changed.wait_for(lambda: cloud.phone(CITIZEN), 60)
    with pytest.raises(SendError) as caught:
        cloud_api.find(ANSWER)
    assert (caught.value.code, caught.value.trouble) == (ONLY_REPORTED, Trouble.UNKNOWN)
    assert cloud.wait_until_quiet(60)
    assert [mid for _, mid, _ in events.statuses()] == (["7f3c"] * 2 if arrived else [])
    cloud.close()


@pytest.mark.parametrize(("body", "status", "trouble"), [
    ("[]", 200, Trouble.UNKNOWN),
    ("<html>", 200, Trouble.UNKNOWN),
    ("{}", 200, Trouble.UNKNOWN),
    ('{"messages": [{"id": ""}]}', 200, Trouble.UNKNOWN),
    ('{"error": "x"}', 200, Trouble.UNKNOWN),
    ("<html>", 502, Trouble.UNKNOWN),
    ("", 408, Trouble.UNKNOWN),
    ("<html>", 401, Trouble.RETRY),
    ("<html>", 429, Trouble.RETRY),
    ("", 302, Trouble.RETRY),
])  # fmt: skip
def test_what_is_not_meta_at_all_is_no_surprise(body: str, status: int, trouble: Trouble) -> None:
    app = Flask("odd", static_folder=None)
    app.add_url_rule("/<path:rest>", methods=["POST"], view_func=lambda **_: (body, status))
    with serving(app) as url:
        channel = CloudApi([Number(SENDER, PHONE, META_TOKEN, url)])
        assert fails(channel).trouble is trouble
        channel.close()


def test_nobody_there_means_certainly_not_sent() -> None:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
        channel = CloudApi([Number(SENDER, PHONE, META_TOKEN, url)])
        error = fails(channel)
        channel.close()
    assert (error.code, error.trouble) == ("unreachable", Trouble.RETRY)


@pytest.mark.parametrize(("message", "code"), [
    (Outbound("m", SENDER, CITIZEN, "a\ud800"), "unsendable"),
    (Outbound("m", "+6281100000000", CITIZEN, "halo"), "no_account"),
])  # fmt: skip
def test_what_can_not_leave_never_does(cloud_api: CloudApi, message: Outbound, code: str) -> None:
    assert fails(cloud_api, message).code == code


def test_a_wrong_token_waits_for_somebody_to_mend_it(cloud: LocalCloud, cloud_api: CloudApi) -> None:
    cloud.token = "another"
    error = fails(cloud_api)
    assert (error.code, error.trouble) == ("190", Trouble.RETRY)


def test_nothing_secret_is_written_down(
    cloud_api: CloudApi, cloud: LocalCloud, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    cloud.citizen_writes(CITIZEN, SENDER, "halo")
    with caplog.at_level(logging.INFO):
        cloud_api.send(ANSWER)
    assert META_TOKEN not in caplog.text
    assert ANSWER.text not in caplog.text
    assert META_TOKEN not in repr(Number(SENDER, PHONE, META_TOKEN))


# Of the fact sheet's table: what each of Meta's codes asks for.
TABLE = {
    Remedy.CONFIGURATION: "0 3 10 190 200 299 131048 131064 131005 131031 131057 368 130497 131030 131037 "
    "131045 131042 132000 132001 132005 132007 132008 132012 132015 132016",
    Remedy.RETRY: "4 80007 130429 133016 131056 131000 131016 135000 1 2 131052 131053 137000",
    Remedy.GIVE_UP: "130472 131026 131049 131050 131062",
    Remedy.CONTENT: "131008 131009 100 131021 131051",
    Remedy.WINDOW: "131047",
}


@pytest.mark.parametrize("remedy", TABLE)
def test_each_code_asks_for_what_meta_says(remedy: Remedy) -> None:
    assert {code: REMEDY.get(code) for code in TABLE[remedy].split()} == dict.fromkeys(
        TABLE[remedy].split(), remedy
    )


def test_each_code_has_words_in_both_languages() -> None:
    codes = [code for codes, *_ in ROWS for code in codes.split()]
    assert len(codes) == len(set(codes))
    for code in codes:
        assert "kode" not in officer_words(code, "id")
        assert officer_words(code, "id") != officer_words(code, "en")


def menu(count: int, description: str = "") -> Menu:
    options = tuple(Option(f"id{n}", f"Pilihan {n}", description) for n in range(count))
    return Menu("Bapak/Ibu memilih apa?", "Pilihan", options)


@pytest.mark.parametrize(("count", "description", "kind"), [
    (1, "", "button"), (3, "", "button"), (4, "", "list"), (2, "dijelaskan", "list"), (10, "", "list"),
    (11, "", None),
])  # fmt: skip
def test_choices_are_said_as_they_fit(
    cloud_api: CloudApi, cloud: LocalCloud, count: int, description: str, kind: str | None
) -> None:
    cloud.citizen_writes(CITIZEN, SENDER, "halo")
    message = replace(ANSWER, menu=menu(count, description))
    accepted = cloud_api.send(message)
    assert accepted.offered is (kind is not None)
    (shown,) = cloud.phone(CITIZEN)
    assert shown.text == (ANSWER.text if kind is None else "Bapak/Ibu memilih apa?")
    if kind:
        inner = cloud.requests[-1]["interactive"]
        assert inner["type"] == kind
        assert "id0" in str(inner["action"])


@pytest.mark.parametrize(("code", "texts"), [(131009, [ANSWER.text]), (100, [ANSWER.text])])
def test_refused_choices_leave_as_a_numbered_text(
    cloud_api: CloudApi, cloud: LocalCloud, code: int, texts: list[str]
) -> None:
    cloud.citizen_writes(CITIZEN, SENDER, "halo")
    cloud.fail_next(400, code)
    assert cloud_api.send(replace(ANSWER, menu=menu(2))).offered is False
    assert [message.text for message in cloud.phone(CITIZEN)] == texts


def test_choices_without_an_outcome_are_not_said_twice(cloud_api: CloudApi, cloud: LocalCloud) -> None:
    cloud.citizen_writes(CITIZEN, SENDER, "halo")
    cloud.drop_after_accept_next()
    assert fails(cloud_api, replace(ANSWER, menu=menu(2))).trouble is Trouble.UNKNOWN
    assert len(cloud.phone(CITIZEN)) == 1


def test_a_template_leaves_outside_the_window_by_its_name(cloud_api: CloudApi, cloud: LocalCloud) -> None:
    body = {"type": "BODY", "text": "Jawaban {{1}}: {{2}}.", "example": {"body_text": [["a", "b"]]}}
    named = {"name": "loket_siap", "language": "id", "category": "UTILITY"}
    shelved = cloud.templates.submit({**named, "components": [body]})
    ready = Template("loket_siap", "jawaban_siap", "id", ("BPS Contoh", "KTM-1"))
    assert fails(cloud_api, replace(ANSWER, template=ready)).code == "132015"
    shelved.status = "APPROVED"
    cloud_api.send(replace(ANSWER, template=ready, menu=menu(2)))
    assert cloud.requests[-1]["template"] == {
        "name": "loket_siap",
        "language": {"code": "id"},
        "components": [
            {"type": "body", "parameters": [{"type": "text", "text": each} for each in ready.values]}
        ],
    }
    assert [message.text for message in cloud.phone(CITIZEN)] == ["Jawaban BPS Contoh: KTM-1."]
    for wrong, code in (
        (Template("loket_siap", "jawaban_siap", "id"), "132000"),
        (Template("loket_siap", "jawaban_siap", "en", ("a", "b")), "132001"),
        (Template("HX1", "jawaban_siap", "id"), "132001"),
    ):
        assert fails(cloud_api, replace(ANSWER, template=wrong)).code == code


@pytest.mark.parametrize(("kind", "text", "said"), [
    ("application/pdf", "ini", {"document": {"link": "{}", "filename": "surat.pdf", "caption": "ini"}}),
    ("application/pdf", "", {"document": {"link": "{}", "filename": "surat.pdf"}}),
    ("image/jpeg", "ini", {"image": {"link": "{}", "caption": "ini"}}),
    ("audio/ogg", "ini", {"audio": {"link": "{}"}}),
])  # fmt: skip
def test_a_file_is_fetched_from_us(
    cloud_api: CloudApi, cloud: LocalCloud, events: EventDesk, kind: str, text: str, said: dict[str, Any]
) -> None:
    """By a link: Meta reports when it could not be fetched."""
    cloud.citizen_writes(CITIZEN, SENDER, "halo")
    files = Flask("files", static_folder=None)
    files.add_url_rule("/surat.pdf", view_func=lambda: Response(b"%PDF-1.4", content_type=kind))
    with serving(files) as url:
        for place in (f"{url}/surat.pdf", f"{url}/gone"):
            linked = Linked(place, kind, "surat.pdf", 8)
            cloud_api.send(replace(ANSWER, text=text, file=linked))
            (name, inner), *_ = said.items()
            assert cloud.requests[-1][name] == {**inner, "link": place}
        assert cloud.wait_until_quiet(60)
    failed = [code for status, _, code in events.statuses() if status == "failed"]
    assert failed[-1] == "131053"
    assert ("delivered" in [status for status, *_ in events.statuses()]) is (kind == "application/pdf")


MARK: dict[str, Any] = {"messaging_product": "whatsapp", "to": "6281234567890"}
BUTTONS = [{"type": "reply", "reply": {"id": str(n), "title": f"T{n}"}} for n in range(4)]
ROWS_OF = [{"id": str(n), "title": f"T{n}"} for n in range(11)]


def buttons(*chosen: Any, body: str = "Pilih") -> dict[str, Any]:
    inner = {"type": "button", "body": {"text": body}, "action": {"buttons": list(chosen)}}
    return MARK | {"type": "interactive", "interactive": inner}


def listed(rows: list[Any], button: str = "Menu") -> dict[str, Any]:
    action = {"button": button, "sections": [{"title": "A", "rows": rows}]}
    return MARK | {
        "type": "interactive",
        "interactive": {"type": "list", "body": {"text": "x"}, "action": action},
    }


@pytest.mark.parametrize(("request_", "code"), [
    ("nonsense", 100),
    ({"to": "62812"}, 100),
    ({**MARK, "to": ""}, 131008),
    ({**MARK, "to": "0812"}, 131009),
    ({**MARK, "to": SENDER, "type": "text", "text": {"body": "x"}}, 131021),
    ({"messaging_product": "whatsapp", "recipient": "0812"}, 131009),
    ({**MARK, "type": "text"}, 131008),
    ({**MARK, "type": "text", "text": {"body": " "}}, 131008),
    ({**MARK, "type": "text", "text": {"body": "x" * 4097}}, 131009),
    ({**MARK, "type": "text", "text": {"body": "x"}, "biz_opaque_callback_data": "x" * 513}, 131009),
    (buttons(), 131009),
    (buttons(*BUTTONS), 131009),
    (buttons(BUTTONS[0], BUTTONS[0]), 131009),
    (buttons({"reply": {"id": "1", "title": "x" * 21}}), 131009),
    (buttons(BUTTONS[0], body="x" * 1025), 131009),
    (listed([]), 131009),
    (listed(ROWS_OF), 131009),
    (listed(ROWS_OF[:1], button="x" * 21), 131009),
    (listed([{"id": "1", "title": "x" * 25}]), 131009),
    (listed([{"id": "1", "title": "x", "description": "x" * 73}]), 131009),
    ({**MARK, "type": "document", "document": {}}, 131008),
    ({**MARK, "type": "audio", "audio": {"id": "1", "caption": "x"}}, 131009),
    ({**MARK, "type": "template", "template": {"name": "x"}}, 131008),
    ({**MARK, "type": "poll", "poll": {}}, 131051),
])  # fmt: skip
def test_the_local_meta_refuses_what_meta_refuses(cloud: LocalCloud, request_: Any, code: int) -> None:
    cloud.citizen_writes(CITIZEN, SENDER, "halo")
    with pytest.raises(Exception, match=str(code)):
        cloud.take(PHONE, request_)


@pytest.mark.parametrize("request_", [buttons(*BUTTONS[:3]), listed(ROWS_OF[:10])])
def test_the_local_meta_takes_what_fits(cloud: LocalCloud, request_: Any) -> None:
    cloud.citizen_writes(CITIZEN, SENDER, "halo")
    assert cloud.take(PHONE, request_).sid


def test_the_local_meta_minds_the_limit_for_a_pair(
    cloud: LocalCloud, cloud_api: CloudApi, clock: Clock
) -> None:
    cloud.most_a_minute = 1
    cloud.citizen_writes(CITIZEN, SENDER, "halo")
    cloud_api.send(ANSWER)
    assert fails(cloud_api).code == "131056"
    clock.pass_by(minutes=2)
    cloud_api.send(ANSWER)


def test_the_local_meta_posts_again_what_was_refused(cloud: LocalCloud, events: EventDesk) -> None:
    events.answer = 503
    assert cloud.citizen_writes(CITIZEN, SENDER, "halo") == 503
    assert cloud.post_again() == [503]
    events.answer = 200
    assert (cloud.post_again(), cloud.post_again()) == ([200], [])
    assert len(events.told) == 1


def test_the_local_meta_puts_several_messages_into_one_post(cloud: LocalCloud, events: EventDesk) -> None:
    with cloud.in_one_post():
        for number in range(3):
            cloud.citizen_writes(CITIZEN, SENDER, f"pesan {number}")
    assert (events.posts, len(events.told)) == (1, 3)
