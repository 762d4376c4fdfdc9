"""Choices as buttons or as a list: what WhatsApp can show beside a text, whoever carries it there."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any, Self

MOST_BUTTONS = 3
LONGEST_BUTTON = 20
MOST_ROWS = 10
LONGEST_ROW = 24
LONGEST_DESCRIPTION = 72
LONGEST_LABEL = 20
LONGEST_ID = 200
LONGEST_BODY = 1024
# What Twilio takes for a blank value, or refuses within one.
_BLANKS = re.compile(r"\s+")


class Form(StrEnum):
    """How choices are shown."""

    BUTTONS = "quick-reply"
    LIST = "list-picker"


@dataclass(frozen=True, slots=True)
class Option:
    """One choice. *id* comes back when it is tapped, *description* stands small below its title in a list."""

    id: str
    title: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Menu:
    """The choices of a message, which *body* says without naming their numbers.

    *label* opens the list, where a list is needed. *about* tells the question from the same one about
    something else, and nothing where it can't be told.
    """

    body: str
    label: str
    options: tuple[Option, ...]
    about: str = ""

    @classmethod
    def of(cls, kept: Mapping[str, Any] | None) -> Self | None:
        """The menu that ``kept`` has made a plain value of; None for what was said ``by_number``."""
        if not kept or "options" not in kept:
            return None
        options = tuple(Option(**each) for each in kept["options"])
        return cls(kept["body"], kept["label"], options, kept["about"])

    def kept(self) -> dict[str, Any]:
        """This menu as a plain value."""
        return asdict(self)

    def by_number(self) -> dict[str, Any]:
        """What is kept once nothing was offered to tap after all."""
        return {"about": self.about}


def form(menu: Menu) -> Form | None:
    """How *menu* can be shown; None when it breaks a limit, so that only the numbered text can say it.

    Lengths are counted in UTF-16 units: the careful way, as many emoji count twice.
    """
    if not (_fits(menu.body, LONGEST_BODY) and all(_fits(each.id, LONGEST_ID) for each in menu.options)):
        return None
    if len({each.id for each in menu.options}) < len(menu.options) or _titles_repeat(menu):
        return None
    if _are_buttons(menu):
        return Form.BUTTONS
    return Form.LIST if _is_list(menu) else None


def _titles_repeat(menu: Menu) -> bool:
    return len({each.title.casefold() for each in menu.options}) < len(menu.options)


def _are_buttons(menu: Menu) -> bool:
    titles = all(_fits(each.title, LONGEST_BUTTON) and not each.description for each in menu.options)
    return titles and 1 <= len(menu.options) <= MOST_BUTTONS


def _is_list(menu: Menu) -> bool:
    rows = all(
        _fits(each.title, LONGEST_ROW) and _length(each.description) <= LONGEST_DESCRIPTION
        for each in menu.options
    )
    return rows and _fits(menu.label, LONGEST_LABEL) and 1 <= len(menu.options) <= MOST_ROWS


def _fits(text: str, longest: int) -> bool:
    return bool(text.strip()) and _length(text) <= longest


def _length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def pattern(menu: Menu) -> tuple[str, dict[str, str]]:
    """The lines of *menu*'s body as ``{{1}}``, ``{{2}}`` …, and what stands in each.

    A value of a template may hold no line end, but its own words may: so every message of so many lines
    and paragraphs has the same pattern, whatever it says.
    """
    values: dict[str, str] = {}
    lines = []
    for line in menu.body.strip().split("\n"):
        words = _BLANKS.sub(" ", line).strip()
        if words:
            values[str(len(values) + 1)] = words
        lines.append(f"{{{{{len(values)}}}}}" if words else "")
    return "\n".join(lines), values


def shape(menu: Menu) -> str:
    """What all messages have in common that one template can carry: their choices and their lines."""
    parts = [pattern(menu)[0], menu.label if form(menu) is Form.LIST else ""]
    parts += [part for each in menu.options for part in (each.id, each.title, each.description)]
    return sha256("\x1f".join(parts).encode()).hexdigest()[:16]
