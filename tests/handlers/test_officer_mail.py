"""An officer answers from their own mailbox: it reaches the citizen, or comes back with the reason."""

from typing import Any

import pytest

from channels.email.tokens import Purpose, Token, tagged
from handlers import linking
from storage import officers
from tests.driver import Desk
from tests.handlers.correspondence import (
    alarmed,
    answers,
    asks,
    complains,
    last,
    mail_to,
    noticed,
    notices_of,
    reply_to,
    said,
    subjects,
    wishing,
)

ANSWER = "Data terlampir di bawah ini:\n2021: 1.234 ha\n2022: 2.345 ha"
SIGNED = f"{ANSWER}\n\n-- \nRahma Contoh\nBPS Kabupaten Kolaka Timur"


def test_an_answer_by_mail_reaches_the_citizen_on_whatsapp(desk: Desk) -> None:
    letter = noticed(desk)
    row = answers(desk, letter, SIGNED)
    assert desk.heard()[-1] == ANSWER
    assert (row.intake, row.kind, row.rule, row.ticket_id) == ("handled", "officer", "answer", 1)
    ticket = desk.tickets()[-1]
    assert (ticket.claimed_by, ticket.waiting_for) == (desk.officer("rahma"), "citizen")
    assert ticket.answered_at is not None
    told = last(desk)
    assert subjects([told]) == ["[KTM-2026-00001] Jawaban Anda diteruskan lewat WhatsApp"]
    assert "Jawaban ini diteruskan kepada Siti Contoh lewat WhatsApp (KTM-2026-00001):" in told.text
    assert "| Data terlampir di bawah ini:\n| 2021: 1.234 ha\n| 2022: 2.345 ha\n\n" in told.text
    assert "Rahma Contoh" not in told.text
    assert told.mail["Auto-Submitted"] == "auto-replied"
    assert told.mail["In-Reply-To"] == str(row.message_id)


def test_an_answer_to_the_confirmation_goes_on(desk: Desk) -> None:
    answers(desk, noticed(desk), "Pertama")
    answers(desk, last(desk), "Kedua")
    assert desk.heard()[-2:] == ["Pertama", "Kedua"]


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({"Auto_Submitted": "auto-replied"}, "automatic"),
        ({"X_Autoreply": "yes"}, "automatic"),
        ({"Precedence": "bulk"}, "list"),
        ({"Subject": "Balasan otomatis: [KTM-2026-00001] Tiket baru"}, "automatic"),
        ({"Subject": "Di luar kantor: sampai Senin"}, "personal"),
        ({"Subject": "Dibaca: [KTM-2026-00001] Tiket baru"}, "personal"),
        ({"Subject": "Not read: [KTM-2026-00001] Tiket baru"}, "personal"),
        ({"Subject": "Recall: [KTM-2026-00001] Tiket baru"}, "personal"),
        ({"Return_Path": "<>"}, "personal"),
    ],
)
def test_an_absence_never_reaches_the_citizen(desk: Desk, headers: dict[str, Any], kind: str) -> None:
    letter = noticed(desk)
    heard, mailed = desk.heard(), len(mail_to(desk, "rahma"))
    row = answers(desk, letter, "Saya sedang cuti sampai 10 Juli.", **headers)
    assert (row.intake, row.kind) == ("filed", kind)
    assert desk.heard() == heard
    assert len(mail_to(desk, "rahma")) == mailed
    assert desk.tickets()[-1].claimed_by is None


def test_a_machine_without_any_sign_is_heard_once_at_most(desk: Desk) -> None:
    """It would answer the confirmation in the same words, for ever."""
    letter = noticed(desk)
    for _ in range(4):
        answers(desk, letter, "Saya sedang cuti.", quote=False)
        letter = last(desk)
    assert said(desk) == ["Saya sedang cuti."]
    assert "yang sama persis" in letter.text


def test_without_plus_addressing_the_message_id_is_enough(desk: Desk) -> None:
    letter = noticed(desk)
    row = answers(desk, letter, ANSWER, To="bps7411@bps.go.id")
    assert row.intake == "handled"
    assert desk.heard()[-1] == ANSWER


def test_a_word_in_capitals_or_in_cc_is_understood(desk: Desk) -> None:
    letter = noticed(desk)
    address = reply_to(letter).upper()
    answers(desk, letter, "Pertama", To=address, In_Reply_To="<x@y.example>")
    where: dict[str, Any] = {"To": "Siti <siti@contoh.example>", "Cc": reply_to(letter)}
    answers(desk, letter, "Kedua", In_Reply_To="<x@y.example>", **where)
    assert said(desk) == ["Pertama", "Kedua"]
    answers(desk, letter, "Ketiga", In_Reply_To="<x@y.example>", To="bps7411@bps.go.id", Delivered_To=address)
    assert said(desk)[-1] == "Ketiga"


def test_a_registered_address_in_capitals_is_the_same(desk: Desk) -> None:
    answers(desk, noticed(desk), ANSWER, From="RAHMA <Rahma@BPS.go.id>")
    assert desk.heard()[-1] == ANSWER


