"""The WebAPI on loopback: every page is read, and nothing that is no proper answer is taken for "nothing"."""

from collections.abc import Iterator
from datetime import date

import pytest

from channels.webapi import Away, Published, Site, WebApi, Why, plain
from tests.webapi_server import KEY, WebApiServer, publication, running_webapi

SITE = "https://kotabarukab.bps.go.id"


@pytest.fixture
def server() -> Iterator[WebApiServer]:
    with running_webapi() as running:
        yield running


def api(server: WebApiServer, key: str = KEY, seconds: float = 60.0) -> WebApi:
    return WebApi(server.url, key, "Mozilla/5.0 (Loket)", seconds=seconds, between=0, rest=lambda _: None)


def publications(server: WebApiServer, seconds: float = 60.0) -> list[Published]:
    return list(api(server, seconds=seconds).published("publication", "6302", SITE))


def test_every_page_is_read_the_last_one_included(server: WebApiServer) -> None:
    server.rows["publication", "6302"] = [publication(number, f"Buku {number}") for number in range(1, 26)]
    found = publications(server)
    assert [each.title for each in found] == [f"Buku {number}" for number in range(1, 26)]
    assert server.asked == ["publication 1", "publication 2", "publication 3"]
    assert server.agents == {"Mozilla/5.0 (Loket)"}


def test_a_row_becomes_a_title_with_the_page_for_people(server: WebApiServer) -> None:
    server.rows["publication", "6302"] = [publication(255, "Kabupaten Kotabaru Dalam Angka 2025")]
    (found,) = publications(server)
    assert found == Published(
        kind="publication",
        id="0000000000000000000000ff",
        title="Kabupaten Kotabaru Dalam Angka 2025",
        link=f"{SITE}/publication/2025/02/28/0000000000000000000000ff/kabupaten-kotabaru-dalam-angka-2025.html",
        day=date(2025, 2, 28),
        summary="Publikasi tahunan BPS .",
    )


def test_ids_may_be_numbers_and_days_may_be_missing(server: WebApiServer) -> None:
    server.rows["statictable", "6302"] = [
        {"table_id": 23, "title": "Tenaga Kesehatan", "subj": "Kesehatan", "updt_date": "2015-09-27"},
        {"table_id": "24", "title": "Tenaga &amp; Guru", "subj": None, "updt_date": ""},
        {"table_id": None, "title": "ohne"},
        {"table_id": 25, "title": " "},
    ]
    first, second = api(server).published("statictable", "6302", SITE)
    assert (first.id, first.link) == ("23", f"{SITE}/statictable/2015/09/27/23/tenaga-kesehatan.html")
    assert (second.title, second.day) == ("Tenaga & Guru", None)
    assert second.link == "https://searchengine.web.bps.go.id/search?q=Tenaga+%26+Guru&content=all&mfd=6302"


def test_nothing_published_is_no_fault(server: WebApiServer) -> None:
    assert publications(server) == []


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        *(("html", Why.BLOCKED), ("html as json", Why.BLOCKED), ("403", Why.BLOCKED), ("404", Why.BLOCKED)),
        *(("elsewhere", Why.BLOCKED), ("nothing", Why.GARBLED), ("empty", Why.GARBLED), ("cut", Why.GARBLED)),
        *(("strange", Why.GARBLED), ("error", Why.FAILING), ("wrong key", Why.KEY), ("500", Why.FAILING)),
        *(("503", Why.FAILING), ("401", Why.KEY)),
    ],
)
def test_what_is_no_answer_is_never_taken_for_nothing(server: WebApiServer, fault: str, why: Why) -> None:
    server.rows["publication", "6302"] = [publication(1, "Buku")]
    server.always["publication"] = fault
    with pytest.raises(Away) as raised:
        publications(server)
    assert raised.value.why is why
    assert KEY not in f"{raised.value} {raised.value!r} {raised.value.__context__}"


@pytest.mark.parametrize("fault", ["silent", "dripping", "stuck"])
def test_one_that_is_too_slow_is_given_up(server: WebApiServer, fault: str) -> None:
    server.always["publication"] = fault
    with pytest.raises(Away) as raised:
        publications(server, seconds=0.4)
    assert raised.value.why is Why.SLOW


def test_one_that_is_not_there() -> None:
    gone = WebApi("http://127.0.0.1:9/v1/api", KEY, "Loket", rest=lambda _: None)
    with pytest.raises(Away) as raised:
        list(gone.published("news", "6302", SITE))
    assert raised.value.why is Why.UNREACHABLE


@pytest.mark.parametrize("fault", ["500", "503", "error"])
def test_what_fails_in_passing_is_asked_once_more(server: WebApiServer, fault: str) -> None:
    server.rows["publication", "6302"] = [publication(1, "Buku")]
    server.faults = [fault]
    assert [each.title for each in publications(server)] == ["Buku"]
    assert server.asked == ["publication 1", "publication 1"]


def test_what_is_blocked_is_not_asked_again(server: WebApiServer) -> None:
    server.always["publication"] = "html"
    with pytest.raises(Away):
        publications(server)
    assert len(server.asked) == 1


def test_a_fault_on_a_later_page_is_not_the_end_of_the_list(server: WebApiServer) -> None:
    server.rows["publication", "6302"] = [publication(number, f"Buku {number}") for number in range(1, 26)]
    found = api(server).published("publication", "6302", SITE)
    for _ in range(10):
        next(found)
    server.always["publication"] = "html"
    with pytest.raises(Away):
        list(found)


def test_the_domains_and_their_websites(server: WebApiServer) -> None:
    server.domains = [
        {"domain_id": "6302", "domain_name": "Kotabaru", "domain_url": f"{SITE}/"},
        {"domain_id": "9999", "domain_name": "Rusak", "domain_url": ""},
    ]
    assert api(server).sites() == {"6302": Site("Kotabaru", SITE)}


def test_requests_are_paced(server: WebApiServer) -> None:
    server.rows["publication", "6302"] = [publication(number, f"Buku {number}") for number in range(1, 26)]
    rested: list[float] = []
    paced = WebApi(server.url, KEY, "Loket", between=0.5, rest=rested.append)
    list(paced.published("publication", "6302", SITE))
    assert rested == [0.5, 0.5, 0.5]


def test_marked_text_becomes_plain() -> None:
    ages = "Penduduk Usia &lt;15 Tahun dan &gt;64 Tahun"
    assert plain(ages) == "Penduduk Usia <15 Tahun dan >64 Tahun"
    assert plain("Omzet < 300 Juta<br/>dan > 2.500 Juta") == "Omzet < 300 Juta dan > 2.500 Juta"
    assert (
        plain("&lt;b&gt;A. EKSPOR&lt;/b&gt;&lt;div&gt;naik 5 &amp;amp; turun") == "A. EKSPOR naik 5 & turun"
    )


def test_the_key_stays_out_of_every_trace(server: WebApiServer) -> None:
    assert KEY not in repr(api(server))
