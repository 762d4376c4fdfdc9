"""A message becomes a letter: in its thread, under its subject, signed, and readable everywhere."""

import re
from dataclasses import replace
from email.headerregistry import AddressHeader
from typing import Any

import pytest
from sqlalchemy import update

from channels.email.tokens import Purpose, Token
from channels.mime.markup import page
from channels.mime.newtext import new_text
from handlers.mailroom import letters
from handlers.mailroom.envelopes import envelope
from handlers.shipped_files import templates_folder
from storage.columns import table
from storage.tables import Contact, Conversation, Message
from tests.driver import WRITER, Desk
from tests.post import Letter

CONVERSATION, CONTACT, MESSAGE = table(Conversation), table(Contact), table(Message)
QUESTION = "Mohon data luas panen padi 2021-2024 kabupaten Kolaka Timur untuk skripsi. Terima kasih."
MAILBOX = "bps7411@bps.go.id"
NAME = "BPS Kabupaten Kolaka Timur"


def answered(desk: Desk, text: str = "Berikut datanya.", **how: Any) -> Letter:
    """A citizen's mail on a ticket, and the officer's answer as it arrived."""
    desk.mails(QUESTION, **how)
    officer_answers(desk, text)
    return desk.letters()[-1]


def officer_answers(desk: Desk, text: str) -> None:
    """The officer answers the ticket; where the bot asks first, the citizen agrees."""
    desk.settle()
    if not desk.tickets():
        desk.mails("1", answers=desk.letters()[-1])
    desk.replies(text)


def html_of(letter: Letter) -> str:
    part = letter.mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def sender_of(letter: Letter) -> tuple[str, str]:
    header = letter.mail["From"]
    assert isinstance(header, AddressHeader)
    (address,) = header.addresses
    return address.display_name, address.addr_spec


def test_an_officers_answer_is_a_letter_in_its_thread(desk: Desk) -> None:
    letter = answered(desk, subject="Bls: Permintaan data")
    (ticket,) = desk.tickets()
    row, question = desk.messages("out")[-1], desk.messages("in")[-1]
    assert letter.mail["Subject"] == f"Re: Permintaan data [{ticket.reference}]"
    assert sender_of(letter) == (f"Rahma - {NAME}", MAILBOX)
    assert letter.mail["In-Reply-To"] == question.raw["message_id"]
    assert letter.mail["References"].split()[-1] == question.raw["message_id"]
    token = Token(Purpose.THREAD, row.conversation_id, row.id)
    assert list(desk.runtime.tokens.find(letter.mail["Message-ID"])) == [token]
    assert list(desk.runtime.tokens.find(str(letter.mail["Reply-To"]))) == [token]
    assert list(desk.runtime.tokens.find(letter.bounces_to)) == [replace(token, purpose=Purpose.BOUNCE)]
    assert letter.mail["Auto-Submitted"] is None
    assert letter.mail["X-Loket-Mark"] == desk.runtime.tokens.marks[0]
    assert (row.delivery, row.external_id) == ("sent", letter.mail["Message-ID"])
    assert re.fullmatch(r"2\.0\.0 Ok: queued as [0-9A-F]+", row.raw["answer"])


def test_the_bots_answer_says_that_nobody_wrote_it(desk: Desk) -> None:
    desk.mails(QUESTION)
    letter = desk.letters()[0]
    assert sender_of(letter) == (NAME, MAILBOX)
    assert letter.mail["Auto-Submitted"] == "auto-replied"
    assert "AutoReply" in letter.mail["X-Auto-Response-Suppress"]


def test_what_the_bot_says_unasked_answers_nothing(desk: Desk) -> None:
    answered(desk)
    desk.closes()
    assert desk.letters()[-1].mail["Auto-Submitted"] == "auto-generated"


def test_a_thread_names_what_came_before(desk: Desk) -> None:
    first = answered(desk)
    desk.mails("Terima kasih. Apakah ada data 2025 juga?", answers=first)
    desk.replies("Belum terbit.")
    letter = desk.letters()[-1]
    thanks = desk.messages("in")[-1].raw["message_id"]
    assert letter.mail["In-Reply-To"] == thanks
    named = letter.mail["References"].split()
    assert named[-1] == thanks
    assert str(desk.letters()[0].mail["Message-ID"]) in named
    assert len(named) == len(set(named))
    assert letter.mail["Subject"].count("Re:") == 1
    assert letter.mail["Subject"].count(desk.tickets()[0].reference) == 1


def test_without_a_subject_the_office_names_the_thread(desk: Desk) -> None:
    letter = answered(desk, subject="Re:")
    assert letter.mail["Subject"] == f"Layanan data {NAME} [{desk.tickets()[0].reference}]"


def test_without_plus_addresses_the_mailbox_itself_is_named(desk: Desk) -> None:
    boxes = desk.runtime.settings.channels.email.mailboxes
    boxes["bps7411"] = boxes["bps7411"].model_copy(update={"plus_addressing": False})
    letter = answered(desk)
    assert letter.mail["Reply-To"] is None
    assert letter.bounces_to == MAILBOX


def test_the_same_row_is_the_same_letter(desk: Desk) -> None:
    answered(desk)
    row = desk.messages("out")[-1]
    assert letters.outbound(desk.runtime, row) == letters.outbound(desk.runtime, row)


