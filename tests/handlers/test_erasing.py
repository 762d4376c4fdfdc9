"""A person is erased: the whole database and all files are searched for them, and they still count."""

import json
import os
import re
from contextlib import closing
from dataclasses import dataclass
from email.message import EmailMessage
from hashlib import sha256
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select, update

from bot import periods
from handlers import backups, erasing, erasure_journal, officer, reports
from handlers.cli import main
from handlers.mailroom import handling
from storage import mails, officers, people, unwanted
from storage.columns import table
from storage.db import Database
from storage.files import Files
from storage.inbox import View
from storage.tables import Address, Contact, Message, Rating, Ticket, TicketEvent
from tests.driver import SID, Desk, environment, form_of, reader
from tests.handlers.whole import found

ADDRESS, CONTACT, MESSAGE, RATING = table(Address), table(Contact), table(Message), table(Rating)
TICKET, EVENT = table(Ticket), table(TicketEvent)
PHONE, MAIL = "+6281777000111", "zulkarnaen@pribadi.contoh"
OTHER_PHONE, OTHER_MAIL = "+6281777000222", "lain@contoh.id"
# What is only this person's: names, ways, and words of their own in every place they can be written.
THEIRS = (
    *("81777000111", "zulkarnaen", "pribadi.contoh", "profilzul", "kapulaga", "keluhanzul", "kesanzul"),
    *("cariankhas", "lampiranzul", "catatanzul", "jawabanzul", "judulzul", "SMzul", "suratzul", "rencanazul"),
)
YEAR = periods.of_year(2026)[2]


def letter(extra: str = "") -> bytes:
    """A mail with a file, which names its writer everywhere."""
    mail = EmailMessage()
    mail["From"], mail["To"] = f"Zulkarnaen <{MAIL}>", "bps6571@bps.go.id"
    mail["Subject"], mail["Message-ID"] = "Judulzul data inflasi", "<suratzul1@pribadi.contoh>"
    if extra:
        mail["X-Moved"] = extra
    mail.set_content(
        f"Mohon data inflasi Tarakan 2023, kapulaga. Nama Zulkarnaen. HP {PHONE}\n" + "x" * 70_000
    )
    mail.add_attachment(b"%PDF-1.4 lampiranzul", "application", "pdf", filename="lampiranzul.pdf")
    return mail.as_bytes()


@dataclass
class Played:
    """A desk with one person who has done everything there is to do, and a neighbour."""

    desk: Desk
    contact: int
    neighbour: int
    raw: bytes

    def erase(self) -> bool:
        done = erasing.erase(self.desk.runtime, "6571", self.contact, None)
        erasing.clean_up(self.desk.runtime.database, self.desk.runtime.files)
        return done


def _contact_of(desk: Desk, value: str) -> int:
    with desk.runtime.database.read() as connection:
        wanted = select(ADDRESS.c.contact_id).where(ADDRESS.c.value == value)
        return int(connection.execute(wanted).scalars().one())


def _post(desk: Desk, sid: str, text: str, phone: str = PHONE, profile: str = "Profilzul") -> None:
    desk.clock.forward(minutes=1)
    desk.twilio.citizen_writes(phone, "+6285183106571", text, sid=sid, profile_name=profile, more={})


def _chats(desk: Desk, sid: str, phone: str, name: str, profile: str, words: str) -> None:
    lines = [
        *("halo", "1", name, "1", "2", f"{words}@pribadi.contoh" if name == "Zulkarnaen" else OTHER_MAIL),
        *(f"Mohon data {words} luas panen padi Tarakan 2021-2024 untuk skripsi", "untuk skripsi", "ya"),
    ]
    for number, line in enumerate(lines):
        _post(desk, f"{sid}{number}", line, phone, profile)


