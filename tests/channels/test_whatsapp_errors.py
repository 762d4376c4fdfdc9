"""What went wrong at Twilio, told to the worker and to an officer."""

import ssl

import pytest
from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import ConnectTimeout, ReadTimeout, SSLError
from twilio.base.exceptions import TwilioRestException, TwilioServiceException

from channels.contract import Trouble
from channels.whatsapp.errors import OPTED_OUT, REMEDY, Remedy, needs_fixing, officer_words, trouble
from channels.whatsapp.failures import explain
from channels.whatsapp.transport import HostRefused

RETRY, UNKNOWN = Trouble.RETRY, Trouble.UNKNOWN
CLOSED, PERMANENT = Trouble.WINDOW_CLOSED, Trouble.PERMANENT


def answer(status: int, code: int | None) -> TwilioRestException:
    return TwilioRestException(status, "/Messages.json", "to +6281234567890: rahasia", code, "POST")


@pytest.mark.parametrize(("status", "code", "meaning"), [
    (429, 20429, RETRY), (429, 99999, RETRY), (429, 429, RETRY),
    (400, 63016, CLOSED),
    (500, 20500, UNKNOWN), (503, 20503, UNKNOWN), (502, 502, UNKNOWN), (500, 21211, UNKNOWN),
    (408, 408, UNKNOWN),
    (401, 20003, RETRY), (401, 401, RETRY), (403, None, RETRY), (404, 20404, RETRY), (400, 63007, RETRY),
    (400, 21609, RETRY), (302, 302, RETRY), (400, 63018, RETRY), (400, 63038, RETRY),
    (400, 21211, PERMANENT), (400, 21610, PERMANENT), (400, 21617, PERMANENT), (400, 63024, PERMANENT),
    (400, 77777, PERMANENT), (400, None, PERMANENT), (422, 422, PERMANENT),
])  # fmt: skip
def test_a_refusal_has_a_meaning(status: int, code: int | None, meaning: Trouble) -> None:
    error = explain(answer(status, code))
    assert error.trouble is meaning
    assert error.code
    assert "rahasia" not in error.detail
    assert "6281234567890" not in error.detail


def test_the_newer_kind_of_refusal_is_understood() -> None:
    assert explain(TwilioServiceException("about:blank", "no", 429, 20429)).trouble is RETRY
    assert explain(TwilioServiceException("about:blank", "no", 400, 63016)).trouble is CLOSED


def from_ssl(cause: Exception) -> SSLError:
    error = SSLError("handshake")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(("error", "code", "meaning"), [
    (ConnectTimeout(), "unreachable", RETRY),
    (from_ssl(ssl.SSLCertVerificationError()), "unreachable", RETRY),
    (from_ssl(ssl.SSLError("bad record")), "no_answer", UNKNOWN),
    (ReadTimeout(), "no_answer", UNKNOWN),
    (NoConnection("reset"), "no_answer", UNKNOWN),
    (HostRefused("elsewhere.example"), "refused_host", RETRY),
    (ValueError("not JSON"), "bad_answer", UNKNOWN),
    (KeyError("sid"), "bad_answer", UNKNOWN),
])  # fmt: skip
def test_a_failure_has_a_meaning(error: Exception, code: str, meaning: Trouble) -> None:
    explained = explain(error)
    assert (explained.code, explained.trouble) == (code, meaning)


@pytest.mark.parametrize(("code", "words"), [
    ("63003", "nomor tidak terdaftar di WhatsApp"),
    ("63024", "nomor tidak terdaftar di WhatsApp"),
    ("63016", "jendela 24 jam tertutup: menunggu balasan warga"),
    (OPTED_OUT, "warga berhenti berlangganan"),
    ("99999", "ditolak penyedia (kode 99999)"),
    (None, "gagal tanpa keterangan"),
    ("", "gagal tanpa keterangan"),
])  # fmt: skip
def test_an_officer_is_told_why(code: str | None, words: str) -> None:
    assert officer_words(code) == words


@pytest.mark.parametrize("code", REMEDY)
def test_every_code_has_both_languages(code: str) -> None:
    assert officer_words(code)
    assert officer_words(code, "en") != officer_words(code)
    assert officer_words(code, "de") == officer_words(code, "en")


def test_what_the_installation_lacks_loses_no_message() -> None:
    lacking = [code for code, remedy in REMEDY.items() if remedy is Remedy.CONFIGURATION]
    assert all(trouble(code) is RETRY and needs_fixing(code) for code in lacking)
    assert {"20003", "21606", "63007", "21609"} <= set(lacking)
    assert not needs_fixing("20429")
    assert not needs_fixing(None)
    assert trouble(None) is PERMANENT
