"""``loket mailbox probe`` against a real Dovecot and a real SMTP server: each step, right and wrong."""

import ssl
from collections.abc import Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme

from channels.email.imap import open_mailbox
from handlers import compose, databases
from handlers.checking.findings import Finding, Level
from handlers.checking.mail_advice import Refusal, advice
from handlers.checking.round_trip import prove
from handlers.mailroom.fetching import fetch
from handlers.runtime import Runtime
from handlers.settings import load
from tests.dovecot import Dovecot, new_user
from tests.mail_host import ADDRESS, MailHost, environment, running_mail_host, write_config

SHORT = timedelta(seconds=0.5)
PLENTY = timedelta(seconds=20)
RECEIVER = b"Authentication-Results: MX.bps.go.id; dmarc=pass header.from=bps.go.id\r\n"


def proof(
    folder: Path,
    box: Mapping[str, Any],
    environ: Mapping[str, str] | None = None,
    *,
    patience: timedelta = PLENTY,
    with_tag: timedelta = PLENTY,
) -> list[Finding]:
    """All findings about the one mailbox."""
    settings = load(write_config(folder, {"koltim": box}), {})
    runtime = compose.compose(settings, environ or environment())
    with closing(runtime.database):
        databases.make_ready(runtime.database, runtime.clock())
        return [*prove(runtime, "koltim", patience, with_tag)]


def said(findings: list[Finding], level: Level) -> list[str]:
    return [finding.english for finding in findings if finding.level is level]


def test_mail_goes_round_and_the_mailbox_is_as_it_was(tmp_path: Path, dovecot: Dovecot) -> None:
    with running_mail_host(dovecot, stamp=RECEIVER) as host:
        dovecot.put(host.user, [b"Subject: a citizen's\r\n\r\nhalo\r\n"])
        imap = {**host.mailbox()["imap"], "start": "new"}
        findings = proof(tmp_path, host.mailbox(trusted_receiver="mx.bps.go.id", imap=imap))
        lines = said(findings, Level.OK)
        assert said(findings, Level.ERROR) + said(findings, Level.WARNING) == []
        assert lines[:2] == [
            f"koltim: SMTP 127.0.0.1:{host.port}: signed in as {host.user}.",
            f"koltim: IMAP 127.0.0.1:{dovecot.port}: signed in as {host.user}, the folder INBOX opens.",
        ]
        assert lines[2].startswith("koltim: a mail to ourselves came back after ")
        assert lines[3:] == [
            "koltim: mx.bps.go.id writes Authentication-Results.",
            "koltim: plus addresses arrive.",
        ]
        assert len(host.taken) == 2
        assert [raw[:22] for raw in dovecot.mails(host.user).values()] == [b"Subject: a citizen's\r\n"]
        assert list(dovecot.flags(host.user).values()) == [set()]


def test_an_answer_that_a_person_wrote_to_a_probe_stays(tmp_path: Path, dovecot: Dovecot) -> None:
    with running_mail_host(dovecot) as host:
        proof(tmp_path, host.mailbox())
        subject = next(line for line in host.taken[0].split(b"\r\n") if line.startswith(b"Subject:"))
        word = subject.split()[-1]
        dovecot.put(host.user, [b"Subject: Re: " + word + b"\r\n\r\nwhat is this?\r\n"])
        proof(tmp_path, host.mailbox())
        assert len(dovecot.mails(host.user)) == 1


def test_what_a_running_desk_has_moved_already_is_found(tmp_path: Path, dovecot: Dovecot) -> None:
    with running_mail_host(dovecot, folder="Loket") as host:
        with dovecot.client(host.user) as client:
            client.create_folder("Loket")
        imap = {**host.mailbox()["imap"], "processed": "Loket"}
        assert said(proof(tmp_path, host.mailbox(imap=imap)), Level.ERROR) == []
        assert dovecot.mails(host.user, "Loket") == {}


