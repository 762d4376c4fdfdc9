"""Files that no row names leave the disk; one that a row names, or may name yet, never does."""

import os
from datetime import timedelta
from email.message import EmailMessage
from hashlib import sha256

import pytest
from sqlalchemy import update

from handlers import compose, erasing, sweeping
from handlers.web.uploads import _SECONDS_KEPT
from storage import own, unwanted
from storage.columns import table
from storage.mail_tables import Mail
from storage.media_tables import FileLink, Media
from storage.tables import Message
from tests.driver import CITIZEN, Desk

LINK, MAIL, MEDIA, MESSAGE = table(FileLink), table(Mail), table(Media), table(Message)


def letter(number: int, *, automatic: bool = False, sender: str = "zul@contoh.id", words: str = "") -> bytes:
    """A mail with a file of its own."""
    mail = EmailMessage()
    mail["From"], mail["To"] = f"Zul <{sender}>", "bps7411@bps.go.id"
    mail["Subject"], mail["Message-ID"] = "Data inflasi", f"<n{number}@contoh.id>"
    if automatic:
        mail["Auto-Submitted"] = "auto-replied"
    mail.set_content(words or "Mohon data inflasi 2023 untuk skripsi")
    mail.add_attachment(content(number), "application", "pdf", filename=f"ktp{number}.pdf")
    return mail.as_bytes()


def content(number: int) -> bytes:
    return f"%PDF-1.4 lampiran {number}".encode()


def name_of(number: int) -> str:
    return sha256(content(number)).hexdigest()


def age(desk: Desk, days: float = 9000) -> None:
    """As if every file had been put so long ago."""
    moment = compose.now().timestamp() - days * 86400
    for path in (desk.runtime.settings.data_dir / "files").rglob("*"):
        os.utime(path, (moment, moment))


def a_week_of_nights(desk: Desk) -> int:
    gone = 0
    for _ in range(7):
        desk.clock.forward(days=1)
        desk.clock.at = desk.clock.at.replace(hour=sweeping.HOUR)
        gone += sweeping.sweep(desk.runtime)
    return gone


def kept(desk: Desk) -> set[str]:
    return set(desk.runtime.files.names())


def test_a_machines_mail_leaves_its_files_in_the_mail(desk: Desk) -> None:
    desk.mail_arrives(letter(1), "7411")
    desk.mail_arrives(letter(2, automatic=True), "7411")
    assert kept(desk) == {name_of(1)}


def test_what_came_twice_keeps_its_file_and_what_was_put_aside_does_not(desk: Desk) -> None:
    desk.mail_arrives(letter(1), "7411")
    desk.mail_arrives(letter(1).replace(b"Subject:", b"X-Moved: 1\nSubject:", 1), "7411")
    no_author = letter(2).replace(b"From: Zul <zul@contoh.id>\n", b"", 1)
    desk.mail_arrives(no_author, "7411")
    with desk.runtime.database.read() as connection:
        assert set(unwanted.waiting(connection)) == {name_of(1), name_of(2)}
    age(desk)
    assert erasing.clean_up(desk.runtime.database, desk.runtime.files) == 1
    assert kept(desk) == {name_of(1)}
    with desk.runtime.database.read() as connection:
        assert unwanted.waiting(connection) == []


def test_what_lies_there_for_nobody_goes_within_a_week(desk: Desk) -> None:
    desk.mail_arrives(letter(1), "7411")
    files = desk.runtime.files
    lost = {files.put(f"tersesat {number}".encode()) for number in range(30)}
    half = files.path(name_of(1)).parent / "tmpabc"
    half.write_bytes(b"separuh")
    assert a_week_of_nights(desk) == 0
    assert lost < kept(desk), "they are young"
    assert half.exists()
    age(desk, 1.5)
    assert a_week_of_nights(desk) == 30
    assert kept(desk) == {name_of(1)}
    assert not half.exists()


