"""The calendar's page: officers read it, supervisors change it after a look at what moves, and may undo."""

import io
import json
from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from bot.calendar import DayKind
from handlers import calendars, jobs
from handlers.calendar_changes import CHANGED, UNDONE, Change
from storage import calendar, officers
from storage.columns import AnyRow, table
from storage.own_tables import Audit
from storage.tables import Ticket
from tests.handlers.site import Site, running_site, token_of

PAGE = "/inbox/7411/kalender"
# Monday, 6 July 2026; a promise of today ends on Thursday the ninth.
WEDNESDAY, THURSDAY, NATIONAL_DAY = date(2026, 7, 8), date(2026, 7, 9), date(2026, 8, 17)
CLOSED = {"act": "day", "first": "2026-07-08", "kind": "closed", "name": "Banjir"}


@pytest.fixture
def filled(database_url: str, tmp_path: Path) -> Iterator[Site]:
    """The site on both databases, its calendars filled."""
    with running_site(database_url, tmp_path) as running:
        calendars.fill(running.runtime.database, running.runtime.settings.offices, running.clock())
        yield running


def days(site: Site, office: str = "7411") -> dict[date, AnyRow]:
    with site.runtime.database.read() as connection:
        return {row.day: row for row in calendar.days(connection, office)}


def audits(site: Site, what: str = CHANGED) -> list[AnyRow]:
    rows = table(Audit)
    with site.runtime.database.read() as connection:
        return list(connection.execute(select(rows).where(rows.c.what == what).order_by(rows.c.id)))


def due(site: Site) -> list[date]:
    rows = table(Ticket)
    with site.runtime.database.read() as connection:
        ends = connection.execute(select(rows.c.due_at).order_by(rows.c.id)).scalars()
        return [end.date() for end in ends if end]


def looked(client: FlaskClient, form: dict[str, Any]) -> TestResponse:
    return client.post(f"{PAGE}/periksa", data=form, content_type="multipart/form-data")


def change_in(page: str) -> str:
    return unescape(page.partition('name="change" value="')[2].partition('"')[0])


def saved(client: FlaskClient, form: dict[str, Any]) -> str:
    """Looked at, and saved; the page afterwards."""
    planned = looked(client, form)
    assert planned.status_code == 200, planned.text
    done = client.post(f"{PAGE}/simpan", data={"change": change_in(planned.text)}, follow_redirects=True)
    assert done.status_code == 200
    return done.text


def test_a_year_at_a_glance(filled: Site) -> None:
    page = filled.signed_in("officer").get(PAGE).text
    assert page.count("<caption>") == 12
    assert 'class="holiday" title="Libur nasional: Hari Kemerdekaan Republik Indonesia"' in page
    assert 'class="collective" title="Cuti bersama: Cuti Bersama Hari Suci Nyepi"' in page
    assert '<td class="today" title="hari ini"><span aria-current="date">6</span>' in page
    assert page.count('aria-current="date"') == 1
    assert "Senin, 17 Agustus" in page
    assert "daftar resmi (SKB)" in page


def test_estimates_are_marked(filled: Site) -> None:
    page = filled.signed_in("supervisor").get(f"{PAGE}?tahun=2027").text
    assert "●?" in page
    assert page.count('<span class="mark">perkiraan</span>') == 3
    assert "3 tanggal masih perkiraan" in page


@pytest.mark.parametrize("asked", ["", "abc", "99999", "-1", "٢٠٢٦", "1", "9999", "0000"])
def test_a_strange_year_is_this_one_or_the_nearest(filled: Site, asked: str) -> None:
    assert filled.signed_in("officer").get(f"{PAGE}?tahun={asked}").status_code == 200


def test_an_officer_reads_and_changes_nothing(filled: Site) -> None:
    officer = filled.signed_in("officer")
    assert "<form" not in officer.get(PAGE).text.partition("<main")[2].partition("</main>")[0]
    assert looked(officer, CLOSED).status_code == 404
    assert officer.post(f"{PAGE}/simpan", data={"change": "{}"}).status_code == 404
    assert officer.post(f"{PAGE}/urungkan", data={"id": "1"}).status_code == 404
    assert filled.signed_in("stranger").get(PAGE).status_code == 404


