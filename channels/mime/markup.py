"""HTML as text, and HTML made safe to show. Quotes that mail programs mark become lines with ``> ``."""

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial

import lxml.html
import nh3
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.html_engine import Inscriptis
from inscriptis.model.config import ParserConfig
from lxml import etree

LONGEST_HTML = 1_000_000
# inscriptis pads every line of a cell to the width of its column: beyond this a table is read cell by cell.
WIDEST_TABLE = 20_000_000

_QUOTE_STARTS, _QUOTE_ENDS = "\ue000", "\ue001"
_PRIVATE = re.compile(f"[{_QUOTE_STARTS}{_QUOTE_ENDS}]")
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
_TAG = re.compile(r"<[^<>]*>")
_BLANK_LINES = re.compile(r"\n{4,}")
# Gmail, Apple Mail and Thunderbird, Yahoo; Outlook writes no container, only a block of header lines.
_QUOTES = (
    "//blockquote[@type='cite' or contains(concat(' ', @class, ' '), ' gmail_quote ')]"
    "|//*[contains(@class, 'yahoo_quoted')][not(ancestor::*[contains(@class, 'yahoo_quoted')])]"
)
_CONFIG = ParserConfig(css=CSS_PROFILES["strict"])


def _allowed(tag: str, name: str, value: str) -> str | None:
    if tag == "img" and name == "src":
        return value if value.lower().startswith("cid:") else None
    if name == "href":
        return value if value.strip().lower().startswith(("http:", "https:", "mailto:", "tel:")) else None
    return value


_STRUCTURE = {"blockquote", "br", "div", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "p", "pre", "span"}
_LISTS = {"dd", "dl", "dt", "li", "ol", "ul"}
_TABLES = {"caption", "table", "tbody", "td", "tfoot", "th", "thead", "tr"}
_WORDS = {"a", "abbr", "b", "code", "em", "i", "q", "s", "small", "strong", "sub", "sup", "u"}
_CLEANER = nh3.Cleaner(
    tags=_STRUCTURE | _LISTS | _TABLES | _WORDS | {"img"},
    clean_content_tags={"script", "style", "title", "noscript", "iframe", "object", "template"},
    attributes={
        "*": {"dir", "lang"},
        "a": {"href", "title"},
        "img": {"alt", "height", "src", "width"},
        "ol": {"start"},
        "td": {"align", "colspan", "rowspan", "valign"},
        "th": {"align", "colspan", "rowspan", "scope"},
    },
    attribute_filter=_allowed,
    url_schemes={"http", "https", "mailto", "tel", "cid"},
    link_rel="noopener noreferrer nofollow",
)


@dataclass(frozen=True, slots=True)
class Page:
    """An HTML part: ``safe`` for showing, ``content_ids`` that it shows, ``text`` for reading and cutting.

    ``most``: how many letters the text has at most, blanks not counted; told without putting it together.
    """

    safe: str
    content_ids: frozenset[str]
    most: int
    put_together: Callable[[], str]

    @property
    def text(self) -> str:
        """The words, laid out as on a page."""
        return self.put_together()


def page(source: str) -> Page:
    """*source* read as HTML. Never raises; what is beyond 1,000,000 letters is left out.

    ``safe`` holds no script, style, form, frame, event or remote image (only ``cid:`` ones, so that opening
    a mail tells its sender nothing) and is empty where the HTML is too broken to show.
    """
    cut = _XML_DECLARATION.sub("", _PRIVATE.sub("", source[:LONGEST_HTML]))
    try:
        tree = _tree(cut)
    except Exception:  # noqa: BLE001 - whatever a parser of hostile HTML raises, the words must stay
        tree = None
    if tree is None:
        return Page("", frozenset(), len(cut), partial(_stripped, cut))
    # The text comes last: it marks quotes in the tree.
    return Page(_safe(tree), _content_ids(tree), _most(tree, cut), cache(partial(_text, tree, cut)))


def _most(tree: lxml.html.HtmlElement, source: str) -> int:
    """The letters in *tree*, and what can come before its lines: bullets, numbers, twenty quote marks."""
    lines = sum(1 for _ in tree.iter()) + source.count("\n")
    return len("".join(str(tree.text_content()).split())) + 24 * lines


def _tree(source: str) -> lxml.html.HtmlElement | None:
    """The parsed tree, or None where the parser gave up on the way (it stops at 256 levels)."""
    parser = lxml.html.HTMLParser(recover=True, encoding="utf-8", remove_comments=True, remove_pis=True)
    tree = lxml.html.document_fromstring(source.encode("utf-8", "replace"), parser=parser)
    deep = any("depth" in entry.message for entry in parser.error_log)
    return None if deep else tree


def _stripped(source: str) -> str:
    return _tidy(html.unescape(_TAG.sub("\n", source)))


def _safe(tree: lxml.html.HtmlElement) -> str:
    # From the tree, not from the source: nesting without a bottom makes the cleaner slow, and the tree has
    # 256 levels.
    written = etree.tostring(tree, encoding="unicode", method="html")
    return _CLEANER.clean(written).strip()


def _content_ids(tree: lxml.html.HtmlElement) -> frozenset[str]:
    sources = (str(source) for source in tree.xpath("//img/@src"))
    return frozenset(source[4:].strip() for source in sources if source.lower().startswith("cid:"))


def _text(tree: lxml.html.HtmlElement, source: str) -> str:
    try:
        _mark_quotes(tree)
        _flatten_tables(tree)
        return _tidy(_quoted(Inscriptis(tree, _CONFIG).get_text()))
    except Exception:  # noqa: BLE001 - the words must stay, whatever the layout does to the library
        return _stripped(source)


def _mark_quotes(tree: lxml.html.HtmlElement) -> None:
    for quote in tree.xpath(_QUOTES):
        start, end = lxml.html.Element("div"), lxml.html.Element("div")
        start.text, end.text = _QUOTE_STARTS, _QUOTE_ENDS
        start.tail, quote.text = quote.text, None
        quote.insert(0, start)
        quote.append(end)


def _quoted(text: str) -> str:
    return "\n".join(_quoted_lines(text))


def _quoted_lines(text: str) -> Iterator[str]:
    depth = 0
    for written in text.split("\n"):
        change = written.count(_QUOTE_STARTS) - written.count(_QUOTE_ENDS)
        words = _PRIVATE.sub("", written)
        if words.strip() or words == written:
            yield "> " * min(depth, 20) + (words.strip() if depth else words)
        depth = max(0, depth + change)


def _flatten_tables(tree: lxml.html.HtmlElement) -> None:
    """Make rows and cells plain blocks where their layout as a grid could take too much room."""
    outermost = tree.xpath("//table[not(ancestor::table)]")
    if all(_area(table) <= WIDEST_TABLE for table in outermost):
        return
    for element in list(tree.iter("table", "tbody", "tr", "td", "th")):
        element.tag = "div"


def _area(table: lxml.html.HtmlElement) -> int:
    """The most letters *table* can have as a grid: its elements may all be lines, its words all one line."""
    return sum(1 for _ in table.iter()) * sum(len(text) for text in table.itertext())


def _tidy(text: str) -> str:
    unpadded = "\n".join(line.rstrip() for line in text.replace("\xa0", " ").split("\n"))
    return _BLANK_LINES.sub("\n\n\n", unpadded).strip("\n").rstrip()
