"""The catalogue is filled from a WebAPI on loopback: at night, once, never emptied by what is no answer."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import flask
import pytest

from bot.policy import SearchFirst
from channels.webapi import WebApi
from handlers import cataloguing, jobs, searching
from handlers.runtime import Runtime
from storage import catalogue
from tests.driver import Desk
from tests.webapi_server import KEY, WebApiServer, publication, running_webapi

NOON = datetime(2026, 7, 6, 4, 0, tzinfo=UTC)
NIGHT = datetime(2026, 7, 6, 18, 0, tzinfo=UTC)  # two o'clock in Makassar
SITES = [
    {"domain_id": "7411", "domain_name": "Kolaka Timur", "domain_url": "https://koltimkab.bps.go.id"},
    {"domain_id": "7400", "domain_name": "Sulawesi Tenggara", "domain_url": "https://sultra.bps.go.id"},
]


@pytest.fixture
def server() -> Iterator[WebApiServer]:
    with running_webapi() as running:
        running.domains = list(SITES)
        running.rows["publication", "7411"] = [
            publication(number, f"Kolaka Timur Dalam Angka {2000 + number}") for number in range(1, 26)
        ]
        running.rows["pressrelease", "7400"] = [
            {"brs_id": 9, "title": "Inflasi Sulawesi Tenggara Juni 2026", "rl_date": "2026-07-01"}
        ]
        yield running


@pytest.fixture
def runtime(desk: Desk, server: WebApiServer) -> Runtime:
    """An office that searches first, with a key for the server."""
    offices = desk.runtime.settings.offices
    offices["7411"] = replace(offices["7411"], search_first=SearchFirst(enabled=True))
    desk.clock.at = NOON
    api = WebApi(server.url, KEY, "Mozilla/5.0 (Loket)", between=0, seconds=60)
    return replace(desk.runtime, webapi=api)


def kept(runtime: Runtime) -> dict[tuple[str, str], int]:
    with runtime.database.read() as connection:
        counts = catalogue.counts(connection, ("7411", "7400", "0000"))
    return {(office, kind): number for (office, _, kind), number in counts.items()}


def error(runtime: Runtime, domain: str = "7411") -> str:
    with runtime.database.read() as connection:
        return str(catalogue.sources(connection, (domain,))[domain].error)


ALL = {("7411", "publication"): 25, ("7400", "pressrelease"): 1}


def test_what_was_never_fetched_is_fetched_at_once_for_office_province_and_country(
    runtime: Runtime, server: WebApiServer
) -> None:
    jobs.fetch_catalogue(runtime)
    assert kept(runtime) == ALL
    assert {line.split()[0] for line in server.asked} == {
        *("domain", "publication", "pressrelease", "statictable", "news"),
    }
    with runtime.database.read() as connection:
        (found,) = searching.found(connection, runtime.office("7411"), "brp inflasi sultra juni 2026")
    assert (
        found.link
        == "https://sultra.bps.go.id/pressrelease/2026/07/01/9/inflasi-sulawesi-tenggara-juni-2026.html"
    )


def test_it_is_fetched_again_at_night_only_and_once(
    desk: Desk, runtime: Runtime, server: WebApiServer
) -> None:
    jobs.fetch_catalogue(runtime)
    server.asked.clear()
    desk.clock.at = NOON + timedelta(hours=5)
    jobs.fetch_catalogue(runtime)
    assert server.asked == []
    desk.clock.at = NIGHT + timedelta(days=1)
    jobs.fetch_catalogue(runtime)
    asked = len(server.asked)
    assert asked > 0
    desk.clock.forward(minutes=10)
    jobs.fetch_catalogue(runtime)
    assert len(server.asked) == asked


def test_what_is_no_longer_published_goes(desk: Desk, runtime: Runtime, server: WebApiServer) -> None:
    jobs.fetch_catalogue(runtime)
    server.rows["publication", "7411"].pop()
    desk.clock.at = NIGHT + timedelta(days=1)
    jobs.fetch_catalogue(runtime)
    assert kept(runtime)["7411", "publication"] == 24


@pytest.mark.parametrize(
    "fault", ["html", "html as json", "nothing", "empty", "cut", "403", "500", "error", "strange"]
)
def test_what_is_no_answer_leaves_the_catalogue_as_it_was(
    desk: Desk, runtime: Runtime, server: WebApiServer, fault: str
) -> None:
    jobs.fetch_catalogue(runtime)
    server.always["publication"] = fault
    desk.clock.at = NIGHT + timedelta(days=1)
    jobs.fetch_catalogue(runtime)
    assert kept(runtime) == ALL
    assert error(runtime).startswith("publication: ")


def test_an_empty_list_is_not_believed_where_something_was(
    desk: Desk, runtime: Runtime, server: WebApiServer
) -> None:
    jobs.fetch_catalogue(runtime)
    server.rows["publication", "7411"] = []
    desk.clock.at = NIGHT + timedelta(days=1)
    jobs.fetch_catalogue(runtime)
    assert kept(runtime) == ALL


class Impatient(WebApi):
    """Waits for publications a moment only."""

    def _get(self, address: str, page: int) -> tuple[int, bytes]:
        seconds = 0.3 if "/model/publication/" in address else self.seconds
        return WebApi(self.api_url, self.key, self.user_agent, seconds)._get(address, page)


def test_a_slow_server_is_given_up_and_tried_again_an_hour_later(
    desk: Desk, runtime: Runtime, server: WebApiServer
) -> None:
    api = runtime.webapi
    assert api is not None
    impatient = replace(runtime, webapi=Impatient(api.api_url, KEY, api.user_agent, 60, 0))
    server.always["publication"] = "silent"
    jobs.fetch_catalogue(impatient)
    assert error(runtime) == "publication: slow"
    server.always.clear()
    server.asked.clear()
    desk.clock.forward(minutes=30)
    jobs.fetch_catalogue(runtime)
    assert server.asked == []
    desk.clock.forward(minutes=31)
    jobs.fetch_catalogue(runtime)
    assert (kept(runtime), error(runtime)) == (ALL, "")


def test_a_wrong_key_is_told_once_and_no_more_is_asked(runtime: Runtime, server: WebApiServer) -> None:
    api = runtime.webapi
    assert api is not None
    jobs.fetch_catalogue(replace(runtime, webapi=replace(api, key="salah")))
    assert error(runtime) == "publication: key"
    assert server.asked == []
    assert kept(runtime) == {}


def test_websites_that_are_not_told_come_from_the_configuration(
    runtime: Runtime, server: WebApiServer
) -> None:
    offices = runtime.settings.offices
    offices["7411"] = replace(offices["7411"], website="https://koltim.contoh.id/")
    server.always["domain"] = "html"
    jobs.fetch_catalogue(runtime)
    with runtime.database.read() as connection:
        rows = list(catalogue.listed(connection, "7411", "webapi"))
    assert all(row.link.startswith("https://koltim.contoh.id/publication/2025/02/28/") for row in rows)


def test_two_workers_fetch_once(runtime: Runtime, desk: Desk) -> None:
    now = desk.clock()
    with runtime.database.write() as connection:
        assert catalogue.claim_source(connection, "7411", now, fetched_before=now)
        assert not catalogue.claim_source(connection, "7411", now, fetched_before=now)


def test_a_worker_that_ends_stops_in_the_middle(runtime: Runtime, server: WebApiServer) -> None:
    stopping = Event()
    stopping.set()
    jobs.fetch_catalogue(runtime, stopping)
    assert server.asked == []
    assert kept(runtime) == {}


def test_without_a_key_or_an_office_that_searches_nothing_is_asked(
    runtime: Runtime, server: WebApiServer
) -> None:
    jobs.fetch_catalogue(replace(runtime, webapi=None))
    offices = runtime.settings.offices
    offices["7411"] = replace(offices["7411"], search_first=SearchFirst())
    jobs.fetch_catalogue(runtime)
    assert server.asked == []


def test_an_office_may_name_what_it_looks_in(runtime: Runtime) -> None:
    offices = runtime.settings.offices
    offices["7411"] = replace(offices["7411"], search_first=SearchFirst(enabled=True, domains=("7404",)))
    assert list(cataloguing.wanted(runtime)) == ["7411", "7404"]


def test_a_page_that_is_missing_in_the_middle_takes_nothing_away(
    desk: Desk, runtime: Runtime, server: WebApiServer
) -> None:
    jobs.fetch_catalogue(runtime)
    whole, real = kept(runtime), server.answer

    def answer(model: str, rows: list[dict[str, Any]]) -> Any:
        if model == "publication" and flask.request.args.get("page") == "2":
            return flask.jsonify({"status": "OK", "data-availability": "not-available", "data": ""})
        return real(model, rows)

    server.answer = answer  # type: ignore[method-assign]
    desk.clock.at = NIGHT + timedelta(days=1)
    jobs.fetch_catalogue(runtime)
    assert kept(runtime) == whole
