"""A mail's turn: to its own thread and to no other, once, whatever it is."""

from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP as MAIL_POLICY

import pytest
from sqlalchemy import select

from channels.email.tokens import Purpose, Token
from storage import alarms, mails, ticket_page
from storage.columns import AnyRow, table
from storage.inbox import View
from storage.tables import Address, Conversation, TicketEvent
from tests.driver import WRITER, Desk

ASKS = "Mohon data PDRB Kabupaten Kolaka Timur tahun 2019-2023 menurut lapangan usaha untuk skripsi saya."
STRANGER = "orang.lain@contoh.net"
ADDRESS, CONVERSATION, EVENT = table(Address), table(Conversation), table(TicketEvent)


def events(desk: Desk, ticket_id: int) -> list[str]:
    with desk.runtime.database.read() as connection:
        rows = connection.execute(
            select(EVENT.c.what).where(EVENT.c.ticket_id == ticket_id).order_by(EVENT.c.id)
        )
        return [row.what for row in rows]


def alarms_of(desk: Desk, office: str = "7411") -> Iterator[str]:
    with desk.runtime.database.read() as connection:
        yield from (row.what for row in alarms.open_alarms(connection, office))


def bodies(desk: Desk, ticket: AnyRow) -> list[str]:
    return [row.body for row in desk.messages() if row.ticket_id == ticket.id]


def test_the_first_mail_opens_a_ticket_and_is_answered_once(desk: Desk) -> None:
    row = desk.mails(ASKS)
    assert (row.intake, row.kind) == ("handled", "personal")
    (ticket,) = desk.tickets()
    assert (ticket.reference, ticket.status, row.ticket_id) == ("KTM-2026-00001", "open", ticket.id)
    (letter,) = desk.letters()
    assert "KTM-2026-00001" in str(letter.mail["Subject"])
    assert "KTM-2026-00001" in letter.text
    assert letter.mail["Auto-Submitted"] == "auto-replied"
    desk.settle()
    assert len(desk.letters()) == 1


def test_a_reply_finds_its_thread_by_the_signed_address(desk: Desk) -> None:
    desk.mails(ASKS)
    desk.replies("Data sudah tersedia, kami kirim besok.")
    answer = desk.letters()[-1]
    assert not answer.mail["Auto-Submitted"]
    row = desk.mails("Baik, terima kasih. Kalau ADHK ada?", answers=answer, subject="lain sama sekali")
    (ticket,) = desk.tickets()
    assert row.ticket_id == ticket.id
    assert row.rule == "signed address"
    assert bodies(desk, ticket)[-1] == "Baik, terima kasih. Kalau ADHK ada?"


def test_a_reply_finds_its_thread_by_our_own_id(desk: Desk) -> None:
    desk.mails(ASKS)
    row = desk.mails("Tambahan: per kecamatan.", answers=desk.letters()[-1], to="bps7411@bps.go.id")
    assert (row.rule, len(desk.tickets())) == ("signed id", 1)


def test_a_reply_finds_its_thread_by_the_citizens_own_id(desk: Desk) -> None:
    first = desk.mails(ASKS)
    row = desk.mails(
        "Lupa: mohon per kecamatan.", In_Reply_To=first.message_id, subject="Re: Permohonan data"
    )
    assert (row.rule, len(desk.tickets())) == ("known id", 1)


def test_a_reply_finds_its_thread_by_the_number_in_the_subject(desk: Desk) -> None:
    desk.mails(ASKS)
    row = desk.mails("Tambahan.", subject="Pertanyaan KTM-2026-00001 lanjutan")
    assert (row.rule, len(desk.tickets())) == ("number in the subject", 1)


def test_another_subject_is_another_ticket(desk: Desk) -> None:
    desk.mails(ASKS)
    desk.mails("Mohon data IPM Kolaka Timur 2023 untuk penelitian.", subject="Data IPM")
    assert len(desk.tickets()) == 2
    assert len({ticket.conversation_id for ticket in desk.tickets()}) == 2
    assert len({ticket.contact_id for ticket in desk.tickets()}) == 1


def test_a_new_mail_under_the_same_subject_is_perhaps_about_the_open_ticket(desk: Desk) -> None:
    desk.mails(ASKS, subject="Permohonan PDRB")
    desk.mails("Sudah tiga hari, bagaimana kelanjutannya?", subject="permohonan pdrb")
    first, second = desk.tickets()
    assert (second.perhaps_of, second.contact_id) == (first.id, first.contact_id)
    desk.closes(first.id)
    desk.closes(second.id)
    desk.mails("Mohon data PDRB 2024 juga untuk skripsi.", subject="Permohonan PDRB")
    assert desk.tickets()[-1].perhaps_of is None


