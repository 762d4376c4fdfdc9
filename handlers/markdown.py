"""Markdown as officers write it, and HTML that can do nothing but be read."""

import html
from functools import cache
from typing import TYPE_CHECKING

import nh3
from markupsafe import Markup

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_TAGS = {
    *("p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a"),
    *("h2", "h3", "h4", "table", "thead", "tbody", "tr", "th", "td"),
}


@cache
def _reader() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # sixty modules, for who reads or writes an answer

    return MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])


def rendered(text: str) -> Markup:
    """*text* as HTML: without scripts, pictures and styles, links to web and mail addresses only."""
    made = _reader().render(text).replace("<h1>", "<h2>").replace("</h1>", "</h2>")
    clean = nh3.clean(
        made,
        tags=_TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    return Markup(clean)  # noqa: S704  # nh3 has just cleaned it


def plain(text: str) -> str:
    """*text* without its marks, on one line: what a chat may quote of it."""
    return " ".join(html.unescape(nh3.clean(rendered(text), tags=set())).split())
