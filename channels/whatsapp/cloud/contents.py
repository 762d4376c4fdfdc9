"""What a message of Meta's consists of: its kind, its words, what was tapped, and its files."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.events import Content
from channels.contract import Media
from channels.whatsapp.cloud.values import LONGEST_TEXT, items, mapping, text, word

LONGEST_WORD = 255
MEDIA_SCHEME = "whatsapp-cloud:"

_FILES = {
    "audio": Content.VOICE,
    "document": Content.DOCUMENT,
    "image": Content.IMAGE,
    "sticker": Content.STICKER,
    "video": Content.VIDEO,
}
_REPLIES = ("button_reply", "list_reply")


@dataclass(frozen=True, slots=True)
class Said:
    """What was said. *media* are named by the id that they have at Meta."""

    content: Content
    text: str = ""
    choice: str | None = None
    media: tuple[Media, ...] = ()


def said(message: Mapping[str, Any]) -> Said:
    """What *message* says. A kind that is not known, or not supported, is ``EMPTY``, never an error."""
    kind = word(message.get("type"))
    inner = mapping(message.get(kind))
    if kind == "edit":
        return _edited(mapping(inner.get("message")))
    if kind == "contacts":
        return _contacts(message.get(kind))
    if kind in _FILES:
        return _file(inner, _FILES[kind])
    read = _KINDS.get(kind)
    return read(inner) if read else Said(Content.EMPTY)


def _edited(message: Mapping[str, Any]) -> Said:
    """What a message says now: it comes as one more. One that was edited within another is none."""
    return Said(Content.EMPTY) if word(message.get("type")) == "edit" else said(message)


def _text(inner: Mapping[str, Any]) -> Said:
    body = text(inner.get("body"))
    return Said(Content.TEXT if body.strip() else Content.EMPTY, body)


def _file(inner: Mapping[str, Any], content: Content) -> Said:
    name = word(inner.get("id"))
    kind = word(inner.get("mime_type"))[:LONGEST_WORD]
    media = (Media(MEDIA_SCHEME + name, kind),) if 0 < len(name) <= LONGEST_WORD else ()
    return Said(content, text(inner.get("caption")), media=media)


def _location(inner: Mapping[str, Any]) -> Said:
    """A place's name and address, and the place itself, a line each, as from Twilio."""
    place = [_number(inner.get(name)) for name in ("latitude", "longitude")]
    words = [word(inner.get(name)) for name in ("name", "address")]
    if not all(place):
        return Said(Content.LOCATION, "\n".join(filter(None, words))[:LONGEST_TEXT])
    lines = [*dict.fromkeys(each for each in words if each), ", ".join(place)]
    return Said(Content.LOCATION, "\n".join(lines)[:LONGEST_TEXT])


def _number(value: Any) -> str:
    return str(value) if isinstance(value, float) else word(value)


def _reaction(inner: Mapping[str, Any]) -> Said:
    emoji = word(inner.get("emoji"))
    return Said(Content.TEXT if emoji else Content.EMPTY, emoji)


def _button(inner: Mapping[str, Any]) -> Said:
    """A button of a template."""
    return _tapped(word(inner.get("text")), word(inner.get("payload")))


def _interactive(inner: Mapping[str, Any]) -> Said:
    for reply in (mapping(inner.get(name)) for name in _REPLIES):
        if reply:
            return _tapped(word(reply.get("title")), word(reply.get("id")))
    form = mapping(inner.get("nfm_reply"))
    return _tapped(word(form.get("body")) or word(form.get("name")), "")


def _tapped(shown: str, choice: str) -> Said:
    return Said(Content.TEXT if shown or choice else Content.EMPTY, shown, choice[:LONGEST_WORD] or None)


def _contacts(cards: Any) -> Said:
    lines = [line for card in items(cards) for line in _card(mapping(card))]
    return Said(Content.CONTACT, "\n".join(lines)[:LONGEST_TEXT])


def _card(card: Mapping[str, Any]) -> Iterator[str]:
    numbers = [word(mapping(phone).get("phone")) for phone in items(card.get("phones"))]
    name = word(mapping(card.get("name")).get("formatted_name"))
    if line := ": ".join(filter(None, (name, ", ".join(filter(None, numbers))))):
        yield line


def _order(inner: Mapping[str, Any]) -> Said:
    """A basket. No office sells here; what was written beside it counts."""
    return _text({"body": inner.get("text")})


_KINDS: Mapping[str, Callable[[Mapping[str, Any]], Said]] = {
    "button": _button,
    "interactive": _interactive,
    "location": _location,
    "order": _order,
    "reaction": _reaction,
    "text": _text,
}
