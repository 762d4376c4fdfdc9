"""Meta's door: what an app of ours signed comes in once and is never lost; nothing else leaves a trace."""

import hmac
import json
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import func, select
from sqlalchemy.exc import DataError, OperationalError
from werkzeug.test import TestResponse

from channels.simulator import LocalCloud
from handlers.runtime import CloudKeys
from handlers.web.intake import create_intake
from storage import intake
from storage import receipts as reported
from storage.columns import table
from storage.tables import Address, Contact, Conversation, Message, ReceiptRow, Unrouted
from tests.channels.test_cloud_reading import SAMPLES, SHAPES, event, value
from tests.databases import SqliteTemplate
from tests.driver import CITIZEN, SENDERS, Desk, running_desk
from tests.providers import APP_SECRET, VERIFY_TOKEN

PATH = "/whatsapp-cloud"
SAMPLED = "106540352242922"
HERE = "106574110"  # the id of 7411's number
KEPT = [table(each) for each in (Message, ReceiptRow, Unrouted, Contact, Address, Conversation)]


@pytest.fixture
def meta(sqlite_template: SqliteTemplate, tmp_path: Path) -> Iterator[Desk]:
    """A desk behind Meta."""
    with running_desk(sqlite_template.copy(tmp_path), tmp_path, provider="cloud") as desk:
        yield desk


