"""Fetching from servers that mean harm: refused or cut short, with the reason, and nobody else is asked."""

import socket
import ssl
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from channels.contract import FetchError, Sought
from channels.whatsapp import fetching
from channels.whatsapp.fetching import TwilioMedia
from channels.whatsapp.places import API_HOST, CDN_HOST
from channels.whatsapp.sending import Account
from tests.media.scripted import Script, Scripted, answering, redirecting, scripted
from tests.media.test_places import ACCOUNT, MESSAGE, PATH, URL

MEGABYTE = 1024 * 1024
TOKEN = "0123456789abcdef0123456789abcdef"
WANTED = Sought(ACCOUNT, MESSAGE, URL)
CDN = f"https://{CDN_HOST}/{ACCOUNT}/x?signed=1"


class Connections:
    """Every connection that anything wanted to make."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.made: list[tuple[str, int]] = []
        really = socket.create_connection
        self._really = really
        monkeypatch.setattr("channels.whatsapp.fetching.socket.create_connection", self._record)

    def _record(self, address: tuple[str, int], timeout: float | None = None) -> socket.socket:
        self.made.append(address)
        return self._really(address, timeout)


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> Connections:
    return Connections(monkeypatch)


def source(
    server: Scripted, *, hosts: tuple[str, ...] = (API_HOST, CDN_HOST), seconds: float = 60.0
) -> TwilioMedia:
    addresses = dict.fromkeys(hosts, server.url)
    return TwilioMedia(
        [Account(ACCOUNT, TOKEN)], addresses=addresses, resolve=lambda _: "127.0.0.1", seconds=seconds
    )


def refused(script: Script, *, most: int = MEGABYTE, seconds: float = 60.0) -> tuple[FetchError, Scripted]:
    """What became of a file behind *script*."""
    with scripted(script) as server, pytest.raises(FetchError) as told:
        source(server, seconds=seconds).fetch(WANTED, most)
    return told.value, server


def test_a_file_comes_by_way_of_the_cdn_which_is_shown_no_password() -> None:
    def script(line: socket.socket, host: str, path: str) -> None:
        (redirecting(CDN) if host == API_HOST else answering(b"isi"))(line, host, path)

    with scripted(script) as server:
        assert source(server).fetch(WANTED, MEGABYTE) == b"isi"
    assert server.asked == [(API_HOST, PATH, True), (CDN_HOST, f"/{ACCOUNT}/x?signed=1", False)]


@pytest.mark.parametrize(
    ("status", "reason", "again"),
    [
        ("404 Not Found", "not_there", True),
        ("401 Unauthorized", "refused", True),
        ("410 Gone", "gone", False),
        ("429 Too Many Requests", "away", True),
        ("503 Service Unavailable", "away", True),
        ("204 No Content", "answer", True),
        ("206 Partial Content", "answer", True),
    ],
)
def test_what_an_answer_means(status: str, reason: str, again: bool) -> None:
    error, _ = refused(answering(b"", status=status))
    assert (error.reason, error.again) == (reason, again)


@pytest.mark.parametrize(
    "location",
    [
        "https://127.0.0.1/x",
        "http://127.0.0.1:22/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/x",
        "https://user@mms.twiliocdn.com/x",
        "http://mms.twiliocdn.com/x",
        "https://mms.twiliocdn.com:8443/x",
        "/../../etc/passwd",
        f"https://api.twilio.com{PATH}",
    ],
)
def test_a_redirect_elsewhere_is_not_followed(location: str, connections: Connections) -> None:
    error, server = refused(redirecting(location))
    assert (error.reason, error.again) == ("redirect", False)
    assert len(server.asked) == len(connections.made) == 1


def test_redirects_without_an_end(connections: Connections) -> None:
    error, _ = refused(redirecting(CDN))
    assert (error.reason, error.again) == ("redirects", False)
    assert len(connections.made) == 4


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.0.1"])
def test_a_name_that_leads_inside_is_not_called(address: str, connections: Connections) -> None:
    with scripted(redirecting(CDN)) as server:
        addresses = {API_HOST: server.url}
        media = TwilioMedia([Account(ACCOUNT, TOKEN)], addresses=addresses, resolve=lambda _: address)
        with pytest.raises(FetchError) as told:
            media.fetch(WANTED, MEGABYTE)
    assert told.value.reason == "private"
    assert [host for host, _ in connections.made] == ["127.0.0.1"]
    assert len(server.asked) == 1


def test_without_a_stand_in_only_twilio_is_called_at_a_public_address(connections: Connections) -> None:
    media = TwilioMedia([Account(ACCOUNT, TOKEN)], resolve=lambda _: "127.0.0.1")
    with pytest.raises(FetchError, match="private"):
        media.fetch(WANTED, MEGABYTE)
    assert connections.made == []


@pytest.mark.parametrize(
    "wanted",
    [
        Sought("AC" + "d" * 32, MESSAGE, URL),
        Sought(ACCOUNT, "MM" + "e" * 32, URL),
        Sought(ACCOUNT, MESSAGE, URL.replace("https", "http")),
        Sought(ACCOUNT, MESSAGE, "http://127.0.0.1:22/"),
        Sought("", "", ""),
    ],
)
def test_another_ones_file_is_not_asked_for(wanted: Sought, connections: Connections) -> None:
    with scripted(answering(b"isi")) as server:
        for act in (lambda: source(server).fetch(wanted, 1), lambda: source(server).delete(wanted)):
            with pytest.raises(FetchError) as told:
                act()
            assert (told.value.reason, told.value.again) == ("address", False)
    assert connections.made == []


def test_more_than_it_claims_is_not_read() -> None:
    """A gigabyte behind a claim of one kilobyte: HTTP ends where the claim does."""
    with scripted(_flood(b"Content-Length: 1024")) as server:
        assert len(source(server).fetch(WANTED, MEGABYTE)) == 1024


@pytest.mark.parametrize("head", [b"Transfer-Encoding: chunked", b"Connection: close"])
def test_a_gigabyte_without_a_claim_is_cut_at_the_limit_and_takes_no_memory(head: bytes) -> None:
    tracemalloc.start()
    try:
        error, _ = refused(_flood(head))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (error.reason, error.again) == ("too_large", False)
    assert peak < 8 * MEGABYTE


def _flood(head: bytes) -> Script:
    """A gigabyte, made while it is sent."""
    piece = bytes(64 * 1024)
    framed = b"10000\r\n" + piece + b"\r\n" if b"chunked" in head else piece

    def script(line: socket.socket, _host: str, _path: str) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n")
        for _ in range(16 * 1024):
            line.sendall(framed)

    return script


def test_a_claim_beyond_the_limit_is_enough() -> None:
    error, _ = refused(answering(b"", length=10**12))
    assert (error.reason, error.again) == ("too_large", False)


@pytest.mark.parametrize(
    "script",
    [
        answering(b"isi", length=1000),
        lambda line, _h, _p: line.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc"),
        lambda line, _h, _p: line.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc"),
        lambda line, _h, _p: line.sendall(b"halo\r\n\r\n"),
        lambda line, _h, _p: line.sendall(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n"),
        lambda line, _h, _p: line.sendall(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n"),
        lambda _l, _h, _p: None,
    ],
    ids=["short", "short chunk", "no chunk", "no http", "many headers", "long header", "nothing"],
)
def test_what_ends_too_early_or_is_no_answer_is_tried_again(script: Script) -> None:
    error, _ = refused(script)
    assert error.reason in {"truncated", "away"}
    assert error.again


def test_nothing_at_all_is_no_file() -> None:
    error, _ = refused(answering(b""))
    assert (error.reason, error.again) == ("empty", True)


@pytest.mark.parametrize("beginning", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"])
def test_a_drop_now_and_then_is_cut_off(beginning: bytes) -> None:
    def script(line: socket.socket, _host: str, _path: str) -> None:
        line.sendall(beginning)
        for _ in range(5000):
            line.sendall(b"x")
            time.sleep(0.05)

    began = time.monotonic()
    error, _ = refused(script, seconds=0.3)
    assert (error.reason, error.again) == ("too_slow", True)
    assert time.monotonic() - began < 125, "it drips for twice as long"


def test_a_port_where_nobody_listens_is_tried_again() -> None:
    with scripted(answering(b"")) as server:
        pass
    with pytest.raises(FetchError) as told:
        source(server).fetch(WANTED, 1)
    assert (told.value.reason, told.value.again) == ("away", True)


def test_what_is_packed_stays_packed() -> None:
    packed = b"\x1f\x8b\x08" + bytes(20)
    with scripted(answering(packed, "Content-Encoding: gzip")) as server:
        assert source(server).fetch(WANTED, MEGABYTE) == packed


@pytest.mark.parametrize(
    ("status", "done"), [("204 No Content", True), ("404 Not Found", True), ("500 No", False)]
)
def test_deleting(status: str, done: bool) -> None:
    with scripted(answering(b"", status=status)) as server:
        if done:
            source(server).delete(WANTED)
        else:
            with pytest.raises(FetchError, match="away"):
                source(server).delete(WANTED)
    assert server.asked == [(API_HOST, f"{PATH}.json", True)]


@contextmanager
def _tls(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripted]:
    """A TLS server whose certificate is for *name*, by an authority that is trusted here."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    monkeypatch.setattr(fetching, "DEFAULT_CA_BUNDLE_PATH", str(folder / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    with scripted(answering(b"isi"), context) as server:
        yield server


@pytest.mark.parametrize(("name", "works"), [(CDN_HOST, True), ("jahat.example", False)])
def test_the_very_address_that_was_looked_at_is_called_and_must_prove_its_name(
    name: str, works: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[tuple[str, int]] = []
    really = socket.create_connection
    with _tls(name, tmp_path, monkeypatch) as secured, scripted(redirecting(CDN)) as server:

        def connect(address: tuple[str, int], timeout: float | None = None) -> socket.socket:
            called.append(address)
            return really(("127.0.0.1", secured.port) if address[1] == 443 else address, timeout)

        monkeypatch.setattr("channels.whatsapp.fetching.socket.create_connection", connect)
        looked_up = iter(["8.8.8.8", "127.0.0.1"])
        media = TwilioMedia(
            [Account(ACCOUNT, TOKEN)], addresses={API_HOST: server.url}, resolve=lambda _: next(looked_up)
        )
        if works:
            assert media.fetch(WANTED, MEGABYTE) == b"isi"
            assert secured.asked == [(CDN_HOST, f"/{ACCOUNT}/x?signed=1", False)]
        else:
            with pytest.raises(FetchError, match="away"):
                media.fetch(WANTED, MEGABYTE)
    assert called[1] == ("8.8.8.8", 443)