def test_the_copy_in_sent_goes_too(tmp_path: Path, dovecot: Dovecot) -> None:
    with running_mail_host(dovecot, folder="Sent") as host:
        smtp = {**host.mailbox()["smtp"], "sent_folder": "Sent"}
        proof(tmp_path, host.mailbox(smtp=smtp))
        assert dovecot.mails(host.user, "Sent") == {}


def test_a_receiver_that_is_not_named_yet(tmp_path: Path, dovecot: Dovecot) -> None:
    with running_mail_host(dovecot, stamp=RECEIVER) as host:
        (line,) = said(proof(tmp_path, host.mailbox()), Level.WARNING)
    assert line.startswith(
        "channels.email.mailboxes.koltim.trusted_receiver: Authentication-Results came from: mx.bps.go.id;"
    )


def test_a_receiver_that_says_nothing(tmp_path: Path, dovecot: Dovecot) -> None:
    with running_mail_host(dovecot) as host:
        (line,) = said(proof(tmp_path, host.mailbox(trusted_receiver="mx.bps.go.id")), Level.WARNING)
    assert "bore no Authentication-Results of mx.bps.go.id" in line


@pytest.mark.parametrize(
    ("plus", "said_so", "level", "words"),
    [
        (True, False, Level.WARNING, "plus addresses arrive: switch plus_addressing on"),
        (False, True, Level.ERROR, "plus addresses do not arrive: switch plus_addressing off"),
        (False, False, Level.OK, "plus addresses do not arrive; leave plus_addressing off"),
    ],
)
def test_plus_addresses(
    tmp_path: Path, dovecot: Dovecot, plus: bool, said_so: bool, level: Level, words: str
) -> None:
    with running_mail_host(dovecot, plus=plus) as host:
        findings = proof(tmp_path, host.mailbox(plus_addressing=said_so))
    assert any(words in line for line in said(findings, level))


def test_mail_that_never_comes_back(tmp_path: Path, dovecot: Dovecot) -> None:
    with running_mail_host(dovecot, loses=True) as host:
        findings = proof(tmp_path, host.mailbox(), patience=SHORT, with_tag=SHORT)
    assert any("did not come back within 0 seconds" in line for line in said(findings, Level.ERROR))


def test_mail_that_is_taken_for_spam(tmp_path: Path, dovecot: Dovecot) -> None:
    with running_mail_host(dovecot, folder="Junk") as host:
        with dovecot.client(host.user) as client:
            client.create_folder("Junk")
        findings = proof(tmp_path, host.mailbox(), patience=SHORT, with_tag=SHORT)
    assert any("went to the folder Junk" in line for line in said(findings, Level.ERROR))


def test_a_wrong_password_is_told_for_each_side_and_never_repeated(tmp_path: Path, dovecot: Dovecot) -> None:
    with running_mail_host(dovecot) as host:
        findings = proof(tmp_path, host.mailbox(), {**environment(), "MAIL_PASSWORD": "hunter2"})
        assert host.taken == []
    errors = said(findings, Level.ERROR)
    assert [line.split()[1] for line in errors] == ["SMTP", "IMAP"]
    assert all(
        f"the name {host.user} or its password was refused: look at MAIL_PASSWORD." in e for e in errors
    )
    assert not any("hunter2" in finding.english + finding.indonesian for finding in findings)


def test_a_folder_that_is_not_there(tmp_path: Path, dovecot: Dovecot) -> None:
    with running_mail_host(dovecot) as host:
        imap = {**host.mailbox()["imap"], "folder": "PST"}
        (line,) = said(proof(tmp_path, host.mailbox(imap=imap)), Level.ERROR)
    assert line.endswith("there is no folder PST: look at channels.email.mailboxes.koltim.imap.folder.")


def test_a_sender_that_the_host_does_not_let_send(tmp_path: Path, dovecot: Dovecot) -> None:
    with running_mail_host(dovecot, sender_refused="550 5.7.60 SendAsDenied") as host:
        lines = said(proof(tmp_path, host.mailbox()), Level.ERROR)
    assert f"the server does not let {host.user} send as this address" in lines[0]


