"""Live pages: who hears of what, how many at once, and that a stream ends when it must."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from io import BufferedReader
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from handlers import officer
from handlers.web import live, streams
from handlers.web.streams import Broadcaster, Stream
from storage import changes, officers, sign_ins, tickets
from storage.inbox import View
from tests.handlers.site import Site
from tests.handlers.test_worker import wait_for

_PATIENCE = 60.0


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(streams, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(streams, "BEAT_EVERY", 0.1)
    monkeypatch.setattr(streams, "stopping", threading.Event())
    yield
    streams.stopping.set()
    for thread in threading.enumerate():
        if thread.name == "loket-live":
            thread.join(_PATIENCE)


@pytest.fixture
def lines() -> Iterator[ExitStack]:
    """What ends with the test: the pages' ends of their connections."""
    with ExitStack() as stack:
        yield stack


class Page:
    """The browser's end of a stream."""

    def __init__(
        self, site: Site, lines: ExitStack, who: str = "officer", *, complaints: bool = False,
        ticket: int | None = None, office: str = "7411",
    ) -> None:  # fmt: skip
        ours, self.line = socket.socketpair()
        lines.enter_context(self.line)
        self.line.settimeout(_PATIENCE)
        view, self.mark = View(office, site.people[who], complaints), uuid4().hex
        with site.runtime.database.write() as connection:
            sign_ins.begin(connection, self.mark, view.officer_id, "", site.clock())
        _told(site).adopt(Stream(ours, view, self.mark, ticket, chunked=False))
        self.read: BufferedReader = lines.enter_context(self.line.makefile("rb"))

    def touched(self) -> list[int]:
        """The next tickets it hears of; nothing when the stream ends."""
        for line in self.read:
            if line.startswith(b"data: "):
                found: list[int] = json.loads(line.removeprefix(b"data: "))
                return found
        return []

    def until_beat(self) -> list[bytes]:
        """What it hears until the second beat from now: by then every earlier look has told its own."""
        said: list[bytes] = []
        beats = 0
        while beats < 2 and (line := self.read.readline()):
            beats += line.startswith(b":")
            said += [line] if line.startswith(b"data") else []
        return said


def _told(site: Site) -> Broadcaster:
    return live.broadcaster(site.app)


def test_an_open_page_hears_of_its_offices_tickets(site: Site, lines: ExitStack) -> None:
    first = Page(site, lines)
    ticket = site.asks()
    assert first.touched() == [ticket]
    site.clock.forward(seconds=1)
    officer.claim(site.runtime, site.people["officer"], ticket)
    assert first.touched() == [ticket]


@pytest.mark.parametrize("apart", [timedelta(0), timedelta(milliseconds=10)])
def test_after_many_tickets_at_once_an_open_page_hears_of_what_comes_next(
    site: Site, lines: ExitStack, monkeypatch: pytest.MonkeyPatch, apart: timedelta
) -> None:
    """More than are read at once, of one moment or within a few seconds: each is heard of, and no end."""
    many = [site.asks(address=f"+62812000000{number:02d}") for number in range(7)]
    page = Page(site, lines)
    page.until_beat()
    monkeypatch.setattr(changes, "MOST", 3)
    site.clock.forward(seconds=60)
    with site.runtime.database.write() as connection:
        for number, ticket in enumerate(many):
            tickets.touch(connection, ticket, site.clock() + number * apart)
    assert page.touched() == many
    site.clock.forward(minutes=30)
    officer.claim(site.runtime, site.people["officer"], many[0])
    assert page.touched() == [many[0]]


def test_and_of_no_others(site: Site, lines: ExitStack) -> None:
    page = Page(site, lines)
    site.writes("petugas", office="6302")
    site.complains()
    assert page.until_beat() == []
    supervisor = Page(site, lines, "supervisor", complaints=True)
    site.clock.forward(seconds=1)
    complaint = site.newest_ticket()
    officer.claim(site.runtime, site.people["supervisor"], complaint)
    assert supervisor.touched() == [complaint]
    assert page.until_beat() == []


def test_dozens_of_pages_are_told_a_handful_at_a_time_and_who_shows_the_ticket_at_once(
    site: Site, lines: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "TOLD_AT_ONCE", 3)
    ticket = site.asks()
    told = _told(site)
    rounds: list[int] = []
    showing = Page(site, lines, ticket=ticket)
    assert showing.touched() == [ticket]  # The first look tells once more what is some seconds old.
    others = [Page(site, lines) for _ in range(49)]
    tell = told._tell

    def counted() -> None:
        tell()
        rounds.append(len(told._waiting))

    monkeypatch.setattr(told, "_tell", counted)
    site.clock.forward(seconds=1)
    officer.claim(site.runtime, site.people["officer"], ticket)
    for page in (showing, *others):
        assert page.touched() == [ticket]
    wait_for(lambda: rounds[-1] == 0, _PATIENCE)
    assert [left for left in rounds if left] == list(range(46, 0, -3))


def test_a_page_that_was_closed_is_forgotten_and_the_looking_ends_with_the_last(
    site: Site, lines: ExitStack
) -> None:
    pages = [Page(site, lines) for _ in range(3)]
    assert len(_told(site)) == 3
    for page in pages:
        page.read.close()
        page.line.close()
    wait_for(lambda: len(_told(site)) == 0, _PATIENCE)
    wait_for(lambda: _told(site)._thread is None, _PATIENCE)
    assert Page(site, lines).until_beat() == []


