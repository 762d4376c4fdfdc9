"""The inbox with its countdowns, and a ticket with a held answer, for everybody and in both schemes."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import LOOKS, Site
from tests.browser.test_accessibility import serious
from tests.driver import WRITER
from tests.handlers.test_routes import also_reached_at

pytestmark = pytest.mark.browser
ASKS = "data luas panen padi kolaka timur 2021 untuk skripsi"


@LOOKS
def test_windows_and_what_is_held_keep_nobody_out(
    browser: Browser, site: Site, width: int, scheme: str
) -> None:
    site.add_officer("rahma")
    site.desk.approves()
    about = site.ticket(ASKS, "+6281234567890")
    also_reached_at(site.desk, about, WRITER)
    site.desk.clock.forward(hours=5)
    site.ticket(ASKS, "+6281234567891")
    site.desk.clock.forward(hours=20)
    site.desk.replies("Luas panen padi 2021: 8.412 hektare.", about)
    for _ in range(2):
        site.desk.settle()
    page = site.page(browser, width)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of two literals
    site.sign_in(page, "rahma")
    page.goto("/inbox/7411?list=open")
    page.get_by_role("link", name="Menurut jendela").click()
    expect(page.locator(".row .window")).to_have_text(["jendela 3 jam lagi", "jendela tertutup"])
    assert serious(page) == []
    page.goto(f"/inbox/7411/tickets/{about}?list=open&sort=window")
    expect(page.locator(".promise.held")).to_contain_text("jawaban dikirim lewat email ke siti@contoh.id")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert serious(page) == []
