"""Secrets: where they come from, what is said when they are missing, and that they are never shown."""

from pathlib import Path

import pytest

from handlers import secrets
from handlers.secrets import MissingSecret, SecretError
from handlers.settings import Account

KEY, OLD_KEY = "k" * 32, "o" * 32
ACCOUNT = Account(sid="env:SID", token="env:TOKEN", previous_token="env:OLD_TOKEN")


def test_a_secret_comes_from_its_variable_or_its_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("from a file\n")
    assert secrets.need("TOKEN", {"TOKEN": "direct"}) == "direct"
    assert secrets.need("TOKEN", {"TOKEN_FILE": str(file)}) == "from a file"
    assert secrets.need("TOKEN", {"TOKEN": "", "TOKEN_FILE": str(file)}) == "from a file"


def test_a_file_from_windows_holds_its_secret_alone(tmp_path: Path) -> None:
    """With the mark before it no signature was ever right, and no message was taken."""
    (tmp_path / "token").write_bytes(b"\xef\xbb\xbffrom a file\r\n")
    assert secrets.need("TOKEN", {"TOKEN_FILE": str(tmp_path / "token")}) == "from a file"


@pytest.mark.parametrize("environ", [{}, {"TOKEN": ""}, {"TOKEN_FILE": ""}])
def test_a_missing_secret_is_named(environ: dict[str, str]) -> None:
    assert secrets.find("TOKEN", environ) is None
    with pytest.raises(MissingSecret, match="TOKEN is not set: put the secret into TOKEN") as caught:
        secrets.need("TOKEN", environ)
    assert caught.value.name == "TOKEN"


def test_an_empty_file_holds_no_secret(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    with pytest.raises(MissingSecret):
        secrets.need("TOKEN", {"TOKEN_FILE": str(tmp_path / "empty")})


def test_both_set_is_refused() -> None:
    with pytest.raises(SecretError, match="TOKEN and TOKEN_FILE are both set") as caught:
        secrets.find("TOKEN", {"TOKEN": "hunter2", "TOKEN_FILE": "/x"})
    assert "hunter2" not in str(caught.value)


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SecretError, match=r"TOKEN_FILE names .*/nothing, which can't be read: No such file"):
        secrets.find("TOKEN", {"TOKEN_FILE": str(tmp_path / "nothing")})
    (tmp_path / "bytes").write_bytes(b"\xff")
    with pytest.raises(SecretError, match="which is not UTF-8 text"):
        secrets.find("TOKEN", {"TOKEN_FILE": str(tmp_path / "bytes")})


def test_keys_rotate() -> None:
    environ = {"LOKET_SECRET_KEY": KEY}
    assert secrets.secret_keys(environ) == (KEY,)
    assert secrets.secret_keys({**environ, "LOKET_SECRET_KEY_PREVIOUS": OLD_KEY}) == (KEY, OLD_KEY)
    with pytest.raises(MissingSecret):
        secrets.secret_keys({"LOKET_SECRET_KEY_PREVIOUS": OLD_KEY})


@pytest.mark.parametrize("name", ["LOKET_SECRET_KEY", "LOKET_SECRET_KEY_PREVIOUS"])
def test_a_short_key_is_refused(name: str) -> None:
    with pytest.raises(SecretError, match=f"{name} is too short") as caught:
        secrets.secret_keys({"LOKET_SECRET_KEY": KEY, name: "hunter2"})
    assert "hunter2" not in str(caught.value)


def test_tokens_rotate() -> None:
    assert ACCOUNT.tokens({"TOKEN": "new", "OLD_TOKEN": "old"}) == ("new", "old")
    assert ACCOUNT.tokens({"TOKEN": "new"}) == ("new",)
    with pytest.raises(MissingSecret, match="TOKEN is not set"):
        ACCOUNT.tokens({"OLD_TOKEN": "old"})


def test_an_account_is_named_by_variable_or_plainly() -> None:
    sid = "AC" + "0" * 32
    assert ACCOUNT.account_sid({"SID": sid}) == sid
    assert Account(sid=sid, token="env:TOKEN").account_sid({}) == sid


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("env:TOKEN", "TOKEN"),
        ("env:_a1", "_a1"),
        ("env:", None),
        ("env:1", None),
        ("TOKEN", None),
        ("env:A B", None),
    ],
)
def test_a_reference(reference: str, name: str | None) -> None:
    assert secrets.named_by(reference) == name
