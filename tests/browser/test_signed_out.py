"""When a sign-in ends, nobody's text goes with it."""

from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.policy import SearchFirst
from tests.browser.conftest import PASSWORD, Site

pytestmark = pytest.mark.browser
TEXT = "\n".join(f"Kecamatan {number}: 1.234 jiwa." for number in range(1, 9))
ASKS = "jumlah penduduk kolaka timur 2024 untuk skripsi"


@pytest.fixture
def page(site: Site, browser: Browser) -> Page:
    """An answer of the office is being written when the sign-in ends."""
    offices = site.desk.runtime.settings.offices
    offices["7411"] = replace(offices["7411"], search_first=SearchFirst(enabled=True))
    for name in ("rahma", "jufri"):
        site.add_officer(name)
    page = site.page(browser)
    page.clock.install()
    site.sign_in(page, "rahma")
    page.goto("/inbox/7411/jawaban/baru")
    return page


def _ends(site: Site) -> None:
    """Nobody has used the page for long, and something is new that it looks for."""
    site.desk.clock.forward(hours=3, minutes=1)
    site.ticket(ASKS, "+6281200000002")


def _a_minute_later(page: Page) -> None:
    """The page looks by itself whether it is signed in again."""
    page.clock.fast_forward(60_000)


def _write(page: Page) -> None:
    page.locator("#question").fill("Berapa jumlah penduduk per kecamatan?")
    page.locator("#body").fill(TEXT)


def test_a_text_stays_and_can_be_sent_after_signing_in_elsewhere(site: Site, page: Page) -> None:
    _write(page)
    _ends(site)
    expect(page.locator("#signed-out")).to_be_in_viewport()
    expect(page.locator("#body")).to_have_value(TEXT)
    other = page.context.new_page()
    site.sign_in(other, "rahma")
    other.close()
    _a_minute_later(page)
    expect(page.locator("#signed-out")).to_be_hidden()
    page.get_by_role("button", name="Simpan draf").click()
    expect(page.locator(".flash")).to_contain_text("Draf disimpan")


def test_a_text_is_not_sent_as_somebody_else(site: Site, page: Page) -> None:
    _write(page)
    _ends(site)
    expect(page.locator("#signed-out")).to_be_visible()
    other = page.context.new_page()
    site.sign_in(other, "jufri")
    with page.expect_response(lambda answer: answer.request.headers.get("x-live") == "1" and answer.ok):
        _a_minute_later(page)
    expect(page.locator("#signed-out")).to_be_visible()
    expect(page.locator("#body")).to_have_value(TEXT)
    page.get_by_role("button", name="Simpan draf").click()
    expect(page.get_by_role("heading")).to_have_text("Formulir ini sudah tidak berlaku")
    expect(page.locator("#kept")).to_have_value(f"Berapa jumlah penduduk per kecamatan?\n\n{TEXT}")


def test_a_text_that_is_sent_too_late_comes_back_whole(site: Site, page: Page) -> None:
    _write(page)
    site.desk.clock.forward(hours=3, minutes=1)
    page.get_by_role("button", name="Simpan draf").click()
    expect(page.locator("#kept")).to_have_value(f"Berapa jumlah penduduk per kecamatan?\n\n{TEXT}")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Masuk lagi").click()
    door = opened.value
    door.get_by_label("Email").fill("rahma@bps.go.id")
    door.get_by_label("Kata sandi").fill(PASSWORD)
    door.get_by_role("button", name="Masuk").click()
    door.wait_for_url("**/jawaban/baru")
    _write(door)
    door.get_by_role("button", name="Simpan draf").click()
    expect(door.locator(".flash")).to_contain_text("Draf disimpan")


def test_who_has_written_nothing_is_led_to_the_door(site: Site, page: Page) -> None:
    _ends(site)
    page.wait_for_url("**/sign-in**")


def test_a_draft_on_a_ticket_is_there_after_the_door(site: Site, page: Page) -> None:
    ticket = site.ticket(ASKS, "+6281200000001")
    page.goto(f"/inbox/7411/tickets/{ticket}")
    page.locator("#reply").fill(TEXT)
    _ends(site)
    page.wait_for_url("**/sign-in**")
    page.get_by_label("Email").fill("rahma@bps.go.id")
    page.get_by_label("Kata sandi").fill(PASSWORD)
    page.get_by_role("button", name="Masuk").click()
    expect(page.locator("#reply")).to_have_value(TEXT)


def test_what_a_refused_form_shows_is_not_thrown_away(site: Site, page: Page) -> None:
    _write(page)
    page.get_by_role("button", name="Pratinjau").click()
    expect(page.get_by_role("heading", name="Pratinjau")).to_be_visible()
    _ends(site)
    expect(page.locator("#signed-out")).to_be_visible()
    expect(page.locator("[name=body]")).to_have_value(TEXT)
