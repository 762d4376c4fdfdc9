"""The local mail server as real clients meet it: imapclient and smtplib."""

import gc
import smtplib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from channels.email.attentive import AttentiveClient
from channels.simulator.mailserver import NAME, LocalMail

SINTA, OFFICE, OTHER = "sinta@warga.example", "kantor@loket.example", "budi@dinas.example"
PASSWORD = "kata-sandi-surel"
MORNING = datetime(2026, 7, 6, 1, 0, tzinfo=UTC)
SOON = 60.0


@pytest.fixture
def mail() -> Iterator[LocalMail]:
    """A server with three mailboxes."""
    with LocalMail([SINTA, OFFICE, OTHER], PASSWORD, clock=lambda: MORNING) as server:
        yield server


def reader(mail: LocalMail, address: str = OFFICE, folder: str = "INBOX") -> IMAPClient:
    client = AttentiveClient("127.0.0.1", mail.imap_port, ssl=False, timeout=SOON)
    client.login(address, PASSWORD)
    client.select_folder(folder)
    return client


def sender(mail: LocalMail, address: str = SINTA) -> smtplib.SMTP:
    client = smtplib.SMTP("127.0.0.1", mail.smtp_port, local_hostname="localhost", timeout=SOON)
    client.login(address, PASSWORD)
    return client


def letter(text: str = "Mohon data penduduk.", *, author: str = SINTA, to: str = OFFICE) -> bytes:
    written = EmailMessage()
    written["From"], written["To"], written["Subject"] = f"Seseorang <{author}>", to, "Permintaan data"
    written["Message-ID"] = "<surat-1@warga.example>"
    written.set_content(text)
    return written.as_bytes().replace(b"\n", b"\r\n")


def send(mail: LocalMail, to: str = OFFICE, *, author: str = SINTA, envelope: str | None = None) -> None:
    with sender(mail, author) as client:
        client.sendmail(author if envelope is None else envelope, [to], letter(author=author, to=to))


def test_what_smtp_took_lies_in_the_inbox(mail: LocalMail) -> None:
    send(mail, "kantor+T.1a.0.xyz@loket.example")
    with reader(mail) as client:
        uids = client.search(["ALL"])
        found = client.fetch(uids, ["BODY.PEEK[]", "RFC822.SIZE", "INTERNALDATE", "FLAGS"])[uids[0]]
    raw = bytes(found[b"BODY[]"])
    assert found[b"RFC822.SIZE"] == len(raw)
    assert raw.endswith(letter(to="kantor+T.1a.0.xyz@loket.example"))
    assert raw.split(b"\r\n")[:3] == [
        b"Return-Path: <sinta@warga.example>",
        b"Delivered-To: kantor+T.1a.0.xyz@loket.example",
        b"Authentication-Results: surel.example; dmarc=pass header.from=warga.example",
    ]


def test_a_forged_author_is_noted(mail: LocalMail) -> None:
    with sender(mail) as client:
        client.sendmail(SINTA, [OFFICE], letter(author=OTHER))
    mail.deliver(letter(author=OTHER), OFFICE, sender=OTHER)
    verdicts = [each.mail["Authentication-Results"] for each in mail.inbox(OFFICE)]
    assert verdicts == [f"{NAME}; dmarc=fail header.from=dinas.example", f"{NAME}; dmarc=none"]


def test_a_waiting_client_is_told_at_once(mail: LocalMail) -> None:
    with reader(mail) as first, reader(mail) as second:
        first.idle()
        second.idle()
        send(mail)
        assert (1, b"EXISTS") in first.idle_check(SOON)
        assert (1, b"EXISTS") in second.idle_check(SOON)
        first.idle_done()
        second.idle_done()


def test_what_came_between_looking_and_waiting_is_told_too(mail: LocalMail) -> None:
    with reader(mail) as client:
        assert client.search(["ALL"]) == []
        mail.deliver(letter(), OFFICE)
        client.idle()
        assert (1, b"EXISTS") in client.idle_check(SOON)
        client.idle_done()


