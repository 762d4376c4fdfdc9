"""A subject without what mail programs and desks put before and behind it."""

import re

LONGEST = 255
# Indonesian and English mail programs, and the German and Scandinavian ones that are met everywhere.
_PREFIX = re.compile(
    r"\s*(?:re|bls|balas|balasan|jawab|aw|sv|antw|vs|fwd?|wg|trs|terusan|teruskan|tr)\s{0,3}(?:\[\d{1,3}\])?\s{0,3}:\s*",
    re.IGNORECASE,
)
_MOST_PREFIXES = 20


def bare_subject(subject: str, short_name: str) -> str:
    """*subject* without "Re:", "Bls:", "Fwd:" and *short_name*'s ticket numbers, at most 255 letters."""
    words = subject[:2000]
    tag = re.compile(rf"\s*\[?\b{re.escape(short_name)}-(?:P-)?\d{{4}}-\d{{5,9}}\b\]?\s*", re.IGNORECASE)
    for _ in range(_MOST_PREFIXES):
        shorter = (
            _PREFIX.sub("", tag.sub(" ", words), count=1) if _PREFIX.match(words) else tag.sub(" ", words)
        )
        if shorter == words:
            break
        words = shorter
    return " ".join(words.split())[:LONGEST]
