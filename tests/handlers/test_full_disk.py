"""No room on the disk: nothing is accepted that could not be kept, and it heals when there is room."""

import sqlite3
from contextlib import closing
from pathlib import Path
from unittest.mock import patch

import pytest

from handlers import alerts, room
from handlers.web.app import create_app
from storage import alarms
from tests.databases import SqliteTemplate
from tests.driver import SENDERS, Desk, form_of, running_desk
from tests.handlers.site import Site
from tests.handlers.test_files_along import answer, answered, by_mail
from tests.handlers.test_power_loss import kept
from tests.tape import recording


def posted(desk: Desk, number: int) -> int:
    """One citizen's words, always the same message of the same number."""
    form = form_of("petugas", SENDERS["6302"], f"+62812000{number:05d}", sid=f"SM{number:032d}")
    return desk.post(form)


@pytest.mark.usefixtures("flushing")
def test_what_finds_no_room_is_not_accepted(
    sqlite_template: SqliteTemplate, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Wherever SQLite runs out of room: 503, nothing of it is kept, and the provider's repetition is."""
    with recording() as tape, running_desk(sqlite_template.copy(tmp_path), tmp_path) as desk:
        pages = create_app(desk.runtime).test_client()
        assert posted(desk, 0) == 200
        assert pages.get("/readyz").status_code == 200
        answers = []
        for number in range(1, 25):
            tape.room = number * 4_000
            answers.append(posted(desk, number))
            desk.clock.forward(seconds=1)
        assert set(answers) == {200, 503}
        assert tape.refused
        assert (
            "the disk takes nothing more: it is full, or fails (OperationalError): answered 503"
            in caplog.text
        )
        told = pages.get("/readyz")
        assert (told.status_code, told.json["disk"]) == (503, "full")  # type: ignore[index]
        accepted = {f"SM{number:032d}" for number, code in enumerate(answers, 1) if code == 200}
        assert {row.external_id for row in desk.messages("in")} == accepted | {f"SM{0:032d}"}

        tape.room = None
        assert [posted(desk, number) for number in range(1, 25)] == [200] * 24
        desk.settle()
        assert {row.intake for row in desk.messages("in")} == {"handled"}
        assert [ticket.number for ticket in desk.tickets()] == list(range(1, 26)), "each once, without a gap"
        with patch.object(desk.runtime.database, "_refused_at", None):
            assert pages.get("/readyz").status_code == 200, "once the last refusal is a while ago"
    assert len(kept(tmp_path)) == 25


def test_little_room_is_told_before_it_is_used_up(lone: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def lasting() -> set[str]:
        alerts.look(lone.runtime)
        with lone.runtime.database.read() as connection:
            return {row.key for row in alarms.open_alarms(connection, None)}

    assert "disk_low" not in lasting()
    with monkeypatch.context() as changed:
        changed.setattr(room, "LOW", 2**62)
        assert "disk_low" in lasting()
        assert create_app(lone.runtime).test_client().get("/readyz").json["disk"] == "low"  # type: ignore[index]
    assert "disk_low" not in lasting()


def test_an_officer_s_file_that_finds_no_room_is_refused_in_words(site: Site) -> None:
    ticket, client = by_mail(site), site.signed_in("officer")
    with patch("storage.files.os.fsync", side_effect=OSError(28, "No space left on device")):
        refused = answer(site, client, ticket, (b"a;b\n", "data.csv"))
    assert "Berkas tidak dapat disimpan: disk penuh" in refused.text
    assert "Berikut datanya." in refused.text, "the officer's words are still there"
    assert answered(site, ticket) == []
    assert list(site.runtime.files.names()) == []
    assert answer(site, client, ticket, (b"a;b\n", "data.csv")).status_code == 303


def test_the_disk_s_own_words_are_known(tmp_path: Path) -> None:
    """SQLite says so in its own way where a database may not grow."""
    with closing(sqlite3.connect(tmp_path / "small.db")) as small:
        small.execute("CREATE TABLE a (b BLOB)")
        small.execute("PRAGMA max_page_count = 3")
        with pytest.raises(sqlite3.OperationalError) as caught:
            small.execute("INSERT INTO a VALUES (zeroblob(100000))")
    assert caught.value.sqlite_errorcode == sqlite3.SQLITE_FULL
