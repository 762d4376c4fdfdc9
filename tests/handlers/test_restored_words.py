"""What the desk signed between a backup and a crash names rows by number, and a restore gives them anew."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from channels.email.tokens import Purpose, Token, Tokens
from handlers import backups
from handlers.commands.backups import SKIPPED
from handlers.restores import NAMED, Restores
from storage import restored as restored_rows
from storage import schema
from storage.columns import table
from storage.db import Database
from storage.tables import Installation
from tests.databases import Postgres
from tests.driver import Desk, running_desk
from tests.handlers.correspondence import answers, asks, mail_to, wishing
from tests.handlers.site import Site
from tests.handlers.test_backups import backed_up, bare, restored, running_site_again

FIRST, SECOND = "+6281200001111", "+6281200002222"
ANSWER = "Pak Budi, data yang Bapak minta tentang usaha Bapak sudah siap."
INSTALLATION = table(Installation)
_numbers = count(1)


def own_data_link(site: Site, address: str) -> str:
    """The link that this citizen gets to their own data."""
    site.writes("data saya", address=address)
    found = re.search(r"/data-saya/\S+", site.last_said())
    assert found is not None
    return found[0]


def taken(site: Site, link: str) -> bytes:
    """What is behind a link to somebody's own data; nothing when it opens nothing."""
    answer = site.app.test_client().post(link)
    if answer.status_code != 200:
        return b""
    with zipfile.ZipFile(io.BytesIO(answer.data)) as got:
        return b"".join(got.read(name) for name in got.namelist())


@contextmanager
def after_a_crash(site: Site, archive: Path, folder: Path) -> Iterator[Site]:
    """The site on a new disk, made from *archive*."""
    fresh = folder / f"fresh{next(_numbers)}"
    restored(archive, fresh, skip=SKIPPED)
    with running_site_again(f"sqlite:///{fresh / 'again.db'}", fresh, site) as again:
        yield again


def test_a_link_to_ones_own_data_never_opens_another_persons(site: Site, tmp_path: Path) -> None:
    site.asks(address=SECOND, text="Mohon data mentimun Kolaka Timur 2023 untuk skripsi")
    site.asks(address=FIRST)
    before = own_data_link(site, SECOND)
    archive = backed_up(site, tmp_path / "b.tar").path
    since = own_data_link(site, FIRST)
    with after_a_crash(site, archive, tmp_path) as again:
        new = own_data_link(again, SECOND)
        assert since.split(".")[:3] == new.split(".")[:3], "of the same number"
        assert taken(again, since) == b""
        assert b"mentimun" in taken(again, new)
        assert b"mentimun" in taken(again, before), "what is older than the backup stays valid"


def test_the_same_backup_restored_twice_is_two_restores(site: Site, tmp_path: Path) -> None:
    """The disk is gone once more before there is another backup."""
    site.asks(address=FIRST)
    site.asks(address=SECOND, text="Mohon data mentimun Kolaka Timur 2023 untuk skripsi")
    archive = backed_up(site, tmp_path / "b.tar").path
    with after_a_crash(site, archive, tmp_path) as once:
        since = own_data_link(once, FIRST)
    with after_a_crash(site, archive, tmp_path) as twice:
        new = own_data_link(twice, SECOND)
        assert taken(twice, since) == b""
        assert b"mentimun" in taken(twice, new)


def test_one_restore_after_another(site: Site, tmp_path: Path) -> None:
    """What was signed after the first restore and before the next backup is as good as ever."""
    site.asks(address=SECOND, text="Mohon data mentimun Kolaka Timur 2023 untuk skripsi")
    links = [own_data_link(site, SECOND)]
    with after_a_crash(site, backed_up(site, tmp_path / "1.tar").path, tmp_path) as once:
        links.append(own_data_link(once, SECOND))
        archive = backed_up(once, tmp_path / "2.tar").path
        lost = own_data_link(once, SECOND)
    with after_a_crash(site, archive, tmp_path) as twice:
        links.append(own_data_link(twice, SECOND))
        assert [b"mentimun" in taken(twice, link) for link in (*links, lost)] == [True, True, True, False]


def test_an_answer_by_mail_never_reaches_another_citizen(desk: Desk, tmp_path: Path) -> None:
    rahma = wishing(desk, "rahma")
    desk.settle()
    runtime = desk.runtime
    made = backups.make(runtime.database, runtime.files, None, tmp_path / "b.tar", desk.clock())
    asks(desk, address=FIRST)
    letter = mail_to(desk, "rahma")[-1]
    fresh = tmp_path / "fresh"
    restored(made.path, fresh, skip=SKIPPED)
    with running_desk(f"sqlite:///{fresh / 'again.db'}", fresh) as again:
        again.officer_ids["rahma"], again.uids = rahma, count(100)
        again.clock.forward(hours=6)
        asks(again, address=SECOND)
        answers(again, letter, ANSWER)
        assert ANSWER not in again.heard(SECOND)
        newest = mail_to(again, "rahma")[-1]
        answers(again, newest, ANSWER)
        assert ANSWER in again.heard(SECOND), "the mail about the new one is answered as ever"


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
@pytest.mark.parametrize("purpose", [purpose for purpose in Purpose if NAMED[purpose]])
def test_every_number_that_is_signed_counts(
    kind: str, purpose: Purpose, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Whichever of the two numbers is younger than a restore; no table of a purpose is forgotten."""
    assert set(NAMED[purpose]) <= restored_rows.NAMED
    plain = Tokens(["k" * 40])
    with closing(Database(bare(kind, tmp_path, request), tmp_path / "data")) as database:
        schema.upgrade(database)
        noted = {"key": "restored ab", "value": json.dumps(dict.fromkeys(restored_rows.NAMED, 7))}
        with database.write() as connection:
            connection.execute(insert(INSTALLATION).values(**noted))
        tokens = Tokens(["k" * 40], Restores(database).before)
        assert tokens.sign(Token(purpose, 7, 7)) == plain.sign(Token(purpose, 7, 7))
        for token in [Token(purpose, 8, 7), Token(purpose, 7, 8)][: len(NAMED[purpose])]:
            assert tokens.read(plain.sign(token)) is None
            assert tokens.read(tokens.sign(token)) == token


@pytest.mark.postgres
def test_an_archive_of_an_older_loket_has_fewer_tables(tmp_path: Path, postgres: Postgres) -> None:
    """What is not there yet has no row: whatever comes to be in it is younger than the restore."""
    there = {"conversation", "message", "ticket", "officer"}
    for url in (f"sqlite:///{tmp_path / 'old.db'}", postgres.bare()):
        with closing(Database(url, tmp_path)) as database:
            schema.upgrade(database, "0003")
            with database.write() as connection:
                restored_rows.close_numbers(connection, there)
                (noted,) = restored_rows.closed(connection).values()
            assert noted == dict.fromkeys(there, 0)
            tokens = Tokens(["k" * 40], Restores(database).before)
            assert tokens.read(Tokens(["k" * 40]).sign(Token(Purpose.DOWNLOAD, 1))) is None


def test_a_note_of_large_numbers_has_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A value of the installation has 255 letters at most, which PostgreSQL counts."""
    monkeypatch.setattr(restored_rows, "_highest", lambda *_: 10**12)
    with closing(Database(f"sqlite:///{tmp_path / 'big.db'}", tmp_path)) as database:
        schema.upgrade(database)
        with database.write() as connection:
            restored_rows.close_numbers(connection, restored_rows.NAMED)
            key, value = connection.execute(select(INSTALLATION)).one()
    assert len(key) <= 32
    assert len(value) <= 255