def test_a_page_that_does_not_read_is_dropped(site: Site, lines: ExitStack) -> None:
    Page(site, lines)
    (stream,) = _told(site)._streams
    while stream.say("event: touched\ndata: [1]\n\n"):
        pass
    wait_for(lambda: len(_told(site)) == 0, _PATIENCE)


def test_streams_end_when_the_server_goes(site: Site, lines: ExitStack) -> None:
    pages = [Page(site, lines) for _ in range(40)]
    streams.stopping.set()
    for page in pages:
        assert page.touched() == []
    assert not _told(site).has_room()
    assert Page(site, lines).touched() == []


def test_a_stream_ends_with_the_sign_in(site: Site, lines: ExitStack) -> None:
    """Wherever it was ended: a process hears of it by the database."""
    page, at_home = Page(site, lines), Page(site, lines)
    with site.runtime.database.write() as connection:
        sign_ins.end(connection, page.mark)
    assert page.touched() == []
    assert at_home.until_beat() == []
    with site.runtime.database.write() as connection:
        sign_ins.end_all(connection, site.people["officer"])
    assert at_home.touched() == []


def test_a_stream_ends_with_the_account(site: Site, lines: ExitStack) -> None:
    page, other = Page(site, lines), Page(site, lines, "supervisor", complaints=True)
    with site.runtime.database.write() as connection:
        officers.disable(connection, site.people["officer"], site.clock())
    assert page.touched() == []
    assert other.until_beat() == []
    assert len(_told(site)) == 1


def test_a_stream_ends_with_the_membership_or_the_role(site: Site, lines: ExitStack) -> None:
    pages = [Page(site, lines), Page(site, lines, "supervisor", complaints=True)]
    with site.runtime.database.write() as connection:
        officers.remove_role(connection, site.people["officer"], "7411", site.clock())
        officers.set_role(connection, site.people["supervisor"], "7411", "officer")
    for page in pages:
        assert page.touched() == []


def test_signing_out_ends_the_officers_streams_here(site: Site, lines: ExitStack) -> None:
    mine, other = Page(site, lines), Page(site, lines, "supervisor", complaints=True)
    assert site.signed_in("officer").post("/sign-out").status_code == 303
    assert mine.touched() == []
    assert other.until_beat() == []


def test_a_stream_has_an_end(site: Site, lines: ExitStack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "SHORTEST_LIFE", -streams.LIVES_DIFFER_BY)
    assert Page(site, lines).touched() == []


def _opened(client: FlaskClient, lines: ExitStack, protocol: str = "HTTP/1.1") -> tuple[int, socket.socket]:
    """Ask for a stream through the application, as the server does: the status, and the browser's end."""
    ours, theirs = socket.socketpair()
    lines.enter_context(theirs)
    lines.enter_context(ours)
    theirs.settimeout(_PATIENCE)
    known = {"gunicorn.socket": ours, "SERVER_PROTOCOL": protocol}
    answer = client.get("/inbox/7411/live", environ_overrides=known, buffered=False)
    if answer.status_code == 200:
        assert answer.mimetype == "text/event-stream"
        words = answer.iter_encoded()
        assert next(words).startswith(b"retry: ")
        with pytest.raises(live.TakenOver):
            next(words)
        assert ours.fileno() < 0
    return answer.status_code, theirs


def test_a_stream_is_taken_over_and_frees_its_thread(site: Site, lines: ExitStack) -> None:
    client = site.signed_in("officer")
    (_, chunked), (_, plain) = _opened(client, lines), _opened(client, lines, "HTTP/1.0")
    assert len(_told(site)) == 2
    ticket = site.asks()
    told = f"event: touched\ndata: [{ticket}]\n\n".encode()
    with chunked.makefile("rb") as framed, plain.makefile("rb") as unframed:
        said = b"".join(iter(framed.readline, b"data: [%d]\n" % ticket))
        assert said.endswith(b"%X\r\nevent: touched\n" % len(told))
        assert b"\r" not in b"".join(iter(unframed.readline, b"data: [%d]\n" % ticket))
        streams.stopping.set()
        assert framed.read().endswith(b"0\r\n\r\n")


def test_beyond_the_cap_a_page_is_told_to_ask(
    site: Site, lines: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "MOST_STREAMS", 2)
    client = site.signed_in("officer")
    opened = [_opened(client, lines) for _ in range(3)]
    assert [status for status, _ in opened] == [200, 200, 204]
    assert Page(site, lines).touched() == []  # Two may have asked at the same moment: the later one is ended.
    opened[0][1].close()
    wait_for(lambda: _opened(client, lines)[0] == 200, _PATIENCE)


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


def test_a_question_for_the_headers_takes_no_stream(site: Site, lines: ExitStack) -> None:
    ours, theirs = socket.socketpair()
    lines.enter_context(ours)
    lines.enter_context(theirs)
    answer = site.signed_in("officer").head("/inbox/7411/live", environ_overrides={"gunicorn.socket": ours})
    assert (answer.status_code, len(_told(site))) == (204, 0)