def test_nobody_listens_there(tmp_path: Path, dovecot: Dovecot) -> None:
    with running_mail_host(dovecot) as host:
        gone = {"host": "127.0.0.1", "port": 1, "security": "none"}
        lines = said(proof(tmp_path, host.mailbox(imap=gone, smtp=gone)), Level.ERROR)
    assert [line.split("; ")[-1] for line in lines] == [
        f"127.0.0.1 refuses connections on port 1: look at channels.email.mailboxes.koltim.{part}.port"
        " and .security."
        for part in ("smtp", "imap")
    ]


def with_tls(host: MailHost, ca: Path | None, name: str = "127.0.0.1") -> dict[str, Any]:
    """The mailbox over TLS, trusting *ca*, at a host called *name*."""
    more = {"ca_file": str(ca)} if ca else {}
    imap = {"host": name, "port": host.dovecot.tls_port, "security": "tls", **more}
    smtp = {"host": name, "port": host.port, "security": "starttls", **more}
    return host.mailbox(imap=imap, smtp=smtp)


def tls_context(folder: Path, *names: str) -> tuple[ssl.SSLContext, Path]:
    """What a server for *names* shows, and the file with its authority."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "smtp-ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context, folder / "smtp-ca.pem"


def test_certificates_that_hold(tmp_path: Path, dovecot: Dovecot) -> None:
    context, ca = tls_context(tmp_path, "127.0.0.1")
    with running_mail_host(dovecot, context) as host:
        box = with_tls(host, dovecot.ca_file)
        findings = proof(tmp_path, {**box, "smtp": {**box["smtp"], "ca_file": str(ca)}})
        assert said(findings, Level.ERROR) == []
        assert len(host.taken) == 2


def test_certificates_of_an_unknown_authority(tmp_path: Path, dovecot: Dovecot) -> None:
    context, _ = tls_context(tmp_path, "127.0.0.1")
    with running_mail_host(dovecot, context) as host:
        lines = said(proof(tmp_path, with_tls(host, None)), Level.ERROR)
    assert len(lines) == 2
    assert all("its certificate is unknown" in line for line in lines)
    assert all(line.endswith("ca_file.") for line in lines)


def test_certificates_for_another_name(tmp_path: Path, dovecot: Dovecot) -> None:
    """Dovecot's is for 127.0.0.1 and localhost, so it is asked by another name of this machine."""
    context, ca = tls_context(tmp_path, "mail.example.org")
    with running_mail_host(dovecot, context) as host:
        box = with_tls(host, ca, "127.0.0.1")
        lines = said(proof(tmp_path, {**box, "imap": host.mailbox()["imap"]}), Level.ERROR)
    assert len(lines) == 1
    assert "its certificate is not for the name 127.0.0.1" in lines[0]


def test_a_port_that_does_not_begin_with_tls(tmp_path: Path, dovecot: Dovecot) -> None:
    with running_mail_host(dovecot) as host:
        imap = {"host": "127.0.0.1", "port": host.port, "security": "tls"}
        smtp = {"host": "127.0.0.1", "port": host.port, "security": "starttls"}
        lines = said(proof(tmp_path, host.mailbox(imap=imap, smtp=smtp)), Level.ERROR)
    assert lines[0].endswith(
        f"127.0.0.1 does not offer STARTTLS on port {host.port}: "
        "try channels.email.mailboxes.koltim.smtp.security: tls."
    )
    assert f"port {host.port} does not begin with TLS" in lines[1]


