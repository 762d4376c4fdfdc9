"""Live pages: who hears of what, how many at once, and that a stream ends when it must."""

import json
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from handlers import officer
from handlers.web import live
from storage import officers
from storage.inbox import View
from tests.handlers.site import Site


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(live, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(live, "_PATIENCE", 0.05)
    monkeypatch.setattr(live, "BEAT_EVERY", 0.1)
    monkeypatch.setattr(live, "stopping", threading.Event())
    yield
    live.stopping.set()
    for thread in threading.enumerate():
        if thread.name == "loket-live":
            thread.join(2)


def _broadcaster(site: Site) -> live.Broadcaster:
    found: live.Broadcaster = site.app.extensions["loket.live"]
    return found


def _stream(site: Site, who: str = "officer", *, complaints: bool = False) -> Iterator[str]:
    told = _broadcaster(site)
    listener = told.join(View("7411", site.people[who], complaints))
    assert listener is not None
    stream = live._events(told, listener, site.runtime, 1)
    assert next(stream).startswith("retry")
    return stream


def _touched(stream: Iterator[str]) -> list[int]:
    for said in stream:
        if said.startswith("event: touched"):
            found: list[int] = json.loads(said.split("data: ")[1])
            return found
    return []


def _until_beat(stream: Iterator[str]) -> list[str]:
    said: list[str] = []
    for line in stream:
        if line.startswith(":"):
            return said
        said.append(line)
    return said


def test_an_open_page_hears_of_its_offices_tickets(site: Site) -> None:
    first = _stream(site)
    ticket = site.asks()
    assert _touched(first) == [ticket]
    officer.note(site.runtime, site.people["officer"], ticket, "catatan", "f")
    site.clock.forward(seconds=1)
    officer.claim(site.runtime, site.people["officer"], ticket)
    assert _touched(first) == [ticket]


def test_and_of_no_others(site: Site) -> None:
    stream = _stream(site)
    assert _until_beat(stream) == []
    site.writes("petugas", office="6302")
    site.complains()
    assert _until_beat(stream) == []
    supervisor = _stream(site, "supervisor", complaints=True)
    site.clock.forward(seconds=1)
    complaint = site.newest_ticket()
    officer.claim(site.runtime, site.people["supervisor"], complaint)
    assert _touched(supervisor) == [complaint]
    assert _until_beat(stream) == []


def test_a_stream_ends_when_the_server_goes(site: Site) -> None:
    stream = _stream(site)
    live.stopping.set()
    assert list(stream) == []
    assert _broadcaster(site).join(View("7411", 1, False)) is None


def test_a_stream_ends_with_the_sign_in(site: Site) -> None:
    stream = _stream(site)
    with site.runtime.database.write() as connection:
        officers.disable(connection, site.people["officer"], site.clock())
    assert [line for line in stream if not line.startswith(":")] == []


def test_a_stream_ends_with_the_membership_or_the_role(site: Site) -> None:
    streams = [_stream(site), _stream(site, "supervisor", complaints=True)]
    with site.runtime.database.write() as connection:
        officers.remove_role(connection, site.people["officer"], "7411", site.clock())
        officers.set_role(connection, site.people["supervisor"], "7411", "officer")
    for stream in streams:
        assert [line for line in stream if line.startswith("event")] == []


def test_beyond_the_cap_a_page_is_told_to_ask(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MOST_STREAMS", 1)
    client = site.signed_in("officer")
    with closing(client.get("/inbox/7411/live", buffered=False)) as stream:
        assert stream.status_code == 200
        assert stream.mimetype == "text/event-stream"
        assert client.get("/inbox/7411/live").status_code == 204
    with closing(client.get("/inbox/7411/live", buffered=False)) as again:
        assert again.status_code == 200


def test_asking_costs_nothing_while_nothing_changes(site: Site) -> None:
    client = site.signed_in("officer")
    first = client.get("/inbox/7411/changes")
    same = client.get("/inbox/7411/changes", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, same.status_code) == (200, 304)
    site.asks()
    changed = client.get("/inbox/7411/changes", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200


def test_asking_tells_an_officer_nothing_of_complaints(site: Site) -> None:
    site.asks()
    before = site.signed_in("officer").get("/inbox/7411/changes").data
    site.clock.forward(hours=1)
    site.complains()
    assert site.signed_in("officer").get("/inbox/7411/changes").data == before
    assert site.signed_in("supervisor").get("/inbox/7411/changes").data != before


def test_who_is_signed_out_is_told_so(site: Site) -> None:
    client = site.app.test_client()
    for address in ("/inbox/7411/live", "/inbox/7411/changes"):
        assert client.get(address).status_code == 401
    assert client.get("/inbox/7411", headers={"X-Live": "1"}).status_code == 401


def test_a_question_for_the_headers_takes_no_stream(site: Site) -> None:
    client = site.signed_in("officer")
    for _ in range(live.MOST_STREAMS):
        client.head("/inbox/7411/live")
    answer = client.get("/inbox/7411/live", buffered=False)
    assert answer.status_code == 200
    answer.close()
