"""Files that officers send on WhatsApp: one a message, fetched by Twilio, or behind a link."""

import io
import re
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, encode_multipart

from channels.email.tokens import Purpose, Token
from channels.simulator.samples import document, letter, picture, voice
from channels.whatsapp import carrying
from handlers.demo import media as demo_media
from handlers.demo.desk import DemoRuntime
from handlers.media import sending
from storage.columns import AnyRow
from tests.driver import CITIZEN, Desk
from tests.handlers.site import composed
from tests.handlers.test_held_answers import asked, fates, settle
from tests.media.conftest import Office

MEGABYTE = 1024 * 1024
TEXT = "Berikut datanya."
KEPT = re.compile(r'name="kept" value="([^"]+)" checked')
LINK = re.compile(r"https://bot\.example\.org(/unduh/[a-z0-9.]+)")


def answer(
    office: Office, client: FlaskClient, ticket: int, *files: tuple[bytes, str], text: str = TEXT, **more: Any
) -> TestResponse:
    """An officer answers with *files*, each its content and its name."""
    form: dict[str, Any] = composed(text, 10**9, **more)
    form["files"] = [FileStorage(io.BytesIO(content), name) for content, name in files]
    boundary, body = encode_multipart(MultiDict(form))
    kind = f"multipart/form-data; boundary={boundary}"
    return client.post(f"{office.page(ticket)}/reply", data=body, content_type=kind)


def said(desk: Desk) -> list[tuple[str, str, str]]:
    """What an officer's answers became on the citizen's phone: text, type of the file, status."""
    desk.settle()
    by_sid = {row.external_id: row for row in desk.messages("out") if row.author == "officer"}
    files = {each.sid: desk.twilio.shelf.find(each.sid) for each in desk.phone()}
    kinds = {sid: stored.kind if stored else "" for sid, stored in files.items()}
    return [(each.text, kinds[each.sid], each.status) for each in desk.phone() if each.sid in by_sid]


def rows(desk: Desk) -> list[AnyRow]:
    return [row for row in desk.messages("out") if row.author == "officer"]


def test_the_text_goes_first_and_each_file_as_its_own_message(office: Office) -> None:
    ticket, client = office.asks(), office.client()
    files = [(letter(), "Tabel padi 2024.pdf"), (document(), "Surat.docx"), (voice(1), "suara.ogg")]
    assert answer(office, client, ticket, *files).status_code == 303
    kinds = ["", "application/pdf", sending_kind("wordprocessingml.document"), "audio/ogg"]
    told = said(office.desk)
    assert [(text, kind, status) for text, kind, status in told] == [
        (TEXT if number == 0 else "", kind, "delivered") for number, kind in enumerate(kinds)
    ]
    parts = rows(office.desk)
    assert [row.part for row in parts] == [0, 1, 2, 3]
    assert len({row.part_of for row in parts}) == 1
    page = client.get(office.page(ticket)).text
    assert page.count("Tabel padi 2024.pdf") == 1


def sending_kind(end: str) -> str:
    return f"application/vnd.openxmlformats-officedocument.{end}"


def test_a_short_text_stands_below_its_picture(office: Office) -> None:
    ticket, client = office.asks(), office.client()
    assert (
        answer(office, client, ticket, (picture("JPEG"), "a.jpg"), (picture("PNG"), "b.png")).status_code
        == 303
    )
    assert said(office.desk) == [(TEXT, "image/jpeg", "delivered"), ("", "image/png", "delivered")]
    assert answer(office, client, ticket, (picture("JPEG"), "a.jpg"), text="x" * 1025).status_code == 303
    assert said(office.desk)[2:] == [("x" * 1025, "", "delivered"), ("", "image/jpeg", "delivered")]


def test_what_whatsapp_does_not_carry_goes_as_a_link_once_the_officer_agrees(office: Office) -> None:
    ticket, client = office.asks(), office.client()
    refused = answer(office, client, ticket, (b"a;b\n1;2\n", "data.csv"), (letter(), "surat.pdf"))
    assert refused.status_code == 422
    assert (
        "Tidak dapat dikirim langsung lewat WhatsApp: data.csv (jenis berkasnya tidak didukung)."
        in refused.text
    )
    assert 'name="as_links"' in refused.text
    assert TEXT in refused.text
    assert rows(office.desk) == []
    kept = KEPT.findall(refused.text)
    assert answer(office, client, ticket, kept=kept, as_links="1").status_code == 303
    (text, _, _), (_, kind, _) = said(office.desk)
    assert kind == "application/pdf"
    assert text.startswith(f"{TEXT}\n\nBerkas data.csv dapat diunduh sampai 20 Juli 2026:\nhttps://")
    found = LINK.search(text)
    assert found is not None
    assert "data.csv" in client.get(office.page(ticket)).text
    assert "terkirim sebagai tautan unduh" in client.get(office.page(ticket)).text
    _downloads(office, found[1], office.desk.tickets()[-1].reference)


