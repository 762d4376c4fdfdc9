"""What a file is, by its bytes. The ending of its name only chooses among equals; the mail is not asked."""

import io
import re
import zipfile

import puremagic

from channels.mime.filenames import ending_of

UNKNOWN = "application/octet-stream"
# Enough for every signature; tar keeps its own at 257, ISO images are no attachments.
_SEEN = 4096
_MOST_MEMBERS = 2000
# Of 0 to 1, as puremagic counts: two bytes alone are no proof.
_SURE_ENOUGH = 0.3
_OFFICE = "application/vnd.openxmlformats-officedocument."
_BY_FOLDER = {
    "word/": _OFFICE + "wordprocessingml.document",
    "xl/": _OFFICE + "spreadsheetml.sheet",
    "ppt/": _OFFICE + "presentationml.presentation",
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BY_OLE_ENDING = {
    "doc": "application/msword",
    "msg": "application/vnd.ms-outlook",
    "ppt": "application/vnd.ms-powerpoint",
    "xls": "application/vnd.ms-excel",
}
_SIGNATURES = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"{\\rtf", "application/rtf"),
    (b"MZ", "application/vnd.microsoft.portable-executable"),
    (b"\x7fELF", "application/x-elf"),
    (b"BEGIN:VCALENDAR", "text/calendar"),
    (b"BEGIN:VCARD", "text/vcard"),
    (b"#!AMR", "audio/amr"),
    (b"ID3", "audio/mpeg"),
    # The frames of MPEG audio, layer III, and of AAC: eleven or twelve bits that are set, then the version.
    *((bytes((0xFF, version)), "audio/mpeg") for version in (0xFB, 0xFA, 0xF3, 0xF2)),
    *((bytes((0xFF, version)), "audio/aac") for version in (0xF1, 0xF9)),
)
_OGG, _OPUS = b"OggS", b"OpusHead"
_OPUS_BY = 64
_MARKUP = re.compile(rb"<(?:!doctype html|html|head|body|script|iframe|svg|\?xml)\b", re.IGNORECASE)
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_BY_TEXT_ENDING = {"csv": "text/csv", "json": "application/json", "tsv": "text/tab-separated-values"}


def sniff(content: bytes, name: str) -> str:
    """The MIME type of *content*. Never raises, unpacks nothing; ``application/octet-stream`` when nothing
    is known.

    HTML, SVG and XML are named as such whatever they call themselves: they must never be shown as part of a
    page.
    """
    head = content[:_SEEN]
    if not head:
        return "application/x-empty"
    for signature, found in _SIGNATURES:
        if head.startswith(signature):
            return found
    if head.startswith(_OGG):
        return "audio/ogg" if _OPUS in head[:_OPUS_BY] else "application/ogg"
    if head.startswith(b"PK\x03\x04"):
        return _zipped(content)
    if head.startswith(_OLE):
        return _BY_OLE_ENDING.get(ending_of(name), "application/x-ole-storage")
    return _text(head, name) or _by_signature(head)


def _zipped(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.namelist()[:_MOST_MEMBERS]
    except Exception:  # noqa: BLE001 - a broken archive raises much more than BadZipFile
        return "application/zip"
    if "[Content_Types].xml" in members:
        folders = (
            kind for folder, kind in _BY_FOLDER.items() if any(each.startswith(folder) for each in members)
        )
        return next(folders, "application/zip")
    return _open_document(content) if members[:1] == ["mimetype"] else "application/zip"


def _open_document(content: bytes) -> str:
    """OpenDocument writes its type, not compressed, at byte 38 (ODF 1.2, part 3, 3.3)."""
    match = re.match(rb"application/[a-z0-9.+-]{1,80}", content[38:130])
    return match[0].removesuffix(b"PK").decode() if match else "application/zip"


def _text(head: bytes, name: str) -> str | None:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _BY_TEXT_ENDING.get(ending_of(name), "text/plain")
    if _BINARY.search(head):
        return None
    markup = _MARKUP.search(head[:1024])
    if markup:
        return _marked_up(head)
    return _BY_TEXT_ENDING.get(ending_of(name), "text/plain")


def _marked_up(head: bytes) -> str:
    lowered = head.lower()
    if b"<svg" in lowered:
        return "image/svg+xml"
    return "text/xml" if lowered.lstrip().startswith(b"<?xml") and b"<html" not in lowered else "text/html"


def _by_signature(head: bytes) -> str:
    try:
        matches = puremagic.magic_string(head)
    except Exception:  # noqa: BLE001 - PureError for the unknown, others for what no one foresaw
        return UNKNOWN
    named = (each.mime_type for each in matches if each.mime_type and each.confidence >= _SURE_ENOUGH)
    return next(named, UNKNOWN)
