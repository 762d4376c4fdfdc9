"""File names that strangers chose, made harmless: no path, nothing unseen, no length that hurts."""

import mimetypes
import re

from channels.mime.words import one_line

LONGEST_NAME = 150
LONGEST_ENDING = 12

_PATH = re.compile(r"[/\\]+")
_REFUSED = re.compile('[<>:"|?*]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)
# The standard table knows several endings for some types and none for others.
_ENDINGS = {
    "application/octet-stream": ".bin",
    "application/x-empty": "",
    "audio/mp4": ".m4a",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "image/jpeg": ".jpg",
    "message/rfc822": ".eml",
    "text/calendar": ".ics",
    "text/plain": ".txt",
    "text/vcard": ".vcf",
}


def clean_name(name: str) -> str:
    """*name* without path, control characters and turned text, at most 150 bytes in UTF-8; may be empty."""
    bare = _REFUSED.sub("_", _PATH.split(one_line(name))[-1]).strip(". ")
    bare = f"_{bare}" if _RESERVED.match(bare) else bare
    return _shortened(bare)


def name_for(name: str, content_type: str, number: int) -> str:
    """A name for a file: its own, cleaned, or ``lampiran-<number>`` with the ending of its type."""
    ending = _ENDINGS.get(content_type)
    if ending is None:
        ending = mimetypes.guess_extension(content_type, strict=False) or ""
    return clean_name(name) or f"lampiran-{number}{ending}"


def ending_of(name: str) -> str:
    """The ending of *name* in lower case without its dot, or nothing."""
    stem, dot, ending = name.rpartition(".")
    return ending.lower() if dot and stem and len(ending) <= LONGEST_ENDING else ""


def _shortened(name: str) -> str:
    if len(name.encode()) <= LONGEST_NAME:
        return name
    ending = ending_of(name)
    tail = f".{ending}" if ending else ""
    stem = name.removesuffix(name[len(name) - len(tail) :]) if tail else name
    return stem.encode()[: LONGEST_NAME - len(tail.encode())].decode("utf-8", "ignore").rstrip() + tail
