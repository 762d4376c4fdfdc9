"""Three hundred mails that waited five days, among them all that mailboxes really hold."""

import random
from base64 import b64encode
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from handlers import compose

MEGABYTE = 1024 * 1024
CITIZENS = 70
OUTAGE = timedelta(days=5)
BEGAN = compose.now() - OUTAGE
_TOPICS = ("PDRB", "IPM", "inflasi", "jumlah penduduk", "kemiskinan", "produksi padi", "panjang jalan")


def mails() -> list[bytes]:
    """The mails in the order they came: 300, of which 5 malformed, 10 without a Message-ID, 20 automatic,
    3 with another's Message-ID, 2 of about 30 MB (one beyond the limit), 1 with 100,000 bytes of header.
    """
    chosen = random.Random(5)  # noqa: S311  # the same outage every time
    special = [
        *_malformed(),
        *map(_without_id, range(10)),
        *map(_automatic, range(20)),
        *map(_reused, range(3)),
    ]
    special += [_heavy(21), _heavy(24), _long_header()]
    plain = [_plain(number) for number in range(300 - len(special))]
    last = plain[-3:]
    rest = special + plain[:-3]
    chosen.shuffle(rest)
    return rest + last


def came_at(number: int) -> datetime:
    """When mail *number* reached the mailbox."""
    return BEGAN + OUTAGE * number / 300


def _mail(number: int, text: str, subject: str) -> EmailMessage:
    citizen = number % CITIZENS
    mail = EmailMessage(policy=SMTP)
    mail["From"] = f"Warga {citizen} <warga{citizen}@contoh.id>"
    mail["To"], mail["Subject"] = "bps7411@bps.go.id", subject
    mail["Date"] = format_datetime(came_at(number))
    mail["Message-ID"] = f"<{number}.outage@contoh.id>"
    mail.set_content(text)
    return mail


def _plain(number: int) -> bytes:
    topic = _TOPICS[number % len(_TOPICS)]
    text = (
        f"Selamat siang, mohon data {topic} Kolaka Timur tahun 20{number % 20:02d} untuk skripsi no {number}."
    )
    mail = _mail(number, text, f"Permohonan {topic} {number}")
    if number % 5 == 4 and number >= CITIZENS:
        del mail["Subject"]
        mail["Subject"] = f"Re: Permohonan {_TOPICS[(number - CITIZENS) % len(_TOPICS)]} {number - CITIZENS}"
        mail["In-Reply-To"] = f"<{number - CITIZENS}.outage@contoh.id>"
    if number % 7 == 3:
        mail.add_attachment(
            b"%PDF-1.4 " + str(number).encode(), maintype="application", subtype="pdf", filename="surat.pdf"
        )
    return mail.as_bytes()


def _without_id(number: int) -> bytes:
    mail = _mail(400 + number, f"Mohon data tanpa tanda nomor {number} tahun 2023.", f"Tanpa id {number}")
    del mail["Message-ID"]
    return mail.as_bytes()


def _automatic(number: int) -> bytes:
    mail = _mail(500 + number, "Saya sedang cuti sampai Senin.", "Balasan otomatis: KTM")
    mail["Auto-Submitted"] = "auto-replied"
    return mail.as_bytes()


def _reused(number: int) -> bytes:
    mail = _mail(
        600 + number,
        f"Ini surat lain dengan tanda yang sama, nomor {number}, data 2022.",
        "Tanda dipakai lagi",
    )
    del mail["Message-ID"]
    mail["Message-ID"] = "<7.outage@contoh.id>"
    return mail.as_bytes()


def _heavy(megabytes: int) -> bytes:
    """*megabytes* of content, a third more as base64."""
    head = _mail(700 + megabytes, "x", f"Lampiran {megabytes}")
    del head["Content-Type"], head["Content-Transfer-Encoding"]
    kept = "".join(f"{name}: {value}\r\n" for name, value in head.items() if name != "MIME-Version")
    content = b64encode(bytes([megabytes]) * (megabytes * MEGABYTE))
    lines = b"\r\n".join(content[at : at + 76] for at in range(0, len(content), 76))
    told = f"Terlampir berkas {megabytes} MB, mohon dicek datanya."
    opening = (
        f'{kept}MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="x"\r\n\r\n'
        f"--x\r\n\r\n{told}\r\n--x\r\nContent-Type: application/pdf\r\n"
        'Content-Disposition: attachment; filename="besar.pdf"\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return opening.encode() + lines + b"\r\n--x--\r\n"


def _long_header() -> bytes:
    return (
        b"X-Panjang: "
        + b"a " * 50_000
        + b"\r\n"
        + _mail(800, "Mohon data IPM 2021.", "Kepala panjang").as_bytes()
    )


def _malformed() -> list[bytes]:
    nested = b"".join(
        f'Content-Type: multipart/mixed; boundary="b{depth}"\r\n\r\n--b{depth}\r\n'.encode()
        for depth in range(60)
    )
    return [
        b"Subject: tanpa pengirim\r\n\r\nTidak ada From di sini.\r\n",
        b"From: a@contoh.id\r\nSubject: bersarang\r\n" + nested + b"\r\nisi\r\n",
        b"From: " + b"(" * 500 + b" b@contoh.id\r\nSubject: kurung\r\n\r\nisi\r\n",
        bytes(range(1, 256)) * 20,
        b"From: c@contoh.id\r\nSubject: =?x?q?=E4?=\r\nContent-Type: text/plain; charset=y\r\n\r\n\xff",
    ]
