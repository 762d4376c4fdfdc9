"""A backup, made while the desk runs, and a desk made from it: on either database, page by page equal."""

import gzip
import io
import json
import os
import re
import tarfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select, update

from handlers import backups, compose
from handlers.cli import main
from handlers.commands.backups import SKIPPED
from handlers.settings import load
from handlers.web.app import create_app
from storage import schema, search
from storage.columns import Base, table
from storage.db import Database
from storage.files import Files
from storage.tables import Message, Series, Ticket
from tests.databases import Postgres
from tests.driver import environment, write_config
from tests.handlers.site import Site, running_site
from tests.handlers.test_worker import wait_for

NOW = datetime(2026, 7, 6, 2, 0, tzinfo=UTC)
MESSAGE, TICKET, SERIES = table(Message), table(Ticket), table(Series)
OFFICES = ("7411", "6302")
_numbers = count(1)
# What is another one at every look.
_CHANGES = re.compile(r'name="(?:csrf[_-]token|form_id)"[^>]*>|nonce="[^"]+"')
ODD = "Mohon data PDRB 2023 kabupaten Kolaka Timur untuk skripsi 'é' \u2028 \\ \t \"akhir\""
PAGES = (
    *("", "?list=open", "?list=complaints", "?q=skripsi", "/tickets/{ticket}", "/tickets/{other}"),
    *("/laporan", "/kalender", "/jadwal", "/pengaduan", "/kepuasan", "/jawaban"),
)


def letter() -> bytes:
    """A mail with a file that a row names by its hash."""
    mail = EmailMessage()
    mail["From"], mail["To"] = "Ani <ani@contoh.id>", "bps7411@bps.go.id"
    mail["Subject"], mail["Message-ID"] = "Data inflasi", "<satu@contoh.id>"
    mail.set_content("Mohon data inflasi Kolaka Timur 2024 untuk skripsi.")
    mail.add_attachment(b"%PDF-1.4 surat", "application", "pdf", filename="surat.pdf")
    return mail.as_bytes()


def played(site: Site) -> None:
    """A day of the desk: a letter with a file, a complaint, a ticket that refers to a later one."""
    first = site.asks(ODD)
    second = site.asks(address="+6281299998888")
    site.complains()
    site.mail_arrives(letter())
    with site.runtime.database.write() as connection:
        connection.execute(update(MESSAGE).where(MESSAGE.c.direction == "out").values(delivery="delivered"))
        connection.execute(update(TICKET).where(TICKET.c.id == first).values(merged_into=second))


@pytest.fixture
def busy(database_url: str, tmp_path: Path) -> Iterator[Site]:
    """The site on either database after a day."""
    with running_site(database_url, tmp_path) as site:
        played(site)
        yield site


@pytest.fixture
def made(site: Site, tmp_path: Path) -> Path:
    """The backup of a day on SQLite."""
    played(site)
    return backed_up(site, tmp_path / "backup.tar").path


def backed_up(site: Site, target: Path) -> backups.Made:
    """A backup of the site."""
    return backups.make(site.runtime.database, site.runtime.files, None, target, NOW)


def rows(database: Database) -> dict[str, list[Any]]:
    """Every row of every table, in the order of its key, without the notes of restores."""
    with database.read() as connection:
        found = {
            one.name: [tuple(row) for row in connection.execute(select(one).order_by(*one.primary_key))]
            for one in Base.metadata.sorted_tables
        }
    return found | {"installation": [row for row in found["installation"] if "restored" not in row[0]]}


def bare(kind: str, folder: Path, request: pytest.FixtureRequest) -> str:
    """The address of a database of this kind without a table."""
    if kind == "sqlite":
        return f"sqlite:///{folder / 'again.db'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.bare()


def seen(site: Site, pages: Sequence[str]) -> list[str]:
    """What a supervisor sees on these pages."""
    client = site.signed_in("supervisor")
    answers = [client.get(page, follow_redirects=True) for page in pages]
    refused = [page for page, answer in zip(pages, answers, strict=True) if answer.status_code != 200]
    assert refused == []
    return [_CHANGES.sub("", answer.text) for answer in answers]


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_a_desk_comes_back_on_either_database(
    busy: Site, kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    done = backed_up(busy, tmp_path / "backup.tar")
    assert (done.files, done.rows["ticket"], done.rows["mail"]) == (1, 4, 1)
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    with closing(Database(bare(kind, fresh, request), fresh / "data")) as database:
        files = Files(fresh / "data" / "files")
        told = backups.restore(database, files, done.path, NOW, skip=0, offices=("7411",))
        assert (told.at, told.files, told.rows) == (NOW, 1, done.rows)
        assert rows(database) == rows(busy.runtime.database)
        assert schema.differences(database) == []
        assert search.catch_up(database) == 0, "search is back"

    tickets = {"ticket": busy.newest_ticket(), "other": busy.newest_ticket() - 2}
    pages = [f"/inbox/7411{page.format(**tickets)}" for page in PAGES]
    with running_site_again(str(database.url), fresh, busy) as again:
        for page, there, here in zip(pages, seen(again, pages), seen(busy, pages), strict=True):
            assert there.splitlines() == here.splitlines(), page
        file = re.search(r'href="([^"]*/files/[^"]*)"', "".join(seen(again, pages)))
        assert file is not None
        with again.signed_in("supervisor").get(file[1]) as answer:
            assert answer.data == b"%PDF-1.4 surat"
        found = again.signed_in("supervisor").get("/inbox/7411?q=skripsi").text
        assert "KTM-2026-00001" in found
        assert again.asks(address="+6281299997777") == tickets["ticket"] + 1, "numbers go on"


@contextmanager
def running_site_again(url: str, folder: Path, before: Site) -> Iterator[Site]:
    """The site on what was restored, with the people it had."""
    settings = load(write_config(folder, url), environment())
    runtime = compose.compose(settings, environment(), clock=before.clock)
    app = create_app(runtime)
    app.config.update(WTF_CSRF_ENABLED=False, SESSION_COOKIE_SECURE=False)
    with closing(runtime.database):
        yield Site(runtime, before.clock, app, before.people)


def messages(site: Site) -> int:
    """How many there are."""
    with site.runtime.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table(Message))).scalar_one())


