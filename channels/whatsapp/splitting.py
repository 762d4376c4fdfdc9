"""Long texts in parts that WhatsApp carries, cut where a reader would cut them."""

import re
import unicodedata

LONGEST_PART = 1600

# Best first: between paragraphs, lines, sentences, words.
_BORDERS = tuple(re.compile(pattern) for pattern in (r"\n\s*\n", r"\n", r"(?<=[.!?…:;])\s+", r"\s+"))
_UNSENDABLE = re.compile("[\x00\ud800-\udfff]")
_ZERO_WIDTH_JOINER = "\u200d"
_SKIN_TONES = range(0x1F3FB, 0x1F400)


def split(text: str, longest: int = LONGEST_PART) -> tuple[str, ...]:
    """*text* in parts of at most *longest* UTF-16 units, in order, every word kept; none without words.

    Such units are the careful way to count: many emoji count twice. *longest* is at least 2.
    Only a word longer than a whole part is cut inside.
    """
    rest = _UNSENDABLE.sub("", text).strip()
    parts = []
    while rest:
        part = _first_part(rest, longest)
        parts.append(part.rstrip())
        rest = rest[len(part) :].lstrip()
    return tuple(parts)


def _first_part(text: str, longest: int) -> str:
    room = _fitting(text, longest)
    if len(room) == len(text):
        return text
    return text[: _border(text, len(room)) or _inside_word(text, len(room))]


def _fitting(text: str, longest: int) -> str:
    """The longest beginning of *text* that fits; half a surrogate pair at its end is dropped."""
    cut = text[:longest].encode("utf-16-le")[: longest * 2]
    return cut.decode("utf-16-le", errors="ignore")


def _border(text: str, room: int) -> int:
    """The best border that leaves a part at least a third full, else the last between words, else 0."""
    last = 0
    for border in _BORDERS:
        starts = [found.start() for found in border.finditer(text, 0, room + 1) if found.start() <= room]
        last = starts[-1] if starts else 0
        if last * 3 >= room:
            return last
    return last


def _inside_word(text: str, room: int) -> int:
    """The last place up to *room* that tears no emoji apart and no letter from its marks, else *room*."""
    for place in range(room, max(room - 16, 0), -1):
        if not _clings(text[place]) and text[place - 1] != _ZERO_WIDTH_JOINER:
            return place
    return room


def _clings(character: str) -> bool:
    return (
        character == _ZERO_WIDTH_JOINER
        or ord(character) in _SKIN_TONES
        or unicodedata.category(character) in {"Mn", "Me", "Mc"}
    )