def test_what_would_move_is_told_before_anything_is_saved(filled: Site) -> None:
    filled.writes("petugas")
    page = looked(filled.signed_in("supervisor"), CLOSED).text
    assert "Rabu, 8 Juli 2026: kantor tutup, Banjir" in page
    assert "1 tenggat terbuka akan bergeser" in page
    assert "Kamis, 9 Juli 2026 pukul 15.30 WITA" in page
    assert "Jumat, 10 Juli 2026 pukul 16.00 WITA" in page
    assert WEDNESDAY not in days(filled)
    assert due(filled) == [THURSDAY]
    assert audits(filled) == []


def test_after_saving_what_moved_is_told_and_recorded(filled: Site) -> None:
    filled.writes("petugas")
    page = saved(filled.signed_in("supervisor"), CLOSED)
    assert "Kalender disimpan. 1 tenggat bergeser:" in page
    assert "KTM-2026-00001 → Jumat, 10 Juli 2026 pukul 16.00 WITA" in page
    assert due(filled) == [date(2026, 7, 10)]
    row = days(filled)[WEDNESDAY]
    assert (row.kind, row.name, row.source) == ("closed", "Banjir", "office")
    assert row.changed_by == filled.people["supervisor"]
    [audit] = audits(filled)
    assert audit.officer_id == filled.people["supervisor"]
    assert audit.detail["office"] == "7411"
    assert WEDNESDAY not in days(filled, "6571")


def test_nothing_that_moves_is_told_as_nothing(filled: Site) -> None:
    filled.writes("petugas")
    far = CLOSED | {"first": "2026-09-01"}
    assert "Tidak ada tenggat terbuka yang bergeser" in looked(filled.signed_in("supervisor"), far).text
    assert "Kalender disimpan. Tidak ada tenggat yang bergeser." in saved(filled.signed_in("supervisor"), far)


def test_tickets_that_are_answered_paused_or_of_another_office_are_not_counted(filled: Site) -> None:
    for number in range(3):
        filled.writes("petugas", address=f"+62812345678{number:02}")
    rows = table(Ticket)
    with filled.runtime.database.write() as connection:
        first, second, third = connection.execute(select(rows.c.id).order_by(rows.c.id)).scalars()
        for ticket, values in (
            (first, {"answered_at": filled.clock()}),
            (second, {"status": "closed"}),
            (third, {"office": "6571"}),
        ):
            connection.execute(update(rows).where(rows.c.id == ticket).values(**values))
    page = looked(filled.signed_in("supervisor"), CLOSED).text
    assert "Tidak ada tenggat terbuka yang bergeser" in page


def test_a_change_can_be_undone_for_a_day(filled: Site) -> None:
    filled.writes("petugas")
    supervisor = filled.signed_in("supervisor")
    page = saved(supervisor, CLOSED)
    assert "Perubahan terakhir (Supervisor, 09.00): Rabu, 8 Juli 2026: kantor tutup, Banjir" in page
    undone = supervisor.post(f"{PAGE}/urungkan", data={"id": audits(filled)[-1].id}, follow_redirects=True)
    assert "Perubahan dibatalkan. 1 tenggat bergeser:" in undone.text
    assert WEDNESDAY not in days(filled)
    assert due(filled) == [THURSDAY]
    assert len(audits(filled, UNDONE)) == 1
    assert "Perubahan terakhir" not in undone.text


def test_an_undoing_brings_back_what_the_office_said_before(filled: Site) -> None:
    supervisor = filled.signed_in("supervisor")
    opened = {"act": "day", "first": "2026-08-17", "kind": "open", "name": "Pelayanan 17-an"}
    saved(supervisor, opened | {"hours": "08.00-12.00"})
    saved(supervisor, opened | {"kind": "closed", "name": "Upacara"})
    supervisor.post(f"{PAGE}/urungkan", data={"id": audits(filled)[-1].id})
    row = days(filled)[NATIONAL_DAY]
    assert (row.kind, row.name, row.hours) == ("open", "Pelayanan 17-an", ["08:00-12:00"])


