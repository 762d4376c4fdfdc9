"""Mails on officers' pages: the original one click away, files, what could not be read, what was filed."""

import ast
import base64
import html
import re
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from handlers.web import mail_words
from storage import alarms, mails
from storage.columns import AnyRow, table
from storage.mail_tables import Alarm, Mail
from storage.tables import Message
from tests.channels.mime.samples import NAMES
from tests.channels.mime.samples import raw as sample
from tests.handlers.site import Site

ROOT = Path(__file__).resolve().parents[2]
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PDF = b"%PDF-1.4\n" + b"x" * 1_300_000
HOSTILE = (
    "<p>Selamat pagi, mohon <b>data IPM</b>.</p><script>alert(1)</script>"
    '<img src="https://jahat.example/p.gif"><img src="cid:peta@contoh" onerror="alert(2)">'
    '<a href="https://contoh.id">tautan</a><form action="https://jahat.example"><input></form>'
)


SAMPLES = [
    name for name in NAMES if not name.startswith(("charset", "gmail", "outlook", "pantulan", "subjek"))
]


def _mail(site: Site, **headers: str) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = "Siti Contoh <siti@contoh.id>", "bps7411@bps.go.id"
    mail["Subject"], mail["Message-ID"] = "Permohonan data IPM", f"<{uuid4().hex}@contoh.id>"
    mail["Date"] = format_datetime(site.clock())
    for name, value in headers.items():
        del mail[name]
        mail[name] = value
    mail.set_content(
        "Mohon data IPM 2024.\n\nPada 3 Jun 2026 10.15, PST menulis:\n"
        "> --- Balas di atas baris ini ---\n> Silakan ditulis di sini.\n"
    )
    return mail


def _rich(site: Site) -> bytes:
    mail = _mail(site)
    mail.add_alternative(HOSTILE, subtype="html")
    mail.make_mixed()
    mail.add_attachment(PNG, "image", "png", filename="peta.png", cid="<peta@contoh>")
    mail.add_attachment(PDF, "application", "pdf", filename="surat pengantar.pdf")
    mail.add_attachment(b"\x30\x80", "application", "pkcs7-signature", filename="smime.p7s")
    mail.add_attachment("<script>alert(3)</script>", subtype="html", filename="halaman.html")
    return mail.as_bytes()


def _row(site: Site, mail: int) -> AnyRow:
    with site.runtime.database.read() as connection:
        return connection.execute(select(table(Mail)).where(table(Mail).c.id == mail)).one()


def _message(site: Site, mail: int) -> AnyRow:
    with site.runtime.database.read() as connection:
        return connection.execute(select(table(Message)).where(table(Message).c.mail_id == mail)).one()


def _on_ticket(site: Site, mail: int, path: str = "") -> str:
    return f"/inbox/7411/tickets/{_row(site, mail).ticket_id}{path}"


def _shunt(site: Site, mail: int, **values: Any) -> None:
    rows = table(Mail)
    with site.runtime.database.write() as connection:
        connection.execute(update(rows).where(rows.c.id == mail).values(intake="shunted", **values))


def test_a_mail_shows_its_new_words_its_files_and_the_way_to_the_original(site: Site) -> None:
    mail = site.mail_arrives(_rich(site))
    page = site.signed_in("officer").get(_on_ticket(site, mail)).text
    assert "Mohon data IPM 2024." in page
    assert "Silakan ditulis di sini." not in page
    chips = re.findall(r'<li><a href="([^"]+)"[^>]*>([^<]+) <span class="quiet">([^<]+)</span>', page)
    assert [(name, size) for _, name, size in chips] == [
        ("surat pengantar.pdf", "1,2 MB"),
        ("halaman.html", "27 B"),
        ("peta.png", "70 B"),
    ]
    assert f'href="{_on_ticket(site, mail, f"/mails/{mail}")}">Surat asli</a>' in page
    assert "smime.p7s" not in page


