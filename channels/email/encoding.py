"""Encoded words (RFC 2047): how text beyond ASCII stands in a header."""

import base64
from collections.abc import Iterator

# 60 letters of Base64: a word is at most 75 letters long.
_MOST_BYTES = 45


def encoded(text: str) -> list[str]:
    """*text* as encoded words, each whole in itself: no letter is cut in two."""
    return [f"=?utf-8?b?{base64.b64encode(piece).decode()}?=" for piece in _pieces(text)]


def _pieces(text: str) -> Iterator[bytes]:
    piece = b""
    for letter in text:
        spelled = letter.encode("utf-8", "replace")
        if len(piece) + len(spelled) > _MOST_BYTES:
            yield piece
            piece = b""
        piece += spelled
    yield piece
