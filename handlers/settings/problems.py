"""What is wrong with a configuration, said so that the person who wrote the file can mend it."""

from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from handlers.settings.yaml_text import close_to

Place = tuple[str | int, ...]
"""Where a value stands: the keys (and places in lists) that lead to it."""

Problem = tuple[Place, str]
"""A place, and a sentence about what stands there."""

_SENTENCES = {
    "missing": "is missing",
    "int_type": "must be a whole number, without quotes",
    "bool_type": "must be true or false, without quotes",
    "tuple_type": "must be a list",
    "dict_type": "must be a mapping (key: value)",
    "dataclass_type": "must be a mapping (key: value)",
    "model_type": "must be a mapping (key: value)",
    "path_type": "must be text",
}
_UNKNOWN = {"extra_forbidden", "unexpected_keyword_argument"}


def problems_in(error: ValidationError, kind: type) -> Iterator[Problem]:
    """What pydantic refused while it read *kind*, in plain sentences. No refused value is ever quoted."""
    for details in error.errors(include_url=False):
        yield details["loc"], _sentence(details, kind)


def fields_of(kind: Any) -> dict[str, Any]:
    """The keys a mapping read as *kind* may have, each with the type of its value; empty for other values."""
    kind = _without_none(kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return {name: field.annotation for name, field in kind.model_fields.items()}
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        return {name: hints[name] for name in kind.__dataclass_fields__}
    return {}


def values_of(kind: Any) -> Any:
    """The type of what a list or a mapping with free keys holds; None for any other type."""
    kind = _without_none(kind)
    origin = get_origin(kind)
    if origin is tuple:
        return get_args(kind)[0]
    return get_args(kind)[1] if isinstance(origin, type) and issubclass(origin, Mapping) else None


def _without_none(kind: Any) -> Any:
    choices = [choice for choice in get_args(kind) if choice is not NoneType]
    return choices[0] if NoneType in get_args(kind) and len(choices) == 1 else kind


def _kind_at(place: Place, kind: Any) -> Any:
    for key in place:
        kind = fields_of(kind).get(str(key)) or values_of(kind)
    return kind


def _sentence(details: ErrorDetails, kind: type) -> str:
    wrong = details["type"]
    if wrong in _UNKNOWN:
        *parent, key = details["loc"]
        known = [*fields_of(_kind_at(tuple(parent), kind)), *([] if parent else ["defaults"])]
        return "unknown key" + close_to(str(key), known)
    if wrong in {"enum", "literal_error"}:
        return f"must be {details['ctx']['expected']}{_meant(details)}"
    if wrong == "string_type":
        return "must be text" + ("" if details["input"] is None else "; quote it")
    if wrong == "greater_than_equal":
        return f"must be {details['ctx']['ge']} or more"
    if wrong == "less_than_equal":
        return f"must be {details['ctx']['le']} or less"
    if wrong == "value_error":
        return str(details["ctx"]["error"])
    return _SENTENCES.get(wrong, details["msg"].lower())


def _meant(details: ErrorDetails) -> str:
    given = details["input"]
    if isinstance(given, bool):
        return '; write "off" with its quotes' if "'off'" in details["ctx"]["expected"] else ""
    known = [word for word in details["ctx"]["expected"].split("'") if word.strip(" ,or")]
    return close_to(given, known) if isinstance(given, str) else ""
