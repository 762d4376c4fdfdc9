"""What citizens mail: small mails with all that real servers write above them, every fifth an answer."""

import base64
import hashlib
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
# As Google's servers, and one of ours, write them; {…} stands for signatures.
_ABOVE = """\
Return-Path: <{author}>
Delivered-To: bps6302@bps.go.id
Received: from mx.bps.go.id ([192.0.2.7])
\tby mbox3.bps.go.id with LMTP id {s20}; Mon, 06 Jul 2026 08:15:09 +0800
Received: from mail-oa1-f51.contoh.id (mail-oa1-f51.contoh.id [192.0.2.51])
\tby mx.bps.go.id (Postfix) with ESMTPS id 4Xy7Qp0000000
\tfor <bps6302@bps.go.id>; Mon,  6 Jul 2026 08:15:08 +0800 (WITA)
Authentication-Results: mx.bps.go.id;
\tdkim=pass (2048-bit key; unprotected) header.d=contoh.id header.i=@contoh.id header.b={s8};
\tspf=pass smtp.mailfrom={author}; dmarc=pass (policy=none) header.from=contoh.id
Received: by mail-oa1-f51.contoh.id with SMTP id {s20}so1234567fac.1
\tfor <bps6302@bps.go.id>; Sun, 05 Jul 2026 17:15:07 -0700 (PDT)
ARC-Seal: i=1; a=rsa-sha256; t=1783296907; cv=none;
\td=contoh.id; s=arc-20240605;
\tb={s344}
ARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed; d=contoh.id; s=arc-20240605;
\th=to:subject:message-id:date:from:mime-version:dkim-signature;
\tbh={s44}; fh={s44};
\tb={s344}; dara=contoh.id
ARC-Authentication-Results: i=1; mx.contoh.id; arc=none
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
\td=contoh.id; s=20230601; t=1783296907; x=1783901707; darn=bps.go.id;
\th=to:subject:message-id:date:from:mime-version:from:to:cc:subject
\t :date:message-id:reply-to;
\tbh={s44};
\tb={s344}
X-Contoh-DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
\td=1e100.contoh.id; s=20230601; t=1783296907; x=1783901707;
\th=to:subject:message-id:date:from:mime-version:x-gm-message-state
\t :from:to:cc:subject:date:message-id:reply-to;
\tbh={s44};
\tb={s344}
X-Gm-Message-State: AOJu0Y{s64}
\t{s64}
X-Gm-Gg: ASbGnc{s64}
\t{s64}
X-Smtp-Source: AGHT+I{s64}
X-Received: by 2002:a05:6870:e98f:b0:2d5:1232:b4e6 with SMTP id
 {s44}.1.1783296907212; Sun, 05 Jul 2026 17:15:07 -0700 (PDT)
"""


def pile(run: str, many: int) -> list[bytes]:
    """*many* mails of about 5 kB in the order they came; *run* tells them from those of any other run.

    Every citizen asks three things in threads of their own. Every fifth mail answers in one of them, by its
    Message-ID. Every second one has a part in HTML.
    """
    requests = [number for number in range(many) if number % 5 != 4]
    citizens = {number: place % max(1, len(requests) // 3) for place, number in enumerate(requests)}
    return [_mail(run, number, citizens, requests) for number in range(many)]


def _mail(run: str, number: int, citizens: dict[int, int], requests: list[int]) -> bytes:
    about = number if number in citizens else requests[number * 2 // 5]
    name, author = f"Warga {citizens[about]}", f"{run}.{citizens[about]}@contoh.id"
    told = {"number": number, "name": name, "year": 2015 + number % 9, "topic": _TOPICS[about % len(_TOPICS)]}
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = f"{name} <{author}>", ADDRESS
    mail["Subject"] = f"{'' if about == number else 'Re: '}Permohonan data {told['topic']} ({about})"
    mail["Date"], mail["Message-ID"] = "Mon, 06 Jul 2026 08:15:00 +0800", _id(run, number)
    if about != number:
        mail["In-Reply-To"] = mail["References"] = _id(run, about)
    text = (_REQUEST if about == number else _ANSWER).format(**told)
    mail.set_content(text)
    if number % 2:
        lines = "".join(f"<div>{line or '<br>'}</div>\n" for line in text.splitlines())
        mail.add_alternative(f'<div dir="ltr">{lines}</div>', subtype="html")
    return _above(author, _id(run, number)) + mail.as_bytes()


def _id(run: str, number: int) -> str:
    return f"<{run}.{number}@contoh.id>"


def _above(author: str, message_id: str) -> bytes:
    """What servers have written above the mail; every signature is another one."""
    letters = base64.b64encode(hashlib.shake_256(message_id.encode()).digest(258)).decode()
    signs = {f"s{size}": letters[:size] for size in (8, 20, 44, 64)}
    long = "\n\t ".join(letters[at : at + 72] for at in range(0, 344, 72))
    return _ABOVE.format(author=author, s344=long, **signs).replace("\n", "\r\n").encode()
