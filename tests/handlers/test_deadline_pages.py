"""Deadlines as officers see them: in the lists, on the ticket, and what may be closed for silence."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from bot.policy import AutoClose, Sla, Status
from handlers import calendars, officer
from handlers.web import deadlines
from storage import ticket_page
from storage.columns import table
from storage.inbox import View
from storage.tables import Ticket
from tests.bot.decreed_days import decreed
from tests.handlers.site import Site

TICKET = table(Ticket)
WITA = ZoneInfo("Asia/Makassar")


def at(written: str) -> datetime:
    """A moment on the office's clock."""
    return datetime.fromisoformat(written).replace(tzinfo=WITA).astimezone(UTC)


def _list(site: Site, name: str = "waiting", who: str = "officer", **more: str) -> str:
    query = {"list": name, **more}
    answer = site.signed_in(who).get("/inbox/7411", query_string=query)
    assert answer.status_code == 200
    return " ".join(unescape(answer.text).split())


def _page(site: Site, ticket: int, who: str = "officer") -> str:
    answer = site.signed_in(who).get(f"/inbox/7411/tickets/{ticket}")
    assert answer.status_code == 200
    return " ".join(unescape(answer.text).split())


def _promise(page: str) -> str:
    """The line of the promise, without its tags."""
    found = re.search(r'<p class="promise \w+"><strong>Janji layanan:</strong>(.*?)</p>', page)
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split()) if found else ""


def _change(site: Site, ticket: int, **values: object) -> None:
    with site.runtime.database.write() as connection:
        connection.execute(update(TICKET).where(TICKET.c.id == ticket).values(**values))


@pytest.fixture
def dated(site: Site) -> Site:
    """The site, whose calendar knows the feasts."""
    calendars.fill(site.runtime.database, site.runtime.settings.offices, site.clock())
    return site


def _rule(site: Site, **changes: object) -> None:
    """The office of the site, configured otherwise."""
    offices = site.runtime.settings.offices
    changed = replace(offices["7411"], **changes)  # type: ignore[arg-type]  # replace() checks the names itself
    for name in changes:
        object.__setattr__(offices["7411"], name, getattr(changed, name))


# --- in words ---


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ("2026-03-23 09:00", "Rabu 25 Mar"),
        ("2026-03-24 23:59", "besok 15.30"),
        ("2026-03-25 00:01", "hari ini 15.30"),
        ("2026-03-25 15:30", "hari ini 15.30"),
        ("2026-03-25 15:31", "lewat sejak 15.30"),
        ("2026-03-25 23:00", "lewat sejak 15.30"),
        ("2026-03-26 00:10", "lewat 1 hari kerja"),
        ("2026-03-27 15:00", "lewat 2 hari kerja"),
        ("2026-03-29 15:00", "lewat 2 hari kerja"),
        ("2026-03-30 08:00", "lewat 3 hari kerja"),
    ],
)
def test_a_deadline_in_words(site: Site, now: str, said: str) -> None:
    office, calendar = site.runtime.office("7411"), decreed()
    with site.app.test_request_context():
        assert deadlines.short(at("2026-03-25 15:30"), at(now), office, calendar) == said


def test_a_deadline_missed_before_a_weekend_is_no_working_day_late(site: Site) -> None:
    office, calendar = site.runtime.office("7411"), decreed()
    with site.app.test_request_context():
        late = deadlines.short(at("2026-03-13 16:00"), at("2026-03-14 10:00"), office, calendar)
        over_the_feasts = deadlines.short(at("2026-03-17 15:30"), at("2026-03-24 10:00"), office, calendar)
    assert late == "lewat sejak kemarin 16.00"
    assert over_the_feasts == "lewat sejak 17 Mar 2026"


def test_an_office_further_west_reads_its_own_clock(site: Site) -> None:
    office = site.runtime.office("1905")
    with site.app.test_request_context():
        said = deadlines.short(
            at("2026-07-09 15:30"), at("2026-07-09 00:30"), office, decreed(office.timezone)
        )
    assert said == "besok 14.30"