def _downloads(office: Office, path: str, reference: str) -> None:
    nobody = office.app.test_client()
    shown = nobody.get(path)
    assert shown.status_code == 200
    for words in ("BPS Kabupaten Kolaka Timur", reference, "data.csv", "8 B", "20 Juli 2026"):
        assert words in shown.text
    assert shown.headers["X-Robots-Tag"] == "noindex"
    got = nobody.get(f"{path}/berkas")
    assert got.data == b"a;b\n1;2\n"
    assert got.headers["Content-Disposition"] == "attachment; filename=data.csv"
    assert "sandbox" in got.headers["Content-Security-Policy"]
    wrong = path[:-1] + ("a" if path[-1] != "a" else "b")
    _opens_nothing(office, wrong, f"{wrong}/berkas")
    # The whole of the day that was told, on the office's clock: it was 9 in the morning.
    office.desk.clock.forward(days=14, hours=14, minutes=59, seconds=58)
    assert [nobody.get(each).status_code for each in (path, f"{path}/berkas")] == [200, 200]
    office.desk.clock.forward(seconds=1)
    _opens_nothing(office, path, f"{path}/berkas")


def _opens_nothing(office: Office, *paths: str) -> None:
    """What a citizen reads there leads to no officers' door."""
    for path in paths:
        none = office.app.test_client().get(path)
        assert none.status_code == 404
        assert "tautannya sudah berakhir" in none.text
        assert "the link has ended" in none.text
        assert "inbox" not in none.text


def test_a_file_that_is_too_large_goes_as_a_link_too(office: Office) -> None:
    ticket, client = office.asks(), office.client()
    large = letter() + bytes(17 * MEGABYTE)
    refused = answer(
        office, client, ticket, (large, "besar.pdf"), (picture("PNG") + bytes(6 * MEGABYTE), "peta.png")
    )
    assert "besar.pdf (terlalu besar, 17 MB); peta.png (terlalu besar, 6 MB)." in refused.text
    assert answer(office, client, ticket, kept=KEPT.findall(refused.text), as_links="1").status_code == 303
    ((text, kind, _),) = said(office.desk)
    assert (kind, len(LINK.findall(text))) == ("", 2)


def test_far_too_much_is_refused_with_a_sentence(office: Office) -> None:
    ticket, client = office.asks(), office.client()
    refused = answer(office, client, ticket, (bytes(51 * MEGABYTE), "a.pdf"))
    assert refused.status_code == 422
    assert "Paling banyak 10 berkas, bersama-sama 50 MB." in refused.text
    assert "Pilih lagi berkasnya" in refused.text


def test_a_form_that_is_sent_twice_sends_its_files_once(office: Office) -> None:
    ticket, client = office.asks(), office.client()
    form = "5a0f4c52-5d3e-4f0e-9c7e-111111111111"
    for _ in range(2):
        assert answer(office, client, ticket, (letter(), "a.pdf"), form_id=form).status_code == 303
    assert len(said(office.desk)) == 2


def test_twilio_gets_the_file_at_an_address_that_ends(office: Office) -> None:
    desk, ticket, client = office.desk, office.asks(), office.client()
    assert (
        answer(office, client, ticket, (letter(), "Tabel luas panen padi – 2024 (revisi).pdf")).status_code
        == 303
    )
    _, along = rows(desk)
    linked = sending.file_of(desk.runtime, along)
    assert linked is not None
    assert (linked.content_type, linked.size) == ("application/pdf", len(letter()))
    assert linked.name == "Tabel-luas-panen.pdf"
    path, nobody = urlsplit(linked.url).path, office.app.test_client()
    for method in ("HEAD", "GET"):
        got = nobody.open(path, method=method)
        assert (got.status_code, got.content_type) == (200, "application/pdf")
        assert got.headers["Content-Disposition"] == "inline; filename=Tabel-luas-panen.pdf"
        assert got.data == (letter() if method == "GET" else b"")
    forged = [
        path.replace("/berkas/m.", "/berkas/d."),
        path[: path.rindex(".", 0, path.rindex("/"))] + "." + "a" * 16 + "/x.pdf",
        f"/berkas/{desk.runtime.tokens.sign(Token(Purpose.DOWNLOAD, along.id))}/x.pdf",
        f"/berkas/{desk.runtime.tokens.sign(Token(Purpose.FILE, along.id, 1))}/x.pdf",
        f"/berkas/{desk.runtime.tokens.sign(Token(Purpose.FILE, along.id + 99, 10**11))}/x.pdf",
        f"/berkas/{desk.runtime.tokens.sign(Token(Purpose.FILE, desk.messages()[0].id, 10**11))}/x.pdf",
        "/berkas/x/x.pdf",
    ]
    assert [nobody.get(each).status_code for each in forged] == [404] * len(forged)
    desk.clock.forward(hours=24)
    assert nobody.get(path).status_code == 404