def test_a_stranger_with_a_stolen_word_gets_nothing(desk: Desk) -> None:
    letter = noticed(desk)
    heard = desk.heard()
    row = answers(desk, letter, "Data palsu", From="Rahma <rahma@jahat.example>")
    assert (row.intake, row.kind, row.rule) == ("filed", "officer", "stranger")
    assert (row.ticket_id, row.conversation_id) == (1, None)
    assert desk.heard() == heard
    assert desk.postbox.to("rahma@jahat.example") == []
    assert [row.purpose for row in notices_of(desk)] == ["new"]
    assert alarmed(desk) == ["officer_word_stolen"]
    assert len(desk.tickets()) == 1


def test_a_citizen_to_whom_an_officer_handed_a_mail_on_is_heard(desk: Desk) -> None:
    """Their answer names the officer's mail among its ids; the word in it opens nothing."""
    letter = noticed(desk)
    heard = desk.heard()
    theirs: dict[str, Any] = {"References": f"{letter.mail['Message-ID']} <a@bps.go.id>"}
    row = desk.mails("Mohon data IPM Kolaka Timur 2023.", In_Reply_To="<a@bps.go.id>", **theirs)
    assert (row.intake, row.kind) == ("handled", "personal")
    assert desk.heard() == heard
    assert len(desk.tickets()) == 2


def test_an_officer_of_another_office_is_a_stranger(desk: Desk) -> None:
    letter = noticed(desk)
    desk.officer("tono", office="6571")
    assert answers(desk, letter, "Data", by="tono").rule == "stranger"
    assert mail_to(desk, "tono") == []
    assert alarmed(desk) == ["officer_word_stolen"]


def test_a_colleague_can_not_answer_with_another_officers_word(desk: Desk) -> None:
    letter = noticed(desk)
    heard = desk.heard()
    desk.officer("budi")
    row = answers(desk, letter, "Data", by="budi")
    assert (row.intake, row.rule) == ("filed", "not_yours")
    assert desk.heard() == heard
    told = last(desk, "budi")
    assert subjects([told]) == ["Email Anda tidak diteruskan"]
    assert "ditujukan kepada rekan Anda" in told.text
    for secret in ("Siti", "KTM-2026", "padi"):
        assert secret not in told.text
    assert alarmed(desk) == []


@pytest.mark.parametrize("to", [None, "bps7411@bps.go.id"])
def test_who_answers_from_the_offices_own_address_is_told(desk: Desk, to: str | None) -> None:
    """As Outlook does from a shared mailbox; a vacation set there by mistake is no answer."""
    letter = noticed(desk)
    heard = desk.heard()
    shared: dict[str, Any] = {"From": "BPS <bps7411@bps.go.id>", "Sender": "rahma@bps.go.id", "To": to}
    row = answers(desk, letter, ANSWER, **shared)
    assert (row.intake, row.kind, row.rule) == ("filed", "officer", "office_address")
    assert (desk.heard(), len(desk.tickets()), alarmed(desk)) == (heard, 1, [])
    assert "dari alamat email kantor" in last(desk).text
    assert desk.postbox.to("bps7411@bps.go.id") == []
    assert answers(desk, letter, "Kami libur", **shared, Auto_Submitted="auto-replied").kind == "automatic"
    assert len(mail_to(desk, "rahma")) == 2


def test_a_copy_of_a_notice_in_the_offices_own_mailbox_is_nobodys_answer(desk: Desk) -> None:
    letter = noticed(desk)
    bare = letter.raw.replace(b"X-Loket-Mark:", b"X-Apa:")
    assert desk.mail_arrives(bare).rule == "own mail"
    assert len(mail_to(desk, "rahma")) == 1


def test_two_words_in_one_mail_the_writers_own_counts(desk: Desk) -> None:
    budi = wishing(desk, "budi")
    letter = noticed(desk)
    word = desk.runtime.tokens.sign(Token(Purpose.OFFICER, 1, budi))
    to = f"{tagged('bps7411@bps.go.id', word)}, {reply_to(letter)}"
    assert answers(desk, letter, ANSWER, To=to).rule == "answer"


def test_a_mail_to_two_tickets_goes_to_neither(desk: Desk) -> None:
    letter = noticed(desk)
    asks(desk, address="+6281311112222")
    other = desk.runtime.tokens.sign(Token(Purpose.OFFICER, 2, desk.officer("rahma")))
    row = answers(desk, letter, ANSWER, Cc=tagged("bps7411@bps.go.id", other))
    assert (row.intake, row.rule) == ("filed", "two_tickets")
    assert said(desk) == []


def test_a_word_for_a_ticket_of_another_office_opens_nothing(desk: Desk) -> None:
    """A rightly signed word, but the officer has no access there (any more)."""
    letter = noticed(desk)
    desk.writes("Mohon data inflasi Tarakan tahun 2024 untuk skripsi", office="6571", address="+62813999")
    word = desk.runtime.tokens.sign(Token(Purpose.OFFICER, 999, desk.officer("rahma")))
    row = answers(desk, letter, ANSWER, To=tagged("bps7411@bps.go.id", word))
    assert (row.intake, row.rule) == ("filed", "no_access")


