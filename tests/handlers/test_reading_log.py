"""The audit log: who read what is noted once an hour and on no refresh, and administrators read it."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from handlers.web import audit_words, permissions, reading_log
from handlers.web.permissions import Role
from storage import audit, officers
from storage.audit import Wanted
from storage.columns import table
from storage.db import Database
from storage.tables import Audit, Ticket
from tests.driver import Clock
from tests.handlers.site import Site

OPENED = {
    "inbox.start", "inbox.tickets", "forwarding.page", "linking.page", "preferences.page", "roster.page",
    "calendar.page", "calendar.export", "satisfaction.page", "answers.page", "answers.new",
    "answers.from_ticket", "answers.edit", "searches.page", "reports.page", "live.stream", "live.changes",
    "unhandled.page", "kept_mails.filed", "breaches.page", "balance.page", "account.page", "staff.page",
    "staff.of_office", "media.shown",
}  # fmt: skip
"""Pages that show no citizen's data, only lines of a list, or what the page around them has noted already."""


def _noted(site: Site) -> list[tuple[str, dict[str, object]]]:
    rows = table(Audit)
    with site.runtime.database.read() as connection:
        found = connection.execute(select(rows.c.what, rows.c.detail).order_by(rows.c.id))
        return [(row.what, row.detail) for row in found]


def test_every_page_of_officers_is_noted_or_stands_in_the_list_of_those_that_are_not(site: Site) -> None:
    pages = {
        rule.endpoint
        for rule in site.app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and Role.ANYONE not in permissions.allowed(rule.endpoint)
    }
    assert pages - reading_log.READINGS.keys() - OPENED == set()
    assert reading_log.READINGS.keys() - pages == set()


def test_a_ticket_is_noted_once_an_hour_for_each_who_opens_it(site: Site) -> None:
    ticket = site.asks()
    address = f"/inbox/7411/tickets/{ticket}"
    officer, supervisor = site.signed_in("officer"), site.signed_in("supervisor")
    for client in (officer, officer, supervisor):
        assert client.get(address).status_code == 200
        assert client.get(address, headers={"X-Live": "1"}).status_code == 200
    read = ("ticket_read", {"office": "7411", "ticket_id": ticket})
    assert _noted(site) == [read, read]
    site.clock.forward(hours=1)
    officer.get(address, headers={"X-Live": "1"})
    assert len(_noted(site)) == 2
    officer.get(address)
    assert len(_noted(site)) == 3


def test_nobody_reads_unseen_by_calling_it_a_refresh(site: Site) -> None:
    ticket = site.asks()
    officer, read = site.signed_in("officer"), {"office": "7411", "ticket_id": ticket}
    for _ in range(2):
        officer.get(f"/inbox/7411/tickets/{ticket}", headers={"X-Live": "1"})
        assert _noted(site) == [("ticket_read", read)]
    officer.get("/inbox/7411?q=Siti", headers={"X-Live": "1"})
    assert _noted(site)[1:] == [("searched", {"office": "7411"})]


def test_a_page_that_stands_open_for_a_working_day_is_noted_again(site: Site) -> None:
    address = f"/inbox/7411/tickets/{site.asks()}"
    officer = site.signed_in("officer")
    officer.get(address)
    for hours, rows in ((11, 1), (3, 2)):
        site.clock.forward(hours=hours)
        officer.get(address, headers={"X-Live": "1"})
        assert len(_noted(site)) == rows


def test_what_is_refused_is_no_reading_and_another_office_is_named(site: Site) -> None:
    ticket = site.asks()
    address = f"/inbox/7411/tickets/{ticket}"
    site.signed_in("stranger").get(address)
    site.app.test_client().get(address)
    assert _noted(site) == []
    with site.runtime.database.write() as connection:
        rows = table(Ticket)
        connection.execute(update(rows).where(rows.c.id == ticket).values(handled_by="6571"))
    site.signed_in("stranger").get(address.replace("7411", "6571"))
    assert _noted(site) == [("ticket_read", {"office": "6571", "ticket_id": ticket, "with": "7411"})]


