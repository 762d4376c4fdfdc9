"""What a letter completes is in the rows: the request, the writer, the subject, what the search finds."""

import pytest
from sqlalchemy import select

from storage import finding
from storage.columns import table
from storage.inbox import View
from storage.tables import Contact, TicketEvent
from tests.driver import Desk
from tests.post import Letter

EVENT, CONTACT = table(TicketEvent), table(Contact)


def _logged(desk: Desk) -> list[str]:
    with desk.runtime.database.read() as connection:
        return list(connection.execute(select(EVENT.c.what).order_by(EVENT.c.id)).scalars())


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def found(desk: Desk, words: str) -> list[int]:
    """The tickets that an officer of 6571 finds by *words*."""
    with desk.runtime.database.read() as connection:
        return [row.id for row in finding.found(connection, View("6571", 0, False), words)]


def test_a_filled_list_completes_the_ticket(desk: Desk) -> None:
    desk.mails("Selamat pagi", office="6571", subject="Halo")
    assert desk.tickets()[0].subject == "Selamat pagi"
    desk.mails(
        "Nama: Siti Aminah\nInstansi: kampus\nKeperluan: skripsi\n"
        "Data: luas panen\nWilayah: Tarakan\nTahun: 2020",
        office="6571",
        answers=desk.letters()[-1],
    )
    row = desk.tickets()[0]
    assert row.subject == "luas panen"
    assert row.request == {
        "text": "Selamat pagi",
        "what": "luas panen",
        "area": "Tarakan",
        "years": "2020",
        "use": "skripsi",
    }
    assert "Siti Aminah" in row.search_text
    assert "luas panen" in row.search_text
    assert _logged(desk) == ["opened", "completed"]
    assert len(desk.letters()) == 2


def test_a_ticket_is_found_by_the_subject_of_its_mail(desk: Desk) -> None:
    """Its title is another one, and changes; what citizens write as a subject stands nowhere else."""
    desk.mails("Selamat pagi, mohon rekomendasinya ya", office="6571", subject="Surat dinas nomor 77/kominfo")
    row = desk.tickets()[0]
    assert "kominfo" not in row.subject
    assert found(desk, "kominfo") == [row.id]
    desk.mails("Nama: Siti Aminah\nData: luas panen", office="6571", answers=desk.letters()[-1])
    assert found(desk, "77 kominfo aminah panen") == [row.id]
    assert found(desk, "kominfo padi") == []


def test_lines_filled_within_our_own_letter_are_read(desk: Desk) -> None:
    desk.mails("Mohon data penduduk", subject="Data")
    letter = desk.letters()[-1]
    filled = letter.text.replace("Wilayah:", "Wilayah: Loea").replace("Tahun:", "Tahun: 2020")
    desk.mails(
        f"Sudah saya isi di bawah.\n\nPada Sen, 6 Jul 2026 pukul 09.00 BPS <bps7411@bps.go.id> menulis:\n\n"
        f"{_quoted(filled)}",
        answers=letter,
    )
    request = desk.tickets()[0].request
    assert (request["area"], request["years"], request["use"]) == ("Loea", "2020", "")
    with desk.runtime.database.read() as connection:
        contact = connection.execute(select(CONTACT)).one()
    assert (contact.email, contact.institution_category) == ("", "")


def test_a_letter_that_must_not_be_answered_opens_its_ticket_in_silence(desk: Desk) -> None:
    desk.mails("Selamat pagi", subject="Halo", address="no-reply@contoh.id")
    assert _logged(desk) == ["opened", "skipped:ticket_opened:not_answerable"]
    assert desk.letters("no-reply@contoh.id") == []


ASKED_BACK, SENT = "Kapan kejadiannya?", "Ini datanya."


def _with_a_complaint_beside(desk: Desk) -> dict[str, Letter]:
    """Both letters of officers to somebody who complained in the thread of their consultation."""
    desk.mails("Mohon data luas panen padi 2021-2024 kabupaten Kolaka Timur untuk skripsi")
    consultation = desk.tickets()[0].id
    desk.replies("Data yang mana?", consultation, by="sari", asks_back=True)
    desk.mails("PENGADUAN: petugas itu kasar kemarin.", answers=desk.letters()[-1])
    desk.replies(ASKED_BACK, desk.tickets()[-1].id, asks_back=True)
    desk.replies(SENT, consultation, by="sari")
    said = [
        (words, letter) for words in (ASKED_BACK, SENT) for letter in desk.letters() if words in letter.text
    ]
    return dict(said)


@pytest.mark.parametrize("order", [(ASKED_BACK, SENT), (SENT, ASKED_BACK)])
def test_an_answer_goes_to_the_ticket_on_which_the_letter_was_written(
    order: tuple[str, str], desk: Desk
) -> None:
    letters = _with_a_complaint_beside(desk)
    consultation, complaint = (row.id for row in desk.tickets())
    for words in order:
        row = desk.mails(f"Balasan untuk: {words}", answers=letters[words])
        assert row.ticket_id == (complaint if words == ASKED_BACK else consultation)
    assert {row.waiting_for for row in desk.tickets()} == {"office"}


def test_without_plus_addressing_too(lone: Desk) -> None:
    letters = _with_a_complaint_beside(lone)
    row = lone.mails("Hari Senin.", answers=letters[ASKED_BACK], to="bps7411@bps.go.id")
    assert (row.rule, row.ticket_id) == ("signed id", lone.tickets()[-1].id)
