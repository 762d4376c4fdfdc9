"""Photos and voice notes in a real browser: shown and played, though every file is an attachment."""

import os
from pathlib import Path

from playwright.sync_api import Browser, FilePayload, Page, expect

from channels.simulator.samples import picture, voice
from tests.browser.conftest import Site
from tests.driver import CITIZEN
from tests.handlers.site import REQUEST
from tests.media import hostile

PLAYED = """async (sound) => {
  await sound.play();
  await new Promise((heard) => sound.addEventListener("timeupdate", heard, { once: true }));
  await new Promise((heard) => sound.addEventListener("timeupdate", heard, { once: true }));
  return sound.currentTime;
}"""
PICTURES = os.environ.get("LOKET_PICTURES")


def keep(page: Page, name: str) -> None:
    """A picture of the page, where somebody wants to look at it."""
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png")


def sends(site: Site, kind: str, content: bytes | None = None, text: str = "") -> None:
    sender = site.desk.sender("7411", "whatsapp")
    site.desk.clock.forward(minutes=1)
    assert site.desk.twilio.citizen_writes(CITIZEN, sender, text, media=kind, content=content) == 200


def test_photos_are_seen_and_voice_notes_played(site: Site, browser: Browser) -> None:
    site.add_officer("jufri")
    ticket = site.ticket(REQUEST, CITIZEN)
    sends(site, "image/jpeg", picture("JPEG", (1200, 900)), text="Contoh tabel yang kami maksud")
    sends(site, "audio/ogg", voice(4))
    sends(site, "application/pdf")
    sends(site, "image/jpeg", hostile.HTML)
    site.desk.settle()
    page = site.page(browser)
    site.sign_in(page, "jufri")
    page.goto(f"/inbox/7411/tickets/{ticket}")
    photo = page.get_by_role("img", name="Foto dari pengguna layanan")
    expect(photo).to_be_visible()
    photo.scroll_into_view_if_needed()
    expect(photo).to_have_js_property("naturalWidth", 1200)
    assert page.locator("audio").evaluate(PLAYED) > 0
    keep(page, "ticket-1440")
    narrow = site.page(browser, 390, 844)
    site.sign_in(narrow, "jufri")
    narrow.goto(f"/inbox/7411/tickets/{ticket}")
    assert narrow.evaluate("document.documentElement.scrollWidth") <= 390
    keep(narrow, "ticket-390")


def test_a_file_that_comes_late_appears_by_itself(site: Site, browser: Browser) -> None:
    site.add_officer("jufri")
    ticket = site.ticket(REQUEST, CITIZEN)
    site.desk.twilio.shelf.not_yet_next(4)
    sends(site, "image/jpeg", text="Ini suratnya")
    for seconds in (0, 1, 3, 10):
        site.desk.clock.forward(seconds=seconds)
        site.desk.settle()
    page = site.page(browser)
    site.sign_in(page, "jufri")
    page.goto(f"/inbox/7411/tickets/{ticket}")
    expect(page.get_by_text("Berkas belum dapat diunduh: belum tersedia di Twilio.")).to_be_visible()
    keep(page, "missing-1440")
    page.get_by_role("button", name="Coba lagi").click()
    expect(page.get_by_text("Berkas sedang diunduh …")).to_be_visible()
    site.desk.clock.forward(seconds=1)
    site.desk.settle()
    expect(page.get_by_role("img", name="Foto dari pengguna layanan")).to_be_visible()


def test_what_whatsapp_does_not_carry_is_offered_as_a_link(site: Site, browser: Browser) -> None:
    site.add_officer("jufri")
    ticket = site.ticket(REQUEST, CITIZEN)
    page = site.page(browser)
    site.sign_in(page, "jufri")
    page.goto(f"/inbox/7411/tickets/{ticket}")
    page.get_by_label("Jawaban untuk Siti Contoh").fill("Berikut datanya.")
    keep(page, "composer-1440")
    csv = FilePayload(name="luas panen.csv", mimeType="text/csv", buffer=b"a;b\n")
    page.get_by_label("Lampirkan berkas").set_input_files(csv)
    page.get_by_role("button", name="Kirim lewat WhatsApp").click()
    expect(page.get_by_role("alert")).to_contain_text("luas panen.csv (jenis berkasnya tidak didukung)")
    keep(page, "refused-1440")
    page.get_by_label("Kirim yang tidak dapat langsung sebagai tautan unduh").check()
    page.get_by_role("button", name="Kirim lewat WhatsApp").click()
    expect(page.get_by_text("terkirim sebagai tautan unduh")).to_be_visible()
    site.desk.settle()
    text = site.desk.phone()[-1].text
    narrow = site.page(browser, 390, 844)
    narrow.goto(text.splitlines()[-1])
    expect(narrow.get_by_text("luas panen.csv")).to_be_visible()
    keep(narrow, "download-390")
    with narrow.expect_download() as saved:
        narrow.get_by_role("link", name="Unduh").click()
    assert saved.value.suggested_filename == "luas panen.csv"
