"""A start before its database is there waits for it; what no waiting can mend is said at once."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from signal import SIGKILL
from typing import Any

import click
import psycopg
import pytest
import requests
from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError

from handlers import awaiting
from handlers.commands.wiring import wired_as, wiring_errors
from handlers.settings import load
from storage.reaching import Server, server_of
from tests.databases import Postgres
from tests.driver import environment, write_config
from tests.handlers.test_serving import command
from tests.ports import free_port

ROLE, RIGHT, WRONG = "kunci", "sandi-yang-benar", "sandi-yang-salah"
NOWHERE = "postgresql+psycopg:///loket"
BEGINNING = ("57P03", "sistem basis data sedang dinyalakan")
FULL = ("53300", "sorry, too many clients already")


# A process of its own, because libpq's ping lets no other thread of this one run.
_SAYING = """
import socket, sys
code, words = sys.argv[1:]
fields = b"SFATAL\\0C" + code.encode() + b"\\0M" + words.encode() + b"\\0"
with socket.create_server(("127.0.0.1", 0)) as listening:
    print(listening.getsockname()[1], flush=True)
    while True:
        with listening.accept()[0] as connection:
            connection.recv(4096)
            connection.sendall(b"E" + (len(fields) + 5).to_bytes(4, "big") + fields + b"\\0")
"""


@contextmanager
def saying(code: str, words: str) -> Iterator[str]:
    """The address of a server that says this to everybody, and nothing else."""
    arguments = [sys.executable, "-S", "-c", _SAYING, code, words]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        try:
            yield f"postgresql+psycopg://loket:{WRONG}@127.0.0.1:{port}/loket?sslmode=disable&gssencmode=disable"
        finally:
            process.kill()


def gated(url: str, gate: Path) -> tuple[str, Path, Path]:
    """The same database through a folder without its socket; where the socket belongs, and the real one."""
    parsed = make_url(url)
    given: Any = parsed.get_dialect()().create_connect_args(parsed)[1]
    name = f".s.PGSQL.{given.get('port', 5432)}"
    gate.mkdir()
    query = parsed.query.__class__({**parsed.query, "host": str(gate)})
    through = parsed._replace(host=None, query=query)
    return through.render_as_string(hide_password=False), gate / name, Path(given["host"]) / name


def until_said(process: "subprocess.Popen[str]", words: str) -> str:
    """The line of its log that holds *words*."""
    assert process.stderr is not None
    for line in process.stderr:
        if words in line:
            return line
    raise AssertionError(f"it ended without saying {words!r}")


@pytest.mark.postgres
def test_a_start_waits_for_a_server_that_comes_later(postgres: Postgres, tmp_path: Path) -> None:
    url, missing, real = gated(postgres.copy(), tmp_path / "gate")
    assert server_of(url) is Server.SILENT
    process = command(tmp_path, "web", url)
    try:
        line = until_said(process, "waiting for it")
        assert "the database does not answer; waiting for it, 300 seconds at most" in line
        missing.symlink_to(real)
        address = until_said(process, "/inbox").split()[-1]
        wait_for_page(address.replace("/inbox", "/healthz"))
    finally:
        process.terminate()
        process.communicate(timeout=90)
    assert process.returncode == 0


@pytest.mark.postgres
def test_a_process_that_takes_the_place_of_another_waits_too(postgres: Postgres, tmp_path: Path) -> None:
    """It had ended the whole server: gunicorn gives up where a process can't begin."""
    url, socket, real = gated(postgres.copy(), tmp_path / "gate")
    socket.symlink_to(real)
    process = command(tmp_path, "web", url)
    try:
        address = until_said(process, "/inbox").split()[-1].replace("/inbox", "/healthz")
        wait_for_page(address)
        socket.unlink()
        os.kill(only_child(process.pid), SIGKILL)
        until_said(process, "waiting for it")
        assert process.poll() is None
        socket.symlink_to(real)
        wait_for_page(address)
    finally:
        process.terminate()
        process.communicate(timeout=90)
    assert process.returncode == 0


