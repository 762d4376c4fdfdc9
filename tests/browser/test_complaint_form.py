"""What supervisors enter of a complaint, while a colleague has the same form open."""

import pytest
from playwright.sync_api import Browser, Page, expect

from storage import complaints
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser
SIZES = pytest.mark.parametrize(("width", "height"), [(390, 844), (1366, 768)])


@pytest.fixture
def ticket(site: Site) -> int:
    """A complaint, and the supervisors who may read it."""
    for name in ("rahma", "wati", "jufri"):
        site.add_officer(name, "supervisor")
    for text in ("pengaduan", "petugas meminta uang kepada saya"):
        site.desk.writes(text, address="+6281377700000")
    return int(site.desk.tickets()[-1].id)


def _opened(site: Site, browser: Browser, name: str, ticket: int, *size: int) -> Page:
    page = site.page(browser, *size)
    site.sign_in(page, name)
    page.goto(f"/inbox/7411/tickets/{ticket}")
    card = page.get_by_role("link", name="Pengguna layanan")
    if card.is_visible():
        card.click()
    return page


def _save(page: Page) -> None:
    page.get_by_role("button", name="Simpan tindak lanjut").click()


@SIZES
def test_an_old_form_shows_the_complaint_to_nobody(
    site: Site, browser: Browser, ticket: int, width: int, height: int
) -> None:
    mine = _opened(site, browser, "rahma", ticket, width, height)
    hers = _opened(site, browser, "wati", ticket)
    hers.locator(".treat").get_by_label("Jufri").check()
    hers.locator("#plan").fill("Periksa Jufri,\nminta keterangan tertulis")
    _save(hers)
    expect(hers.locator(".flash.done")).to_contain_text("disimpan")
    mine.locator("#category").select_option("time")
    _save(mine)
    expect(mine.locator(".treat .problem")).to_be_in_viewport()
    expect(mine.locator("#category")).to_have_value("time")
    expect(mine.locator("#plan")).to_have_value("Periksa Jufri,\nminta keterangan tertulis")
    expect(mine.locator(".treat").get_by_label("Jufri")).to_be_checked()
    _save(mine)
    expect(mine.locator(".flash.done")).to_contain_text("disimpan")
    with site.desk.runtime.database.read() as connection:
        assert list(complaints.accused(connection, ticket)) == [site.desk.officer_ids["jufri"]]


@SIZES
def test_what_is_refused_stays_in_the_form(
    site: Site, browser: Browser, ticket: int, width: int, height: int
) -> None:
    page = _opened(site, browser, "rahma", ticket, width, height)
    page.locator(".treat").get_by_label("Jufri").check()
    page.locator("#weight").select_option("simple")
    page.locator("#plan_by").fill("Kepala Subbagian Umum")
    page.locator("#plan_due").fill("2026-12-10")
    _save(page)
    expect(page.locator(".treat .problem")).to_be_in_viewport()
    expect(page.locator("#weight")).to_have_value("simple")
    expect(page.locator("#plan_by")).to_have_value("Kepala Subbagian Umum")
    expect(page.locator("#plan_due")).to_have_value("2026-12-10")
    expect(page.locator(".treat").get_by_label("Jufri")).to_be_checked()
