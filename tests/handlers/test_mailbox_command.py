"""``loket mailbox`` as an operator types it."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner, Result

from handlers import compose, databases
from handlers.cli import main
from handlers.mailroom.sealing import unseal
from handlers.settings import load
from storage import mailboxes
from storage.db import Database
from storage.mail_tables import Mail
from tests.dovecot import Dovecot
from tests.mail_host import ADDRESS, environment, running_mail_host, write_config
from tests.storage.seeding import put
from tests.token_server import TokenServer, running_token_server

BOX = {
    "address": ADDRESS,
    "imap": {"host": "imap.example.org"},
    "smtp": {"host": "smtp.example.org"},
    "password": "env:MAIL_PASSWORD",
}


def typed(*words: str) -> Result:
    return CliRunner().invoke(main, list(words), env={**os.environ, **environment()}, catch_exceptions=False)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_config(
        tmp_path, {"koltim": BOX, "lama": {**BOX, "address": "pst@bps.go.id", "probe_minutes": 0}}
    )


def opened(config: Path) -> Database:
    settings = load(config, {})
    database = Database(settings.database.url, settings.data_dir)
    databases.make_ready(database, compose.now())
    return database


def test_a_list_of_mailboxes_nobody_has_read_yet(config: Path) -> None:
    result = typed("mailbox", "list", "--config", str(config))
    assert (result.exit_code, result.output.splitlines()) == (
        0,
        [
            f"koltim  {ADDRESS}  never read",
            "  in 0 = handled 0 + filed 0 + shunted 0 + pending 0",
            "  no probe yet",
            "lama  pst@bps.go.id  never read",
            "  in 0 = handled 0 + filed 0 + shunted 0 + pending 0",
            "  probes are off (probe_minutes: 0)",
        ],
    )


def test_a_list_of_a_mailbox_at_work_and_of_one_that_fails(config: Path) -> None:
    now = compose.now()
    with closing(opened(config)) as database, database.write() as connection:
        mailboxes.polled(connection, "koltim", now)
        mailboxes.advance(connection, "koltim", 1, 42)
        mailboxes.probe_left(connection, "koltim", "p.1.0.a", now - timedelta(seconds=4))
        mailboxes.probe_returned(connection, "koltim", "p.1.0.a", now)
        for uid, intake in enumerate(["handled", "handled", "filed", "shunted", "pending"]):
            row = {"mailbox": "koltim", "office": "7411", "uidvalidity": 1, "uid": uid, "size": 1}
            put(connection, Mail, **row, sha256="0" * 64, at=now, intake=intake)
        mailboxes.failing(connection, "lama", "the connection broke off", now)
        mailboxes.failing(connection, "lama", "the connection broke off", now)
        mailboxes.probe_left(connection, "lama", "p.1.0.b", now)
    lines = typed("mailbox", "list", "--config", str(config)).output.splitlines()
    assert lines[0].startswith(f"koltim  {ADDRESS}  read {now:%Y-%m-%d %H:%M:%S} UTC (0:0")
    assert lines[1] == "  in 5 = handled 2 + filed 1 + shunted 1 + pending 1; up to UID 42"
    assert lines[2].endswith("back after 4 s")
    assert lines[4].startswith(f"  FAILING since {now:%Y-%m-%d %H:%M:%S} UTC (")
    assert lines[4].endswith(", 2 times: the connection broke off")
    assert lines[6].endswith("NOT BACK")


def test_a_list_of_nothing(tmp_path: Path) -> None:
    result = typed("mailbox", "list", "--config", str(write_config(tmp_path, {})))
    assert result.output == "the configuration has no mailbox (channels.email.mailboxes)\n"


def test_a_probe_that_comes_back(tmp_path: Path, dovecot: Dovecot) -> None:
    with running_mail_host(dovecot) as host:
        config = str(write_config(tmp_path, {"koltim": host.mailbox()}))
        result = typed("mailbox", "probe", "koltim", "--config", config)
    assert result.exit_code == 0
    assert "surat uji kembali setelah" in result.output


def test_a_probe_that_fails(tmp_path: Path) -> None:
    gone = {"host": "127.0.0.1", "port": 1, "security": "none"}
    config = str(write_config(tmp_path, {"koltim": {**BOX, "imap": gone, "smtp": gone}}))
    result = typed("mailbox", "probe", "koltim", "--lang", "en", "--config", config)
    assert (result.exit_code, result.output.count("ERROR")) == (1, 2)


@pytest.mark.parametrize("word", ["probe", "authorize"])
def test_a_mailbox_that_is_not_there(config: Path, word: str) -> None:
    result = typed("mailbox", word, "kotabaru", "--config", str(config))
    assert result.exit_code == 1
    assert "there is no mailbox kotabaru; the configuration has: koltim, lama" in result.output


def test_the_check_proves_mailboxes_when_asked(tmp_path: Path, dovecot: Dovecot) -> None:
    with running_mail_host(dovecot) as host:
        config = str(write_config(tmp_path, {"koltim": host.mailbox()}))
        quiet = typed("check", "--lang", "en", "--config", config)
        assert (quiet.exit_code, host.taken) == (0, [])
        proved = typed("check", "--lang", "en", "--mail", "--config", config)
        assert (proved.exit_code, len(host.taken)) == (0, 2)
    assert "a mail to ourselves came back" in proved.output


def test_the_check_says_once_that_a_secret_is_missing(tmp_path: Path) -> None:
    box = {**BOX, "password": "env:MAIL_NOWHERE"}
    result = typed(
        "check", "--lang", "en", "--mail", "--config", str(write_config(tmp_path, {"koltim": box}))
    )
    assert (result.exit_code, result.output.count("MAIL_NOWHERE is missing")) == (1, 1)


def with_tokens(server: TokenServer) -> dict[str, Any]:
    oauth = {
        "provider": "google",
        "client_id": "loket",
        "client_secret": "env:MAIL_PASSWORD",
        "authorize_url": f"{server.url}/authorize",
        "token_url": f"{server.url}/token",
    }
    return {key: value for key, value in BOX.items() if key != "password"} | {"oauth": oauth}


class Authorizing:
    """``loket mailbox authorize`` in a process of its own, with a keyboard and a screen."""

    def __init__(self, config: Path, *more: str, environ: Mapping[str, str] | None = None) -> None:
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "handlers.cli",
                "mailbox",
                "authorize",
                "koltim",
                "--config",
                str(config),
                *more,
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, **(environ or environment())},
        )
        assert self._process.stdout is not None
        self.page = next(line.strip() for line in self._process.stdout if line.startswith("http"))
        told = next(line for line in self._process.stdout if "the browser goes to" in line)
        self.goes_to = re.findall(r"http://localhost:\d+", told)[0]

    def end(self, typed: str | None = None) -> tuple[int, str]:
        """Type a line, wait for the end; exit code and what was printed until then."""
        output, _ = self._process.communicate(typed, timeout=120)
        return self._process.returncode, output


def kept(config: Path) -> str | None:
    with closing(opened(config)) as database, database.read() as connection:
        return unseal(mailboxes.refresh_token(connection, "koltim"), [environment()["LOKET_SECRET_KEY"]])


def test_leave_by_the_browser_of_this_machine(tmp_path: Path) -> None:
    with running_token_server() as server:
        config = write_config(tmp_path, {"koltim": with_tokens(server)})
        asking = Authorizing(config, "--port", "0")
        assert "login_hint=bps7411%40bps.go.id" in asking.page
        done = requests.get(asking.page, timeout=60)  # follows the redirect, as a browser does
        assert "you may close this window" in done.text
        code, output = asking.end()
        assert (code, "koltim may sign in now" in output) == (0, True)
        token = kept(config)
        assert token in server.refresh_tokens
        assert f"{token}" not in output


def test_leave_by_a_browser_elsewhere(tmp_path: Path) -> None:
    """Its redirect leads nowhere; the address is copied from there."""
    with running_token_server() as server:
        config = write_config(tmp_path, {"koltim": with_tokens(server)})
        asking = Authorizing(config, "--port", "0")
        answer = requests.get(asking.page, timeout=60, allow_redirects=False).headers["Location"]
        assert answer.startswith(asking.goes_to)
        assert asking.end(f"{answer}\n")[0] == 0
        assert kept(config) in server.refresh_tokens


@pytest.mark.parametrize(
    "answer", ["http://localhost/?error=access_denied&state=x", "nonsense", "{wrong state}"]
)
def test_no_leave(tmp_path: Path, answer: str) -> None:
    with running_token_server() as server:
        config = write_config(tmp_path, {"koltim": with_tokens(server)})
        asking = Authorizing(config, "--port", "0")
        given = requests.get(asking.page, timeout=60, allow_redirects=False).headers["Location"]
        wrong = re.sub(r"state=.", "state=", given)
        code, output = asking.end(f"{wrong if 'wrong' in answer else answer}\n")
        assert (code, "Error: no leave was given" in output, "Traceback" in output) == (1, True, False)
        assert kept(config) is None


def test_a_port_that_is_taken(tmp_path: Path, dovecot: Dovecot) -> None:
    with running_token_server() as server:
        config = str(write_config(tmp_path, {"koltim": with_tokens(server)}))
        result = typed("mailbox", "authorize", "koltim", "--port", str(dovecot.port), "--config", config)
    assert (result.exit_code, f"port {dovecot.port} is taken" in result.output) == (1, True)


def test_a_mailbox_with_a_password_needs_no_leave(config: Path) -> None:
    result = typed("mailbox", "authorize", "koltim", "--config", str(config))
    assert result.exit_code == 1
    assert "signs in with a password" in result.output
