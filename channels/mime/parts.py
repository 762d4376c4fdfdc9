"""The tree of a mail as a flat list of its leaves with their bytes; broken structure mended where easy."""

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.generator import BytesGenerator
from email.parser import BytesParser
from email.policy import compat32
from io import BytesIO

from channels.mime.envelopes import headers_of
from channels.mime.words import Part, base64_bytes, parameters

MOST_LEAVES = 1000

_LEADING = re.compile(rb"\A(?:[ \t]*\r?\n)+")
_REAL_HEADER = re.compile(
    rb"\A((?![!-9;-~]+:)[^\r\n]{1,200}\r?\n){1,3}"
    rb"(?=(?:from|to|subject|received|return-path|date|message-id|mime-version|delivered-to):)",
    re.IGNORECASE,
)
_LOST_BOUNDARY = re.compile(rb"^--([^\s\"]{1,200})[ \t]*\r?\n(?=content-)", re.IGNORECASE | re.MULTILINE)
_UUENCODED = {"x-uuencode", "uuencode", "uue", "x-uue"}


@dataclass(frozen=True, slots=True)
class Leaf:
    """A part without parts. ``group`` numbers the nearest *multipart/alternative* around it; 0 is none."""

    part: Part
    content_type: str
    group: int
    charset: str
    disposition: str
    name: str
    content_id: str | None

    def content(self) -> bytes:
        """The bytes of the part, its transfer encoding undone."""
        return payload(self.part)


def parse(raw: bytes) -> Part:
    """The tree of *raw*. May raise RecursionError for nesting that the caps did not see."""
    bare = _LEADING.sub(b"", raw[:65_536]) + raw[65_536:] if raw[:1] in b"\r\n \t" and raw else raw
    junk = _REAL_HEADER.match(bare)
    if junk and not bare.startswith(b"From "):
        bare = bare[junk.end() :]
    return _mended(BytesParser(policy=compat32).parsebytes(bare))


def _mended(root: Part) -> Part:
    """*root* read again with the boundary that its body uses, where the one it names is missing."""
    if root.is_multipart() or root.get_content_maintype() != "multipart":
        return root
    body = payload(root)
    boundary = _LOST_BOUNDARY.search(body)
    if boundary is None:
        return root
    kind = root.get_content_subtype().encode("ascii", "replace")
    head = b'Content-Type: multipart/%s; boundary="%s"\r\n\r\n' % (kind, boundary[1])
    again: Part = BytesParser(policy=compat32).parsebytes(head + body)
    root.set_payload(again.get_payload())
    return root


def leaves(root: Part) -> Iterator[Leaf]:
    """The leaves of *root* in order, at most ``MOST_LEAVES``; a mail inside is one leaf."""
    stack = [(root, 0)]
    count = groups = 0
    while stack and count < MOST_LEAVES:
        part, group = stack.pop()
        if part.is_multipart() and (kind := part.get_content_type()).startswith("multipart/"):
            if kind == "multipart/alternative":
                groups += 1
                group = groups
            stack.extend((child, group) for child in reversed(children(part)))
        else:
            count += 1
            yield _leaf(part, group)


def children(part: Part) -> list[Part]:
    """The parts inside *part*; none for a leaf."""
    inside = part.get_payload()
    return [child for child in inside if not isinstance(child, str)] if isinstance(inside, list) else []


def payload(part: Part) -> bytes:
    """The bytes of a leaf, transfer encoding undone; of a mail inside, the mail as it was written."""
    inside = part.get_payload() if part.is_multipart() else _raw_payload(part)
    if isinstance(inside, list):
        written = b"".join(_written(child) for child in children(part))
        # RFC 2046, 5.2.1 forbids it, Exchange does it.
        return base64_bytes(written) if _encoding(part) == "base64" and b":" not in written[:76] else written
    return inside if isinstance(inside, bytes) else b""


def _raw_payload(part: Part) -> bytes:
    encoding = _encoding(part)
    # Asked without its encoding, the library gives the very bytes; its own decoding is lenient about other
    # things.
    del part["Content-Transfer-Encoding"]
    if encoding in _UUENCODED:
        part["Content-Transfer-Encoding"] = "x-uuencode"
    raw = part.get_payload(decode=True)
    if encoding and encoding not in _UUENCODED:
        part["Content-Transfer-Encoding"] = encoding
    if not isinstance(raw, bytes):
        return b""
    if encoding == "base64":
        return base64_bytes(raw)
    return quopri.decodestring(raw) if encoding == "quoted-printable" else raw


def _encoding(part: Part) -> str:
    named = (str(value) for name, value in part.raw_items() if name.lower() == "content-transfer-encoding")
    return next(named, "").partition(";")[0].strip().lower()


def _written(child: Part) -> bytes:
    target = BytesIO()
    try:
        BytesGenerator(target, mangle_from_=False, maxheaderlen=0, policy=compat32).flatten(child)
    except Exception:  # noqa: BLE001 - the standard writer raises for parts that the standard reader accepted
        return target.getvalue()
    return target.getvalue()


def _leaf(part: Part, group: int) -> Leaf:
    headers = headers_of(part)
    kind = parameters((headers.get("content-type") or [""])[0])
    placed = parameters((headers.get("content-disposition") or [""])[0])
    content_id = (headers.get("content-id") or [""])[0].strip().strip("<>").strip()[:500]
    return Leaf(
        part=part,
        content_type=part.get_content_type(),
        group=group,
        charset=kind.get("charset", ""),
        disposition=placed[""],
        name=placed.get("filename") or kind.get("name", ""),
        content_id=content_id or None,
    )
