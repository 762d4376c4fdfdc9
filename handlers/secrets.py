"""Secrets: named in the configuration, read from the environment or from a file the environment names.

No value read here may reach a log, a page or an error text; errors name the variable only.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

SHORTEST_KEY = 32
SECRET_KEY = "LOKET_SECRET_KEY"  # noqa: S105 - the name of the variable, not a value
METRICS_TOKEN = "LOKET_METRICS_TOKEN"  # noqa: S105 - the name of the variable, not a value
PREVIOUS_SECRET_KEY = "LOKET_SECRET_KEY_PREVIOUS"  # noqa: S105 - the same

_TELLING_KEYS = re.compile(r"(?:.*_)?(?:password|token|secret|key)")
_REFERENCE = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]*)")


REFERENCE_WANTED = (
    "a secret does not stand in the file: write env:NAME and put it into the environment as NAME or NAME_FILE"
)
"""Said of a secret that was written out, without repeating it."""


class SecretError(Exception):
    """A secret can't be used. The text names the variable and what to do, never the value."""


class MissingSecret(SecretError):
    """A secret is needed and neither ``NAME`` nor ``NAME_FILE`` holds it."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} is not set: put the secret into {name}, or the path of a file into {name}_FILE"
        )
        self.name = name


def named_by(reference: str) -> str | None:
    """The variable that ``env:NAME`` names; None when the text is not of that form."""
    match = _REFERENCE.fullmatch(reference)
    return match.group(1) if match else None


def literal_in(value: object, place: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The places in a piece of configuration where a secret is written out instead of ``env:NAME``."""
    if not isinstance(value, dict):
        return
    for key, inner in value.items():
        here = (*place, str(key))
        if isinstance(inner, str) and _TELLING_KEYS.fullmatch(str(key)) and not named_by(inner):
            yield here
        yield from literal_in(inner, here)


def find(name: str, environ: Mapping[str, str]) -> str | None:
    """The secret in *name*, or in the file that *name*_FILE names; None when there is none, or an empty one.

    Raises ``SecretError`` when both are set, or the file can't be read.
    """
    value, file = environ.get(name), environ.get(f"{name}_FILE")
    if value and file:
        raise SecretError(f"{name} and {name}_FILE are both set; keep one of them")
    if file:
        return _content(f"{name}_FILE", Path(file)) or None
    return value or None


def need(name: str, environ: Mapping[str, str]) -> str:
    """The same, but raises ``MissingSecret`` when there is none."""
    value = find(name, environ)
    if value is None:
        raise MissingSecret(name)
    return value


def secret_keys(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The keys that sign sessions and links: the first signs, all of them verify.

    LOKET_SECRET_KEY, then LOKET_SECRET_KEY_PREVIOUS while it is being replaced.
    Raises ``MissingSecret``, or ``SecretError`` for a key shorter than 32 characters.
    """
    keys = {SECRET_KEY: need(SECRET_KEY, environ), PREVIOUS_SECRET_KEY: find(PREVIOUS_SECRET_KEY, environ)}
    for name, key in keys.items():
        if key is not None and len(key) < SHORTEST_KEY:
            raise SecretError(f"{name} is too short: a key needs at least {SHORTEST_KEY} characters")
    return tuple(key for key in keys.values() if key is not None)


def _content(name: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig").strip()  # as Windows writes it
    except OSError as error:
        raise SecretError(f"{name} names {path}, which can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SecretError(f"{name} names {path}, which is not UTF-8 text") from None
