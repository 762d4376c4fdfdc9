"""The webhooks' door: what Twilio signed comes in and is kept once; nothing else leaves a trace."""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from urllib.parse import unquote, urlencode

import pytest
from sqlalchemy import func, literal, select
from sqlalchemy.exc import OperationalError
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from handlers.runtime import Keys
from handlers.web.intake import create_intake
from storage import intake
from storage.columns import table
from storage.tables import Address, Contact, Conversation, Message, ReceiptRow, Unrouted
from tests.channels.samples import SAMPLES, Sample
from tests.driver import CITIZEN, PUBLIC_URL, SENDERS, SID, TOKEN, Desk, form_of

MESSAGES = "/webhooks/whatsapp"
STATUSES = "/webhooks/whatsapp/status"
KEPT = [table(each) for each in (Message, ReceiptRow, Unrouted, Contact, Address, Conversation)]
WITHOUT_MESSAGE_SID = {"MessageSid": "", "SmsMessageSid": "", "SmsSid": ""}


def signature_of(form: Mapping[str, str], url: str, token: str = TOKEN) -> str:
    return str(RequestValidator(token).compute_signature(url, dict(form)))


def post(
    desk: Desk, body: str | bytes, signature: str | None, path: str = MESSAGES, **more: Any
) -> TestResponse:
    """A request as it comes over the wire. *path* is signed as it stands, escapes and all."""
    headers = {} if signature is None else {"X-Twilio-Signature": signature}
    return desk.intake.test_client().post(
        path.removeprefix("/webhooks"),
        data=body,
        content_type=more.pop("content_type", "application/x-www-form-urlencoded"),
        headers=headers | more.pop("headers", {}),
        environ_overrides={"RAW_URI": path, **more},
    )


def sent(desk: Desk, sample: Sample, **other: str) -> TestResponse:
    """*sample* as it came, or with another *url*, *body* or *signature*."""
    path = other.get("url", sample.url).removeprefix(PUBLIC_URL)
    return post(desk, other.get("body", sample.body), other.get("signature", sample.sha1), path)


def rows(desk: Desk) -> int:
    """How much is kept altogether."""
    with desk.runtime.database.read() as connection:
        return sum(connection.execute(select(func.count()).select_from(each)).scalar_one() for each in KEPT)


def rows_of(desk: Desk, model: Any) -> list[Any]:
    of = table(model)
    with desk.runtime.database.read() as connection:
        return list(connection.execute(select(of).order_by(of.c.id)))


def another(text: str, place: int) -> str:
    return text[:place] + ("y" if text[place] != "y" else "z") + text[place + 1 :]


def test_the_nine_samples_are_accepted_and_kept(desk: Desk) -> None:
    assert [sent(desk, sample).status_code for sample in SAMPLES] == [200] * 9
    written = [sample for sample in SAMPLES if "MessageStatus" not in sample.params]
    assert [row.external_id for row in desk.messages()] == [each.params["MessageSid"] for each in written]
    assert [row.raw for row in desk.messages()] == [each.params for each in written]
    assert {row.office for row in desk.messages()} == {"6302"}
    assert [row.content for row in desk.messages()] == ["text", "image", "voice", "text", "location", "text"]
    assert [row.status for row in rows_of(desk, ReceiptRow)] == ["sent", "read", "failed"]


def test_a_changed_character_is_refused_and_nothing_is_kept(desk: Desk) -> None:
    for sample in SAMPLES:
        wrong = [sent(desk, sample, url=PUBLIC_URL + path) for path in _changed_paths(sample)]
        wrong += [sent(desk, sample, body=urlencode(form)) for form in _changed_forms(sample)]
        signatures = [another(sample.sha1, place) for place in range(len(sample.sha1))]
        wrong += [sent(desk, sample, signature=signature) for signature in signatures]
        assert {answer.status_code for answer in wrong} == {403}, sample.name
    assert rows(desk) == 0


def _changed_paths(sample: Sample) -> list[str]:
    """The path the webhook has, and after it any character that differs."""
    path = sample.url.removeprefix(PUBLIC_URL)
    if "?" not in path:
        return [path + "?a=b", path + "?%20"]
    return [another(path, place) for place in range(path.find("?") + 1, len(path))]


