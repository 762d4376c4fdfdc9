"""Officers choose their mail on a page that everybody can use, and read it in every width and light."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from handlers.mailroom.notice_words import words
from handlers.mailroom.notices import Cause
from storage import officers
from storage.officers import MailWishes
from tests.browser.conftest import LOOKS, Site
from tests.browser.test_accessibility import serious
from tests.handlers.test_notice_words import CONFIRMED, TICKET

pytestmark = pytest.mark.browser
WIDTHS = pytest.mark.parametrize("width", [1440, 390])


def _fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@WIDTHS
def test_an_officer_finds_the_page_and_chooses(site: Site, browser: Browser, width: int) -> None:
    rahma = site.add_officer("rahma")
    page = site.page(browser, width)
    site.sign_in(page, "rahma")
    page.get_by_role("link", name="Pemberitahuan email").click()
    page.get_by_label("Ada kabar di tiket saya").check()
    page.get_by_label("Warga menunggu terlalu lama").check()
    page.get_by_role("button", name="Simpan").click()
    page.get_by_text("Pilihan Anda disimpan.").wait_for()
    assert page.get_by_label("Ada kabar di tiket saya").is_checked()
    assert not page.get_by_label("Ada tiket baru").is_checked()
    with site.desk.runtime.database.read() as connection:
        found = officers.mail_wishes(connection, rahma, "7411")
    assert found == MailWishes(mine=True, reminders=True)
    assert serious(page) == []
    assert _fits(page)


@LOOKS
def test_a_mail_to_an_officer_can_be_read(browser: Browser, width: int, scheme: Any) -> None:
    for cause, values in ((Cause.WROTE, TICKET), (Cause.CONFIRMED, CONFIRMED)):
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page.set_content(words(cause, "id", values).html)
        assert serious(page) == []
        assert _fits(page)
        page.close()