def test_nobody_stops_for_a_backup_and_it_is_of_one_moment(busy: Site, tmp_path: Path) -> None:
    """While citizens write, no row in the archive refers to one that is not there."""
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            busy.asks(address=f"+62812{next(_numbers):08d}")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = [backed_up(busy, tmp_path / "0.tar")]
        for number in (1, 2):
            wait_for(lambda: messages(busy) > made[-1].rows["message"])  # writing goes on
            made.append(backed_up(busy, tmp_path / f"{number}.tar"))
    finally:
        stop.set()
        writer.join()
    assert made[0].rows["message"] < made[1].rows["message"] < made[2].rows["message"]
    for number, one in enumerate(made):
        folder = tmp_path / f"again{number}"
        restored(one.path, folder)
        with opened(folder) as database, database.read() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []


@contextmanager
def opened(folder: Path) -> Iterator[Database]:
    """The SQLite database in *folder*."""
    database = Database(f"sqlite:///{folder / 'again.db'}", folder)
    try:
        yield database
    finally:
        database.close()


def restored(archive: Path, folder: Path, *, skip: int = 0, now: datetime = NOW) -> None:
    """A new SQLite database in *folder* from *archive*."""
    with opened(folder) as database:
        backups.restore(database, Files(folder / "files"), archive, now, skip=skip, offices=OFFICES)


def test_what_may_have_left_since_is_doubted_and_numbers_are_not_given_twice(
    site: Site, tmp_path: Path
) -> None:
    site.asks()
    with site.runtime.database.write() as connection:
        first = select(MESSAGE.c.id).where(MESSAGE.c.direction == "out").limit(1).scalar_subquery()
        connection.execute(update(MESSAGE).where(MESSAGE.c.id == first).values(delivery="sending"))
    restored(backed_up(site, tmp_path / "backup.tar").path, tmp_path / "again", skip=50)
    with opened(tmp_path / "again") as database, database.read() as connection:
        out = select(MESSAGE.c.delivery, MESSAGE.c.next_try_at).where(MESSAGE.c.direction == "out")
        assert set(connection.execute(out).all()) == {("unknown", NOW)}
        one = select(SERIES.c.last).where(SERIES.c.office == "7411", SERIES.c.kind == "consultation")
        assert connection.execute(one).scalars().all() == [51]