@pytest.mark.parametrize("how", ["address", "id", "known", "number"])
def test_a_stranger_with_anothers_words_stays_outside(desk: Desk, how: str) -> None:
    first = desk.mails(ASKS)
    desk.replies("Ini data pribadi Ibu Siti.")
    answer = desk.letters()[-1]
    before = bodies(desk, desk.tickets()[0])
    match how:
        case "address":
            desk.mails("Saya juga.", address=STRANGER, answers=answer)
        case "id":
            desk.mails("Saya juga.", address=STRANGER, answers=answer, to="bps7411@bps.go.id")
        case "known":
            desk.mails(
                "Saya juga.", address=STRANGER, In_Reply_To=first.message_id, References=first.message_id
            )
        case _:
            desk.mails("Saya juga.", address=STRANGER, subject="Re: [KTM-2026-00001]")
    theirs, hers = desk.tickets()[-1], desk.tickets()[0]
    assert len(desk.tickets()) == 2
    assert (theirs.perhaps_of, theirs.contact_id != hers.contact_id) == (hers.id, True)
    assert bodies(desk, hers) == before
    assert events(desk, hers.id)[-1] == "perhaps_has"
    for letter in desk.letters(STRANGER):
        told = letter.raw.decode("utf-8", "replace")
        assert "KTM-2026-00001" not in told
        assert "Siti" not in told
        assert "pribadi" not in letter.text
    assert len(desk.letters(WRITER)) == 2


def test_a_stranger_who_writes_anothers_message_id_again_leads_nobody_astray(desk: Desk) -> None:
    first = desk.mails(ASKS)
    copied = (
        f"From: {STRANGER}\r\nMessage-ID: {first.message_id}\r\nSubject: Lain\r\n\r\nMohon data IPM 2020.\r\n"
    )
    assert desk.mail_arrives(copied.encode()).ticket_id != first.ticket_id
    row = desk.mails("Tambahan: per kecamatan.", In_Reply_To=first.message_id)
    assert (row.rule, row.ticket_id) == ("known id", first.ticket_id)


def test_another_offices_word_is_nothing_here(desk: Desk) -> None:
    desk.mails(ASKS)
    answer = desk.letters()[-1]
    row = desk.mails("Halo", answers=answer, to="bps6571@bps.go.id", office="6571")
    assert (row.rule, row.office) == ("new", "6571")


def test_the_same_mail_twice_is_one(desk: Desk) -> None:
    mail = EmailMessage(policy=MAIL_POLICY)
    mail["From"], mail["To"], mail["Subject"] = WRITER, "bps7411@bps.go.id", "Data"
    mail["Message-ID"] = "<satu@contoh.id>"
    mail.set_content(ASKS)
    raw = mail.as_bytes()
    desk.mail_arrives(raw)
    assert desk.mail_arrives(raw).kind == "duplicate"
    assert desk.mail_arrives(b"Received: from elsewhere\r\n" + raw).kind == "duplicate"
    mail.set_content(ASKS + " Dan data IPM.")
    assert desk.mail_arrives(mail.as_bytes()).intake == "handled"
    assert len(desk.tickets()) == 2


def test_two_mails_without_an_id_are_two(desk: Desk) -> None:
    for text in (ASKS, ASKS + " Dan IPM."):
        raw = f"From: {WRITER}\r\nTo: bps7411@bps.go.id\r\nSubject: Data\r\n\r\n{text}\r\n".encode()
        assert desk.mail_arrives(raw).intake == "handled"
    assert len(desk.tickets()) == 2


def test_an_automatic_reply_is_filed_on_its_ticket_and_nothing_else(desk: Desk) -> None:
    desk.mails(ASKS)
    desk.replies("Sudah kami kirim.")
    answer = desk.letters()[-1]
    before = desk.tickets()[0]
    row = desk.mails("Saya sedang cuti.", answers=answer, Auto_Submitted="auto-replied")
    (ticket,) = desk.tickets()
    assert (row.intake, row.kind, row.ticket_id) == ("filed", "automatic", ticket.id)
    assert (ticket.waiting_for, ticket.waiting_since) == (before.waiting_for, before.waiting_since)
    assert events(desk, ticket.id)[-1] == "mail_automatic"
    desk.settle()
    assert len(desk.letters()) == 2


def test_an_automatic_reply_does_not_reopen(desk: Desk) -> None:
    desk.mails(ASKS)
    desk.closes()
    desk.mails("Saya sedang cuti.", answers=desk.letters()[-1], Auto_Submitted="auto-replied")
    assert [ticket.status for ticket in desk.tickets()] == ["closed"]


def test_our_own_mail_is_never_a_contact(desk: Desk) -> None:
    desk.mails(ASKS)
    row = desk.mail_arrives(desk.letters()[-1].raw)
    assert (row.intake, row.kind) == ("filed", "own")
    for address in ("bps7411@bps.go.id", "bps7411+apa.saja@bps.go.id"):
        row = desk.mails("Halo", address=address)
        assert (row.intake, row.kind) == ("filed", "own")
    assert len(desk.tickets()) == 1


