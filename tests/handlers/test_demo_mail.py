"""The demo's mail: written in a citizen's webmail, through IMAP to the desk, and back over SMTP."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.handlers.demos import OFFICE, Mailboxes, eventually, running_demo


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailboxes]:
    """A demo that was just started."""
    with running_demo(tmp_path_factory.mktemp("demo")) as demo:
        yield Mailboxes(demo.visitor)


def _details(scenes: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(scene["title"], scene["detail"]) for scene in scenes]


def test_a_consultation_by_mail_that_an_officer_answers_by_mail(people: Mailboxes) -> None:
    """Ticket, notice, reply, citizen; nobody opens the inbox."""
    told = len(people.listed("rahma"))
    people.writes(
        "sinta", "Mohon jumlah penduduk Kabupaten Kolaka Timur tahun 2024 untuk skripsi.", sample="1"
    )
    receipt = people.next("sinta", 0)
    (reference,) = re.findall(r"KTM-\d{4}-\d{5}", receipt["subject"])
    assert receipt["automatic"]
    assert reference in receipt["text"]

    people.an_hour_later()
    notice = people.next("rahma", told)
    assert notice["subject"] == f"[{reference}] Tiket baru dari Sinta Lestari"
    people.answers("rahma", notice, "Jumlahnya 120.699 jiwa.\n\n-- \nRahmawati\nPelayanan Statistik Terpadu")
    answer = people.next("sinta", 1)
    assert answer["author"].startswith("Rahmawati")
    assert "Jumlahnya 120.699 jiwa." in answer["text"]
    assert "Pelayanan Statistik Terpadu" not in answer["text"]
    assert "Jumlahnya 120.699 jiwa." in people.next("rahma", told + 1)["text"]

    people.answers("sinta", answer, "Terima kasih, apakah ada per kecamatan?")
    people.hears("Sinta Lestari → KTM", times=2)
    said = _details(people.behind())
    assert ("Sinta Lestari → KTM", "email diambil lewat IMAP") in said
    assert ("Petugas KTM → Sinta Lestari", "lewat SMTP") in said
    assert ("KTM → Rahmawati", "pemberitahuan tiket baru") in said
    assert sum(title == reference for title, _ in said) == 2  # opened, answered
    assert "120.699" not in json.dumps(people.behind())
    assert json.loads(people.visitor.get("/demo/state?mail=sinta")[1])["by_mail"] == 3


def test_a_reply_quotes_like_gmail(people: Mailboxes) -> None:
    original = people.opened("dewi", people.listed("dewi")[0]["uid"])
    people.answers("dewi", original, "Baik.")
    sent = people.opened("dewi", people.listed("dewi", "terkirim")[0]["uid"], "terkirim")
    assert sent["subject"] == original["subject"]
    assert re.match(r"Baik\.\n\nPada \w{3}, .+ pukul \d\d\.\d\d Jufri .+ menulis:\n\n> ", sent["text"])
    _, page, headers = people.visitor.get(f"/demo/surat/dewi/terkirim/{sent['uid']}/isi")
    assert '<blockquote class="gmail_quote"' in page
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "allow-scripts" not in policy


def test_a_file_is_sent_and_saved(people: Mailboxes) -> None:
    people.writes("aisyah", "Ini suratnya.", sample="1")
    (row,) = people.listed("aisyah", "terkirim")
    assert row["files"] == 1
    mail = people.opened("aisyah", row["uid"], "terkirim")
    assert [file["name"] for file in mail["files"]] == ["surat-pengantar.pdf"]
    _, saved, headers = people.visitor.get(f"/demo/surat/aisyah/terkirim/{row['uid']}/lampiran/0")
    assert saved.startswith("%PDF-1.4")
    assert headers["Content-Disposition"].startswith("attachment")
    assert people.visitor.get(f"/demo/surat/aisyah/terkirim/{row['uid']}/lampiran/1")[0] == 404


def test_a_closed_address_sends_the_receipt_back(people: Mailboxes) -> None:
    assert people.visitor.post("/demo/surat/tono/kebiasaan", what="closed", on="1")[0] == 204
    people.writes("tono", "Mohon tabel harga beras Tarakan.")
    people.hears("Pantulan → KTM", step="pesan ditandai gagal")
    (bounce,) = (scene for scene in people.behind() if scene["title"] == "Pantulan → KTM")
    assert bounce["steps"] == ["tersimpan", "pesan ditandai gagal"]
    assert people.listed("tono") == []
    went = next(scene for scene in people.behind() if scene["title"] == "Bot KTM → Tono Wijaya")
    assert went["trouble"] == "gagal atau kembali"


def test_an_absent_officer_says_nothing_to_citizens(people: Mailboxes) -> None:
    assert people.visitor.post("/demo/surat/rahma/kebiasaan", what="away", on="1")[0] == 204
    told = len(people.listed("rahma"))
    people.writes("andi", "Mohon data usaha mikro Kolaka Timur.")
    people.next("andi", 0)
    people.an_hour_later()
    people.next("rahma", told)
    eventually(lambda: any(title == "Balasan otomatis → KTM" for title, _ in _details(people.behind())))
    people.an_hour_later()
    assert len(people.listed("andi")) == 1


def test_a_mailed_code_is_offered_on_the_phone(people: Mailboxes) -> None:
    """Registered on WhatsApp, proved by mail: the code is where the citizen would find it."""
    (offered, *_) = people.visitor.state("lina@6571")["phones"][0]["suggestions"]
    assert offered["label"] == "kode dari email"
    assert offered["say"] in people.listed("lina")[0]["subject"]
    assert "terbukti" in people.visitor.writes(offered["say"], "lina@6571")
    after = people.visitor.state("lina@6571")["phones"][0]["suggestions"]
    assert offered not in after


def test_an_unknown_address_is_said(people: Mailboxes) -> None:
    fields = {"to": "siapa@warga.example", "subject": "Halo", "text": "Halo"}
    status, answer, _ = people.visitor.post("/demo/surat/budi/kirim", **fields)
    assert (status, json.loads(answer)) == (502, {"unknown": True})
    assert people.listed("budi", "terkirim") == []


def test_a_line_break_in_a_subject_makes_no_header(people: Mailboxes) -> None:
    people.writes("wayan", "Halo.", subject="Data\r\nBcc: budi@dinas.example =?utf-8?q?a=0D=0ABcc=3A_x?=")
    (row,) = people.listed("wayan", "terkirim")
    assert row["subject"] == "Data Bcc: budi@dinas.example = ?utf-8?q?a=0D=0ABcc=3A_x?="
    assert people.listed("budi") == []


def test_nonsense_is_refused(people: Mailboxes) -> None:
    visitor = people.visitor
    assert visitor.get("/demo/surat/nobody")[0] == 404
    assert visitor.get("/demo/surat/admin")[0] == 404
    assert visitor.get("/demo/surat/sinta/masuk/9999")[0] == 404
    assert visitor.get("/demo/surat/sinta/sampah/101")[0] == 404
    assert visitor.post("/demo/surat/sinta/kirim", to=OFFICE, text=" ")[0] == 400
    assert visitor.post("/demo/surat/sinta/kirim", to=OFFICE, text="x", subject="x" * 300)[0] == 400
    assert visitor.post("/demo/surat/sinta/kirim", to=OFFICE, text="x", answers="masuk/9999")[0] == 404
    assert visitor.post("/demo/surat/sinta/kebiasaan", what="moody", on="1")[0] == 400
    assert visitor.send("/demo/surat/sinta/kirim", {"to": OFFICE, "text": "x"}, {})[0] == 400
    assert visitor.get("/demo/surat/sinta", Host="loket.example")[0] == 404


def test_the_pages_keep_the_strict_policy(people: Mailboxes) -> None:
    for who in ("sinta", "rahma"):
        status, page, headers = people.visitor.get(f"/demo/surat/{who}")
        assert status == 200
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son[a-z]+=", page)


def test_only_their_own_kind_is_offered(people: Mailboxes) -> None:
    citizen, officer = (people.visitor.get(f"/demo/surat/{who}")[1] for who in ("sinta", "rahma"))
    assert "Budi Hartono" in citizen
    assert "Budi Hartono" not in officer
    assert "Jufri (petugas)" in officer