# --- lists ---


def test_lines_say_when_the_answer_is_due_and_late_ones_have_a_sign(dated: Site) -> None:
    dated.asks()
    page = _list(dated)
    assert re.search(r'<span class="due"><span class="unseen">tenggat:</span> Kamis 9 Jul</span>', page)
    assert "Lewat tenggat</a>" in page
    dated.clock.forward(days=4)
    page = _list(dated)
    late = r'<span class="due late"><span aria-hidden="true">⚠</span> <span class="unseen">tenggat:</span>'
    assert re.search(late + r" lewat 1 hari kerja</span>", page)
    assert re.search(r'Lewat tenggat <span class="count late">1</span>', page)
    assert "lewat 1 hari kerja" in _list(dated, "overdue")
    _answers(dated, dated.newest_ticket())
    assert "Tidak ada jawaban yang lewat tenggat." in _list(dated, "overdue")
    assert '<span class="due' not in _list(dated, "citizen")


def _answers(site: Site, ticket: int, *, asks_back: bool = False) -> None:
    """An officer writes on the ticket."""
    text, form_id = "Sudah kami kirim.", str(uuid4())
    told = officer.reply(
        *(site.runtime, site.people["officer"], ticket, text, form_id), asks_back=asks_back, seen=10**9
    )
    assert told is None


def test_a_complaint_stands_in_its_list_with_its_next_deadline(dated: Site) -> None:
    dated.complains()
    assert '<span class="due' in _list(dated, "complaints", "supervisor")
    assert '<span class="due' not in _list(dated, "open", "officer")


# --- the ticket's page ---


def test_the_promise_stands_above_the_conversation_with_the_reason_for_its_length(site: Site) -> None:
    site.clock.at = at("2026-03-13 15:50")
    calendars.fill(site.runtime.database, site.runtime.settings.offices, site.clock())
    said = _promise(_page(site, site.asks()))
    assert said == (
        "Dijanjikan paling lambat Rabu, 25 Maret 2026; 18–24 Maret libur: Nyepi, Idul Fitri."
        " Diterima Jumat, 13 Maret 2026 pukul 15.50 WITA"
    )


def test_an_overdue_promise_says_so_first(dated: Site) -> None:
    ticket = dated.asks()
    dated.clock.forward(days=4)
    page = _page(dated, ticket)
    assert _promise(page).startswith("⚠ Lewat 1 hari kerja. Dijanjikan paling lambat Kamis, 9 Juli 2026.")
    assert 'class="promise late"' in page


def test_before_the_mark_nothing_counts_and_the_page_says_what_to_press(dated: Site) -> None:
    _rule(dated, sla=Sla(starts="clear_and_complete"))
    ticket = dated.asks()
    assert "Belum dihitung: tandai jelas & lengkap." in _promise(_page(dated, ticket))
    dated.clock.forward(days=1)
    officer.mark_clear(dated.runtime, dated.people["officer"], ticket)
    said = _promise(_page(dated, ticket))
    assert said.startswith("Dijanjikan paling lambat Jumat, 10 Juli 2026.")
    assert "Diterima Senin, 6 Juli 2026 pukul 09.00 WITA · jelas & lengkap Selasa, 7 Juli 2026" in said


def test_a_question_back_stops_the_clock_on_the_page_too(dated: Site) -> None:
    _rule(dated, sla=Sla(starts="received"))
    ticket = dated.asks()
    _answers(dated, ticket, asks_back=True)
    dated.clock.forward(days=1)
    assert _promise(_page(dated, ticket)).startswith(
        "Jam berhenti sejak kemarin 09.00: menunggu jawaban warga."
    )
    assert '<span class="due' not in _list(dated, "open")


