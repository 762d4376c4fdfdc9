"""What an officer orders by mail is done once and confirmed; what can not be done comes back with why."""

from typing import Any

import pytest
from sqlalchemy import select, update

from channels.email.tokens import Purpose, Token, tagged
from handlers import officer
from handlers.mailroom import handling, officer_mail
from handlers.mailroom.reading import raw_of
from storage import officers
from storage.columns import table
from storage.mail_tables import Mail
from storage.officers import MailWishes
from tests.driver import CITIZEN, WRITER, Desk, reader
from tests.handlers.correspondence import (
    NOTICE,
    answers,
    asks,
    events,
    last,
    mail_to,
    noticed,
    notices_of,
    reply_to,
    said,
    subjects,
    wishing,
)
from tests.handlers.test_routes import also_reached_at, answer, offered

ANSWER = "Data terlampir di bawah ini:\n2021: 1.234 ha\n2022: 2.345 ha"


@pytest.mark.parametrize("word", ["#tutup", "#close", "#Tutup."])
def test_an_answer_that_closes(desk: Desk, word: str) -> None:
    answers(desk, noticed(desk), f"{word}\n{ANSWER}")
    heard = desk.heard()
    assert heard[-2] == ANSWER
    assert "telah selesai" in heard[-1]
    assert desk.tickets()[-1].status == "closed"
    told = last(desk)
    assert "- Tiket ditutup" in told.text
    assert f"| {ANSWER.splitlines()[0]}" in told.text


def test_orders_without_words(desk: Desk) -> None:
    letter = noticed(desk)
    row = answers(desk, letter, "#ambil")
    assert (row.intake, row.rule) == ("handled", "orders")
    assert desk.tickets()[-1].claimed_by == desk.officer("rahma")
    assert subjects([last(desk)]) == ["[KTM-2026-00001] Perintah Anda sudah dijalankan"]
    answers(desk, letter, "#tutup")
    assert desk.tickets()[-1].status == "closed"
    assert said(desk) == []


def test_a_question_back_is_no_first_answer(desk: Desk) -> None:
    answers(desk, noticed(desk), "#tanya\nTahun berapa?")
    assert desk.heard()[-1] == "Tahun berapa?"
    assert desk.tickets()[-1].answered_at is None
    assert "pertanyaan balik" in last(desk).text


def test_a_note_stays_inside(desk: Desk) -> None:
    letter = noticed(desk)
    heard = desk.heard()
    row = answers(desk, letter, "#catatan Sudah saya telepon")
    assert (row.intake, row.rule) == ("handled", "note")
    assert [row.body for row in desk.messages("note")] == ["Sudah saya telepon"]
    assert "Warga tidak melihatnya" in last(desk).text
    assert "Balas email ini untuk menambah catatan." in last(desk).text
    answers(desk, last(desk), "Besok saya telepon lagi")
    assert [row.body for row in desk.messages("note")] == ["Sudah saya telepon", "Besok saya telepon lagi"]
    assert desk.heard() == heard


def test_an_answer_to_a_note_stays_inside(desk: Desk) -> None:
    rahma = wishing(desk, "rahma")
    ticket = asks(desk)
    officer.claim(desk.runtime, rahma, ticket)
    officer.note(desk.runtime, desk.officer("budi"), ticket, "Sudah selesai?", "f" * 36)
    letter = last(desk)
    heard = desk.heard()
    answers(desk, letter, "Belum, besok")
    assert [row.body for row in desk.messages("note")] == ["Sudah selesai?", "Belum, besok"]
    for refused in ("#tutup\nSelesai", "#tanya\nTahun berapa?"):
        assert answers(desk, letter, refused).rule == "not_on_a_note"
    # Both words in one mail: what stays inside wins.
    outside = desk.runtime.tokens.sign(Token(Purpose.OFFICER, ticket, rahma))
    to = f"{tagged('bps7411@bps.go.id', outside)}, {reply_to(letter)}"
    assert answers(desk, letter, "Untuk siapa?", To=to).rule == "note"
    assert desk.heard() == heard


