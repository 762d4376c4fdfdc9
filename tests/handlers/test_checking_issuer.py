"""``loket check`` and the issuer at which officers may sign in."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from handlers.checking import check, check_command, issuer
from handlers.checking.findings import Level
from handlers.settings import Settings
from tests.driver import PUBLIC_URL, Clock, environment
from tests.handlers import test_checking
from tests.issuer import CLIENT, LocalIssuer, running_issuer


@pytest.fixture
def there() -> Iterator[LocalIssuer]:
    with running_issuer(Clock()) as running:
        yield running


def _settings(folder: Path, there: LocalIssuer, **oidc: Any) -> Settings:
    usual = {"issuer": there.url, "client_id": CLIENT, "client_secret": "env:MAILBOX_PASSWORD"}
    return test_checking.settings(folder, public_url=PUBLIC_URL, sign_in={"oidc": usual | oidc})


def _said(settings: Settings) -> tuple[Level, str]:
    [finding] = issuer.answered(settings, environment())
    return finding.level, finding.english


def test_an_issuer_that_can_be_used(there: LocalIssuer, tmp_path: Path) -> None:
    level, words = _said(_settings(tmp_path, there))
    assert level is Level.OK
    assert f"redirect URI {PUBLIC_URL}/sign-in/akun/kembali" in words


def test_an_issuer_that_is_away_limits_or_closes_the_desk(there: LocalIssuer, tmp_path: Path) -> None:
    gone = "http://127.0.0.1:1/realms/bps/"
    level, words = _said(_settings(tmp_path, there, issuer=gone))
    assert (level, "http://127.0.0.1:1/realms/bps/.well-known/" in words) == (Level.WARNING, True)
    assert "can't be reached" in words
    assert _said(_settings(tmp_path, there, issuer=gone, only=True))[0] is Level.ERROR


def test_a_document_that_names_another_issuer_is_wrong(there: LocalIssuer, tmp_path: Path) -> None:
    level, words = _said(_settings(tmp_path, there, issuer=there.url + "/"))
    assert level is Level.ERROR
    assert "calls itself by another address" in words


def test_keys_that_are_none_are_wrong(there: LocalIssuer, tmp_path: Path) -> None:
    there.broken["/keys"] = lambda: "[]"
    assert _said(_settings(tmp_path, there))[0] is Level.ERROR


def test_a_secret_that_is_missing_is_told_and_nobody_asked(there: LocalIssuer, tmp_path: Path) -> None:
    configured = _settings(tmp_path, there, client_secret="env:OIDC_SECRET")
    asked = len(there.asked)
    assert list(issuer.answered(configured, environment())) == []
    told = [each.english for each in check(configured, environment(), Clock()()) if each.is_error]
    assert any("OIDC_SECRET" in each for each in told)
    assert len(there.asked) == asked


def test_the_command_asks(there: LocalIssuer, tmp_path: Path) -> None:
    _settings(tmp_path, there)
    command = ["--config", str(tmp_path / "config.yaml")]
    answer = CliRunner().invoke(check_command, command, env=environment())
    assert f"{there.url} menjawab" in answer.output
    assert environment()["MAILBOX_PASSWORD"] not in answer.output


def test_without_an_issuer_nothing_is_said(tmp_path: Path) -> None:
    assert list(issuer.answered(test_checking.settings(tmp_path), environment())) == []