# What differs between databases is played on both: what goes, and what must not come again.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def played(desk: Desk) -> Played:
    _chats(desk, "SMzul", PHONE, "Zulkarnaen", "Profilzul", "kapulaga")
    supervisor = desk.officer("rahma", "6571")
    ticket = desk.tickets()[-1].id
    desk.replies("Jawabanzul: terlampir untuk Bapak Zulkarnaen", ticket)
    officer.note(desk.runtime, supervisor, ticket, "catatanzul tentang Zulkarnaen", "f" * 36)
    desk.settle()
    desk.closes(ticket)
    _post(desk, "SMzul90", "4 kesanzul bagus sekali")
    for number, line in enumerate(("pengaduan", "keluhanzul petugas lambat membalas surat kami", "ya")):
        _post(desk, f"SMzul{91 + number}", line)
    _chats(desk, "SMlain", OTHER_PHONE, "Tetangga", "Lain", "mentimun")
    raw = letter()
    desk.mail_arrives(raw, "6571")
    desk.settle()
    chat, mail = _contact_of(desk, PHONE), _contact_of(desk, MAIL)
    with desk.runtime.database.write() as connection:
        rows = people.lock(connection, (chat, mail))
        told = people.merge(connection, rows[chat], rows[mail], desk.clock(), silence=True)
        officers.record(connection, people.MERGED, desk.clock(), supervisor, told)
    return Played(desk, chat, _contact_of(desk, OTHER_PHONE), raw)


def _report(desk: Desk) -> str:
    view = View("6571", desk.officer("rahma", "6571"), complaints=True)
    with desk.runtime.database.read() as connection:
        return repr(reports.assemble(desk.runtime, connection, view, YEAR))


def _close_all(desk: Desk) -> None:
    for row in desk.tickets():
        if row.status == "open":
            desk.closes(row.id)
    desk.settle()


def _age_files(desk: Desk) -> None:
    for path in Path(desk.runtime.settings.data_dir / "files").rglob("*"):
        os.utime(path, (0, 0))


def test_nothing_of_them_is_left_and_everything_of_others(played: Played) -> None:
    desk = played.desk
    before = found(desk.runtime, THEIRS)
    for place in (
        "contact.name",
        "message.body",
        "message.raw",
        "mail.author",
        "ticket.subject",
        "rating.comment",
    ):
        assert any(each.startswith(place) for each in before), place
    assert any("lampiranzul" in each and "." not in each.split(":")[0] for each in before)
    others = found(desk.runtime, ["mentimun", OTHER_PHONE, "tetangga"])
    _age_files(desk)
    assert played.erase()
    assert found(desk.runtime, THEIRS) == set()
    assert found(desk.runtime, ["mentimun", OTHER_PHONE, "tetangga"]) == others
    assert not played.erase()


@on_sqlite
def test_reports_of_the_past_stay_equal(played: Played) -> None:
    desk = played.desk
    _close_all(desk)
    before = _report(desk)
    numbers = [row.reference for row in desk.tickets()]
    assert played.erase()
    assert _report(desk) == before
    assert [row.reference for row in desk.tickets()] == numbers
    with desk.runtime.database.read() as connection:
        assert connection.execute(select(func.max(RATING.c.score))).scalar() == 4


@on_sqlite
def test_an_open_ticket_is_closed_and_says_so(played: Played) -> None:
    desk = played.desk
    mine = {row.id for row in desk.tickets() if row.contact_id == played.contact}
    assert played.erase()
    rows = [row for row in desk.tickets() if row.id in mine]
    assert {row.status for row in rows} == {"closed"}
    assert "erased" in {row.close_reason for row in rows}
    assert [row.status for row in desk.tickets() if row.id not in mine] == ["open"]
    refused = desk.replies("Masih ada pertanyaan?", rows[0].id)
    assert refused is not None


def test_it_does_not_come_back_by_what_comes_again(played: Played) -> None:
    """The provider repeats its webhooks and reports, and the mail server counts its mails anew."""
    desk = played.desk
    left = [row for row in desk.messages("out") if row.address == PHONE and row.external_id]
    reports_of = [(row.external_id, row.mid) for row in left]
    assert reports_of
    _age_files(desk)
    assert played.erase()
    for number in range(9):
        form = form_of(
            "halo kapulaga", "+6285183106571", PHONE, sid=f"SMzul{number}", ProfileName="Profilzul"
        )
        assert desk.post(form) == 200
    for sid, mid in reports_of:
        form = {"MessageSid": sid, "MessageStatus": "read", "AccountSid": SID, "To": f"whatsapp:{PHONE}"}
        form |= {"From": "whatsapp:+6285183106571"}
        desk.post(form, f"/webhooks/whatsapp/status?mid={mid}")
    _walk_again(desk, played.raw, 1)
    _walk_again(desk, letter("to another server"), 2)
    desk.settle()
    _age_files(desk)
    erasing.clean_up(desk.runtime.database, desk.runtime.files)
    assert found(desk.runtime, THEIRS) == set()
    with desk.runtime.database.read() as connection:
        assert unwanted.waiting(connection) == []


