"""What the pages of this repository name is there: linked pages and pictures, files, officers' buttons."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
FOLDERS = ("bench", "bot", "channels", "docs", "handlers", "storage", "templates", "tests")
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)\s#]*)(?:#([^)\s]+))?\)")
CODE = re.compile(r"`([^`\n]+)`")
FILE = re.compile(rf"(?:{'|'.join(FOLDERS)})/[\w./*<>-]*")
# What stands in the place of a word of the reader's own: <lang>, <code>.
OWN_WORD = re.compile(r"<[^>]+>")
PARAMETER = re.compile(r"%\\\(\w+\\\)s")
BOLD = re.compile(r"\*\*([^*]+)\*\*")


def _text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def _name(value: object) -> str:
    return str(value.relative_to(ROOT)) if isinstance(value, Path) else str(value)


def _links(page: Path) -> Iterator[tuple[Path, str]]:
    for target, place in LINK.findall(_text(page)):
        yield (page.parent / target if target else page), place


def _anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", _text(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_a_link_leads_somewhere(page: Path) -> None:
    assert [_name(target) for target, _ in _links(page) if not target.exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_a_link_leads_to_a_title(page: Path) -> None:
    placed = [(target, place) for target, place in _links(page) if place and target.exists()]
    assert [place for target, place in placed if place not in _anchors(target)] == []


def _named_files(page: Path) -> Iterator[str]:
    """Paths of the repository in code marks; a colon or blank behind one names something inside it."""
    for code in CODE.findall(_text(page)):
        first = re.split(r"[: ]", code, maxsplit=1)[0]
        if FILE.fullmatch(first):
            yield first


def _is_there(name: str) -> bool:
    if name.startswith("templates/inbox/<lang>"):
        name = name.replace("<lang>", "en")  # Indonesian is what the pages are written in
    pattern = OWN_WORD.sub("*", name).rstrip("/")
    return any(ROOT.glob(pattern))


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_a_named_file_is_there(page: Path) -> None:
    assert [name for name in _named_files(page) if not _is_there(name)] == []


def _on_screen() -> Iterator[re.Pattern[str]]:
    """Everything officers' pages say in Indonesian."""
    pages = extract_from_dir(
        ROOT / "templates" / "inbox", method_map=[("**.html", "jinja2.ext.babel_extract")], options_map={}
    )
    code = extract_from_dir(ROOT / "handlers" / "web", method_map=[("**.py", "python")])
    for found in (*pages, *code):
        for words in (found[2],) if isinstance(found[2], str) else found[2]:
            yield re.compile(PARAMETER.sub(".+", re.escape(words)))


def test_officers_find_the_buttons_of_their_guide() -> None:
    bold = [" ".join(words.split()) for words in BOLD.findall(_text(ROOT / "docs" / "officers.id.md"))]
    # With a full stop it begins a paragraph; anything else names what stands on the screen.
    labels = [words for words in bold if not words.endswith(".")]
    said = [*_on_screen()]
    assert len(labels) > 20
    assert [label for label in labels if not any(words.fullmatch(label) for words in said)] == []