def test_by_day_nothing_is_looked_for(desk: Desk) -> None:
    desk.mail_arrives(letter(1), "7411")
    desk.runtime.files.put(b"tersesat")
    age(desk)
    for hour in sorted(set(range(24)) - {sweeping.HOUR}):
        desk.clock.at = desk.clock.at.replace(hour=hour)
        assert sweeping.sweep(desk.runtime) == 0


def test_a_database_that_knows_no_file_at_all_takes_none_away(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """As one that was made new beside the files of another."""
    desk.runtime.files.put(b"dari basis data lain")
    age(desk)
    assert a_week_of_nights(desk) == 0
    assert len(kept(desk)) == 1
    assert "is it the right one?" in caplog.text


def test_what_is_put_again_while_it_is_looked_for_stays(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.mail_arrives(letter(1), "7411")
    name = desk.runtime.files.put(b"sebentar lagi disebut")
    age(desk)
    with desk.runtime.database.write() as connection:
        unwanted.note(connection, [name], desk.clock())
    named = unwanted.named

    def meanwhile(connection: object) -> object:
        found = list(named(connection))  # type: ignore[arg-type]
        desk.runtime.files.put(b"sebentar lagi disebut")
        return iter(found)

    monkeypatch.setattr(unwanted, "named", meanwhile)
    assert erasing.clean_up(desk.runtime.database, desk.runtime.files) == 0
    assert a_week_of_nights(desk) == 0
    assert name in kept(desk)


def test_files_of_every_kind_of_row_stay(desk: Desk) -> None:
    """In the list of a message, as a file from WhatsApp with its picture, as a large mail, and by a link."""
    desk.writes("halo", address=CITIZEN)
    desk.mail_arrives(letter(1, words="Mohon data inflasi 2023 untuk skripsi " + "x" * 70_000), "7411")
    files, large = desk.runtime.files, letter(2, words="x" * 70_000)
    names = [files.put(f"berkas {number}".encode()) for number in range(4)]
    big = files.put(large)
    with desk.runtime.database.write() as connection:
        message = desk.messages("in")[0]
        connection.execute(
            update(MESSAGE).where(MESSAGE.c.id == message.id).values(media=[{"file": names[0]}, {"url": "x"}])
        )
        row = {"office": "7411", "message_id": message.id, "ref": "a", "url": "", "at": desk.clock()}
        connection.execute(MEDIA.insert().values(**row, state="stored", sha256=names[1], shown=names[2]))
        link = {"office": "7411", "ticket_id": desk.tickets()[0].id, "sha256": names[3], "name": "x"}
        link |= {"kind": "x", "size": 1, "language": "id", "at": desk.clock(), "expires_at": desk.clock()}
        connection.execute(LINK.insert().values(**link))
        mail = {"office": "7411", "mailbox": "bps7411", "uidvalidity": 1, "uid": 999, "size": len(large)}
        mail |= {"whole": True, "raw": None, "sha256": big, "received_at": desk.clock(), "at": desk.clock()}
        connection.execute(MAIL.insert().values(**mail))
    age(desk)
    before = kept(desk)
    assert {*names, big} <= before
    assert a_week_of_nights(desk) == 0
    assert kept(desk) == before


def test_a_day_is_longer_than_any_file_waits_for_its_row() -> None:
    assert timedelta(seconds=_SECONDS_KEPT) < sweeping.YOUNG


def test_another_databases_folder_is_left_alone(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.mail_arrives(letter(1), "7411")
    a_week_of_nights(desk)
    stray = desk.runtime.files.put(content(9))
    age(desk)
    with desk.runtime.database.write() as connection:
        mine = own.word(connection, sweeping.MARK)
        own.put_word(connection, sweeping.MARK, "another")
    assert a_week_of_nights(desk) == 0
    assert stray in kept(desk)
    assert "belongs to another database" in caplog.text
    with desk.runtime.database.write() as connection:
        own.put_word(connection, sweeping.MARK, mine or "")
    assert a_week_of_nights(desk) == 1
    assert kept(desk) == {name_of(1)}
