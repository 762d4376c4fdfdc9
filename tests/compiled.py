"""Templates compiled once for all desks of a process: each would compile the same hundreds anew."""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from jinja2 import Environment

_OPTIONS = (
    "trim_blocks",
    "lstrip_blocks",
    "keep_trailing_newline",
    "newline_sequence",
    "optimized",
    "is_async",
)


@contextmanager
def compiled_once() -> Iterator[None]:
    """Until the end of the block, what Jinja has compiled is kept by its text, name and options."""
    kept: dict[Hashable, Any] = {}
    compiles: Any = Environment.compile

    def once(
        environment: Environment,
        source: Any,
        name: str | None = None,
        filename: str | None = None,
        raw: bool = False,
        defer_init: bool = False,
    ) -> Any:
        told = (source, name, filename, raw, defer_init)
        if not isinstance(source, str):
            return compiles(environment, *told)
        key = (*told, *_options(environment, name))
        if key not in kept:
            kept[key] = compiles(environment, *told)
        return kept[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Environment, "compile", once)
        yield


def _options(environment: Environment, name: str | None) -> tuple[Hashable, ...]:
    """All that the code depends on besides the text."""
    escapes = environment.autoescape(name) if callable(environment.autoescape) else environment.autoescape
    options = (getattr(environment, option) for option in _OPTIONS)
    return type(environment), escapes, environment.finalize, *sorted(environment.extensions), *options
