"""Officers' pages in two languages: every word has its translation, and no translation has lost its word."""

import re
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from handlers.web import language

ROOT = Path(__file__).resolve().parents[2]
PLACEHOLDER = re.compile(r"%\(\w+\)s|#")


def _written() -> set[Any]:
    pages = extract_from_dir(
        ROOT / "templates" / "inbox", method_map=[("**.html", "jinja2.ext.babel_extract")], options_map={}
    )
    code = extract_from_dir(ROOT / "handlers" / "web", method_map=[("**.py", "python")])
    return {found[2] for source in (pages, code) for found in source}


def _catalogue(tongue: str) -> dict[Any, Any]:
    with language.catalogue_file(tongue).open("rb") as file:
        return {message.id: message.string for message in read_po(file, locale=tongue) if message.id}


@pytest.mark.parametrize("tongue", [one for one in language.LANGUAGES if one != language.WRITTEN_IN])
def test_every_word_is_translated_and_nothing_else(tongue: str) -> None:
    translated = _catalogue(tongue)
    assert _written() - translated.keys() == set()
    assert translated.keys() - _written() == set()
    assert [
        key for key, said in translated.items() if not all((said,) if isinstance(said, str) else said)
    ] == []


@pytest.mark.parametrize("tongue", [one for one in language.LANGUAGES if one != language.WRITTEN_IN])
def test_a_translation_keeps_its_placeholders(tongue: str) -> None:
    for key, value in _catalogue(tongue).items():
        asked = key if isinstance(key, str) else key[0]
        for said in (value,) if isinstance(value, str) else value:
            assert sorted(PLACEHOLDER.findall(said)) == sorted(PLACEHOLDER.findall(asked)), asked
