"""What is compiled is compiled once for all desks of a process: each would compile the same hundreds anew.

Templates by Jinja, addresses by Werkzeug, statements by SQLAlchemy.
"""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from jinja2 import Environment
from sqlalchemy import ClauseElement
from werkzeug.routing import Rule

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
    """Until the end of the block, what was compiled is kept by all that it depends on."""
    with pytest.MonkeyPatch.context() as patch:
        _templates(patch)
        _addresses(patch)
        _statements(patch)
        yield


def _templates(patch: pytest.MonkeyPatch) -> None:
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

    patch.setattr(Environment, "compile", once)


def _options(environment: Environment, name: str | None) -> tuple[Hashable, ...]:
    """All that the code depends on besides the text."""
    escapes = environment.autoescape(name) if callable(environment.autoescape) else environment.autoescape
    options = (getattr(environment, option) for option in _OPTIONS)
    return type(environment), escapes, environment.finalize, *sorted(environment.extensions), *options


def _addresses(patch: pytest.MonkeyPatch) -> None:
    """A compiled address is copied, with all but what binds it to its map's rule."""
    kept: dict[Hashable, Rule] = {}
    compiles: Any = Rule.compile

    def once(rule: Rule) -> None:
        converters = tuple(sorted((name, id(kind)) for name, kind in rule.map.converters.items()))
        key = (rule.rule, rule.subdomain, rule.host, rule.merge_slashes, rule.map.host_matching, converters)
        like = kept.get(key)
        if like is None or rule.defaults:
            compiles(rule)
            kept.update({} if rule.defaults else {key: rule})
            return
        rule._parts, rule._trace, rule._converters = like._parts, like._trace, like._converters
        rule.arguments = rule.arguments | like.arguments
        rule._build = like._build.__func__.__get__(rule, None)  # type: ignore[attr-defined]
        rule._build_unknown = like._build_unknown.__func__.__get__(rule, None)  # type: ignore[attr-defined]

    patch.setattr(Rule, "compile", once)


class _Statements(dict[Hashable, Any]):
    """The compiled statements of all engines of one kind: an engine knows only its own."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(self._of_its_kind(key), default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(self._of_its_kind(key), value)

    @staticmethod
    def _of_its_kind(key: Any) -> Hashable:
        dialect, *more = key
        return type(dialect), dialect.server_version_info, *more


def _statements(patch: pytest.MonkeyPatch) -> None:
    kept = _Statements()
    compiles: Any = ClauseElement._compile_w_cache

    def once(statement: Any, dialect: Any, *, compiled_cache: Any, **more: Any) -> Any:
        cache = kept if compiled_cache is not None else None
        return compiles(statement, dialect, compiled_cache=cache, **more)

    patch.setattr(ClauseElement, "_compile_w_cache", once)