def test_a_disabled_officer_is_told_so_and_nothing_else(desk: Desk) -> None:
    letter = noticed(desk)
    heard = desk.heard()
    with desk.runtime.database.write() as connection:
        officers.disable(connection, desk.officer("rahma"), desk.clock())
    assert answers(desk, letter, ANSWER).rule == "no_access"
    assert desk.heard() == heard
    told = last(desk)
    assert "tidak mempunyai akses" in told.text
    assert "Siti" not in told.text


def test_a_complaint_needs_a_supervisor_when_the_answer_comes(desk: Desk) -> None:
    rahma = wishing(desk, "rahma", role="supervisor")
    complains(desk)
    letter = last(desk)
    heard = desk.heard()
    with desk.runtime.database.write() as connection:
        officers.set_role(connection, rahma, "7411", "officer")
    assert answers(desk, letter, "Mohon maaf").rule == "no_access"
    assert desk.heard() == heard
    with desk.runtime.database.write() as connection:
        officers.set_role(connection, rahma, "7411", "supervisor")
    assert answers(desk, letter, "Mohon maaf.").rule == "answer"
    assert desk.heard()[-1] == "Mohon maaf."


def test_an_officer_without_a_word_is_told_how_to_answer(desk: Desk) -> None:
    letter = noticed(desk)
    row = answers(desk, letter, ANSWER, To="bps7411@bps.go.id", In_Reply_To="<x@y.example>", quote=False)
    assert (row.intake, row.kind, row.rule) == ("filed", "officer", "no_token")
    assert "bukan balasan atas pemberitahuan tiket" in last(desk).text
    assert len(desk.tickets()) == 1


def _at_once(desk: Desk, trusted: str) -> Any:
    """The settings, with a receiver whose word counts."""
    boxes = desk.runtime.settings.channels.email.mailboxes
    boxes["bps7411"] = boxes["bps7411"].model_copy(update={"trusted_receiver": trusted})


BORDER = "from mail.bps.go.id by mx.bps.go.id with ESMTPS; Mon, 6 Jul 2026 01:00:00 +0000"
PROVED = "mx.bps.go.id; dmarc=pass header.from=bps.go.id"


def test_where_a_receiver_is_named_the_sender_must_be_proved(desk: Desk) -> None:
    letter = noticed(desk)
    heard = desk.heard()
    _at_once(desk, "mx.bps.go.id")
    assert answers(desk, letter, ANSWER).rule == "unproved"
    assert answers(desk, letter, ANSWER, Received=BORDER).rule == "unproved"
    failing: dict[str, Any] = {"Authentication_Results": "mx.bps.go.id; dmarc=fail header.from=bps.go.id"}
    assert answers(desk, letter, ANSWER, **failing, Received=BORDER).rule == "unproved"
    assert desk.heard() == heard
    assert alarmed(desk) == ["officer_unproved"]
    assert "DMARC" in last(desk).text
    row = answers(desk, letter, ANSWER, Authentication_Results=PROVED, Received=BORDER)
    assert row.rule == "answer"


def test_a_forged_proof_below_the_receivers_line_is_not_believed(desk: Desk) -> None:
    letter = noticed(desk)
    _at_once(desk, "mx.bps.go.id")
    assert answers(desk, letter, ANSWER, Received=BORDER, Authentication_Results=PROVED).rule == "unproved"
    assert said(desk) == []


def test_without_tagged_addresses_the_mail_asks_for_none(desk: Desk) -> None:
    boxes = desk.runtime.settings.channels.email.mailboxes
    boxes["bps7411"] = boxes["bps7411"].model_copy(update={"plus_addressing": False})
    letter = noticed(desk)
    assert letter.mail["Reply-To"] is None
    assert letter.bounces_to == "bps7411@bps.go.id"
    row = answers(desk, letter, ANSWER)
    assert row.rule == "answer"
    assert desk.heard()[-1] == ANSWER


def test_an_answer_goes_to_the_ticket_that_took_the_other_in(desk: Desk) -> None:
    letter = noticed(desk)
    other = asks(desk, address="+6281311112222")
    assert linking.merge(desk.runtime, desk.officer("rahma"), 1, other) is None
    row = answers(desk, letter, ANSWER)
    assert (row.rule, row.ticket_id) == ("answer", other)
    assert "KTM-2026-00002" in str(last(desk).mail["Subject"])


REPORT = """Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@bps.go.id>
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <b1@bps.go.id>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=xx

--xx
Content-Type: text/plain

<rahma@bps.go.id>: user unknown
--xx
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.bps.go.id

Final-Recipient: rfc822; rahma@bps.go.id
Action: failed
Status: 5.1.1

--xx--
"""


def test_a_notice_that_comes_back_is_told_of(desk: Desk) -> None:
    letter = noticed(desk)
    row = desk.mail_arrives(REPORT.format(to=letter.bounces_to).encode())
    assert (row.intake, row.kind) == ("filed", "bounce")
    assert [each.delivery for each in notices_of(desk)] == ["failed"]
    assert alarmed(desk) == ["notice_bounced"]