@pytest.fixture
def both(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """The same on both databases, for what each of them must take."""
    with running_desk(database_url, tmp_path, provider="cloud") as desk:
        yield desk


@pytest.fixture(scope="module")
def door(sqlite_template: SqliteTemplate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One desk for all that leaves no trace."""
    folder = tmp_path_factory.mktemp("door")
    with running_desk(sqlite_template.copy(folder), folder, provider="cloud") as desk:
        yield desk


def cloud_of(desk: Desk) -> LocalCloud:
    assert isinstance(desk.twilio, LocalCloud)
    return desk.twilio


def post(desk: Desk, body: Any, secret: str = APP_SECRET, signature: str | None = None) -> TestResponse:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    signed = "sha256=" + hmac.new(secret.encode(), raw, "sha256").hexdigest()
    headers = {"X-Hub-Signature-256": signed if signature is None else signature}
    return desk.intake.test_client().post(PATH, data=raw, content_type="application/json", headers=headers)


def message(text: str = "Halo", **more: Any) -> dict[str, Any]:
    written = {"from": CITIZEN[1:], "id": "wamid." + uuid4().hex, "timestamp": "1749416383"}
    return written | {"type": "text", "text": {"body": text}} | more


def messages(*given: Any, phone: str = HERE) -> dict[str, Any]:
    return event(value(phone, messages=list(given), contacts=[]))


def rows(desk: Desk) -> int:
    with desk.runtime.database.read() as connection:
        return sum(connection.execute(select(func.count()).select_from(each)).scalar_one() for each in KEPT)


def rows_of(desk: Desk, model: Any) -> list[Any]:
    of = table(model)
    with desk.runtime.database.read() as connection:
        return list(connection.execute(select(of).order_by(of.c.id)))


def with_cloud(desk: Desk, **numbers: CloudKeys) -> Desk:
    """The same desk with these numbers, by their ids, behind Meta."""
    senders = {keys.number: number for number, keys in numbers.items()}
    keys = replace(desk.runtime.keys, cloud=numbers, senders=senders)
    return replace(desk, intake=create_intake(replace(desk.runtime, keys=keys)))


@pytest.mark.parametrize("form", ["plain", "escaped"])
def test_the_samples_come_in(door: Desk, form: str) -> None:
    keys = {SAMPLED: CloudKeys(SENDERS["6302"], (SAMPLES["app_secret"],), "w")}
    desk, sample = with_cloud(door, **keys), SAMPLES[form]
    assert post(desk, sample["body"].encode(), signature=sample["signature"]).status_code == 200
    kept = next(row for row in door.messages() if row.external_id == "wamid.TEST1")
    assert (kept.office, kept.account, kept.address) == ("6302", SAMPLED, "+6281234567890")
    assert (kept.body, kept.intake) == ("Halo é 🌸", "handled")


@pytest.mark.parametrize(("query", "status", "body"), [
    ({"hub.mode": "subscribe", "hub.verify_token": VERIFY_TOKEN, "hub.challenge": "115820"}, 200, "115820"),
    ({"hub.mode": "subscribe", "hub.verify_token": VERIFY_TOKEN}, 200, ""),
    ({"hub.mode": "subscribe", "hub.verify_token": "wrong", "hub.challenge": "1"}, 403, "refused"),
    ({"hub.mode": "subscribe", "hub.verify_token": "é", "hub.challenge": "1"}, 403, "refused"),
    ({"hub.mode": "x", "hub.verify_token": VERIFY_TOKEN, "hub.challenge": "1"}, 403, "refused"),
    ({}, 403, "refused"),
])  # fmt: skip
def test_a_handshake_needs_our_word(door: Desk, query: dict[str, str], status: int, body: str) -> None:
    answer = door.intake.test_client().get(PATH, query_string=query)
    assert (answer.status_code, answer.text, answer.mimetype) == (status, body, "text/plain")


def test_a_handshake_s_challenge_is_no_page(door: Desk) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": VERIFY_TOKEN, "hub.challenge": "<script>"}
    answer = door.intake.test_client().get(PATH, query_string=query)
    assert answer.mimetype == "text/plain"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_without_numbers_at_meta_nobody_comes_in(desk: Desk) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": "", "hub.challenge": "1"}
    assert desk.intake.test_client().get(PATH, query_string=query).status_code == 403
    assert post(desk, messages(message()), "").status_code == 403
    assert rows(desk) == 0


def test_what_is_not_signed_is_refused_and_leaves_no_trace(door: Desk) -> None:
    body = json.dumps(messages(message("Halo é")), ensure_ascii=True).encode()
    good = "sha256=" + hmac.new(APP_SECRET.encode(), body, "sha256").hexdigest()
    before = rows(door)
    for signature in ("", "sha256=", good[:-1], good.upper(), good[7:], "sha1=" + good[7:], "é", good + "0"):
        assert post(door, body, signature=signature).status_code == 403
    again = (
        json.dumps(json.loads(body), ensure_ascii=False).encode(),
        body + b" ",
        body.replace(b"\\u00e9", b"\xe9"),
    )
    assert [post(door, wrong, signature=good).status_code for wrong in again] == [403] * 3
    assert post(door, body, "another app's secret").status_code == 403
    assert rows(door) == before
    assert post(door, body, signature=good).status_code == 200


def test_an_app_speaks_for_its_own_numbers_only(meta: Desk) -> None:
    first, second = CloudKeys(SENDERS["7411"], ("one",), "w"), CloudKeys(SENDERS["6571"], ("old", "two"), "w")
    desk = with_cloud(meta, **{"111111": first, "222222": second})
    for number, secret in (("111111", "two"), ("222222", "one")):
        assert post(desk, messages(message(), phone=number), secret).status_code == 200
    assert desk.messages() == []
    assert [row.sender for row in rows_of(desk, Unrouted)] == ["111111", "222222"]
    for number, secret in (("111111", "one"), ("222222", "old"), ("222222", "two")):
        assert post(desk, messages(message(), phone=number), secret).status_code == 200
    assert [row.office for row in desk.messages()] == ["7411", "6571", "6571"]


def test_a_message_for_nobody_s_number_is_kept_once(meta: Desk, caplog: pytest.LogCaptureFixture) -> None:
    given = messages(message("rahasia sekali"), phone="99999")
    assert [post(meta, given).status_code for _ in range(3)] == [200] * 3
    (kept,) = rows_of(meta, Unrouted)
    assert (kept.sender, kept.address, kept.raw["Body"]) == ("99999", CITIZEN, "rahasia sekali")
    alarms = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert [alarm.count("99999") for alarm in alarms] == [1]
    assert "rahasia" not in caplog.text
    assert CITIZEN not in caplog.text


def test_several_messages_in_one_post_have_their_turns_in_order(both: Desk) -> None:
    with cloud_of(both).in_one_post():
        for office in ("7411", "6571"):
            both.writes("Halo", office=office)
            both.clock.forward(seconds=1)
            both.writes("1", office=office)
    assert [(row.office, row.body, row.intake) for row in both.messages()] == [
        ("7411", "Halo", "handled"),
        ("7411", "1", "handled"),
        ("6571", "Halo", "handled"),
        ("6571", "1", "handled"),
    ]


def test_the_same_messages_many_times_at_once(both: Desk) -> None:
    given = [messages(*(message(f"pesan {number}") for number in range(4)))] * 8
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda each: post(both, each).status_code, given))
    assert set(answers) == {200}
    assert len(both.messages()) == 4
    assert {row.intake for row in both.messages()} == {"handled"}
    assert len(rows_of(both, Conversation)) == len(rows_of(both, Contact)) == 1


def test_one_person_by_twilio_and_by_meta_is_one_person(meta: Desk) -> None:
    """An office that changes its provider keeps its citizens."""
    from channels.contract import Inbound
    from channels.whatsapp.reading import read_message
    from handlers import receiving
    from tests.driver import form_of

    twilio: Inbound = read_message(form_of("Halo", SENDERS["7411"], ExternalUserId="whatsapp:ID.1"))
    receiving.receive(meta.runtime, replace(twilio, account=HERE))
    assert post(meta, messages(message("1", from_user_id="ID.1"))).status_code == 200
    assert len(rows_of(meta, Contact)) == len(rows_of(meta, Conversation)) == 1


def _broken(*_: object, **__: object) -> None:
    raise OperationalError("INSERT … rahasia", {"body": "rahasia"}, Exception("server closed the connection"))


def _refused(*_: object, **__: object) -> None:
    raise DataError("INSERT … rahasia", {"body": "rahasia"}, Exception("value too long"))


def test_without_a_database_meta_comes_again(
    meta: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as patch:
        for way in ("add", "add_settled"):
            patch.setattr(intake, way, _broken)
        assert meta.writes("rahasia") == 503
    assert (rows(meta), cloud_of(meta).post_again()) == (0, [200])
    assert [row.intake for row in meta.messages()] == ["handled"]
    assert "rahasia" not in caplog.text


def test_without_a_database_a_report_comes_again(door: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    given = event(value(HERE, statuses=[{"id": "wamid.late", "status": "delivered"}]))
    with monkeypatch.context() as patch:
        patch.setattr(reported, "keep_receipt", _broken)
        assert post(door, given).status_code == 503
    assert post(door, given).status_code == 200
    assert [row.status for row in rows_of(door, ReceiptRow) if row.external_id == "wamid.late"] == [
        "delivered"
    ]


def _sometimes(add: Callable[..., Any], fault: Any) -> Callable[..., Any]:
    """This way to keep a message, with a fault for one."""

    def added(connection: Any, row: Any, *more: Any, **named: Any) -> Any:
        if row["body"] == "rahasia":
            return fault() if callable(fault) else 1 // 0
        return add(connection, row, *more, **named)

    return added


@pytest.mark.parametrize("fault", [_refused, "bug"])
def test_what_one_message_breaks_costs_the_others_nothing(
    meta: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, fault: Any
) -> None:
    """Answered with 500 all of the post would come again for a week, and break again."""
    for way in ("add", "add_settled"):
        monkeypatch.setattr(intake, way, _sometimes(getattr(intake, way), fault))
    given = messages(message("satu"), message("rahasia"), message("tiga"))
    assert [post(meta, given).status_code for _ in range(2)] == [200] * 2
    assert [row.body for row in meta.messages()] == ["satu", "tiga"]
    (kept,) = rows_of(meta, Unrouted)
    assert "rahasia" in kept.raw["Body"]
    assert "rahasia" not in caplog.text


NOT_UNDERSTOOD = [
    *(b"", b"\xff\xfe", b"null", b"[]", b"{}", b'"x"', b"[" * 50_000, b"9" * 5_000),
    b'{"entry": [{"changes": [1]}]}',
    json.dumps(event({"messages": [{"type": "text"}]})).encode(),
    json.dumps(event({"statuses": [{"status": "x"}]})).encode(),
    b'{"entry": [{"changes": [{"value": {"x": "a\\u0000b\\ud800", "y": NaN, "z": 1e999}}]}]}',
]


def test_what_is_signed_and_not_understood_is_kept_once(both: Desk) -> None:
    for number, body in enumerate(NOT_UNDERSTOOD, 1):
        assert [post(both, body).status_code for _ in range(2)] == [200, 200]
        assert len(rows_of(both, Unrouted)) == rows(both) == number, body[:80]


def test_three_megabytes_are_enough(door: Desk) -> None:
    before = rows(door)
    for size in (3_200_000, 5_000_000):
        assert post(door, messages(message("x" * size))).status_code == 413
    assert rows(door) == before


def test_a_long_text_is_kept_as_far_as_it_can_be(both: Desk) -> None:
    assert post(both, messages(message("data & " * 50_000))).status_code == 200
    (kept,) = both.messages()
    assert (kept.intake, len(kept.body)) == ("handled", 65_536)


@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
@given(shape=SHAPES)
def test_no_shape_is_a_fault_of_ours(both: Desk, shape: Any) -> None:
    """On both databases: what is read is stored, and what is not read too."""
    odd = message() | (shape if isinstance(shape, dict) else {"text": shape})
    for given_ in (shape, event(shape), event(value(HERE, messages=[shape, odd], statuses=[shape]))):
        assert post(both, given_).status_code == 200
    assert {row.intake for row in both.messages()} <= {"handled", "filed"}


def test_kinds_that_cannot_be_read_are_answered_politely(meta: Desk) -> None:
    odd = {"type": "unsupported", "errors": [{"code": 131051}]}
    assert post(meta, messages(message() | odd)).status_code == 200
    assert [row.content for row in meta.messages()] == ["empty"]
    assert len(meta.messages("out")) == 1


def _with_ticket(desk: Desk) -> int:
    assert desk.writes("petugas") == 200
    assert desk.heard()
    return int(desk.tickets()[-1].id)


def test_a_changed_number_is_told_to_officers_and_to_nobody_else(both: Desk) -> None:
    ticket = _with_ticket(both)
    before = len(both.messages("out"))
    body = {"body": "User Siti changed", "wa_id": "6289", "type": "user_changed_number"}
    told = {"type": "system", "system": body}
    given = messages(message() | told, message(type="reaction", reaction={"message_id": "wamid.0"}))
    assert [post(both, given).status_code for _ in range(2)] == [200, 200]
    filed = [row for row in both.messages() if row.intake == "filed"]
    assert [(row.body, row.ticket_id) for row in filed] == [("User Siti changed", ticket), ("", ticket)]
    both.settle()
    assert len(both.messages("out")) == before


def test_an_edit_reaches_the_officer_and_nothing_is_said_to_a_deletion(both: Desk) -> None:
    edit, ticket = {"message": {"type": "text", "text": {"body": "tahun 2022"}}}, _with_ticket(both)
    assert post(both, messages(message(type="edit", edit=edit), message(type="revoke"))).status_code == 200
    kept = [(row.body, row.intake, row.ticket_id) for row in both.messages()[-2:]]
    assert kept == [("tahun 2022", "handled", ticket), ("", "filed", ticket)]
    assert len(both.messages("out")) == 1


def test_of_a_stranger_nothing_is_set_aside(door: Desk) -> None:
    before = rows(door)
    given = messages(message(type="system", system={"body": "x"}, **{"from": "62899999999"}))
    assert post(door, given).status_code == 200
    assert rows(door) == before


def test_reports_raise_a_message_and_late_ones_do_not_lower_it(meta: Desk) -> None:
    cloud_of(meta).callbacks_next("read", "sent", "delivered", "delivered")
    meta.writes("halo")
    meta.settle()
    (sent,) = meta.messages("out")
    assert (sent.delivery, sent.external_id[:6]) == ("read", "wamid.")
    assert {row.status for row in rows_of(meta, ReceiptRow)} == {"read", "sent", "delivered"}


def test_another_number_s_account_tells_nothing_of_a_message(meta: Desk) -> None:
    cloud_of(meta).callbacks_next()
    meta.writes("halo")
    meta.settle()
    (sent,) = meta.messages("out")
    for phone, status, told in (("106565710", "read", "sent"), (HERE, "delivered", "delivered")):
        report = {"id": sent.external_id, "status": status, "biz_opaque_callback_data": sent.mid}
        assert post(meta, event(value(phone, statuses=[report]))).status_code == 200
        assert meta.messages("out")[0].delivery == told


def test_an_answer_without_an_outcome_is_never_sent_twice(meta: Desk) -> None:
    """Nobody can be asked: a report settles it, and without one it stays *perhaps sent*."""
    _with_ticket(meta)
    cloud = cloud_of(meta)
    for text, statuses in (("dengan kabar", ("sent",)), ("tanpa kabar", ())):
        cloud.callbacks_next(*statuses)
        cloud.drop_after_accept_next()
        meta.replies(text)
        for _ in range(20):
            meta.clock.forward(minutes=1)
            meta.settle()
    told, untold = meta.messages("out")[-2:]
    assert (told.delivery, untold.delivery, untold.error_code) == ("sent", "unknown", "perhaps_sent")
    assert untold.next_try_at is None
    assert [message.text for message in meta.phone()][-2:] == ["dengan kabar", "tanpa kabar"]
    report = {"id": meta.phone()[-1].sid, "status": "delivered", "biz_opaque_callback_data": untold.mid}
    assert post(meta, event(value(HERE, statuses=[report]))).status_code == 200
    assert meta.messages("out")[-1].delivery == "delivered"


def test_a_window_that_shut_in_between_holds_the_answer(meta: Desk) -> None:
    """131047 comes in a report: the same way as Twilio's 63016."""
    _with_ticket(meta)
    cloud_of(meta).callbacks_next("failed:131047")
    meta.replies("jawaban kami")
    meta.settle()
    answer = meta.messages("out")[-1]
    assert (answer.delivery, answer.error_code) == ("held", "63016")
    meta.writes("terima kasih, saya menunggu")
    meta.settle()
    assert meta.messages("out")[-2:][0].delivery in {"delivered", "sent"}
    assert "jawaban kami" in "\n".join(meta.heard())
