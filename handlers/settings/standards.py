"""An office's published standard: in a file of its own beside the configuration, or inside its block."""

from pathlib import Path
from typing import Any

from handlers.settings.problems import Place, Problem
from handlers.settings.yaml_text import ConfigError, read

_BOTH_WAYS = ("requirements", "procedure")


def standard_block(value: Any, home: Path, place: Place, problems: list[Problem]) -> Any:
    """The standard as a mapping of items: a text is the path of its file, from the folder *home*.

    A file that can't be read is added to *problems*.
    """
    if isinstance(value, str):
        value = _from_file(home / value, place, problems)
    if not isinstance(value, dict):
        return value
    return {key: _both(part) if key in _BOTH_WAYS else _items(part, key) for key, part in value.items()}


def _from_file(path: Path, place: Place, problems: list[Problem]) -> Any:
    try:
        return read(path)
    except ConfigError as error:
        problems.extend((place, problem) for problem in error.problems)
        return {}


def _both(part: Any) -> Any:
    return {way: _items(items, way) for way, items in part.items()} if isinstance(part, dict) else part


def _items(value: Any, key: str) -> Any:
    """A plain text is an item that stands in the document as it is."""
    if isinstance(value, list):
        return [{"text": item} if isinstance(item, str) else item for item in value]
    return {"text": value} if key == "title" and isinstance(value, str) else value
