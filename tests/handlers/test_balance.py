"""Nothing unaccounted: what came and left adds up, on a page for the administrator and for Prometheus."""

import re
from dataclasses import replace
from datetime import timedelta

from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import insert

from handlers import jobs, reconciling
from handlers.web import balance as page
from handlers.web.app import create_app
from storage import balance, officers, reconciliation
from storage.columns import table
from storage.provider_tables import Finding
from tests.driver import SID, Desk
from tests.handlers.site import Site
from tests.storage.test_plans import listening, scans

HERE = {"REMOTE_ADDR": "127.0.0.1"}


def figures(text: str) -> dict[tuple[str, ...], float]:
    """Every figure by its name and what it is about."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def busy(desk: Desk) -> None:
    """Some of everything."""
    desk.writes("petugas", office="6302")
    desk.settle()
    for code in (63024, 0):
        if code:
            desk.twilio.fail_next(400, code)
        desk.replies("Jawaban")
        desk.settle()
    desk.writes("terima kasih", office="6302")
    desk.replies("Satu lagi")
    form = {"MessageSid": "SM" + "7" * 32, "AccountSid": SID, "From": "whatsapp:+6281234567890"}
    assert desk.post(form | {"To": "whatsapp:+6281111111111", "Body": "halo", "NumMedia": "0"}) == 200


def test_a_day_adds_up(desk: Desk) -> None:
    busy(desk)
    with desk.runtime.database.read() as connection:
        day = balance.day(connection, *page.today(desk.runtime))["whatsapp"]
    ours, theirs = desk.messages("out"), desk.messages()
    assert (day.came, day.left, day.unrouted, day.lost) == (len(theirs), len(ours), 1, 0)
    assert day.incoming.total() == sum(day.incoming[end] for end in balance.INTAKE)
    assert day.outgoing.total() == sum(day.outgoing[end] for end in balance.DELIVERY)
    assert (day.outgoing["failed"], day.outgoing["queued"]) == (1, 1)


def test_a_day_is_counted_through_its_index(desk: Desk) -> None:
    busy(desk)
    if not desk.runtime.database.is_sqlite:
        return
    with listening(desk.runtime.database.engine) as heard, desk.runtime.database.read() as connection:
        balance.day(connection, *page.today(desk.runtime))
    assert scans(desk, heard) == []
    with desk.runtime.database.read() as connection:
        plan = [
            str(row[3])
            for row in connection.exec_driver_sql("EXPLAIN QUERY PLAN " + heard[0][0], heard[0][1])
        ]
    assert any("ix_message_at" in step for step in plan), plan


def test_prometheus_reads_the_same(desk: Desk) -> None:
    busy(desk)
    reconciling.run(desk.runtime, SID)
    client = create_app(desk.runtime).test_client()
    told = figures(client.get("/metrics", environ_base=HERE).text)
    assert told["loket_messages_today", "whatsapp", "out", "failed"] == 1
    assert told["loket_messages_today", "whatsapp", "in", "unrouted"] == 1
    assert told["loket_unrouted",] == 1
    assert told["loket_log_compared_seconds", SID[-6:]] == 0
    desk.clock.forward(minutes=5)
    assert figures(client.get("/metrics", environ_base=HERE).text)["loket_oldest_unsent_seconds",] == 300


def test_nobody_else_reads_the_figures(desk: Desk) -> None:
    away = {"REMOTE_ADDR": "203.0.113.7"}
    client = create_app(desk.runtime).test_client()
    proxied = client.get("/metrics", environ_base=HERE, headers={"X-Forwarded-For": "203.0.113.7"})
    assert [client.get("/metrics", environ_base=away).status_code, proxied.status_code] == [404, 404]
    keys = replace(desk.runtime.keys, operator="rahasia-operator")
    client = create_app(replace(desk.runtime, keys=keys)).test_client()
    for path in ("/metrics", "/readyz"):
        known, wrong = ({"Authorization": f"Bearer {word}"} for word in ("rahasia-operator", "tebakan"))
        assert client.get(path, environ_base=away, headers=known).status_code == 200
        assert client.get(path, environ_base=away, headers=wrong).status_code == 404
        assert client.get(path, environ_base=HERE, headers=wrong).status_code == 404


def test_the_administrator_reads_the_week(site: Site) -> None:
    site.asks()
    jobs.run_all(site.runtime)
    with site.runtime.database.write() as connection:
        reconciliation.take(connection, SID, "x", site.clock())
        reconciliation.begin(connection, SID, site.clock())
        row = {"account": SID, "channel": "whatsapp", "external_id": "SM1", "sender": "+6282188887411"}
        row |= {"address": "+6281234567890", "status": "delivered"}
        at = site.clock() - timedelta(hours=1)
        connection.execute(insert(table(Finding)).values(**row, at=at, found_at=at))
    administrator = site.signed_in("administrator")
    shown = administrator.get("/administration/balance").text
    assert re.search(r"<td>WhatsApp</td><td>2</td><td>2</td>", shown)
    assert "Catatan Twilio di samping Loket" in shown
    assert "+6281234567890" not in shown
    assert "Sudah dilihat" in shown
    told = administrator.post(
        "/administration/balance/findings", data={"external_id": "SM1"}, follow_redirects=True
    ).text
    assert "Sudah dilihat" not in told
    assert "Neraca pesan" in administrator.get("/administration").text


def test_the_page_leads_only_where_one_may_go(site: Site) -> None:
    client = site.signed_in("administrator")
    links = set(re.findall(r'href="(/(?!static)[^"#]*)', client.get("/administration/balance").text))
    assert {link: client.get(link).status_code for link in links if client.get(link).status_code != 200} == {}
    with site.runtime.database.write() as connection:
        officers.set_role(connection, site.people["administrator"], "7411", "supervisor")
    page = client.get("/administration/balance").text
    assert re.findall(r'href="(/inbox/[^"#]*)', page) == ["/inbox/7411/unhandled"]
