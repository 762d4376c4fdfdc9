"""A citizen fills in the form that a letter links to, on a phone."""

import re

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Site
from tests.browser.test_accessibility import serious

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_form_on_a_phone(site: Site, browser: Browser, scheme: str) -> None:
    """From the link in the letter to the thanks, without a fault that axe would find."""
    site.desk.mails("Selamat pagi", office="6571", subject="Halo")
    found = re.search(r"\S+(/formulir/\S+)", site.desk.letters()[-1].text)
    assert found is not None
    page = site.page(browser, 390)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of two literals
    page.goto(found[1])
    assert serious(page) == []
    page.get_by_label("Nama").fill("Siti Aminah")
    page.get_by_label("Instansi/asal").select_option("Pemerintah daerah")
    page.get_by_label("Keperluan").select_option("Pemerintahan")
    page.get_by_label("Data yang dibutuhkan").fill("angka kemiskinan")
    page.get_by_label("Wilayah").fill("Tarakan")
    page.get_by_label("Tahun").fill("2020-2024")
    page.get_by_role("button", name="Kirim").click()
    page.get_by_role("heading", name="Terima kasih").wait_for()
    assert serious(page) == []
    assert site.desk.tickets()[-1].request["years"] == "2020-2024"
