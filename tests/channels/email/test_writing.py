"""Letters as bytes: whatever stands in them, every header says what it should and no other one appears."""

from dataclasses import replace
from email.headerregistry import AddressHeader
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import File, Outbound
from channels.email.writing import UnwritableAddress, mail_bytes
from channels.mime.limits import Limits
from channels.mime.mail import OWN_MARK, Mail
from channels.mime.reading import read
from tests.channels.email.letters import (
    CITIZEN,
    LETTER,
    MAILBOX,
    MESSAGE,
    MORNING,
    OWN_ID,
    letter,
    parsed,
    text_of,
)

HEADERS = {"from", "to", "subject", "date", "message-id", "x-loket-mark", "mime-version", "content-type"}


def written(message: Outbound) -> bytes:
    assert message.letter is not None
    return mail_bytes(message, message.letter, MORNING)


def lines_of_header(content: bytes) -> list[str]:
    return content.partition(b"\r\n\r\n")[0].decode("ascii").split("\r\n")


def names(content: bytes) -> set[str]:
    """The names of all headers, as any server sees them: by lines, not by a parser."""
    return {line.partition(":")[0].lower() for line in lines_of_header(content) if not line[:1].isspace()}


def test_a_letter_as_it_is_read() -> None:
    mail = parsed(written(MESSAGE))
    assert mail["From"] == f"{LETTER.from_name} <{MAILBOX}>"
    assert (mail["To"], mail["Subject"]) == (CITIZEN, LETTER.subject)
    assert (mail["Message-ID"], mail[OWN_MARK]) == (OWN_ID, LETTER.mark)
    assert mail["Date"].datetime == MORNING
    html = mail.get_body(("html",))
    assert html is not None
    assert html.get_content() == "<p>Selamat pagi</p>\r\n"
    assert mail.get_content_type() == "multipart/alternative"
    assert names(written(MESSAGE)) == HEADERS


ATTACKS = [
    "Re: =?utf-8?q?a=0D=0ABcc=3A_x=40y=2Eid?=",
    "=?utf-8?b?DQpCY2M6IHhAeS5pZA==?=",
    "baris\r\nBcc: x@y.id",
    "baris\nBcc: x@y.id",
    "baris\rBcc: x@y.id",
    "a\u2028Bcc: x@y.id\u2029\x85Bcc: x@y.id\x0bBcc: x\x0cBcc: y\x1cBcc: z",
    "\r\n\r\nisi palsu",
    "\x00nol",
    "=?utf-8?q?=3D=3Futf-8=3Fq=3F=0D=0ABcc=3Fx?=",
    '"x" <x@y.id>, y@z.id',
    "\ud800 sebelah \udfff",
]


@pytest.mark.parametrize("value", ATTACKS)
@pytest.mark.parametrize("part", ["subject", "from_name", "mark"])
def test_no_value_writes_a_header_of_its_own(part: str, value: str) -> None:
    content = written(letter(**{part: value}))
    assert names(content) == HEADERS
    mail = parsed(content)
    assert {name.lower() for name in mail} == HEADERS
    assert [each.addr_spec for each in addresses(mail["From"])] == [MAILBOX]
    assert text_of(content) == MESSAGE.text


@pytest.mark.parametrize("value", ATTACKS)
@pytest.mark.parametrize("part", ["message_id", "in_reply_to", "references"])
def test_what_is_no_id_is_left_away(part: str, value: str) -> None:
    content = written(letter(**{part: (value, f"<{value}>") if part == "references" else value}))
    assert names(content) <= HEADERS
    assert b"x@y.id" not in content


def addresses(header: Any) -> list[Any]:
    assert isinstance(header, AddressHeader)
    return list(header.addresses)


NAMES = [
    "BPS Kabupaten Kotabaru",
    "Rahma, S.Si., M.Stat. - BPS Kabupaten Kotabaru",
    'Rahma "Ama" \\ (PST)',
    "Bapak Ñoño — BPS Kabupaten Kolaka Timur, Provinsi Sulawesi Tenggara, Pelayanan Statistik Terpadu",
    "Dr. " + "Panjang, " * 40 + "akhir",
    "a" * 300,
    "官方 统计 👩🏽‍🔬" * 12,
    "sip@bps.go.id",
    "",
]


@pytest.mark.parametrize("name", NAMES)
def test_names_come_back_as_they_were(name: str) -> None:
    content = written(letter(from_name=name))
    assert [each.addr_spec for each in addresses(parsed(content)["From"])] == [MAILBOX]
    author = read_back(content).envelope.author
    assert author is not None
    assert (author.name, author.address) == (name.replace("\u200d", "")[:200].strip(), MAILBOX)


@given(st.text(max_size=300))
def test_any_subject_comes_back(subject: str) -> None:
    content = written(letter(subject=subject))
    assert names(content) == HEADERS
    told = read_back(content).envelope.subject
    assert comparable(told) == comparable(subject)
    assert all(len(line) <= 998 for line in lines_of_header(content))


def comparable(text: str) -> str:
    """What must survive of a line: its letters. Blanks, control characters and broken halves need not."""
    return "".join(letter for letter in text if letter.isalnum() and letter.isprintable())


