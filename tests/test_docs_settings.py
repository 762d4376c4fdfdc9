"""Every setting stands in docs/configuration.md with its default, and nothing that is no setting."""

import re
from collections.abc import Iterator
from dataclasses import MISSING, fields
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from bot.policy import Item, Mode, Office
from handlers.settings import Settings
from handlers.settings.loading import OVERRIDES
from handlers.settings.problems import fields_of, values_of
from handlers.settings.rules import CHANNELS

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "configuration.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `([^`]+)` \|[^|]*\| ([^|]*) \|", PAGE, re.MULTILINE))


def paths(kind: Any, home: tuple[str, ...] = ()) -> Iterator[str]:
    """Every key that may hold a value, by its path; a free key is written as <name>."""
    for name, inner in fields_of(kind).items():
        here = (*home, name)
        entries = values_of(inner)
        if Item in (inner, entries) or entries is Office:
            yield ".".join(here)
        elif fields_of(inner):
            yield from paths(inner, here)
        else:
            yield ".".join(here)
            yield from paths(entries, (*here, "<name>"))


OF_INSTALLATION = [*paths(Settings), "defaults"]
OF_ITEM = [f"<item>.{path}" for path in paths(Item)]
OF_OFFICE = [*(path for path in paths(Office) if path != "code"), *OF_ITEM]


@pytest.mark.parametrize("path", [*OF_INSTALLATION, *OF_OFFICE])
def test_a_setting_is_documented(path: str) -> None:
    assert path in ROWS


def test_nothing_is_documented_that_is_no_setting() -> None:
    section = PAGE[PAGE.index("## The installation") :]
    rows = re.findall(r"^\| `([^`]+)` \|.*\|.*\|.*\|$", section, re.MULTILINE)
    assert sorted(rows) == sorted([*OF_INSTALLATION, *OF_OFFICE])


def _defaults(kind: Any, home: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    for field in fields(kind):
        here = (*home, field.name)
        hint = fields_of(kind)[field.name]
        if fields_of(hint) and hint is not Item:
            yield from _defaults(hint, here)
        elif hint is not Item and field.default is not MISSING and field.default not in (None, ()):
            yield ".".join(here), field.default


def _written(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value.value if isinstance(value, Enum) else value)


@pytest.mark.parametrize(("path", "default"), [*_defaults(Office), *_defaults(Item, ("<item>",))])
def test_a_default_is_the_one_in_the_code(path: str, default: Any) -> None:
    assert ROWS[path] == f"`{_written(default)}`"


@pytest.mark.parametrize("word", [*CHANNELS, *(mode.value for mode in Mode), *OVERRIDES, "LOKET_CONFIG"])
def test_a_word_of_the_configuration_is_named(word: str) -> None:
    assert f"`{word}`" in PAGE or f'`"{word}"`' in PAGE
