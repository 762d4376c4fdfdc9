"""Several ways to a citizen: what the composer says follows the one that is chosen, and holds."""

import pytest
from playwright.sync_api import Browser, Page, expect
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


def test_a_draft_that_asks_back_still_asks_back(browser: Browser, site: Site) -> None:
    site.add_officer("rahma")
    ticket = site.ticket(ASKS, SITI)
    page = site.page(browser)
    site.sign_in(page, "rahma")
    page.goto(f"/inbox/7411/tickets/{ticket}")
    page.locator("#reply").fill("Untuk tahun berapa, Bapak/Ibu?")
    page.locator("[name=asks_back]").check()
    _comes_back(page, ticket, "Untuk tahun berapa, Bapak/Ibu?")
    expect(page.locator("[name=asks_back]")).to_be_checked()
    page.locator("#send").click()
    expect(page.locator(".message.officer")).to_contain_text("tahun berapa")
    assert site.desk.tickets()[-1].answered_at is None
    expect(page.locator("[name=asks_back]")).not_to_be_checked()


def _comes_back(page: Page, ticket: int, text: str) -> None:
    page.goto("/inbox/7411")
    page.goto(f"/inbox/7411/tickets/{ticket}")
    expect(page.locator("#reply")).to_have_value(text)


@pytest.fixture
def to_budi(browser: Browser, site: Site) -> tuple[Page, int]:
    """A draft for Budi, who takes part in Siti's ticket, with the page on which it was written."""
    rahma = site.add_officer("rahma")
    into, gone = site.ticket(ASKS, SITI), site.ticket(ASKS, BUDI)
    assert linking.merge(site.desk.runtime, rahma, gone, into) is None
    page = site.page(browser, 390, 844)
    site.sign_in(page, "rahma")
    page.goto(f"/inbox/7411/tickets/{into}")
    page.locator("#ways label", has_text="9999").locator("input").check()
    page.locator("#reply").fill("Pak Budi, berkas dinas Bapak sudah siap.")
    return page, into


def test_a_draft_for_a_participant_is_still_for_them(to_budi: tuple[Page, int]) -> None:
    page, ticket = to_budi
    _comes_back(page, ticket, "Pak Budi, berkas dinas Bapak sudah siap.")
    expect(page.locator("#ways label", has_text="9999").locator("input")).to_be_checked()
    page.locator("#send").click()
    expect(page.locator(".message.officer")).to_contain_text("kepada peserta")


@pytest.mark.parametrize("seen", ["on the page", "later"])
def test_a_draft_for_who_takes_part_no_more_goes_to_nobody_else(
    site: Site, to_budi: tuple[Page, int], seen: str
) -> None:
    page, ticket = to_budi
    rahma = site.desk.officer_ids["rahma"]
    assert linking.undo_merge(site.desk.runtime, rahma, ticket + 1) is None
    if seen == "later":
        _comes_back(page, ticket, "Pak Budi, berkas dinas Bapak sudah siap.")
    expect(page.locator("#way")).to_contain_text("Pilih kepada siapa dikirim.")
    expect(page.locator("#ways input")).to_have_count(1)
    expect(page.locator("#ways input:checked")).to_have_count(0)
    page.locator("#send").click()
    page.reload()
    expect(page.locator("#reply")).to_have_value("Pak Budi, berkas dinas Bapak sudah siap.")
    expect(page.locator("#ways input:checked")).to_have_count(0)
    assert "Pak Budi" not in page.locator("#messages").inner_text()
    page.locator("#ways input").check()
    page.locator("#send").click()
    expect(page.locator(".message.officer")).to_contain_text("Pak Budi")
