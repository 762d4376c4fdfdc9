"""The same mail by two ways, different mails with one id, and the order in which signs of machines count."""

import base64

import pytest

from channels.mime.bounces import Outcome, bounce
from channels.mime.kinds import Kind, Ours, verdict
from channels.mime.limits import Limits
from channels.mime.mail import Mail, Role, Unread, Why
from channels.mime.reading import read
from tests.channels.mime.samples import OURS, raw

HEAD = (
    "From: Budi <budi@warga.example>\r\nDate: Mon, 03 Jun 2024 11:20:05 +0800\r\n"
    "Subject: Data\r\nMessage-ID: <a@b>\r\n"
)


def _mail(text: str | bytes, limits: Limits | None = None) -> Mail:
    found = read(text.encode() if isinstance(text, str) else text, limits or Limits())
    assert isinstance(found, Mail)
    return found


def test_a_copy_by_another_way_has_the_same_fingerprint() -> None:
    coded = base64.encodebytes("Mohon data é\r\n".encode()).decode()
    plain = _mail(
        f"Received: from a by b; x\r\n{HEAD}Content-Type: text/plain; charset=utf-8\r\n\r\nMohon data é\r\n"
    )
    again = _mail(
        f"Received: from c by d; y\r\nX-Spam: no\r\n{HEAD}Content-Type: text/plain; charset=utf-8\r\n"
        f"Content-Transfer-Encoding: base64\r\n\r\n{coded}"
    )
    assert plain.fingerprint == again.fingerprint


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Mohon data", "Mohon tabel"),
        ("11:20:05", "11:20:06"),
        ("budi@", "sari@"),
        ("Subject: Data", "Subject: Lain"),
    ],
)
def test_another_mail_under_the_same_id_has_another_fingerprint(old: str, new: str) -> None:
    first = f"{HEAD}\r\nMohon data\r\n"
    second = first.replace(old, new)
    assert _mail(first).envelope.message_id == _mail(second).envelope.message_id
    assert _mail(first).fingerprint != _mail(second).fingerprint


def test_another_file_is_another_mail() -> None:
    one = raw("hanya-kutipan")
    assert _mail(one).fingerprint != _mail(one.replace(b"iVBOR", b"iVBOS")).fingerprint


def test_the_trace_stands_in_its_order() -> None:
    found = _mail(
        "Received: from a by b; x\r\nAuthentication-Results: mx.bps.example; dmarc=pass\r\n"
        f"Received: from c by d; y\r\nAuthentication-Results: palsu; dmarc=pass\r\n{HEAD}\r\nHalo"
    )
    assert [name for name, _ in found.envelope.trace] == ["received", "authentication-results"] * 2
    assert found.envelope.trace[1][1] == "mx.bps.example; dmarc=pass"


def test_addresses_where_a_token_may_stand() -> None:
    found = _mail(
        f"Delivered-To: desk+t.2a.3b@bps.example\r\nX-Original-To: <desk@BPS.example>\r\n{HEAD}\r\nHalo"
    )
    assert found.envelope.delivered_to == ("desk+t.2a.3b@bps.example", "desk@bps.example")


@pytest.mark.parametrize(("path", "read_as"), [("<>", ""), ("<A@B.example>", "A@b.example"), ("rusak", None)])
def test_the_return_path(path: str, read_as: str | None) -> None:
    assert _mail(f"Return-Path: {path}\r\n{HEAD}\r\nHalo").envelope.return_path == read_as


def test_an_image_that_is_not_shown_is_a_file() -> None:
    shown = raw("html-gambar-dan-pelacak")
    assert [each.role for each in _mail(shown).attachments] == [Role.INLINE]
    hidden = shown.replace(b"cid:logo@warga", b"cid:lain")
    assert [each.role for each in _mail(hidden).attachments] == [Role.ATTACHED]