def altered(archive: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The archive with its members changed."""
    with tarfile.open(archive) as tar:
        members = {one.name: found.read() for one in tar if (found := tar.extractfile(one))}
    change(members)
    target = archive.with_name("altered.tar")
    with tarfile.open(target, "w") as tar:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return target


def without_manifest(members: dict[str, bytes]) -> None:
    del members["manifest.json"]


def one_row_less(members: dict[str, bytes]) -> None:
    lines = gzip.decompress(members["tables/contact.jsonl.gz"]).splitlines(keepends=True)
    _put(members, "contact", b"".join(lines[:-1]))


def another_letter(members: dict[str, bytes]) -> None:
    packed = gzip.decompress(members["tables/contact.jsonl.gz"])
    members["tables/contact.jsonl.gz"] = gzip.compress(packed.replace(b"7411", b"7412"))


def no_row(members: dict[str, bytes]) -> None:
    _put(members, "contact", gzip.decompress(members["tables/contact.jsonl.gz"]) + b'{"id": 7}\n')


def strange_column(members: dict[str, bytes]) -> None:
    _put(members, "contact", b'[["shoe_size","plain"]]\n')


def strange_table(members: dict[str, bytes]) -> None:
    _told(members, lambda told: told["sha256"].update(shoes="0"))


def newer(members: dict[str, bytes]) -> None:
    _told(members, lambda told: told.update(revision="9999"))


def another_format(members: dict[str, bytes]) -> None:
    _told(members, lambda told: told.update(format=2))


def no_json(members: dict[str, bytes]) -> None:
    members["manifest.json"] = b"{"


def another_file(members: dict[str, bytes]) -> None:
    name = next(name for name in members if name.startswith("files/"))
    members[name] += b"!"


def _told(members: dict[str, bytes], change: Callable[[dict[str, Any]], object]) -> None:
    told = json.loads(members["manifest.json"])
    change(told)
    members["manifest.json"] = json.dumps(told).encode()


def _put(members: dict[str, bytes], name: str, lines: bytes) -> None:
    packed = gzip.compress(lines)
    members[f"tables/{name}.jsonl.gz"] = packed
    _told(members, lambda told: told["sha256"].update({name: sha256(packed).hexdigest()}))


BROKEN = {
    without_manifest: "manifest.json is missing",
    one_row_less: "contact has",
    another_letter: "the rows of contact are not what they were",
    no_row: "contact: a line is no row",
    strange_column: "contact: this Loket knows no column shoe_size",
    strange_table: "this Loket knows no table shoes",
    newer: "made by a newer Loket",
    another_format: "made by a newer Loket",
    no_json: "manifest can't be read",
    another_file: "is not what it was",
}


def test_a_damaged_backup_restores_nothing(made: Path, tmp_path: Path) -> None:
    for change, why in BROKEN.items():
        folder = tmp_path / change.__name__
        with pytest.raises(backups.Unusable, match=re.escape(why)):
            restored(altered(made, change), folder)
        with opened(folder) as database:
            assert schema.current(database) is None, "not a table is left"


def test_half_a_file_is_no_backup(made: Path, tmp_path: Path) -> None:
    whole = made.read_bytes()
    for size in (0, 100, 10_000, len(whole) // 2, len(whole) - 12_000):
        half = tmp_path / "half.tar"
        half.write_bytes(whole[:size])
        with pytest.raises(backups.Unusable):
            restored(half, tmp_path / f"of{size}")


def test_a_desk_that_is_there_is_not_written_over(made: Path, site: Site) -> None:
    before = rows(site.runtime.database)
    with pytest.raises(backups.Unusable, match="has tables already"):
        backups.restore(site.runtime.database, site.runtime.files, made, NOW, skip=0, offices=OFFICES)
    assert rows(site.runtime.database) == before


def test_a_full_disk_leaves_no_half_of_a_backup(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    played(site)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tarfile.TarFile, "addfile", full)
    with pytest.raises(OSError, match="No space"):
        backed_up(site, tmp_path / "to" / "backup.tar")
    assert list((tmp_path / "to").iterdir()) == []


def test_the_commands(made: Path, tmp_path: Path) -> None:
    """From the command line: made, pruned, restored, and every refusal a sentence."""
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    config = str(write_config(fresh, f"sqlite:///{fresh / 'again.db'}"))
    run = CliRunner(env=dict(environment())).invoke
    early = run(main, ["backup", "--config", config])
    assert (early.exit_code, "run loket migrate first" in early.output) == (1, True)
    back = run(main, ["restore", str(made), "--config", config])
    assert back.exit_code == 0, back.output
    assert f"{SKIPPED} ticket numbers of every series are left out" in back.output
    twice = run(main, ["restore", str(made), "--config", config])
    assert (twice.exit_code, "has tables already" in twice.output) == (1, True)
    folder = fresh / "kept"
    for day in ("20260101", "20260102", "20260103"):
        (folder / f"loket-{day}T000000Z.tar").parent.mkdir(exist_ok=True)
        (folder / f"loket-{day}T000000Z.tar").touch()
    done = run(main, ["backup", str(folder), "--keep", "2", "--config", config])
    assert done.exit_code == 0, done.output
    left = sorted(path.name for path in folder.iterdir())
    assert len(left) == 2
    assert left[0] == "loket-20260103T000000Z.tar"
    with tarfile.open(folder / left[1]) as archive:
        assert "config.yaml" in archive.getnames()
    assert (folder / left[1]).stat().st_mode & 0o077 == 0, "for its owner alone"


def test_a_clock_that_was_ahead_costs_no_backup(tmp_path: Path) -> None:
    """For a year after, each had been taken away as soon as it was made."""
    for name in ("20271130T021000Z", "20271129T021000Z", "20261128T021000Z", "20261129T021000Z"):
        (tmp_path / f"loket-{name}.tar").touch()
    made = tmp_path / "loket-20261129T021000Z.tar"
    assert sorted(path.name[6:14] for path in backups.prune(made, 2)) == ["20261128", "20271129"]
    assert backups.prune(made, 1) == [tmp_path / "loket-20271130T021000Z.tar"]
    assert list(tmp_path.iterdir()) == [made]


def test_what_a_broken_off_backup_has_left_goes_a_day_later(site: Site, tmp_path: Path) -> None:
    played(site)
    old, young, others = (tmp_path / f".{name}" for name in ("loket-1.tar.a", "loket-2.tar.b", "x.tar.c"))
    for path, hours in ((old, 25), (young, 1), (others, 25)):
        path.touch()
        os.utime(path, times=((NOW - timedelta(hours=hours)).timestamp(),) * 2)
    backed_up(site, tmp_path / "backup.tar")
    assert not old.exists()
    assert young.exists()
    assert others.exists()
