"""Files that an officer sends along with an answer by mail."""

import io
import re
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, encode_multipart

from handlers import jobs
from handlers.web.uploads import MOST_MEGABYTES
from storage.columns import AnyRow, table
from storage.tables import Message
from tests.handlers.site import Site, composed, token_of
from tests.post import post_office

MESSAGE = table(Message)
MEGABYTE = 1024 * 1024
PDF = b"%PDF-1.4 isi"


def by_mail(site: Site) -> int:
    """A citizen asks by mail; the ticket."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = "Siti Contoh <siti@contoh.id>", "bps7411@bps.go.id"
    mail["Subject"], mail["Message-ID"] = "Permohonan data", f"<{uuid4().hex}@contoh.id>"
    mail.set_content("Mohon data luas panen padi 2021-2024 kabupaten Kolaka Timur untuk skripsi.")
    site.mail_arrives(mail.as_bytes())
    return site.newest_ticket()


def page(ticket: int) -> str:
    return f"/inbox/7411/tickets/{ticket}"


def answer(
    site: Site,
    client: FlaskClient,
    ticket: int,
    *files: tuple[bytes, str],
    seen: int | None = None,
    **more: str,
) -> TestResponse:
    """An officer sends an answer with *files*, each its content and its name."""
    form: dict[str, Any] = composed("Berikut datanya.", site.last_id() if seen is None else seen, **more)
    form["files"] = [FileStorage(io.BytesIO(content), name) for content, name in files]
    boundary, body = encode_multipart(MultiDict(form))
    kind = f"multipart/form-data; boundary={boundary}"
    return client.post(f"{page(ticket)}/reply", data=body, content_type=kind)


def answered(site: Site, ticket: int) -> list[AnyRow]:
    wanted = select(MESSAGE).where(MESSAGE.c.ticket_id == ticket, MESSAGE.c.author == "officer")
    with site.runtime.database.read() as connection:
        return list(connection.execute(wanted.order_by(MESSAGE.c.id)))


def test_files_travel_with_the_answer(site: Site) -> None:
    post = post_office()
    post.clear()
    ticket, client = by_mail(site), site.signed_in("officer")
    assert 'name="files"' in client.get(page(ticket)).text
    sent = answer(site, client, ticket, (PDF, "Tabel 1 – padi.pdf"), (b"a;b\n1;2\n", "..\\..\\data.csv"))
    assert sent.status_code == 303
    (row,) = answered(site, ticket)
    assert [(each["name"], each["content_type"], each["size"]) for each in row.media] == [
        ("Tabel 1 – padi.pdf", "application/pdf", "12"),
        ("data.csv", "text/csv", "8"),
    ]
    jobs.run_all(site.runtime)
    attached = list(post.to("siti@contoh.id")[-1].mail.iter_attachments())
    assert [part.get_payload(decode=True) for part in attached] == [PDF, b"a;b\n1;2\n"]
    assert "Tabel 1 – padi.pdf" in client.get(page(ticket)).text


def test_an_empty_box_sends_no_file(site: Site) -> None:
    ticket = by_mail(site)
    assert answer(site, site.signed_in("officer"), ticket, (b"", "")).status_code == 303
    (row,) = answered(site, ticket)
    assert row.media == []


@pytest.mark.parametrize(
    "files",
    [
        [(b"x", f"{number}.txt") for number in range(11)],
        [(b"x" * 6 * MEGABYTE, "a"), (b"x" * 5 * MEGABYTE, "b")],
    ],
)
def test_too_much_is_refused_with_the_text_kept(site: Site, files: list[tuple[bytes, str]]) -> None:
    ticket = by_mail(site)
    refused = answer(site, site.signed_in("officer"), ticket, *files)
    assert refused.status_code == 422
    assert "Paling banyak 10 berkas, bersama-sama 10 MB." in refused.text
    assert "Pilih lagi berkasnya" in refused.text
    assert "Berikut datanya." in refused.text
    assert answered(site, ticket) == []


def test_as_much_as_promised_is_taken(guarded: Site) -> None:
    ticket, client = by_mail(guarded), guarded.signed_in("officer")
    token = token_of(client.get(page(ticket)).text)
    files = [(b"x" * MEGABYTE, f"{number}.bin") for number in range(MOST_MEGABYTES)]
    assert answer(guarded, client, ticket, *files, csrf_token=token).status_code == 303
    assert len(answered(guarded, ticket)[0].media) == MOST_MEGABYTES


def test_far_too_much_is_not_even_read(site: Site) -> None:
    ticket, client = by_mail(site), site.signed_in("officer")
    refused = answer(site, client, ticket, (b"x" * 61 * MEGABYTE, "a"))
    assert refused.status_code == 413
    assert "Berkas terlalu besar" in refused.text
    assert "Persingkat tulisan" not in refused.text
    note = {"text": "x" * MEGABYTE, "form_id": str(uuid4())}
    assert client.post(f"{page(ticket)}/note", data=note).status_code == 413


def test_an_empty_file_is_named_and_nothing_goes_out(site: Site) -> None:
    ticket, client = by_mail(site), site.signed_in("officer")
    refused = answer(site, client, ticket, (PDF, "a.pdf"), (b"", "tabel 1.xlsx"))
    assert refused.status_code == 422
    assert "Berkas ini kosong: tabel 1.xlsx. Pilih lagi berkasnya sebelum mengirim." in refused.text
    assert "Berikut datanya." in refused.text
    assert answered(site, ticket) == []


def test_a_sent_form_sends_its_files_once(site: Site) -> None:
    ticket, client, form_id = by_mail(site), site.signed_in("officer"), str(uuid4())
    for _ in range(2):
        assert answer(site, client, ticket, (PDF, "a.pdf"), form_id=form_id).status_code == 303
    assert len(answered(site, ticket)) == 1


KEPT = re.compile(r'name="kept" value="([^"]+)" checked')


def test_a_page_that_is_too_old_keeps_the_files(site: Site) -> None:
    ticket, client = by_mail(site), site.signed_in("officer")
    stale = answer(site, client, ticket, (PDF, "a.pdf"), (b"a;b", "b.csv"), seen=0)
    assert stale.status_code == 409
    assert "Pilih lagi berkasnya" not in stale.text
    assert answered(site, ticket) == []
    first, second = KEPT.findall(stale.text)
    assert answer(site, client, ticket, (b"c;d", "c.csv"), kept=second).status_code == 303
    (row,) = answered(site, ticket)
    assert [each["name"] for each in row.media] == ["b.csv", "c.csv"]
    assert first != second


def test_files_that_nobody_has_signed_are_left_out(site: Site) -> None:
    """Nor is what was kept for another ticket, or by another officer."""
    ticket, client = by_mail(site), site.signed_in("officer")
    (kept,) = KEPT.findall(answer(site, client, ticket, (PDF, "a.pdf"), seen=0).text)
    assert answer(site, client, ticket, kept=kept[:-3] + "abc").status_code == 303
    assert answered(site, ticket)[-1].media == []
    other = by_mail(site)
    for who, where in (("officer", other), ("supervisor", ticket)):
        assert answer(site, site.signed_in(who), where, seen=10**9, kept=kept).status_code == 303
        assert answered(site, where)[-1].media == []
