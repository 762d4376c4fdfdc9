"""Files of WhatsApp messages on officers' pages: shown, played, saved, and never run."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from channels.simulator.samples import picture, voice
from handlers.media import fetching
from storage.columns import table
from storage.tables import Message
from tests.media import hostile
from tests.media.conftest import Office
from tests.media.test_coming_in import files, sends

MESSAGE = table(Message)


def ticket_with(office: Office, *sent: tuple[str, bytes | None]) -> int:
    """A ticket on which a citizen has sent these."""
    ticket = office.asks()
    for kind, content in sent:
        sends(office.desk, kind, content)
    office.desk.settle()
    return ticket


def guarded(client: FlaskClient, address: str) -> tuple[str, bytes]:
    """The type and content of a file, which is always an attachment that nothing runs."""
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.content_type, answer.data


def test_photos_are_shown_and_voice_notes_can_be_played(office: Office) -> None:
    ticket = ticket_with(office, ("image/jpeg", None), ("audio/ogg", None), ("application/pdf", None))
    client, base = office.client(), office.page(ticket)
    page = client.get(base).text
    photo, sound, letter = files(office.desk)
    assert f'<img src="{base}/media/{photo.id}/shown" alt="Foto dari pengguna layanan"' in page
    assert f'<audio controls preload="none" src="{base}/media/{sound.id}"' in page
    assert re.search(rf'href="{base}/media/{letter.id}"[^>]*>\s*dokumen-{letter.id}.pdf', page)
    assert "belum dapat dibuka di sini" not in page
    assert "media-src 'self'" in client.get(base).headers["Content-Security-Policy"]
    kind, content = guarded(client, f"{base}/media/{photo.id}/shown")
    assert kind == "image/jpeg"
    assert b"Kamera Contoh" not in content
    assert guarded(client, f"{base}/media/{photo.id}") == ("image/jpeg", picture("JPEG"))
    assert guarded(client, f"{base}/media/{sound.id}") == ("audio/ogg", voice(3))
    part = client.get(f"{base}/media/{sound.id}", headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.data) == (206, b"OggS")


@pytest.mark.parametrize("content", [hostile.HTML, hostile.SVG, hostile.HTML_BEHIND_JPEG])
def test_a_blocked_file_is_bytes_of_no_kind(office: Office, content: bytes) -> None:
    ticket = ticket_with(office, ("image/jpeg", content))
    client, base = office.client(), office.page(ticket)
    (file,) = files(office.desk)
    page = client.get(base).text
    assert "Berkas ini tidak dibuka di sini" in page
    assert "hanya bila Anda yakin akan isinya" in page
    assert "<img" not in page
    assert guarded(client, f"{base}/media/{file.id}") == ("application/octet-stream", content)
    assert client.get(f"{base}/media/{file.id}/shown").status_code == 404


def test_a_file_that_does_not_come_is_seen_with_its_reason_and_tried_again(office: Office) -> None:
    office.desk.twilio.shelf.not_yet_next(10**6)
    ticket = ticket_with(office, ("image/jpeg", None))
    client, base = office.client(), office.page(ticket)
    assert "Berkas belum dapat diunduh: belum tersedia di Twilio. Dicoba lagi" in client.get(base).text
    for wait in fetching.WAITS:
        office.desk.clock.forward(seconds=wait)
        office.desk.settle()
    page = client.get(base).text
    (file,) = files(office.desk)
    assert "Berkas tidak dapat diunduh: belum tersedia di Twilio." in page
    assert f'action="{base}/media/{file.id}/retry"' in page
    assert client.get(f"{base}/media/{file.id}").status_code == 404
    sid = file.ref.replace("ME", "MM")
    office.desk.twilio.shelf.find(sid).not_yet = 0  # type: ignore[union-attr]
    assert client.post(f"{base}/media/{file.id}/retry").status_code == 303
    assert "Berkas sedang diunduh" in client.get(base).text
    office.desk.settle()
    assert "<img" in client.get(base).text


def test_a_file_is_for_those_who_may_see_its_ticket(office: Office) -> None:
    for text in ("pengaduan", "Surat kami seminggu tidak dijawab, mohon perhatian", "ya"):
        office.desk.writes(text)
    complaint = int(office.desk.tickets()[-1].id)
    sends(office.desk, "image/jpeg")
    office.desk.settle()
    (file,) = files(office.desk)
    with office.desk.runtime.database.write() as connection:
        of_file = update(MESSAGE).where(MESSAGE.c.id == file.message_id)
        connection.execute(of_file.values(ticket_id=complaint))
    asked = office.asks("+6281299990000")
    for path in ("", "/shown"):
        address = f"{office.page(complaint)}/media/{file.id}{path}"
        assert office.client("rahma", "supervisor").get(address).status_code == 200
        assert office.client("jufri", "officer").get(address).status_code == 404
        elsewhere = f"{office.page(asked)}/media/{file.id}{path}"
        assert office.client("rahma", "supervisor").get(elsewhere).status_code == 404
        theirs = address.replace("/7411/", "/6571/")
        assert office.client("tarakan", "supervisor", "6571").get(theirs).status_code == 404
        assert office.app.test_client().get(address).status_code in {302, 401}


def test_a_file_that_was_taken_away_is_not_there(office: Office) -> None:
    ticket = ticket_with(office, ("image/jpeg", None))
    (file,) = files(office.desk)
    office.desk.runtime.files.path(file.sha256).unlink()
    client = office.client()
    assert client.get(f"{office.page(ticket)}/media/{file.id}").status_code == 404
    assert client.get(f"{office.page(ticket)}/media/{file.id + 1}").status_code == 404
