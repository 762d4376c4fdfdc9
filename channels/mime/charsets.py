"""Bytes to text by a label that may be missing, misspelt or wrong. Never raises, keeps all letters it can."""

import codecs
import re
from functools import lru_cache

_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_ENDS = re.compile("\r\n?|\x85|\u2028|\u2029")
_META = re.compile(rb"<meta[^>]{0,200}charset\s{0,9}=\s{0,9}[\"']?([\w:.-]{1,40})", re.IGNORECASE)
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))

# Labels seen in mail that Python does not know, and narrow labels under which wider text is sent.
_ALIASES = {
    "ansi": "cp1252",
    "big5": "big5hkscs",
    "cp-850": "cp850",
    "euc-kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "iso-gb2312": "gb18030",
    "ks_c_5601-1987": "cp949",
    "macintosh": "mac-roman",
    "shift_jis": "cp932",
    "unicode-1-1-utf-7": "utf-7",
    "windows-874": "cp874",
    "x-gbk": "gb18030",
    "x-mac-roman": "mac-roman",
    "x-sjis": "cp932",
    "x-user-defined": "cp1252",
}
# Python knows codecs that are no charsets, some of them slow (punycode, idna): only these families are used.
_TRUSTED = re.compile(
    r"ascii|utf-(7|8|8-sig|16|16-le|16-be|32|32-le|32-be)|iso8859-\d+|cp\d+|koi8-[rtu]|mac-\w+|gb18030|hz|tis-620|"
    r"big5\w*|euc_\w+|iso2022_\w+|johab|viscii|shift_jis\w*"
)
# ASCII and Latin-1 are claimed for everything; browsers read both as Windows-1252, and so do we (WHATWG
# Encoding).
_CLAIMED_FOR_ALL = {"ascii", "iso8859-1", "cp1252"}


def _windows_letters(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return "".join(_windows_letter(byte) for byte in wrong), error.end


def _windows_letter(byte: int) -> str:
    one = bytes((byte,))
    try:
        return one.decode("cp1252")
    except UnicodeDecodeError:
        return one.decode("latin-1")


codecs.register_error("loket-windows", _windows_letters)


def decode(raw: bytes, label: str | None = None) -> str:
    """*raw* as text that can be stored: line ends are ``\\n``, no NUL, no control characters, no lone
    surrogates.

    A byte order mark wins over *label*; an unknown label counts as none; what is valid UTF-8 under a label
    that is given to everything (ASCII, Latin-1, Windows-1252) is UTF-8; single wrong bytes are read as
    Windows-1252.
    """
    for mark, name in _BOMS:
        if raw.startswith(mark):
            return storable(raw.decode(name, "replace"))
    return storable(_decoded(raw, _codec(label)))


def storable(text: str) -> str:
    """*text* without what a database refuses or nobody can see; tabs and newlines stay."""
    if text.isprintable():
        return text
    return _UNSTORABLE.sub("", _ENDS.sub("\n", text))


def charset_in_html(raw: bytes) -> str:
    """The charset that an HTML page names in its first 2,048 bytes, or nothing."""
    found = _META.search(raw[:2048])
    return found[1].decode("ascii", "ignore") if found else ""


@lru_cache(maxsize=256)
def _codec(label: str | None) -> str:
    wanted = (label or "").strip().strip("\"'").lower().partition(";")[0].strip()
    try:
        name = codecs.lookup(_ALIASES.get(wanted, wanted)).name if len(wanted) <= 40 else "utf-8"
    except (LookupError, ValueError):
        return "utf-8"
    return name if _TRUSTED.fullmatch(name) else "utf-8"


def _decoded(raw: bytes, codec: str) -> str:
    if codec in _CLAIMED_FOR_ALL:
        return _utf8_or_windows(raw)
    if codec.startswith(("utf-16", "utf-32")) and b"\x00" not in raw and not _NOT_ASCII.search(raw):
        return raw.decode("ascii")
    try:
        return raw.decode(codec)
    except (UnicodeError, ValueError):
        return _patched(raw, codec)


def _utf8_or_windows(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "loket-windows")


def _patched(raw: bytes, codec: str) -> str:
    if codec == "utf-8" and not _mostly_utf8(raw):
        return raw.decode("cp1252", "loket-windows")
    errors = "loket-windows" if codec == "utf-8" else "replace"
    try:
        return raw.decode(codec, errors)
    except (UnicodeError, ValueError):
        return raw.decode("utf-8", "loket-windows")


def _mostly_utf8(raw: bytes) -> bool:
    """Whether more of the letters beyond ASCII in *raw* are UTF-8 than are not."""
    good = sum(letter > "\x7f" for letter in raw.decode("utf-8", "ignore"))
    return good * 2 >= len(_NOT_ASCII.findall(raw)) - good * 2
