"""The demo's mail in a real browser: a citizen writes, an officer answers, in the inbox and by mail."""

import re
from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from tests.browser.conftest import LOOKS, PATIENCE
from tests.browser.test_accessibility import serious
from tests.handlers.demos import Demo, running_demo

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo that was just started."""
    with running_demo(tmp_path_factory.mktemp("demo")) as started:
        yield started


def visit(demo: Demo, browser: Browser, path: str, width: int = 1440, height: int = 900) -> Page:
    context = browser.new_context(
        base_url=demo.visitor.home, viewport={"width": width, "height": height}, locale="id-ID"
    )
    page = context.new_page()
    page.goto(path)
    return page


def write(mailbox: Page | FrameLocator, subject: str, text: str) -> None:
    mailbox.get_by_role("button", name="Tulis").click()
    mailbox.get_by_role("button", name="BPS Kab. Kolaka Timur").click()
    mailbox.get_by_label("Subjek").fill(subject)
    mailbox.get_by_label("Isi surat", exact=True).fill(text)
    mailbox.get_by_role("button", name="Kirim", exact=True).click()


def body(mailbox: Page | FrameLocator) -> FrameLocator:
    return mailbox.frame_locator('iframe[title="Isi surat"]')


def test_what_is_answered_in_the_inbox_comes_into_the_mailbox(demo: Demo, browser: Browser) -> None:
    """All on the demo's page, each in their own frame."""
    page = visit(demo, browser, "/demo")
    page.get_by_role("button", name="Email", exact=True).click()
    citizen = page.frame_locator('iframe[title="Email warga"]')
    write(citizen, "Jumlah penduduk", "Mohon jumlah penduduk Kolaka Timur tahun 2024 untuk skripsi saya.")
    citizen.get_by_role("button", name=re.compile(r"Jumlah penduduk \[KTM")).click(timeout=PATIENCE)
    expect(body(citizen).get_by_text("Permintaan Bapak/Ibu sudah kami terima")).to_be_visible()
    expect(page.locator("#scenes")).to_contain_text("email diambil lewat IMAP")

    page.get_by_role("tab", name="Meja petugas").click()
    desk = page.frame_locator('iframe[name="desk-frame"]')
    desk.get_by_role("link", name=re.compile("Sinta Lestari")).click(timeout=PATIENCE)
    desk.locator("#reply").fill("Jumlahnya 120.699 jiwa, Kak Sinta.")
    desk.locator("#send").click()
    citizen.get_by_role("button", name="Kembali 1").click(timeout=PATIENCE)
    citizen.get_by_role("button", name=re.compile("Jumlahnya 120.699 jiwa")).first.click(timeout=PATIENCE)
    expect(body(citizen).get_by_text("Jumlahnya 120.699 jiwa, Kak Sinta.")).to_be_visible()


def test_what_an_officer_answers_by_mail_comes_into_the_mailbox(demo: Demo, browser: Browser) -> None:
    """The notice, the reply to it, the citizen; and the officer is shown what was sent."""
    page = visit(demo, browser, "/demo#surel")
    citizen = page.frame_locator('iframe[title="Email warga"]')
    officer = page.frame_locator('iframe[title="Email petugas"]')
    citizen.get_by_label("Kotak surat milik").select_option(label="Budi Hartono")
    write(citizen, "Luas panen", "Mohon luas panen padi Kolaka Timur tahun 2023 untuk laporan dinas.")
    citizen.get_by_role("button", name=re.compile(r"Luas panen \[KTM")).wait_for(timeout=PATIENCE)
    page.get_by_role("button", name="+1 jam").click()
    officer.get_by_role("button", name=re.compile("Tiket baru dari Budi Hartono")).click(timeout=PATIENCE)
    expect(body(officer).get_by_text("Mohon luas panen padi")).to_be_visible()
    officer.get_by_role("button", name="Balas").click()
    officer.get_by_label("Isi surat", exact=True).press_sequentially("Luasnya 8.412 hektare.")
    officer.get_by_role("button", name="Kirim", exact=True).click()
    citizen.get_by_role("button", name=re.compile("Luasnya 8.412 hektare")).click(timeout=PATIENCE)
    expect(body(citizen).get_by_text("Luasnya 8.412 hektare.")).to_be_visible()
    expect(body(citizen).get_by_text("Pelayanan Statistik Terpadu")).to_have_count(0)
    officer.get_by_role("button", name=re.compile("Jawaban Anda diteruskan")).wait_for(timeout=PATIENCE)