def test_a_ticket_is_handed_over_with_words_for_the_colleague(desk: Desk) -> None:
    letter = noticed(desk)
    heard = desk.heard()
    wishing(desk, "budi", MailWishes(mine=True))
    answers(desk, letter, "#alih Budi\nTolong, ini bidangmu")
    assert desk.tickets()[-1].claimed_by == desk.officer("budi")
    assert [row.body for row in desk.messages("note")] == ["Tolong, ini bidangmu"]
    assert desk.heard() == heard
    assert "Tiket dialihkan kepada Budi." in last(desk).text
    assert [each.split("] ")[1] for each in subjects(mail_to(desk, "budi"))] == [
        "Tiket Siti Contoh dialihkan kepada Anda",
        "Catatan dari Rahma",
    ]


def test_a_colleague_must_be_meant_clearly(desk: Desk) -> None:
    letter = noticed(desk)
    for name in ("sari dewi", "sari ayu", "rahma lain"):
        desk.officer(name)
    desk.officer("tono", office="6571")
    for named in ("Sari", "Tono", "Rahma Contoh", "siapa saja"):
        assert answers(desk, letter, f"#alih {named}").rule == "no_colleague"
    told = last(desk)
    assert "siapa saja" in told.text
    assert "Rahma Lain, Sari Ayu, Sari Dewi." in told.text
    assert "Tono" not in told.text
    assert answers(desk, letter, "#alih dewi").rule == "orders"
    assert desk.tickets()[-1].claimed_by == desk.officer("sari dewi")


@pytest.mark.parametrize(
    ("text", "rule", "reason"),
    [
        (f"#tutpu\n{ANSWER}", "unknown_order", "Perintah ini tidak dikenal: #tutpu"),
        (f"#ambil\n#hapus\n{ANSWER}", "unknown_order", "#tutup = kirim jawaban"),
        ("#tutup ya", "words_beside_order", "harus sendirian"),
        ("#catatan x\n#tanya", "contradicting_orders", "tidak dapat dijalankan bersama"),
        ("#alih", "assigned_to_nobody", "#alih Sari"),
        ("", "empty", "Tidak ada tulisan"),
        ("#tanya", "empty", "Tidak ada tulisan"),
        ("x" * 20_001, "too_long", "20.000"),
    ],
)
def test_what_is_refused_comes_back_with_the_reason(desk: Desk, text: str, rule: str, reason: str) -> None:
    letter = noticed(desk)
    heard = desk.heard()
    row = answers(desk, letter, text)
    assert (row.intake, row.rule) == ("filed", rule)
    assert desk.heard() == heard
    assert desk.tickets()[-1].claimed_by is None
    told = last(desk)
    assert subjects([told]) == ["[KTM-2026-00001] Email Anda tidak diteruskan"]
    assert reason in told.text
    answers(desk, told, "Sekarang benar")
    assert desk.heard()[-1] == "Sekarang benar"


def test_our_own_mail_is_never_sent_to_the_citizen(desk: Desk) -> None:
    letter = noticed(desk)
    heard = desk.heard()
    forwarded = f"Tolong dibantu\n\n---------- Forwarded message ---------\n{letter.text}"
    for text in (forwarded, letter.text, "lihat https://bot.example.org/inbox/7411/tickets/1"):
        row = answers(desk, letter, text, quote=False)
        assert (row.intake, row.rule in {"quoted", "empty"}) == ("filed", True), text
    assert desk.heard() == heard


FIGURES = "Jumlah penduduk:\n0-14 tahun: 30.100\n> 60 tahun: 9.100\n> 65 tahun: 5.400\nSalam"


def test_figures_reach_the_citizen_as_they_were_written(desk: Desk) -> None:
    answers(desk, noticed(desk), FIGURES)
    assert said(desk) == [FIGURES]