def test_twilio_that_cannot_fetch_the_file_says_so(office: Office) -> None:
    ticket, client = office.asks(), office.client()
    assert answer(office, client, ticket, (letter(), "a.pdf")).status_code == 303
    _, along = rows(office.desk)
    office.desk.runtime.files.path(along.media[0]["file"]).unlink()
    assert [status for _, _, status in said(office.desk)] == ["delivered", "failed"]
    assert rows(office.desk)[1].error_code == "63019"
    # Once more may help, if it was the network; then it is the officer's.
    for _ in range(3):
        office.desk.clock.forward(minutes=30)
        office.desk.settle()
    assert rows(office.desk)[1].delivery == "failed"
    assert "✕" in client.get(office.page(ticket)).text


def test_a_wrong_type_is_refused_as_twilio_does(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket, client = office.asks(), office.client()
    monkeypatch.setattr(carrying, "hindrance", lambda *_: "")
    assert answer(office, client, ticket, (b"a;b", "a.csv")).status_code == 303
    assert [status for _, _, status in said(office.desk)] == ["delivered", "failed"]
    assert rows(office.desk)[1].error_code == "63021"


@pytest.mark.parametrize(
    ("kind", "size", "why"),
    [
        ("image/jpeg", 5 * MEGABYTE, ""),
        ("image/png", 5 * MEGABYTE + 1, "size"),
        ("image/webp", 1, "kind"),
        ("application/pdf", 16 * MEGABYTE, ""),
        ("application/pdf", 16 * MEGABYTE + 1, "size"),
        ("text/csv", 1, "kind"),
        ("application/zip", 1, "kind"),
        ("application/ogg", 1, "kind"),
        ("text/html", 1, "kind"),
        ("application/vnd.ms-excel", 1, "kind"),
        (sending_kind("spreadsheetml.sheet"), 1, ""),
    ],
)
def test_what_whatsapp_carries(kind: str, size: int, why: str) -> None:
    assert carrying.hindrance(kind, size) == why


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("a.pdf", "a.pdf"),
        ("Tabel padi – Kolaka Timur.xlsx", "Tabel-padi-Kola.xlsx"),
        ("наш.pdf", "berkas.pdf"),
        ("tanpa akhiran", "tanpa-akhiran"),
        ("..\\..\\x.p/d", "x-p-d"),
        ('a"b;\r\nc.pdf', "a-b-c.pdf"),
        ("", "berkas"),
    ],
)
def test_a_name_that_whatsapp_shows(name: str, short: str) -> None:
    found = sending.short_name(name)
    assert found == short
    assert len(found) <= 20


def test_the_citizens_language_is_spoken(office: Office) -> None:
    for words in ("Please send me the rice harvest area of Kolaka Timur 2021-2024 for my thesis", "yes"):
        office.desk.writes(words)
    ticket, client = int(office.desk.tickets()[-1].id), office.client()
    refused = answer(office, client, ticket, (b"a;b", "a.csv"))
    assert answer(office, client, ticket, kept=KEPT.findall(refused.text), as_links="1").status_code == 303
    ((text, _, _),) = said(office.desk)
    found = LINK.search(text)
    assert "The file a.csv can be downloaded until 20 July 2026" in text
    assert found is not None
    assert "A file for you" in office.app.test_client().get(found[1]).text
    assert CITIZEN not in text


def test_the_phone_of_the_demo_shows_what_the_office_sends(office: Office) -> None:
    ticket, client = office.asks(), office.client()
    assert answer(office, client, ticket, (letter(), "Tabel padi.pdf")).status_code == 303
    assert len(said(office.desk)) == 2
    runtime = cast("DemoRuntime", office.desk)
    (*_, words, along) = office.desk.phone()
    assert demo_media.file_of(runtime, words) is None
    shown = {"kind": "application", "name": "Tabel-padi.pdf", "at": f"/demo/file/{along.sid}"}
    assert demo_media.file_of(runtime, along) == shown


def test_files_of_a_held_answer_leave_once_the_citizen_writes(office: Office) -> None:
    desk = office.desk
    asked(desk, mail=False)
    ticket, client = int(desk.tickets()[-1].id), office.client()
    assert answer(office, client, ticket, (letter(), "a.pdf")).status_code == 303
    settle(desk)
    assert fates(desk) == ["held", "held"]
    desk.clock.forward(hours=30)  # beyond what an address of the first moment would be good for
    desk.writes("ya")
    settle(desk)
    assert fates(desk) == ["delivered", "delivered"]
    assert said(desk) == [(TEXT, "", "delivered"), ("", "application/pdf", "delivered")]


def test_files_of_an_answer_that_goes_by_mail_instead_go_along(office: Office) -> None:
    desk = office.desk
    asked(desk)
    ticket, client = int(desk.tickets()[-1].id), office.client()
    files = [(letter(), "a.pdf"), (b"a;b", "b.csv")]
    assert answer(office, client, ticket, *files, as_links="1").status_code == 303
    settle(desk)
    settle(desk, days=1, minutes=5)
    (mailed,) = desk.letters()
    assert [part.get_content() for part in mailed.mail.iter_attachments()] == [letter()]
    assert LINK.search(mailed.text) is not None
    assert mailed.text.count(TEXT) == 1
    assert "\n\n\n\n" not in mailed.text
