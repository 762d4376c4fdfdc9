"""A backup holds the whole configuration: also the files that config.yaml names, and no secret."""

import shutil
import tarfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from handlers.cli import main
from handlers.shipped_files import sample_config
from tests.driver import environment

CONFIG = """
data_dir: var
database: {url: sqlite:///var/loket.db}
channels:
  email:
    mailboxes:
      bps7411:
        address: bps7411@bps.go.id
        imap: {host: mail.bps.go.id, ca_file: %s}
        smtp: {host: mail.bps.go.id, ca_file: ./certs/ca.pem}
        password: env:MAILBOX_PASSWORD
offices:
  "7411":
    short_name: KTM
    name: {id: BPS Kabupaten Kolaka Timur, en: BPS-Statistics Kolaka Timur Regency}
    timezone: Asia/Makassar
    standard: standards/7411.yaml
"""
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
TAKEN_OUT = ("tables/", "files/", "manifest.json")
"""What the command in the README leaves in the archive."""


def loket(config: Path, *words: str) -> Result:
    return CliRunner().invoke(main, [*words, "--config", str(config)], env=environment())


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The folder of a desk with a standard and a certificate of its own."""
    folder = tmp_path / "old"
    for name in ("standards", "certs", "tables"):
        (folder / name).mkdir(parents=True)
    configured(folder, "certs/ca.pem")
    shutil.copy(sample_config().parent / "standards" / "7411.yaml", folder / "standards")
    (folder / "certs" / "ca.pem").write_text(CERTIFICATE, "utf-8")
    return folder


def configured(folder: Path, ca_file: str) -> None:
    (folder / "config.yaml").write_text(CONFIG % ca_file, "utf-8")


def backed_up(folder: Path, config: str = "config.yaml") -> tuple[Path, str]:
    """The archive of this desk, and what was said."""
    assert loket(folder / config, "migrate").exit_code == 0
    archive = folder.parent / "loket.tar"
    done = loket(folder / config, "backup", str(archive))
    assert done.exit_code == 0, done.output
    return archive, done.output


def taken_out(archive: Path, into: Path) -> list[str]:
    into.mkdir()
    with tarfile.open(archive) as tar:
        members = [one for one in tar if not one.name.startswith(TAKEN_OUT)]
        tar.extractall(into, members=members, filter="data")
    return sorted(member.name for member in members)


def test_a_desk_is_restored_from_its_archive_alone(old: Path, tmp_path: Path) -> None:
    archive, said = backed_up(old)
    assert "not in the backup" not in said
    shutil.rmtree(old)
    names = taken_out(archive, tmp_path / "new")
    assert names == ["certs/ca.pem", "config.yaml", "standards/7411.yaml"]
    done = loket(tmp_path / "new" / "config.yaml", "restore", str(archive))
    assert done.exit_code == 0, done.output


def test_a_configuration_that_is_a_link_is_there_with_its_content(old: Path, tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "desk.yaml").symlink_to(old / "config.yaml")
    archive, _ = backed_up(tmp_path / "etc", "desk.yaml")
    taken_out(archive, tmp_path / "new")
    assert (tmp_path / "new" / "config.yaml").read_text("utf-8") == (old / "config.yaml").read_text("utf-8")
    assert (tmp_path / "new" / "standards" / "7411.yaml").is_file()


LEFT_OUT = {
    "../elsewhere.pem": "it lies outside of",
    "certs/with-key.pem": "it holds a private key",
    "certs/missing.pem": "it can't be read",
    "tables/ca.pem": "its name is the archive's own",
}


@pytest.mark.parametrize(("written", "why"), LEFT_OUT.items(), ids=LEFT_OUT)
def test_what_is_left_out_is_said(old: Path, tmp_path: Path, written: str, why: str) -> None:
    key = "-----BEGIN PRIVATE KEY-----\n" if "key" in written else ""
    if "missing" not in written:
        (old / written).write_text(CERTIFICATE + key, "utf-8")
    configured(old, written)
    archive, said = backed_up(old)
    assert f"is not in the backup: {why}" in said
    assert "keep a copy of it yourself" in said
    assert taken_out(archive, tmp_path / "new") == ["certs/ca.pem", "config.yaml", "standards/7411.yaml"]
    assert b"PRIVATE KEY" not in archive.read_bytes()
    done = loket(old / "config.yaml", "restore", str(archive))
    assert "has tables already" in done.output
