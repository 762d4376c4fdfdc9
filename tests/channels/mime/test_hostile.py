"""Bytes that nobody would write: the reader answers, and its time grows no faster than they do."""

import random
import time
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from channels.mime.bounces import bounce
from channels.mime.charsets import decode
from channels.mime.kinds import verdict
from channels.mime.limits import Limits
from channels.mime.mail import Mail, Unread, Why
from channels.mime.markup import page
from channels.mime.newtext import new_text
from channels.mime.reading import read
from channels.mime.winmail import read_winmail
from tests.channels.mime.samples import NAMES, raw

SMALL = [name for name in NAMES if len(raw(name)) < 20_000]
TIMES_LONGER = 8
TIMES_SLOWER = 40


def _all_of(mail: bytes) -> Mail | Unread:
    found = read(mail)
    if isinstance(found, Mail):
        text = new_text(found.text, found.envelope.subject).text
        assert text.strip() or not any(letter.isalnum() for letter in found.text)
        verdict(found)
        assert bounce(found).failures
    _assert_storable(found)
    return found


def _assert_storable(found: Mail | Unread) -> None:
    words = [found.envelope.subject, found.envelope.author_text]
    if isinstance(found, Mail):
        words += [found.text, found.html, *(each.name for each in found.attachments)]
    for word in words:
        word.encode("utf-8")
        assert "\x00" not in word


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=2000))
@example(b"\xff" * 100)
@example(b"Content-Type: multipart/mixed; boundary=\r\n\r\n--\r\n\r\n----\r\n")
@example(b"Content-Type: message/delivery-status\r\n\r\n\r\n\r\n")
def test_arbitrary_bytes_are_read(mail: bytes) -> None:
    _all_of(mail)


LINES = st.sampled_from(
    [
        *(
            b"--b",
            b"--b--",
            b"",
            b"",
            b"Content-Type: multipart/mixed; boundary=b",
            b"Content-Type: text/html",
        ),
        *(
            b"Content-Type: message/rfc822",
            b"Content-Type: message/delivery-status",
            b"> kutipan",
            b"-- ",
            b"x",
        ),
        *(
            b"Content-Transfer-Encoding: base64",
            b"Content-Type: text/plain; charset=\xff",
            b"From: \xe9 <a@b",
        ),
        *(
            b"Content-Disposition: attachment; filename*0*=x''%e9; filename*1=b",
            b"Subject: =?x?B?=?= =?utf-8?q?a",
        ),
        *(
            b"Pada 3 Jun 2024 10.15, A <a@b.example> menulis:",
            b"Dikirim dari iPhone saya",
            b"<table><td>&",
            b"=\xff",
        ),
        *(
            b"Content-Type: application/ms-tnef",
            b"Content-Type: text/calendar",
            b"BEGIN:VEVENT",
            b"Final-Recipient: x",
        ),
        *(
            b"Content-Type: multipart/report; report-type=delivery-status; boundary=b",
            b"Date: 99 Foo 99999 99:99 +9999",
        ),
        *(
            b"Content-Type: text/plain; format=flowed; delsp=yes",
            b'To: (((("<',
            b"Content-Transfer-Encoding: uuencode",
        ),
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(LINES, max_size=40))
def test_lines_of_mails_in_any_order_are_read(lines: list[bytes]) -> None:
    _all_of(b"\r\n".join(lines))


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(SMALL), st.integers(0, 2**32))
def test_mails_with_damage_are_read(name: str, seed: int) -> None:
    _all_of(_damaged(raw(name), random.Random(seed)))  # noqa: S311 - damage, no secret


