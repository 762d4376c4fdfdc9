"""``loket check`` and the numbers at Meta: what is configured, and what Meta says of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from flask import Flask

from channels.simulator import LocalCloud, create_local_cloud, serving
from handlers.checking import check_command, cloud, offices
from handlers.checking.findings import Level
from handlers.settings import ConfigError, Settings, load
from tests.driver import PUBLIC_URL, Clock
from tests.providers import APP_SECRET, META, META_TOKEN

PHONE, NUMBER, WABA = "106540352242922", "+6282188887411", "102290129340398"
SECRETS = {
    "token": "env:META_TOKEN",
    "app_secret": "env:META_APP_SECRET",
    "verify_token": "env:META_VERIFY_TOKEN",
}
BLOCK = {"number": "0821-8888-7411", "phone_number_id": PHONE, "waba_id": WABA, **SECRETS}
OFFICE = {
    "short_name": "KTM",
    "name": {"id": "Kolaka Timur", "en": "Kolaka Timur"},
    "timezone": "Asia/Makassar",
    "modes": {"whatsapp": "consult"},
    "senders": {"whatsapp": [NUMBER]},
}


def settings(folder: Path, blocks: dict[str, Any], **whatsapp: Any) -> Settings:
    content = {"channels": {"whatsapp": {"cloud": blocks, **whatsapp}}, "offices": {"7411": OFFICE}}
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(content), "utf-8")
    return load(path, {})


@dataclass
class Meta:
    """A local Meta, and the block that names it."""

    local: LocalCloud
    block: dict[str, Any]


@pytest.fixture(scope="module")
def meta() -> Iterator[Meta]:
    """Meta knows one number, under its id."""
    how = {"clock": Clock(), "public_url": PUBLIC_URL}
    local = LocalCloud({PHONE: NUMBER}, app_secret=APP_SECRET, token=META_TOKEN, waba=WABA, **how)
    with serving(create_local_cloud(local)) as url:
        yield Meta(local, {**BLOCK, "api_url": url})
    local.close()


def told(findings: Iterator[Any], level: Level) -> list[str]:
    return [finding.english for finding in findings if finding.level is level]


def test_a_number_that_meta_knows_is_fine(tmp_path: Path, meta: Meta) -> None:
    ready = settings(tmp_path, {"kotim": meta.block})
    assert ready.channels.whatsapp.cloud["kotim"].number == NUMBER
    assert told(cloud.answered(ready, META), Level.OK) == [
        f"Cloud API kotim: {NUMBER}, BPS Contoh.",
        "Cloud API kotim: an app is subscribed.",
    ]
    assert told(cloud.configured(ready, META), Level.OK) == ["The secrets of Cloud API kotim are there."]
    assert [*offices.unowned_numbers(ready)] == []


@pytest.mark.parametrize(("block", "environ", "sentence"), [
    ({}, {"META_TOKEN": "old"}, "the provider account was refused (code 190)"),
    ({"phone_number_id": "999999"}, {}, "WhatsApp refused the content (code 100)"),
    ({"waba_id": "999999"}, {}, "WhatsApp refused the content (code 100)"),
    ({"number": "0821-8888-7412"}, {}, f"the phone_number_id belongs to {NUMBER}, not to +6282188887412"),
])  # fmt: skip
def test_what_meta_refuses_is_an_error(
    tmp_path: Path, meta: Meta, block: dict[str, str], environ: dict[str, str], sentence: str
) -> None:
    ready = settings(tmp_path, {"kotim": meta.block | block})
    assert told(cloud.answered(ready, META | environ), Level.ERROR) == [f"Cloud API kotim: {sentence}."]


def test_a_red_number_and_an_app_that_hears_nothing(tmp_path: Path) -> None:
    app = Flask("meta", static_folder=None)
    bare: dict[str, Any] = {"display_phone_number": "+62 821-8888-7411", "quality_rating": "RED"}
    app.add_url_rule("/v23.0/<path:name>", view_func=lambda name: none if "apps" in name else bare)
    none: dict[str, Any] = {"data": []}
    with serving(app) as url:
        found = list(cloud.answered(settings(tmp_path, {"kotim": {**BLOCK, "api_url": url}}), META))
    assert [finding.level for finding in found] == [Level.OK, Level.WARNING, Level.ERROR]


def test_missing_secrets_are_named_and_nobody_is_asked(tmp_path: Path) -> None:
    ready = settings(tmp_path, {"kotim": {**BLOCK, "api_url": "http://127.0.0.1:9"}})
    problems = told(cloud.configured(ready, {}), Level.ERROR)
    assert [name in text for name, text in zip(META, problems, strict=True)] == [True] * 3
    assert list(cloud.answered(ready, {})) == []
    assert told(cloud.answered(ready, META), Level.ERROR) == [
        "Cloud API kotim: the WhatsApp provider can't be reached (code unreachable)."
    ]


def test_a_token_does_not_travel_in_the_open(tmp_path: Path) -> None:
    ready = settings(tmp_path, {"kotim": {**BLOCK, "api_url": "http://graph.example.org"}})
    (problem,) = told(cloud.configured(ready, META), Level.ERROR)
    assert "unencrypted" in problem


def test_a_number_of_nobody_is_noticed_on_either_side(tmp_path: Path) -> None:
    ready = settings(tmp_path, {"kotim": {**BLOCK, "number": "0821-8888-7412"}})
    assert "+6282188887412" in told(cloud.configured(ready, META), Level.WARNING)[0]
    assert NUMBER in told(offices.unowned_numbers(ready), Level.ERROR)[0]


def test_the_command_asks_meta(tmp_path: Path, meta: Meta, monkeypatch: pytest.MonkeyPatch) -> None:
    settings(tmp_path, {"kotim": meta.block})
    for name, secret in META.items():
        monkeypatch.setenv(name, secret)
    answer = CliRunner().invoke(check_command, ["--config", str(tmp_path / "config.yaml"), "--whatsapp"])
    assert f"Cloud API kotim: {NUMBER}, BPS Contoh." in answer.output
    assert META_TOKEN not in answer.output


@pytest.mark.parametrize(("blocks", "whatsapp", "sentence"), [
    ({"a": BLOCK, "b": BLOCK}, {},
     f"channels.whatsapp.cloud.b.number: {NUMBER} already belongs to channels.whatsapp.cloud.a"),
    ({"a": BLOCK}, {"accounts": {"main": {"sid": "env:S", "token": "env:T", "senders": [NUMBER]}}},
     f"channels.whatsapp.cloud.a.number: {NUMBER} already belongs to channels.whatsapp.accounts.main"),
    ({"a": {**BLOCK, "number": "12"}}, {},
     'channels.whatsapp.cloud.a.number: is not a telephone number; write it like "+62 812-3456-7890"'),
    ({"a": {**BLOCK, "phone_number_id": "x"}}, {},
     "channels.whatsapp.cloud.a.phone_number_id: must be the id that Meta shows, digits in quotes"),
    ({"a": {**BLOCK, "api_version": "23"}}, {},
     "channels.whatsapp.cloud.a.api_version: must be a version of the Graph API, like v23.0"),
    ({"a": {**BLOCK, "app_secret": "hunter2"}}, {}, "channels.whatsapp.cloud.a.app_secret: "),
    ({"a": {**BLOCK, "phone_number": "x"}}, {},
     'channels.whatsapp.cloud.a.phone_number: unknown key; did you mean "phone_number_id"?'),
])  # fmt: skip
def test_a_block_that_can_not_be_is_refused(
    tmp_path: Path, blocks: dict[str, Any], whatsapp: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        settings(tmp_path, blocks, **whatsapp)
    assert any(problem.startswith(sentence) for problem in caught.value.problems)
    assert "hunter2" not in str(caught.value)
