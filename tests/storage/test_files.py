"""Files stand under what is in them, once, whole."""

import hashlib
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
