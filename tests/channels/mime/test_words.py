"""Letters, names and addresses out of what mail programs write."""

from email.message import Message

import pytest

from channels.mime.addresses import addresses
from channels.mime.charsets import decode
from channels.mime.envelopes import envelope, message_ids, references
from channels.mime.filenames import clean_name, name_for
from channels.mime.filetypes import sniff
from channels.mime.flowed import unflowed
from channels.mime.words import base64_bytes, line, parameters


@pytest.mark.parametrize(
    ("raw", "label", "text"),
    [
        (b"caf\xc3\xa9", "utf-8", "café"),
        (b"caf\xe9", "utf-8", "café"),
        (b"caf\xc3\xa9", "latin1", "café"),
        (b"\x93x\x94 \x80", "iso-8859-1", "“x” €"),
        (b"\xef\xbb\xbfx", "utf-16", "x"),
        (b"\xff\xfeh\x00\xe9\x00", None, "hé"),
        (b"a\r\nb\rc\x00\x1b", "ascii", "a\nb\nc"),
        (b"x\xed\xa0\x80y", "utf-8", "xí\xa0€y"),
        (b"\x81", "windows-1252", ""),
        (b"abc", "rot13", "abc"),
        (b"abc", "punycode", "abc"),
        (b"+AOk-", "utf-7", "é"),
        (b"\x82\xa0", "shift_jis", "あ"),
    ],
)
def test_bytes_become_text(raw: bytes, label: str | None, text: str) -> None:
    assert decode(raw, label) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=?utf-8?q?a_b?=", "a b"),
        ("=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
        ("=?utf-8?q?a?=\r\n =?iso-8859-1?q?=E9?=", "aé"),
        ("x =?utf-8*id?B?w6k=?= y", "x é y"),
        ("=?utf-8?b?w6k?=", "é"),
        ("=?utf-8?x?w6k?=", "=?utf-8?x?w6k?="),
        ("a\r\n\tb", "a b"),
        ("nama\u202egpj.exe", "namagpj.exe"),
        ("caf\udcc3\udca9", "café"),
        ("", ""),
    ],
)
def test_a_header_becomes_a_line(value: str, text: str) -> None:
    assert line(value) == text


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("a@b.example", ["|a@b.example"]),
        ("A <a@b.example>", ["A|a@b.example"]),
        ('"A, B" <a@B.Example>, c@d.example', ["A, B|a@b.example", "|c@d.example"]),
        ("a@b.example (Budi (kantor))", ["Budi kantor|a@b.example"]),
        ("Kawan: a@b.example, C <c@d.example>;", ["|a@b.example", "C|c@d.example"]),
        ("undisclosed-recipients:;", []),
        ("<mailto:a@b.example>", ["|a@b.example"]),
        ("Budi a@b.example", ["|a@b.example"]),
        ("'Budi' <a@b.example>", ["Budi|a@b.example"]),
        ('"Budi <a@b.example>', ["|a@b.example"]),
        ("A <a@b.example, C <c@d.example>", ["A|a@b.example", "C|c@d.example"]),
        ('"a\\"b" <a@b.example>', ['a"b|a@b.example']),
        ("=?utf-8?q?B=2C_C?= <a@b.example>", ["B, C|a@b.example"]),
        ("a@b.example, A@B.example, a@b.example", ["|a@b.example", "|A@b.example"]),
        ("a@b@c", []),
        ("siti@contoh.idx@jahat.example", []),
        ("ab@jahat.example@contoh.id", []),
        ("a@", []),
        ("", []),
    ],
)
def test_addresses_are_found(value: str, found: list[str]) -> None:
    assert [f"{each.name}|{each.address}" for each in addresses(value)] == found


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ("<a@b>", ["<a@b>"]),
        ("<a@b> <a@b>\r\n <c@d>", ["<a@b>", "<c@d>"]),
        ("a@b", ["<a@b>"]),
        ("Surat tanggal 3 <a@b>", ["<a@b>"]),
        ("<a\r\n b@c>", ["<ab@c>"]),
        ("<>", []),
        ("tanpa", []),
    ],
)
def test_message_ids_are_found(value: str, ids: list[str]) -> None:
    assert list(message_ids(value)) == ids