def _changed_forms(sample: Sample) -> list[dict[str, str]]:
    """For every field one changed character in its value, and one in its name."""
    forms = []
    for name, value in sample.params.items():
        place = len(value) // 2
        forms.append(sample.params | {name: another(value, place) if value else "y"})
        renamed = another(name, len(name) // 2)
        forms.append({renamed if each == name else each: told for each, told in sample.params.items()})
    return forms


def test_another_public_url_is_refused(desk: Desk) -> None:
    for url in ("https://bot.example.net", "http://bot.example.org", "https://bot.example.org.evil.example"):
        settings = desk.runtime.settings.model_copy(update={"public_url": url})
        elsewhere = replace(desk, intake=create_intake(replace(desk.runtime, settings=settings)))
        assert {sent(elsewhere, sample).status_code for sample in SAMPLES} == {403}, url
    assert rows(desk) == 0


def test_what_is_not_signed_by_this_account_is_refused(desk: Desk) -> None:
    form = form_of("Halo", SENDERS["6302"])
    other = form | {"AccountSid": "AC" + "b" * 32}
    nobody = {name: value for name, value in form.items() if name != "AccountSid"}
    url = PUBLIC_URL + MESSAGES
    assert post(desk, urlencode(form), None).status_code == 403
    assert post(desk, urlencode(form), "").status_code == 403
    assert post(desk, urlencode(form), "æ").status_code == 403
    assert post(desk, urlencode(other), signature_of(other, url)).status_code == 403
    assert post(desk, urlencode(nobody), signature_of(nobody, url)).status_code == 403
    assert rows(desk) == 0


def test_an_account_signs_for_itself_only(desk: Desk) -> None:
    """Two accounts: the second's token does not open the first's door."""
    second, token = "AC" + "b" * 32, "f" * 32
    keys = Keys(("k" * 40,), {SID: (TOKEN,), second: ("old" * 11, token)})
    two = replace(desk, intake=create_intake(replace(desk.runtime, keys=keys)))
    first, form = form_of("Halo", SENDERS["6302"]), form_of("Halo", SENDERS["6302"], AccountSid=second)
    url = PUBLIC_URL + MESSAGES
    assert post(two, urlencode(first), signature_of(first, url, token)).status_code == 403
    assert rows(desk) == 0
    assert post(two, urlencode(form), signature_of(form, url, token)).status_code == 200


def test_a_proxy_s_words_do_not_count(desk: Desk) -> None:
    lies = {
        "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "X-Forwarded-Prefix": "/x",
        "X-Original-URL": "/other", "Forwarded": "host=evil.example;proto=http",
    }  # fmt: skip
    form = form_of("Halo", SENDERS["6302"])
    theirs = signature_of(form, "http://evil.example" + MESSAGES)
    assert post(desk, urlencode(form), theirs, headers=lies).status_code == 403
    assert rows(desk) == 0
    ours = signature_of(form, PUBLIC_URL + MESSAGES)
    assert post(desk, urlencode(form), ours, headers=lies).status_code == 200


def test_escapes_in_the_status_address_are_signed_as_they_stand(desk: Desk) -> None:
    queries = ("?mid=a%2Fb%7Bc%7D", "?mid=caf%C3%A9", "?mid=a+b%20c", "?mid=")
    for number, query in enumerate(queries):
        form = {"MessageSid": f"SM{number:032d}", "MessageStatus": "sent", "AccountSid": SID}
        path, body = STATUSES + query, urlencode(form)
        other = signature_of(form, PUBLIC_URL + STATUSES + unquote(query) + "x")
        assert post(desk, body, other, path).status_code == 403
        assert post(desk, body, signature_of(form, PUBLIC_URL + path), path).status_code == 200
    assert [row.mid for row in rows_of(desk, ReceiptRow)] == ["a/b{c}", "café", "a b c", None]


def test_the_same_message_again_is_the_same_message(desk: Desk) -> None:
    form = form_of("Halo, selamat pagi", SENDERS["7411"])
    changed = form | {"Body": "sesuatu yang lain", "ProfileName": "Orang lain"}
    assert [desk.post(each) for each in (form, form, changed, form)] == [200] * 4
    assert [row.body for row in desk.messages()] == ["Halo, selamat pagi"]
    assert len(desk.messages("out")) == 1


def test_the_same_message_many_times_at_once(desk: Desk) -> None:
    forms = [form_of(f"pesan {number}", SENDERS["7411"]) for number in range(4)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(desk.post, forms * 6))
    assert set(answers) == {200}
    assert sorted(row.external_id for row in desk.messages()) == sorted(form["MessageSid"] for form in forms)
    assert {row.intake for row in desk.messages()} == {"handled"}
    assert len(rows_of(desk, Conversation)) == len(rows_of(desk, Contact)) == 1


def test_a_message_for_nobody_s_number_is_kept_once(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    form = form_of("rahasia sekali", "+6280000000000")
    assert [desk.post(form) for _ in range(3)] == [200] * 3
    (kept,) = rows_of(desk, Unrouted)
    assert (kept.sender, kept.address, kept.raw["Body"]) == ("+6280000000000", CITIZEN, "rahasia sekali")
    assert rows(desk) == 1
    alarms = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [record.getMessage().count("+6280000000000") for record in alarms] == [1]
    assert "rahasia" not in caplog.text
    assert CITIZEN not in caplog.text


def test_a_status_of_an_unknown_message_waits_for_it(desk: Desk) -> None:
    form = {"MessageSid": "SM" + "9" * 32, "MessageStatus": "delivered", "AccountSid": SID}
    assert desk.post(form, STATUSES) == 200
    (kept,) = rows_of(desk, ReceiptRow)
    assert (kept.status, kept.matched) == ("delivered", False)


def test_a_very_long_text_is_kept_as_far_as_it_can_be(desk: Desk) -> None:
    assert desk.post(form_of("data 2023 " * 100_000, SENDERS["7411"])) == 200
    (kept,) = desk.messages()
    assert (kept.intake, len(kept.body)) == ("handled", 65_536)


def test_five_megabytes_are_too_much(desk: Desk) -> None:
    form = form_of("x" * 5_000_000, SENDERS["7411"])
    signature = signature_of(form, PUBLIC_URL + MESSAGES)
    assert post(desk, urlencode(form), signature).status_code == 413
    assert rows(desk) == 0
    assert desk.writes("Halo") == 200


ODD = (
    "a\x00b\x00",
    "👨‍👩‍👧‍👦 🇮🇩 👍🏽",
    "\u202e\u200f שלום",
    " \t\r\n\u00a0\u2003",
    "\x01\x1b[31m\x7f\u0085",
    "<script>{{ 7*7 }} %s %(x)s ${x} \\N{DEGREE SIGN} ' OR 1=1 --",
    "\U0010ffff\ufffe\ufdd0",
)


def test_any_characters_are_kept(desk: Desk) -> None:
    for number, text in enumerate(ODD):
        address = f"+62812000{number:05d}"
        form = form_of(text, SENDERS["7411"], address, ProfileName=text, ButtonPayload=text)
        assert desk.post(form) == 200
    assert [row.body for row in desk.messages()] == ["ab", *ODD[1:]]
    assert {row.intake for row in desk.messages()} == {"handled"}
    assert len(desk.messages("out")) == len(ODD)


def test_bytes_that_are_no_text_do_no_harm(desk: Desk) -> None:
    """Half a surrogate pair and broken UTF-8: what Twilio never sends is refused, not crashed over."""
    good = urlencode(form_of("Halo", SENDERS["7411"])).encode()
    signature = signature_of(form_of("Halo", SENDERS["7411"]), PUBLIC_URL + MESSAGES)
    for tail in (
        b"&Body=%ED%A0%80",
        b"&Body=%FF%FE",
        b"&%ED%A0%80=x",
        b"&Body=\xff\xfe",
        b"&a=%zz",
        b"&=&=&",
    ):
        assert post(desk, good + tail, signature).status_code == 403
    assert post(desk, b"\xff" * 1000, "x").status_code == 403
    assert post(desk, '{"AccountSid": "x"}', "x", content_type="application/json").status_code == 403
    assert rows(desk) == 0


def test_ten_thousand_fields_are_no_trouble(desk: Desk) -> None:
    more = {f"Param{number}": "x" for number in range(10_000)}
    assert desk.post(form_of("Halo", SENDERS["7411"], **more)) == 200
    assert len(desk.messages()) == 1


def test_the_log_of_a_refusal_is_short_and_one_line(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """Names of fields come from whoever asks: neither a flood nor a forged line gets through."""
    names = {f"halo\nERROR forged {number}" + "n" * 200: "x" for number in range(5_000)}
    assert desk.post(names, signature="wrong") == 403
    (line,) = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(line) < 6000
    assert "\n" not in line


def test_a_message_without_what_it_needs_is_not_kept(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    lacking = ({"From": ""}, {"To": ""}, {"From": "+6281234"}, {"MessageSid": "S" * 99}, WITHOUT_MESSAGE_SID)
    for wrong in lacking:
        assert desk.post(form_of("rahasia", SENDERS["7411"]) | wrong) == 400
    assert rows(desk) == 0
    assert "rahasia" not in caplog.text


def test_only_post_is_understood(desk: Desk) -> None:
    client = desk.intake.test_client()
    for path in ("/whatsapp", "/whatsapp/status"):
        answers = [client.get(path), client.head(path), client.put(path), client.delete(path)]
        assert [answer.status_code for answer in answers] == [405] * 4


def _broken(*_: object, **__: object) -> None:
    raise OperationalError("INSERT … rahasia", {"body": "rahasia"}, Exception("server closed the connection"))


def _fails(patch: pytest.MonkeyPatch, broken: Callable[..., Any], *names: str) -> None:
    """These ways to keep a message, or to say what it came to, fail."""
    for name in names:
        patch.setattr(intake, name, broken)


def test_without_a_database_the_provider_comes_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    form = form_of("rahasia", SENDERS["7411"])
    signature = signature_of(form, PUBLIC_URL + MESSAGES)
    with monkeypatch.context() as patch:
        _fails(patch, _broken, "add", "add_settled")
        answer = post(desk, urlencode(form), signature)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert rows(desk) == 0
    assert "rahasia" not in caplog.text
    assert post(desk, urlencode(form), signature).status_code == 200
    assert [row.intake for row in desk.messages()] == ["handled"]


def test_without_a_database_a_status_comes_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from storage import receipts

    form = {"MessageSid": "SM" + "9" * 32, "MessageStatus": "delivered", "AccountSid": SID}
    with monkeypatch.context() as patch:
        patch.setattr(receipts, "keep_receipt", _broken)
        answer = post(desk, urlencode(form), signature_of(form, PUBLIC_URL + STATUSES), STATUSES)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert desk.post(form, STATUSES) == 200


def _bug(*_: object, **__: object) -> None:
    raise ValueError("cannot read 'rahasia'")


def test_a_bug_while_accepting_is_not_a_success_and_tells_no_words(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as patch:
        _fails(patch, _bug, "add", "add_settled")
        assert desk.writes("rahasia") == 500
    assert "ValueError" in caplog.text
    assert "rahasia" not in caplog.text
    assert desk.writes("halo") == 200


def test_a_database_that_fails_in_the_turn_leaves_the_message_pending(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is stored, so it is a 200; the words that the database quotes stay out of the log."""
    with monkeypatch.context() as patch:
        _fails(patch, _broken, "settle", "add_settled")
        assert desk.writes("rahasia") == 200
    assert [row.intake for row in desk.messages()] == ["pending"]
    assert "rahasia" not in caplog.text
    desk.settle()
    assert [row.intake for row in desk.messages()] == ["handled"]


def test_the_database_s_own_errors_quote_nobody(desk: Desk) -> None:
    """Parameters of a failed statement are left out of its error."""
    with desk.runtime.database.write() as connection, pytest.raises(Exception, match="hidden") as caught:
        connection.execute(select(func.nothing_of_the_kind(literal("rahasia"))))
    assert "rahasia" not in str(caught.value)


def _talk(desk: Desk, say: Callable[[str], int]) -> None:
    for text in (
        "halo rahasia",
        "1",
        "data rahasia penduduk Tirawuta 2023 untuk skripsi",
        "ya",
        "rahasia lagi",
    ):
        assert say(text) == 200
        desk.settle()


def test_no_words_of_a_citizen_are_logged(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A whole conversation, with a turn that crashes over the text and one the provider refuses."""
    from handlers import deciding

    caplog.set_level(logging.DEBUG)
    _talk(desk, desk.writes)
    desk.twilio.fail_next(400, 63024)
    desk.replies("jawaban rahasia")
    desk.settle()
    with monkeypatch.context() as patch:
        patch.setattr(deciding, "decide", _bug)
        desk.writes("rahasia yang rusak")
    desk.closes()
    desk.settle()
    told = "\n".join(record.getMessage() + str(record.exc_text or "") for record in caplog.records)
    assert "a turn failed" in told
    assert "rahasia" not in told
    assert CITIZEN not in told
