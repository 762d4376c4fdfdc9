"""Twilio's form fields become the desk's words, however odd they are."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from bot.events import Content
from channels.contract import Inbound, Media, Receipt
from channels.whatsapp.reading import LONGEST_TEXT, Unreadable, read_message, read_status
from channels.whatsapp.statuses import RANK
from tests.channels.samples import SAMPLES, Sample, posted

SITI = "Siti Contoh 🌸"
MEDIA = "https://api.twilio.com/2010-04-01/Accounts/ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/Messages/{}/Media/{}"
COMMON: dict[str, Any] = {
    "channel": "whatsapp",
    "account": "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "sender": "+14155238886",
    "address": "+6281234567890",
    "aliases": ("ID.1234567890123456",),
    "profile_name": SITI,
}
REPLIED = "MM00000000000000000000000000000063"
NUMBER = "0000000000000000000000000000000{}"
INBOUND: list[dict[str, Any]] = [
    {"text": "Halo, mau konsultasi\nsoal data & izin = 100%?", "content": Content.TEXT},
    {"text": "ini suratnya", "content": Content.IMAGE, "media": "image/jpeg"},
    {"text": "", "content": Content.VOICE, "media": "audio/ogg"},
    {"text": "Konfirmasi", "content": Content.TEXT, "choice": "confirm:42", "replies_to": REPLIED},
    {"text": "Monas\nGambir, Jakarta Pusat\n-6.1753924, 106.8271528", "content": Content.LOCATION},
    {"text": "halo", "content": Content.TEXT, "address": "ID.1234567890123456", "aliases": ()},
]
MINIMAL = {"From": "whatsapp:+6281234567890", "To": "whatsapp:+14155238886", "MessageSid": "SM1"}
STATUS = {"MessageSid": "SM1", "MessageStatus": "sent"}


def expected(number: int, sample: Sample) -> Inbound:
    values = COMMON | INBOUND[number - 1]
    kind = "MM" if "media" in values else "SM"
    if "media" in values:
        url = MEDIA.format(f"MM{NUMBER.format(number)}", f"ME{NUMBER.format(number)}")
        values["media"] = (Media(url, values["media"]),)
    return Inbound(external_id=kind + NUMBER.format(number), raw=sample.params, **values)


@pytest.mark.parametrize("number", range(1, 7), ids=lambda number: SAMPLES[number - 1].name)
def test_an_inbound_sample_is_read(number: int) -> None:
    sample = SAMPLES[number - 1]
    assert read_message(posted(sample.body)) == expected(number, sample)
    assert read_message(sample.params) == expected(number, sample)


@pytest.mark.parametrize(("number", "mid", "sid", "status", "code", "text"), [
    (6, "7f3c", "7", "sent", None, None),
    (7, "7f3c", "7", "read", None, None),
    (8, "7f3d", "8", "failed", "63016", "Re-engagement message"),
])  # fmt: skip
def test_a_status_sample_is_read(
    number: int, mid: str, sid: str, status: str, code: str | None, text: str | None
) -> None:
    sample = SAMPLES[number]
    receipt = Receipt("whatsapp", f"SM{NUMBER.format(sid)}", mid, status, code, text, sample.params)
    assert read_status(posted(sample.body), mid) == receipt


def read(**fields: str) -> Inbound:
    return read_message(MINIMAL | fields)


@pytest.mark.parametrize(("mime", "content"), [
    ("image/jpeg", Content.IMAGE),
    ("IMAGE/PNG", Content.IMAGE),
    ("image/webp", Content.STICKER),
    ("audio/ogg; codecs=opus", Content.VOICE),
    ("video/mp4", Content.VIDEO),
    ("text/vcard", Content.CONTACT),
    ("text/x-vcard", Content.CONTACT),
    ("application/pdf", Content.DOCUMENT),
    ("nonsense", Content.DOCUMENT),
    ("", Content.DOCUMENT),
])  # fmt: skip
def test_media_tell_the_kind(mime: str, content: Content) -> None:
    message = read(NumMedia="1", MediaUrl0="https://x.example/1", MediaContentType0=mime)
    assert message.content is content
    assert message.media == (Media("https://x.example/1", mime),)


@pytest.mark.parametrize(("fields", "content"), [
    ({}, Content.EMPTY),
    ({"Body": " \n"}, Content.EMPTY),
    ({"NumMedia": "abc"}, Content.EMPTY),
    ({"NumMedia": "-1", "Body": "halo"}, Content.TEXT),
    ({"NumMedia": "1"}, Content.DOCUMENT),
    ({"NumMedia": "1", "MessageType": "audio"}, Content.VOICE),
    ({"MessageType": "reaction"}, Content.EMPTY),
    ({"MessageType": "reaction", "Body": "👍"}, Content.TEXT),
    ({"MessageType": "CONTACTS"}, Content.CONTACT),
    ({"Latitude": "-6.1"}, Content.EMPTY),
    ({"Latitude": "", "Longitude": ""}, Content.EMPTY),
    ({"Latitude": "x", "Longitude": "y"}, Content.LOCATION),
    ({"MessageType": "location"}, Content.LOCATION),
    ({"ReferralMediaUrl": "https://x.example/1", "Body": "halo"}, Content.TEXT),
])  # fmt: skip
def test_odd_messages_have_a_kind(fields: dict[str, str], content: Content) -> None:
    assert read(**fields).content is content


@pytest.mark.parametrize(("fields", "text", "choice"), [
    ({"ListId": "t1", "ListTitle": "Statistik", "Body": "Statistik"}, "Statistik", "t1"),
    ({"ListId": "t1", "ListTitle": "Statistik", "Body": ""}, "Statistik", "t1"),
    ({"ButtonPayload": "ya", "ButtonText": "Ya"}, "Ya", "ya"),
    ({"ButtonText": "Ya"}, "Ya", None),
    ({"ButtonPayload": "ya", "ListId": ""}, "", "ya"),
    ({"Body": "Satu", "InteractiveData": '{"list_reply": {"id": "t1", "title": "x"}}'}, "Satu", "t1"),
    ({"Body": "Statistik", "InteractiveData": '{"type": "button_reply", "id": "t1"}'}, "Statistik", "t1"),
    ({"Body": "Statistik", "InteractiveData": '{"interactive": {"id": 7}}'}, "Statistik", None),
    ({"Body": "Statistik", "InteractiveData": "[" * 60_000}, "Statistik", None),
    ({"Body": "Statistik", "InteractiveData": "nfm_reply"}, "Statistik", None),
    ({"Body": "Ya", "ButtonPayload": "x" * 10_240}, "Ya", "x" * 255),
    ({"Body": "Ya", "ButtonPayload": "\x00"}, "Ya", None),
])  # fmt: skip
def test_taps_are_choices(fields: dict[str, str], text: str, choice: str | None) -> None:
    assert (read(**fields).text, read(**fields).choice) == (text, choice)


def test_a_place_keeps_what_was_written_beside_it() -> None:
    assert read(Latitude="-6.1", Longitude="106.8", Body="di sini").text == "di sini\n-6.1, 106.8"


def test_both_external_ids_are_aliases_once() -> None:
    ids = {"ExternalUserId": "whatsapp:ID.1", "ParentExternalUserId": "whatsapp:ID.ENT.2"}
    assert read(**ids).aliases == ("ID.1", "ID.ENT.2")
    assert read(**ids, From="whatsapp:ID.1").aliases == ("ID.ENT.2",)
    assert read(ExternalUserId="whatsapp:", ParentExternalUserId="").aliases == ()


def test_a_long_text_is_cut_and_nothing_unstorable_is_kept() -> None:
    message = read(Body="\x00a\ud800" + "x" * 1_000_000, ProfileName="Si\x00ti", Odd="\x00")
    assert message.text == "a" + "x" * (LONGEST_TEXT - 3)
    assert message.profile_name == "Siti"
    assert max(map(len, message.raw.values())) <= LONGEST_TEXT
    assert message.raw["Odd"] == ""


@pytest.mark.parametrize(("lacking", "value"), [
    ("From", None),
    ("From", "whatsapp:"),
    ("From", "+6281234567890"),
    ("From", "whatsapp:" + "9" * 300),
    ("To", None),
    ("To", ""),
    ("MessageSid", None),
    ("MessageSid", " "),
    ("MessageSid", "SM00000000000000000000000000000001NumMedia0"),
])  # fmt: skip
def test_what_can_not_be_told_apart_is_unreadable(lacking: str, value: str | None) -> None:
    form = {name: text for name, text in MINIMAL.items() if name != lacking} | {"Body": "rahasia"}
    with pytest.raises(Unreadable) as caught:
        read_message(form | ({lacking: value} if value is not None else {}))
    assert caught.value.lacking == lacking
    assert "Body" in caught.value.present
    assert "rahasia" not in str(caught.value)
    assert "6281234567890" not in str(caught.value)


NAMES = st.sampled_from([
    *("NumMedia", "MediaUrl0", "MediaContentType0", "Body", "Latitude", "Longitude", "Label", "MessageType"),
    *("ButtonPayload", "ListTitle", "ExternalUserId", "ProfileName", "WaId", "AccountSid", "Unknown"),
])  # fmt: skip


@given(st.lists(st.tuples(NAMES, st.text())))
def test_odd_values_never_raise(pairs: list[tuple[str, str]]) -> None:
    message = read_message(MultiDict([*MINIMAL.items(), *pairs]))
    assert message.address == "+6281234567890"
    assert "\x00" not in message.text


@given(st.dictionaries(st.text(), st.text()), st.none() | st.text())
def test_nothing_but_unreadable_is_raised(form: dict[str, str], mid: str | None) -> None:
    with pytest.raises(Unreadable):
        read_message(form)
    with pytest.raises(Unreadable):
        read_status(form, mid)


@pytest.mark.parametrize(("fields", "status", "code", "text"), [
    ({"MessageStatus": "Delivered"}, "delivered", None, None),
    ({"MessageStatus": "", "SmsStatus": "sent"}, "sent", None, None),
    ({"MessageStatus": "brand_new"}, "brand_new", None, None),
    ({"ErrorCode": "0"}, "sent", None, None),
    ({"ErrorCode": "30008", "ErrorMessage": "why"}, "sent", "30008", "why"),
    ({"ErrorCode": "1", "ErrorMessage": "", "ChannelStatusMessage": "m"}, "sent", "1", "m"),
])  # fmt: skip
def test_a_status_is_read(fields: dict[str, str], status: str, code: str | None, text: str | None) -> None:
    receipt = read_status(STATUS | fields, None)
    assert (receipt.status, receipt.error_code, receipt.error_text) == (status, code, text)


@pytest.mark.parametrize(("mid", "kept"), [(None, None), ("", None), ("7f3c", "7f3c"), ("x" * 37, None)])
def test_only_what_can_be_our_id_is_kept(mid: str | None, kept: str | None) -> None:
    assert read_status(STATUS, mid).mid == kept


def test_proof_outranks_a_guess() -> None:
    ranks = {status: rank for status, (_, rank) in RANK.items()}
    assert ranks == {
        "accepted": 0,
        "scheduled": 0,
        "queued": 1,
        "sending": 2,
        "sent": 3,
        "canceled": 4,
        "undelivered": 4,
        "failed": 4,
        "delivered": 5,
        "read": 6,
    }
    assert {word for word, _ in RANK.values()} == {"sent", "cancelled", "failed", "delivered", "read"}