def test_a_page_that_is_shown_holds_no_tracker() -> None:
    html = _mail(raw("html-gambar-dan-pelacak")).html
    assert "cid:logo@warga" in html
    assert "lacak" not in html
    assert "alert" not in html


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        (Limits(size=100), Why.SIZE),
        (Limits(header=100), Why.HEADER),
        (Limits(lines=10), Why.LINES),
        (Limits(parts=1), Why.PARTS),
        (Limits(depth=-1), Why.DEPTH),
        (Limits(addresses=1), Why.ADDRESSES),
    ],
)
def test_each_cap_puts_aside_and_keeps_what_people_need(limits: Limits, why: Why) -> None:
    found = read(raw("hanya-kutipan"), limits)
    assert isinstance(found, Unread)
    assert found.why is why
    assert found.found > found.limit
    assert found.envelope.subject == "Re: Foto"


def _verdict(headers: str, text: str = "Halo", ours: Ours = OURS) -> tuple[Kind, bool]:
    found = verdict(_mail(f"{headers}{HEAD}\r\n{text}\r\n"), ours)
    assert found.rule
    return found.kind, found.answerable


@pytest.mark.parametrize(
    ("headers", "kind", "answerable"),
    [
        ("", Kind.PERSONAL, True),
        ("Auto-Submitted: no\r\n", Kind.PERSONAL, True),
        ("Auto-Submitted: NO; x=y\r\n", Kind.PERSONAL, True),
        ("Auto-Submitted: auto-generated; owner-email=a@b\r\n", Kind.AUTOMATIC, False),
        ("Auto-Submitted: aneh\r\n", Kind.AUTOMATIC, False),
        ("Precedence: auto_reply\r\n", Kind.AUTOMATIC, False),
        ("X-Autoreply: yes\r\n", Kind.AUTOMATIC, False),
        ("X-Autoreply: no\r\n", Kind.PERSONAL, True),
        ("X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent\r\n", Kind.AUTOMATIC, False),
        ("Precedence: bulk\r\n", Kind.LIST, False),
        ("Precedence: bulk\r\nAuto-Submitted: auto-replied\r\n", Kind.AUTOMATIC, False),
        ("List-Id: x\r\n", Kind.LIST, False),
        ("List-Unsubscribe: <mailto:x@y.example>\r\n", Kind.LIST, False),
        ("List-Unsubscribe: <mailto:x@y.example>\r\nIn-Reply-To: <a@b.example>\r\n", Kind.PERSONAL, False),
        ("List-Unsubscribe: <x>\r\nList-Id: x\r\nIn-Reply-To: <a@b.example>\r\n", Kind.LIST, False),
        ("Return-Path: <>\r\n", Kind.PERSONAL, False),
        ("X-Loop: a@b\r\n", Kind.PERSONAL, False),
        ("X-Auto-Response-Suppress: DR, RN\r\n", Kind.PERSONAL, True),
        ("X-Failed-Recipients: a@b.example\r\n", Kind.BOUNCE, False),
        ("X-Loket-Mark: loket.bps.example\r\n", Kind.OWN, False),
        ("X-Loket-Mark: palsu\r\n", Kind.PERSONAL, False),
    ],
)
def test_signs_of_machines(headers: str, kind: Kind, answerable: bool) -> None:
    assert _verdict(headers) == (kind, answerable)


@pytest.mark.parametrize(
    "author", ["MAILER-DAEMON <>", "Mail Delivery Subsystem <MAILER-DAEMON>", "mailer-daemon"]
)
def test_a_mail_system_without_an_address_is_one(author: str) -> None:
    found = _mail(f"From: {author}\r\nSubject: Mail delivery failed\r\n\r\nx@y.example\r\n")
    assert verdict(found).kind is Kind.BOUNCE


def test_a_bounce_that_carries_our_mark_inside_is_a_bounce() -> None:
    marked = raw("pantulan-postfix").replace(
        b"Subject: Re:", b"X-Loket-Mark: loket.bps.example\r\nSubject: Re:"
    )
    assert verdict(_mail(marked), OURS).kind is Kind.BOUNCE


def test_a_bounce_from_our_own_address_is_a_bounce() -> None:
    ours = raw("pantulan-postfix").replace(b"MAILER-DAEMON@mx.bps.example>", b"bps6302@bps.example>")
    assert verdict(_mail(ours), OURS).kind is Kind.BOUNCE