def _damaged(mail: bytes, chance: random.Random) -> bytes:
    """*mail* with a few bytes changed, a piece cut out, or a piece moved."""
    damaged = bytearray(mail)
    for _ in range(chance.randrange(8)):
        if not damaged:
            break
        at, length = chance.randrange(len(damaged)), chance.randrange(60)
        match chance.randrange(4):
            case 0:
                damaged[at] = chance.randrange(256)
            case 1:
                del damaged[at : at + length]
            case 2:
                damaged[at:at] = damaged[chance.randrange(len(damaged)) :][:length]
            case _:
                damaged[at:at] = chance.randbytes(chance.randrange(8))
    return bytes(damaged)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_any_container_of_outlook_is_read(content: bytes) -> None:
    read_winmail(b"\x78\x9f\x3e\x22\x01\x00" + content)


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=300),
    st.text(max_size=12) | st.sampled_from(["utf-7", "hz", "utf-16", "idna", "iso2022_jp"]),
)
def test_any_bytes_under_any_label_are_text(content: bytes, label: str) -> None:
    decode(content, label).encode("utf-8")


def _header(line: str) -> Callable[[int], bytes]:
    return lambda n: b"Subject: x\r\n" + (line * n).encode() + b"\r\n\r\nHalo\r\n"


BODIES: dict[str, str] = {
    "newlines": "\n",
    "quotes": "> x\n",
    "quote marks": ">",
    "on": "On x",
    "pada": "Pada Pada \n",
    "announcements": "Pada 3 Jun 2024 10.15, A <a@b.example> menulis:\n",
    "announcements and quotes": "Pada 3 Jun 2024 10.15, A <a@b.example> menulis:\n> x\n",
    "from": "Dari: x\n",
    "header blocks": "Dari: a@b.example\nTanggal: 1\n",
    "rules": "________\n",
    "signatures": "-- \n",
    "sent from": "Dikirim dari iPhone saya\n",
    "dashes": "-",
    "blanks": " ",
    "no-break blanks": "\xa0 ",
    "inline answers": "> a\nb\n",
    "colons": "a:",
    "angles": "<a@b ",
    "dates": "2024 10:15 ",
    "invisible": "\u200b",
}


def _seconds(work: Callable[[], object]) -> float:
    """The fastest of three runs, in seconds of this process."""
    runs = []
    for _ in range(3):
        start = time.thread_time()
        work()
        runs.append(time.thread_time() - start)
    return min(runs)


def _assert_linear(work: Callable[[int], object], size: int) -> None:
    """Eight times the input takes less than forty times as long; a quadratic one takes sixty-four."""
    short = max(_seconds(lambda: work(size)), 0.0005)
    assert _seconds(lambda: work(size * TIMES_LONGER)) < short * TIMES_SLOWER