@pytest.mark.parametrize(
    ("days", "hours", "said"),
    [
        (0, 0, "3 hari kerja lebih cepat"),
        (2, 0, "1 hari kerja lebih cepat"),
        (3, 0, "tepat pada hari terakhir"),
        (3, 8, "terlambat, sesudah jam layanan hari itu"),
        (7, 0, "terlambat 2 hari kerja"),
    ],
)
def test_an_answer_is_measured_in_working_days(dated: Site, days: int, hours: int, said: str) -> None:
    ticket = dated.asks()
    dated.clock.forward(days=days, hours=hours)
    _answers(dated, ticket)
    assert re.search(
        rf"Dijawab \w+, \d+ Juli 2026 pukul \d\d\.\d\d WITA, {said}\.", _promise(_page(dated, ticket))
    )
    officer.close(dated.runtime, dated.people["officer"], ticket)
    assert said in _promise(_page(dated, ticket))


def test_what_is_not_promised_is_said_not_to_be(dated: Site) -> None:
    ticket = dated.asks()
    _rule(dated, sla=Sla(starts="received", status=Status.ASSUMED))
    said = _promise(_page(dated, ticket))
    assert said.startswith("Target internal Kamis, 9 Juli 2026, tidak dijanjikan kepada warga")
    _rule(dated, sla=Sla(starts="clear_and_complete", status=Status.ASSUMED))
    other = dated.asks(address="+6281255550000")
    assert _promise(_page(dated, other)).startswith("Target internal belum dihitung: tandai jelas & lengkap.")


def test_an_estimate_on_the_way_is_said_to_be_one(site: Site) -> None:
    site.clock.at = at("2027-03-05 10:00")
    calendars.fill(site.runtime.database, site.runtime.settings.offices, site.clock())
    said = _promise(_page(site, site.asks()))
    assert said.startswith("Paling lambat Kamis, 18 Maret 2027, belum dijanjikan kepada warga")
    assert "8–15 Maret libur: Nyepi, Idul Fitri" in said


def test_a_complaint_page_has_no_such_line(dated: Site) -> None:
    assert _promise(_page(dated, dated.complains(), "supervisor")) == ""


# --- silence ---


def _silent(site: Site, **changes: object) -> int:
    """A ticket whose citizen does not answer, at an office where officers close."""
    _rule(site, autoclose=AutoClose(mode="working_days", days=3, by="officer"))
    ticket = site.asks(**changes)  # type: ignore[arg-type]  # the address
    _answers(site, ticket)
    _change(site, ticket, closable_at=site.clock(), silent_since=site.clock())
    return ticket


def test_the_end_of_a_silence_is_told_beforehand(dated: Site) -> None:
    ticket = _silent(dated)
    _change(dated, ticket, closable_at=None)
    view = View("7411", dated.people["officer"], False)
    with dated.runtime.database.read() as connection:
        shown = ticket_page.find(connection, view, ticket)
    assert shown is not None
    ends = at("2026-07-09 15:30")
    office = dated.runtime.office("7411")
    with dated.app.test_request_context():
        assert deadlines.silent(replace(shown, silent_until=None), office, dated.clock()) == ""
        shown = replace(shown, silent_until=ends)
        by_officer = deadlines.silent(shown, office, dated.clock())
        _rule(dated, autoclose=AutoClose(mode="working_days", days=3, by="system"))
        by_desk = deadlines.silent(shown, office, dated.clock())
    moment = "Kamis, 9 Juli 2026 pukul 15.30 WITA"
    assert by_officer == f"Boleh ditutup mulai {moment} bila warga tetap diam."
    assert by_desk == f"Ditutup otomatis {moment} bila warga tetap diam."


def test_one_click_closes_one_and_one_click_opens_it_again(dated: Site) -> None:
    first, second = _silent(dated), _silent(dated, address="+6281255550000")
    client = dated.signed_in("officer")
    page = _list(dated, "closable")
    assert page.count('name="chosen"') == page.count('name="only"') == 2
    answer = client.post("/inbox/7411/closing/close", data={"only": first, "chosen": second})
    assert answer.location.endswith(f"closed={first}")
    page = " ".join(unescape(client.get(answer.location).text).split())
    assert re.search(r"Tiket KTM-2026-\d{5} ditutup\.", page)
    assert page.count('name="only"') == 1
    assert client.post("/inbox/7411/closing/reopen", data={"chosen": first}).status_code == 303
    assert "1 tiket dibuka lagi." in client.get("/inbox/7411?list=closable").text
    assert _statuses(dated, first, second) == [("open", None), ("open", None)]


