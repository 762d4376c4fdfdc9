"""A first mail answers nothing of ours: what it repeats may be the very question."""

import pytest

from tests.driver import Desk

ASKED = "Pak, saya butuh data inflasi Kolaka Timur 2019-2024."
HANDED_ON = (
    "Yth. BPS, mohon dibantu permintaan mahasiswa kami di bawah ini. Terima kasih.\n\n"
    f"Pada Sen, 6 Jul 2026 pukul 09.10 Budi <budi@kampus.id> menulis:\n\n> {ASKED}"
)
WITH_ITS_HEAD = (
    "Yth. Kepala BPS Kolaka Timur\n\nDari: Budi Santoso (budi@kampus.id)\nTanggal: 6 Juli 2026\n"
    "Perihal: Permohonan data\n\nSaya mohon data inflasi Kolaka Timur 2019-2024."
)


@pytest.mark.parametrize("said", [HANDED_ON, WITH_ITS_HEAD])
def test_nothing_but_the_signature_is_cut(desk: Desk, said: str) -> None:
    desk.mails(f"{said}\n\n-- \nDr. Andi\nUniversitas Contoh", subject="Re: Permintaan data")
    assert desk.messages("in")[-1].body == said


def test_an_answer_to_ours_is_cut_also_where_a_stranger_writes_it(desk: Desk) -> None:
    desk.mails("Mohon data luas panen padi 2021-2024 untuk skripsi")
    letter = desk.letters()[-1]
    quoted = "\n".join(f"> {line}" for line in letter.text.splitlines())
    answer = f"Saya juga mau.\n\nPada Sen, 6 Jul 2026 pukul 09.10 BPS <bps7411@bps.go.id> menulis:\n{quoted}"
    desk.mails(answer, address="budi@kampus.id", subject="Re: data")
    assert desk.messages("in")[-1].body == "Saya juga mau."
    desk.mails(answer, answers=letter)
    assert desk.messages("in")[-1].body == "Saya juga mau."


ENCRYPTED = (
    b"From: Siti <siti@contoh.id>\r\nTo: bps7411@bps.go.id\r\nSubject: Permohonan data\r\n"
    b"Message-ID: <a1@contoh.id>\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"\r\n'
    b"Content-Transfer-Encoding: base64\r\n\r\nMIAGCSqGSIb3DQEHA6CAMIACAQAxggFF\r\n"
)


def test_who_writes_encrypted_is_asked_to_write_again(desk: Desk) -> None:
    desk.mail_arrives(ENCRYPTED)
    (letter,) = desk.letters()
    assert "KTM-2026-00001" in letter.text
    assert "tanpa enkripsi" in letter.text
    assert "belum lengkap" not in letter.text
    desk.mails(
        "Mohon data inflasi Kolaka Timur 2019-2024 untuk skripsi", address="siti@contoh.id", answers=letter
    )
    assert [row.body[:10] for row in desk.messages("in")] == ["[surat ter", "Mohon data"]
    assert len(desk.tickets()) == 1
