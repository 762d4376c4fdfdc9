"""axe-core finds no serious fault on the three main pages, light and dark, wide and on a phone."""

import re
from dataclasses import replace
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from bot.policy import SearchFirst
from tests.browser.conftest import LOOKS, Site

pytestmark = pytest.mark.browser


def serious(page: Page) -> list[str]:
    """The serious and critical faults, as rule and place."""
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {[node['html'][:120] for node in one['nodes']]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


@LOOKS
def test_the_three_main_pages(site: Site, browser: Browser, width: int, scheme: str) -> None:
    """Sign-in, list and ticket."""
    site.add_officer("rahma")
    ticket = site.ticket("jumlah penduduk kolaka timur 2024 untuk skripsi", "+6281200000001")
    site.desk.replies("Sedang kami siapkan.", ticket, by="rahma")
    page = site.page(browser, width)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of two literals
    page.goto("/inbox")
    assert serious(page) == []
    site.sign_in(page, "rahma")
    assert serious(page) == []
    page.goto(f"/inbox/7411/tickets/{ticket}")
    assert serious(page) == []


@LOOKS
def test_complaints_and_satisfaction(site: Site, browser: Browser, width: int, scheme: str) -> None:
    """The register, its print, a complaint's page, the index, and the two pages for citizens."""
    site.add_officer("rahma", "supervisor")
    for text in ("pengaduan", "petugas meminta uang kepada saya"):
        site.desk.writes(text, address="+6281377700000")
    complaint = site.desk.tickets()[-1].id
    site.desk.mails("Mohon data penduduk Kolaka Timur 2023 untuk skripsi.")
    site.desk.replies("Ini datanya.")
    site.desk.settle()
    site.desk.closes()
    (link,) = re.findall(r"(/nilai/[\w.]+)", site.desk.letters()[-1].text)
    page = site.page(browser, width)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of two literals
    for place in (link, f"{link}/survei"):
        page.goto(place)
        assert serious(page) == []
    site.sign_in(page, "rahma")
    for place in ("pengaduan", "pengaduan/cetak", "kepuasan", f"tickets/{complaint}"):
        page.goto(f"/inbox/7411/{place}")
        assert serious(page) == [], place
        assert page.evaluate("document.documentElement.scrollWidth") <= width, place


def test_axe_would_find_a_fault(site: Site, browser: Browser) -> None:
    """The check itself works: a picture without a text is seen."""
    page = site.page(browser)
    page.goto("/inbox")
    page.evaluate("document.body.append(document.createElement('img'))")
    page.evaluate("document.querySelector('img').src = '/static/loket.css'")
    assert any(fault.startswith("image-alt") for fault in serious(page))


@LOOKS
def test_answers_and_searches(site: Site, browser: Browser, width: int, scheme: str) -> None:
    """An answer is written, looked at and published; and what citizens searched."""
    offices = site.desk.runtime.settings.offices
    offices["7411"] = replace(offices["7411"], search_first=SearchFirst(enabled=True))
    site.add_officer("rahma")
    site.desk.writes("data jumlah kucing peliharaan")
    page = site.page(browser, width)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of two literals
    site.sign_in(page, "rahma")
    page.goto("/inbox/7411/pencarian")
    assert serious(page) == []
    page.get_by_role("link", name="Tulis jawaban").click()
    page.get_by_label("Jawaban", exact=True).fill(
        "Tidak dihitung.\n\n| a | b |\n|---|---|\n| 1 | 081234567890 |"
    )
    assert serious(page) == []
    page.get_by_role("button", name="Pratinjau").click()
    assert serious(page) == []
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Terbitkan").click()
    expect(page.locator(".flash.done")).to_contain_text("diterbitkan")
    assert serious(page) == []
    page.get_by_role("link", name="Halaman untuk warga").click()
    assert serious(page) == []
