"""What an officer has sent, ticked or read is not mixed up by news, nor by the way back."""

from dataclasses import replace

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect
from sqlalchemy import update

from storage import ticket_page
from storage.columns import table
from storage.tables import Ticket
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser
SITI, BUDI, ANDI = "+6281200000001", "+6281200000002", "+6281200000003"
ASKS = "jumlah penduduk kolaka timur 2024 untuk skripsi"
PDF = FilePayload(name="tabel.pdf", mimeType="application/pdf", buffer=b"%PDF-1.4\n%%EOF\n")
TICKET = table(Ticket)


def _opened(site: Site, browser: Browser, path: str, width: int = 1440) -> Page:
    site.add_officer("rahma", "supervisor")
    page = site.page(browser, width)
    site.sign_in(page, "rahma")
    page.goto(f"/inbox/7411{path}")
    return page


def test_news_of_a_long_conversation_bring_no_older_date(
    site: Site, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = site.ticket(ASKS, SITI)
    monkeypatch.setattr(ticket_page, "SHOWN_MESSAGES", 3)
    site.desk.clock.forward(days=1)
    page = _opened(site, browser, f"/tickets/{ticket}")
    for text in ("masih ada yang saya tanyakan", "yang per kecamatan"):
        site.desk.clock.forward(minutes=1)
        site.desk.writes(text, address=SITI)
        expect(page.locator(".message").last).to_contain_text(text)
    assert page.locator(".day > span").all_inner_texts() == ["Kemarin", "Hari ini"]


def test_the_way_back_brings_nothing_that_was_sent(site: Site, browser: Browser) -> None:
    ticket = site.ticket(ASKS, SITI)
    page = _opened(site, browser, f"/tickets/{ticket}")
    page.locator("#reply").fill("Berikut datanya.")
    page.locator("#files").set_input_files(PDF)
    page.locator("[name=asks_back]").check()
    page.locator("#send").click()
    expect(page.locator(".message.officer").first).to_contain_text("Berikut datanya.")
    page.go_back()
    expect(page.locator(".message.officer").first).to_contain_text("Berikut datanya.")
    expect(page.locator("#reply")).to_have_value("")
    expect(page.locator("[name=asks_back]")).not_to_be_checked()
    expect(page.locator("#files")).to_have_js_property("files.length", 0)


def test_what_could_not_be_sent_is_there_after_the_way_back(site: Site, browser: Browser) -> None:
    ticket = site.ticket(ASKS, SITI)
    page = _opened(site, browser, f"/tickets/{ticket}")
    page.locator("#reply").fill("Berikut datanya.")
    page.context.set_offline(True)
    page.locator("#send").click()
    page.wait_for_url("chrome-error://**")
    page.context.set_offline(False)
    page.go_back()
    expect(page.locator("#reply")).to_have_value("Berikut datanya.")
    expect(page.locator("#send")).to_be_enabled()


def _closable(site: Site, *tickets: int) -> None:
    now = site.desk.clock()
    with site.desk.runtime.database.write() as connection:
        changed = update(TICKET).where(TICKET.c.id.in_(tickets))
        connection.execute(changed.values(closable_at=now, silent_since=now, waiting_for="citizen"))


def test_ticks_outlive_news(site: Site, browser: Browser) -> None:
    offices = site.desk.runtime.settings.offices
    offices["7411"] = replace(offices["7411"], autoclose=replace(offices["7411"].autoclose, by="officer"))
    first, second, third = (site.ticket(ASKS, address) for address in (SITI, BUDI, ANDI))
    _closable(site, first, second)
    page = _opened(site, browser, "?list=closable")
    page.locator(f"#row-{first} [name=chosen]").check()
    site.desk.clock.forward(minutes=1)
    _closable(site, third)
    site.ticket(ASKS, "+6281200000004")
    page.locator("#list-news").click()
    expect(page.locator("#rows > li")).to_have_count(3)
    expect(page.locator(f"#row-{first} [name=chosen]")).to_be_checked()
    expect(page.locator("[name=chosen]:checked")).to_have_count(1)


def test_a_telephone_shows_which_list_is_open(site: Site, browser: Browser) -> None:
    page = _opened(site, browser, "?list=closed", 390)
    expect(page.locator("#places [aria-current]")).to_be_in_viewport(ratio=1)


def test_a_second_click_sends_nothing_again(site: Site, browser: Browser) -> None:
    page = _opened(site, browser, "/jadwal")
    page.evaluate("""() => {
      window.sent = 0;
      addEventListener("submit", (one) => {
        window.sent += one.defaultPrevented ? 0 : 1;
        one.preventDefault();
      });
    }""")
    page.get_by_role("button", name="Simpan jadwal").dblclick()
    assert page.evaluate("window.sent") == 1