def test_mails_move_to_another_folder(mail: LocalMail) -> None:
    for number in range(3):
        mail.deliver(letter(f"Surat {number}"), OFFICE)
    with reader(mail) as client:
        client.create_folder("Processed")
        client.move(client.search(["ALL"])[:2], "Processed")
        assert len(client.search(["ALL"])) == 1
    assert [each.mail.get_content().strip() for each in mail.inbox(OFFICE)] == ["Surat 2"]
    assert len(mail.inbox(OFFICE, "Processed")) == 2
    assert mail.inbox(OFFICE, "Elsewhere") == []


def test_a_copy_may_be_put_into_a_folder(mail: LocalMail) -> None:
    with reader(mail) as client:
        client.create_folder("Sent")
        client.append("Sent", letter(), [b"\\Seen"])
    mail.put(letter("Lagi."), OFFICE, "Sent", MORNING)
    mail.put(letter("Lain."), OFFICE, "Archive", MORNING)
    assert [each.raw for each in mail.inbox(OFFICE, "Sent")] == [letter(), letter("Lagi.")]
    assert [each.at for each in mail.inbox(OFFICE, "Archive")] == [MORNING]


def test_only_those_with_the_password(mail: LocalMail) -> None:
    client = IMAPClient("127.0.0.1", mail.imap_port, ssl=False, timeout=SOON)
    with pytest.raises(LoginError):
        client.login(OFFICE, "tebakan")
    client.shutdown()
    with smtplib.SMTP("127.0.0.1", mail.smtp_port, local_hostname="localhost") as anybody:
        with pytest.raises(smtplib.SMTPAuthenticationError):
            anybody.login(SINTA, "tebakan")
        with pytest.raises(smtplib.SMTPSenderRefused) as refused:
            anybody.sendmail(SINTA, [OFFICE], letter())
    assert refused.value.smtp_code == 530


def test_nobody_sends_as_somebody_else(mail: LocalMail) -> None:
    with sender(mail) as client, pytest.raises(smtplib.SMTPSenderRefused) as refused:
        client.sendmail(OTHER, [OFFICE], letter())
    assert refused.value.smtp_code == 553
    send(mail, envelope="sinta+b.1@warga.example")
    send(mail, envelope="")
    assert [each.mail["Return-Path"] for each in mail.inbox(OFFICE)] == ["<sinta+b.1@warga.example>", "<>"]


def test_an_unknown_recipient_is_refused(mail: LocalMail) -> None:
    with sender(mail) as client, pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        client.sendmail(SINTA, ["siapa@warga.example"], letter())
    assert refused.value.recipients["siapa@warga.example"][0] == 550
    with pytest.raises(KeyError):
        mail.deliver(letter(), "siapa@warga.example")


def test_a_greylisted_recipient_is_refused_once(mail: LocalMail) -> None:
    mail.greylisted.add(OFFICE)
    with sender(mail) as client, pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        client.sendmail(SINTA, [OFFICE], letter())
    assert refused.value.recipients[OFFICE][0] == 451
    send(mail)
    assert len(mail.inbox(OFFICE)) == 1


def test_a_closed_mailbox_sends_a_bounce_to_the_envelope_sender(mail: LocalMail) -> None:
    mail.closed.add(SINTA)
    send(mail, SINTA, author=OFFICE, envelope="kantor+b.7@loket.example")
    assert mail.inbox(SINTA) == []
    (bounce,) = mail.inbox(OFFICE)
    assert bounce.mail["Return-Path"] == "<>"
    assert bounce.mail["Delivered-To"] == "kantor+b.7@loket.example"
    assert bounce.mail.get_content_type() == "multipart/report"
    _, report, head = bounce.mail.iter_parts()
    assert [group["Status"] for group in report.iter_parts()] == [None, "5.1.1"]
    assert "Message-ID: <surat-1@warga.example>" in str(head.get_content())


