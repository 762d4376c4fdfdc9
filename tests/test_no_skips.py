"""A skip is a failure in CI, with one process and with two, and nowhere else."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ONE_TEST = """
import pytest

@pytest.fixture
def server():
    pytest.skip("no such server")

def test_skips():
    pytest.skip("no such thing")

def test_without_its_server(server):
    pass

def test_passes():
    pass

@pytest.mark.xfail(reason="not yet", strict=True)
def test_not_yet():
    raise ValueError
"""
WHOLE_MODULE = "import pytest\npytest.skip('nothing for this system', allow_module_level=True)\n"


def played(folder: Path, processes: int, *, ci: str) -> tuple[int, str]:
    """The exit code of a run over both modules, and its closing line."""
    (folder / "test_one.py").write_text(ONE_TEST, encoding="utf-8")
    (folder / "test_whole.py").write_text(WHOLE_MODULE, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    own = {"CI": ci, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    known = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")} | own
    options = ["-p", "xdist", "-p", "tests.no_skips", "-n", str(processes), "--continue-on-collection-errors"]
    found = subprocess.run(
        [sys.executable, "-m", "pytest", *options, folder],
        cwd=folder, env=known, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return found.returncode, re.sub(r"=+ | in .*", "", found.stdout.splitlines()[-1])


@pytest.mark.parametrize("processes", [0, 1])
def test_what_skips_has_failed(tmp_path: Path, processes: int) -> None:
    """A test, a test without its server, and a whole module."""
    refused = "1 failed, 1 passed, 1 xfailed, 2 errors"
    assert played(tmp_path, processes, ci="true") == (1, refused)


def test_elsewhere_it_has_skipped(tmp_path: Path) -> None:
    assert played(tmp_path, 0, ci="") == (0, "1 passed, 3 skipped, 1 xfailed")