def test_an_answer_inside_the_notice_sends_nothing_of_it_along(desk: Desk) -> None:
    """A notice says things to officers that no citizen is to read, also what others wrote."""
    notice = noticed(desk)
    lines = [f"> {line}" for line in notice.text.split("\n")]
    at = next(at for at, line in enumerate(lines) if "luas panen" in line) + 1
    head = "Pada Sen, 6 Jul 2026 pukul 09.10 Loket <bps7411@bps.go.id> menulis:"
    text = "\n".join([head, "", *lines[:at], "", "Datanya 5.120 hektare.", "", *lines[at:], "", "Salam"])
    row = answers(desk, notice, text, quote=False)
    assert (row.rule, said(desk)) == ("quoted", [])
    assert "Tulis jawaban di atas baris" in mail_to(desk, "rahma")[-1].text


def test_a_closed_ticket_and_a_citizen_who_wants_silence_are_refused(desk: Desk) -> None:
    letter = noticed(desk)
    desk.writes("BERHENTI")
    assert answers(desk, letter, "#ambil\nHalo?").rule == "opted_out"
    told = last(desk)
    assert "MULAI" in told.text
    assert "Tiketnya tetap sudah Anda ambil." in told.text
    assert "| Halo?" in told.text
    desk.writes("MULAI")
    desk.closes()
    assert answers(desk, letter, "Halo lagi?").rule == "closed"
    assert "sudah ditutup" in last(desk).text
    assert said(desk) == []


def test_a_ticket_that_a_colleague_has_can_not_be_taken(desk: Desk) -> None:
    letter = noticed(desk)
    officer.claim(desk.runtime, desk.officer("budi"), 1)
    assert answers(desk, letter, f"#ambil\n{ANSWER}").rule == "taken"
    assert said(desk) == []
    assert answers(desk, letter, ANSWER).rule == "answer"


def test_what_the_citizen_wrote_meanwhile_is_told_with_the_confirmation(desk: Desk) -> None:
    letter = noticed(desk)
    desk.clock.forward(minutes=10)
    desk.writes("Sekalian tahun 2025 juga ya")
    answers(desk, letter, ANSWER)
    assert desk.heard()[-1] == ANSWER
    told = last(desk).text
    assert "Warga menulis lagi sebelum jawaban Anda sampai" in told
    assert "| Sekalian tahun 2025 juga ya" in told
    answers(desk, last(desk), "Baik, menyusul")
    assert "menulis lagi sebelum" not in last(desk).text


def test_an_answer_after_the_window_says_that_it_waits(desk: Desk) -> None:
    letter = noticed(desk)
    desk.clock.forward(hours=25)
    answers(desk, letter, ANSWER)
    told = last(desk)
    assert subjects([told]) == ["[KTM-2026-00001] Jawaban Anda disimpan"]
    assert "begitu ia menulis lagi" in told.text
    assert ANSWER not in desk.heard()
    desk.writes("Halo?")
    assert ANSWER in desk.heard()


FILE = (("tabel.pdf", b"%PDF-1.4 isi tabel", "application/pdf"),)


def test_files_go_along_to_whatsapp_or_as_a_link(desk: Desk) -> None:
    answers(desk, noticed(desk), ANSWER, files=(*FILE, ("data.csv", b"a;b\n", "text/csv")))
    words, along = (row for row in desk.messages("out") if row.author == "officer")
    assert words.body.startswith(f"{ANSWER}\n\nBerkas data.csv dapat diunduh sampai")
    assert [(each["name"], each["role"]) for each in words.media] == [("data.csv", "linked")]
    assert [(each["name"], each["role"]) for each in along.media] == [("tabel.pdf", "attached")]
    assert "Lampiran yang ikut: tabel.pdf, data.csv" in last(desk).text


