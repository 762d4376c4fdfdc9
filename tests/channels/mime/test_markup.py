"""HTML: all its words, and nothing that acts."""

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.mime.markup import page


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>Satu</p><p>Dua</p>", "Satu\n\nDua"),
        ("te<b>bal</b>.", "tebal."),
        ("a<br>b<br><br>c", "a\nb\n\nc"),
        ("<style>p{}</style><script>x()</script>Halo", "Halo"),
        ("<?xml version='1.0' encoding='utf-16'?><p>Halo</p>", "Halo"),
        ("<!--[if mso]>rahasia<![endif]-->Halo", "Halo"),
        ("<blockquote type=cite>lama</blockquote>baru", "> lama\nbaru"),
        ("<blockquote>pasal 1</blockquote>baru", "pasal 1\nbaru"),
        ("<div class='x yahoo_quoted'>a<div class=yahoo_quoted>b</div></div>", "> a\n> b"),
        ("Halo \ue000 palsu", "Halo palsu"),
        ("Halo", "Halo"),
        ("", ""),
        ("<" * 50, "<" * 50),
    ],
)
def test_words_of_a_page(source: str, text: str) -> None:
    assert page(source).text == text


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "<a href='jav ascript:alert(1)'>x</a>",
        "<a href='&#1;javascript:alert(1)'>x</a>",
        "<a href='data:text/html,alert(1)'>x</a>",
        "<svg onload=alert(1)>",
        "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        "<form action=https://x.example><input></form>",
        "<iframe src=https://x.example></iframe>",
        "<link rel=stylesheet href=https://x.example>",
        "<p style='background:url(https://x.example)'>x</p>",
        "<img src='https://x.example/lacak.gif'>",
        "<img src='//x.example/lacak.gif'>",
        "<base href=https://x.example>",
        "<meta http-equiv=refresh content='0;url=https://x.example'>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    ],
)
def test_nothing_acts_and_nothing_is_fetched(source: str) -> None:
    safe = page(source).safe
    for element in lxml.html.fragment_fromstring(safe, create_parent="main").iterdescendants():
        assert element.tag in {"a", "p", "img"}
        assert set(element.attrib) <= {"href", "rel", "src", "alt", "title"}
        assert element.get("href", "https:").startswith("https:")
        assert element.get("src", "cid:").startswith("cid:")


def test_links_and_inline_images_stay() -> None:
    found = page('<a href="https://x.example/a">x</a><img src="cid:logo@x" alt="Logo" width=5>')
    assert 'href="https://x.example/a"' in found.safe
    assert 'src="cid:logo@x"' in found.safe
    assert found.content_ids == {"logo@x"}


def test_nesting_without_a_bottom_keeps_the_words() -> None:
    found = page("<div>" * 5000 + "Halo" + "</div>" * 5000)
    assert found.text.strip() == "Halo"
    assert found.safe == ""


_TAGS = st.sampled_from(
    (
        "p",
        "div",
        "ul",
        "ol",
        "li",
        "blockquote",
        "table",
        "tr",
        "td",
        "pre",
        "br",
        "hr",
        "h1",
        "a",
        "img",
        "title",
    )
)


def _element(tag: str, parts: list[str]) -> str:
    return f'<{tag} type="cite" alt="xyz">{"".join(parts)}</{tag}>'


_HTML = st.recursive(
    st.text(alphabet="ab \n&;1.-*>", max_size=12),
    lambda inside: st.builds(
        lambda tag, parts: f'<{tag} type="cite" alt="xyz">{"".join(parts)}</{tag}>',
        _TAGS,
        st.lists(inside, max_size=5),
    ),
    max_leaves=40,
)


@given(_HTML)
def test_the_text_is_never_longer_than_was_told(source: str) -> None:
    read = page(source)
    assert len("".join(read.text.split())) <= read.most


def test_many_lists_and_quotes_are_not_longer_than_was_told() -> None:
    lists = "<ol>" + "<li>a</li>" * 2000 + "</ol>" + "<ul><li>" * 60 + "b" + "</li></ul>" * 60
    quotes = '<blockquote type="cite">' * 60 + "<pre>" + "c\n" * 50 + "</pre>" + "</blockquote>" * 60
    for source in (lists, quotes):
        read = page(source)
        assert len("".join(read.text.split())) <= read.most
