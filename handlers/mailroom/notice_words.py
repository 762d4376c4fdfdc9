"""A mail to an officer in words, from ``templates/notices_mail``: a subject, a text, and the same as HTML.

The text is written once. What people said stands in it behind a bar, a line each, so that no word of theirs
can pass for one of ours; the HTML is made from the text, block by block.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from handlers.shipped_files import templates_folder

LONGEST_SUBJECT = 160
_BAR = "| "
_EMPTY_LINES = re.compile(r"\n{3,}")
_BLANKS_AT_END = re.compile(r"[ \t]+$", re.MULTILINE)
_LINK = re.compile(r"([^:]{1,60}): (https?://\S+)")
_ORDER = re.compile(r"(#[^=]{1,40}) = (.+)")
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


class Look(StrEnum):
    """How a block of the text looks in HTML."""

    DELIMITER = "delimiter"
    TITLE = "title"
    SAID = "said"
    LINK = "link"
    ORDERS = "orders"
    LIST = "list"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that stand together; ``head`` is what is written above somebody's words, or on a link."""

    look: Look
    lines: tuple[str, ...]
    head: str = ""
    pairs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Words:
    """A mail in words."""

    subject: str
    text: str
    html: str


def words(purpose: str, language: str, values: Mapping[str, Any]) -> Words:
    """The mail of this purpose with these values.

    Raises ``jinja2.TemplateError`` where a template and its values do not fit.
    """
    written = _environment(templates_folder()).get_template(f"{language}/{purpose}.txt").render(values)
    subject, _, text = written.lstrip("\n").partition("\n")
    text = _EMPTY_LINES.sub("\n\n", _BLANKS_AT_END.sub("", text)).strip("\n")
    page = _environment(templates_folder()).get_template("notice.html")
    blocks = tuple(_blocks(text))
    html = page.render(blocks=blocks, language=language, office=values["office"], looks=Look)
    return Words(" ".join(subject.split())[:LONGEST_SUBJECT], text, html)


def boxed(text: str) -> str:
    """*text* with a bar before each line: words of people, which stay as they were written."""
    lines = _LINE_ENDS.sub("\n", text).split("\n")
    return "\n".join(f"{_BAR}{line}".rstrip() for line in lines)


@cache
def _environment(folder: Path) -> Environment:
    made = Environment(
        loader=FileSystemLoader(folder / "notices_mail"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        autoescape=select_autoescape(["html"], default=False),
    )
    made.filters["boxed"] = boxed
    return made


def _blocks(text: str) -> Iterator[Block]:
    for passage in text.split("\n\n"):
        lines = tuple(passage.split("\n"))
        yield from _said(lines) if any(_is_said(line) for line in lines) else _ours(lines)


def _is_said(line: str) -> bool:
    return line.startswith(_BAR.strip())


def _said(lines: tuple[str, ...]) -> Iterator[Block]:
    """Our own lines, the last of which is written above what is said, then what is said."""
    ours = [line for line in lines if not _is_said(line)]
    said = tuple(line.removeprefix(_BAR.strip()).removeprefix(" ") for line in lines if _is_said(line))
    if len(ours) > 1:
        yield from _ours(tuple(ours[:-1]))
    yield Block(Look.SAID, said, ours[-1] if ours else "")


def _ours(lines: tuple[str, ...]) -> Iterator[Block]:
    link, orders = _LINK.fullmatch(lines[0]), tuple(map(_ORDER.fullmatch, lines))
    if len(lines) == 1 and link:
        yield Block(Look.LINK, (link[2],), link[1])
    elif all(orders):
        yield Block(Look.ORDERS, lines, pairs=tuple((found[1], found[2]) for found in orders if found))
    elif lines[0].startswith("## "):
        yield Block(Look.DELIMITER, (lines[0].strip("# "),))
    elif len(lines) == 1 and lines[0].isupper():
        yield Block(Look.TITLE, lines)
    elif all(line.startswith("- ") for line in lines):
        yield Block(Look.LIST, tuple(line.removeprefix("- ") for line in lines))
    else:
        yield Block(Look.PLAIN, lines)