def test_files_go_along_by_mail(desk: Desk) -> None:
    wishing(desk, "rahma")
    desk.mails("Mohon data luas panen padi 2021-2024 kabupaten Kolaka Timur untuk skripsi")
    letter = last(desk)
    assert "Balas email ini untuk menjawab warga lewat email." in letter.text
    answers(desk, letter, ANSWER, files=FILE)
    got = desk.letters(WRITER)[-1]
    assert ANSWER.splitlines()[1] in got.text
    [attached] = list(got.mail.iter_attachments())
    assert (attached.get_filename(), attached.get_content()) == ("tabel.pdf", FILE[0][1])
    assert "Lampiran yang ikut: tabel.pdf" in last(desk).text
    assert CITIZEN not in got.raw.decode()


def test_a_mail_handled_again_after_a_crash_is_sent_once(desk: Desk) -> None:
    letter = noticed(desk)
    row = answers(desk, letter, f"#ambil\n#tutup\n{ANSWER}")
    heard, told = desk.heard(), mail_to(desk, "rahma")
    rows = table(Mail)
    for forgotten in (False, True):
        with desk.runtime.database.write() as connection:
            connection.execute(update(rows).where(rows.c.id == row.id).values(intake="pending"))
            if forgotten:  # it died before the confirmation was queued
                told_of = NOTICE.c.key == f"mail:{row.id}"
                connection.execute(update(NOTICE).where(told_of).values(key="lost"))
        again = _handled_again(desk, row.id)
        assert (again.intake, again.rule, again.ticket_id) == ("handled", "answer", 1)
    assert desk.heard() == heard
    assert said(desk) == [ANSWER]
    assert len(mail_to(desk, "rahma")) == len(told) + 1
    assert len(events(desk, "closed")) == 1


def _handled_again(desk: Desk, mail_id: int) -> Any:
    handling.handle_waiting(desk.runtime, reader(handling.ours(desk.runtime)), "bps7411")
    with desk.runtime.database.read() as connection:
        return connection.execute(select(table(Mail)).where(table(Mail).c.id == mail_id)).one()


def test_the_same_mail_through_another_mailbox_is_sent_once(desk: Desk) -> None:
    letter = noticed(desk)
    row = answers(desk, letter, ANSWER)
    raw = raw_of(desk.runtime, row)
    desk.officer("rahma")
    with desk.runtime.database.write() as connection:
        officers.set_role(connection, desk.officer("rahma"), "6571", "officer")
    second = desk.mail_arrives(raw, "6571")
    assert second.rule == "no_access"
    assert said(desk) == [ANSWER]


def test_refusals_end_when_somebody_answers_them_for_ever(desk: Desk) -> None:
    letter = noticed(desk)
    for number in range(officer_mail.MOST_REFUSALS + 5):
        answers(desk, letter, f"#salah{number}", quote=False)
    assert len(notices_of(desk, purpose="refused")) == officer_mail.MOST_REFUSALS


def test_an_answer_is_in_the_log_as_the_officers(desk: Desk) -> None:
    answers(desk, noticed(desk), ANSWER)
    assert [row.officer_id for row in events(desk, "replied")] == [desk.officer("rahma")]


def test_the_answer_takes_the_way_on_which_the_citizen_was_heard_last(desk: Desk) -> None:
    letter = noticed(desk)
    also_reached_at(desk, 1, WRITER)
    assert answer(desk, 1, "Datanya kami kirim lewat email.", offered(desk, 1)[WRITER].key) is None
    desk.clock.forward(hours=1)
    desk.mails("Sudah saya terima. Tahun 2025?", answers=desk.letters(WRITER)[-1])
    wrote = last(desk)
    assert "Balas email ini untuk menjawab warga lewat email." in wrote.text
    heard = desk.heard()
    answers(desk, letter, "Menyusul, terlampir.", files=FILE)
    got = desk.letters(WRITER)[-1]
    assert [each.get_filename() for each in got.mail.iter_attachments()] == ["tabel.pdf"]
    assert subjects([last(desk)]) == ["[KTM-2026-00001] Jawaban Anda diteruskan lewat email"]
    assert desk.heard() == heard