@pytest.mark.parametrize("number", ["", "x", "0", "-5", "999999", "1"])
def test_only_the_last_change_of_this_office_and_day_is_undone(filled: Site, number: str) -> None:
    supervisor = filled.signed_in("supervisor")
    first = saved(supervisor, CLOSED)
    assert "Perubahan terakhir" in first
    saved(supervisor, CLOSED | {"first": "2026-07-14"})
    told_ = supervisor.post(f"{PAGE}/urungkan", data={"id": number}, follow_redirects=True).text
    assert "Sudah didahului" in told_
    assert WEDNESDAY in days(filled)
    filled.clock.forward(days=1, minutes=1)
    late = filled.signed_in("supervisor")
    assert "Perubahan terakhir" not in late.get(PAGE).text
    refused = late.post(f"{PAGE}/urungkan", data={"id": audits(filled)[-1].id}, follow_redirects=True)
    assert "Sudah didahului" in refused.text


def test_another_office_s_change_is_not_undone(filled: Site) -> None:
    saved(filled.signed_in("supervisor"), CLOSED)
    stranger = filled.signed_in("stranger")
    other = stranger.post(
        "/inbox/6571/kalender/urungkan", data={"id": audits(filled)[-1].id}, follow_redirects=True
    )
    assert "Sudah didahului" in other.text
    assert WEDNESDAY in days(filled)


def test_a_day_of_the_library_that_is_changed_comes_back(filled: Site) -> None:
    supervisor = filled.signed_in("supervisor")
    saved(supervisor, {"act": "day", "first": "2026-08-17", "kind": "open", "name": "Tetap buka"})
    with filled.runtime.database.read() as connection:
        assert filled.runtime.calendars.of(connection, "7411").works(NATIONAL_DAY)
    saved(supervisor, {"act": "back", "first": "2026-08-17"})
    row = days(filled)[NATIONAL_DAY]
    assert (row.kind, row.source) == ("holiday", "library")
    assert row.name == "Hari Kemerdekaan Republik Indonesia"


def test_an_estimate_is_confirmed_as_it_stands(filled: Site) -> None:
    saved(filled.signed_in("supervisor"), {"act": "certain", "first": "2027-03-10"})
    row = days(filled)[date(2027, 3, 10)]
    assert (row.kind, row.name, row.source, row.estimated) == (
        "holiday", "Hari Raya Idul Fitri", "office", False,
    )  # fmt: skip


def test_days_in_a_row_leave_weekends_and_holidays_alone(filled: Site) -> None:
    saved(filled.signed_in("supervisor"), CLOSED | {"first": "2026-08-14", "last": "2026-08-18"})
    own = sorted(day for day, row in days(filled).items() if row.source == "office")
    assert own == [date(2026, 8, 14), date(2026, 8, 18)]


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"first": ""}, "Isi tanggalnya."),
        ({"first": "8 Juli"}, "Isi tanggalnya."),
        ({"first": "1999-01-01"}, "Tanggal itu terlalu jauh."),
        ({"last": "2026-07-01"}, "Tanggal akhir harus sesudah tanggal awal, paling lama 60 hari."),
        ({"last": "2027-07-01"}, "Tanggal akhir harus sesudah tanggal awal, paling lama 60 hari."),
        ({"kind": "pesta"}, "Pilih jenis hari."),
        ({"name": "   "}, "Isi nama atau alasannya, paling panjang 120 huruf."),
        ({"name": "x" * 121}, "Isi nama atau alasannya, paling panjang 120 huruf."),
        ({"kind": "open", "hours": "siang"}, "Jam tidak terbaca;"),
        ({"kind": "open", "hours": "13.00-15.00, 08.00-12.00"}, "Jam tidak terbaca;"),
        ({"kind": "open", "hours": "25.00-26.00"}, "Jam tidak terbaca;"),
        ({"first": "2026-07-11", "last": "2026-07-12"}, "Pada tanggal itu kantor memang tidak buka."),
        ({"act": "certain", "first": "2026-07-08"}, "Tanggal itu tidak ada di daftar."),
        ({"act": "file"}, "Pilih berkasnya dulu."),
        ({"act": "apa"}, "Pilih berkasnya dulu."),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(filled: Site, form: dict[str, str], why: str) -> None:
    before = days(filled)
    answer = looked(filled.signed_in("supervisor"), CLOSED | form)
    assert answer.status_code == 422
    assert why in answer.text
    assert days(filled) == before