def test_a_reply_carries_a_file_and_comes_to_the_same_ticket(demo: Demo, browser: Browser) -> None:
    page = visit(demo, browser, "/demo/surat/dewi")
    page.get_by_role("button", name=re.compile("Selamat siang, Ibu Dewi")).click()
    page.get_by_role("button", name="Balas").click()
    expect(page.get_by_label("Kepada")).to_have_value(re.compile(r"^bps7411\+t\.[a-z0-9.]+@bps\.go\.id$"))
    page.get_by_label("Isi surat", exact=True).fill("Ini surat pengantarnya.")
    page.locator('input[type="file"]').set_input_files(
        {"name": "pengantar.txt", "mimeType": "text/plain", "buffer": b"Surat pengantar"}
    )
    page.get_by_role("button", name="Kirim", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Terkirim.")
    page.get_by_role("button", name="Terkirim", exact=True).click()
    page.get_by_role("button", name=re.compile("Ini surat pengantarnya")).click()
    with page.expect_download() as saved:
        page.get_by_role("link", name="pengantar.txt").click()
    assert saved.value.path().read_bytes() == b"Surat pengantar"
    strip = visit(demo, browser, "/demo").locator("#scenes")
    expect(strip).to_contain_text("Dewi Anggraini → KTM", timeout=PATIENCE)


def test_faults_are_said_where_they_are(demo: Demo, browser: Browser) -> None:
    page = visit(demo, browser, "/demo/surat/nurul")
    page.get_by_role("button", name="Tulis").click()
    page.get_by_role("button", name="Kirim", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Tulis alamat email yang dituju.")
    expect(page.get_by_label("Kepada")).to_be_focused()
    page.get_by_label("Kepada").fill("siapa@warga.example")
    page.get_by_label("Isi surat", exact=True).fill("Halo")
    page.get_by_role("button", name="Kirim", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Alamat itu tidak dikenal di demo ini.")
    expect(page.get_by_label("Isi surat", exact=True)).to_have_value("Halo")


def test_a_mail_can_run_nothing(demo: Demo, browser: Browser) -> None:
    """What a citizen's HTML holds is looked at only; its frame has no scripts and loads nothing."""
    page = visit(demo, browser, "/demo/surat/dewi")
    page.get_by_role("button", name=re.compile("Selamat siang, Ibu Dewi")).click()
    expect(page.locator('iframe[title="Isi surat"]')).to_have_attribute(
        "sandbox", "allow-same-origin allow-popups allow-popups-to-escape-sandbox"
    )
    page.frame_locator('iframe[title="Isi surat"]').locator("body").wait_for()
    with page.expect_console_message(lambda said: "script" in said.text):
        page.evaluate(
            """() => { const inside = document.querySelector('iframe[title="Isi surat"]').contentDocument;
            const script = inside.createElement('script'); script.textContent = 'parent.harmed = true';
            inside.body.append(script); }"""
        )
    assert page.evaluate("window.harmed") is None


@LOOKS
def test_the_webmail_is_accessible(
    demo: Demo, browser: Browser, width: int, scheme: Literal["light", "dark"]
) -> None:
    """List, mail and a reply; nothing is wider than the screen."""
    page = visit(demo, browser, "/demo/surat/rahma", width)
    page.emulate_media(color_scheme=scheme)
    page.get_by_role("button", name=re.compile("Tiket baru dari Wayan")).wait_for()
    assert serious(page) == []
    page.get_by_role("button", name=re.compile("Tiket baru dari Wayan")).click()
    body(page).get_by_role("link", name="Buka tiket").wait_for()
    assert serious(page) == []
    page.get_by_role("button", name="Balas").click()
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
