"""Files stand under what is in them, once, whole."""

import hashlib
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import pytest

from storage.files import Files


def test_stands_under_its_hash_once(tmp_path: Path) -> None:
    files = Files(tmp_path / "files")
    name = files.put(b"isi")
    assert name == hashlib.sha256(b"isi").hexdigest()
    assert files.put(b"isi") == name
    assert files.get(name) == b"isi"
    assert [path.name for path in files.path(name).parent.iterdir()] == [name]


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    files = Files(tmp_path / "files")
    path = files.path(files.put(b"rahasia"))
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


def test_what_is_not_there_is_none(tmp_path: Path) -> None:
    assert Files(tmp_path).get("0" * 64) is None


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "0" * 63, "0" * 65, "G" * 64, "0" * 62 + "/."])
def test_no_other_name_is_looked_for(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        Files(tmp_path).get(name)


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path) -> None:
    files = Files(tmp_path)
    full = patch("storage.files.os.fsync", side_effect=OSError(28, "No space left"))
    with full, pytest.raises(OSError, match="space"):
        files.put(b"isi")
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files.get(files.put(b"isi")) == b"isi"


def aged(path: Path) -> None:
    os.utime(path, (0, 0))


LATER = datetime(2000, 1, 1, tzinfo=UTC)


def test_what_is_old_goes_and_what_was_put_again_stays(tmp_path: Path) -> None:
    files = Files(tmp_path)
    name = files.put(b"isi")
    assert not files.is_older(name, LATER)
    assert not files.remove(name, LATER)
    assert files.get(name) == b"isi"
    aged(files.path(name))
    assert files.is_older(name, LATER)
    assert files.remove(name, LATER)
    assert files.get(name) is None
    assert files.remove(name, LATER)
    assert files.is_older(name, LATER)
    assert list(files.path(name).parent.iterdir()) == []


def test_of_putting_and_removing_at_once_putting_wins(tmp_path: Path) -> None:
    files = Files(tmp_path)
    name = files.put(b"isi")
    stop = threading.Event()

    def remove() -> None:
        while not stop.is_set():
            with suppress(FileNotFoundError):
                aged(files.path(name))
            files.remove(name, LATER)

    with ThreadPoolExecutor(1) as pool:
        removing = pool.submit(remove)
        names = {files.put(b"isi") for _ in range(300)}
        stop.set()
        removing.result()
    assert names == {name}
    assert files.put(b"isi") == name
    assert not files.remove(name, LATER)
    assert files.get(name) == b"isi"


def test_what_is_half_done_goes_once_it_is_old(tmp_path: Path) -> None:
    files = Files(tmp_path)
    name = files.put(b"isi")
    halves = [files.path(name).with_name(each) for each in ("tmpx", f"{name}.gone")]
    for half in halves:
        half.write_bytes(b"i")
    aged(halves[0])
    files.drop_unfinished(LATER)
    assert [half.exists() for half in halves] == [False, True]
    aged(halves[1])
    aged(files.path(name))
    files.drop_unfinished(LATER)
    assert [path.name for path in files.path(name).parent.iterdir()] == [name]