def _statuses(site: Site, *ids: int) -> list[tuple[str, str | None]]:
    with site.runtime.database.read() as connection:
        rows = connection.execute(TICKET.select().where(TICKET.c.id.in_(ids)).order_by(TICKET.c.id))
        return [(row.status, row.close_reason) for row in rows]


def test_several_are_closed_at_once_and_what_changed_is_left_open(dated: Site) -> None:
    ids = [_silent(dated, address=f"+62812555500{number:02}") for number in range(3)]
    dated.writes("maaf, baru sempat", address="+6281255550002")
    answer = dated.signed_in("officer").post(
        "/inbox/7411/closing/close", data={"chosen": [*ids, "x", "-1", "9" * 30]}, follow_redirects=True
    )
    page = unescape(answer.text)
    assert "2 tiket ditutup." in page
    assert "1 tiket tidak ditutup: keadaannya baru saja berubah." in page
    assert _statuses(dated, *ids) == [("closed", "silence"), ("closed", "silence"), ("open", None)]


def test_nothing_ticked_closes_nothing(dated: Site) -> None:
    ticket = _silent(dated)
    answer = dated.signed_in("officer").post("/inbox/7411/closing/close", follow_redirects=True)
    assert "Pilih dulu tiket yang akan ditutup." in answer.text
    assert _statuses(dated, ticket) == [("open", None)]


def test_a_ticket_is_closed_for_silence_from_its_own_page(dated: Site) -> None:
    ticket = _silent(dated)
    page = _page(dated, ticket)
    assert "tiket ini boleh ditutup." in page
    assert "Tutup karena tidak ada balasan" in page
    answer = dated.signed_in("officer").post(
        "/inbox/7411/closing/close", data={"only": ticket, "ticket": ticket}, follow_redirects=True
    )
    assert f"/inbox/7411/tickets/{ticket}/reopen" in answer.text
    assert "Tutup karena tidak ada balasan" not in answer.text


def test_tickets_of_others_are_neither_closed_nor_opened_nor_named(dated: Site) -> None:
    ticket = _silent(dated)
    stranger = dated.signed_in("stranger")
    for act, before in (("close", ("open", None)), ("reopen", ("closed", "officer"))):
        if act == "reopen":
            officer.close(dated.runtime, dated.people["officer"], ticket)
        stranger.post(f"/inbox/6571/closing/{act}", data={"only": ticket, "chosen": ticket})
        assert _statuses(dated, ticket) == [before]
    shown = stranger.get("/inbox/6571", query_string={"list": "closable", "closed": ticket})
    assert "KTM-2026" not in shown.text


def test_a_mere_officer_does_not_reopen_a_complaint(dated: Site) -> None:
    ticket = dated.complains()
    officer.close(dated.runtime, dated.people["supervisor"], ticket)
    dated.signed_in("officer").post("/inbox/7411/closing/reopen", data={"chosen": ticket})
    assert _statuses(dated, ticket) == [("closed", "officer")]
    shown = _list(dated, "closable", closed=str(ticket))
    assert "KTM-P-2026" not in shown


def test_the_list_is_left_out_where_the_desk_closes_by_itself(dated: Site) -> None:
    dated.asks()
    assert "Boleh ditutup</a>" not in _list(dated)
    _rule(dated, autoclose=AutoClose(mode="working_days", days=3, by="officer"))
    assert "Boleh ditutup</a>" in _list(dated)


def test_a_form_without_its_token_closes_nothing(dated: Site) -> None:
    ticket = _silent(dated)
    dated.app.config.update(WTF_CSRF_ENABLED=True)
    answer = dated.signed_in("officer").post("/inbox/7411/closing/close", data={"only": ticket})
    assert answer.status_code == 400
    assert _statuses(dated, ticket) == [("open", None)]