WORDS = [
    ("imap", "[ALERT] Application-specific password required", True, "needs an app password"),
    ("smtp", "534 5.7.9 Application-specific password required", True, "needs an app password"),
    ("imap", "[ALERT] Your account is not enabled for IMAP use", True, "IMAP is not switched on"),
    ("smtp", "535 5.7.139 SmtpClientAuthentication is disabled for the Tenant", True, "SMTP AUTH is off"),
    ("imap", "User is authenticated but not connected.", False, "the token was taken but the mailbox"),
    ("smtp", "535 5.7.139 basic authentication is disabled", True, "Microsoft 365 takes no passwords"),
    ("imap", "gaierror: [Errno -2] Name or service not known", False, "there is no server called"),
    ("imap", "TimeoutError: timed out", False, "does not answer on port"),
    (
        "smtp",
        "our mail server's certificate can't be trusted (certificate has expired)",
        False,
        "out of date",
    ),
    ("imap", "AUTHENTICATE failed", True, "or its password was refused"),
    ("imap", "the earth is flat", False, "or ask whoever runs the server"),
]


@pytest.mark.parametrize(("part", "words", "sign_in", "wanted"), WORDS, ids=[row[1][:40] for row in WORDS])
def test_what_large_providers_say_is_understood(
    tmp_path: Path, part: str, words: str, sign_in: bool, wanted: str
) -> None:
    box = {
        "address": ADDRESS,
        "imap": {"host": "imap.example.org"},
        "smtp": {"host": "smtp.example.org"},
        "password": "env:MAIL_PASSWORD",
    }
    settings = load(write_config(tmp_path, {"koltim": box}), {})
    refusal = Refusal("koltim", settings.channels.email.mailboxes["koltim"], part, words, sign_in)
    assert wanted in advice(refusal)[1]


def test_microsoft_and_tokens_have_words_of_their_own(tmp_path: Path) -> None:
    box: dict[str, Any] = {
        "address": ADDRESS,
        "imap": {"host": "outlook.office365.com"},
        "smtp": {"host": "smtp.office365.com"},
    }
    oauth = {"provider": "microsoft", "client_id": "x"}
    boxes = {"old": {**box, "password": "env:A"}}
    old = load(write_config(tmp_path, boxes), {}).channels.email.mailboxes["old"]
    new = load(write_config(tmp_path, {"new": {**box, "oauth": oauth}}), {}).channels.email.mailboxes["new"]
    assert "use oauth" in advice(Refusal("old", old, "imap", "LOGIN failed.", sign_in=True))[1]
    assert (
        "loket mailbox authorize new"
        in advice(Refusal("new", new, "imap", "AUTHENTICATE failed.", sign_in=True))[1]
    )


OLD = [b"Subject: 1\r\n\r\nlama\r\n", b"Subject: 2\r\n\r\nlama\r\n"]


def test_old_mails_are_told_of_before_they_become_tickets(tmp_path: Path, dovecot: Dovecot) -> None:
    with running_mail_host(dovecot) as host:
        dovecot.put(host.user, OLD)
        imap = {**host.mailbox()["imap"], "start": "all"}
        lines = said(proof(tmp_path, host.mailbox(imap=imap)), Level.WARNING)
        (line,) = [line.removeprefix("channels.email.mailboxes.koltim.imap.start: ") for line in lines]
        assert line.startswith("the folder INBOX holds mail already (2), and all of it will become tickets;")
        assert said(proof(tmp_path, host.mailbox()), Level.WARNING) == []


def test_only_what_is_new_is_read_where_that_is_wanted(tmp_path: Path, dovecot: Dovecot) -> None:
    user = new_user()
    dovecot.put(user, OLD)
    imap = {"host": "127.0.0.1", "port": dovecot.port, "security": "none", "start": "new"}
    smtp = {"host": "127.0.0.1", "port": 9, "security": "none"}
    box = {"address": ADDRESS, "user": user, "imap": imap, "smtp": smtp, "password": "env:MAIL_PASSWORD"}
    runtime = compose.compose(load(write_config(tmp_path, {"koltim": box}), {}), environment())
    with closing(runtime.database):
        databases.make_ready(runtime.database, runtime.clock())
        assert fetched(runtime) == 0
        dovecot.put(user, OLD[:1])
        assert fetched(runtime) == 1
        assert fetched(runtime) == 0


def fetched(runtime: Runtime) -> int:
    with open_mailbox(runtime.mailboxes["koltim"]) as opened:
        return fetch(runtime, "koltim", opened)
