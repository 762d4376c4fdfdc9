"""On a low screen the button and its tick stay within reach; on a telephone what came of a button is seen."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from handlers import linking
from storage import alarms
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser
SITI, BUDI = "+6281234567890", "+6281299998888"
ASKS = "data luas panen padi kolaka timur 2021 untuk skripsi"
LONG = "\n".join(
    f"Kecamatan {number}: laki-laki 1.234 jiwa, perempuan 1.198 jiwa." for number in range(1, 21)
)
LAPTOPS = pytest.mark.parametrize(("width", "height"), [(1366, 641), (1280, 800), (1024, 600)])
PDF = FilePayload(name="tabel.pdf", mimeType="application/pdf", buffer=b"%PDF-1.4\n%%EOF\n")


def _opened(site: Site, browser: Browser, ticket: int, width: int, height: int) -> Page:
    page = site.page(browser, width, height)
    site.sign_in(page, "rahma")
    page.goto(f"/inbox/7411/tickets/{ticket}")
    return page


def _can_be_pressed(page: Page, what: str) -> bool:
    """Whether a click at its middle would meet it: on the screen, and with nothing before it."""
    return bool(
        page.locator(what).evaluate(
            """it => { const box = it.getBoundingClientRect();
            return it.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)); }"""
        )
    )


@LAPTOPS
def test_a_long_answer_leaves_the_button_where_it_is(
    site: Site, browser: Browser, width: int, height: int
) -> None:
    site.add_officer("rahma")
    page = _opened(site, browser, site.ticket(ASKS, SITI), width, height)
    page.locator("#reply").fill(LONG)
    assert _can_be_pressed(page, "#send")
    assert _can_be_pressed(page, "[name=asks_back]")
    page.locator("label[for=voice-note]").click()
    page.locator("#note").fill(LONG)
    assert _can_be_pressed(page, ".jot button")


@LAPTOPS
def test_it_stays_there_beside_all_that_can_stand_on_the_page(
    site: Site, browser: Browser, width: int, height: int
) -> None:
    rahma = site.add_officer("rahma")
    into, gone = site.ticket(ASKS, SITI), site.ticket(ASKS, BUDI)
    assert linking.merge(site.desk.runtime, rahma, gone, into) is None
    with site.desk.runtime.database.write() as connection:
        about = {"mailbox": "pst7411@bps.go.id"}
        alarms.raise_alarm(connection, "one", "7411", "mailbox", about, site.desk.clock())
    page = _opened(site, browser, into, width, height)
    page.locator("#reply").fill(LONG)
    page.locator("#files").set_input_files(PDF)
    page.evaluate("document.querySelector('.reply input[name=seen]').value = 0")
    page.locator("#send").click()
    expect(page.locator("#problem")).to_be_in_viewport()
    expect(page.locator(".files-kept")).to_contain_text("tabel.pdf")
    assert _can_be_pressed(page, "#send")
    assert _can_be_pressed(page, "[name=asks_back]")
    page.locator("[name=kept]").focus()
    expect(page.locator("[name=kept]")).to_be_in_viewport()


def _telephone(site: Site, browser: Browser) -> Page:
    site.add_officer("rahma")
    ticket = site.ticket(ASKS, SITI)
    site.desk.replies("\n".join(f"baris {number}" for number in range(40)), ticket, by="rahma")
    return _opened(site, browser, ticket, 390, 844)


@pytest.mark.parametrize(("button", "said"), [("Tutup tiket", "ditutup"), ("Alihkan", "Pilih dulu petugas")])
def test_a_telephone_shows_what_came_of_a_button(
    site: Site, browser: Browser, button: str, said: str
) -> None:
    page = _telephone(site, browser)
    expect(page.locator("#send")).to_be_in_viewport()
    if button == "Alihkan":
        page.locator("summary", has_text="Alihkan").click()
    page.get_by_role("button", name=button).click()
    expect(page.locator(".flash")).to_contain_text(said)
    expect(page.locator(".flash")).to_be_in_viewport()


def test_a_telephone_shows_why_an_answer_was_refused(site: Site, browser: Browser) -> None:
    page = _telephone(site, browser)
    site.desk.writes("satu lagi", address=SITI)
    page.evaluate("document.querySelector('.reply input[name=seen]').value = 0")
    page.locator("#reply").fill(LONG)
    page.locator("#send").click()
    expect(page.locator("#problem")).to_be_in_viewport()
    expect(page.locator("#reply")).to_have_value(LONG)


def test_too_much_is_told_beside_the_files_before_it_is_sent(
    site: Site, browser: Browser, tmp_path: Path
) -> None:
    site.add_officer("rahma")
    page = _opened(site, browser, site.ticket(ASKS, SITI), 1366, 768)
    page.locator("#reply").fill(LONG)
    large = tmp_path / "rekaman.mp4"
    with large.open("wb") as file:
        file.truncate(51 * 1024 * 1024)
    page.locator("#files").set_input_files(large)
    page.locator("#send").click()
    told = page.locator("#files").evaluate("it => it.validationMessage")
    assert told == "Paling banyak 10 berkas, bersama-sama 50 MB."
    expect(page.locator("#reply")).to_have_value(LONG)
    page.locator("#files").set_input_files(PDF)
    page.locator("#send").click()
    expect(page.locator(".message.officer").first).to_contain_text("Kecamatan 20")