def test_what_cannot_be_noted_is_not_shown(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database goes away between the page and its note: no fault of ours, and no gap in the log."""
    ticket = site.asks()
    address, client = f"/inbox/7411/tickets/{ticket}", site.signed_in("officer")

    def away(*_: object) -> None:
        raise OperationalError("INSERT …", {}, Exception("the server closed the connection"))

    with monkeypatch.context() as patch:
        patch.setattr(officers, "record", away)
        refused = client.get(address)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "10")
    assert "Loket sedang tidak dapat dibuka" in refused.text
    assert "Content-Security-Policy" in refused.headers
    assert _noted(site) == []
    assert client.get(address).status_code == 200
    assert _noted(site) == [("ticket_read", {"office": "7411", "ticket_id": ticket})]


def test_a_search_is_noted_without_its_words(site: Site) -> None:
    site.signed_in("officer").get("/inbox/7411")
    site.signed_in("officer").get("/inbox/7411?q=Siti+rahasia")
    assert _noted(site) == [("searched", {"office": "7411"})]


def test_exports_and_persons_are_noted(site: Site) -> None:
    ticket = site.asks()
    client = site.signed_in("supervisor")
    for address in (
        f"/inbox/7411/tickets/{ticket}/person",
        "/inbox/7411/register",
        "/inbox/7411/laporan.xlsx",
    ):
        client.get(address)
    client.post(f"/inbox/7411/tickets/{ticket}/person/copy")
    assert {"person_read", "person_copied"} <= {what for what, _ in _noted(site)}


def test_administrators_read_it_narrowed(site: Site) -> None:
    ticket = site.asks()
    site.signed_in("officer").get(f"/inbox/7411/tickets/{ticket}")
    site.signed_in("supervisor").get("/inbox/7411?q=padi")
    client = site.signed_in("administrator")
    page = client.get("/administration/catatan").text
    assert "isi tiket dilihat" in page
    assert "pencarian di kotak masuk" in page
    assert f"kantor KTM, tiket {ticket}</td>" in page
    only = client.get(f"/administration/catatan?officer={site.people['supervisor']}&kind=reading").text
    assert "pencarian di kotak masuk</td>" in only
    assert "isi tiket dilihat</td>" not in only
    assert "Tidak ada." in client.get("/administration/catatan?to=2001-01-01").text
    assert "Tidak ada." in client.get("/administration/catatan?before=0").text
    odd = "?officer=x&kind=y&from=z&to=9999-12-31&before=-1&from=2026-02-30"
    assert client.get(f"/administration/catatan{odd}").status_code == 200
    assert client.get(f"/administration/catatan?officer={'9' * 19}").status_code == 200


def test_every_kind_has_a_name_in_one_group(site: Site) -> None:
    with site.app.test_request_context():
        kinds = [kind for _, of_group in audit_words.groups().values() for kind in of_group]
        assert len(kinds) == len(set(kinds))
        assert {reading.what for reading in reading_log.READINGS.values()} <= set(kinds)


def test_the_log_is_narrowed(database: Database) -> None:
    now = Clock()()
    with database.write() as connection:
        for name in ("a", "b"):
            officers.add(connection, email=f"{name}@x.id", name=name, password_hash="x", now=now)
        for minute, (what, officer_id) in enumerate([("a", 1), ("b", 2), ("a", 1), ("b", None), ("a", 1)]):
            officers.record(connection, what, now + timedelta(minutes=minute), officer_id)
    late = Wanted(since=now + timedelta(minutes=3), until=now + timedelta(minutes=4))
    asked = {
        Wanted(): 5, Wanted(officer_id=1): 3, Wanted(kinds=("b",)): 2, Wanted(kinds=()): 0,
        Wanted(before=3): 2,        Wanted(officer_id=1, kinds=("a",)): 3, late: 1,
    }  # fmt: skip
    with database.read() as connection:
        assert {wanted: len(audit.listed(connection, wanted)) for wanted in asked} == asked