@pytest.mark.parametrize(
    ("words", "outcome", "gone"),
    [
        ("550 5.1.1 User unknown", Outcome.PERMANENT, True),
        ("550 No such user here", Outcome.PERMANENT, True),
        ("554 5.7.1 Message rejected as spam", Outcome.PERMANENT, False),
        ("552 5.2.2 Mailbox full", Outcome.PERMANENT, False),
        ("552 over quota", Outcome.PERMANENT, False),
        ("550 Mailbox unavailable: it is over quota", Outcome.PERMANENT, False),
        ("Kotak surat penerima penuh", Outcome.PERMANENT, False),
        ("Over quota, delivery is delayed and will be retried", Outcome.TEMPORARY, False),
        ("554: delivery error: dd This mailbox is disabled (554.30).", Outcome.PERMANENT, True),
        ("550 Recipient address rejected: Policy restriction", Outcome.PERMANENT, False),
        ("451 4.7.1 Greylisted, try again later", Outcome.TEMPORARY, False),
        ("421 Service not available", Outcome.TEMPORARY, False),
        ("Your message is delayed and will be retried", Outcome.TEMPORARY, False),
        ("alamat tidak ditemukan", Outcome.PERMANENT, True),
        ("This is a permanent error.\nWill retry nothing", Outcome.PERMANENT, False),
        (
            "Not delivered\n" + "-" * 99 + "\nOriginal message follows\n550 User unknown",
            Outcome.UNKNOWN,
            False,
        ),
        ("sesuatu terjadi", Outcome.UNKNOWN, False),
    ],
)
def test_a_bounce_without_a_report_is_judged_by_its_words(words: str, outcome: Outcome, gone: bool) -> None:
    failure = bounce(_mail(f"Return-Path: <>\r\n{HEAD}\r\nKepada <x@y.example>:\r\n{words}\r\n")).failures[0]
    assert (failure.address, failure.outcome, failure.address_gone) == ("x@y.example", outcome, gone)


@pytest.mark.parametrize(
    ("group", "outcome", "gone"),
    [
        (
            "Action: failed\r\nStatus: 4.4.1\r\nDiagnostic-Code: X-Postfix; timed out",
            Outcome.PERMANENT,
            False,
        ),
        (
            "Action: failed\r\nStatus: 4.2.2\r\nDiagnostic-Code: smtp; 452 Over quota",
            Outcome.PERMANENT,
            False,
        ),
        ("Action: delayed\r\nStatus: 4.4.1", Outcome.TEMPORARY, False),
        ("Action: delayed\r\nStatus: 5.1.1", Outcome.TEMPORARY, False),
        ("Status: 4.7.1", Outcome.TEMPORARY, False),
        ("Action: failed\r\nStatus: 5.2.1", Outcome.PERMANENT, True),
        (
            "Action: failed\r\nStatus: 5.2.1\r\nDiagnostic-Code: smtp; is receiving mail at a rate",
            Outcome.PERMANENT,
            False,
        ),
    ],
)
def test_a_server_that_has_given_up_has_failed(group: str, outcome: Outcome, gone: bool) -> None:
    report = raw("pantulan-penuh").split(b"Action: failed")[0] + group.encode() + b"\r\n\r\n--r1--\r\n"
    failure = bounce(_mail(report)).failures[0]
    assert (failure.outcome, failure.address_gone) == (outcome, gone)


def test_every_recipient_of_a_report_is_told_apart() -> None:
    two = raw("pantulan-postfix").replace(
        b"\r\n--r1\r\nContent-Type: message/rfc822",
        b"\r\nFinal-Recipient: rfc822; lain@x.example\r\nAction: delayed\r\nStatus: 4.4.1\r\n"
        b"\r\n--r1\r\nContent-Type: message/rfc822",
    )
    found = [(each.address, each.outcome) for each in bounce(_mail(two)).failures]
    assert found == [("hilang@warga.example", Outcome.PERMANENT), ("lain@x.example", Outcome.TEMPORARY)]
