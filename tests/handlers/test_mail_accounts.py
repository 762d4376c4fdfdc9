"""How mailboxes sign in: passwords of the environment, or access tokens that IMAP and SMTP share."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from channels.contract import SendError
from channels.email import errors
from channels.email.faults import MailboxRefused
from handlers import compose, databases
from handlers.mailroom.accounts import smtp_account
from handlers.mailroom.sealing import seal, unseal
from handlers.runtime import Runtime
from handlers.settings import load
from storage import mailboxes
from tests.mail_host import ADDRESS, environment, write_config
from tests.token_server import TokenServer, running_token_server

KEY = environment()["LOKET_SECRET_KEY"]
BOX: dict[str, Any] = {
    "address": ADDRESS,
    "imap": {"host": "imap.example.org"},
    "smtp": {"host": "smtp.example.org"},
}


@pytest.fixture
def tokens() -> Iterator[TokenServer]:
    with running_token_server() as server:
        yield server


@contextmanager
def desk(folder: Path, database_url: str, box: dict[str, Any]) -> Iterator[Runtime]:
    settings = load(write_config(folder, {"koltim": box}, database_url), {})
    runtime = compose.compose(settings, environment())
    databases.make_ready(runtime.database, runtime.clock())
    try:
        yield runtime
    finally:
        runtime.database.close()


def with_tokens(server: TokenServer) -> dict[str, Any]:
    at = {"authorize_url": f"{server.url}/authorize", "token_url": f"{server.url}/token"}
    return {**BOX, "oauth": {"provider": "microsoft", "client_id": "loket", **at}}


def keep(runtime: Runtime, token: str) -> None:
    with runtime.database.write() as connection:
        mailboxes.keep_refresh_token(connection, "koltim", seal(token, [KEY]))


def smtp_token(runtime: Runtime) -> str:
    token = smtp_account(runtime, "koltim").token
    assert token is not None
    return token()


def imap_token(runtime: Runtime) -> str:
    token = runtime.mailboxes["koltim"].token
    assert token is not None
    return token()


def test_a_password_comes_from_the_environment(tmp_path: Path, database_url: str) -> None:
    with desk(tmp_path, database_url, {**BOX, "password": "env:MAIL_PASSWORD"}) as runtime:
        imap, smtp = runtime.mailboxes["koltim"], smtp_account(runtime, "koltim")
        assert imap.password is not None
        assert smtp.password is not None
        assert imap.password() == smtp.password() == environment()["MAIL_PASSWORD"]
        assert (imap.token, smtp.token) == (None, None)
        assert (imap.user, smtp.user, imap.port, smtp.port) == (ADDRESS, ADDRESS, 993, 587)
        assert environment()["MAIL_PASSWORD"] not in repr(runtime)


def test_imap_and_smtp_share_one_token(tmp_path: Path, database_url: str, tokens: TokenServer) -> None:
    with desk(tmp_path, database_url, with_tokens(tokens)) as runtime:
        keep(runtime, "R0")
        assert imap_token(runtime) == smtp_token(runtime) == tokens.valid
        assert len(tokens.asked) == 1
        assert runtime.mailboxes["koltim"].password is None


def test_a_refresh_token_that_is_replaced_is_sealed_anew(
    tmp_path: Path, database_url: str, tokens: TokenServer
) -> None:
    tokens.rotates = True
    with desk(tmp_path, database_url, with_tokens(tokens)) as runtime:
        keep(runtime, "R0")
        smtp_token(runtime)
        with runtime.database.read() as connection:
            sealed = mailboxes.refresh_token(connection, "koltim")
    assert "R1" not in sealed
    assert unseal(sealed, [KEY]) == "R1"


def test_without_leave_nobody_signs_in(tmp_path: Path, database_url: str, tokens: TokenServer) -> None:
    with desk(tmp_path, database_url, with_tokens(tokens)) as runtime:
        with pytest.raises(MailboxRefused, match="nobody has given leave"):
            imap_token(runtime)
        with pytest.raises(SendError) as caught:
            smtp_token(runtime)
        assert caught.value.code == errors.AUTH


def test_leave_that_was_sealed_with_a_lost_key_is_none(
    tmp_path: Path, database_url: str, tokens: TokenServer
) -> None:
    with desk(tmp_path, database_url, with_tokens(tokens)) as runtime:
        with runtime.database.write() as connection:
            mailboxes.keep_refresh_token(connection, "koltim", seal("R0", ["x" * 40]))
        with pytest.raises(MailboxRefused):
            imap_token(runtime)


def test_a_provider_that_is_away_is_no_refusal(
    tmp_path: Path, database_url: str, tokens: TokenServer
) -> None:
    tokens.broken = True
    with desk(tmp_path, database_url, with_tokens(tokens)) as runtime:
        keep(runtime, "R0")
        with pytest.raises(SendError) as caught:
            smtp_token(runtime)
        assert caught.value.code == errors.UNREACHABLE
