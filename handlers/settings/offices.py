"""Each office's block on top of the defaults, with its numbers and addresses in one spelling."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import phonenumbers

from handlers.settings import addresses
from handlers.settings.problems import Place, Problem
from handlers.settings.standards import standard_block

COUNTRY = "ID"
"""Where a number without a country code is taken to be."""

_NUMBERS: tuple[tuple[str, ...], ...] = (
    ("phone",),
    ("complaints", "phone"),
    ("complaints", "whatsapp"),
    ("senders", "whatsapp"),
)
_MAILBOXES = ("senders", "email")
_NO_NUMBER = 'is not a telephone number; write it like "+62 812-3456-7890"'


def merge(defaults: Any, own: Any) -> Any:
    """*own* on top of *defaults*: mappings merge key by key, anything else (lists too) replaces."""
    if not (isinstance(defaults, dict) and isinstance(own, dict)):
        return own
    return {**defaults, **{key: merge(defaults.get(key), value) for key, value in own.items()}}


def office_blocks(content: Mapping[str, Any], home: Path, problems: list[Problem]) -> Any:
    """The offices as they count: defaults under each, the code from the key, numbers as E.164, addresses
    of mailboxes in lower case, standards read from their files, which lie in *home*.

    What can't be used is added to *problems* and left as it was written.
    """
    defaults, blocks = content.get("defaults"), content.get("offices")
    if not isinstance(defaults, dict | None):
        problems.append((("defaults",), "must be a mapping (key: value)"))
    if not isinstance(blocks, dict):
        return blocks
    read = {code: _block(code, defaults, own, problems) for code, own in blocks.items()}
    return {code: _with_standard(code, block, home, problems) for code, block in read.items()}


def e164(number: str) -> str | None:
    """A telephone number as +62...; None when it is none. Without a country code it is an Indonesian one."""
    try:
        parsed = phonenumbers.parse(number, COUNTRY)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _block(code: str, defaults: Any, own: Any, problems: list[Problem]) -> Any:
    block = merge(defaults, own)
    if not isinstance(block, dict):
        return block
    place: Place = ("offices", code)
    if "code" in block:
        problems.append(((*place, "code"), "unknown key; the key of the block is the code"))
    for path in _NUMBERS:
        block = _Spelling(e164, _NO_NUMBER, problems).of(block, path, place)
    block = _Spelling(addresses.spelt, "is not an e-mail address", problems).of(block, _MAILBOXES, place)
    return {**block, "code": code}


def _with_standard(code: str, block: Any, home: Path, problems: list[Problem]) -> Any:
    if not isinstance(block, dict) or "standard" not in block:
        return block
    place: Place = ("offices", code, "standard")
    return {**block, "standard": standard_block(block["standard"], home, place, problems)}


@dataclass(frozen=True, slots=True)
class _Spelling:
    """How texts of one kind are written; what none is goes to *problems* and stays as it was."""

    spelt: Callable[[str], str | None]
    otherwise: str
    problems: list[Problem]

    def of(self, value: Any, path: tuple[str, ...], place: Place) -> Any:
        """The same value with what stands under *path* in one spelling; other shapes are refused later."""
        if path:
            if not isinstance(value, dict) or value.get(path[0]) is None:
                return value
            return {**value, path[0]: self.of(value[path[0]], path[1:], (*place, path[0]))}
        if isinstance(value, list):
            return [self.of(item, (), (*place, index)) for index, item in enumerate(value)]
        return self._of_one(value, place) if isinstance(value, str) else value

    def _of_one(self, text: str, place: Place) -> str:
        spelt = self.spelt(text)
        if spelt is None:
            self.problems.append((place, f'"{text}" {self.otherwise}'))
        return spelt or text
