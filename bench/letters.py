"""What citizens mail: small mails as their programs write them, every fifth an answer in an old thread."""

from email.message import EmailMessage
from email.policy import SMTP

ADDRESS = "bps6302@bps.go.id"
_TOPICS = ("PDRB", "IPM", "inflasi", "jumlah penduduk", "kemiskinan", "produksi padi", "panjang jalan")
_REQUEST = """Selamat pagi Bapak dan Ibu,

saya mahasiswa yang sedang menyusun skripsi dan memerlukan data {topic} Kabupaten Kotabaru tahun {year} sampai
2024, kalau ada menurut kecamatan, dalam bentuk Excel. Nomor permohonan saya di kampus: {number}.

Atas perhatian Bapak dan Ibu saya ucapkan terima kasih.

--
{name}
Universitas Contoh
"""
_ANSWER = """Baik, terima kasih. Yang saya perlukan untuk permohonan {number} cukup tahun {year} saja.

Pada Sen, 6 Jul 2026 pukul 08.15 BPS Kabupaten Kotabaru <bps6302@bps.go.id> menulis:

> Permohonan Anda sudah kami terima dan sedang kami kerjakan.
> Mohon dijawab: data tahun berapa saja yang diperlukan?
>
> BPS Kabupaten Kotabaru
"""


def pile(run: str, many: int) -> list[bytes]:
    """*many* mails of about 2 kB in the order they came; *run* tells them from those of any other run.

    Every citizen asks three things in threads of their own. Every fifth mail answers in one of them, by its
    Message-ID. Every second one has a part in HTML.
    """
    requests = [number for number in range(many) if number % 5 != 4]
    citizens = {number: place % max(1, len(requests) // 3) for place, number in enumerate(requests)}
    return [_mail(run, number, citizens, requests) for number in range(many)]


def _mail(run: str, number: int, citizens: dict[int, int], requests: list[int]) -> bytes:
    about = number if number in citizens else requests[number * 2 // 5]
    name = f"Warga {citizens[about]}"
    told = {"number": number, "name": name, "year": 2015 + number % 9, "topic": _TOPICS[about % len(_TOPICS)]}
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = f"{name} <{run}.{citizens[about]}@contoh.id>", ADDRESS
    mail["Subject"] = f"{'' if about == number else 'Re: '}Permohonan data {told['topic']} ({about})"
    mail["Date"], mail["Message-ID"] = "Mon, 06 Jul 2026 08:15:00 +0800", _id(run, number)
    if about != number:
        mail["In-Reply-To"] = mail["References"] = _id(run, about)
    text = (_REQUEST if about == number else _ANSWER).format(**told)
    mail.set_content(text)
    if number % 2:
        lines = "".join(f"<div>{line or '<br>'}</div>\n" for line in text.splitlines())
        mail.add_alternative(f'<div dir="ltr">{lines}</div>', subtype="html")
    return _RECEIVED + mail.as_bytes()


def _id(run: str, number: int) -> str:
    return f"<{run}.{number}@contoh.id>"


_RECEIVED = b"".join(
    b"Received: from mx%d.contoh.id (mx%d.contoh.id [192.0.2.%d])\r\n"
    b"\tby mx.bps.go.id (Postfix) with ESMTPS id 4Xy7Qp0000000%d\r\n"
    b"\tfor <bps6302@bps.go.id>; Mon,  6 Jul 2026 08:15:0%d +0800 (WITA)\r\n" % (hop, hop, hop, hop, hop)
    for hop in range(1, 4)
)