def test_the_original_has_everything_and_runs_nothing(site: Site) -> None:
    mail = site.mail_arrives(_rich(site))
    page = site.signed_in("officer").get(_on_ticket(site, mail, f"/mails/{mail}")).text
    for words in ("siti@contoh.id", "bps7411@bps.go.id", "Permohonan data IPM", "Senin, 6 Juli 2026 pukul"):
        assert words in page
    assert '<span class="repeated">Pada 3 Jun 2026 10.15, PST menulis:\n</span>' in page
    assert re.findall(r"<li><a [^>]+>([^<]+) <", page)[-3:] == [
        "peta.png",
        "surat pengantar.pdf",
        "halaman.html",
    ]
    frame = re.search(r'<iframe class="letter \w+" sandbox="([^"]*)"[^>]* srcdoc="([^"]*)"', page)
    assert frame is not None
    assert set(frame[1].split()) == {"allow-popups", "allow-popups-to-escape-sandbox"}
    inside = html.unescape(frame[2])
    assert "<b>data IPM</b>" in inside
    assert f'src="data:image/png;base64,{base64.b64encode(PNG).decode()}"' in inside
    assert not re.search(r"jahat|alert|<script|<form|<input|onerror|cid:", inside)
    assert "Gambar dari internet tidak ditampilkan" in page
    assert "jahat.example" not in page


def test_a_picture_that_stands_there_a_thousand_times_does_not_fill_the_page(site: Site) -> None:
    mail = _mail(site)
    mail.add_alternative('<p>Peta</p><img src="cid:peta@contoh">' * 2_000, subtype="html")
    mail.make_mixed()
    mail.add_attachment(PNG + bytes(200_000), "image", "png", filename="peta.png", cid="<peta@contoh>")
    kept = site.mail_arrives(mail.as_bytes())
    page = site.signed_in("officer").get(_on_ticket(site, kept, f"/mails/{kept}"))
    assert page.text.count("data:image/png;base64") > 10
    assert len(page.data) < 20_000_000


def test_the_original_of_every_sample_can_be_looked_at(site: Site) -> None:
    client = site.signed_in("supervisor")
    for name in SAMPLES:
        mail = site.mail_arrives(sample(name))
        _shunt(site, mail)
        assert client.get(f"/inbox/7411/unhandled/mails/{mail}").status_code == 200, name


def test_the_mail_itself_is_downloaded_byte_for_byte(site: Site) -> None:
    content = _rich(site)
    mail = site.mail_arrives(content)
    answer = site.signed_in("officer").get(_on_ticket(site, mail, f"/mails/{mail}/raw"))
    assert answer.data == content
    assert answer.content_type == "message/rfc822"
    assert answer.headers["Content-Disposition"] == f"attachment; filename=surat-{mail}.eml"
    _assert_guarded(answer)


def _assert_guarded(answer: Any) -> None:
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("shown", ["", "?show=1"])
def test_a_file_is_downloaded_and_only_a_picture_is_shown(shown: str, site: Site) -> None:
    mail = site.mail_arrives(_rich(site))
    message, client = _message(site, mail), site.signed_in("officer")
    contents = {"peta.png": PNG, "surat pengantar.pdf": PDF}
    for index, each in enumerate(message.media):
        with client.get(_on_ticket(site, mail, f"/files/{message.id}/{index}{shown}")) as answer:
            assert answer.status_code == 200
            assert answer.data == contents.get(each["name"], answer.data)
        is_shown = bool(shown) and each["name"] == "peta.png"
        assert answer.headers["Content-Disposition"].startswith("inline" if is_shown else "attachment")
        assert answer.mimetype == each["content_type"]
        _assert_guarded(answer)


