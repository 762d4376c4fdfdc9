"""Header values in our words: encoded words (RFC 2047), parameters in pieces (RFC 2231), one clean line."""

import binascii
import re
from collections.abc import Iterable, Iterator, Mapping
from email.message import Message
from functools import lru_cache
from typing import TypeAlias

from channels.mime.charsets import decode, storable

Part: TypeAlias = "Message[str, str]"

LONGEST_VALUE = 64 * 1024
LONGEST_PARAMETERS = 16 * 1024

_ENCODED = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")
_HEX = re.compile(rb"=([0-9A-Fa-f]{2})")
# They turn the reading direction of what follows, or can't be seen: a name must not lie with them.
_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")


def raw_text(value: str) -> str:
    """A header value of the parser, unfolded, 8-bit bytes read, cut at 64 KiB. Encoded words stay."""
    cut = value[:LONGEST_VALUE].replace("\r", "").replace("\n", "")
    return storable(cut) if cut.isascii() else decode(cut.encode("utf-8", "surrogateescape"))


def line(value: str, longest: int = 2000) -> str:
    """A header value for people: decoded, one line, without what can't be seen, at most *longest* letters."""
    return one_line(decoded_words(raw_text(value)))[:longest].strip()


def one_line(text: str) -> str:
    """*text* on one line, without signs that turn the reading direction or can't be seen."""
    return " ".join((text if text.isascii() else _INVISIBLE.sub("", text)).split())


def decoded_words(text: str) -> str:
    """*text* with its encoded words decoded. Neighbours are joined first: some mailers cut letters in two."""
    return "".join(_pieces(text)) if "=?" in text else text


def _pieces(text: str) -> Iterator[str]:
    end, charset, pending = 0, "", b""
    for match in _ENCODED.finditer(text):
        between = text[end : match.start()]
        label = match[1].partition("*")[0].lower()
        neighbour = end > 0 and not between.strip()
        if not neighbour or label != charset:
            yield decode(pending, charset)
            pending = b""
        if not neighbour:
            yield between
        charset, pending, end = label, pending + _word_bytes(match[2], match[3]), match.end()
    yield decode(pending, charset)
    yield text[end:]


def _word_bytes(encoding: str, content: str) -> bytes:
    if encoding in "bB":
        return base64_bytes(content.encode("ascii", "ignore"))
    raw = content.replace("_", " ").encode("utf-8", "replace")
    return _HEX.sub(lambda match: bytes((int(match[1], 16),)), raw)


def base64_bytes(raw: bytes) -> bytes:
    """What *raw* holds in Base64; strange letters, missing padding and what follows the end don't matter."""
    try:
        return binascii.a2b_base64(raw + b"===")
    except binascii.Error:
        kept = _NOT_BASE64.sub(b"", raw)
    try:
        return binascii.a2b_base64(kept[: len(kept) - len(kept) % 4])
    except binascii.Error:
        return b""


def parameters(value: str) -> dict[str, str]:
    """The parameters of a Content-Type or Content-Disposition, names in lower case, values decoded.

    The name before the first ``;`` stands under the empty string, in lower case.
    """
    return dict(_parameters(value)) if value else {"": ""}


@lru_cache(maxsize=64)  # most parts of most mails say the same, and each is asked twice
def _parameters(value: str) -> Mapping[str, str]:
    holder: Part = Message()
    holder["Content-Type"] = raw_text(value[:LONGEST_PARAMETERS])
    try:
        found = holder.get_params(failobj=[], unquote=True)
    except Exception:  # noqa: BLE001 - the standard library's parser raises what it likes for broken values
        found = []
    pairs = [(name.lower(), _parameter(each)) for name, each in found]
    return {**dict(reversed(pairs[1:])), "": pairs[0][0].strip() if pairs else ""}


def _parameter(value: object) -> str:
    if isinstance(value, tuple):
        charset, _, text = value
        return one_line(decode(text.encode("latin-1", "replace"), charset))
    return one_line(decoded_words(str(value)))


def first(values: Iterable[str]) -> str | None:
    """The first of *values*, if there is one."""
    return next(iter(values), None)