BACKWARDS = json.dumps(
    {"add": [{"name": "R", "first": "2026-03-02", "last": "2026-03-01", "hours": {"mon": ["08:00-12:00"]}}]}
)


@pytest.mark.parametrize(
    "change",
    [
        "", "{}", "[]", "x", '{"days": {"2026-07-08": {"kind": "pesta", "name": "x"}}}',
        '{"days": {"1800-07-08": null}}', '{"days": {"2026-07-08": {"kind": "open", "name": ""}}}',
        '{"days": {"2026-07-08": {"kind": "open", "name": "x", "hours": ["9-5"]}}}', '{"office": "6571"}',
        BACKWARDS,
        '{"add": [{"name": "R", "first": "2026-03-01", "last": "2026-03-02", "hours": {}}]}',
        json.dumps({"days": dict.fromkeys(str(date(2026, 1, 1) + timedelta(days=n)) for n in range(1001))}),
    ],
)  # fmt: skip
def test_a_form_that_was_tampered_with_changes_nothing(filled: Site, change: str) -> None:
    before = days(filled)
    answer = filled.signed_in("supervisor").post(f"{PAGE}/simpan", data={"change": change})
    assert answer.status_code == 422
    assert "Formulir ini tidak lengkap." in answer.text
    assert days(filled) == before


RAMADAN = {
    "act": "season", "name": "Ramadan", "first": "2027-02-08", "last": "2027-03-09",
    **dict.fromkeys(("mon", "tue", "wed", "thu"), "08.00-12.00, 12.30-15.00"),
    "fri": "08.00-11.30, 12.30-15.30",
}  # fmt: skip


def test_a_season_is_added_shown_and_removed(filled: Site) -> None:
    supervisor = filled.signed_in("supervisor")
    page = saved(supervisor, RAMADAN)
    assert (
        "Senin–Kamis 08.00–12.00, 12.30–15.00 · Jumat 08.00–11.30, 12.30–15.30 · Sabtu–Minggu tutup" in page
    )
    with filled.runtime.database.read() as connection:
        known = filled.runtime.calendars.of(connection, "7411")
        assert known.closing(date(2027, 2, 8)).hour == 7  # 15.00 in Makassar
        assert known.closing(date(2027, 2, 4)).minute == 30
    saved(supervisor, {"act": "no_season", "first": "2027-02-08"})
    assert "Belum ada. Jam khusus" in supervisor.get(PAGE).text
    supervisor.post(f"{PAGE}/urungkan", data={"id": audits(filled)[-1].id})
    assert "Senin–Kamis 08.00–12.00, 12.30–15.00" in supervisor.get(PAGE).text


@pytest.mark.parametrize("first", ["2027-01-01", "2027-03-09", "2027-02-20"])
def test_seasons_do_not_overlap(filled: Site, first: str) -> None:
    supervisor = filled.signed_in("supervisor")
    planned = change_in(looked(supervisor, RAMADAN | {"first": first, "last": "2027-04-01"}).text)
    saved(supervisor, RAMADAN)
    refused = looked(supervisor, RAMADAN | {"first": first, "last": "2027-04-01"})
    assert (refused.status_code, "bertumpuk" in refused.text) == (422, True)
    late = supervisor.post(f"{PAGE}/simpan", data={"change": planned})
    assert (late.status_code, "bertumpuk" in late.text) == (422, True)


def test_a_season_needs_a_day_that_is_worked(filled: Site) -> None:
    nothing = {"act": "season", "name": "Libur", "first": "2027-02-08", "last": "2027-03-09"}
    answer = looked(filled.signed_in("supervisor"), nothing)
    assert "sedikitnya satu hari harus buka" in answer.text


