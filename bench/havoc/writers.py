"""Citizens who write mails: each lies in the mailbox when the server has said so, every fifth answers one."""

import random
import threading
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from imapclient.exceptions import IMAPClientError

from bench.havoc.citizens import Pace
from bench.havoc.ledger import Ledger
from handlers import compose
from tests.dovecot import Dovecot

_TOPICS = ("PDRB", "IPM", "inflasi", "jumlah penduduk", "kemiskinan", "produksi padi", "panjang jalan")


def write(
    dovecot: Dovecot, boxes: list[str], ledger: Ledger, pace: Pace, seed: str, ended: threading.Event
) -> None:
    """Append mails to *boxes* at the pace, one after the other."""
    chosen, number = random.Random(seed), 0  # noqa: S311  # the same traffic every time
    mine: list[tuple[str, str, str]] = []
    while pace.turn(ended):
        box = chosen.choice(boxes)
        earlier = [one for one in mine if one[2] == box]
        answers = chosen.choice(earlier) if earlier and number % 5 == 4 else None
        mail = _mail(seed, number, box, answers)
        with suppress(OSError, IMAPClientError), dovecot.client(box) as client:
            client.append("INBOX", mail.as_bytes())
            ledger.mails.append(str(mail["Message-ID"]))
            if not answers:
                mine.append((str(mail["Message-ID"]), str(mail["From"]), box))
        number += 1


def _mail(seed: str, number: int, box: str, answers: tuple[str, str, str] | None) -> EmailMessage:
    topic = _TOPICS[number % len(_TOPICS)]
    mail = EmailMessage(policy=SMTP)
    mail["From"] = answers[1] if answers else f"Warga {number} <{seed}.{number}@contoh.id>"
    mail["To"], mail["Date"] = box, format_datetime(compose.now())
    mail["Subject"] = f"{'Re: ' if answers else ''}Permohonan data {topic}"
    mail["Message-ID"] = f"<{seed}.{number}.chaos@contoh.id>"
    if answers:
        mail["In-Reply-To"] = mail["References"] = answers[0]
    mail.set_content(
        f"Selamat siang, mohon data {topic} tahun 20{10 + number % 15} untuk skripsi no {number}."
    )
    return mail