def test_a_file_belongs_to_its_ticket_alone(site: Site) -> None:
    mail = site.mail_arrives(_rich(site))
    message, other = _message(site, mail), site.asks()
    client = site.signed_in("officer")
    assert client.get(f"/inbox/7411/tickets/{other}/files/{message.id}/0").status_code == 404
    assert client.get(f"/inbox/7411/tickets/{other}/mails/{mail}").status_code == 404
    assert client.get(f"/inbox/7411/tickets/{other}/mails/{mail}/raw").status_code == 404
    assert client.get(_on_ticket(site, mail, f"/files/{message.id}/{len(message.media)}")).status_code == 404


def test_what_is_gone_from_the_folder_is_said_and_not_found(site: Site) -> None:
    mail = site.mail_arrives(_rich(site))
    message, client = _message(site, mail), site.signed_in("officer")
    site.runtime.files.path(message.media[0]["file"]).unlink()
    assert client.get(_on_ticket(site, mail, f"/files/{message.id}/0")).status_code == 404
    rows = table(Mail)
    with site.runtime.database.write() as connection:
        connection.execute(update(rows).where(rows.c.id == mail).values(raw=None, sha256="0" * 64))
    assert "tidak ada lagi di server" in client.get(_on_ticket(site, mail, f"/mails/{mail}")).text
    assert client.get(_on_ticket(site, mail, f"/mails/{mail}/raw")).status_code == 404


def test_a_subject_is_shown_when_it_is_another_one(site: Site) -> None:
    mail = site.mail_arrives(_mail(site).as_bytes())
    ticket, rows = _row(site, mail).ticket_id, table(Message)
    page = site.signed_in("officer").get(f"/inbox/7411/tickets/{ticket}").text
    before = page.count('<p class="kind">')
    with site.runtime.database.write() as connection:
        connection.execute(update(rows).where(rows.c.mail_id == mail).values(subject="Perihal yang lain"))
    page = site.signed_in("officer").get(f"/inbox/7411/tickets/{ticket}").text
    assert page.count('<p class="kind">Perihal yang lain</p>') == 1
    assert page.count('<p class="kind">') == before + 1


def test_a_mail_without_an_author_is_shown_with_the_reason(site: Site) -> None:
    mail = site.mail_arrives(b"Subject: Tanpa nama\r\n\r\nHalo.\r\n")
    page = site.signed_in("supervisor").get("/inbox/7411/unhandled").text
    assert "Tanpa nama" in page
    assert "tidak menyebut pengirimnya" in page
    assert "1 masuk = 0 ditangani + 0 disimpan + 1 belum terbaca" in page
    assert f"/unhandled/mails/{mail}/ticket" not in page
    assert "Halo." in site.signed_in("supervisor").get(f"/inbox/7411/unhandled/mails/{mail}").text


def test_a_mail_that_is_too_large_says_how_large_and_shows_its_beginning(site: Site) -> None:
    content = _mail(site).as_bytes()
    mail = site.mail_arrives(content, whole=False)
    rows = table(Mail)
    with site.runtime.database.write() as connection:
        connection.execute(update(rows).where(rows.c.id == mail).values(size=34 * 1024 * 1024))
    client = site.signed_in("supervisor")
    assert "terlalu besar (34 MB)" in client.get("/inbox/7411/unhandled").text
    page = client.get(f"/inbox/7411/unhandled/mails/{mail}").text
    assert "Surat ini terlalu besar (34 MB): hanya awalnya yang diambil." in page
    assert "Mohon data IPM 2024." in page


