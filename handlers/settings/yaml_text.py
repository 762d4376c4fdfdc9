"""``config.yaml`` from text to plain mappings, lists and words. YAML's traps are refused by path and line."""

import json
import re
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

_TAG = "tag:yaml.org,2002:"
_PLAIN_TAGS = {f"{_TAG}{kind}" for kind in ("map", "seq", "str", "int", "float", "bool", "null", "merge")}
_TRUTH = {"true", "false"}
# What PyYAML quotes after these words comes from the file.
_NAMES = re.compile(r"(?<=alias|nchor|andle) '.*'")


class ConfigError(Exception):
    """The configuration can't be used. ``problems`` are plain sentences, each led by the path of its key."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


_RESOLVERS = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != f"{_TAG}timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class _Loader(yaml.SafeLoader):
    """Safe, and a date stays the text it was written as (a decree is no date)."""

    yaml_implicit_resolvers = _RESOLVERS


class _Quick(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The same in C where PyYAML has it, ten times as fast; what it says of faults is put otherwise."""

    yaml_implicit_resolvers = _RESOLVERS


def read(path: Path) -> dict[str, Any]:
    """The mapping in this file. Raises ``ConfigError`` when it can't be read or holds one of YAML's traps."""
    try:
        return parse(path.read_text(encoding="utf-8-sig"), path.name)
    except UnicodeDecodeError:
        raise ConfigError([f"{path}: is not UTF-8 text"]) from None
    except OSError as error:
        raise ConfigError([f"{path}: can't be read: {error.strerror}"]) from None


def parse(text: str, name: str) -> dict[str, Any]:
    """The mapping in this YAML text; *name* is what errors about the whole call it."""
    try:
        content = _loaded(text, name)
        json.dumps(content)
    except yaml.YAMLError as error:
        raise ConfigError([_syntax(error, name)]) from None
    except ValueError:
        raise ConfigError(
            [f"{name}: an alias stands inside its own anchor, or a number can't be read"]
        ) from None
    return content


def _loaded(text: str, name: str) -> dict[str, Any]:
    try:
        return _construct(_Quick(text), name)
    except (yaml.YAMLError, ValueError):
        return _construct(_Loader(text), name)


def _construct(loader: Any, name: str) -> dict[str, Any]:
    node = loader.get_single_node()
    if node is None:
        raise ConfigError([f"{name}: the file is empty"])
    _refuse_traps(node, name)
    content: dict[str, Any] = loader.construct_document(node)
    return content


def close_to(word: str, known: list[str]) -> str:
    """``; did you mean "x"?`` when *known* has a word like this one, else nothing."""
    found = get_close_matches(word, known, 1)
    return f'; did you mean "{found[0]}"?' if found else ""


def _refuse_traps(node: yaml.Node, name: str) -> None:
    if not isinstance(node, yaml.MappingNode):
        raise ConfigError([f"{name}: must be a mapping (key: value) at the top"])
    problems = [*_traps(node, (), set())]
    if problems:
        raise ConfigError(problems)


def _traps(node: yaml.Node, path: tuple[str, ...], seen: set[int]) -> Iterator[str]:
    if id(node) in seen:  # an alias, looked at where its anchor stands
        return
    seen.add(id(node))
    if node.tag not in _PLAIN_TAGS:
        yield _say(
            node, path, "a tag (!...) has no meaning here; write plain text, numbers, lists or mappings"
        )
    elif isinstance(node, yaml.MappingNode):
        yield from _traps_in_mapping(node, path, seen)
    elif isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield from _traps(item, (*path, str(number)), seen)
    elif _is_bare_truth(node):
        word = node.value
        yield _say(
            node, path, f'a bare {word} is a truth value in YAML; quote it ("{word}") or write true or false'
        )


def _traps_in_mapping(node: yaml.MappingNode, path: tuple[str, ...], seen: set[int]) -> Iterator[str]:
    lines: dict[str, int] = {}
    for key, value in node.value:
        word = key.value if isinstance(key, yaml.ScalarNode) else "?"
        here = (*path, word)
        if key.tag not in {f"{_TAG}str", f"{_TAG}merge"}:
            yield _say(key, here, f'a key must be text; quote it: "{word}"')
        if word in lines and key.tag != f"{_TAG}merge":
            yield _say(key, here, f"stands twice (first in line {lines[word]})")
        lines.setdefault(word, _line(key))
        yield from _traps(value, here, seen)


def _is_bare_truth(node: yaml.Node) -> bool:
    return node.tag == f"{_TAG}bool" and node.value.lower() not in _TRUTH


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _say(node: yaml.Node, path: tuple[str, ...], sentence: str) -> str:
    return f"{'.'.join(path)} (line {_line(node)}): {sentence}"


def _syntax(error: yaml.YAMLError, name: str) -> str:
    # Never the line itself: it may hold a secret.
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return f"{name}: this is not YAML (is there an invisible character in it?)"
    where = f"{name}, line {error.problem_mark.line + 1}"
    if error.problem and "'\\t'" in error.problem:
        return f"{where}: there is a tab; YAML indents with spaces only"
    return f"{where}: this is not YAML: {_NAMES.sub('', error.problem or '')}"
