"""A letter's outside: a text becomes a plain, well-made letter of an office, as text and as HTML."""

import re
from collections.abc import Iterator
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from bot.policy import Office
from handlers import wording
from handlers.phrases import PHRASES
from handlers.runtime import Runtime
from handlers.shipped_files import templates_folder

_EMPTY_LINES = re.compile(r"\n{3,}")
_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")
_LINK = re.compile(r"https?://[^\s<>\"]+")
_AFTER_A_LINK = ".,;:!?'*_"
_BOLD = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]*\S)\*(?![\w*])")
_ITALIC = re.compile(r"(?<![\w_/.])_(?=\S)([^_\n]*\S)_(?![\w_])")
_PARAGRAPH = Markup('<p style="margin:0 0 16px;white-space:pre-wrap">{}</p>\n')
_ANCHOR = Markup('<a href="{0}" style="color:#0b5c94">{0}</a>')


def envelope(
    runtime: Runtime,
    office: Office,
    language: str,
    text: str,
    *,
    title: str = "",
    reference: str = "",
    delimiter: bool = True,
    marked: bool = False,
    closing: str | None = None,
) -> tuple[str, str]:
    """*text* as a letter of *office*: its plain text and its HTML, which say the same.

    *language* falls back to the office's first. *reference*: the ticket's number. *delimiter*: the line
    above which an answer is written, for letters that may be answered. *marked*: WhatsApp's ``*tebal*`` and
    ``_miring_`` in the text are marks, not the writer's own signs. *closing*: how to go on, at the foot, None
    for the usual words, empty for none.
    """
    language = language if language in office.languages else office.languages[0]
    about = {
        "language": language,
        "name": wording.office_name(office, language),
        "contact": tuple(_contact(office, language)),
        "privacy_link": _privacy_link(runtime, office, language),
        "title": title,
        "reference": reference,
        "delimiter": delimiter,
        "closing": closing,
    }
    plain = _templates().get_template(f"{language}/letter.txt").render(about, text=_plain(text, marked))
    page = _pages().get_template(f"{language}/letter.html")
    return _EMPTY_LINES.sub("\n\n", plain).strip(), page.render(about, paragraphs=_paragraphs(text, marked))


def subject_without_words(office: Office, language: str) -> str:
    """What a thread is called that has no subject."""
    language = language if language in office.languages else office.languages[0]
    name = wording.office_name(office, language)
    return _templates().get_template(f"{language}/subject.txt").render(name=name).strip()


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(templates_folder() / "envelope"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701  # plain text; the pages have their own environment
    )


@cache
def _pages() -> Environment:
    return Environment(
        loader=FileSystemLoader(templates_folder() / "envelope"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=True,
    )


def _contact(office: Office, language: str) -> Iterator[str]:
    if office.address:
        yield office.address
    if office.phone:
        yield f"{PHRASES[language].channels['phone']}: {wording.phone(office.phone)}"
    if office.website:
        yield office.website


def _privacy_link(runtime: Runtime, office: Office, language: str) -> str:
    query = "" if language == office.languages[0] else f"?lang={language}"
    return f"{runtime.settings.public_url}/privasi/{office.code}{query}"


def _plain(text: str, marked: bool) -> str:
    return _ITALIC.sub(r"\1", _BOLD.sub(r"\1", text)) if marked else text


def _paragraphs(text: str, marked: bool) -> Markup:
    """*text* in paragraphs, escaped, its links to be clicked."""
    parts = (part for part in _PARAGRAPHS.split(text.strip()) if part.strip())
    return Markup("").join(_PARAGRAPH.format(_lines(part, marked)) for part in parts)


def _lines(part: str, marked: bool) -> Markup:
    return Markup("<br>").join(Markup("").join(_pieces(line, marked)) for line in part.split("\n"))


def _pieces(line: str, marked: bool) -> Iterator[Markup]:
    end = 0
    for found in _LINK.finditer(line):
        link = _trimmed(found[0])
        yield _words(line[end : found.start()], marked)
        yield _ANCHOR.format(link)
        end = found.start() + len(link)
    yield _words(line[end:], marked)


def _trimmed(link: str) -> str:
    """*link* without the sentence's own signs behind it; a bracket that it opened itself is its own."""
    while link and (link[-1] in _AFTER_A_LINK or (link[-1] == ")" and link.count(")") > link.count("("))):
        link = link[:-1]
    return link


def _words(words: str, marked: bool) -> Markup:
    safe = str(escape(words))
    if marked:
        safe = _ITALIC.sub(r"<em>\1</em>", _BOLD.sub(r"<strong>\1</strong>", safe))
    return Markup(safe)  # noqa: S704  # escaped just above
