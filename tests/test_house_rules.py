"""The house rules that no linter knows: sizes, words, templates, and what may never stand in a file."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLOORS = ("bot", "channels", "handlers", "storage")
MESSAGES = ROOT / "templates" / "messages"
LONGEST_MODULE = 400
UNWANTED_WORDS = {
    *("manager", "managers", "helper", "helpers", "util", "utils", "base", "data", "info"),
    *("process", "processes", "processor", "do"),
}
# SQLAlchemy's own word for the class that all tables share.
DECLARATIVE_BASE = "Base"
REGISTRY_HOST = re.compile(rb"\b(?:pypi|pythonhosted|npmjs|rubygems|crates)\.(?:org|com|io)\b")
MACHINE_PATH = re.compile(rb"(?<![\w.])/(?:root|work)/")


def _project_files() -> list[Path]:
    """Tracked files and those about to be; the clone may belong to another user than the one testing."""
    command = [
        "git",
        "-c",
        "safe.directory=*",
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    paths = (ROOT / name for name in listed.split("\0") if name)
    return sorted(path for path in paths if path.is_file())


FILES = _project_files()


def _floor_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0]


def _modules(*folders: str) -> list[Path]:
    return [path for path in FILES if path.suffix == ".py" and _floor_of(path) in folders]


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _words(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}


def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _names_in(path: Path) -> Iterator[str]:
    yield path.stem
    for node in ast.walk(_parsed(path)):
        if isinstance(node, ast.ClassDef) and node.name != DECLARATIVE_BASE:
            yield node.name


def test_no_module_is_too_long() -> None:
    modules = _modules(*FLOORS, "tests", "bench")
    lengths = {_name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules}
    assert len(lengths) > 500
    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_a_module_says_what_it_is() -> None:
    modules = _modules(*FLOORS)
    assert modules
    assert [_name(path) for path in modules if not ast.get_docstring(_parsed(path))] == []


def test_names_are_telling() -> None:
    modules = _modules(*FLOORS)
    told = [(_name(path), name) for path in modules for name in _names_in(path)]
    assert len(told) > len(modules)
    assert [(path, name) for path, name in told if _words(name) & UNWANTED_WORDS] == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("HTTPInfo", {"http", "info"}),
        ("OfficeManager", {"office", "manager"}),
        ("mail_utils", {"mail", "utils"}),
        ("Database", {"database"}),
    ],
)
def test_a_name_falls_into_words(name: str, words: set[str]) -> None:
    assert _words(name) == words


def test_sentences_exist_in_every_language() -> None:
    names = {folder.name: {file.name for file in folder.iterdir()} for folder in MESSAGES.iterdir()}
    assert {"id", "en"} <= names.keys()
    everything = set().union(*names.values())
    assert everything
    assert [f"{language}: {name}" for language in names for name in everything - names[language]] == []


def test_no_file_names_a_registry_or_a_path_of_one_machine() -> None:
    guilty = [
        _name(path)
        for path in FILES
        for pattern in (REGISTRY_HOST, MACHINE_PATH)
        if pattern.search(path.read_bytes())
    ]
    assert guilty == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_holds_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text
    pinned = re.findall(r"^[a-z0-9][^ ]*==.*$", text, re.MULTILINE)
    assert pinned
    assert all(line.endswith("\\") for line in pinned)


def test_the_test_lock_agrees_with_the_runtime_lock() -> None:
    runtime, testing = (
        set(re.findall(r"^[a-z0-9][^ ]*==[^ ]+", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))
        for name in ("requirements.lock", "requirements-dev.lock")
    )
    assert runtime <= testing
