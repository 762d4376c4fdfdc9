"""The issuer of sign-ins in the configuration: what is taken, and what is refused by its path."""

from pathlib import Path
from typing import Any

import pytest

from handlers.secrets import MissingSecret
from handlers.settings import ConfigError
from handlers.settings.sign_in import Oidc
from tests.handlers import test_checking

USUAL = {"issuer": "https://sso.example.go.id/realms/pegawai", "client_id": "loket"}


def _read(folder: Path, **oidc: Any) -> Oidc:
    read = test_checking.settings(folder, sign_in={"oidc": USUAL | oidc}).sign_in.oidc
    assert read is not None
    return read


def test_what_need_not_be_written(tmp_path: Path) -> None:
    read = _read(tmp_path)
    assert (read.label, read.only, read.trust_email, read.secret({})) == ("Akun BPS", False, False, "")


def test_a_secret_is_only_named(tmp_path: Path) -> None:
    read = _read(tmp_path, client_secret="env:OIDC_SECRET")
    assert read.secret({"OIDC_SECRET": "s"}) == "s"
    with pytest.raises(MissingSecret, match="OIDC_SECRET"):
        read.secret({})


@pytest.mark.parametrize(
    "issuer",
    ["https://accounts.example", "https://id.example/", "http://127.0.0.1:8080/realms/x", "http://[::1]:1"],
)
def test_an_issuer_is_kept_letter_for_letter(tmp_path: Path, issuer: str) -> None:
    assert _read(tmp_path, issuer=issuer).issuer == issuer


@pytest.mark.parametrize(
    ("oidc", "place", "words"),
    [
        ({"issuer": "http://sso.example.go.id"}, "issuer", "must begin with https://"),
        ({"issuer": "https://sso.example.go.id/?x=1"}, "issuer", "without a slash, a query"),
        ({"issuer": "https://a:b@sso.example.go.id"}, "issuer", "user name"),
        ({"issuer": "sso.example.go.id"}, "issuer", "https://"),
        ({"issuer": "https://sso.example.go.id//"}, "issuer", "slash"),
        ({"client_secret": "rahasia-yang-ditulis"}, "client_secret", "env:NAME"),
        ({"label": "  "}, "label", "1 to 40"),
        ({"label": "x" * 41}, "label", "1 to 40"),
        ({"label": "a\nb"}, "label", "1 to 40"),
        ({"client_id": ""}, "client_id", ""),
        ({"only": "yes"}, "only", "true or false"),
        ({"secret": "env:X"}, "secret", "unknown key"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, oidc: dict[str, Any], place: str, words: str) -> None:
    with pytest.raises(ConfigError) as error:
        _read(tmp_path, **oidc)
    [problem] = error.value.problems
    assert problem.startswith(f"sign_in.oidc.{place}: ")
    assert words in problem
    assert "rahasia-yang" not in problem
