"""Letters out over real SMTP: what each answer, and each silence, of a server means for the mail."""

import os
import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trustme

from channels.contract import Accepted, File, SendError, Trouble
from channels.email import errors
from channels.email.sending import PAUSE_AFTER_REFUSAL, Email
from channels.email.smtp import SmtpAccount
from tests.channels.email.letters import CITIZEN, MAILBOX, MESSAGE, MORNING, OWN_ID, letter, parsed, text_of
from tests.channels.email.postbox import (
    ACCESS,
    DROP,
    HANG,
    PASSWORD,
    USER,
    PostBox,
    hasty_after_the_mail,
    post_box,
)
from tests.handlers.test_worker import wait_for

# aiosmtpd's own warning about a server that would ask for passwords in the open; here it is on loopback.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning")
VERP = "bps7411+b.1.2.abcdefghijklmnop@bps.go.id"


def channel(box: PostBox, **changed: Any) -> Email:
    """The channel with one mailbox, whose server is *box*."""
    account = SmtpAccount(box.host, box.port, "none")
    return Email({MAILBOX: replace(account, **changed)}, clock=lambda: MORNING)


@pytest.fixture
def box() -> Iterator[PostBox]:
    """A server that takes everything."""
    with post_box() as opened:
        yield opened


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Who signs the certificates of the test's servers."""
    return trustme.CA()


@pytest.fixture
def context(authority: trustme.CA) -> ssl.SSLContext:
    """A server's side of TLS."""
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(made)
    return made


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path) -> Path:
    """The authority's own certificate as a file."""
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


def failed(email: Email, message: Any = MESSAGE) -> SendError:
    with pytest.raises(SendError) as caught:
        email.send(message)
    assert CITIZEN not in str(caught.value)
    assert "siti.contoh" not in str(caught.value)
    return caught.value


def test_a_letter_arrives_and_the_servers_last_words_are_kept(box: PostBox) -> None:
    assert channel(box).send(MESSAGE) == Accepted(OWN_ID, "2.0.0 Ok: queued as 4F1")
    (mail,) = box.arrived
    assert (mail.sender, mail.recipients, mail.greeted) == (MAILBOX, (CITIZEN,), "bps.go.id")
    assert text_of(mail.content) == "Selamat pagi"


@pytest.mark.parametrize(
    "text", [".", "..\n.\n.a", "a" * 5000, "x\n" * 40_000, "ё" * 70_000, "Dari saya\nFrom x\n-- \nTtd"]
)
def test_any_body_arrives_as_it_was(box: PostBox, text: str) -> None:
    channel(box).send(replace(MESSAGE, text=text))
    assert text_of(box.arrived[0].content) == text.removesuffix("\n")
    assert max(map(len, box.arrived[0].content.split(b"\r\n"))) <= 998


def test_ten_megabytes_of_files_arrive(box: PostBox) -> None:
    content = os.urandom(10 * 1024 * 1024)
    channel(box).send(letter(files=(File("data.zip", "application/zip", content),)))
    (part,) = parsed(box.arrived[0].content).iter_attachments()
    assert part.get_payload(decode=True) == content


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "END"])
@pytest.mark.parametrize(
    ("line", "code", "trouble"),
    [
        (f"451 4.7.1 <{CITIZEN}>: Greylisted", "4.7.1", Trouble.RETRY),
        ("421 Try again later", "421", Trouble.RETRY),
        ("452 5.1.1 lies about itself", "452", Trouble.RETRY),
        ("552 5.3.4 Message too big", "5.3.4", Trouble.PERMANENT),
    ],
)
def test_a_refusal_says_whether_to_try_again(
    box: PostBox, command: str, line: str, code: str, trouble: Trouble
) -> None:
    box.answer(command, line)
    error = failed(channel(box))
    assert (error.code, error.trouble) == (code, trouble)
    assert box.arrived == []


@pytest.mark.parametrize("command", ["RCPT", "END"])
def test_an_unknown_recipient_is_final_and_is_not_repeated_in_the_reason(box: PostBox, command: str) -> None:
    box.answer(command, f"550 5.1.1 <{CITIZEN}>: user SITI.CONTOH unknown here")
    error = failed(channel(box))
    assert (error.code, error.trouble) == ("5.1.1", Trouble.PERMANENT)
    assert error.detail == "550 5.1.1 <…>: user … unknown here"


@pytest.mark.parametrize("command", ["MAIL", "RCPT"])
def test_a_line_cut_before_the_mail_lost_nothing(box: PostBox, command: str) -> None:
    box.answer(command, DROP)
    error = failed(channel(box))
    assert (error.code, error.trouble) == (errors.UNREACHABLE, Trouble.RETRY)


