"""Small files of the kinds that a phone sends, made here: a photo that knows its place, a voice note …"""

import io
import struct
import zipfile
from functools import cache

from PIL import Image, ImageDraw

_OFFICE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_VCARD = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Bagian Umum Contoh\r\nTEL:+6281100000000\r\nEND:VCARD\r\n"
_SILENCE = b"\xf8\xff\xfe"
_FRAMES_PER_SECOND, _SAMPLES_PER_FRAME = 50, 960
_EXIF_MAKE, _EXIF_GPS = 0x010F, 0x8825


@cache
def sample(kind: str) -> bytes:
    """A small file of this content type; some words for a type that nothing is known of."""
    mime = kind.partition(";")[0].strip().lower()
    match mime:
        case "image/jpeg" | "image/png" | "image/webp":
            return picture(mime.removeprefix("image/").upper())
        case "audio/ogg":
            return voice(3)
        case "application/pdf":
            return letter()
        case "text/vcard" | "text/x-vcard":
            return _VCARD
        case _ if mime == _OFFICE:
            return document()
        case _:
            return b"contoh berkas\n"


def picture(kind: str, size: tuple[int, int] = (960, 720), *, turned: int = 1) -> bytes:
    """A photo of a table, as a camera writes it: with its maker and where it was taken.

    *turned*: how the camera was held, as EXIF counts.
    """
    image = Image.new("RGB", size, (236, 240, 244))
    draw = ImageDraw.Draw(image)
    width, height = size
    for row in range(8):
        top = height * (row + 1) // 10
        draw.rectangle(
            (width // 12, top, width * 11 // 12, top + height // 14), (255, 255, 255), (120, 140, 160)
        )
        for column in range(4):
            left = width // 10 + column * width // 5
            draw.rectangle((left, top + 8, left + width // (7 + row % 3), top + height // 22), (11, 92, 148))
    exif = Image.Exif()
    exif[_EXIF_MAKE] = "Kamera Contoh"
    exif[0x0112] = turned
    exif.get_ifd(_EXIF_GPS).update({1: "S", 2: (3.0, 59.0, 54.0), 3: "E", 4: (121.0, 47.0, 53.0)})
    out = io.BytesIO()
    image.save(out, kind, exif=exif)
    return out.getvalue()


def voice(seconds: int) -> bytes:
    """A voice note of silence: Opus in Ogg (RFC 7845)."""
    head = b"OpusHead" + struct.pack("<BBHIHB", 1, 1, 312, 48_000, 0, 0)
    tags = b"OpusTags" + struct.pack("<I", 5) + b"Loket" + struct.pack("<I", 0)
    pages = [_page([head], 0, 0, 2), _page([tags], 1, 0, 0)]
    for number in range(seconds):
        until = (number + 1) * _FRAMES_PER_SECOND * _SAMPLES_PER_FRAME
        last = 4 if number == seconds - 1 else 0
        pages.append(_page([_SILENCE] * _FRAMES_PER_SECOND, number + 2, until, last))
    return b"".join(pages)


def _page(packets: list[bytes], number: int, until: int, flags: int) -> bytes:
    """A page of Ogg (RFC 3533, 6); every packet is shorter than 255 bytes."""
    sizes = bytes(len(packet) for packet in packets)
    head = struct.pack("<4sBBqIII", b"OggS", 0, flags, until, 1, number, 0) + bytes([len(sizes)]) + sizes
    page = head + b"".join(packets)
    return page[:22] + struct.pack("<I", _checksum(page)) + page[26:]


def _checksum(page: bytes) -> int:
    register = 0
    for byte in page:
        register ^= byte << 24
        for _ in range(8):
            register = (register << 1) ^ (0x04C11DB7 if register & 0x80000000 else 0)
        register &= 0xFFFFFFFF
    return register


def letter() -> bytes:
    """A page of PDF with a line of words."""
    words = b"BT /F1 18 Tf 72 720 Td (Surat pengantar permohonan data - contoh) Tj ET"
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
            b" /Resources << /Font << /F1 5 0 R >> >> >>"
        ),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(words), words),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    written, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(written)
    return written + b"xref\n0 6\n0000000000 65535 f \n" + table + end


def document() -> bytes:
    """What Word writes, hardly."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<document/>")
    return out.getvalue()
