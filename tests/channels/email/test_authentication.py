"""Who is believed about a sender: our own receiver, above its own line, and nobody else."""

import pytest

from channels.email.authentication import proves

OFFICER = "rahma@bps.go.id"
US = "mx.kantor.example"
TAKEN = (
    "received",
    f"from mail.bps.go.id ([192.0.2.7]) by {US} with ESMTPS id 1; Mon, 6 Jul 2026 01:00:00 +0000",
)
SENT = ("received", "from laptop by mail.bps.go.id with ESMTPSA; Mon, 6 Jul 2026 00:59:59 +0000")
STORED = (
    "received",
    "from mx.kantor.example by store.kantor.example with LMTP; Mon, 6 Jul 2026 01:00:01 +0000",
)


def results(told: str, name: str = US) -> tuple[str, str]:
    """A header of results."""
    return "authentication-results", f"{name}; {told}"


PASS = results("dmarc=pass (p=none dis=none) header.from=bps.go.id")


@pytest.mark.parametrize(
    "told",
    [
        "dmarc=pass header.from=bps.go.id",
        "dkim=pass header.d=x.example; dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=BPS.go.id",
        "DMARC = Pass (a (nested) comment) header.from = bps.go.id",
        "dkim=pass (2048-bit key) header.d=bps.go.id header.s=a",
        "dkim=pass header.i=@bps.go.id",
        "dkim=pass header.d=surat.bps.go.id",
        "dkim=fail header.d=lain.example; dkim=pass header.d=bps.go.id",
    ],
)
def test_our_receiver_is_believed(told: str) -> None:
    assert proves([results(told), TAKEN, SENT], US, OFFICER)
    assert proves([STORED, results(told), TAKEN, SENT], US, OFFICER)


@pytest.mark.parametrize(
    "told",
    [
        "none",
        "",
        "spf=pass smtp.mailfrom=rahma@bps.go.id",
        "dmarc=fail header.from=bps.go.id",
        "dmarc=pass header.from=jahat.example",
        "dmarc=pass",
        "dmarc=passing header.from=bps.go.id",
        "dkim=pass header.d=jahat.example",
        "dkim=pass header.d=id",
        "dkim=pass header.d=xbps.go.id",
        "dkim=pass",
        "dmarc=fail header.from=bps.go.id; dkim=pass header.d=bps.go.id",
        "(dmarc=pass header.from=bps.go.id)",
        'spf=pass smtp.mailfrom="x; dmarc=pass header.from=bps.go.id"@jahat.example',
        r'spf=pass smtp.mailfrom="x\"; dmarc=pass header.from=bps.go.id"@jahat.example',
        # A server that repeats a sender's words in a comment without escaping them.
        'spf=pass (of "a); dmarc=pass header.from=bps.go.id; (b"@x.id); dmarc=fail header.from=bps.go.id',
    ],
)
def test_what_does_not_say_so_proves_nothing(told: str) -> None:
    assert not proves([results(told), TAKEN, SENT], US, OFFICER)


def test_nobody_else_is_believed() -> None:
    other = results("dmarc=pass header.from=bps.go.id", "mx.jahat.example")
    assert not proves([other, TAKEN, SENT], US, OFFICER)
    assert not proves([("authentication-results", "dmarc=pass header.from=bps.go.id"), TAKEN], US, OFFICER)


def test_what_a_sender_wrote_stands_below_and_is_not_believed() -> None:
    assert not proves([TAKEN, PASS, SENT], US, OFFICER)
    assert not proves([results("dmarc=fail header.from=bps.go.id"), TAKEN, PASS, SENT], US, OFFICER)
    forged = ("received", f"from bps.go.id by {US} with ESMTPS id 0; Mon, 6 Jul 2026 00:00:00 +0000")
    assert not proves([TAKEN, PASS, forged], US, OFFICER)
    assert not proves([STORED, TAKEN, PASS, forged], US, OFFICER)


def test_the_newest_results_count() -> None:
    """A receiver named otherwise in its Received lines: what a sender forged stands below what is true."""
    border = ("received", "from x by mx1.kantor.example with ESMTPS; Mon, 6 Jul 2026 01:00:00 +0000")
    forged = ("received", f"from y by {US} with ESMTPS; Mon, 6 Jul 2026 00:00:00 +0000")
    assert not proves([results("dmarc=fail header.from=bps.go.id"), border, PASS, forged], US, OFFICER)
    assert proves([PASS, border, SENT], US, OFFICER)
    assert not proves([border, PASS, SENT], US, OFFICER)


def test_several_headers_of_one_receiver_are_one_word() -> None:
    dkim = results("dkim=pass header.d=bps.go.id")
    assert proves([PASS, dkim, TAKEN], US, OFFICER)
    assert not proves([results("dmarc=fail header.from=bps.go.id"), dkim, TAKEN], US, OFFICER)


def test_google_writes_below_its_own_line() -> None:
    google = "mx.google.com"
    inside = ("received", "by 2002:a05:6a10:1 with SMTP id x; Mon, 6 Jul 2026 01:00:00 -0700 (PDT)")
    taken = (
        "received",
        f"from mail.bps.go.id by {google} with ESMTPS id y; Mon, 6 Jul 2026 01:00:00 -0700 (PDT)",
    )
    told = results("spf=pass smtp.mailfrom=x; dmarc=pass (p=NONE) header.from=bps.go.id", google)
    assert proves([inside, taken, told, SENT], google, OFFICER)
    assert not proves([inside, taken, SENT, told], google, OFFICER)


BACK = (
    "received",
    f"from localhost (localhost [127.0.0.1]) by {US} (Postfix) with ESMTP id 2; Mon, 6 Jul 2026",
)
INSIDE = ("received", f"from {US} ([127.0.0.1]) by localhost ({US} [127.0.0.1]) (amavisd-new, port 10032)")


def test_a_filter_on_the_same_machine_notes_its_results_below_what_it_handed_back() -> None:
    """As amavisd does, in Zimbra for one."""
    amavis = results("dkim=pass (2048-bit key) header.d=bps.go.id", f"{US} (amavisd-new)")
    assert proves([STORED, BACK, amavis, INSIDE, TAKEN, SENT], US, OFFICER)
    assert not proves([STORED, BACK, INSIDE, TAKEN, amavis, INSIDE, TAKEN], US, OFFICER)


@pytest.mark.parametrize(
    "came",
    [
        "from localhost (jahat.example [203.0.113.5])",
        "from [127.0.0.1] (jahat.example [203.0.113.5])",
        "from [127.0.0.1] (203.0.113.5)",
        "from x (localhost [127.0.0.1]) (jahat.example [203.0.113.5])",
        "from [127.0.0.1]",
    ],
)
def test_a_stranger_can_not_pass_for_the_machine_itself(came: str) -> None:
    border = ("received", f"{came} by {US} (Postfix) with ESMTPS id 3; Mon, 6 Jul 2026 01:00:00 +0000")
    assert not proves([border, PASS, TAKEN], US, OFFICER)
    assert not proves([border, PASS, BACK], US, OFFICER)


def test_a_mail_without_a_trace_proves_nothing() -> None:
    assert not proves([], US, OFFICER)
    assert not proves([PASS], US, OFFICER)
    assert not proves([PASS, TAKEN], US, "")
