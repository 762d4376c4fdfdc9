"""Several ways to a citizen: what the composer says follows the one that is chosen, and holds."""

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import insert

from handlers import linking
from storage.columns import table
from storage.tables import Address
from tests.browser.conftest import LOOKS, Site
from tests.browser.test_accessibility import serious

pytestmark = pytest.mark.browser
ADDRESS = table(Address)
SITI, BUDI = "+6281234567890", "+6281299998888"
ASKS = "data luas panen padi kolaka timur 2021 untuk skripsi"


def test_the_button_and_the_line_say_the_way_that_is_chosen(browser: Browser, site: Site) -> None:
    rahma = site.add_officer("rahma")
    into, gone = site.ticket(ASKS, SITI), site.ticket(ASKS, BUDI)
    assert linking.merge(site.desk.runtime, rahma, gone, into) is None
    contact = next(row.contact_id for row in site.desk.tickets() if row.id == into)
    mail = {"office": "7411", "contact_id": contact, "kind": "email", "value": "siti@contoh.id"}
    with site.desk.runtime.database.write() as connection:
        connection.execute(insert(ADDRESS).values(**mail, proved=True, created_at=site.desk.clock()))
    page = site.page(browser)
    site.sign_in(page, "rahma")
    page.goto(f"/inbox/7411/tickets/{into}")
    expect(page.locator("#send")).to_have_text("Kirim lewat WhatsApp")
    page.get_by_label("Email siti@contoh.id").check()
    expect(page.locator("#send")).to_have_text("Kirim lewat email")
    expect(page.locator("#way")).to_have_text("Jawaban langsung terkirim lewat email.")
    site.desk.writes("halo, masih ada?", address=SITI)
    expect(page.locator("#messages").get_by_text("halo, masih ada?")).to_be_attached()
    expect(page.locator("#send")).to_have_text("Kirim lewat email")
    page.locator("#reply").fill("Kami kirim lewat surel.")
    page.locator("#send").click()
    expect(page.locator(".message.officer .channel.email")).to_have_text("Email")
    (letter,) = site.desk.letters("siti@contoh.id")
    assert "Kami kirim lewat surel." in letter.text


def test_a_merge_is_done_and_undone_by_hand(browser: Browser, site: Site) -> None:
    site.add_officer("rahma")
    into, gone = site.ticket(ASKS, SITI), site.ticket(ASKS, BUDI)
    page = site.page(browser, 390, 844)
    site.sign_in(page, "rahma")
    page.goto(f"/inbox/7411/tickets/{gone}")
    page.get_by_role("link", name="Pengguna layanan").click()
    page.get_by_role("link", name="Gabungkan atau pisahkan tiket ini").click()
    page.get_by_label("Cari tiket").fill("00001")
    page.get_by_role("button", name="Cari").click()
    page.get_by_role("button", name="Gabungkan tiket ini ke KTM-2026-00001").click()
    page.wait_for_url(f"**/tickets/{into}*")
    expect(page.get_by_text("Pesan KTM-2026-00002 kini ada di tiket ini.")).to_be_visible()
    page.get_by_role("button", name="Batalkan penggabungan").click()
    expect(page.get_by_text("Penggabungan dibatalkan")).to_be_visible()


@LOOKS
def test_nothing_keeps_anybody_out(browser: Browser, site: Site, width: int, scheme: str) -> None:
    """The merged ticket with its ways, and the pages of tickets and contacts that belong together."""
    rahma = site.add_officer("rahma", "supervisor")
    into, gone = site.ticket(ASKS, SITI), site.ticket(ASKS, BUDI)
    linking.merge(site.desk.runtime, rahma, gone, into)
    page = site.page(browser, width)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of two literals
    site.sign_in(page, "rahma")
    for where in (str(into), f"{into}/kin?with=KTM", f"{into}/person?with={BUDI.replace('+', '%2B')}"):
        page.goto(f"/inbox/7411/tickets/{where}")
        assert serious(page) == []
