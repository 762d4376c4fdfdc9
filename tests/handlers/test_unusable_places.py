"""A folder that can't be used is said in a sentence, by every command, and loket check does not say ready."""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.exc import OperationalError

from handlers import databases, room, unusable
from handlers.checking import check, folders
from handlers.cli import main
from handlers.commands import serving
from handlers.settings import ConfigError, load
from storage import schema
from storage.db import Database
from tests.driver import environment, write_config

COMMANDS = (
    ("officer", "list"), ("migrate",), ("serve", "--port", "0"), ("worker",), ("replay",),
    ("mailbox", "list"), ("templates", "list"), ("catalogue", "list"), ("reconcile",),
    ("erase", "--again"), ("backup",),
)  # fmt: skip
NOBODY = 65534


def loket(config: Path, *words: str) -> Result:
    return CliRunner().invoke(main, [*words, "--config", str(config)], env=environment())


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A desk whose database shall be data/loket.db."""
    return write_config(tmp_path, f"sqlite:///{tmp_path / 'data' / 'loket.db'}")


def data_dir(config: Path) -> Path:
    return load(config, environment()).data_dir


@pytest.fixture
def in_the_way(config: Path) -> Path:
    """Tests are root's, who may write everywhere: so a folder stands where the lock file must be."""
    (data_dir(config) / "write.lock").mkdir(parents=True)
    return config


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_it_is_a_sentence(in_the_way: Path, words: tuple[str, ...]) -> None:
    done = loket(in_the_way, *words)
    assert (done.exit_code, isinstance(done.exception, SystemExit)) == (1, True), repr(done.exception)
    assert "write.lock is a folder, and a file must be there" in done.output


def test_what_is_a_bug_stays_one(config: Path) -> None:
    """An error of a connection is no matter of places; its traceback is wanted."""
    with patch.object(serving, "load", side_effect=ConnectionResetError(errno.ECONNRESET, "reset")):
        assert isinstance(loket(config, "migrate").exception, ConnectionResetError)


def said(number: int, place: Path) -> str:
    return unusable.sentence(OSError(number, os.strerror(number), str(place)))


def test_what_root_has_made_is_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "loket.db").touch()
    mine = unusable.name_of((tmp_path / "loket.db").stat().st_uid)
    monkeypatch.setattr(os, "geteuid", lambda: NOBODY)
    me = unusable.name_of(NOBODY)
    assert said(errno.EACCES, tmp_path / "loket.db") == (
        f"{me} may not use {tmp_path}/loket.db, which belongs to {mine}: `chown -R {me} {tmp_path}` gives it"
        f" back; run loket as {me} only, also by hand"
    )
    assert "name another place in the configuration (data_dir, database.url)" in said(
        errno.EACCES, tmp_path / "var"
    )


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "no room is left on the disk of {}: make room"),
        (errno.EISDIR, "{} is a folder"),
        (errno.ENOTDIR, "{} can't be made a folder"),
        (errno.EROFS, "mounted read-only"),
        (errno.EIO, "{}: "),
    ],
)
def test_every_other_reason_has_its_words(tmp_path: Path, number: int, words: str) -> None:
    assert words.format(tmp_path / "x") in said(number, tmp_path / "x")
    assert unusable.is_told(OSError(errno.ENOSPC, "No space left on device"))
    assert not unusable.is_told(OSError(errno.EPIPE, "Broken pipe"))


def findings(config: Path) -> list[str]:
    return [finding.english for finding in folders.usable(load(config, environment()))]


def test_check_does_not_say_ready(in_the_way: Path) -> None:
    assert findings(in_the_way) == [f"The file {data_dir(in_the_way)}/write.lock can't be written to."]
    done = loket(in_the_way, "check", "--lang", "en")
    assert done.exit_code == 1
    assert "not ready to go live" in done.output


@pytest.mark.parametrize("name", ["files", "backups"])
def test_check_finds_a_file_where_a_folder_must_be(config: Path, name: str) -> None:
    place = data_dir(config)
    place.mkdir(exist_ok=True)
    (place / name).touch()
    assert findings(config) == [f"The folder {place}/{name} can't be written to."]


def test_check_finds_a_database_that_is_a_folder(config: Path, tmp_path: Path) -> None:
    (tmp_path / "data" / "loket.db").mkdir(parents=True)
    assert f"The file {tmp_path}/data/loket.db can't be written to." in findings(config)
    done = loket(config, "migrate")
    assert (done.exit_code, "loket.db is a folder" in done.output) == (1, True)


def test_check_makes_nothing(config: Path) -> None:
    before = sorted(config.parent.rglob("*"))
    assert findings(config) == [f"The folder {data_dir(config)} can be written to."]
    assert sorted(config.parent.rglob("*")) == before