def test_a_mail_that_can_not_be_read_is_opened_as_a_ticket(site: Site) -> None:
    many = b"From: Siti <siti@contoh.id>\r\nSubject: Panjang\r\n\r\n" + b"\n" * 1_000_001
    mail = site.mail_arrives(many)
    client = site.signed_in("supervisor")
    assert "mempunyai terlalu banyak baris" in client.get("/inbox/7411/unhandled").text
    answer = client.post(f"/inbox/7411/unhandled/mails/{mail}/ticket")
    assert answer.location == f"/inbox/7411/tickets/{site.newest_ticket()}"
    page = client.get(answer.location).text
    assert "[surat ini tidak terbaca: lihat surat asli]" in page
    assert "surat.eml" in page
    original = client.get(f"{answer.location}/mails/{mail}").text
    assert "Surat ini mempunyai terlalu banyak baris." in original
    row = _row(site, mail)
    assert (row.intake, row.settled_by) == ("handled", site.people["supervisor"])
    assert _open_alarms(site) == []


def test_opening_a_mail_of_nobody_says_why_not(site: Site) -> None:
    mail = site.mail_arrives(b"Subject: Tanpa nama\r\n\r\nHalo.\r\n")
    answer = site.signed_in("supervisor").post(
        f"/inbox/7411/unhandled/mails/{mail}/ticket", follow_redirects=True
    )
    assert "pengirimnya tidak diketahui" in answer.text
    assert _row(site, mail).intake == "shunted"


def _kept_only(site: Site, content: bytes) -> int:
    """A mail whose turn failed three times."""
    now, rows = site.clock(), table(Mail)
    row = {
        "office": "7411",
        "uid": 9,
        "size": len(content),
        "whole": True,
        "raw": content,
        "received_at": now,
    }
    with site.runtime.database.write() as connection:
        mails.keep(connection, "bps7411", [row | {"sha256": "0" * 64}], 1, 9, now)
        mail = int(connection.execute(select(rows.c.id).where(rows.c.uid == 9)).scalar_one())
        for _ in range(3):
            mails.failed(connection, mail, "ValueError", now)
        alarms.raise_alarm(connection, "shunted:7411", "7411", "mail_shunted", {}, now)
    return mail


def test_a_mail_that_failed_is_tried_again(site: Site) -> None:
    mail = _kept_only(site, _mail(site).as_bytes())
    client = site.signed_in("supervisor")
    assert "3 kali gagal diolah" in client.get("/inbox/7411/unhandled").text
    answer = client.post(f"/inbox/7411/unhandled/mails/{mail}/retry", follow_redirects=True)
    assert "Surat dicoba lagi" in answer.text
    assert _row(site, mail).intake == "handled"
    assert "Mohon data IPM 2024." in client.get(_on_ticket(site, mail)).text
    assert _open_alarms(site) == []


def test_a_mail_that_fails_again_stays(site: Site) -> None:
    mail = site.mail_arrives(b"Subject: Tanpa nama\r\n\r\nHalo.\r\n")
    client = site.signed_in("supervisor")
    answer = client.post(f"/inbox/7411/unhandled/mails/{mail}/retry", follow_redirects=True)
    assert "Masih belum berhasil" in answer.text
    assert _row(site, mail).intake == "shunted"
    assert _open_alarms(site) == ["shunted:7411"]


def test_a_long_mail_comes_from_the_files_folder(site: Site) -> None:
    content = _mail(site).as_bytes()
    mail = site.mail_arrives(content)
    rows, kept = table(Mail), site.runtime.files.put(content)
    with site.runtime.database.write() as connection:
        connection.execute(update(rows).where(rows.c.id == mail).values(raw=None, sha256=kept))
    client = site.signed_in("officer")
    assert client.get(_on_ticket(site, mail, f"/mails/{mail}/raw")).data == content
    assert "Silakan ditulis di sini." in client.get(_on_ticket(site, mail, f"/mails/{mail}")).text


