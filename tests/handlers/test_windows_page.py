"""The inbox counts the windows down, sorts by them, and lists what is held."""

import re
from html import unescape

from flask.testing import FlaskClient

from handlers import officer
from storage import outbox
from tests.handlers.site import Site, composed

OTHER = "+6281299998888"
ROW = re.compile(r'<span class="window (\w+)">([^<]*)</span><span class="reference">([^<]*)</span>')


def rows(browser: FlaskClient, query: str = "") -> list[tuple[str, str, str]]:
    """The windows of a list: state, words and the ticket's number, from the top."""
    page = browser.get(f"/inbox/7411?list=open{query}").text
    return [(state, unescape(text), number[-2:]) for state, text, number in ROW.findall(page)]


def test_the_list_counts_down_in_words_and_colours(site: Site) -> None:
    site.asks()
    browser = site.signed_in("officer")
    told = []
    for hours in (0, 19, 4, 1):
        site.clock.forward(hours=hours)
        told += [(state, text) for state, text, _ in rows(browser)]
    assert told == [
        ("open", "jendela 23 jam lagi"),
        ("open", "jendela 4 jam lagi"),
        ("soon", "jendela 55 menit lagi"),
        ("shut", "jendela tertutup"),
    ]


def test_what_shuts_soonest_stands_first_and_the_order_stays(site: Site) -> None:
    for address, hours in (("+6281200000001", 25), ("+6281200000002", 2), ("+6281200000003", 1)):
        site.asks(address=address)
        site.clock.forward(hours=hours)
    site.writes("masih menunggu", address="+6281200000002")
    browser = site.signed_in("officer")
    assert [number for *_, number in rows(browser)] == ["01", "02", "03"]
    assert [number for *_, number in rows(browser, "&sort=window")] == ["03", "02", "01"]
    page = browser.get("/inbox/7411?list=open&sort=window").text
    assert "Menurut tenggat" in page
    assert re.search(r'href="/inbox/7411/tickets/\d+\?list=open&(amp;)?sort=window"', page)
    assert "Menurut jendela" not in browser.get("/inbox/7411?list=closed&sort=window").text


def test_what_is_held_has_a_list_of_its_own(site: Site) -> None:
    ticket = site.asks()
    site.asks(address=OTHER)
    browser = site.signed_in("officer")
    assert ">Tertahan" not in browser.get("/inbox/7411").text
    browser.post(f"/inbox/7411/tickets/{ticket}/reply", data=composed("Jawaban", site.last_id()))
    with site.runtime.database.write() as connection:
        outbox.hold_for_window(connection, site.last_id("out"), site.clock())
    page = browser.get("/inbox/7411?list=held").text
    assert re.search(r'>Tertahan <span class="count late">1</span>', page)
    assert len(re.findall(r'class="row[ "]', page)) == 1
    assert '<span class="mark">tertahan</span>' in page
    officer.close(site.runtime, site.people["officer"], ticket)
    assert "Tidak ada jawaban yang tertahan" in browser.get("/inbox/7411?list=held").text