@given(st.text(max_size=120))
def test_any_name_leaves_one_sender(name: str) -> None:
    content = written(letter(from_name=name))
    assert names(content) == HEADERS
    envelope = read_back(content).envelope
    assert envelope.author is not None
    assert envelope.author.address == MAILBOX


def read_back(content: bytes) -> Mail:
    """The mail as the desk itself would read it."""
    mail = read(content, Limits())
    assert isinstance(mail, Mail)
    return mail


@given(st.text(max_size=2000))
def test_any_text_comes_back(text: str) -> None:
    content = written(replace(MESSAGE, text=text))
    assert content.isascii()
    kept = "".join(
        "\ufffd" if "\ud800" <= each <= "\udfff" else each
        for each in text.replace("\r\n", "\n").replace("\r", "\n")
        if each in "\n\t" or not (each < " " or each == "\x7f")
    )
    assert text_of(content) == kept.removesuffix("\n")
    assert all(len(line) <= 998 for line in content.split(b"\r\n"))


def ids(count: int, length: int = 30) -> tuple[str, ...]:
    return tuple(f"<{number:0{length}d}@mail.contoh.id>" for number in range(count))


@pytest.mark.parametrize("length", [30, 200, 800])
def test_long_threading_headers_stay_whole(length: int) -> None:
    thread = ids(6, length)
    content = written(letter(in_reply_to=thread[-1], references=thread))
    assert b"=?" not in content
    mail = parsed(content)
    assert mail["In-Reply-To"] == thread[-1]
    assert mail["References"].split() == list(thread)
    lines = lines_of_header(content)
    assert all(any(each in line for line in lines) for each in thread)


def test_of_a_long_thread_the_first_and_the_last_ten_are_named() -> None:
    thread = ids(40)
    mail = parsed(written(letter(references=thread)))
    assert mail["References"].split() == [thread[0], *thread[-10:]]


def test_broken_ids_are_dropped_and_doubled_ones_named_once() -> None:
    broken = (
        "x@y.id",
        "<a b@c.id>",
        "<>",
        "<a@b.id",
        "<ä@b.id>",
        "<a@b.id><c@d.id>",
        "",
        f"<{'a' * 1000}@b.id>",
    )
    good = ids(2)
    mail = parsed(written(letter(references=(*broken, *good, *good), in_reply_to="bukan id")))
    assert mail["References"].split() == list(good)
    assert mail["In-Reply-To"] is None


def test_only_what_nobody_wrote_is_marked() -> None:
    assert not names(written(MESSAGE)) & {"auto-submitted", "x-auto-response-suppress", "precedence"}
    mail = parsed(written(letter(automatic="auto-replied")))
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["X-Auto-Response-Suppress"] == "OOF, AutoReply, RN, NRN"


def test_the_answer_goes_where_the_letter_says() -> None:
    mail = parsed(
        written(letter(reply_to="bps7411+t.1.2.x@bps.go.id", bounces_to="bps7411+b.1.2.x@bps.go.id"))
    )
    (back,) = addresses(mail["Reply-To"])
    assert (back.display_name, back.addr_spec) == (LETTER.from_name, "bps7411+t.1.2.x@bps.go.id")
    assert b"+b.1.2.x" not in mail.as_bytes()


FILES = [
    ("Tabel 1 – luas panen.xlsx", "application/vnd.ms-excel", "Tabel 1 – luas panen.xlsx"),
    ("a\r\nBcc: x@y.id.pdf", "application/pdf", "a Bcc_ x@y.id.pdf"),
    ("../../etc/passwd", "text/plain", "passwd"),
    ("=?utf-8?q?x?=.csv", "text/csv", "= _utf-8_q_x_=.csv"),
    ("表" * 70 + ".pdf", "application/pdf", "表" * 48 + ".pdf"),
    ("", "image/png", "lampiran-1.png"),
    ("surat.eml", "message/rfc822", "surat.eml"),
    ("x", "multipart/mixed; boundary=x", "x"),
    ("x", 'text/html"\r\nX: y', "x"),
]


@pytest.mark.parametrize(("name", "kind", "told"), FILES)
def test_files_come_back_under_a_harmless_name(name: str, kind: str, told: str) -> None:
    body = bytes(range(256)) * 40
    content = written(letter(files=(File(name, kind, body),)))
    (attached,) = read_back(content).attachments
    assert (attached.name, attached.content) == (told, body)
    (part,) = parsed(content).iter_attachments()
    assert part.get_content_disposition() == "attachment"
    assert part.get_content_maintype() not in {"multipart", "message"}
    assert text_of(content) == MESSAGE.text


def test_addresses_beyond_ascii() -> None:
    mail = parsed(written(replace(MESSAGE, address="siti@desa-ćirebon.id")))
    assert str(mail["To"]).removeprefix("siti@").encode().decode("idna") == "desa-ćirebon.id"
    for address in (
        "şiti@x.id",
        "siti@",
        "@x.id",
        "a@b@c.id",
        "siti@x.id>",
        "s\x00@x.id",
        "a" * 70 + "@" + "b" * 70,
    ):
        with pytest.raises(UnwritableAddress) as caught:
            written(replace(MESSAGE, address=address))
        assert address not in str(caught.value)
