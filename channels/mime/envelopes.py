"""The headers of a mail as an ``Envelope``: bounded, cleaned, decoded; nothing believed."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeAlias

from channels.mime.addresses import address, addresses
from channels.mime.mail import OWN_MARK, Address, Envelope
from channels.mime.words import Part, decoded_words, first, line, one_line, raw_text

MOST_REFERENCES = 50
LONGEST_ID = 998
MOST_TRACES = 40
LONGEST_MARK = 998

# What kinds.py looks at: RFC 3834, RFC 2369 and 2919, RFC 5436, and the habits of servers without a standard.
MARKS = (
    *("auto-submitted", "precedence", "x-auto-response-suppress", "x-autoreply", "x-autorespond", "x-loop"),
    *("x-ms-exchange-inbox-rules-loop", "x-ms-exchange-generated-message-source", "x-failed-recipients"),
    *("list-id", "list-unsubscribe", "list-post", "list-help", "mailing-list", "feedback-id", "content-type"),
    *("x-mail-autoreply", "x-autoresponse", "x-vacation", "x-away", "x-auto-reply", "reply-by-robot"),
    OWN_MARK,
)
_DELIVERED = ("delivered-to", "x-original-to", "envelope-to", "x-delivered-to")
_TRACES = ("received", "authentication-results")
_ID = re.compile(r"<([^<>]{1,998})>")
_BETWEEN_IDS = re.compile(r"[\s<>,;\"]+")
_BLANKS = re.compile(r"\s+")

Headers: TypeAlias = Mapping[str, list[str]]


def envelope(part: Part) -> Envelope:
    """The envelope of a parsed mail. Never raises."""
    headers = headers_of(part)
    authors = _addresses(headers, "from")
    return Envelope(
        message_id=first(message_ids(_first(headers, "message-id"))),
        in_reply_to=first(message_ids(_first(headers, "in-reply-to"))),
        references=references(" ".join(headers.get("references", ())[:10])),
        date=_date(_first(headers, "date")),
        author=first_address(authors),
        author_text=line(_first(headers, "from"), 300),
        sender=first_address(_addresses(headers, "sender")),
        to=_addresses(headers, "to"),
        cc=_addresses(headers, "cc"),
        reply_to=_addresses(headers, "reply-to"),
        delivered_to=_delivered_to(headers),
        return_path=_return_path(headers),
        subject=line(_first(headers, "subject"), 998),
        marks={name: line(headers[name][0], LONGEST_MARK) for name in MARKS if name in headers},
        trace=_trace(part),
    )


def headers_of(part: Part) -> Headers:
    """All headers by their names in lower case, values as the parser gives them."""
    found: dict[str, list[str]] = {}
    for name, value in part.raw_items():
        found.setdefault(name.lower(), []).append(str(value))
    return found


def message_ids(value: str) -> tuple[str, ...]:
    """The message ids in *value*, with their angle brackets, each once, in order.

    Blanks inside an id come from folding and go; an id without brackets gets them; other words are passed
    over.
    """
    text = decoded_words(raw_text(value))
    inside = [_BLANKS.sub("", found) for found in _ID.findall(text)] or _bare_ids(text)
    return tuple(dict.fromkeys(f"<{one_line(each)}>" for each in inside if each and len(each) < LONGEST_ID))


def _bare_ids(text: str) -> list[str]:
    return [word for word in _BETWEEN_IDS.split(text) if 0 < word.find("@") < len(word) - 1]


def references(value: str) -> tuple[str, ...]:
    """The ids of a References header: the first and the newest, at most ``MOST_REFERENCES``."""
    ids = message_ids(value)
    return ids if len(ids) <= MOST_REFERENCES else ids[:1] + ids[1 - MOST_REFERENCES :]


def first_address(found: tuple[Address, ...]) -> Address | None:
    """The first of the addresses, if there is one."""
    return found[0] if found else None


def _first(headers: Headers, name: str) -> str:
    return headers.get(name, [""])[0]


def _addresses(headers: Headers, name: str) -> tuple[Address, ...]:
    return addresses(", ".join(headers.get(name, ())[:20]))


def _delivered_to(headers: Headers) -> tuple[str, ...]:
    found = (address(raw_text(value)) for name in _DELIVERED for value in headers.get(name, ())[:10])
    return tuple(dict.fromkeys(each for each in found if each))


def _return_path(headers: Headers) -> str | None:
    if "return-path" not in headers:
        return None
    value = raw_text(_first(headers, "return-path"))
    return "" if value.strip() in ("<>", "") else address(value)


def _date(value: str) -> datetime | None:
    """The date in UTC. Without a zone it is taken as UTC (RFC 5322, 3.3: ``-0000`` says no more)."""
    try:
        found = parsedate_to_datetime(raw_text(value)[:200])
        aware = found if found.tzinfo else found.replace(tzinfo=UTC)
        return aware.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _trace(part: Part) -> tuple[tuple[str, str], ...]:
    found = [(name.lower(), value) for name, value in part.raw_items() if name.lower() in _TRACES]
    return tuple((name, line(str(value))) for name, value in found[:MOST_TRACES])