def only_child(pid: int) -> int:
    (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    return int(child)


def wait_for_page(address: str) -> None:
    until = time.monotonic() + 90
    while time.monotonic() < until:
        try:
            assert requests.get(address, timeout=30).status_code == 200
        except requests.ConnectionError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("it did not come up")


def test_who_waits_ends_when_told(tmp_path: Path) -> None:
    """Long before the database is given up."""
    url = f"postgresql+psycopg://loket:{WRONG}@127.0.0.1:{free_port()}/loket"
    process = command(tmp_path, "worker", NOWHERE, LOKET_DATABASE_URL=url)
    try:
        said = until_said(process, "waiting for it")
        process.terminate()
        out, told = process.communicate(timeout=90)
    finally:
        process.kill()
    assert (process.returncode, out, told) == (0, "", "")
    assert WRONG not in said


@pytest.fixture
def locked(postgres: Postgres) -> Iterator[str]:
    """The address of a database with a wrong password, at a server that asks this role for one."""
    url = postgres.copy()
    plain = url.replace("+psycopg", "")
    with psycopg.connect(plain, autocommit=True) as connection:
        (name,) = connection.execute("SHOW hba_file").fetchone() or ("",)
        rules = Path(name)
        before = rules.read_text("utf-8")
        connection.execute(f"CREATE ROLE {ROLE} LOGIN PASSWORD '{RIGHT}'".encode())
        rules.write_text(f"local all {ROLE} scram-sha-256\n{before}", "utf-8")
        connection.execute("SELECT pg_reload_conf()")
        given = make_url(url).set(username=ROLE, password=WRONG).render_as_string(hide_password=False)
        until_refused(given.replace("+psycopg", ""))
        yield given
        rules.write_text(before, "utf-8")
        connection.execute("SELECT pg_reload_conf()")
        connection.execute(f"DROP ROLE {ROLE}".encode())


def until_refused(address: str) -> None:
    """The server reads its rules a moment after it was told to."""
    until = time.monotonic() + 90
    while time.monotonic() < until:
        try:
            psycopg.connect(address).close()
        except psycopg.OperationalError:
            return
        time.sleep(0.02)
    raise AssertionError("anybody gets in")


@pytest.mark.postgres
def test_a_wrong_password_is_said_at_once(
    locked: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As is a database that is not there (``test_an_old_postgresql_is_refused``)."""
    for name, value in (environment() | {"LOKET_DATABASE_URL": locked}).items():
        monkeypatch.setenv(name, value)
    settings = load(write_config(tmp_path, NOWHERE), os.environ)
    start = wiring_errors(lambda: awaiting.once_there(settings.database.url, lambda: wired_as(settings)))
    with pytest.raises(click.ClickException) as refused:
        start()
    assert refused.value.exit_code == 1
    assert f'password authentication failed for user "{ROLE}"' in refused.value.message
    assert WRONG not in refused.value.message
    assert caplog.messages == []


def test_a_server_that_recovers_is_told_from_one_that_refuses() -> None:
    """Whatever its language."""
    with saying(*BEGINNING) as url:
        assert server_of(url) is Server.BEGINNING
    for code in ("28P01", "3D000"):
        with saying(code, "salah") as url:
            assert server_of(url) is Server.THERE


def test_who_finds_it_full_comes_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(awaiting, "FIRST_REST", 0.0)
    said = [FULL[1], FULL[1], "", "relation does not exist"]

    def wire() -> str:
        if words := said.pop(0):
            raise OperationalError("SELECT 1", {}, psycopg.OperationalError(words))
        return "wired"

    with saying("28P01", "salah") as url:
        assert awaiting.once_there(url, wire) == "wired"
        with pytest.raises(OperationalError, match="relation"):
            awaiting.once_there(url, wire)
    assert caplog.messages[0] == "the database has no connection free; waiting for it, 300 seconds at most"


def test_who_has_waited_long_enough_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(awaiting, "FIRST_REST", 0.0)
    monkeypatch.setattr(awaiting, "PATIENCE", 0.05)

    def wire() -> None:
        raise OperationalError("SELECT 1", {}, psycopg.OperationalError("still beginning"))

    with saying(*BEGINNING) as url, pytest.raises(OperationalError, match="still beginning"):
        awaiting.once_there(url, wire)
