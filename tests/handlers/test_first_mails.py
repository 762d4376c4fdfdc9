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
