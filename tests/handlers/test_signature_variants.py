"""Every way in which Twilio signs comes in through the real door, and nothing beside them.

Accounts, tokens being replaced, SharedKeys, Messaging Services and JSON events, all by configuration.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import yaml
from sqlalchemy import select
from twilio.request_validator import HMAC_SHA256, RequestValidator

from channels.whatsapp.signature import SETTINGS, SIGNATURE, verify_body
from handlers import compose
from handlers.settings import load
from storage.columns import table
from storage.tables import Unrouted
from tests.channels.samples import SAMPLES, SDK, TOKEN, Sample
from tests.databases import SqliteTemplate
from tests.driver import CITIZEN, PUBLIC_URL, SENDERS, SID, Desk, environment, form_of, running_desk
from tests.driver import write_config as usual_config

OTHER_SID, OLD_TOKEN, OTHER_TOKEN, SHARED = "AC" + "b" * 32, "o" * 32, "f" * 32, "s" * 40
SERVICE, PATH = "MG" + "c" * 32, "/webhooks/whatsapp"
NAMES = {"OLD": OLD_TOKEN, "OTHER": OTHER_TOKEN, "SHARED": SHARED, "SAMPLES": TOKEN}
ACCOUNTS: dict[str, Any] = {
    "main": {
        "sid": SID,
        "token": "env:TWILIO_AUTH_TOKEN",
        "previous_token": "env:OLD",
        "shared_keys": {"k1": "env:SHARED", "k2": "env:SAMPLES"},
        "senders": [SENDERS["6302"], SENDERS["7411"]],
        "messaging_service_sid": SERVICE,
    },
    "other": {"sid": OTHER_SID, "token": "env:OTHER", "senders": [SENDERS["6571"]]},
}


def two_accounts(folder: Path, database_url: str, public_url: str = PUBLIC_URL) -> Path:
    path = usual_config(folder, database_url, public_url)
    content = yaml.safe_load(path.read_text("utf-8"))
    content["channels"]["whatsapp"]["accounts"] = ACCOUNTS
    path.write_text(yaml.safe_dump(content), "utf-8")
    return path


@pytest.fixture(scope="module")
def door(sqlite_template: SqliteTemplate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One desk for all: what is asked is who gets in."""
    folder = tmp_path_factory.mktemp("door")
    more = environment() | NAMES
    with running_desk(sqlite_template.copy(folder), folder, written=two_accounts, environ=more) as desk:
        yield desk


@dataclass(frozen=True)
class Way:
    """How a request is signed: with which secret, and as what."""

    secret: str
    settings: str | None = None

    def headers(self, url: str, form: dict[str, str]) -> dict[str, str]:
        algorithm = HMAC_SHA256 if self.settings else None
        signed = {SIGNATURE: RequestValidator(self.secret).compute_signature(url, form, algorithm)}
        return signed | ({SETTINGS: self.settings} if self.settings else {})


def key(name: str, algorithm: str = HMAC_SHA256) -> str:
    return f"key={name},algorithm={algorithm}"


def post(desk: Desk, form: dict[str, str], way: Way, path: str = PATH) -> int:
    answer = desk.intake.test_client().post(
        path.removeprefix("/webhooks").partition("?")[0],
        data=urlencode(form),
        content_type="application/x-www-form-urlencoded",
        headers=way.headers(PUBLIC_URL + path, form),
        environ_overrides={"RAW_URI": path},
    )
    return answer.status_code


def sent(desk: Desk, sample: Sample, headers: dict[str, str]) -> int:
    path = sample.url.removeprefix(PUBLIC_URL)
    answer = desk.intake.test_client().post(
        path.removeprefix("/webhooks"),
        data=sample.body,
        content_type="application/x-www-form-urlencoded",
        headers=headers,
        environ_overrides={"RAW_URI": path},
    )
    return answer.status_code


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_sample_comes_in_signed_either_way(door: Desk, sample: Sample) -> None:
    by_key = {SIGNATURE: sample.sha256, SETTINGS: key("k2")}
    assert sent(door, sample, by_key) == 200
    assert sent(door, sample, {SIGNATURE: sample.sha1}) == 200
    assert sent(door, sample, {**by_key, SETTINGS: key("k1")}) == 403
    assert sent(door, sample, {SIGNATURE: sample.sha1, SETTINGS: key("k2")}) == 403
    assert sent(door, sample, {SIGNATURE: sample.sha256}) == 403


@pytest.mark.parametrize(("account", "way", "status"), [
    (SID, Way(TOKEN), 200),
    (SID, Way(OLD_TOKEN), 200),
    (SID, Way(SHARED, key("k1")), 200),
    (SID, Way(SHARED, f" algorithm={HMAC_SHA256} , key=k1"), 200),
    (SID, Way(SHARED), 403),
    (SID, Way(TOKEN, key("k1")), 403),
    (SID, Way(SHARED, key("k9")), 403),
    (SID, Way(SHARED, key("k1", "HMAC_SHA1")), 403),
    (SID, Way(OTHER_TOKEN), 403),
    (SID, Way(""), 403),
    (OTHER_SID, Way(OTHER_TOKEN), 200),
    (OTHER_SID, Way(TOKEN), 403),
    (OTHER_SID, Way(OLD_TOKEN), 403),
    (OTHER_SID, Way(SHARED, key("k1")), 403),
    ("AC" + "d" * 32, Way(TOKEN), 403),
])  # fmt: skip
@pytest.mark.parametrize("service", [None, SERVICE], ids=["number", "service"])
def test_the_secret_is_that_of_the_account(
    door: Desk, account: str, way: Way, status: int, service: str | None
) -> None:
    office = "6571" if account == OTHER_SID else "7411"
    more = {"AccountSid": account} | ({"MessagingServiceSid": service} if service else {})
    form = form_of("Halo", SENDERS[office], "+6281300000001", **more)
    before = len(door.messages())
    assert post(door, form, way) == status
    assert len(door.messages()) - before == (status == 200)