def test_ramadan_is_proposed_before_its_feast(filled: Site) -> None:
    page = filled.signed_in("supervisor").get(f"{PAGE}?tahun=2026").text
    assert 'name="first" required value="2026-02-19"' in page
    assert 'name="last" required value="2026-03-20"' in page
    assert 'name="fri" value="08.00–11.30, 12.30–15.30"' in page


def test_a_file_that_was_written_here_changes_nothing(filled: Site) -> None:
    supervisor = filled.signed_in("supervisor")
    file = supervisor.get(f"{PAGE}/kalender.csv")
    assert file.headers["Content-Disposition"] == 'attachment; filename="kalender-7411.csv"'
    assert file.data.startswith(b"\xef\xbb\xbftanggal,jenis,nama,jam,sumber,perkiraan\r\n")
    again = looked(supervisor, {"act": "file", "file": (io.BytesIO(file.data), "k.csv")})
    assert "Tidak ada yang berubah" in again.text


def test_a_file_is_read_in_as_a_whole(filled: Site) -> None:
    content = (
        "tanggal;jenis;nama;jam\n18/08/2026;Cuti Bersama;HUT RI;\n2026-08-22;buka;Sabtu buka;08.00-12.00\n"
    )
    saved(filled.signed_in("supervisor"), {"act": "file", "file": (io.BytesIO(content.encode()), "k.csv")})
    now = days(filled)
    assert now[date(2026, 8, 18)].kind == "collective"
    assert now[date(2026, 8, 22)].hours == ["08:00-12:00"]


def test_every_bad_line_of_a_file_is_told_and_nothing_is_taken(filled: Site) -> None:
    lines = ("2026-08-18,tutup,Baik", "31/02/2026,tutup,x", "2026-08-19,pesta,x", "2026-08-20,tutup,")
    content = "\n".join(("tanggal,jenis,nama", *lines))
    answer = looked(
        filled.signed_in("supervisor"), {"act": "file", "file": (io.BytesIO(content.encode()), "k.csv")}
    )
    assert answer.status_code == 422
    for line in ("Baris 3: tanggal tidak terbaca", "Baris 4: jenis harus", "Baris 5: nama harus diisi"):
        assert line in answer.text
    assert "Baris 2" not in answer.text
    assert date(2026, 8, 18) not in days(filled)


def test_supervisors_are_told_what_is_lacking_and_officers_are_not_nagged(filled: Site) -> None:
    jobs.look_at_calendars(filled.runtime)
    banner = "Kalender kantor perlu dilengkapi: 3 tanggal masih perkiraan dan jam layanan belum dikonfirmasi"
    page = filled.signed_in("supervisor").get("/inbox/7411").text
    assert banner in page
    assert f'<a href="{PAGE}">Buka kalender</a>' in page
    assert banner not in filled.signed_in("officer").get("/inbox/7411").text


def test_confirming_the_last_estimate_settles_that_part_at_once(filled: Site) -> None:
    jobs.look_at_calendars(filled.runtime)
    supervisor = filled.signed_in("supervisor")
    for day in ("2027-03-10", "2027-03-11", "2027-05-17"):
        saved(supervisor, {"act": "certain", "first": day})
    page = supervisor.get("/inbox/7411").text
    assert "masih perkiraan" not in page
    assert "jam layanan belum dikonfirmasi" in page


def test_a_form_without_its_token_changes_nothing(guarded: Site) -> None:
    supervisor = guarded.signed_in("supervisor")
    change = Change.model_validate({"days": {"2026-07-08": {"kind": DayKind.CLOSED, "name": "Banjir"}}})
    form = {"change": change.model_dump_json()}
    assert supervisor.post(f"{PAGE}/simpan", data=form).status_code == 400
    assert days(guarded) == {}
    token = token_of(supervisor.get(PAGE).text)
    done = supervisor.post(f"{PAGE}/simpan", data=form | {"csrf_token": token})
    assert done.status_code == 303
    assert WEDNESDAY in days(guarded)


def test_the_page_speaks_english_too(filled: Site) -> None:
    supervisor = filled.signed_in("supervisor")
    with filled.runtime.database.write() as connection:
        officers.set_language(connection, filled.people["supervisor"], "en")
    page = supervisor.get(PAGE).text
    assert "Special days of 2026" in page
    assert "National holiday" in page
