"""Why a mail did not arrive, as an officer reads it."""

import pytest

from channels.contract import Trouble
from channels.email import errors

TOLD = [
    ("5.1.1", "alamat email tidak dikenal", "the e-mail address is unknown"),
    ("5.1.2", "domain alamat email tidak ditemukan", "the address's domain was not found"),
    ("5.1.10", "domain alamat email tidak ditemukan", "the address's domain was not found"),
    ("5.2.2", "kotak surat penerima penuh", "the recipient's mailbox is full"),
    ("5.3.4", "email terlalu besar bagi penerima", "the mail is too large for the recipient"),
    ("552", "email terlalu besar bagi penerima", "the mail is too large for the recipient"),
    ("550", "alamat email tidak diterima server penerima", "the recipient's server refused the address"),
    ("bounced", "dikembalikan oleh server penerima", "sent back by the recipient's server"),
    ("5.9.9", "ditolak server email (kode 5.9.9)", "refused by the mail server (code 5.9.9)"),
    (None, "gagal tanpa keterangan", "failed without a reason"),
]


@pytest.mark.parametrize(("code", "indonesian", "english"), TOLD)
def test_reasons_in_two_languages(code: str | None, indonesian: str, english: str) -> None:
    assert errors.officer_words(code) == indonesian
    assert errors.officer_words(code, "en") == errors.officer_words(code, "fr") == english


@pytest.mark.parametrize("code", ["5.7.1", "5.7.0", "554"])
def test_a_policy_is_perhaps_spam(code: str) -> None:
    assert "spam" in errors.officer_words(code)


@pytest.mark.parametrize("code", ["4.7.1", "4.7.0", "4.2.2", "450", "421", errors.UNREACHABLE, errors.AUTH])
def test_what_could_have_passed_was_tried_again_and_again(code: str) -> None:
    assert errors.officer_words(code).startswith("sudah dicoba berulang kali, ")
    assert errors.officer_words(code, "en").startswith("tried again and again, ")


def test_greylisting_is_told_as_what_it_is() -> None:
    assert "mencoba lagi nanti" in errors.officer_words("4.7.1")


@pytest.mark.parametrize(
    ("answer", "code", "trouble"),
    [
        ((550, b"5.1.1 <a.b@c.id>: unknown\n5.1.1 a.b@c.id"), "5.1.1", Trouble.PERMANENT),
        ((550, b"No such user a.b here"), "550", Trouble.PERMANENT),
        ((450, b"4.2.0 Greylisted"), "4.2.0", Trouble.RETRY),
        ((451, b"5.1.1 contradicts itself"), "451", Trouble.RETRY),
        ((554, b"5.7.1.2 odd \xff\x00 bytes"), "554", Trouble.PERMANENT),
        ((421, b""), "421", Trouble.RETRY),
    ],
)
def test_a_refusal_is_read_without_its_addresses(
    answer: tuple[int, bytes], code: str, trouble: Trouble
) -> None:
    error = errors.refusal(*answer, "a.b@c.id")
    assert (error.code, error.trouble) == (code, trouble)
    assert "a.b" not in error.detail
    assert error.detail.isprintable()
    assert len(error.detail) < 250


@pytest.mark.parametrize(
    "answer",
    [
        (
            550,
            b"5.4.5 Daily user sending limit exceeded. https://support.google.com/mail/?p=DailyLimitExceeded",
        ),
        (550, b"5.4.5 Daily SMTP relay limit exceeded for customer."),
        (550, b"5.4.6 mail rate exceeded limit"),
        (550, b"Domain kantor.go.id has exceeded the max emails per hour (200/200 (100%)) allowed."),
        (554, b"5.7.1 <a.b@c.id>: Recipient address rejected: Email Sending Quota Exceeded"),
        (552, b"Message would take you over your relay quota of 500"),
    ],
)
def test_that_we_have_sent_too_much_passes(answer: tuple[int, bytes]) -> None:
    error = errors.refusal(*answer, "a.b@c.id")
    assert (error.code, error.trouble) == (errors.LIMIT, Trouble.RETRY)
    assert errors.is_ours(error.code)
    assert "batas pengiriman email tercapai" in errors.officer_words(error.code)


@pytest.mark.parametrize(
    "answer",
    [
        (554, b"5.2.252 SendAsDenied; a.b@c.id not allowed to send as bps@c.id"),
        (550, b"5.7.60 SMTP; Client does not have permissions to send as this sender"),
        (554, b"5.7.1 <a.b@c.id>: Relay access denied"),
        (550, b"5.7.1 Unable to relay"),
        (530, b"5.7.57 Client not authenticated to send mail"),
        (550, b"Authentication required"),
    ],
)
def test_that_our_mailbox_may_not_send_is_no_word_about_the_recipient(answer: tuple[int, bytes]) -> None:
    error = errors.refusal(*answer, "a.b@c.id")
    assert (error.code, error.trouble) == (errors.SENDER_REFUSED, Trouble.RETRY)


@pytest.mark.parametrize(
    "words",
    [
        "5.2.2 The email account that you tried to reach is over quota",
        "5.3.4 message size exceeds fixed limit",
        "5.2.3 Message exceeds the size limit of the recipient",
        "5.7.1 Message rejected as spam",
    ],
)
def test_what_is_too_much_for_the_recipient_stays_final(words: str) -> None:
    assert errors.refusal(552, words.encode(), "a.b@c.id").trouble is Trouble.PERMANENT


def test_a_server_that_is_out_of_order_is_no_wrong_password() -> None:
    assert errors.sign_in_refused(454, b"4.7.0 Temporary failure", "x@y.id").code == errors.UNREACHABLE
    assert errors.sign_in_refused(535, b"5.7.8 x@y.id refused", "x@y.id").code == errors.AUTH


def test_doubt_is_told_beside_what_is_known() -> None:
    assert errors.with_doubt("dikirim", "sent", None) == "dikirim"
    assert errors.with_doubt("dikirim", "sent", "4.7.1") == "dikirim"
    assert errors.with_doubt("dikirim", "sent", "no_answer") == "dikirim, mungkin dua kali"
    assert errors.with_doubt("sent", "sent", "no_answer", "en") == "sent, perhaps twice"
    assert errors.with_doubt("dicek", "unknown", "no_answer") == "dicek"
    assert errors.with_doubt("dicek", "unknown", "perhaps").startswith("mungkin sudah terkirim")


def test_every_reason_is_told_in_both_languages() -> None:
    assert set(errors._WORDS["id"]) == set(errors._WORDS["en"])
    assert set(errors._TROUBLE) <= set(errors._WORDS["id"])
    assert len(errors._WORDS["id"]) == sum(len(row[0].split()) for row in errors._ROWS)