@pytest.mark.parametrize("name", BODIES)
def test_cutting_quotes_takes_linear_time(name: str) -> None:
    piece = BODIES[name]
    _assert_linear(lambda n: new_text("Halo\n" + piece * (n // len(piece))), 20_000)


@pytest.mark.parametrize("name", BODIES)
def test_judging_a_bounce_takes_linear_time(name: str) -> None:
    head = b"Return-Path: <>\r\nSubject: failure notice\r\n\r\n"
    mails = {}
    for size in (8000, 8000 * TIMES_LONGER):
        found = read(head + BODIES[name].encode() * (size // len(BODIES[name])) + b"x")
        assert isinstance(found, Mail)
        mails[size] = found
    _assert_linear(lambda n: bounce(mails[n]), 8000)


WHOLE: dict[str, Callable[[int], bytes]] = {
    "header lines": _header("a:\r\n"),
    "folded subject": _header(" x\r\n"),
    "encoded words": _header(" =?utf-8?q?a?=\r\n"),
    "half words": _header(" =?a\r\n"),
    "brackets": lambda n: b"From: " + b"(" * n + b"\r\n\r\nx",
    "quotes in from": lambda n: b"From: " + b'"\\' * n + b"\r\n\r\nx",
    "angles in from": lambda n: b"From: " + b"<a@" * n + b"\r\n\r\nx",
    "references": lambda n: b"References: " + b"<a@b>" * n + b"\r\n\r\nx",
    "bare references": lambda n: b"References: " + b"a" * n + b"@b\r\n\r\nx",
    "half references": lambda n: b"References: " + b"<a" * n + b"\r\n\r\nx",
    "boundaries": lambda n: b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--c\r\n" * n,
    "types in the text": lambda n: b"Subject: x\r\n\r\n" + b"Content-Type: text/plain\r\n" * n,
    "boundaries declared": lambda n: (
        b"Subject: x\r\n\r\n" + b"".join(b"Content-Type: a/b; boundary=%d\r\n" % i for i in range(n))
    ),
    "base64": lambda n: b"Content-Transfer-Encoding: base64\r\n\r\n" + b"=A\r\n" * n,
    "quoted-printable": lambda n: b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + b"=\r\n" * n,
    "uuencode": lambda n: b"Content-Transfer-Encoding: uuencode\r\n\r\nbegin 644 a\r\n" + b"M\r\n" * n,
    "calendar": lambda n: b"Content-Type: text/calendar\r\n\r\n" + b"BEGIN:VEVENT\r\nEND:VEVENT\r\n" * n,
    "carriage returns": lambda n: b"Subject: x\r\r" + b"\r" * n,
    "delivery status": lambda n: b"Content-Type: message/delivery-status\r\n\r\n" + b"a: b\r\n\r\n" * n,
    "bounce words": lambda n: (
        b"Subject: failure notice\r\nReturn-Path: <>\r\n\r\n" + b"550 a@b.c 4.1\r\n" * n
    ),
    "message ids": lambda n: b"Subject: x\r\n\r\n" + b"Message-ID: <a@b>\r\n" * n,
}


@pytest.mark.parametrize("name", WHOLE)
def test_reading_a_mail_takes_linear_time(name: str) -> None:
    made = {n: WHOLE[name](n) for n in (3000, 3000 * TIMES_LONGER)}
    _assert_linear(lambda n: _all_of(made[n]), 3000)


PAGES = {
    "divisions": "<div>",
    "divisions closed": "<div>x</div>",
    "tables": "<table><tr><td>",
    "rows": "<tr><td>x</td></tr>",
    "cells": "<td>x</td>",
    "lists": "<ul><li>",
    "bold": "<b>x",
    "angles": "<",
    "entities": "&nbsp;",
    "quotes": "<blockquote type=cite>x",
    "yahoo": "<div class=yahoo_quoted>",
    "comments": "<!--",
    "attributes": "<a x=",
    "links": "<a href=x>y",
    "images": "<img src=cid:x>",
}


@pytest.mark.parametrize("name", PAGES)
def test_html_takes_linear_time(name: str) -> None:
    piece = PAGES[name]
    _assert_linear(lambda n: page(piece * (n // len(piece)) + "x"), 12_000)
    _assert_linear(lambda n: page("<table>" + piece * (n // len(piece))), 12_000)


@pytest.mark.parametrize(
    "cells",
    [
        f"<tr><td>{'x' * 50_000}</td></tr>" + "<tr><td>y</td></tr>" * 5000,
        f"<tr><td>{'x' * 50_000}</td><td>" + "y<br>" * 5000 + "</td></tr>",
        "<tr>" + f"<td>{'x' * 100}</td>" * 1000 + "<td>" + "y<br>" * 5000 + "</td></tr>",
    ],
    ids=["rows", "lines", "columns"],
)
def test_a_wide_column_does_not_widen_every_row(cells: str) -> None:
    assert len(page(f"<table>{cells}</table>").text) < 200_000


def test_a_mail_beyond_the_size_is_not_parsed() -> None:
    found = read(b"From: a@b.example\r\nSubject: Besar\r\n\r\n" + b"x" * 2000, Limits(size=1000))
    assert isinstance(found, Unread)
    assert (found.why, found.limit, found.found) == (Why.SIZE, 1000, 2037)
    assert found.envelope.subject == "Besar"


def test_nesting_that_the_caps_do_not_see_is_put_aside() -> None:
    split = 'Content-Type: multipart/mixed; boundary*0="{0}"; boundary*1="x"\r\n\r\n--{0}x\r\n'
    found = read(
        "".join(split.format(f"b{level}") for level in range(1500)).encode(), Limits(depth=10**6, parts=10**6)
    )
    assert isinstance(found, Unread)
    assert found.why in (Why.DEPTH, Why.BROKEN)


def test_the_count_bomb_for_outlook_containers_is_short_work() -> None:
    assert _seconds(lambda: read(raw("winmail-bom-hitungan"))) < 0.1