def test_a_mail_is_settled_once_and_the_alarm_with_the_last(site: Site) -> None:
    first = site.mail_arrives(b"Subject: Satu\r\n\r\nHalo.\r\n")
    second = site.mail_arrives(b"Subject: Dua\r\n\r\nHalo.\r\n")
    client = site.signed_in("supervisor")
    assert '<span class="count late">2</span>' in client.get("/inbox/7411").text
    assert client.post(f"/inbox/7411/unhandled/mails/{first}/settle").status_code == 303
    assert _open_alarms(site) == ["shunted:7411"]
    assert client.post(f"/inbox/7411/unhandled/mails/{first}/settle").status_code == 404
    client.post(f"/inbox/7411/unhandled/mails/{second}/settle")
    assert _open_alarms(site) == []
    assert (_row(site, first).intake, _row(site, first).settled_by) == ("handled", site.people["supervisor"])
    assert client.get(f"/inbox/7411/unhandled/mails/{first}").status_code == 404


def test_what_was_filed_is_listed_with_kind_and_rule(site: Site) -> None:
    away = _mail(site, **{"Auto-Submitted": "auto-replied"}, Subject="Saya sedang cuti")
    mail = site.mail_arrives(away.as_bytes())
    assert _row(site, mail).intake == "filed"
    page = site.signed_in("supervisor").get("/inbox/7411/unhandled/mails").text
    for words in ("Balasan otomatis", "Saya sedang cuti", "siti@contoh.id", "Auto-Submitted: auto-replied"):
        assert words in page
    original = site.signed_in("supervisor").get(f"/inbox/7411/unhandled/mails/{mail}").text
    assert "Mohon data IPM 2024." in original


def _open_alarms(site: Site) -> list[str]:
    rows = table(Alarm)
    with site.runtime.database.read() as connection:
        return list(connection.execute(select(rows.c.key).where(rows.c.settled_at.is_(None))).scalars())


def _raise(site: Site, key: str, office: str | None) -> None:
    with site.runtime.database.write() as connection:
        alarms.raise_alarm(
            connection, key, office, "mail_total_hour", {"mailbox": f"kotak {key}"}, site.clock()
        )


def test_an_alarm_stands_above_the_pages_of_its_office_until_it_was_seen(site: Site) -> None:
    _raise(site, "ours", "7411")
    _raise(site, "theirs", "6571")
    client = site.signed_in("officer")
    page = client.get("/inbox/7411").text
    assert "Terlalu banyak surat otomatis dalam satu jam" in page
    assert "kotak ours" in page
    assert "kotak theirs" not in page
    client.post("/inbox/7411/alarms/settle", data={"key": "theirs"})
    assert sorted(_open_alarms(site)) == ["ours", "theirs"]
    answer = client.post("/inbox/7411/alarms/settle", data={"key": "ours", "next": "/inbox/7411?list=open"})
    assert answer.location == "/inbox/7411?list=open"
    assert _open_alarms(site) == ["theirs"]
    assert 'class="alarms"' not in client.get("/inbox/7411").text


def test_an_alarm_of_the_installation_is_the_administrators(site: Site) -> None:
    _raise(site, "all", None)
    assert "kotak all" not in site.signed_in("supervisor").get("/inbox/7411").text
    site.signed_in("supervisor").post("/inbox/7411/alarms/settle", data={"key": "all"})
    assert _open_alarms(site) == ["all"]
    administrator = site.signed_in("administrator")
    assert "kotak all" in administrator.get("/administration").text
    administrator.post("/administration/alarms/settle", data={"key": "all"})
    assert _open_alarms(site) == []


def _named_alarms() -> set[str]:
    """What the code calls its alarms, as far as it stands there as a word."""
    found = set()
    for path in (ROOT / "handlers").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "raise_alarm":
                found.add(node.args[3])
            elif isinstance(node, ast.keyword) and node.arg == "alarm":
                found.add(node.value)
    return {node.value for node in found if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_every_alarm_is_told_in_words() -> None:
    budgets = {
        f"mail_{name}" for name in ("address_hour", "address_day", "ticket_day", "total_hour", "repeated")
    }
    named = _named_alarms() | budgets | {"mailbox_away", "mailbox_refused"}
    assert len(named) > 10
    assert named - mail_words._ALARMS.keys() == set()
