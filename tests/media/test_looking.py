"""Looking at files of strangers: what they are, what must stay shut, and that nothing here falls over."""

import io

import pytest
from PIL import Image

from channels.mime import looking as child
from channels.mime.looking import Look
from channels.simulator.samples import document, letter, picture, voice
from handlers.media import looking
from handlers.media.judging import judge
from handlers.media.looking import look
from tests.media import hostile

OFFICE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.mark.parametrize(
    ("content", "kind", "name"),
    [
        (picture("PNG"), "image/png", "foto-7.png"),
        (picture("WEBP"), "image/webp", "foto-7.webp"),
        (voice(1), "audio/ogg", "suara-7.ogg"),
        (b"ID3\x04\0\0\0\0\0\0" + bytes(50), "audio/mpeg", "suara-7.mp3"),
        (b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + bytes(20), "video/mp4", "video-7.mp4"),
        (letter(), "application/pdf", "dokumen-7.pdf"),
        (document(), OFFICE, "dokumen-7.docx"),
        (b"BEGIN:VCARD\r\nVERSION:3.0\r\nEND:VCARD\r\n", "text/vcard", "dokumen-7.vcf"),
    ],
)
def test_what_whatsapp_carries_is_kept_as_what_it_is(content: bytes, kind: str, name: str) -> None:
    seen = child.look(content)
    assert (seen.kind, seen.problem) == (kind, "")
    assert bool(seen.picture) == kind.startswith("image/")
    judged = judge(seen, 7)
    assert (judged.state, judged.reason, judged.name) == ("stored", "", name)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (hostile.HTML, "kind"),
        (b"\xef\xbb\xbf  " + hostile.HTML, "kind"),
        (hostile.SVG, "kind"),
        (b"<?xml version='1.0'?>" + hostile.SVG, "kind"),
        (hostile.HTML_BEHIND_JPEG, "unreadable"),
        (b"GIF89a" + hostile.HTML, "kind"),
        (b"MZ\x90\x00" + bytes(100), "kind"),
        (b"OggS" + bytes(60) + hostile.HTML, "kind"),
        (hostile.gzip_bomb(), "kind"),
        (b"bukan apa-apa", "kind"),
        (bytes(1000), "kind"),
        (picture("JPEG")[:2000], "unreadable"),
        (picture("PNG")[:2000], "unreadable"),
        (hostile.png_of_words(4 * 1024 * 1024), "unreadable"),
        (b"PK\x03\x04" + bytes(100), "kind"),
    ],
)
def test_everything_else_is_kept_shut(content: bytes, reason: str) -> None:
    judged = judge(child.look(content), 7)
    assert (judged.state, judged.reason, judged.name) == ("blocked", reason, "berkas-7.bin")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (hostile.png(50_000, 50_000), "too_many_pixels"),
        (hostile.zipped_document(), "bomb"),
        (hostile.HTML, ""),
    ],
    ids=["png", "docx", "html"],
)
def test_a_bomb_stays_packed_in_a_process_of_its_own(content: bytes, reason: str) -> None:
    seen = look(content)
    assert seen.problem == reason
    assert seen.picture == b""
    assert judge(seen, 1).state == "blocked"


def test_a_process_that_ends_without_a_word_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "MODULE", "channels.mime.nothing_like_that")
    assert look(picture("PNG")) == Look(looking.UNKNOWN, "too_many_pixels")


@pytest.mark.parametrize(
    "said", [b"", b"{}\n", b"[]\n", b'{"kind": "image/png", "problem": ""}\n<html>', b"\xff"]
)
def test_what_the_other_side_says_is_not_believed(said: bytes) -> None:
    seen = looking._understood(said)
    assert seen.problem == "unreadable"
    assert seen.picture == b""


def test_a_large_picture_is_shown_small_and_upright() -> None:
    seen = child.look(picture("JPEG", (4000, 3000), turned=6))
    with Image.open(io.BytesIO(seen.picture)) as shown:
        assert (shown.format, shown.size) == ("JPEG", (960, 1280))
        assert not shown.getexif()
    assert b"Kamera Contoh" not in seen.picture


def test_what_is_transparent_lies_on_paper() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(out, "PNG")
    with Image.open(io.BytesIO(child.look(out.getvalue()).picture)) as shown:
        assert shown.convert("RGB").getpixel((1, 1)) == (255, 255, 255)
