"""Long names, file names and full lists push nothing off the screen, and it stays where it is."""

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from storage import alarms
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser
INSTITUTION = "Dinas Komunikasi, Informatika, Statistik dan Persandian Kabupaten Kolaka Timur"
ONE_WORD = "RekapitulasiDataKependudukan" * 5
ASKS = "jumlah penduduk kolaka timur 2024 untuk perencanaan"
RIGHT_OF = """(it, box) => document.querySelector(it).getBoundingClientRect().right
  <= document.querySelector(box).getBoundingClientRect().right"""


def _asks(site: Site, name: str, address: str = "+6281200000001") -> int:
    for text in (ASKS, "1"):
        sender = site.desk.sender("7411", "whatsapp")
        site.desk.twilio.citizen_writes(address, sender, text, profile_name=name)
    site.desk.settle()
    return int(site.desk.tickets()[-1].id)


def _inside(page: Page, what: str, box: str) -> bool:
    return bool(page.evaluate(f"({RIGHT_OF})('{what}', '{box}')"))


def _fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize("width", [1366, 1024, 360])
@pytest.mark.parametrize("name", [INSTITUTION, ONE_WORD])
def test_a_long_name_leaves_the_deadline_in_sight(
    site: Site, browser: Browser, width: int, name: str
) -> None:
    site.add_officer("rahma", "supervisor")
    ticket = _asks(site, name)
    page = site.page(browser, width, 700)
    site.sign_in(page, "rahma")
    assert _inside(page, ".row .due", "#queue-scroll")
    for path in ("", f"/tickets/{ticket}", f"/tickets/{ticket}#card", f"/tickets/{ticket}/person"):
        page.goto(f"/inbox/7411{path}")
        assert _fits(page), path


def test_the_numbers_beside_the_lists_are_whole(site: Site, browser: Browser) -> None:
    site.add_officer("rahma")
    _asks(site, "Siti")
    page = site.page(browser, 1024, 700)
    site.sign_in(page, "rahma")
    page.evaluate("document.querySelector('.count').textContent = '128'")
    assert _inside(page, ".count", ".rail")
    assert _inside(page, "#refresh", ".queue")


def test_the_way_back_from_the_card_moves_nothing(site: Site, browser: Browser) -> None:
    site.add_officer("rahma", "supervisor")
    asked = [_asks(site, "Siti", f"+62812000000{number:02d}") for number in range(8)]
    with site.desk.runtime.database.write() as connection:
        about = {"mailbox": "pst7411@bps.go.id"}
        alarms.raise_alarm(connection, "one", "7411", "mailbox", about, site.desk.clock())
    page = site.page(browser, 1024, 700)
    site.sign_in(page, "rahma")
    page.goto(f"/inbox/7411/tickets/{asked[-1]}")
    page.get_by_role("link", name="Pengguna layanan").click()
    page.get_by_role("link", name="Kembali ke percakapan").click()
    assert page.evaluate("scrollY") == 0
    expect(page.locator(".alarms")).to_be_in_viewport(ratio=1)


def test_a_long_file_name_in_a_refusal_fits(site: Site, browser: Browser) -> None:
    site.add_officer("rahma")
    ticket = _asks(site, "Siti")
    page = site.page(browser, 360, 640)
    site.sign_in(page, "rahma")
    page.goto(f"/inbox/7411/tickets/{ticket}")
    page.locator("#reply").fill("Ini datanya.")
    along = FilePayload(name=f"{ONE_WORD}.csv", mimeType="text/csv", buffer=b"a;b\n1;2\n")
    page.locator("#files").set_input_files(along)
    page.locator("#send").click()
    expect(page.locator("#problem")).to_contain_text(ONE_WORD)
    expect(page.locator(".files-kept")).to_contain_text(ONE_WORD)
    assert _fits(page)
