"""The original of a hostile mail in a real browser: it is read, it runs nothing, it asks nobody."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import LOOKS, Site
from tests.browser.test_accessibility import serious
from tests.channels.mime.samples import raw

pytestmark = pytest.mark.browser

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
HOSTILE = f"""From: Siti Contoh <siti@contoh.id>
Subject: Permohonan data
MIME-Version: 1.0
Content-Type: multipart/related; boundary=b

--b
Content-Type: text/html; charset=utf-8

<title>x</title><style>body {{ background: url(http://127.0.0.1:9/a) }}</style>
<p>Mohon <b>data IPM</b></p><script>document.title = "diambil alih"</script>
<img src="http://127.0.0.1:9/pelacak.gif"><img id="peta" alt="peta" src="cid:peta@contoh">
<p onclick="alert(1)"><a href="http://127.0.0.1:9/tautan" target="_top">tautan</a></p>
<iframe src="http://127.0.0.1:9/"></iframe><meta http-equiv="refresh" content="0; url=http://127.0.0.1:9/">
--b
Content-Type: image/png; name=peta.png
Content-ID: <peta@contoh>
Content-Transfer-Encoding: base64

{PNG}
--b--
""".replace("\n", "\r\n").encode()


@LOOKS
def test_a_hostile_mail_is_only_read(site: Site, browser: Browser, width: int, scheme: str) -> None:
    """Its words and its own picture are there; nothing else happens, and axe finds no serious fault."""
    site.add_officer("rahma", "supervisor")
    mail = site.desk.mail_arrives(HOSTILE)
    page = site.page(browser, width)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of two literals
    asked: list[str] = []
    page.context.on("request", lambda request: asked.append(request.url))
    site.sign_in(page, "rahma")
    page.goto(f"/inbox/7411/tickets/{mail.ticket_id}")
    assert serious(page) == []
    page.get_by_role("link", name="Surat asli").click()
    letter = page.frame_locator("iframe.letter")
    expect(letter.get_by_text("data IPM")).to_be_visible()
    expect(letter.get_by_alt_text("peta")).to_have_js_property("naturalWidth", 1)
    expect(letter.locator("body")).to_have_css("padding-left", "15px")
    expect(page).to_have_title("(1) Surat asli · Loket")
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [url for url in asked if not url.startswith((site.url, "data:"))] == []


@pytest.mark.parametrize("width", [1440, 390])
def test_what_could_not_be_read_is_laid_out_for_people(site: Site, browser: Browser, width: int) -> None:
    """The pages for supervisors, with an alarm above them."""
    site.add_officer("rahma", "supervisor")
    for name in ("bagian-600", "dari-tanpa-alamat", "milis", "otomatis-exchange-id"):
        site.desk.mail_arrives(raw(name))
    page = site.page(browser, width)
    site.sign_in(page, "rahma")
    for path in ("/inbox/7411", "/inbox/7411/unhandled", "/inbox/7411/unhandled/mails"):
        page.goto(path)
        expect(page.get_by_text("Ada surat yang belum terbaca").first).to_be_visible()
        assert serious(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
