"""Letters whose first line says to whom they are, and goes on to say what is wanted."""

import pytest

from bot.conversation import TicketKind
from bot.texts import Text
from tests.bot.desk import SEARCHING, Shell, by_mail


@pytest.mark.parametrize(
    "letter",
    [
        "Yth. Kepala BPS, saya mau mengadukan petugas Budi yang meminta uang.\nMohon ditindaklanjuti.\nSiti",
        "Bapak/Ibu, saya mau mengadukan petugas Budi.\nTerima kasih\nSiti",
        "Kepala BPS melakukan pungli.\nMohon ditindak.",
    ],
)
def test_a_complaint_stays_a_complaint(letter: str) -> None:
    shell = Shell(by_mail(SEARCHING))
    shell.mails(letter)
    assert [filed.ticket.kind for filed in shell.tickets.values()] == [TicketKind.COMPLAINT]


@pytest.mark.parametrize(
    "letter",
    [
        "Dear BPS, mohon data jumlah penduduk Kolaka Timur 2024 untuk skripsi.\nTerima kasih\nSiti Aminah",
        "Bapak/Ibu, mohon data inflasi Kolaka Timur 2024 untuk tugas.\nTerima kasih\nSiti",
    ],
)
def test_a_wish_is_the_wish(letter: str) -> None:
    shell = Shell(by_mail(SEARCHING))
    shell.mails(letter)
    (filed,) = shell.tickets.values()
    assert "mohon data" in filed.request.what
    assert Text.ASK_MISSING not in shell.said


@pytest.mark.parametrize(
    "heading", ["Yth. Kepala BPS Kabupaten Kolaka Timur", "Kepada Yth.\nBapak Kepala BPS\ndi Tirawuta"]
)
def test_a_heading_is_no_wish(heading: str) -> None:
    shell = Shell(by_mail(SEARCHING))
    shell.mails(f"{heading}\n\nMohon data inflasi Kolaka Timur 2024 untuk tugas.\nTerima kasih\nSiti")
    (filed,) = shell.tickets.values()
    assert filed.request.what.startswith("Mohon data inflasi")