@pytest.mark.parametrize("silence", [DROP, HANG])
def test_a_line_cut_after_the_mail_tells_nothing(
    box: PostBox, silence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.answer("END", silence)
    with monkeypatch.context() as patch:
        hasty_after_the_mail(patch)
        error = failed(channel(box))
    wait_for(lambda: box.arrived)
    assert (error.code, error.trouble) == (errors.NO_ANSWER, Trouble.UNKNOWN)
    channel(box).send(MESSAGE)
    assert [parsed(mail.content)["Message-ID"] for mail in box.arrived] == [OWN_ID, OWN_ID]


def test_nobody_there_is_tried_again(box: PostBox) -> None:
    with post_box() as gone:
        pass
    error = failed(channel(gone))
    assert (error.code, error.trouble) == (errors.UNREACHABLE, Trouble.RETRY)
    assert failed(channel(box, host="nowhere.invalid")).code == errors.UNREACHABLE


def test_a_refused_tagged_sender_gives_way_to_the_mailbox(box: PostBox) -> None:
    box.answer("MAIL", f"553 5.7.1 <{VERP}>: Sender address rejected")
    channel(box).send(letter(bounces_to=VERP))
    assert box.tried == [VERP, MAILBOX]
    assert [mail.sender for mail in box.arrived] == [MAILBOX]


def test_a_refused_mailbox_is_our_own_fault(box: PostBox) -> None:
    box.answer("MAIL", *["550 5.7.60 no permission to send as this sender"] * 2)
    error = failed(channel(box), letter(bounces_to=VERP))
    assert (error.code, error.trouble) == (errors.SENDER_REFUSED, Trouble.RETRY)
    assert "5.7.60" in error.detail


def test_bounces_go_where_the_letter_says(box: PostBox) -> None:
    channel(box).send(letter(bounces_to=VERP))
    assert [mail.sender for mail in box.arrived] == [VERP]


def test_a_mail_beyond_the_servers_size_is_refused_before_it_leaves() -> None:
    with post_box(size=5000) as small:
        error = failed(channel(small), replace(MESSAGE, text="panjang " * 2000))
    assert (error.code, error.trouble) == ("552", Trouble.PERMANENT)
    assert small.tried == []


@pytest.mark.parametrize("way", ["starttls", "tls"])
def test_signs_in_over_tls(context: ssl.SSLContext, trusted: Path, way: Any) -> None:
    side: Any = {"starttls" if way == "starttls" else "implicit": context}
    with post_box(auth=True, **side) as box:
        email = channel(box, security=way, user=USER, password=lambda: PASSWORD, ca_file=trusted)
        email.send(MESSAGE)
    assert [(mail.encrypted, mail.signed_in) for mail in box.arrived] == [(True, True)]


def test_signs_in_with_a_token(context: ssl.SSLContext, trusted: Path) -> None:
    with post_box(auth=True, starttls=context) as box:
        how: Any = {"security": "starttls", "user": USER, "ca_file": trusted}
        channel(box, token=lambda: ACCESS, **how).send(MESSAGE)
        forgotten: list[bool] = []
        stale = channel(box, token=lambda: "basi", disbelieved=lambda: forgotten.append(True), **how)
        error = failed(stale)
    assert forgotten == [True]
    assert [mail.signed_in for mail in box.arrived] == [True]
    assert (error.code, error.trouble) == (errors.AUTH, Trouble.RETRY)


@pytest.mark.parametrize("password", ["salah", "salah lagi é"])
def test_a_wrong_password_waits_for_who_can_mend_it(password: str) -> None:
    with post_box(auth=True) as guarded:
        error = failed(channel(guarded, user=USER, password=lambda: password))
    assert (error.code, error.trouble) == (errors.AUTH, Trouble.RETRY)
    assert password not in str(error)
    assert errors.is_ours(error.code)


def test_a_refused_mailbox_is_left_alone_for_a_while() -> None:
    passwords, now = ["salah", PASSWORD], [MORNING]
    with post_box(auth=True) as guarded:
        account = SmtpAccount(guarded.host, guarded.port, "none", USER, lambda: passwords.pop(0))
        email = Email({MAILBOX: account}, clock=lambda: now[0])
        assert [failed(email).code, failed(email).code] == [errors.AUTH] * 2
        assert passwords == [PASSWORD]
        now[0] += PAUSE_AFTER_REFUSAL
        email.send(MESSAGE)
    assert len(guarded.arrived) == 1


def test_an_unknown_authority_is_not_trusted(context: ssl.SSLContext) -> None:
    sides: Any = {"starttls": {"starttls": context}, "tls": {"implicit": context}}
    for way, side in sides.items():
        with post_box(**side) as box:
            error = failed(channel(box, security=way, user=USER, password=lambda: PASSWORD))
        assert (error.code, error.trouble) == (errors.NOT_TRUSTED, Trouble.RETRY)
        assert box.arrived == []


def test_nothing_is_said_to_a_server_without_the_tls_it_should_have(box: PostBox) -> None:
    error = failed(channel(box, security="starttls", user=USER, password=lambda: PASSWORD))
    assert (error.code, error.trouble) == (errors.NOT_OFFERED, Trouble.RETRY)
    assert box.tried == []


@pytest.mark.parametrize(
    "address", ["", "siti", "a b@x.id", "siti@x.id, budi@x.id", "ş@x.id", "s@x.id\r\nRCPT"]
)
def test_an_address_that_is_none_is_refused_here(box: PostBox, address: str) -> None:
    with pytest.raises(SendError) as caught:
        channel(box).send(replace(MESSAGE, address=address))
    assert (caught.value.code, caught.value.trouble) == (errors.ADDRESS, Trouble.PERMANENT)
    assert box.tried == []


def test_a_sender_without_a_mailbox_waits_for_the_settings(box: PostBox) -> None:
    error = failed(channel(box), replace(MESSAGE, sender="lain@bps.go.id"))
    assert (error.code, error.trouble) == (errors.NO_MAILBOX, Trouble.RETRY)
    assert channel(box).send(replace(MESSAGE, sender=MAILBOX.upper())).external_id == OWN_ID


def test_without_a_letter_nothing_leaves(box: PostBox) -> None:
    assert failed(channel(box), replace(MESSAGE, letter=None)).trouble is Trouble.PERMANENT