def test_files_travel_along_and_a_lost_one_stops_the_letter(desk: Desk) -> None:
    answered(desk)
    row = desk.messages("out")[-1]
    kept = {
        "file": desk.runtime.files.put(b"a;b\n1;2\n"),
        "name": "Tabel – padi.csv",
        "content_type": "text/csv",
    }
    give(desk, row.id, media=[kept], delivery="queued")
    letter = desk.letters()[-1]
    (part,) = letter.mail.iter_attachments()
    assert (part.get_filename(), part.get_content_type()) == ("Tabel – padi.csv", "text/csv")
    assert part.get_payload(decode=True) == b"a;b\n1;2\n"
    give(desk, row.id, media=[{**kept, "file": "0" * 64}], delivery="queued", rank=0)
    desk.settle()
    failed = desk.messages("out")[-1]
    assert (failed.delivery, failed.error_code) == ("failed", "no_letter")


def give(desk: Desk, message_id: int, **values: Any) -> None:
    with desk.runtime.database.write() as connection:
        connection.execute(update(MESSAGE).where(MESSAGE.c.id == message_id).values(**values))


def test_an_english_reader_gets_an_english_letter(desk: Desk) -> None:
    answered(desk)
    with desk.runtime.database.write() as connection:
        connection.execute(update(CONTACT).values(language="en"))
        connection.execute(update(CONVERSATION).values(subject=""))
    desk.replies("Here you are.")
    letter = desk.letters()[-1]
    english = "BPS-Statistics Kolaka Timur Regency"
    assert letter.mail["Subject"] == f"Data service of {english} [{desk.tickets()[0].reference}]"
    assert letter.text.startswith("--- Please reply above this line ---\n\nHere you are.\n")
    assert "?lang=en" in letter.text
    assert '<html lang="en">' in html_of(letter)


TEXT = (
    "Yth. Ibu Siti,\n\nBerikut *luas* panen <2024> & tautannya:\nhttps://bps.go.id/t?a=1&b=2, (lihat "
    "https://id.wikipedia.org/wiki/Padi_(tanaman)).\n\n*) angka sementara\nHormat kami"
)


def test_both_parts_say_the_same_and_all_is_escaped(desk: Desk) -> None:
    letter = answered(desk, TEXT)
    html = html_of(letter)
    assert TEXT in letter.text
    assert "&lt;2024&gt; &amp; tautannya" in html
    assert 'href="https://bps.go.id/t?a=1&amp;b=2"' in html
    assert 'href="https://id.wikipedia.org/wiki/Padi_(tanaman)"' in html
    assert "*luas*" in html
    assert "*) angka sementara" in html
    for shown in (letter.text, page(html).text):
        assert "Balas di atas baris ini" in shown
        assert f"Nomor layanan: {desk.tickets()[0].reference}" in shown
        assert NAME in shown
    assert "https://bot.example.org/privasi/7411" in letter.text
    assert 'href="https://bot.example.org/privasi/7411"' in html


def test_marks_of_a_chat_become_bold_or_vanish(desk: Desk) -> None:
    office = desk.runtime.office("7411")
    text, html = envelope(
        desk.runtime, office, "id", "Nomor *KTM-1*, _segera_, a_b_c 2*3*4 *<b>*", marked=True
    )
    assert "Nomor KTM-1, segera, a_b_c 2*3*4 <b>" in text
    assert "Nomor <strong>KTM-1</strong>, <em>segera</em>, a_b_c 2*3*4 <strong>&lt;b&gt;</strong>" in html


def test_titles_closings_and_letters_without_an_answer(desk: Desk) -> None:
    office = desk.runtime.office("7411")
    parts = envelope(
        *(desk.runtime, office, "id", "Isi"),
        title="Tiket <baru>",
        delimiter=False,
        closing="Balas untuk menjawab.",
    )
    for part in parts:
        assert "di atas baris ini" not in part
        assert "cukup balas surat ini" not in part
        assert "Balas untuk menjawab." in part
    assert parts[0].startswith("Tiket <baru>\n\nIsi\n")
    assert "Tiket &lt;baru&gt;</h1>" in parts[1]
    assert "cukup balas" not in envelope(desk.runtime, office, "id", "Isi", closing="")[0]


@pytest.mark.parametrize("language", ["id", "en"])
def test_what_a_program_repeats_of_a_letter_is_cut_off_an_answer(desk: Desk, language: str) -> None:
    """Outlook and telephones repeat a letter without any quote mark: our own line is what is cut at."""
    text, html = envelope(desk.runtime, desk.runtime.office("7411"), language, "Isi surat kami.")
    for repeated in (text, page(html).text):
        assert new_text(f"Terima kasih, sudah jelas.\n\n{repeated}").text == "Terima kasih, sudah jelas."


def test_an_answer_keeps_only_what_is_new(desk: Desk) -> None:
    letter = answered(desk)
    desk.mails(f"Sudah saya terima.\n\n{letter.text}", answers=letter)
    assert desk.messages("in")[-1].body == "Sudah saya terima."


def test_every_language_has_every_part() -> None:
    folder = templates_folder() / "envelope"
    parts = {each.name: {file.name for file in each.iterdir()} for each in folder.iterdir() if each.is_dir()}
    assert set(parts) == {"id", "en"}
    assert parts["id"] == parts["en"] == {"letter.txt", "letter.html", "subject.txt"}


def test_the_address_is_the_citizens(desk: Desk) -> None:
    letter = answered(desk)
    assert (letter.recipient, letter.mail["To"]) == (WRITER, WRITER)
