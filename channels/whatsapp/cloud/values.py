"""Values of a provider's JSON, whatever their shape: read without surprises, kept as it can be stored."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

LONGEST_TEXT = 65_536
DEEPEST = 24

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_SECONDS = range(1_000_000_000, 100_000_000_000)


def mapping(value: Any) -> Mapping[str, Any]:
    """*value* if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> Sequence[Any]:
    """*value* if it is a list, else an empty one."""
    return value if isinstance(value, list) else ()


def word(value: Any) -> str:
    """A text or a whole number as a storable text without blanks around it; nothing for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return storable_text(str(value)).strip()


def text(value: Any) -> str:
    """*value* if it is a text, storable and otherwise as it came; else nothing."""
    return storable_text(value) if isinstance(value, str) else ""


def storable_text(value: str) -> str:
    """No NUL, no half of a surrogate pair, not too long."""
    return _UNSTORABLE.sub("", value[:LONGEST_TEXT])


def storable(value: Any, depth: int = 0) -> Any:
    """The same value so that both databases take it as JSON; what lies too deep is cut to its text."""
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return value if abs(value) < 2**53 else str(value)[:64]
    if depth >= DEEPEST:
        return "…"
    if isinstance(value, dict):
        return {storable_text(str(key)): storable(inner, depth + 1) for key, inner in value.items()}
    return [storable(inner, depth + 1) for inner in items(value)]


class NotJson(Exception):
    """Bytes that are no JSON, or too deep for one."""


def parsed(body: bytes) -> Any:
    """The JSON in *body*. Raises ``NotJson``, and nothing else."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NotJson(type(error).__name__) from None


def moment(value: Any) -> datetime | None:
    """A moment in seconds, or as it has been seen in milliseconds, since 1970; None for anything else."""
    digits = word(value)
    if not re.fullmatch(r"[0-9]{10,13}", digits):
        return None
    number = int(digits)
    seconds = number if number in _SECONDS else number / 1000
    return datetime.fromtimestamp(seconds, UTC) if seconds >= _SECONDS.start else None