def _walk_again(desk: Desk, raw: bytes, uid: int) -> None:
    """The mailbox is read from the beginning after the server has begun to count anew."""
    row = {"office": "6571", "uid": uid, "size": len(raw), "whole": True, "raw": None}
    row |= {"sha256": desk.runtime.files.put(raw), "received_at": desk.clock()}
    with desk.runtime.database.write() as connection:
        mails.keep(connection, "bps6571", [row], 77, uid, desk.clock())
    handling.handle_waiting(desk.runtime, reader(handling.ours(desk.runtime)), "bps6571")


@on_sqlite
def test_who_writes_again_is_somebody_new(played: Played) -> None:
    desk = played.desk
    assert played.erase()
    _post(desk, "SMbaru1", "halo")
    assert _contact_of(desk, PHONE) not in {played.contact, played.neighbour}
    assert [row.body for row in desk.messages() if row.address == PHONE] == ["halo"]


@on_sqlite
def test_a_restored_backup_forgets_again(played: Played, tmp_path: Path) -> None:
    """As an old backup would bring them back: the journal knows who it was, and confuses them with nobody."""
    desk, runtime = played.desk, played.desk.runtime
    with runtime.database.read() as connection:
        row = connection.execute(select(CONTACT).where(CONTACT.c.id == played.contact)).one()
    journal = tmp_path / "journal.jsonl"
    lines = [
        {"office": "6571", "contact": played.contact, "created_at": row.created_at.isoformat()},
        {"office": "6571", "contact": played.neighbour, "created_at": row.created_at.isoformat()},
        {"contact": "?"},
    ]
    journal.write_text("".join(json.dumps(line) + "\n" for line in lines) + "half a li", "utf-8")
    _age_files(desk)
    assert erasing.again(runtime.database, runtime.files, journal, desk.clock()) == 1
    assert found(runtime, THEIRS) == set()
    assert found(runtime, ["mentimun"])
    assert erasing.again(runtime.database, runtime.files, journal, desk.clock()) == 0
    assert erasing.again(runtime.database, runtime.files, tmp_path / "none", desk.clock()) == 0


@on_sqlite
def test_the_journal_names_numbers_moments_and_marks_only(played: Played) -> None:
    assert played.erase()
    path = played.desk.runtime.settings.data_dir / erasure_journal.JOURNAL
    first, *lines = (json.loads(line) for line in path.read_text("utf-8").splitlines())
    marks = first.pop("marks")
    assert len(marks) > 10
    assert all(re.fullmatch("[0-9a-f]{64}", mark) for mark in marks)
    assert {frozenset(line) for line in (first, *lines)} == {frozenset({"office", "contact", "created_at"})}
    assert played.contact in {line["contact"] for line in (first, *lines)}
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("fault", [SystemExit, OSError])
def test_nobody_is_erased_whom_the_journal_does_not_name(
    played: Played, monkeypatch: pytest.MonkeyPatch, fault: type[BaseException]
) -> None:
    """The process is ended there, or the disk is full: all of it is done another time."""
    path = played.desk.runtime.settings.data_dir / erasure_journal.JOURNAL
    with monkeypatch.context() as patched:
        patched.setattr(erasure_journal, "write", Mock(side_effect=fault))
        with pytest.raises(fault):
            played.erase()
    assert _contact_of(played.desk, PHONE) == played.contact
    assert played.erase()
    assert played.contact in {line.contact for line in erasure_journal.read(path)}