def test_an_account_can_not_write_to_another_one_s_number(door: Desk) -> None:
    form = form_of("Halo", SENDERS["7411"], AccountSid=OTHER_SID)
    assert post(door, form, Way(OTHER_TOKEN)) == 200
    with door.runtime.database.read() as connection:
        (stray,) = connection.execute(select(table(Unrouted))).all()
    assert (stray.account, stray.external_id) == (OTHER_SID, form["MessageSid"])
    assert form["MessageSid"] not in [row.external_id for row in door.messages()]


BODY = b'[{"level":"ERROR","payload":{"more_info":"rahasia","caf\xc3\xa9":1}}]'


def event(desk: Desk, body: bytes, signed: bytes, secret: str, path: str = PATH) -> int:
    path = f"{path}?bodySHA256={sha256(signed).hexdigest()}"
    answer = desk.intake.test_client().post(
        path.removeprefix("/webhooks"),
        data=body,
        content_type="application/json",
        headers=Way(secret).headers(PUBLIC_URL + path, {}),
        environ_overrides={"RAW_URI": path},
    )
    return answer.status_code


def test_an_event_in_json_is_taken_and_left_alone(door: Desk, caplog: pytest.LogCaptureFixture) -> None:
    before = len(door.messages())
    assert event(door, BODY, BODY, TOKEN) == 200
    assert event(door, BODY, BODY, OTHER_TOKEN) == 200
    assert event(door, BODY, BODY, "wrong") == 403
    assert event(door, BODY + b" ", BODY, TOKEN) == 403
    assert len(door.messages()) == before
    assert "rahasia" not in caplog.text


def test_json_without_a_digest_is_refused(door: Desk) -> None:
    url = PUBLIC_URL + PATH
    answer = door.intake.test_client().post(
        "/whatsapp",
        data=BODY,
        content_type="application/json",
        headers=Way(TOKEN).headers(url, {}),
        environ_overrides={"RAW_URI": PATH},
    )
    assert answer.status_code == 403


def test_the_sdk_s_own_vector_for_json_is_accepted() -> None:
    vector = SDK["json"]
    given = {SIGNATURE: vector["signature"]}
    assert verify_body(vector["url"], vector["body"].encode(), given, [SDK["token"]])
    assert not verify_body(vector["url"], vector["body"].encode() + b"\n", given, [SDK["token"]])
    assert not verify_body(vector["url"].partition("&bodySHA")[0], b"", given, [SDK["token"]])


def test_a_reply_leaves_from_the_number_the_citizen_wrote_to(
    door: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through the Messaging Service of its account, which would choose any number of its pool by itself."""
    door.settle()
    forms: list[dict[str, str]] = []
    accept = door.twilio.accept

    def noted(form: Any) -> Any:
        forms.append(form.to_dict())
        return accept(form)

    monkeypatch.setattr(door.twilio, "accept", noted)
    for office in ("6302", "7411"):
        assert door.writes("Halo, selamat pagi", office=office, address=CITIZEN) == 200
    door.settle()
    asked = [(form["From"], form["MessagingServiceSid"]) for form in forms if form["To"].endswith(CITIZEN)]
    assert asked == [(f"whatsapp:{SENDERS[office]}", SERVICE) for office in ("6302", "7411")]


def test_an_account_without_numbers_of_its_own_has_its_service_too(tmp_path: Path) -> None:
    path = two_accounts(tmp_path, "sqlite:///x.db")
    content = yaml.safe_load(path.read_text("utf-8"))
    main = {name: value for name, value in ACCOUNTS["main"].items() if name != "senders"}
    content["channels"]["whatsapp"]["accounts"] = {"main": main}
    path.write_text(yaml.safe_dump(content), "utf-8")
    runtime = compose.compose(load(path, {}), environment() | NAMES)
    channel: Any = runtime.channels["whatsapp"]
    runtime.database.close()
    assert channel._from("+6281100000000")["messaging_service_sid"] == SERVICE


@pytest.mark.parametrize(("account", "problem"), [
    ({"messaging_service_sid": "MG1"}, "messaging_service_sid"),
    ({"shared_keys": {"k1": "written out"}}, "shared_keys.k1"),
])  # fmt: skip
def test_what_is_no_service_or_no_reference_is_refused(
    tmp_path: Path, account: dict[str, Any], problem: str
) -> None:
    path = usual_config(tmp_path, "sqlite:///x.db")
    content = yaml.safe_load(path.read_text("utf-8"))
    content["channels"]["whatsapp"]["accounts"]["main"].update(account)
    path.write_text(yaml.safe_dump(content), "utf-8")
    with pytest.raises(Exception, match=f"accounts.main.{problem}: ") as caught:
        load(path, {})
    assert "written out" not in str(caught.value)
