"""The inbox's manners: nothing jumps, nothing is lost, nothing needs a script, everything fits."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Site
from tests.browser.test_accessibility import serious

pytestmark = pytest.mark.browser
BUDI, SITI = "+6281200000001", "+6281200000002"
PAGES = ("", "?list=complaints", "?q=padi", "/unhandled", "/tickets/{ticket}", "/tickets/{ticket}#card")


def _opened(site: Site, browser: Browser, width: int = 1440) -> tuple[Page, int]:
    """A supervisor's window on one ticket."""
    site.add_officer("rahma", "supervisor")
    ticket = site.ticket("luas panen padi kolaka timur 2023 untuk tugas", BUDI)
    page = site.page(browser, width)
    site.sign_in(page, "rahma")
    page.goto(f"/inbox/7411/tickets/{ticket}")
    return page, ticket


def _fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_the_list_does_not_jump_while_somebody_reads(site: Site, browser: Browser) -> None:
    page, _ = _opened(site, browser)
    before = page.locator("#rows > li").first.bounding_box()
    site.desk.clock.forward(minutes=1)
    site.ticket("jumlah penduduk kolaka timur 2024 untuk skripsi", SITI)
    expect(page.locator("#list-news")).to_be_visible()
    expect(page).to_have_title(re.compile(r"^\(2\) "))
    assert page.locator("#rows > li").count() == 1
    assert page.locator("#rows > li").first.bounding_box() == before
    page.locator("#list-news").click()
    expect(page.locator("#rows > li")).to_have_count(2)


def test_who_reads_further_up_is_told_and_left_there(site: Site, browser: Browser) -> None:
    page, ticket = _opened(site, browser)
    site.desk.replies("\n".join(f"baris {number}" for number in range(60)), ticket, by="rahma")
    page.reload()
    page.evaluate("document.getElementById('talk').scrollTop = -5000")
    page.wait_for_timeout(200)
    where = page.evaluate("document.getElementById('talk').scrollTop")
    site.desk.clock.forward(minutes=1)
    site.desk.writes("terima kasih, satu lagi", address=BUDI)
    expect(page.locator("#message-news")).to_have_text("1 pesan baru")
    assert abs(page.evaluate("document.getElementById('talk').scrollTop") - where) < 100
    page.locator("#message-news").click()
    expect(page.locator(".message").last).to_be_in_viewport()
    expect(page.locator("#message-news")).to_be_hidden()


def test_a_draft_is_kept_until_it_is_sent(site: Site, browser: Browser) -> None:
    page, ticket = _opened(site, browser)
    page.locator("#reply").fill("Baik, kami cek")
    page.goto("/inbox/7411")
    page.goto(f"/inbox/7411/tickets/{ticket}")
    expect(page.locator("#reply")).to_have_value("Baik, kami cek")
    page.locator("#reply").press("Control+Enter")
    expect(page.locator(".message.officer")).to_contain_text("Baik, kami cek")
    expect(page.locator("#reply")).to_have_value("")
    page.reload()
    expect(page.locator("#reply")).to_have_value("")


def test_a_page_that_answered_a_form_stays_live(site: Site, browser: Browser) -> None:
    page, ticket = _opened(site, browser)
    site.desk.clock.forward(minutes=1)
    page.evaluate("document.querySelector('.reply input[name=seen]').value = 0")
    page.locator("#reply").fill("Baik")
    page.locator("#send").click()
    expect(page.locator("#problem")).to_be_visible()
    assert page.url.endswith(f"/tickets/{ticket}")
    site.desk.clock.forward(minutes=1)
    site.desk.writes("satu lagi", address=BUDI)
    expect(page.locator(".message.citizen").last).to_contain_text("satu lagi")
    expect(page.locator("#broken")).to_be_hidden()
    expect(page.locator("#reply")).to_have_value("Baik")


def test_closing_is_undone_where_it_is_told(site: Site, browser: Browser) -> None:
    page, _ = _opened(site, browser)
    page.get_by_role("button", name="Tutup tiket").click()
    expect(page.locator(".flash")).to_contain_text("ditutup")
    page.locator(".flash").get_by_role("button", name="Buka lagi").click()
    expect(page.get_by_role("button", name="Tutup tiket")).to_be_visible()


