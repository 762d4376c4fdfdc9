"""Mailboxes in the configuration: how they are read, and what is refused, by path and without a secret."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from handlers import shipped_files
from handlers.settings import ConfigError, Settings, load

OFFICE = {
    "short_name": "KTB",
    "name": {"id": "Kotabaru", "en": "Kotabaru"},
    "timezone": "Asia/Makassar",
    "senders": {"email": ["bps6302@bps.go.id"]},
}
BOX = {
    "address": "bps6302@bps.go.id",
    "imap": {"host": "imap.example.org"},
    "smtp": {"host": "smtp.example.org"},
    "password": "env:MAIL_PASSWORD",
}
OAUTH = {"provider": "google", "client_id": "x.apps.example.org"}
HOME = "channels.email.mailboxes.kotabaru"
SENTENCE = (
    "a secret does not stand in the file: write env:NAME and put it into the environment as NAME or NAME_FILE"
)


def read(folder: Path, mailboxes: dict[str, Any], **email: Any) -> Settings:
    path = folder / "config.yaml"
    content = {"offices": {"6302": OFFICE}, "channels": {"email": {"mailboxes": mailboxes, **email}}}
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return load(path, {})


def refused(folder: Path, mailboxes: dict[str, Any], **email: Any) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(folder, mailboxes, **email)
    return caught.value.problems


def changed(**changes: Any) -> dict[str, Any]:
    """The good mailbox with some keys changed; None takes a key away."""
    box = {**BOX, **changes}
    return {key: value for key, value in box.items() if value is not None}


def test_an_address_belongs_to_one_mailbox(tmp_path: Path) -> None:
    alias = "Layanan6302@BPS.go.id"
    box = read(tmp_path, {"kotabaru": changed(aliases=[alias])}).channels.email.mailboxes["kotabaru"]
    assert box.aliases == (alias.lower(),)
    other = changed(address=alias, aliases=["bps6302@bps.go.id"])
    told = refused(tmp_path, {"kotabaru": changed(aliases=[alias]), "lain": other})
    home = "channels.email.mailboxes"
    assert f"{home}.lain.address: layanan6302@bps.go.id already belongs to {HOME}.aliases" in told
    assert f"{home}.lain.aliases: bps6302@bps.go.id already belongs to {HOME}.address" in told


def test_a_small_mailbox_is_enough(tmp_path: Path) -> None:
    box = read(tmp_path, {"kotabaru": BOX}).channels.email.mailboxes["kotabaru"]
    assert (box.imap.port, box.imap.security, box.imap.folder, box.imap.processed) == (
        993,
        "tls",
        "INBOX",
        None,
    )
    assert (box.smtp.port, box.smtp.security, box.smtp.sent_folder) == (587, "starttls", None)
    assert (box.sign_in_name, box.largest_mb, box.plus_addressing) == ("bps6302@bps.go.id", 30, False)
    assert box.probe_minutes == 30


@pytest.mark.parametrize(
    ("security", "imap", "smtp"), [("tls", 993, 465), ("starttls", 143, 587), ("none", 143, 25)]
)
def test_the_port_goes_with_the_security(tmp_path: Path, security: str, imap: int, smtp: int) -> None:
    server = {"host": "127.0.0.1", "security": security}
    box = read(tmp_path, {"k": changed(imap=server, smtp=server)}).channels.email.mailboxes["k"]
    assert (box.imap.port, box.smtp.port) == (imap, smtp)


def test_a_port_that_is_written_counts(tmp_path: Path) -> None:
    imap = {"host": "127.0.0.1", "security": "starttls", "port": 2143}
    assert read(tmp_path, {"k": changed(imap=imap)}).channels.email.mailboxes["k"].imap.port == 2143


def test_addresses_have_one_spelling(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    office = {**OFFICE, "senders": {"email": ["BPS6302@bps.go.id"]}}
    boxes = {"kotabaru": changed(address="Bps6302@BPS.go.id")}
    path.write_text(
        yaml.safe_dump({"offices": {"6302": office}, "channels": {"email": {"mailboxes": boxes}}})
    )
    settings = load(path, {})
    assert settings.offices["6302"].senders.email == ("bps6302@bps.go.id",)
    assert settings.channels.email.mailboxes["kotabaru"].address == "bps6302@bps.go.id"
    assert settings.mailbox_of("bps6302@BPS.GO.ID") is not None


def test_certificates_are_looked_for_beside_the_file(tmp_path: Path) -> None:
    imap = {"host": "mail.example.org", "ca_file": "ca/mail.pem"}
    smtp = {"host": "mail.example.org", "ca_file": "/etc/ssl/mail.pem"}
    box = read(tmp_path, {"k": changed(imap=imap, smtp=smtp)}).channels.email.mailboxes["k"]
    assert (box.imap.ca_file, box.smtp.ca_file) == (tmp_path / "ca/mail.pem", Path("/etc/ssl/mail.pem"))


SERVER_ALONE = "must be the name of a server alone, like imap.gmail.com; the port has its own key"
THIS_MACHINE = "none is for a server on this machine; write tls or starttls"
READ_AGAIN = "must be another folder than imap.folder, or its mails would be read again"
NO_TAG = "must be the mailbox's own address, without a word behind a plus sign"
NO_ROOM = "leaves no room for a signed word: the part before the @ is too long"

FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"password": None}, f"{HOME}: needs a password, or oauth"),
    ({"oauth": OAUTH}, f"{HOME}: keep one of password and oauth"),
    ({"password": "hunter2"}, f"{HOME}.password: {SENTENCE}"),
    (
        {"password": None, "oauth": {**OAUTH, "client_secret": "hunter2"}},
        f"{HOME}.oauth.client_secret: {SENTENCE}",
    ),
    ({"address": None}, f"{HOME}.address: is missing"),
    ({"address": "bps6302"}, f"{HOME}.address: is not an e-mail address"),
    ({"address": "bps6302+x@bps.go.id"}, f"{HOME}.address: {NO_TAG}"),
    ({"imap": {"host": "https://imap.example.org"}}, f"{HOME}.imap.host: {SERVER_ALONE}"),
    ({"imap": {"host": "imap.example.org:993"}}, f"{HOME}.imap.host: {SERVER_ALONE}"),
    ({"imap": {"host": "imap.example.org", "security": "none"}}, f"{HOME}.imap.security: {THIS_MACHINE}"),
    ({"smtp": {"host": "10.0.0.5", "security": "none"}}, f"{HOME}.smtp.security: {THIS_MACHINE}"),
    (
        {"imap": {"host": "h", "security": "tsl"}},
        f"{HOME}.imap.security: must be 'tls', 'starttls' or 'none'; did you mean \"tls\"?",
    ),
    ({"imap": {"host": "h", "port": 0}}, f"{HOME}.imap.port: must be 1 or more"),
    ({"smtp": {"host": "h", "port": 70000}}, f"{HOME}.smtp.port: must be 65535 or less"),
    ({"imap": {"host": "h", "port": "993"}}, f"{HOME}.imap.port: must be a whole number, without quotes"),
    ({"imap": {"host": "h", "folder": " "}}, f"{HOME}.imap.folder: must be the name of a folder"),
    ({"imap": {"host": "h", "processed": "inbox"}}, f"{HOME}.imap.processed: {READ_AGAIN}"),
    ({"smtp": {"host": "h", "sent_folder": "INBOX"}}, f"{HOME}.smtp.sent_folder: {READ_AGAIN}"),
    ({"smtp": None}, f"{HOME}.smtp: is missing"),
    ({"imap": "imap.example.org"}, f"{HOME}.imap: must be a mapping (key: value)"),
    ({"largest_mb": 0}, f"{HOME}.largest_mb: must be 1 or more"),
    ({"largest_mb": 101}, f"{HOME}.largest_mb: must be 100 or less"),
    ({"probe_minutes": -1}, f"{HOME}.probe_minutes: must be 0 or more"),
    ({"plus_adressing": True}, f'{HOME}.plus_adressing: unknown key; did you mean "plus_addressing"?'),
    ({"address": f"{'a' * 33}@bps.go.id", "plus_addressing": True}, f"{HOME}.plus_addressing: {NO_ROOM}"),
]


@pytest.mark.parametrize(("changes", "sentence"), FAULTS, ids=[sentence[:70] for _, sentence in FAULTS])
def test_faults_of_a_mailbox(tmp_path: Path, changes: dict[str, Any], sentence: str) -> None:
    problems = refused(tmp_path, {"kotabaru": changed(**changes)})
    assert problems == [sentence]
    assert "hunter2" not in " ".join(problems)


@pytest.mark.parametrize("name", ["a b", "x" * 65, "a.b", "-a", ""])
def test_the_name_of_a_mailbox_is_a_plain_word(tmp_path: Path, name: str) -> None:
    assert refused(tmp_path, {name: BOX}) == [
        (
            f"channels.email.mailboxes.{name}: the name of a mailbox is a plain word: "
            "letters, digits, - and _, at most 64"
        )
    ]


def test_an_address_stands_in_one_mailbox(tmp_path: Path) -> None:
    assert refused(tmp_path, {"one": BOX, "two": changed(address="BPS6302@bps.go.id")}) == [
        (
            "channels.email.mailboxes.two.address: bps6302@bps.go.id already belongs to "
            "channels.email.mailboxes.one.address"
        )
    ]


def test_a_budget_lets_something_leave(tmp_path: Path) -> None:
    problems = refused(tmp_path, {}, budget={"address_hour": 0, "total_hour": -5})
    assert problems == [
        "channels.email.budget.address_hour: must be 1 or more",
        "channels.email.budget.total_hour: must be 1 or more",
    ]


def test_an_office_with_a_mailbox_that_is_no_address(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    office = {**OFFICE, "senders": {"email": ["bps6302"]}}
    path.write_text(yaml.safe_dump({"offices": {"6302": office}}))
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    assert caught.value.problems == ['offices.6302.senders.email.0: "bps6302" is not an e-mail address']


def test_the_mailboxes_of_the_sample_are_good_once_uncommented(tmp_path: Path) -> None:
    text = shipped_files.sample_config().read_text(encoding="utf-8")
    text = text.replace("    mailboxes: {}\n", "    mailboxes:\n")
    text = re.sub(r"^    #   (.*)$", r"      \1", text, flags=re.MULTILINE)
    path = tmp_path / "config.yaml"
    path.write_text(text.replace("client_id: ..., tenant: ...", "client_id: x, tenant: y"), encoding="utf-8")
    (tmp_path / "standards").symlink_to(shipped_files.sample_config().parent / "standards")
    settings = load(path, {})
    boxes = settings.channels.email.mailboxes
    assert [settings.office_of("email", box.address) for box in boxes.values()] == [
        settings.offices["6302"],
        settings.offices["6571"],
    ]
