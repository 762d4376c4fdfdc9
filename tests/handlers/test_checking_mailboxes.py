"""``loket check`` about mailboxes, without the network: owners, secrets, certificates, leave to sign in."""

import email
from collections.abc import Mapping
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml

from handlers import compose, databases
from handlers.checking import Finding, Level, check, installation
from handlers.settings import Settings, load
from storage import mailboxes
from storage.db import Database
from tests.handlers.test_checking import ENVIRON, NOW, OFFICE

BOX = {
    "address": "bps7411@bps.go.id",
    "imap": {"host": "mail.example.org"},
    "smtp": {"host": "mail.example.org"},
    "password": "env:MAIL_PASSWORD",
}
OAUTH = {"provider": "microsoft", "client_id": "x", "client_secret": "env:MAIL_OAUTH_SECRET"}
WITH_SECRETS = {**ENVIRON, "MAIL_PASSWORD": "hunter2", "MAIL_OAUTH_SECRET": "hunter3"}
OPEN = {"modes": {"email": "consult"}, "senders": {"email": ["bps7411@bps.go.id"]}}


def settings(
    folder: Path, boxes: Mapping[str, Mapping[str, Any]], office: Mapping[str, Any] | None = None
) -> Settings:
    content = {
        "public_url": "https://loket.go.id",
        "channels": {"email": {"mailboxes": {name: dict(box) for name, box in boxes.items()}}},
        "offices": {"7411": {**OFFICE, **(OPEN if office is None else office)}},
    }
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return load(path, {})


def found(ready: Settings, level: Level, environ: Mapping[str, str] = WITH_SECRETS) -> list[str]:
    return [finding.english for finding in _check(ready, environ) if finding.level is level]


def _check(ready: Settings, environ: Mapping[str, str]) -> list[Finding]:
    return check(ready, environ, NOW)


def test_a_mailbox_that_is_ready(tmp_path: Path) -> None:
    ready = settings(tmp_path, {"koltim": BOX})
    assert "Mailbox koltim: bps7411@bps.go.id, its secrets are there." in found(ready, Level.OK)
    assert found(ready, Level.ERROR) == []
    assert not any("no mailbox" in line for line in found(ready, Level.WARNING))


def test_no_mailbox_at_all_is_told_once(tmp_path: Path) -> None:
    ready = settings(tmp_path, {})
    lines = [line for line in found(ready, Level.WARNING) if "no mailbox" in line]
    assert lines == ["E-mail is open (KTM) but there is no mailbox yet (channels.email.mailboxes)."]


def test_an_open_office_without_an_address(tmp_path: Path) -> None:
    ready = settings(tmp_path, {"koltim": BOX}, {"modes": {"email": "complaint_only"}, "senders": {}})
    assert "offices.7411.senders.email: KTM is open by e-mail but has no address yet." in found(
        ready, Level.WARNING
    )
    assert found(ready, Level.ERROR) == [
        (
            "channels.email.mailboxes.koltim.address: no office owns bps7411@bps.go.id; "
            "name it in its office's senders.email."
        )
    ]


def test_an_address_without_a_mailbox(tmp_path: Path) -> None:
    office = {**OPEN, "senders": {"email": ["bps7411@bps.go.id", "pst7411@bps.go.id"]}}
    wanted = "offices.7411.senders.email.1: there is no mailbox for pst7411@bps.go.id yet"
    lines = found(settings(tmp_path, {"koltim": BOX}, office), Level.WARNING)
    assert f"{wanted} (channels.email.mailboxes)." in lines


def test_a_mailbox_of_an_office_that_is_not_open(tmp_path: Path) -> None:
    ready = settings(tmp_path, {"koltim": BOX}, {**OPEN, "modes": {"email": "off"}})
    assert any("KTM is not open by e-mail" in line for line in found(ready, Level.WARNING))


@pytest.mark.parametrize("name", ["MAIL_PASSWORD", "MAIL_OAUTH_SECRET"])
def test_a_missing_secret(tmp_path: Path, name: str) -> None:
    by_token = {key: value for key, value in BOX.items() if key != "password"} | {"oauth": OAUTH}
    ready = settings(tmp_path, {"koltim": BOX if name == "MAIL_PASSWORD" else by_token})
    environ = {key: value for key, value in WITH_SECRETS.items() if key != name}
    assert f"The secret {name} is missing: set {name}, or {name}_FILE to the name of a file." in found(
        ready, Level.ERROR, environ
    )


def test_no_secret_is_ever_said(tmp_path: Path) -> None:
    ready = settings(tmp_path, {"koltim": BOX})
    assert not any(
        "hunter" in finding.english + finding.indonesian for finding in _check(ready, WITH_SECRETS)
    )


def test_certificates_that_can_be_read_and_that_can_not(tmp_path: Path) -> None:
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "good.pem"))
    (tmp_path / "bad.pem").write_text("no certificate")
    imap, smtp = {"host": "h", "ca_file": "good.pem"}, {"host": "h", "ca_file": "bad.pem"}
    ready = settings(tmp_path, {"koltim": {**BOX, "imap": imap, "smtp": smtp}})
    assert found(ready, Level.ERROR) == [
        (
            f"channels.email.mailboxes.koltim.smtp.ca_file: {tmp_path}/bad.pem holds no certificate "
            "that can be read."
        )
    ]


def test_tokens_need_leave_first(tmp_path: Path) -> None:
    box = {key: value for key, value in BOX.items() if key != "password"} | {"oauth": OAUTH}
    ready = settings(tmp_path, {"koltim": box})
    wanted = "Mailbox koltim may not sign in yet: run loket mailbox authorize koltim."
    assert found(ready, Level.ERROR) == [wanted]
    with closing(Database(ready.database.url, ready.data_dir)) as database:
        databases.make_ready(database, compose.now())
        assert found(ready, Level.ERROR) == [wanted]
        with database.write() as connection:
            mailboxes.keep_refresh_token(connection, "koltim", "sealed")
    assert found(ready, Level.ERROR) == []


def test_an_interpreter_that_lets_a_subject_write_headers_is_named() -> None:
    """Against what a reader of such a mail would see."""
    mail = EmailMessage()
    mail["Subject"] = "Re: =?utf-8?q?a=0D=0ABcc=3A_x=40y=2Eid?="
    try:
        has_bcc = email.message_from_bytes(mail.as_bytes())["Bcc"] is not None
    except email.errors.MessageError:
        has_bcc = False
    named = [finding.english.partition(" still")[0] for finding in installation.interpreter("3.11.7")]
    assert named == (["Python 3.11.7"] if has_bcc else [])
