"""Meta's events become the desk's words, however odd they are."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.events import Content
from channels.contract import Inbound, Media, Receipt
from channels.whatsapp.cloud.reading import Aside, Happening, Ignored, Trouble, Unread, read_event
from channels.whatsapp.cloud.signature import signers
from channels.whatsapp.cloud.values import DEEPEST, LONGEST_TEXT, NotJson, parsed, storable

SAMPLES: dict[str, Any] = json.loads(Path(__file__).with_name("cloud_samples.json").read_text("utf-8"))
PHONE, NUMBER = "106540352242922", "+15550783881"
NUMBERS = {PHONE: NUMBER}
FORMS = pytest.mark.parametrize("form", ["plain", "escaped"])
MESSAGE = {"from": "6281234567890", "from_user_id": "ID.1", "id": "wamid.1", "timestamp": "1749416383"}
CONTACT = {"profile": {"name": "Siti"}, "wa_id": "6281234567890", "user_id": "ID.1"}


def event(*values: Any) -> dict[str, Any]:
    changes = [{"field": "messages", "value": value} for value in values]
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": changes}]}


def value(phone: str = PHONE, **parts: Any) -> dict[str, Any]:
    return {"metadata": {"phone_number_id": phone}, "contacts": [CONTACT], **parts}


def read(message: Any, **parts: Any) -> Happening:
    (happening,) = read_event(event(value(messages=[message], **parts)), NUMBERS)
    return happening


def inbound(**more: Any) -> Inbound:
    happening = read({**MESSAGE, **more})
    assert isinstance(happening, Inbound)
    return happening


def kind(name: str, content: Any) -> Inbound:
    return inbound(type=name, **{name: content})


@FORMS
def test_a_sample_is_signed_over_its_very_bytes(form: str) -> None:
    body, signature = SAMPLES[form]["body"].encode(), SAMPLES[form]["signature"]
    secrets = {PHONE: ("old", SAMPLES["app_secret"]), "2": ("another",), "3": (SAMPLES["app_secret"],)}
    assert signers(body, signature, secrets) == {PHONE, "3"}
    again = json.dumps(json.loads(body), ensure_ascii=form == "plain").encode()
    for wrong in (again, body + b"\n", body[:-1], b""):
        assert signers(wrong, signature, secrets) == frozenset()
    for odd in (
        "",
        "sha256=",
        signature.upper(),
        signature.removeprefix("sha256="),
        "é\ud800",
        "sha1=" + "0" * 40,
    ):
        assert signers(body, odd, secrets) == frozenset()


@FORMS
def test_a_sample_is_read(form: str) -> None:
    (message,) = read_event(parsed(SAMPLES[form]["body"].encode()), NUMBERS)
    assert isinstance(message, Inbound)
    assert (message.account, message.sender, message.address) == (PHONE, NUMBER, "+6281234567890")
    assert (message.aliases, message.profile_name) == (("ID.1234567890123456",), "Siti Contoh")
    assert message.content is Content.TEXT
    assert message.text.startswith("Halo")


@pytest.mark.parametrize(("name", "content", "what", "text", "choice"), [
    ("text", {"body": " halo\n🌸 "}, Content.TEXT, " halo\n🌸 ", None),
    ("text", {"body": "  "}, Content.EMPTY, "  ", None),
    ("button", {"text": "Ya", "payload": "ya"}, Content.TEXT, "Ya", "ya"),
    ("interactive", {"button_reply": {"id": "b", "title": "B"}}, Content.TEXT, "B", "b"),
    ("interactive", {"list_reply": {"id": "t1", "title": "T", "description": "D"}}, Content.TEXT, "T", "t1"),
    ("interactive", {"nfm_reply": {"name": "flow", "body": "Sent"}}, Content.TEXT, "Sent", None),
    ("interactive", {"type": "new_kind"}, Content.EMPTY, "", None),
    ("reaction", {"message_id": "wamid.0", "emoji": "👍"}, Content.TEXT, "👍", None),
    ("location", {"latitude": -6.1753924, "longitude": 106.8271528, "name": "Monas", "address": "Gambir"},
     Content.LOCATION, "Monas\nGambir\n-6.1753924, 106.8271528", None),
    ("location", {"latitude": "x"}, Content.LOCATION, "", None),
    ("contacts", [{"name": {"formatted_name": "Siti"}, "phones": [{"phone": "+62 812"}, {}]}, {}],
     Content.CONTACT, "Siti: +62 812", None),
    ("order", {"text": "dua buku", "product_items": [{}]}, Content.TEXT, "dua buku", None),
    ("edit", {"original_message_id": "wamid.0", "message": {"type": "text", "text": {"body": "tahun 2022"}}},
     Content.TEXT, "tahun 2022", None),
    ("edit", {"original_message_id": "wamid.0"}, Content.EMPTY, "", None),
    ("edit", {"message": {"type": "edit", "edit": {"message": {"type": "edit"}}}}, Content.EMPTY, "", None),
    ("unsupported", {}, Content.EMPTY, "", None),
    ("brand_new", {"body": "x"}, Content.EMPTY, "", None),
])  # fmt: skip
def test_every_kind_has_its_words(
    name: str, content: Any, what: Content, text: str, choice: str | None
) -> None:
    message = kind(name, content)
    assert (message.content, message.text, message.choice, message.media) == (what, text, choice, ())


@pytest.mark.parametrize(("name", "what"), [
    ("image", Content.IMAGE),
    ("video", Content.VIDEO),
    ("audio", Content.VOICE),
    ("document", Content.DOCUMENT),
    ("sticker", Content.STICKER),
])  # fmt: skip
def test_files_are_named_by_their_id(name: str, what: Content) -> None:
    message = kind(name, {"id": "42", "mime_type": "x/y", "sha256": "s", "caption": "ini"})
    assert (message.content, message.text) == (what, "ini")
    assert message.media == (Media("whatsapp-cloud:42", "x/y"),)
    assert kind(name, {"mime_type": "x/y"}).media == ()


@pytest.mark.parametrize(("message", "contact", "address", "aliases"), [
    ({}, {}, "+6281234567890", ("ID.1",)),
    ({"from": None}, {"wa_id": None}, "ID.1", ()),
    ({"from": None, "from_user_id": None}, {"wa_id": None}, "ID.1", ()),
    ({"from": None, "from_user_id": None}, {}, "+6281234567890", ("ID.1",)),
    ({"from_user_id": None}, {"user_id": None}, "+6281234567890", ()),
    ({"from": 6281234567890}, {}, "+6281234567890", ("ID.1",)),
    ({}, {"parent_user_id": "ID.ENT.9"}, "+6281234567890", ("ID.1", "ID.ENT.9")),
])  # fmt: skip
def test_people_are_known_by_number_or_external_id(
    message: dict[str, Any], contact: dict[str, Any], address: str, aliases: tuple[str, ...]
) -> None:
    given = {"type": "text", "text": {"body": "x"}, **MESSAGE, **message}
    happening = read(given, contacts=[CONTACT | contact])
    assert isinstance(happening, Inbound)
    assert (happening.address, happening.aliases, happening.profile_name) == (address, aliases, "Siti")


def test_what_is_answered_is_named() -> None:
    assert inbound(type="text", context={"from": "1", "id": "wamid.0"}).replies_to == "wamid.0"
    assert inbound(type="text", context="x").replies_to is None
    assert inbound(type="text", context={"id": "x" * 300}).replies_to is None


def test_of_several_people_each_keeps_the_name() -> None:
    other = {"profile": {"name": "Budi"}, "wa_id": "62813", "user_id": "ID.2"}
    messages = [
        {**MESSAGE, "type": "text"},
        {**MESSAGE, "from": "62813", "from_user_id": "ID.2", "id": "wamid.2"},
    ]
    told = list(read_event(event(value(messages=messages, contacts=[other, CONTACT])), NUMBERS))
    assert [each.profile_name for each in told if isinstance(each, Inbound)] == ["Siti", "Budi"]


def test_several_of_everything_in_one_event() -> None:
    status = {"id": "wamid.9", "status": "sent"}
    late, early = (
        {**MESSAGE, "id": name, "timestamp": at} for name, at in (("b", "1749416384"), ("a", "1749416383000"))
    )
    whole = event(value(messages=[late, early], statuses=[status, status]), value(messages=[late]))
    whole["entry"] += event(value("999", messages=[early]))["entry"]
    told = list(read_event(whole, NUMBERS))
    ids = [each.external_id for each in told if isinstance(each, Inbound | Receipt)]
    assert ids == ["a", "b", "wamid.9", "wamid.9", "b", "a"]
    strange = told[-1]
    assert isinstance(strange, Inbound)
    assert (strange.account, strange.sender) == ("999", "999")


@pytest.mark.parametrize(("status", "code", "text"), [
    ({}, None, None),
    ({"errors": [{"code": 131026, "title": "Undeliverable", "error_data": {"details": "why"}}]},
     "131026", "131026 Undeliverable why"),
    ({"errors": [{"code": 131047, "title": "Re-engagement"}]}, "63016", "131047 Re-engagement"),
    ({"errors": "nonsense"}, None, None),
])  # fmt: skip
def test_a_status_is_read(status: dict[str, Any], code: str | None, text: str | None) -> None:
    given = {"id": "wamid.9", "status": "FAILED", "biz_opaque_callback_data": "7f3c", **status}
    (receipt,) = read_event(event(value(statuses=[given])), NUMBERS)
    assert isinstance(receipt, Receipt)
    assert (receipt.external_id, receipt.status, receipt.mid) == ("wamid.9", "failed", "7f3c")
    assert (receipt.error_code, receipt.error_text, receipt.account) == (code, text, PHONE)


@pytest.mark.parametrize(("message", "text"), [
    ({"type": "system", "system": {"body": "User Siti changed", "wa_id": "62899"}}, "User Siti changed"),
    ({"type": "revoke", "revoke": {"original_message_id": "wamid.0"}}, ""),
    ({"type": "reaction", "reaction": {"message_id": "wamid.0"}}, ""),
    ({"type": "reaction", "reaction": {"message_id": "wamid.0", "emoji": ""}}, ""),
])  # fmt: skip
def test_what_asks_for_no_answer_is_set_aside(message: dict[str, Any], text: str) -> None:
    happening = read({**MESSAGE, **message})
    assert isinstance(happening, Aside)
    assert (happening.message.text, happening.message.address) == (text, "+6281234567890")


def test_groups_and_other_fields_are_left_alone() -> None:
    assert isinstance(read({**MESSAGE, "group_id": "g"}), Ignored)
    other = {"entry": [{"changes": [{"field": "account_update", "value": {"event": "x"}}]}]}
    assert [type(each) for each in read_event(other, NUMBERS)] == [Ignored]


def test_trouble_with_the_account_is_told() -> None:
    (trouble,) = read_event(event(value(errors=[{"code": 130429}])), NUMBERS)
    assert trouble == Trouble(PHONE, "130429")


@pytest.mark.parametrize("whole", [
    *(None, 1, "x", [], {}, {"entry": {}}, {"entry": [None]}, {"entry": [{"changes": "x"}]}),
    *(event(None), event([]), event({}), event(value()), event(value(messages={}))),
    *(event(value(messages=[None])), event(value(messages=[{"id": "wamid.1"}], contacts=[]))),
    *(event(value(messages=[{"from": "628"}])), event(value(messages=[{**MESSAGE, "id": "x" * 300}]))),
    *(event(value(statuses=[{}])), event(value(statuses=[{"id": "wamid.1"}]))),
])  # fmt: skip
def test_what_can_not_be_read_is_given_back_whole(whole: Any) -> None:
    told = list(read_event(whole, NUMBERS))
    assert [type(each) for each in told] == [Unread]


def test_everything_can_be_stored() -> None:
    message = inbound(
        type="text",
        text={"body": "a\x00\ud800" + "x" * 99_999},
        odd=[float("inf"), 2**70, {"\x00k": "\udfff"}],
    )
    assert message.text == "a" + "x" * (LONGEST_TEXT - 3)
    json.dumps(message.raw, allow_nan=False).encode()
    deep: Any = "x"
    for _ in range(DEEPEST + 5):
        deep = [deep]
    assert "…" in json.dumps(storable(deep), ensure_ascii=False)


@pytest.mark.parametrize("body", [b"", b"\xff", b"{", b"[" * 100_000, b"9" * 5000, b'{"a":' * 100_000])
def test_what_is_no_json_is_refused_as_such(body: bytes) -> None:
    with pytest.raises(NotJson):
        parsed(body)


WORDS = st.sampled_from([
    *("entry", "changes", "field", "value", "messages", "statuses", "contacts", "metadata", "errors"),
    *("from", "id", "type", "text", "body", "interactive", "list_reply", "title"),
    *("phone_number_id", "wa_id", "timestamp"),
])  # fmt: skip
SHAPES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | WORDS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(max_size=4), inner, max_size=5)
    ),
    max_leaves=12,
)


@given(SHAPES)
def test_no_shape_is_a_surprise(shape: Any) -> None:
    for whole in (shape, event(shape), event(value(messages=[shape])), event(value(statuses=[shape]))):
        told = list(read_event(whole, NUMBERS))
        assert told
        assert all(isinstance(each, Happening) for each in told)


@given(st.dictionaries(WORDS, SHAPES, max_size=6))
def test_no_message_is_a_surprise(parts: dict[str, Any]) -> None:
    message = {**MESSAGE, "type": "text", **parts, "id": "wamid.1"}
    told = read(message)
    assert isinstance(told, Inbound | Aside | Unread)
    if isinstance(told, Inbound):
        json.dumps(told.raw, allow_nan=False).encode()