def test_the_journal_names_them_before_they_are_gone(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process is ended as soon as the database has it."""
    dialect = played.desk.runtime.database.engine.dialect
    commit, ended = dialect.do_commit, [SystemExit()]

    def ends(connection: Any) -> None:
        commit(connection)
        if ended:
            raise ended.pop()

    monkeypatch.setattr(dialect, "do_commit", ends)
    with pytest.raises(SystemExit):
        played.erase()
    path = played.desk.runtime.settings.data_dir / erasure_journal.JOURNAL
    (first, *_) = lines = list(erasure_journal.read(path))
    assert played.contact in {line.contact for line in lines}
    assert first.marks
    assert not played.erase()


@on_sqlite
def test_what_a_full_disk_cut_off_spoils_no_other_line(played: Played) -> None:
    path = played.desk.runtime.settings.data_dir / erasure_journal.JOURNAL
    path.write_text('{"office": "6571", "contact": 1, "crea', "utf-8")
    assert played.erase()
    lines = list(erasure_journal.read(path))
    assert played.contact in {line.contact for line in lines}
    assert lines[0].marks
    path.write_text('{"contact": 1, "created_at": "x", "marks": ["y", 3]}\n[]\n{"contact": 2, "marks": 3}\n')
    assert list(erasure_journal.read(path)) == []


@pytest.mark.parametrize("older", [False, True])
def test_a_restore_lets_no_mailbox_bring_them_back(older: bool, played: Played, tmp_path: Path) -> None:
    """They wrote after the backup, and the mailbox is read anew from where it stood then."""
    desk, runtime = played.desk, played.desk.runtime
    archive, journal = tmp_path / "backup.tar", runtime.settings.data_dir / erasure_journal.JOURNAL
    backups.make(runtime.database, runtime.files, None, archive, desk.clock())
    late = letter("late").replace(b"suratzul1", b"suratzul2")
    desk.mail_arrives(late, "6571")
    desk.settle()
    assert played.erase()
    if older:
        journal.write_text(re.sub(', "marks": \\[[^]]*\\]', "", journal.read_text("utf-8")), "utf-8")
    with closing(Database(f"sqlite:///{tmp_path / 'again.db'}", tmp_path / "again")) as database:
        files = Files(tmp_path / "again" / "files")
        backups.restore(database, files, archive, desk.clock(), skip=50, offices=("7411", "6571"))
        assert erasing.again(database, files, journal, desk.clock()) == 1
        row = {"office": "6571", "uid": 99, "size": len(late), "whole": True, "raw": None}
        row |= {"sha256": files.put(late), "received_at": desk.clock()}
        with database.write() as connection:
            assert mails.keep(connection, "bps6571", [row], 1, 99, desk.clock()) == older


@on_sqlite
def test_a_file_that_somebody_else_sent_stays(played: Played) -> None:
    desk, runtime = played.desk, played.desk.runtime
    name = sha256(b"%PDF-1.4 lampiranzul").hexdigest()
    with runtime.database.write() as connection:
        media = [{"file": name, "name": "x.pdf"}]
        theirs = MESSAGE.c.address == OTHER_PHONE
        connection.execute(update(MESSAGE).where(theirs, MESSAGE.c.direction == "in").values(media=media))
    _age_files(desk)
    assert played.erase()
    assert runtime.files.get(name) is not None


WAYS = ("{}", "0{local}", "62{local}", " +62 {a}-{b}-{c} ", "62 {a} {b} {c}", "(0{a}) {b}{c}")


@on_sqlite
@pytest.mark.parametrize("way", WAYS)
def test_the_commands_know_a_number_however_it_is_written(
    played: Played, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    for name, value in environment().items():
        monkeypatch.setenv(name, value)
    local = PHONE.removeprefix("+62")
    written = way.format(PHONE, local=local, a=local[:3], b=local[3:7], c=local[7:])
    folder = played.desk.runtime.settings.data_dir.parent
    named = ["--office", "6571", "--config", str(folder / "config.yaml")]
    said = CliRunner().invoke(main, ["export", "person", written, str(folder / "copy.zip"), *named])
    assert said.exit_code == 0, said.output
    said = CliRunner().invoke(main, ["erase", written, "--yes", *named])
    assert said.output == "erased\n"


@on_sqlite
def test_the_command_forgets_once_and_says_so(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    desk, runner = played.desk, CliRunner()
    for name, value in environment().items():
        monkeypatch.setenv(name, value)
    config = str(desk.runtime.settings.data_dir.parent / "config.yaml")
    said = runner.invoke(main, ["erase", "--config", config])
    assert "name an ADDRESS" in said.output
    said = runner.invoke(main, ["erase", PHONE, "--office", "7411", "--yes", "--config", config])
    assert "knows nobody" in said.output
    target = desk.runtime.settings.data_dir.parent / "copy.zip"
    said = runner.invoke(
        main, ["export", "person", PHONE, str(target), "--office", "6571", "--config", config]
    )
    assert said.output.startswith(f"{target}: ")
    assert target.stat().st_mode & 0o077 == 0
    said = runner.invoke(main, ["erase", PHONE, "--office", "6571", "--config", config], input="n\n")
    assert said.exit_code == 1
    said = runner.invoke(main, ["erase", MAIL, "--office", "6571", "--yes", "--config", config])
    assert said.output == "erased\n"
    said = runner.invoke(main, ["erase", "--again", "--config", config])
    assert said.output == "0 people erased anew\n"
