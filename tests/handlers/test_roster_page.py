"""The roster's page: supervisors plan, officers read and enter their own leave; nonsense changes nothing."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from bot.routing import Half
from storage import duty
from storage.columns import table
from storage.promise_tables import Leave
from tests.handlers.duties import TOPICS, member, on_leave, shares
from tests.handlers.filling import form
from tests.handlers.site import Site

PAGE = "/inbox/7411/jadwal"
LEAVE = table(Leave)
WEEK = {"first": "2026-07-08", "first_half": "am", "last": "2026-07-09", "last_half": "pm", "reason": "dinas"}


def _planned(site: Site) -> dict[int, Any]:
    with site.runtime.database.read() as connection:
        return dict(duty.roster(connection, "7411", site.clock().date()).duty)


def _leaves(site: Site) -> list[tuple[int, str, str, str]]:
    with site.runtime.database.read() as connection:
        rows = connection.execute(select(LEAVE).order_by(LEAVE.c.id)).all()
    return [(row.officer_id, str(row.first), str(row.last), row.reason) for row in rows]


def _plain(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_without_a_roster_everybody_is_on_duty(site: Site) -> None:
    page = _plain(site.signed_in("officer").get(PAGE).text)
    assert "Belum ada jadwal: semua petugas bertugas setiap jam layanan." in page
    assert "Sekarang bertugas (Sen, 6 Jul pagi ): Disabled, Officer, Supervisor" in page.replace(
        "pagi)", "pagi )"
    )
    assert "Sab, 11 Jul tutup" in page


def test_a_supervisor_plans_the_week(site: Site) -> None:
    officer, supervisor = site.people["officer"], site.people["supervisor"]
    ticked = [f"{officer}:0:am", f"{supervisor}:0:pm", f"{supervisor}:4:am"]
    answer = site.signed_in("supervisor").post(PAGE, data={"duty": ticked}, follow_redirects=True)
    assert "Jadwal mingguan disimpan." in answer.text
    assert _planned(site) == {officer: {(0, Half.AM)}, supervisor: {(0, Half.PM), (4, Half.AM)}}
    page = _plain(site.signed_in("officer").get(PAGE).text)
    assert "Sen, 6 Jul Officer Supervisor" in page
    assert "Sel, 7 Jul tidak ada petugas tidak ada petugas" in page
    assert site.signed_in("supervisor").post(PAGE, data={"was": ticked}).status_code == 303
    assert _planned(site) == {}


def test_an_old_page_of_the_week_takes_nothing_back(site: Site) -> None:
    officer, supervisor = site.people["officer"], site.people["supervisor"]
    client = site.signed_in("supervisor")
    client.post(PAGE, data={"duty": [f"{officer}:0:am", f"{officer}:1:am"]})
    old = form(client.get(PAGE).text, PAGE)
    assert sorted(old.getlist("was")) == sorted(old.getlist("duty")) == [f"{officer}:0:am", f"{officer}:1:am"]
    colleagues = form(client.get(PAGE).text, PAGE)
    colleagues.setlist("duty", [f"{officer}:0:am", f"{supervisor}:2:pm"])
    client.post(PAGE, data=colleagues)
    old.add("duty", f"{officer}:3:pm")
    client.post(PAGE, data=old)
    assert _planned(site) == {officer: {(0, Half.AM), (3, Half.PM)}, supervisor: {(2, Half.PM)}}


def test_an_old_page_of_the_sharing_takes_nothing_back(site: Site) -> None:
    shares(site.runtime, assign="turns", topics=TOPICS)
    officer, supervisor, place = site.people["officer"], site.people["supervisor"], f"{PAGE}/pembagian"
    client = site.signed_in("supervisor")
    client.post(place, data={"takes": [officer, supervisor], "topic": [f"{officer}:tani"]})
    old, colleagues = (form(client.get(PAGE).text, place) for _ in range(2))
    colleagues.setlist("topic", [f"{officer}:harga"])
    client.post(place, data=colleagues)
    old.setlist("takes", [str(officer)])
    client.post(place, data=old)
    mine, theirs = member(site.runtime, officer), member(site.runtime, supervisor)
    assert (mine.topics, mine.takes, theirs.takes) == (["harga"], True, False)


@pytest.mark.parametrize(
    "cell",
    ["", "x", "::", "1:7:am", "1:0:night", "-1:0:am", "9" * 30 + ":0:am", "٣:0:am", "1:٣:am", "stranger"],
)
def test_a_cell_that_is_none_is_left_out(site: Site, cell: str) -> None:
    good = f"{site.people['officer']}:1:pm"
    wrong = f"{site.people['stranger']}:0:am" if cell == "stranger" else cell
    assert site.signed_in("supervisor").post(PAGE, data={"duty": [wrong, good]}).status_code == 303
    assert _planned(site) == {site.people["officer"]: {(1, Half.PM)}}


def test_officers_read_and_do_not_plan(site: Site) -> None:
    page = site.signed_in("officer").get(PAGE).text
    assert 'name="duty"' not in page
    assert "Simpan jadwal" not in page
    assert "Simpan pembagian" not in page
    assert site.signed_in("officer").post(PAGE, data={"duty": "1:0:am"}).status_code == 404
    assert site.signed_in("officer").post(f"{PAGE}/pembagian").status_code == 404
    assert _planned(site) == {}


def test_topics_and_taking_are_kept_for_each_officer(site: Site) -> None:
    shares(site.runtime, assign="turns", cap=7, topics=TOPICS)
    officer, supervisor = site.people["officer"], site.people["supervisor"]
    told = {
        "takes": [str(officer), "x"],
        "was_takes": [str(officer), str(supervisor)],
        "topic": [f"{officer}:tani", f"{officer}:unknown", f"{supervisor}:harga"],
    }
    site.signed_in("supervisor").post(f"{PAGE}/pembagian", data=told)
    mine, theirs = member(site.runtime, officer), member(site.runtime, supervisor)
    assert (mine.topics, mine.takes) == (["tani"], True)
    assert (theirs.topics, theirs.takes) == (["harga"], False)
    page = _plain(site.signed_in("officer").get(PAGE).text)
    assert "Tiket baru diberikan bergiliran" in page
    assert "Paling banyak 7 tiket" in page


def test_an_officer_enters_and_removes_their_own_leave(site: Site) -> None:
    officer = site.people["officer"]
    client = site.signed_in("officer")
    forged = {**WEEK, "officer": str(site.people["supervisor"])}
    page = client.post(f"{PAGE}/cuti", data=forged, follow_redirects=True).text
    assert "Cuti dicatat: Rab, 8 Jul – Kam, 9 Jul." in page
    assert _leaves(site) == [(officer, "2026-07-08", "2026-07-09", "dinas")]
    assert "cuti: Officer" in _plain(page)
    with site.runtime.database.read() as connection:
        leave = connection.execute(select(LEAVE.c.id)).scalar_one()
    assert (
        "Cuti dihapus."
        in client.post(f"{PAGE}/cuti/hapus", data={"leave": str(leave)}, follow_redirects=True).text
    )
    assert _leaves(site) == []


def test_an_officer_removes_nobody_else_s_leave(site: Site) -> None:
    on_leave(site.runtime, site.people["supervisor"], "2026-07-08 am", "2026-07-09 pm")
    with site.runtime.database.read() as connection:
        leave = connection.execute(select(LEAVE.c.id)).scalar_one()
    for name, office in (("officer", "7411"), ("stranger", "6571")):
        address = f"/inbox/{office}/jadwal/cuti/hapus"
        page = site.signed_in(name).post(address, data={"leave": str(leave)}, follow_redirects=True).text
        assert "sudah tidak ada" in page
    assert len(_leaves(site)) == 1
    site.signed_in("supervisor").post(f"{PAGE}/cuti/hapus", data={"leave": str(leave)})
    assert _leaves(site) == []


def test_a_supervisor_enters_anybody_s_leave_of_the_office(site: Site) -> None:
    client = site.signed_in("supervisor")
    for name, code in (("officer", 303), ("stranger", 422), ("former", 422)):
        told = {**WEEK, "officer": str(site.people[name])}
        assert client.post(f"{PAGE}/cuti", data=told).status_code == code
    assert [one[0] for one in _leaves(site)] == [site.people["officer"]]


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"first": "2026-07-09", "last": "2026-07-10"}, "Bertumpuk dengan cuti yang sudah dicatat"),
        ({"first": "2026-07-01", "last": "2026-07-20"}, "Bertumpuk dengan cuti yang sudah dicatat"),
        ({"first": "2026-07-20", "last": "2026-07-19"}, "selesai sebelum mulai"),
        (
            {"first": "2026-07-20", "last": "2026-07-20", "first_half": "pm", "last_half": "am"},
            "sebelum mulai",
        ),
        ({"first": "2026-06-01", "last": "2026-07-05"}, "sudah lewat"),
        ({"first": "2026-07-20", "last": "2028-07-20"}, "Paling lama satu tahun"),
        ({"first": "", "last": ""}, "Isi tanggal"),
        ({"first": "kemarin", "last": "besok"}, "Isi tanggal"),
        ({"first": "2026-07-20", "last": "2026-07-21", "last_half": "malam"}, "Isi tanggal"),
    ],
)
def test_a_leave_that_can_t_be_is_refused_with_a_sentence(
    site: Site, told: dict[str, str], sentence: str
) -> None:
    on_leave(site.runtime, site.people["officer"], "2026-07-08 am", "2026-07-09 am")
    before = _leaves(site)
    form = {"first_half": "am", "last_half": "pm", "reason": "<b>dinas</b>", **told}
    answer = site.signed_in("officer").post(f"{PAGE}/cuti", data=form)
    assert answer.status_code == 422
    assert sentence in _plain(answer.text)
    assert "&lt;b&gt;dinas" in answer.text
    assert _leaves(site) == before


def test_a_leave_may_begin_where_another_ends(site: Site) -> None:
    on_leave(site.runtime, site.people["officer"], "2026-07-08 am", "2026-07-09 am")
    form = {**WEEK, "first": "2026-07-09", "first_half": "pm", "last": "", "last_half": "pm"}
    assert site.signed_in("officer").post(f"{PAGE}/cuti", data=form).status_code == 303


def test_the_other_office_s_roster_is_its_own(site: Site) -> None:
    on_leave(site.runtime, site.people["officer"], "2026-07-08 am", "2026-07-09 am")
    page = site.signed_in("stranger").get("/inbox/6571/jadwal").text
    assert "Officer" not in page
    assert site.signed_in("stranger").get(PAGE).status_code == 404


def test_the_forms_need_their_token(guarded: Site) -> None:
    for address in (PAGE, f"{PAGE}/pembagian", f"{PAGE}/cuti", f"{PAGE}/cuti/hapus"):
        assert guarded.signed_in("supervisor").post(address, data=WEEK).status_code == 400
