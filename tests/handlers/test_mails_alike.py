"""Turns that share a transaction leave just the rows that turns of their own leave."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.policy import Registration, SearchFirst, Sla
from handlers.mailroom import handling
from handlers.mailroom.reading import Reader
from handlers.runtime import Runtime
from storage import catalogue, mails, officers
from storage.catalogue import Item
from tests.databases import SqliteTemplate
from tests.driver import Clock
from tests.handlers.alike import left
from tests.handlers.duties import TOPICS, shares
from tests.mailboxes import BOX, OFFICE, reading


def letter(number: int, who: str, text: str, subject: str = "Data", **head: str) -> bytes:
    """A mail of a citizen."""
    lines = {"From": f"{who.title()} Contoh <{who}@contoh.id>", "To": "bps6302@bps.go.id", "Subject": subject}
    lines |= {"Message-ID": f"<{number}@contoh.id>"} | {
        name.replace("_", "-"): it for name, it in head.items()
    }
    return ("".join(f"{name}: {it}\r\n" for name, it in lines.items()) + f"\r\n{text}\r\n").encode()


LETTERS = [
    letter(1, "ani", "Mohon luas panen padi Kotabaru tahun 2020 dan 2021."),
    letter(8, "fajar", "Yth. tiket KTB-2026-00001 saya bagaimana?", "KTB-2026-00001"),
    letter(2, "budi", "Mohon data inflasi Kotabaru tahun 2023, untuk skripsi."),
    letter(3, "citra", "Halo"),
    letter(4, "ani", "Tambahan: per kecamatan.", "Re: Data", In_Reply_To="<1@contoh.id>"),
    letter(5, "dewi", "Nama: Dewi Lestari\nInstansi: Universitas Contoh\nData: penduduk 2020"),
    letter(6, "budi", "Terima kasih", "Re: Data", In_Reply_To="<2@contoh.id>"),
    letter(7, "eka", "Saya mau mengadukan petugas yang kasar."),
    letter(9, "robot", "Saya cuti.", Auto_Submitted="auto-replied"),
    letter(11, "gita", "STOP"),
    letter(12, "hani", "Could you tell me the population of Kotabaru in 2020, please?"),
    letter(13, "ani", "Mohon data PDRB Kotabaru tahun 2019.", "Yang lain"),
    letter(3, "citra", "Halo"),
    letter(14, "citra", "Saya perlu data ekspor tahun 2022.", "Re: Data", In_Reply_To="<3@contoh.id>"),
    *[letter(20 + n, f"warga{n}", f"Mohon harga beras tahun {2010 + n}.") for n in range(12)],
]  # fmt: skip

# They go on threads of the pile before.
ANSWERS = [
    letter(50, "warga1", "Per kecamatan saja.", "Re: Data", In_Reply_To="<21@contoh.id>"),
    letter(51, "warga2", "Untuk skripsi.", "Re: Data", References="<1@contoh.id> <22@contoh.id>"),
    letter(52, "warga3", "Itu bukan surat saya.", "Re: Data", In_Reply_To="<21@contoh.id>"),
    letter(53, "budi", "Sampai kapan ditunggu?", "Re: Data", In_Reply_To="<2@contoh.id>"),
    letter(54, "budi", "Sampai kapan ditunggu?", "Re: Data", In_Reply_To="<2@contoh.id>"),
    letter(55, "eka", "Petugasnya kasar sekali.", "Re: Data", In_Reply_To="<7@contoh.id>"),
    letter(56, "joko", "Ikut bertanya.", "Re: Data", In_Reply_To="<2@contoh.id>"),
    letter(57, "warga4", "Batal.", "Re: Data", In_Reply_To="<tak-dikenal@contoh.id>"),
    letter(58, "warga5", "PENGADUAN", "Re: Data", In_Reply_To="<25@contoh.id>"),
    letter(59, "warga6", "Nama: Wati\nTahun 2020", "Re: Data", References=" ".join(
        f"<{number}@contoh.id>" for number in (*range(100, 160), 26)
    )),
]  # fmt: skip


def _as_shipped(_: Runtime) -> None:
    pass


def _registers(runtime: Runtime) -> None:
    offices = runtime.settings.offices
    offices[OFFICE] = replace(offices[OFFICE], registration=Registration(required_on=("email",)))


def _searches(runtime: Runtime) -> None:
    """Something is published about some of the letters."""
    offices = runtime.settings.offices
    offices[OFFICE] = replace(offices[OFFICE], search_first=SearchFirst(enabled=True))
    titles = ("PDRB Kabupaten Kotabaru 2019", "Luas Panen Padi Kotabaru 2021", "Harga Beras 2015")
    items = [Item("publication", title, title, "https://contoh.id") for title in titles]
    with runtime.database.write() as connection:
        catalogue.keep(connection, OFFICE, "csv", items, "Kotabaru", runtime.clock())


def _gives(runtime: Runtime) -> None:
    offices = runtime.settings.offices
    offices[OFFICE] = replace(offices[OFFICE], sla=Sla(starts="received"))
    shares(runtime, OFFICE, assign="load", cap=3, topics=TOPICS)


def _tells_of_new_ones(runtime: Runtime) -> None:
    with runtime.database.write() as connection:
        _hire(connection, runtime, "tuti", new=True)


@contextmanager
def desk(folder: Path, url: str) -> Iterator[Runtime]:
    """With two officers."""
    folder.mkdir()
    with reading(folder, url, "nowhere", 9, clock=Clock()) as runtime:
        with runtime.database.write() as connection:
            _hire(connection, runtime, "rahma", new=False)
            _hire(connection, runtime, "sinta", new=False)
        yield runtime


def _hire(connection: Connection, runtime: Runtime, name: str, *, new: bool) -> None:
    who: dict[str, Any] = {"email": f"{name}@bps.go.id", "name": name.title(), "password_hash": "x"}
    added = officers.add(connection, **who, now=runtime.clock())
    officers.set_role(connection, added, OFFICE, "officer")
    officers.set_mail_wishes(
        connection, added, OFFICE, officers.MailWishes(mine=True, new=new, reminders=True)
    )


def arrive(runtime: Runtime, letters: Sequence[bytes], before: int = 0) -> None:
    """All these letters wait, then all get their turns; so many came *before*."""
    rows = [
        {"office": OFFICE, "uid": uid, "size": len(raw), "whole": True, "raw": raw, "received_at": None}
        | {"sha256": sha256(raw).hexdigest()}
        for uid, raw in enumerate(letters, before + 1)
    ]
    with runtime.database.write() as connection:
        mails.keep(connection, BOX, rows, 1, before + len(rows), runtime.clock())
    with Reader(handling.ours(runtime)) as reader:
        handling.handle_waiting(runtime, reader, BOX)


@pytest.mark.parametrize("ruled", [_as_shipped, _tells_of_new_ones, _registers, _searches, _gives])
def test_together_or_one_by_one(
    ruled: Callable[[Runtime], None],
    sqlite_template: SqliteTemplate,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    found = []
    for together in (handling.TOGETHER, 1):
        monkeypatch.setattr(handling, "TOGETHER", together)
        place = tmp_path / str(together)
        url = sqlite_template.copy(tmp_path)
        with desk(place, url) as runtime:
            ruled(runtime)
            arrive(runtime, LETTERS)
            arrive(runtime, ANSWERS, before=len(LETTERS))
            found.append(left(runtime.database))
    assert len(found[1]["ticket"]) >= 18
    assert "do not go together" not in caplog.text
    assert found[0] == found[1]