def test_of_many_references_the_first_and_the_newest_stay() -> None:
    kept = references(" ".join(f"<{number}@x>" for number in range(200)))
    assert (len(kept), kept[0], kept[1], kept[-1]) == (50, "<0@x>", "<151@x>", "<199@x>")


@pytest.mark.parametrize(
    ("date", "read"),
    [
        ("Mon, 03 Jun 2024 11:20:05 +0800", "2024-06-03T03:20:05+00:00"),
        ("3 Jun 2024 11:20:05 -0000", "2024-06-03T11:20:05+00:00"),
        ("kemarin", None),
        ("Mon, 99 Jun 2024 11:20:05 +0800", None),
        ("Fri, 31 Dec 9999 23:59:59 -1400", None),
    ],
)
def test_a_date_is_read_in_utc(date: str, read: str | None) -> None:
    mail: Message[str, str] = Message()
    mail["Date"] = date
    found = envelope(mail).date
    assert (found and found.isoformat()) == read


@pytest.mark.parametrize(
    ("value", "name", "found"),
    [
        ('text/plain; charset="utf-8"', "charset", "utf-8"),
        ("attachment; filename*=utf-8''caf%C3%A9.pdf", "filename", "café.pdf"),
        ("attachment; filename*0=a; filename*1=b.pdf", "filename", "ab.pdf"),
        ("attachment; filename*=x-aneh''caf%E9", "filename", "café"),
        ("attachment; filename==?utf-8?q?a?=", "filename", "a"),
        ("", "", ""),
        (";;;===", "", ""),
    ],
)
def test_parameters_are_read(value: str, name: str, found: str) -> None:
    assert parameters(value)[name] == found


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.pdf", "a.pdf"),
        ("..", ""),
        (" .a. ", "a"),
        ("a\x00b\nc.txt", "abc.txt"),
        ('a<>:"|?*b', "a_______b"),
        ("NUL.txt", "_NUL.txt"),
        ("é" * 200 + ".xlsx", "é" * 72 + ".xlsx"),
        ("x" * 200, "x" * 150),
    ],
)
def test_a_file_name_is_made_harmless(name: str, clean: str) -> None:
    assert clean_name(line(name)) == clean
    assert len(clean.encode()) <= 150


def test_a_file_without_a_name_gets_one() -> None:
    assert name_for("", "application/pdf", 3) == "lampiran-3.pdf"
    assert name_for("../", "application/octet-stream", 1) == "lampiran-1.bin"


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (b"%PDF-1.7", "a.exe", "application/pdf"),
        (b"", "a.pdf", "application/x-empty"),
        (b"\x00" * 50, "a.pdf", "application/octet-stream"),
        (b"a;b\n", "a.csv", "text/csv"),
        (b"  <!DOCTYPE html><p>", "a.txt", "text/html"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 50, "lama.xls", "application/vnd.ms-excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 50, "lama", "application/x-ole-storage"),
        (b"PK\x03\x04 rusak", "a.xlsx", "application/zip"),
        (b"Rar!\x1a\x07\x01\x00" + b"\x00" * 9, "a", "application/vnd.rar"),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 " + b"\x00" * 9, "a", "image/webp"),
        (b"MZ\x90\x00" + b"\x00" * 9, "a.pdf", "application/vnd.microsoft.portable-executable"),
    ],
)
def test_a_file_is_what_its_bytes_are(content: bytes, name: str, kind: str) -> None:
    assert sniff(content, name) == kind


@pytest.mark.parametrize(
    ("raw", "content"),
    [
        (b"YWJj", b"abc"),
        (b"YWI", b"ab"),
        (b"YW Jj\r\n", b"abc"),
        (b"YWJjZ", b"abc"),
        (b"=", b""),
        (b"!!", b""),
    ],
)
def test_base64_is_forgiving(raw: bytes, content: bytes) -> None:
    assert base64_bytes(raw) == content


@pytest.mark.parametrize(
    ("text", "delete", "joined"),
    [
        ("satu \ndua\ntiga", False, "satu dua\ntiga"),
        ("sa \ntu\n", True, "satu\n"),
        ("> a \n> b\n>> c \nd", False, "> a b\n> > c \nd"),
        ("a \n-- \nb", False, "a \n-- \nb"),
        (" > bukan kutipan", False, "> bukan kutipan"),
    ],
)
def test_soft_breaks_are_undone(text: str, delete: bool, joined: str) -> None:
    assert unflowed(text, delete) == joined