def test_colleagues_see_each_other_write(site: Site, browser: Browser) -> None:
    mine, ticket = _opened(site, browser)
    site.add_officer("jufri")
    theirs = site.page(browser)
    site.sign_in(theirs, "jufri")
    theirs.goto(f"/inbox/7411/tickets/{ticket}")
    theirs.evaluate("window.setTimeout = () => 0")  # however slow the machine is, nobody stops writing
    with theirs.expect_response(lambda answer: "writing=1" in (answer.request.post_data or "")):
        theirs.locator("#reply").press_sequentially("Saya")
    mine.reload()
    expect(mine.locator("#viewers")).to_contain_text("Jufri sedang menulis")


def test_it_works_without_any_script(site: Site, browser: Browser) -> None:
    scripted, ticket = _opened(site, browser)
    context = browser.new_context(
        base_url=site.url, java_script_enabled=False, storage_state=scripted.context.storage_state()
    )
    page = context.new_page()
    page.goto("/inbox/7411")
    page.locator("#rows a").click()
    page.locator("#reply").fill("Tanpa skrip")
    page.locator("#send").click()
    expect(page.locator(".message.officer")).to_contain_text("Tanpa skrip")
    page.locator("label[for=voice-note]").click()
    page.locator("#note").fill("catatan tanpa skrip")
    page.get_by_role("button", name="Simpan catatan").click()
    expect(page.locator(".message.note")).to_contain_text("catatan tanpa skrip")
    page.locator("summary", has_text="Alihkan").click()
    expect(page.get_by_label("Alihkan ke")).to_be_visible()
    assert page.url.split("?")[0].endswith(f"/tickets/{ticket}")


@pytest.mark.parametrize("width", [1440, 1024, 390, 320])
def test_every_page_fits_and_is_accessible(site: Site, browser: Browser, width: int) -> None:
    page, ticket = _opened(site, browser, width)
    for words in ("pengaduan", "surat kami tidak dijawab, mohon perhatian", "ya"):
        site.desk.writes(words, address=SITI)
    for path in PAGES:
        page.goto("/inbox/7411" + path.format(ticket=ticket))
        assert _fits(page), f"{path} scrolls sideways at {width}"
        assert serious(page) == [], path


@pytest.mark.parametrize("path", PAGES)
def test_text_may_be_twice_as_large(site: Site, browser: Browser, path: str) -> None:
    page, ticket = _opened(site, browser, 720)
    page.goto("/inbox/7411" + path.format(ticket=ticket))
    page.evaluate("document.documentElement.style.fontSize = '187.5%'")
    assert _fits(page)


def test_no_script_fails_and_nothing_is_refused_by_the_policy(site: Site, browser: Browser) -> None:
    page, ticket = _opened(site, browser)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    for path in PAGES:
        page.goto("/inbox/7411" + path.format(ticket=ticket))
        page.keyboard.press("?")
        expect(page.locator("#help")).to_be_visible()
        page.keyboard.press("Escape")
    assert wrong == []


def test_the_composer_follows_what_is_possible(site: Site, browser: Browser) -> None:
    page, _ = _opened(site, browser)
    page.locator("#reply").fill("Sudah saya tulis")
    site.desk.clock.forward(minutes=1)
    site.desk.writes("BERHENTI", address=BUDI)
    expect(page.locator("#way")).to_contain_text("BERHENTI")
    expect(page.locator("#send")).to_be_disabled()
    expect(page.locator("#reply")).to_have_value("Sudah saya tulis")
    page.reload()
    expect(page.locator("#reply")).to_have_count(0)
    site.desk.clock.forward(minutes=1)
    site.desk.writes("MULAI", address=BUDI)
    site.desk.settle()
    expect(page.locator("#reply")).to_have_value("Sudah saya tulis")
    expect(page.locator("#send")).to_be_enabled()


LOW = """() => [...document.querySelectorAll('a, button, summary, .voice, .consent input')].filter((one) => {
  const box = one.getBoundingClientRect(), inline = getComputedStyle(one).display === 'inline';
  return box.width > 1 && box.height > 1 && box.height < 39 && !inline && !one.matches('.skip');
}).map((one) => `${one.innerText || one.name} ${one.getBoundingClientRect().height}`)"""


@pytest.mark.parametrize("path", ["", "/tickets/{ticket}", "/tickets/{ticket}#card"])
def test_a_finger_meets_what_it_aims_at(site: Site, browser: Browser, path: str) -> None:
    page, ticket = _opened(site, browser, 360)
    page.goto("/inbox/7411" + path.format(ticket=ticket))
    page.evaluate("document.querySelectorAll('.consent').forEach((one) => { one.open = true; })")
    assert page.evaluate(LOW) == []
