"""The files that a configuration names: what else must be kept for a desk to start from its configuration."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from handlers.settings.yaml_text import read

_SECRET = b"PRIVATE KEY"


@dataclass(frozen=True, slots=True)
class Named:
    """A file, by its path from the configuration's folder. *problem*: why it can't be kept beside it."""

    name: str
    path: Path
    problem: str = ""


def named_in(config: Path) -> list[Named]:
    """What the configuration in this file names, each once: standards and certificates."""
    home = config.resolve().parent
    paths = {os.path.normpath(home / written): None for written in _written(read(config))}
    return [_judged(Path(path), home) for path in paths]


def _written(content: dict[str, Any]) -> Iterator[str]:
    blocks = [_at(content, "defaults"), *_at(content, "offices").values()]
    boxes = _at(content, "channels", "email", "mailboxes").values()
    values = [block.get("standard") for block in blocks if isinstance(block, dict)]
    values += [_at(box, server).get("ca_file") for box in boxes for server in ("imap", "smtp")]
    yield from (value for value in values if isinstance(value, str))


def _at(value: Any, *keys: str) -> dict[str, Any]:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _judged(path: Path, home: Path) -> Named:
    if not path.is_relative_to(home):
        return Named(str(path), path, f"it lies outside of {home}")
    name = path.relative_to(home).as_posix()
    try:
        secret = _SECRET in path.read_bytes()
    except OSError as error:
        return Named(name, path, f"it can't be read: {error.strerror}")
    return Named(name, path, "it holds a private key" if secret else "")
