"""The virus scanner: what it says is kept and shown, and its silence is no consent."""

import socket
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from channels.clamd import Clamd, ScannerAway
from handlers import jobs
from handlers.media import scanning
from handlers.web import current
from storage import alarms, scans
from tests.driver import Desk
from tests.media.clamav import EICAR, clamd
from tests.media.conftest import Office
from tests.media.test_coming_in import files
from tests.media.test_pages import ticket_with

VCARD = b"BEGIN:VCARD\r\nVERSION:3.0\r\nNOTE:"


def scanned_by(desk: Desk, address: str) -> None:
    """From here *desk* asks the scanner at *address*."""
    object.__setattr__(desk.runtime, "scanner", Clamd(address, seconds=60))


def nobody() -> str:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"tcp:127.0.0.1:{free.getsockname()[1]}"


def test_what_the_scanner_says() -> None:
    with clamd() as address:
        assert Clamd(address).scan(b"bersih" * 50_000) == ""
        assert Clamd(address).scan(b"." * 100_000 + EICAR) == "Eicar-Test-Signature"


@pytest.mark.parametrize(
    "answer", [b"", b"INSTREAM size limit exceeded. ERROR\0", b"\xff\0", b"stream: OK now\0"]
)
def test_anything_but_its_words_is_silence(answer: bytes) -> None:
    with clamd(answer) as address, pytest.raises(ScannerAway):
        Clamd(address).scan(b"isi")


def test_a_scanner_behind_a_unix_socket(tmp_path: Path) -> None:
    with pytest.raises(ScannerAway):
        Clamd(f"unix:{tmp_path}/nobody").scan(b"isi")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(f"{tmp_path}/clamd.ctl")
        listening.listen()

        def answer() -> None:
            line, _ = listening.accept()
            with line:
                heard = b""
                while not heard.endswith(bytes(4)):
                    heard += line.recv(4096)
                line.sendall(b"stream: OK\0")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        assert Clamd(f"unix:{tmp_path}/clamd.ctl").scan(b"isi") == ""
        thread.join(60)


def test_a_scanner_that_answers_before_it_has_heard_all(tmp_path: Path) -> None:
    """As clamd does for what is longer than its StreamMaxLength."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(f"{tmp_path}/clamd.ctl")
        listening.listen()

        def answer() -> None:
            line, _ = listening.accept()
            with line:
                line.sendall(b"INSTREAM size limit exceeded. ERROR\0")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        with pytest.raises(ScannerAway, match=r"size limit exceeded|ConnectionResetError"):
            Clamd(f"unix:{tmp_path}/clamd.ctl").scan(bytes(4_000_000))
        thread.join(60)


@pytest.mark.parametrize("address", ["", "127.0.0.1:3310", "tcp:host", "unix:relative", "http://127.0.0.1"])
def test_an_address_that_is_none(address: str) -> None:
    with pytest.raises(ValueError, match="unix:/path"):
        Clamd(address)


def test_a_virus_is_shown_to_nobody(office: Office) -> None:
    with clamd() as address:
        scanned_by(office.desk, address)
        ticket = ticket_with(office, ("text/vcard", VCARD + EICAR), ("text/vcard", None))
        bad, good = files(office.desk)
        client, base = office.client(), office.page(ticket)
        page = client.get(base).text
        assert "mengandung virus (Eicar-Test-Signature)" in page
        assert f'{base}/media/{bad.id}"' not in page
        assert client.get(f"{base}/media/{good.id}").status_code == 200
        for place in (f"{base}/media/{bad.id}", f"{base}/media/{bad.id}?anyway=1"):
            refused = client.get(place)
            assert refused.status_code == 403
            assert EICAR not in refused.data


def test_what_nobody_could_scan_is_given_only_to_who_insists_and_scanned_later(office: Office) -> None:
    desk = office.desk
    scanned_by(desk, nobody())
    ticket = ticket_with(office, ("text/vcard", VCARD + EICAR), ("audio/ogg", None), ("image/jpeg", None))
    card, sound, photo = files(desk)
    client, base = office.client(), office.page(ticket)
    page = client.get(base).text
    assert page.count("Belum diperiksa: pemindai virus tidak dapat dihubungi.") == 3
    assert "<audio" not in page
    assert f"{base}/media/{photo.id}/shown" in page
    warned = client.get(f"{base}/media/{card.id}")
    assert warned.status_code == 409
    assert f"{base}/media/{card.id}?anyway=1" in warned.text
    assert client.get(f"{base}/media/{card.id}?anyway=1").data == VCARD + EICAR
    with desk.runtime.database.read() as connection:
        assert [row.what for row in alarms.open_alarms(connection, None, installation=True)] == [
            "scanner_away"
        ]
    with clamd() as address:
        scanned_by(desk, address)
        jobs.scan_again(desk.runtime)
        assert scanning_of(desk, card.sha256) == "unscanned"  # asked a moment ago
        desk.clock.forward(minutes=2)
        jobs.scan_again(desk.runtime)
    assert scanning_of(desk, card.sha256) == "infected"
    assert scanning_of(desk, sound.sha256) == "clean"
    assert "<audio" in client.get(base).text
    with desk.runtime.database.read() as connection:
        assert alarms.open_alarms(connection, None, installation=True) == []


def scanning_of(desk: Desk, sha256: str) -> str:
    with desk.runtime.database.read() as connection:
        found = scans.find(connection, sha256)
    return str(found.verdict) if found else ""


def test_without_a_scanner_nothing_is_asked(lone: Desk) -> None:
    assert scanning.verdict(lone.runtime, "0" * 64) == ""
    jobs.scan_again(lone.runtime)


def test_the_scanner_of_the_configuration_is_wired(lone: Desk) -> None:
    assert lone.runtime.scanner is None
    with clamd() as address:
        asked = replace(lone.runtime, scanner=Clamd(address))
        kept = asked.files.put(EICAR)
        assert scanning.verdict(asked, kept) == "infected"
    assert scanning.verdict(asked, kept) == "infected"  # it is not asked twice


def test_a_mails_attachment_is_scanned_when_it_is_opened(office: Office) -> None:
    office.desk.mails("Mohon data IPM 2024, terlampir surat kami.", encloses="surat.pdf")
    ticket, (message,) = int(office.desk.tickets()[-1].id), office.desk.messages()
    address = f"{office.page(ticket)}/files/{message.id}/0"
    client = office.client()
    assert client.get(address).status_code == 200
    scanned_by(office.desk, nobody())
    assert client.get(address).status_code == 409
    assert client.get(f"{address}?anyway=1").status_code == 200
    with clamd(b"stream: Apa.Saja FOUND\0") as scanner:
        scanned_by(office.desk, scanner)
        assert client.get(f"{address}?anyway=1").status_code == 403
    assert office.app.extensions[current.EXTENSION] is office.desk.runtime
