"""The wheel in an empty environment, run from another folder: everything it needs travels with it."""

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest
import requests

from tests import storm
from tests.driver import environment, write_config
from tests.ports import free_port

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment with the wheel in it; the libraries are borrowed from this one."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", folder, ROOT], check=True)
    venv.create(folder / "env", with_pip=False, symlinks=True)
    python = folder / "env" / "bin" / "python"
    (wheel,) = folder.glob("loket-*.whl")
    subprocess.run([*pip, "--python", python, "install", "--no-deps", "--no-index", wheel], check=True)
    site = next((folder / "env" / "lib").glob("python*/site-packages"))
    (site / "borrowed.pth").write_text(sysconfig.get_paths()["purelib"])
    return folder / "env" / "bin"


def run(installed: Path, folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run ``loket`` from *folder*, away from this repository."""
    known = {"PATH": os.environ["PATH"], **environment(), **more}
    return subprocess.run(
        [installed / "loket", *arguments],
        cwd=folder, env=known, capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip


def test_it_is_the_installed_code_that_runs(installed: Path, tmp_path: Path) -> None:
    """Not the checkout's."""
    asked = "import handlers; print(handlers.__file__)"
    found = subprocess.run(
        [installed / "python", "-c", asked], cwd=tmp_path, capture_output=True, text=True, check=True
    )  # fmt: skip
    assert Path(found.stdout.strip()).is_relative_to(installed.parent)


def test_without_a_configuration_it_names_the_sample(installed: Path, tmp_path: Path) -> None:
    """The sample lies inside the installed package, and it can be read."""
    answer = run(installed, tmp_path, "check")
    assert answer.returncode == 1
    named = [
        word.strip(".,;:'\"()") for word in (answer.stdout + answer.stderr).split() if "config.yaml" in word
    ]
    sample = next(Path(word) for word in named if Path(word).is_absolute())
    assert sample.is_relative_to(installed.parent)
    assert "7411" in sample.read_text("utf-8")
    checked = run(installed, tmp_path, "check", "--config", str(sample))
    assert "KTM: belum dikonfirmasi: Nomor surat keputusan" in checked.stdout


def test_it_serves_from_another_folder(installed: Path, tmp_path: Path) -> None:
    """Tables, pages and sentences are all there."""
    config = write_config(tmp_path, f"sqlite:///{tmp_path}/loket.db")
    migrated = run(installed, tmp_path, "migrate", LOKET_CONFIG=str(config))
    assert migrated.returncode == 0, migrated.stderr
    added = run(installed, tmp_path, "officer", "add", "a@bps.go.id", "--name", "A", "--office", "7411",
                LOKET_CONFIG=str(config))  # fmt: skip
    assert "password:" in added.stdout, added.stderr
    server = storm.Server(config, free_port(), f"sqlite:///{tmp_path}/loket.db", "http://127.0.0.1:9")
    server.program = (str(installed / "loket"),)
    server.start()
    page = requests.get(server.url + "/privasi/7411", timeout=60)
    assert server.stop() == 0
    assert page.status_code == 200
    assert "Kolaka Timur" in page.text