def test_what_can_not_be_read_is_put_aside_and_stops_nothing(desk: Desk) -> None:
    header = b"From: siti@contoh.id\r\nSubject: x\r\n" + b"X-A: b\r\n" * 60_000
    assert desk.mail_arrives(header + b"\r\nisi").intake == "shunted"
    assert desk.mail_arrives(b"Subject: tanpa pengirim\r\n\r\nisi").rule == "no author"
    assert desk.mail_arrives(b"From: siti@contoh.id\r\n\r\nx", whole=False).rule == "size"
    assert desk.mails(ASKS).intake == "handled"
    assert "mail_shunted" in set(alarms_of(desk))
    with desk.runtime.database.read() as connection:
        assert mails.balance(connection) == {"pending": 0, "handled": 1, "filed": 0, "shunted": 3}


def test_who_writes_the_same_again_and_again_is_answered_once_and_noticed(desk: Desk) -> None:
    for number in range(4):
        desk.mails("Pesan Anda sudah kami terima.", subject=f"Tiket {number}")
    assert len(desk.letters()) == 1
    assert "mail_repeated" in set(alarms_of(desk))
    assert len(desk.tickets()) == 4


def test_answers_by_itself_have_a_budget_per_address(desk: Desk) -> None:
    for number in range(8):
        desk.mails(f"{ASKS} Nomor {number}.", subject=f"Permohonan {number}")
    assert len(desk.letters()) == 5
    assert "mail_address_hour" in set(alarms_of(desk))
    desk.clock.forward(hours=2)
    desk.mails("Mohon data IPM 2023 Kolaka Timur untuk skripsi.", subject="Permohonan lain")
    assert len(desk.letters()) == 6


def test_a_noreply_sender_gets_a_ticket_and_no_answer(desk: Desk) -> None:
    desk.mails(ASKS, address="noreply@kampus.ac.id")
    assert len(desk.tickets()) == 1
    assert desk.letters("noreply@kampus.ac.id") == []


def bounce(desk: Desk, *, to: str, about: str = "", status: str = "5.1.1", action: str = "failed") -> AnyRow:
    raw = (
        f"Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.contoh.id\r\nTo: {to}\r\nSubject: Undelivered Mail\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: text/plain\r\n\r\nTidak terkirim.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.contoh.id\r\n\r\n"
        f"Final-Recipient: rfc822; {WRITER}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; 550 {status} User unknown\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\n{about}\r\n--b--\r\n"
    )
    return desk.mail_arrives(raw.encode())


def test_a_bounce_to_the_signed_envelope_fails_its_message_and_buries_the_address(desk: Desk) -> None:
    desk.mails(ASKS)
    desk.replies("Ini jawabannya.")
    row = bounce(desk, to=desk.letters()[-1].bounces_to)
    (ticket,) = desk.tickets()
    assert (row.intake, row.kind, row.ticket_id) == ("filed", "bounce", ticket.id)
    answer = next(message for message in desk.messages("out") if message.author == "officer")
    assert (answer.delivery, answer.error_code) == ("failed", "5.1.1")
    assert "mail_bounced" in events(desk, ticket.id)
    with desk.runtime.database.read() as connection:
        address = connection.execute(select(ADDRESS).where(ADDRESS.c.value == WRITER)).one()
        shown = ticket_page.messages(connection, View("7411", 1, complaints=True), ticket.id)
    assert address.dead_at is not None
    assert [line.delivery for line in shown if line.author == "officer"] == ["failed"]
    assert len(desk.letters()) == 2


def test_an_answer_that_was_tried_for_days_in_vain_has_failed(desk: Desk) -> None:
    desk.mails(ASKS)
    desk.replies("Ini jawabannya.")
    bounce(desk, to=desk.letters()[-1].bounces_to, status="4.4.1")
    answer = next(message for message in desk.messages("out") if message.author == "officer")
    assert (answer.delivery, answer.error_code) == ("failed", "4.4.1")
    assert not _buried(desk)


def test_a_bounce_is_known_by_the_id_of_the_mail_it_returns(desk: Desk) -> None:
    desk.mails(ASKS)
    sent = str(desk.letters()[-1].mail["Message-ID"])
    row = bounce(desk, to="bps7411@bps.go.id", about=f"Message-ID: {sent}")
    assert row.ticket_id == desk.tickets()[0].id


