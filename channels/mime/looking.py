"""A file of a stranger, looked at by a process of its own: what it is, and a picture of it to show.

``python -m channels.mime.looking`` reads the file from stdin. It answers on stdout with a line of JSON (a
``Look`` without its picture), then the picture, and makes no connection. What is too much for it ends it.
"""

import io
import json
import resource
import sys
import warnings
import zipfile
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image, ImageOps

from channels.mime.confinement import confine
from channels.mime.filetypes import sniff

MEMORY = 512 * 1024 * 1024
SECONDS = 20
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 1280
MOST_UNPACKED = 300 * 1024 * 1024
TOO_MANY_PIXELS, UNREADABLE, BOMB = "too_many_pixels", "unreadable", "bomb"

_PICTURES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
_OFFICE = "application/vnd.openxmlformats-officedocument."
_QUALITY = 82
_PAPER = (255, 255, 255)


@dataclass(frozen=True, slots=True)
class Look:
    """What a file is (``kind``, by its bytes), why it must not be opened, and a picture without metadata.

    ``picture`` is a JPEG of at most 1280 pixels a side; empty for what is no picture, or for a bad one.
    """

    kind: str
    problem: str = ""
    picture: bytes = b""


def look(content: bytes) -> Look:
    """Look at *content*. Never raises ``Exception``."""
    kind = sniff(content, "")
    try:
        if kind in _PICTURES:
            return _pictured(content, kind)
        return Look(kind, BOMB if kind.startswith(_OFFICE) and _is_bomb(content) else "")
    except (Image.DecompressionBombError, MemoryError):
        return Look(kind, TOO_MANY_PIXELS)
    except Exception:  # noqa: BLE001 - whatever a broken file makes a decoder raise
        return Look(kind, UNREADABLE)


def _pictured(content: bytes, kind: str) -> Look:
    with Image.open(io.BytesIO(content), formats=(_PICTURES[kind],)) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            return Look(kind, TOO_MANY_PIXELS)
        opened.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        return Look(kind, "", _written(ImageOps.exif_transpose(opened)))


def _written(picture: Image.Image) -> bytes:
    """Its pixels alone: no place, no camera, no profile, nothing behind what is transparent but paper."""
    pixels = picture.convert("RGBA")
    paper = Image.new("RGB", pixels.size, _PAPER)
    paper.paste(pixels, mask=pixels)
    out = io.BytesIO()
    paper.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def _is_bomb(content: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return sum(member.file_size for member in archive.infolist()) > MOST_UNPACKED


def main(source: BinaryIO, target: BinaryIO) -> None:
    """Look at what is in *source*, and say so in *target*."""
    Image.init()
    content = source.read()
    confine(MEMORY)
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("ignore")
    found = look(content)
    target.write(json.dumps({"kind": found.kind, "problem": found.problem}).encode() + b"\n" + found.picture)


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
