"""Files of citizens' messages: fetched from the local Twilio, kept, and forgotten there."""

import io
import os
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from channels.simulator.samples import picture
from handlers import erasing, jobs
from handlers.media import fetching
from handlers.runtime import Runtime
from storage import media
from storage.columns import AnyRow, table
from storage.media_tables import Media
from storage.tables import Contact
from tests.driver import CITIZEN, SID, Desk, form_of
from tests.handlers.site import REQUEST
from tests.media import hostile

CONTACT, MEDIA = table(Contact), table(Media)


def sends(desk: Desk, kind: str, content: bytes | None = None, text: str = "") -> str:
    """A citizen sends a file of this kind; the id of the message."""
    sender = desk.sender("7411", "whatsapp")
    assert desk.twilio.citizen_writes(CITIZEN, sender, text, media=kind, content=content) == 200
    return desk.twilio.chat(CITIZEN)[-1].sid


def files(desk: Desk) -> list[AnyRow]:
    with desk.runtime.database.read() as connection:
        return list(connection.execute(select(MEDIA).order_by(MEDIA.c.id)))


def test_a_photo_is_kept_shown_without_its_place_and_forgotten_at_twilio(desk: Desk) -> None:
    sid = sends(desk, "image/jpeg", picture("JPEG", (1600, 900), turned=6), text="ini suratnya")
    (waiting,) = files(desk)
    assert (waiting.state, waiting.ref, waiting.said_type) == ("pending", f"ME{sid[2:]}", "image/jpeg")
    desk.settle()
    (kept,) = files(desk)
    assert (kept.state, kept.kind, kept.reason) == ("stored", "image/jpeg", "")
    assert kept.deleted_at is not None
    assert kept.next_try_at is None
    assert desk.twilio.shelf.find(sid) is None
    assert not desk.twilio.shelf.signed_in_elsewhere
    original = desk.runtime.files.get(kept.sha256)
    shown = desk.runtime.files.get(kept.shown)
    assert original is not None
    assert shown is not None
    with Image.open(io.BytesIO(original)) as before, Image.open(io.BytesIO(shown)) as after:
        assert before.getexif()
        assert not after.getexif()
        assert after.size == (720, 1280)
    assert b"Kamera Contoh" in original
    assert b"Kamera Contoh" not in shown


@pytest.mark.parametrize("erased", [True, False])
def test_a_file_whose_person_is_erased_while_it_comes_does_not_stay(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, erased: bool
) -> None:
    """One that another worker has brought in the meantime does."""
    sends(desk, "image/jpeg", picture("JPEG", (1600, 900), turned=6))
    with desk.runtime.database.write() as connection:
        person = connection.execute(select(CONTACT.c.id)).scalar_one()
        (claimed,) = media.claim(connection, desk.clock(), 1)
    keep = fetching._keep

    def meanwhile(runtime: Runtime, row: AnyRow, facts: Mapping[str, Any]) -> None:
        if erased:
            assert erasing.erase(runtime, "7411", person, None)
        else:
            keep(runtime, row, facts)
        keep(runtime, row, facts)

    monkeypatch.setattr(fetching, "_keep", meanwhile)
    fetching._fetch(desk.runtime, claimed)
    kept = desk.runtime.files
    assert len(list(kept.names())) == 2
    for name in kept.names():
        os.utime(kept.path(name), (0, 0))
    erasing.clean_up(desk.runtime.database, kept)
    assert len(list(kept.names())) == (0 if erased else 2)


def test_a_file_that_is_not_there_yet_is_asked_for_again(desk: Desk) -> None:
    desk.twilio.shelf.not_yet_next(3)
    sid = sends(desk, "audio/ogg")
    for seconds in (1, 3, 10):
        desk.settle()
        (row,) = files(desk)
        assert (row.state, row.reason) == ("pending", "not_there")
        assert row.next_try_at == desk.clock() + timedelta(seconds=seconds)
        desk.clock.forward(seconds=seconds)
    desk.settle()
    (row,) = files(desk)
    assert (row.state, row.kind, row.reason) == ("stored", "audio/ogg", "")
    assert desk.twilio.shelf.asked[sid] == 4


def test_the_text_neither_waits_for_a_file_nor_is_lost_with_it(lone: Desk) -> None:
    lone.writes(REQUEST)
    lone.twilio.shelf.not_yet_next(10**6)
    sid = sends(lone, "image/jpeg", text="ini suratnya")
    assert lone.twilio.shelf.asked[sid] == 0
    (_, message) = lone.messages()
    assert (message.body, message.intake) == ("ini suratnya", "handled")
    for wait in (*fetching.WAITS, 0):
        lone.settle()
        lone.clock.forward(seconds=wait)
    (row,) = files(lone)
    assert (row.state, row.reason, row.next_try_at) == ("failed", "not_there", None)
    assert lone.twilio.shelf.asked[sid] == len(fetching.WAITS) + 1
    lone.twilio.shelf.find(sid).not_yet = 0  # type: ignore[union-attr]
    with lone.runtime.database.write() as connection:
        assert media.retry(connection, row.id, lone.clock())
        assert not media.retry(connection, row.id + 1, lone.clock())
    lone.settle()
    assert files(lone)[0].state == "stored"


def test_the_ticket_learns_of_a_file_that_has_come(lone: Desk) -> None:
    lone.writes(REQUEST)
    lone.writes("ya")
    sends(lone, "application/pdf")
    (before,) = lone.tickets()
    lone.clock.forward(seconds=5)
    jobs.run_all(lone.runtime)
    (after,) = lone.tickets()
    assert after.touched_at == lone.clock() > before.touched_at


