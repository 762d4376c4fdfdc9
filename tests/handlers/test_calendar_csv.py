"""The calendar's CSV: what Excel and people write is read, or refused line by line; nothing is a formula."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from bot.calendar import DayKind
from handlers.calendar_changes import Said
from handlers.sheets import Unreadable
from handlers.web.calendar_csv import LARGEST, read, written
from tests.handlers.site import Site

HEAD = "tanggal,jenis,nama,jam\n"
DAY = date(2026, 8, 18)


@pytest.fixture(autouse=True)
def _speaking(site: Site) -> Any:
    """Refusals are told in an officer's language."""
    with site.app.test_request_context():
        yield


def row(name: str, kind: str = "closed", day: date = DAY, **more: Any) -> Any:
    values = {"hours": [], "source": "office", "estimated": False} | more
    return SimpleNamespace(day=day, kind=kind, name=name, **values)


def problems(content: bytes) -> list[str]:
    with pytest.raises(Unreadable) as caught:
        read(content, [])
    return caught.value.problems


@pytest.mark.parametrize("cell", ["2026-08-18", "18/08/2026", "18-08-2026", "18.08.2026", "8/8/2026 "])
def test_dates_as_people_write_them(cell: str) -> None:
    [day] = read(f"{HEAD}{cell},tutup,Banjir,\n".encode(), []).days
    assert day == (date(2026, 8, 8) if cell.startswith("8/") else DAY)


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_files_as_programs_save_them(mark: str, coding: str, end: str) -> None:
    lines = [
        ["Tanggal ", "JENIS", "nama", "jam"],
        ["18/08/2026", " Libur  Nasional", "Café", ""],
        ["", "", "", ""],
    ]
    content = end.join(mark.join(cells) for cells in lines)
    assert read(content.encode(coding), []).days == {DAY: Said(kind=DayKind.HOLIDAY, name="Café")}


def test_a_comma_in_a_name_is_no_separator_in_a_file_with_semicolons() -> None:
    content = 'tanggal;jenis;nama;jam\n2026-08-18;buka;"Rapat, lalu buka";08.00-12.00, 13.00 - 15.30\n'
    said = Said(kind=DayKind.OPEN, name="Rapat, lalu buka", hours=("08:00-12:00", "13:00-15:30"))
    assert read(content.encode(), []).days == {DAY: said}


@pytest.mark.parametrize(
    "name", ["=1+1", "+62", "-2", "@SUM(A1)", "\t=1", "'=1", "'", "''x", "Banjir, 'lagi'"]
)
def test_no_name_is_a_formula_and_each_comes_back_as_it_was(name: str) -> None:
    content = written([row(name)])
    cell = content.decode("utf-8-sig").splitlines()[1].split(",")[2].strip('"')
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    [said] = read(content, []).days.values()
    assert said is not None
    assert said.name == " ".join(name.split())


def test_what_stands_there_already_is_no_change() -> None:
    there = [row("Banjir"), row("Idul Fitri", "holiday", date(2027, 3, 10), source="library", estimated=True)]
    assert not read(written(there), there)
    assert read(written(there), there[1:]).days.keys() == {DAY}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("31/02/2026,tutup,x,", "tanggal tidak terbaca"),
        (",tutup,x,", "tanggal tidak terbaca"),
        ("08/18/2026,tutup,x,", "tanggal tidak terbaca"),
        ("18/08/26,tutup,x,", "tanggal tidak terbaca"),
        ("18/08/1926,tutup,x,", "tanggal tidak terbaca"),
        ("2026-08-18,,x,", "jenis harus"),
        ("2026-08-18,hapus,x,", "jenis harus"),
        ("2026-08-18", "jenis harus"),
        ("2026-08-18,tutup,,", "nama harus diisi"),
        (f"2026-08-18,tutup,{'x' * 121},", "nama harus diisi"),
        ("2026-08-18,buka,x,pagi", "jam tidak terbaca"),
        ("2026-08-18,buka,x,12.00-08.00", "jam tidak terbaca"),
        ("2026-08-18,tutup,x,08.00-12.00", "jam hanya untuk hari yang dibuka"),
        ("2026-08-17,tutup,x,", "tanggal ini sudah ada di baris lain"),
    ],
)
def test_a_bad_line_is_told_with_its_number(line: str, why: str) -> None:
    [told] = problems(f"{HEAD}2026-08-17,tutup,Baik,\n{line}\n2026-08-19,tutup,Baik juga,\n".encode())
    assert told.startswith(f"Baris 3: {why}")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "Baris pertama harus"),
        (b"2026-08-18,tutup,Banjir,\n", "Baris pertama harus"),
        (b"\x00\x01\x02\xff\xfe", "Baris pertama harus"),
        (b"PK\x03\x04" + b"\x00" * 100, "Baris pertama harus"),
        (HEAD.encode() + b"x" * LARGEST, "Berkas terlalu besar"),
        (HEAD.encode() + b"\n2026-08-18,tutup,x" * 2000, "Paling banyak 1000 baris"),
    ],
)
def test_what_is_no_such_file_is_refused(content: bytes, why: str) -> None:
    assert problems(content)[0].startswith(why)
