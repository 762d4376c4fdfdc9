"""Only what Twilio signed with one of our secrets comes in."""

import pytest
from werkzeug.datastructures import Headers, MultiDict

from channels.whatsapp.signature import SETTINGS, SIGNATURE, verify
from tests.channels.samples import BY_NAME, SAMPLES, SDK, TOKEN, Sample, posted

TEXT = BY_NAME["inbound text (emoji, newline, & = %)"]
EVERY = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)


def signed(signature: str, settings: str | None = None) -> Headers:
    return Headers({SIGNATURE: signature} | ({SETTINGS: settings} if settings is not None else {}))


def another(text: str, place: int) -> str:
    return text[:place] + ("y" if text[place] != "y" else "z") + text[place + 1 :]


def changed(text: str) -> list[str]:
    return [another(text, place) for place in range(len(text))]


def test_there_are_nine() -> None:
    assert len(SAMPLES) == 9


@EVERY
def test_a_sample_is_accepted(sample: Sample) -> None:
    assert verify(sample.url, posted(sample.body), signed(sample.sha1), [TOKEN])
    assert verify(sample.url, sample.params, {SIGNATURE: sample.sha1}, [TOKEN])


@EVERY
def test_one_changed_character_of_a_value_is_refused(sample: Sample) -> None:
    for name, value in sample.params.items():
        for wrong in [*changed(value), value + "y", value[1:]]:
            form = sample.params | {name: wrong}
            assert form == sample.params or not verify(sample.url, form, signed(sample.sha1), [TOKEN])


@EVERY
def test_one_changed_character_of_a_name_is_refused(sample: Sample) -> None:
    for name in sample.params:
        for wrong in changed(name):
            form = {wrong if each == name else each: value for each, value in sample.params.items()}
            assert not verify(sample.url, form, signed(sample.sha1), [TOKEN])


@EVERY
def test_one_changed_character_of_the_url_or_the_signature_is_refused(sample: Sample) -> None:
    form = posted(sample.body)
    assert not any(verify(url, form, signed(sample.sha1), [TOKEN]) for url in changed(sample.url))
    assert not any(verify(sample.url, form, signed(wrong), [TOKEN]) for wrong in changed(sample.sha1))


@EVERY
def test_a_missing_or_added_parameter_is_refused(sample: Sample) -> None:
    for name in sample.params:
        form = {each: value for each, value in sample.params.items() if each != name}
        assert not verify(sample.url, form, signed(sample.sha1), [TOKEN])
    assert not verify(sample.url, sample.params | {"Extra": ""}, signed(sample.sha1), [TOKEN])


@pytest.mark.parametrize(("tokens", "accepted"), [
    ([TOKEN], True),
    (["new", TOKEN], True),
    ([TOKEN, "new"], True),
    (["new"], False),
    ([""], False),
    ([], False),
])  # fmt: skip
def test_any_token_in_force_is_accepted(tokens: list[str], accepted: bool) -> None:
    assert verify(TEXT.url, TEXT.params, signed(TEXT.sha1), tokens) is accepted


@pytest.mark.parametrize("headers", [{}, {SIGNATURE: ""}, {SIGNATURE: "é"}, {SIGNATURE: "\udcff"}])
def test_a_missing_or_odd_signature_is_refused(headers: dict[str, str]) -> None:
    assert not verify(TEXT.url, TEXT.params, headers, [TOKEN])


@pytest.mark.parametrize("url", ["https://bot.example.org:port/", "http://[", "\ud800", ""])
def test_an_odd_url_is_refused(url: str) -> None:
    assert not verify(url, TEXT.params, signed(TEXT.sha1), [TOKEN])


@EVERY
def test_a_shared_key_is_accepted_by_its_id(sample: Sample) -> None:
    headers = signed(sample.sha256, "key=k1, algorithm=HMAC_SHA256")
    assert verify(sample.url, posted(sample.body), headers, [], {"k1": TOKEN})


@pytest.mark.parametrize("settings", [
    "key=k2,algorithm=HMAC_SHA256",
    "key=k1,algorithm=HMAC_SHA1",
    "key=k1,algorithm=hmac_md5",
    "key=k1",
    "algorithm=HMAC_SHA256",
    "key=,algorithm=HMAC_SHA256",
    "key=k2,key=k1,algorithm=HMAC_SHA256",
    "key=k1,algorithm=HMAC_SHA256,algorithm=HMAC_SHA1",
    "nonsense",
    ",",
])  # fmt: skip
@pytest.mark.parametrize("signature", [TEXT.sha1, TEXT.sha256])
def test_a_request_can_not_choose_its_key_or_a_weaker_way(settings: str, signature: str) -> None:
    keys = {"k1": TOKEN, "": TOKEN}
    assert not verify(TEXT.url, TEXT.params, signed(signature, settings), [TOKEN], keys)


def test_without_shared_keys_a_request_that_names_one_is_refused() -> None:
    for signature in (TEXT.sha1, TEXT.sha256):
        headers = signed(signature, "key=k1,algorithm=HMAC_SHA256")
        assert not verify(TEXT.url, TEXT.params, headers, [TOKEN])


def test_the_token_does_not_open_for_sha256_without_the_header() -> None:
    assert not verify(TEXT.url, TEXT.params, signed(TEXT.sha256), [TOKEN], {"k1": TOKEN})


@pytest.mark.parametrize(("url", "signature"), SDK["signature_by_signed_url"].items())
def test_ports_are_forgiven_as_the_sdk_forgives_them(url: str, signature: str) -> None:
    assert verify(url, SDK["params"], signed(signature), [SDK["token"]])
    without_port = url.replace(":443", "").replace(":80/", "/")
    assert verify(without_port, SDK["params"], signed(signature), [SDK["token"]])


def test_repeated_parameters_are_signed_once_each() -> None:
    again = SDK["duplicates"]
    form: MultiDict[str, str] = posted(again["body"])
    assert verify(again["url"], form, signed(again["signature"]), [SDK["token"]])
