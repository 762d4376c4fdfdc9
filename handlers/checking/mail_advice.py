"""What to do when a mail server does not let us in, from the words it said."""

import re
from dataclasses import dataclass

from handlers.settings.shape import Imap, Mailbox, Smtp

Advice = tuple[str, str]
"""A sentence in Indonesian and in English."""

_MICROSOFT = re.compile(r"(?:^|\.)(?:office365\.com|outlook\.com|office\.com)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A server that was asked, and what it said; ``sign_in``: it was reached, and did not believe us."""

    name: str
    box: Mailbox
    part: str
    words: str
    sign_in: bool

    @property
    def server(self) -> Imap | Smtp:
        """The server that refused."""
        return self.box.imap if self.part == "imap" else self.box.smtp

    @property
    def path(self) -> str:
        """Where its settings stand."""
        return f"channels.email.mailboxes.{self.name}.{self.part}"


def advice(refusal: Refusal) -> Advice:
    """What to try, the likeliest reason first."""
    for pattern, indonesian, english in _BY_WORDS:
        if re.search(pattern, refusal.words, re.IGNORECASE):
            return _filled(refusal, indonesian, english)
    if refusal.sign_in:
        return _filled(refusal, *_about_sign_in(refusal))
    return _filled(refusal, *_UNKNOWN)


def _filled(refusal: Refusal, indonesian: str, english: str) -> Advice:
    secret = (refusal.box.password or "").removeprefix("env:")
    values = {
        "path": refusal.path,
        "host": refusal.server.host,
        "port": refusal.server.port,
        "user": refusal.box.sign_in_name,
        "name": refusal.name,
        "secret": secret or "password",
        "folder": refusal.box.imap.folder,
    }
    return indonesian.format_map(values), english.format_map(values)


def _about_sign_in(refusal: Refusal) -> Advice:
    if refusal.box.oauth:
        return _TOKEN
    if _MICROSOFT.search(refusal.server.host):
        return _MICROSOFT_PASSWORD
    return _PASSWORD


_TOKEN = (
    "token ditolak: jalankan lagi loket mailbox authorize {name}, dan masuk di sana sebagai {user}.",
    "the token was refused: run loket mailbox authorize {name} again, and sign in there as {user}.",
)
_MICROSOFT_PASSWORD = (
    "Microsoft 365 tidak lagi menerima kata sandi: gunakan oauth (docs/email.md, Microsoft 365).",
    "Microsoft 365 takes no passwords any more: use oauth (docs/email.md, Microsoft 365).",
)
_PASSWORD = (
    (
        "nama {user} atau kata sandinya ditolak: periksa {secret}. Bila akun memakai verifikasi dua langkah,"
        " diperlukan sandi aplikasi."
    ),
    (
        "the name {user} or its password was refused: look at {secret}. An account with two-step"
        " verification needs an app password."
    ),
)
_UNKNOWN = (
    "periksa {path}, atau tanyakan kepada pengelola server {host}.",
    "look at {path}, or ask whoever runs the server {host}.",
)
# What servers and libraries are known to say; the first that fits counts.
_BY_WORDS: tuple[tuple[str, str, str], ...] = (
    (
        r"gaierror|name or service not known|no address associated|name resolution",
        "nama {host} tidak ditemukan: periksa {path}.host, dan DNS server ini.",
        "there is no server called {host}: look at {path}.host, and at this machine's DNS.",
    ),
    (
        r"ConnectionRefused|connection refused|unreachable\b.*Network|no route to host",
        "{host} menolak sambungan pada port {port}: periksa {path}.port dan .security.",
        "{host} refuses connections on port {port}: look at {path}.port and .security.",
    ),
    (
        r"timed? ?out|TimeoutError",
        "{host} tidak menjawab pada port {port}: periksa {path}.port, atau firewall server ini.",
        "{host} does not answer on port {port}: look at {path}.port, or at this machine's firewall.",
    ),
    (
        r"hostname mismatch|ip address mismatch|doesn't match|not valid for",
        "sertifikatnya bukan untuk nama {host}: tulis di {path}.host nama yang tertera pada sertifikat.",
        "its certificate is not for the name {host}: write the name on the certificate into {path}.host.",
    ),
    (
        r"certificate has expired|not yet valid",
        "sertifikatnya kedaluwarsa: hubungi pengelola {host}, dan periksa jam server ini.",
        "its certificate is out of date: ask whoever runs {host}, and look at this machine's clock.",
    ),
    (
        r"self[- ]signed|unable to get (?:local )?issuer|CERTIFICATE_VERIFY_FAILED|CertVerification",
        (
            "sertifikatnya tidak dikenal: minta sertifikat CA dari pengelola {host}, simpan sebagai berkas,"
            " lalu tulis namanya di {path}.ca_file."
        ),
        (
            "its certificate is unknown: ask whoever runs {host} for the CA's certificate, and name the file"
            " in {path}.ca_file."
        ),
    ),
    (
        r"WRONG_VERSION_NUMBER|record layer|wrong version|UNEXPECTED_EOF|SSLEOFError|SSLError",
        "port {port} tidak langsung memakai TLS: coba {path}.security: starttls, atau port lain.",
        "port {port} does not begin with TLS: try {path}.security: starttls, or another port.",
    ),
    (
        r"does not support STARTTLS|offers no safe connection|STARTTLS extension not supported",
        "{host} tidak menawarkan STARTTLS pada port {port}: coba {path}.security: tls.",
        "{host} does not offer STARTTLS on port {port}: try {path}.security: tls.",
    ),
    (
        r"application-specific password|app(?:lication)? password|5\.7\.9\b|InvalidSecondFactor",
        "akun ini memerlukan sandi aplikasi (app password): buat di pengaturan akun, isikan ke {secret}.",
        "this account needs an app password: make one in the account's settings, put it into {secret}.",
    ),
    (
        r"not enabled for IMAP|IMAP access is disabled|IMAP is disabled|IMAP.{0,20}not (?:enabled|allowed)",
        "IMAP belum diaktifkan untuk kotak surat ini: nyalakan di pengaturannya, lalu coba lagi.",
        "IMAP is not switched on for this mailbox: switch it on in its settings, then try again.",
    ),
    (
        r"SmtpClientAuth|5\.7\.57\b|SMTP ?AUTH.{0,20}disabled",
        (
            'SMTP AUTH dimatikan di Microsoft 365: pengelola menyalakan "Authenticated SMTP"'
            " untuk kotak surat ini."
        ),
        (
            'SMTP AUTH is off at Microsoft 365: an administrator switches "Authenticated SMTP" on for this'
            " mailbox."
        ),
    ),
    (
        r"authenticated but not connected",
        (
            "token diterima tetapi kotak surat {user} tidak terbuka: periksa user, lisensinya, dan"
            " apakah IMAP dinyalakan untuknya."
        ),
        (
            "the token was taken but the mailbox {user} does not open: look at user, at its licence, and"
            " whether IMAP is switched on for it."
        ),
    ),
    (
        r"basic ?auth|5\.7\.139\b",
        *_MICROSOFT_PASSWORD,
    ),
    (
        r"no refresh token|not authorized yet|authorize",
        "belum ada izin masuk: jalankan loket mailbox authorize {name}.",
        "there is no leave to sign in yet: run loket mailbox authorize {name}.",
    ),
    (
        r"NONEXISTENT|TRYCREATE|mailbox doesn't exist|unknown mailbox|no such (?:mailbox|folder)",
        "folder {folder} tidak ada: periksa {path}.folder.",
        "there is no folder {folder}: look at {path}.folder.",
    ),
    (
        r"doesn't allow this mailbox to send|not (?:owned|allowed).{0,30}sender|SendAsDenied|5\.7\.60\b",
        (
            "server tidak mengizinkan {user} mengirim atas nama alamat ini: samakan user dengan address, atau"
            " minta izin kirim (send as)."
        ),
        (
            "the server does not let {user} send as this address: let user and address be the same, or"
            " ask for leave to send as it."
        ),
    ),
)