def test_check_sees_as_root_what_is_not_the_folders_owners(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To root everything looks usable, and it is root who runs the check."""
    place = data_dir(config)
    place.mkdir(exist_ok=True)
    (place / "write.lock").touch()
    monkeypatch.setattr(folders, "_owner", lambda path: NOBODY if path == place else 0)
    (told,) = (each for each in folders.usable(load(config, environment())) if "chown" in each.english)
    assert told.english.startswith(f"{place}/write.lock belongs to {unusable.name_of(0)}")
    assert told.level == "warning"


@contextmanager
def as_nobody() -> Iterator[None]:
    """Tests are root's mostly, to whom no folder is closed."""
    if os.getuid() != 0:
        yield
        return
    os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


def test_check_says_that_a_folder_can_not_be_entered(config: Path, tmp_path: Path) -> None:
    """A folder in somebody's home, for one."""
    url = f"sqlite:///{tmp_path}/closed/loket.db"
    settings = load(config, environment() | {"LOKET_DATABASE_URL": url})
    (tmp_path / "closed").mkdir(mode=0)
    for outcome in (settings, settings.model_copy(update={"data_dir": tmp_path / "closed" / "data"})):
        check(outcome, environment(), datetime(2026, 7, 6, tzinfo=UTC))  # and all is imported
        with as_nobody():
            told = check(outcome, environment(), datetime(2026, 7, 6, tzinfo=UTC))
        assert f"The folder {tmp_path}/closed can't be written to." in [each.english for each in told]


def test_a_configuration_in_a_folder_that_can_not_be_entered_is_told(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    with as_nobody(), pytest.raises(ConfigError, match="can't be read: run loket as a user who may enter"):
        load(closed / "config.yaml", environment())


@pytest.mark.parametrize(
    ("free", "level"), [(room.NONE - 1, "error"), (room.NONE, "warning"), (room.LOW, "ok")]
)
def test_without_any_room_nothing_goes_live(config: Path, free: int, level: str) -> None:
    usage: Any = type("Usage", (), {"free": free})
    with patch("shutil.disk_usage", return_value=usage):
        (told,) = folders.disk(load(config, environment()))
    assert told.level == level


class Full:
    """A connection to SQLite whose disk takes nothing more."""

    def backup(self, *_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    def close(self) -> None: ...


def test_a_full_disk_leaves_no_half_of_a_copy_and_changes_nothing(config: Path, tmp_path: Path) -> None:
    """Whatever starts the desk starts it again and again: each time would leave another one."""
    place = data_dir(config)
    with closing(Database(f"sqlite:///{tmp_path / 'data' / 'loket.db'}", place)) as database:
        schema.upgrade(database, "0012")
        with patch("handlers.databases.sqlite3.connect", return_value=Full()):
            done = loket(config, "migrate")
            with pytest.raises(databases.NotCopied):
                databases.back_up(database, datetime(2026, 7, 6, tzinfo=UTC))
        assert schema.current(database) == "0012"
    assert done.exit_code == 1
    assert "database or disk is full. Nothing was changed. Make room" in done.output
    assert list((place / "backups").iterdir()) == []


def test_a_step_that_fails_leaves_no_copy_each_time(config: Path, tmp_path: Path) -> None:
    """One of each start: they would fill the disk in a night."""
    place = data_dir(config)
    with closing(Database(f"sqlite:///{tmp_path / 'data' / 'loket.db'}", place)) as database:
        schema.upgrade(database, "0012")
        with patch.object(schema, "upgrade_in", side_effect=OperationalError("", {}, Exception("locked"))):
            for _ in range(3):
                assert loket(config, "migrate").exit_code == 1
        assert list((place / "backups").iterdir()) == []
        assert loket(config, "migrate").exit_code == 0
        assert len(list((place / "backups").iterdir())) == 1


@pytest.mark.parametrize(
    "words",
    [
        ("web", "--processes", "0"),
        ("serve", "--port", "99999"),
        ("web", "--port", "-1"),
        ("demo", "--port", "70000"),
    ],
)
def test_a_number_that_can_not_be_is_refused(config: Path, words: tuple[str, ...]) -> None:
    done = CliRunner().invoke(main, [*words], env=environment() | {"LOKET_CONFIG": str(config)})
    assert done.exit_code == 2
    assert "is not in the range" in done.output


def test_an_address_of_ipv6_is_listened_on(config: Path) -> None:
    with patch("handlers.serving.Server") as server:
        done = loket(config, "serve", "--host", "::1", "--port", "0")
    assert done.exit_code == 0, done.output
    assert "http://[::1]:0/inbox" in done.output
    assert server.call_args.args[1:] == ("[::1]", 0)
