"""The words of a mail: which of its text parts speak, as text to read and as HTML to show."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from channels.mime.charsets import charset_in_html, decode
from channels.mime.flowed import unflowed
from channels.mime.markup import Page, page
from channels.mime.parts import Leaf
from channels.mime.words import parameters

LONGEST_TEXT = 2_000_000

_STUB = re.compile(
    r"(?:html.{0,80}(?:e-?mail|mail|message|client|viewer|pesan|surel)|(?:lihat|view).{0,40}(?:browser|peramban|html))",
    re.IGNORECASE,
)
LONGEST_STUB = 300


@dataclass(frozen=True, slots=True)
class Body:
    """The words of a mail. ``html`` is empty when no part was HTML. ``content_ids`` are shown inside it."""

    text: str
    html: str
    content_ids: frozenset[str]


def body(leaves: Sequence[Leaf]) -> Body:
    """The words in *leaves*, text parts only, in order. Never raises.

    Of alternatives the plain one speaks, unless it is empty, a hint to look at the HTML, or says far less
    than it.
    """
    sections = _sections(leaves)
    texts = [_section_text(plain, pages) for plain, pages in sections]
    pages = [each for _, several in sections for each in several]
    shown = "\n".join(_section_html(plain, several) for plain, several in sections) if pages else ""
    ids = frozenset().union(*(each.content_ids for each in pages))
    return Body("\n\n".join(text for text in texts if text.strip()).strip("\n")[:LONGEST_TEXT], shown, ids)


def leaf_text(leaf: Leaf) -> str:
    """The text of a text part, by its charset, soft line breaks undone."""
    raw = leaf.content()[: LONGEST_TEXT * 4]
    label = leaf.charset or (charset_in_html(raw) if leaf.content_type == "text/html" else "")
    text = decode(raw, label)
    declared = parameters(str(leaf.part.get("Content-Type", "")))
    if leaf.content_type != "text/html" and declared.get("format", "").lower() == "flowed":
        return unflowed(text, declared.get("delsp", "").lower() == "yes")
    return text


def _sections(leaves: Sequence[Leaf]) -> list[tuple[str, list[Page]]]:
    """The plain text and the pages of each group of alternatives; a part outside any is its own."""
    groups: dict[tuple[int, int], tuple[list[str], list[Page]]] = {}
    for number, leaf in enumerate(leaves):
        plain, pages = groups.setdefault((leaf.group, 0 if leaf.group else number), ([], []))
        if leaf.content_type == "text/html":
            pages.append(page(leaf_text(leaf)))
        else:
            plain.append(leaf_text(leaf))
    return [("\n\n".join(plain), pages) for plain, pages in groups.values()]


def _section_text(plain: str, pages: list[Page]) -> str:
    words = len("".join(plain.split()))
    stub = words <= LONGEST_STUB and _STUB.search(plain) is not None
    if words > 0 and not stub and words * 4 >= sum(each.most for each in pages):
        return plain
    from_html = "\n\n".join(text for each in pages if (text := each.text))
    return plain if _speaks(words, from_html, stub=stub) else from_html


def _speaks(words: int, from_html: str, *, stub: bool) -> bool:
    if not from_html.strip():
        return True
    more = len("".join(from_html.split()))
    return words > 0 and not (stub and more > words) and words * 4 >= more


def _section_html(plain: str, pages: list[Page]) -> str:
    if pages:
        return "\n".join(each.safe or f"<pre>{html.escape(each.text)}</pre>" for each in pages)
    return f"<pre>{html.escape(plain)}</pre>" if plain.strip() else ""