def test_a_forged_bounce_changes_nothing(desk: Desk) -> None:
    desk.mails(ASKS)
    desk.replies("Ini jawabannya.")
    answer = desk.letters()[-1]
    message = next(each for each in desk.messages("out") if each.author == "officer")
    forged = desk.runtime.tokens.sign(Token(Purpose.BOUNCE, message.conversation_id, message.id))[:-1] + "a"
    forged = forged if forged not in answer.bounces_to else forged[:-1] + "b"
    bounce(desk, to=f"bps7411+{forged}@bps.go.id")
    message = next(each for each in desk.messages("out") if each.author == "officer")
    assert message.delivery == "sent"


def _buried(desk: Desk) -> bool:
    with desk.runtime.database.read() as connection:
        wanted = select(ADDRESS.c.dead_at).where(ADDRESS.c.value == WRITER)
        return connection.execute(wanted).scalar() is not None


def test_who_only_saw_a_copy_of_an_answer_can_not_bury_its_writer(desk: Desk) -> None:
    desk.mails(ASKS)
    desk.replies("Ini jawabannya.")
    answer = desk.letters()[-1]
    desk.mails("Terima kasih, sudah saya terima.", answers=answer, Cc=STRANGER)
    row = bounce(desk, to="bps7411@bps.go.id", about=f"Message-ID: {answer.mail['Message-ID']}")
    assert (row.intake, row.kind, row.rule) == ("filed", "bounce", "delivered")
    assert not _buried(desk)
    assert [each.delivery for each in desk.messages("out")] == ["sent", "sent"]


def test_who_writes_again_is_not_buried_any_more(desk: Desk) -> None:
    desk.mails(ASKS)
    desk.replies("Ini jawabannya.")
    bounce(desk, to=desk.letters()[-1].bounces_to)
    assert _buried(desk)
    desk.mails("Kotak surat saya sudah pulih.", subject="Re: [KTM-2026-00001]")
    assert not _buried(desk)


def test_a_mail_that_is_not_now_deliverable_is_no_failure(desk: Desk) -> None:
    desk.mails(ASKS)
    desk.replies("Ini jawabannya.")
    bounce(desk, to=desk.letters()[-1].bounces_to, status="4.2.2", action="delayed")
    message = next(each for each in desk.messages("out") if each.author == "officer")
    assert (message.delivery, message.error_code) == ("sent", "4.2.2")


def test_two_desks_face_to_face_fall_silent(desk: Desk) -> None:
    """What another desk acknowledges is marked as automatic; and even unmarked it is answered once."""
    desk.mails(ASKS, address="bps9999@bps.go.id")
    (ours,) = desk.letters("bps9999@bps.go.id")
    other = EmailMessage(policy=MAIL_POLICY)
    other["From"], other["To"] = "bps9999@bps.go.id", "bps7411@bps.go.id"
    other["Subject"], other["X-Loket-Mark"] = "Tiket XYZ-2026-00001", "p.0.0.aaaaaaaaaaaaaaaa"
    other["Auto-Submitted"] = "auto-replied"
    other.set_content("Terima kasih. Permintaan Bapak/Ibu sudah kami terima.")
    assert desk.mail_arrives(other.as_bytes()).kind == "automatic"
    del other["Auto-Submitted"]
    for number in range(12):
        other.replace_header("Subject", f"Tiket XYZ-2026-{number:05d}")
        desk.mail_arrives(other.as_bytes())
    assert desk.letters("bps9999@bps.go.id") == [ours]
    assert "mail_machine" in set(alarms_of(desk))


def test_an_answering_machine_without_any_mark_is_answered_once(desk: Desk) -> None:
    """It answers every mail it gets with a new one of the same words, as guest books and CRMs do."""
    machine, told = (
        "crm@dinas.contoh.id",
        "Terima kasih, pesan Anda sudah kami terima dan akan kami tindak lanjuti.",
    )
    desk.mails(told, address=machine, subject="Pesan diterima 0")
    answered = 0
    for number in range(1, 30):
        letters = desk.letters(machine)
        if len(letters) == answered:
            break
        answered = len(letters)
        desk.mails(told, address=machine, subject=f"Pesan diterima {number}")
    assert len(desk.letters(machine)) == 1
    assert "mail_repeated" in set(alarms_of(desk))


def test_the_same_thanks_twice_is_no_alarm(desk: Desk) -> None:
    desk.mails(ASKS)
    desk.replies("Silakan.")
    for _ in range(2):
        desk.mails("Terima kasih.", answers=desk.letters()[-1])
    assert list(alarms_of(desk)) == []


def test_more_than_any_person_writes_is_put_aside(desk: Desk) -> None:
    for number in range(103):
        desk.mails(f"Data nomor {number}", subject=f"Data {number}")
    assert len(desk.tickets()) == 100
    with desk.runtime.database.read() as connection:
        assert mails.balance(connection) == {"pending": 0, "handled": 100, "filed": 0, "shunted": 3}
    assert {"mail_flood", "mail_shunted", "mail_address_hour"} <= set(alarms_of(desk))