def test_who_is_away_answers_each_sender_once(mail: LocalMail) -> None:
    mail.away[SINTA] = "Saya cuti sampai Senin."
    for _ in range(2):
        send(mail, SINTA, author=OFFICE, envelope="kantor+b.7@loket.example")
    send(mail, SINTA, author=OFFICE, envelope="")
    assert len(mail.inbox(SINTA)) == 3
    (answer,) = mail.inbox(OFFICE)
    assert answer.mail["Auto-Submitted"] == "auto-replied"
    assert answer.mail["In-Reply-To"] == "<surat-1@warga.example>"
    assert answer.mail["Delivered-To"] == "kantor+b.7@loket.example"
    assert answer.mail["Subject"] == "Balasan otomatis: Permintaan data"
    assert answer.mail.get_content() == "Saya cuti sampai Senin.\r\n"


def test_two_who_are_away_do_not_talk_for_ever(mail: LocalMail) -> None:
    mail.away |= {SINTA: "Saya cuti.", OTHER: "Saya juga."}
    send(mail, SINTA, author=OTHER)
    assert (len(mail.inbox(SINTA)), len(mail.inbox(OTHER))) == (2, 1)


def test_connections_survive_the_garbage_collector(mail: LocalMail) -> None:
    clients = [reader(mail) for _ in range(10)]
    for client in clients:
        client.idle()
    for _ in range(3):
        gc.collect()
    send(mail)
    for client in clients:
        assert (1, b"EXISTS") in client.idle_check(SOON)
        client.idle_done()
        client.logout()


@pytest.mark.parametrize(
    "raw",
    [
        b"From: " + b"(" * 500 + b"\r\n\r\nx",
        b"Date: yesterday\r\nTo: x:; (y)\r\n\r\nx",
        b"\x00\xff\xfe no header at all",
        b"",
        b"Content-Type: multipart/mixed; boundary=a\r\n\r\n"
        + b"--a\r\nContent-Type: text/plain\r\n\r\nx" * 300,
    ],
)
def test_a_hostile_mail_is_given_back_as_it_came(mail: LocalMail, raw: bytes) -> None:
    mail.deliver(raw, OFFICE)
    with reader(mail) as client:
        (found,) = client.fetch(client.search(["ALL"]), ["BODY.PEEK[]"]).values()
    assert bytes(found[b"BODY[]"]).endswith(raw)


def test_whoever_waits_for_a_change_is_woken(mail: LocalMail) -> None:
    before = mail.wait_for_change(-1, 0)
    threading.Timer(0.05, mail.deliver, (letter(), OFFICE)).start()
    assert mail.wait_for_change(before, SOON) == before + 1


def test_what_is_laid_down_can_be_kept(mail: LocalMail) -> None:
    kept = []
    mail.keeping = lambda address, folder, raw, at: kept.append((address, folder, raw[:12], at))
    send(mail)
    mail.put(letter(), SINTA, "Sent", MORNING)
    assert kept == [(OFFICE, "INBOX", b"Return-Path:", MORNING), (SINTA, "Sent", b"From: Seseor", MORNING)]


def test_it_ends_at_once_with_clients_inside() -> None:
    server = LocalMail([SINTA, OFFICE], PASSWORD, clock=lambda: MORNING).start()
    waiting, writing = reader(server), sender(server)
    waiting.idle()
    server.stop()
    assert not [thread for thread in threading.enumerate() if thread.name == "local-mail"]
    with pytest.raises(smtplib.SMTPServerDisconnected):
        writing.sendmail(SINTA, [OFFICE], letter())
    with pytest.raises(ConnectionRefusedError):
        reader(server)
    with pytest.raises(RuntimeError, match="not running"):
        server.inbox(OFFICE)
    waiting.shutdown()
    gc.collect()
