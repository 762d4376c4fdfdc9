"""The catalogue from and to a file: as Excel writes it, all or nothing, and through the command."""

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from handlers import catalogue_csv, searching
from handlers.cli import main
from handlers.sheets import Unreadable
from storage import schema
from storage.catalogue import Item
from storage.db import Database
from tests.driver import environment, write_shipped

GOOD = "judul,tautan,jenis,tanggal,ringkasan\n"


def test_a_line_becomes_an_item() -> None:
    content = (
        "Judul;Tautan;Jenis;Tanggal\r\nIPM 2025;https://a.id/1;BRS;28/02/2025\r\n\r\nBuku;https://a.id/2\r\n"
    )
    first, second = catalogue_csv.read(content.encode("utf-16"))
    assert (first.kind, first.title, first.released_on) == ("pressrelease", "IPM 2025", date(2025, 2, 28))
    assert (second.kind, second.link, second.released_on) == ("publication", "https://a.id/2", None)


def test_everything_that_is_wrong_is_told() -> None:
    content = f"{GOOD},https://a.id\nBuku,javascript:alert(1)\nBuku,https://a.id,buku,kemarin\n"
    with pytest.raises(Unreadable) as raised:
        catalogue_csv.read(content.encode())
    told = "\n".join(raised.value.problems)
    assert [f"line {number}" in told for number in (1, 2, 3, 4)] == [False, True, True, True]
    assert all(word in told for word in ("judul must", "tautan must", "jenis must", "tanggal can't"))


@pytest.mark.parametrize(
    "content", [b"", b"judul\nBuku\n", b"\xff\xfe\x00", b"x" * (catalogue_csv.LARGEST + 1)]
)
def test_what_is_no_such_file_is_refused(content: bytes) -> None:
    with pytest.raises(Unreadable):
        catalogue_csv.read(content)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    url = f"sqlite:///{tmp_path}/loket.db"
    database = Database(url, tmp_path / "data")
    schema.upgrade(database)
    database.close()
    return write_shipped(tmp_path, url)


def run(config: Path, *words: str) -> Result:
    return CliRunner(env=environment()).invoke(main, ["catalogue", *words, "--config", str(config)])


def test_a_file_is_read_searched_written_and_replaced(config: Path, tmp_path: Path) -> None:
    file = tmp_path / "katalog.csv"
    titles = ("Tarakan Dalam Angka 2025", "=SUM(A1) Inflasi Tarakan 2025")
    lines = [
        f'"{title}",https://tarakankota.bps.go.id/{place},,2025-02-28,' for place, title in enumerate(titles)
    ]
    file.write_text(GOOD + "\n".join(lines), "utf-8")
    assert run(config, "import", str(file), "--office", "6571").output == "2 items read\n"
    found = run(config, "search", "dalam", "angka", "trakan", "2025", "--office", "6571")
    assert found.exit_code == 0
    assert "Tarakan Dalam Angka 2025" in run(config, "search", "dda", "2025", "--office", "6571").output
    export = run(config, "export", "--office", "6571")
    assert export.exit_code == 0, export.exception
    written = run(config, "export", "--office", "6571").stdout_bytes.decode("utf-8-sig")
    assert "'=SUM(A1) Inflasi Tarakan 2025" in written
    file.write_text(written, "utf-8")
    assert run(config, "import", str(file), "--office", "6571", "--replace").output.endswith(
        ", 0 taken away\n"
    )
    assert "=SUM(A1)" in run(config, "search", "inflasi", "--office", "6571").output
    assert "6571  never fetched  publication 2 (csv)" in run(config, "list").output


def test_a_wrong_file_or_office_changes_nothing(config: Path, tmp_path: Path) -> None:
    file = tmp_path / "katalog.csv"
    file.write_text(f"{GOOD}Buku,https://a.id/1\nBuku,bukan tautan\n", "utf-8")
    refused = run(config, "import", str(file), "--office", "6571")
    assert (refused.exit_code, "line 3: tautan" in refused.output) == (1, True)
    assert "nothing" in run(config, "list").output
    assert "no office 0001" in run(config, "import", str(file), "--office", "0001").output


def test_fetching_needs_a_key(config: Path) -> None:
    refused = run(config, "fetch")
    assert (refused.exit_code, "webapi.key" in refused.output) == (1, True)


@pytest.mark.parametrize(
    ("website", "place"),
    [
        ("https://contohkab.bps.go.id", "contoh"),
        ("http://www.mawarkota.bps.go.id/", "mawar"),
        ("https://sultra.bps.go.id", "sultra"),
        ("https://contoh.go.id", ""),
        ("", ""),
    ],
)
def test_a_website_tells_how_its_place_is_shortened(website: str, place: str) -> None:
    assert searching.nickname(website) == place


def test_items_keep_their_identity_by_their_link() -> None:
    read = [catalogue_csv.read(f"judul,tautan\n{title},https://a.id/1".encode()) for title in ("Satu", "Dua")]
    assert read[0][0].external_id == read[1][0].external_id
    assert isinstance(read[0][0], Item)