def test_a_message_that_comes_twice_brings_its_file_once(lone: Desk) -> None:
    sid = sends(lone, "image/jpeg")
    sender = lone.sender("7411", "whatsapp")
    assert lone.twilio.citizen_writes(CITIZEN, sender, "", media="image/jpeg", sid=sid) == 200
    lone.settle()
    assert len(files(lone)) == 1


def test_twilio_keeps_the_file_where_the_office_wants_it(lone: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = lone.runtime.settings.channels.whatsapp.media
    monkeypatch.setitem(wanted.__dict__, "delete_after_storing", False)
    sid = sends(lone, "image/jpeg")
    lone.settle()
    (row,) = files(lone)
    assert (row.state, row.deleted_at, row.next_try_at) == ("stored", None, None)
    assert lone.twilio.shelf.find(sid) is not None


def test_a_worker_that_dies_leaves_the_file_to_the_next(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    sends(desk, "image/jpeg")

    class Died(BaseException):
        """What no handler catches, like the end of a process."""

    def dies(_content: bytes) -> None:
        raise Died

    monkeypatch.setattr(fetching, "look", dies)
    with pytest.raises(Died):
        jobs.run_all(desk.runtime)
    monkeypatch.undo()
    desk.settle()
    assert files(desk)[0].state == "pending"
    desk.clock.forward(seconds=media.LEASE.total_seconds())
    desk.settle()
    assert files(desk)[0].state == "stored"


def test_a_file_that_kills_every_worker_is_given_up(lone: Desk) -> None:
    sends(lone, "image/jpeg")
    for _ in range(len(fetching.WAITS) + 1):
        with lone.runtime.database.write() as connection:
            assert len(media.claim(connection, lone.clock(), 2)) == 1
        lone.clock.forward(seconds=media.LEASE.total_seconds())
    lone.settle()
    (row,) = files(lone)
    assert (row.state, row.reason) == ("failed", "stopped")


def test_two_workers_at_once_keep_one(desk: Desk) -> None:
    for _ in range(6):
        sends(desk, "text/vcard")
    with ThreadPoolExecutor(2) as first, ThreadPoolExecutor(2) as second:
        workers = [
            threading.Thread(target=jobs.fetch_media, args=(desk.runtime, pool)) for pool in (first, second)
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    assert [row.state for row in files(desk)] == ["stored"] * 6
    assert sorted(desk.twilio.shelf.asked.values()) == [1] * 6


def test_a_worker_that_was_too_slow_changes_nothing(desk: Desk) -> None:
    sends(desk, "text/vcard")
    with desk.runtime.database.write() as connection:
        (slow,) = media.claim(connection, desk.clock(), 1)
    desk.clock.forward(seconds=media.LEASE.total_seconds())
    desk.settle()
    with desk.runtime.database.write() as connection:
        assert not media.put_off(connection, slow.id, "away", None)
        assert not media.fetched(connection, slow.id, {"state": "blocked"}, desk.clock(), None)
    assert files(desk)[0].state == "stored"


def test_a_full_disk_is_waited_out(lone: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    sid = sends(lone, "image/jpeg")

    def full(_content: bytes) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("storage.files.Files.put", lambda _self, content: full(content))
    lone.settle()
    (row,) = files(lone)
    assert (row.state, row.reason) == ("pending", "disk")
    assert lone.twilio.shelf.find(sid) is not None
    monkeypatch.undo()
    lone.clock.forward(seconds=1)
    lone.settle()
    assert files(lone)[0].state == "stored"


HOSTILE = {
    "image/jpeg": (hostile.HTML, "kind"),
    "image/svg+xml": (hostile.SVG, "kind"),
    "image/png": (hostile.png(50_000, 50_000), "too_many_pixels"),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (
        hostile.zipped_document(),
        "bomb",
    ),
    "text/plain": (b"bukan apa-apa", "kind"),
}


def test_files_that_mean_harm_are_kept_shut_with_the_reason(lone: Desk) -> None:
    for kind, (content, _) in HOSTILE.items():
        sends(lone, kind, content)
    lone.settle()
    for row, (content, reason) in zip(files(lone), HOSTILE.values(), strict=True):
        assert (row.state, row.reason, row.shown) == ("blocked", reason, None)
        assert row.name == f"berkas-{row.id}.bin"
        assert lone.runtime.files.get(row.sha256) == content


def test_addresses_that_lead_elsewhere_are_not_asked(lone: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr("channels.whatsapp.fetching.socket.create_connection", lambda *to: asked.append(to))
    ours = f"https://api.twilio.com/2010-04-01/Accounts/{SID}/Messages"
    urls = [
        f"{ours}/MM{'d' * 32}/Media/ME{'e' * 32}",
        "http://127.0.0.1:22/x",
        f"{ours}/../../../Keys.json",
        "https://user:pass@api.twilio.com/x",
    ]
    for number, url in enumerate(urls):
        form = form_of(f"berkas {number}", lone.sender("7411", "whatsapp"), MediaUrl0=url)
        assert lone.post(form | {"NumMedia": "1", "MediaContentType0": "image/jpeg"}) == 200
    with ThreadPoolExecutor(1) as pool:
        jobs.fetch_media(lone.runtime, pool)
    assert [(row.state, row.reason) for row in files(lone)] == [("failed", "address")] * len(urls)
    assert [row.body for row in lone.messages()] == [f"berkas {number}" for number in range(len(urls))]
    assert asked == []
