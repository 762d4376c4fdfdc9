"""Files that mean harm, made in code: none is kept in the repository."""

import gzip
import io
import struct
import zipfile
import zlib

from channels.simulator.samples import document

HTML = b"<!DOCTYPE html><script>alert(document.cookie)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
HTML_BEHIND_JPEG = b"\xff\xd8\xff\xe0" + HTML
MEGABYTE = 1024 * 1024


def png(width: int, height: int) -> bytes:
    """A PNG of this size, all black: it packs to nearly nothing."""
    lines = zlib.compressobj(9)
    row, rows = bytes(1 + width * 3), min(height, 20)
    packed = b"".join(lines.compress(row) for _ in range(rows)) + lines.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_of_words(size: int) -> bytes:
    """A small PNG with a comment that unpacks to *size* bytes."""
    words = _chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(size), 9))
    plain = png(8, 8)
    return plain[:33] + words + plain[33:]


def zipped_document() -> bytes:
    """A document whose only page would unpack to half a gigabyte."""
    plain = document()
    entry = plain.rindex(b"PK\x01\x02")
    return plain[: entry + 24] + struct.pack("<I", 500 * MEGABYTE) + plain[entry + 28 :]


def crowded_zip(members: int) -> bytes:
    """A document of very many empty members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<document/>")
        for number in range(members):
            archive.writestr(f"{number}", b"")
    return out.getvalue()


def gzip_bomb() -> bytes:
    """A gigabyte of nothing, packed."""
    return gzip.compress(bytes(16 * MEGABYTE), 9)
