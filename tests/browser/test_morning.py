"""An officer's morning in a real browser: sign in, claim, reply, note, transfer, close."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Site
from tests.handlers.test_worker import wait_for

pytestmark = pytest.mark.browser
BUDI, SITI = "+6281200000001", "+6281200000002"


def open_ticket(page: Page, words: str) -> None:
    page.get_by_role("link", name=re.compile(words)).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(words)


def test_an_officers_morning(site: Site, browser: Browser) -> None:
    """What the officer does on the page reaches the citizen's phone, and the other way round."""
    site.add_officer("rahma")
    site.add_officer("jufri")
    first = site.ticket("jumlah penduduk kolaka timur 2024 untuk skripsi", BUDI)
    site.ticket("luas panen padi kolaka timur 2023 untuk tugas", SITI)
    page = site.page(browser)
    site.sign_in(page, "rahma")
    open_ticket(page, "jumlah penduduk")
    page.get_by_role("button", name="Ambil").click()
    expect(page.locator(".meta")).to_contain_text("Anda pegang")

    page.get_by_label("Catatan internal", exact=True).first.check(force=True)
    page.locator("#note").fill("Tabelnya ada di KCDA.")
    page.get_by_role("button", name="Simpan catatan").click()
    expect(page.locator(".message.note")).to_contain_text("Tabelnya ada di KCDA.")

    page.locator("#reply").fill("Selamat pagi, Pak Budi. Jumlahnya 120.699 jiwa.")
    page.locator("#send").click()
    expect(page.locator(".message.officer").last).to_contain_text("120.699")
    site.desk.clock.forward(seconds=2)
    site.desk.settle()
    assert site.desk.phone(BUDI)[-1].text == "Selamat pagi, Pak Budi. Jumlahnya 120.699 jiwa."
    expect(page.locator(".message.officer").last).to_contain_text("diterima")
    assert not any("KCDA" in message.text for message in site.desk.phone(BUDI))

    page.get_by_text("Alihkan", exact=True).first.click()
    page.get_by_label("Alihkan ke").select_option(label="Jufri")
    page.locator(".menu-box").get_by_role("button", name="Alihkan").click()
    wait_for(lambda: site.desk.tickets()[0].claimed_by == site.desk.officer_ids["jufri"])

    page.goto(f"/inbox/7411/tickets/{first}")
    page.get_by_role("button", name="Tutup tiket").click()
    expect(page.get_by_role("button", name="Buka lagi").first).to_be_visible()
    assert "Mohon nilai layanan kami" in site.desk.heard(BUDI)[-1]


def test_a_new_message_appears_without_reloading(site: Site, browser: Browser) -> None:
    """The list and the open ticket show within seconds what a citizen writes; nothing was reloaded."""
    site.add_officer("rahma")
    ticket = site.ticket("jumlah penduduk kolaka timur 2024 untuk skripsi", BUDI)
    page = site.page(browser)
    site.sign_in(page, "rahma")
    page.goto(f"/inbox/7411/tickets/{ticket}")
    page.evaluate("window.stayed = true")
    page.wait_for_timeout(1500)
    site.desk.clock.forward(minutes=1)
    site.desk.writes("yang per kecamatan ada, Bu?", address=BUDI)
    expect(
        page.get_by_text("pesan baru").or_(page.get_by_text("yang per kecamatan ada, Bu?")).first
    ).to_be_visible()
    assert page.evaluate("window.stayed") is True


def test_a_reply_written_on_a_stale_page_gets_a_second_look(site: Site, browser: Browser) -> None:
    """The text is kept, the newer message is shown, and only the second press sends."""
    site.add_officer("rahma")
    ticket = site.ticket("jumlah penduduk kolaka timur 2024 untuk skripsi", BUDI)
    page = site.page(browser)
    page.route("**/live*", lambda route: route.abort())
    page.route("**/changes*", lambda route: route.abort())
    site.sign_in(page, "rahma")
    page.goto(f"/inbox/7411/tickets/{ticket}")
    page.locator("#reply").fill("Ini jawabannya.")
    site.desk.clock.forward(minutes=1)
    site.desk.writes("maaf, maksud saya tahun 2023", address=BUDI)
    page.locator("#send").click()
    expect(page.locator("#problem")).to_be_visible()
    expect(page.locator("#reply")).to_have_value("Ini jawabannya.")
    expect(page.locator("#messages")).to_contain_text("maaf, maksud saya tahun 2023")
    assert "Ini jawabannya." not in site.desk.heard(BUDI)
    page.locator("#send").click()
    expect(page.locator(".message.officer").last).to_contain_text("Ini jawabannya.")
    assert site.desk.heard(BUDI)[-1] == "Ini jawabannya."


def test_on_a_phone_one_column_at_a_time(site: Site, browser: Browser) -> None:
    """The list, then the ticket; nothing is wider than the screen and the send button is in reach."""
    site.add_officer("rahma")
    site.ticket("jumlah penduduk kolaka timur 2024 untuk skripsi", BUDI)
    page = site.page(browser, 390, 800)
    site.sign_in(page, "rahma")
    open_ticket(page, "jumlah penduduk")
    expect(page.locator("#send")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_keyboard_is_enough(site: Site, browser: Browser) -> None:
    """j walks, Enter opens, r writes, / searches."""
    site.add_officer("rahma")
    site.ticket("jumlah penduduk kolaka timur 2024 untuk skripsi", BUDI)
    page = site.page(browser)
    site.sign_in(page, "rahma")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("jumlah penduduk")
    page.wait_for_load_state()  # keys are heard by a script that comes after the page
    page.keyboard.press("r")
    expect(page.locator("#reply")).to_be_focused()
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
