"""The report in a real browser: no serious fault, not wider than the window, on paper nothing but itself."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import LOOKS, Site
from tests.browser.test_accessibility import serious
from tests.year.rows import write_a_year

pytestmark = pytest.mark.browser
WIDER = """[...document.querySelectorAll(".panel, .heads li")]
.filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.innerText.slice(0, 40))"""


@pytest.fixture
def site(site: Site) -> Site:
    """A year of Kolaka Timur, looked at in November."""
    site.add_officer("rahma", "supervisor")
    with site.desk.runtime.database.write() as connection:
        write_a_year(connection, "7411", "6571", timedelta(hours=8), 60)
    site.desk.clock.at = datetime(2026, 11, 20, 3, tzinfo=UTC)
    return site


@LOOKS
def test_the_report_has_no_serious_fault(site: Site, browser: Browser, width: int, scheme: str) -> None:
    page = site.page(browser, width)
    site.sign_in(page, "rahma")
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of two literals
    for period in ("2026", "2026-10", "2026-T3"):
        page.goto(f"/inbox/7411/laporan?masa={period}")
        assert serious(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.evaluate(WIDER) == []


def test_on_paper_there_is_the_report_alone(site: Site, browser: Browser) -> None:
    page = site.page(browser)
    site.sign_in(page, "rahma")
    page.goto("/inbox/7411/laporan?masa=2026")
    expect(page.get_by_role("button", name="Cetak")).to_be_visible()
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.get_by_role("heading", name="Laporan konsultasi statistik")).to_be_visible()
    expect(page.get_by_role("img", name="Konsultasi dibuka, Tahun 2026")).to_be_visible()
    for gone in (".rail", ".choose-period", ".ways-out", "#people", "#print"):
        expect(page.locator(gone).first).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.set_viewport_size({"width": 688, "height": 1000})  # A4 without its margins
    assert page.evaluate(WIDER) == []
