"""A mail as bytes (RFC 5322, 2045): no value from outside can break out of its header.

The standard library folds and decodes what it is given, and some of its versions write new headers on the
way. So every header of ours is cleaned, encoded and folded here; only MIME's own are left to it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from email.headerregistry import (
    BaseHeader,
    ContentDispositionHeader,
    ContentTransferEncodingHeader,
    ContentTypeHeader,
    HeaderRegistry,
    MIMEVersionHeader,
)
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime
from itertools import groupby
from typing import Any

from channels.contract import File, Letter, Outbound
from channels.email.encoding import encoded
from channels.mime.filenames import name_for
from channels.mime.mail import OWN_MARK

# Quoted-printable lines are at most this long (RFC 2045, 6.7); headers are folded there too.
_LINE = 76
_LONGEST_ID = 900
_LONGEST_NAME = 200
_REFERENCES_KEPT = 10
_SUPPRESS = "OOF, AutoReply, RN, NRN"

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_LINE_ENDS = re.compile(r"\r\n?")
_SURROGATES = re.compile("[\ud800-\udfff]")
_BLANKS = re.compile(r"\s+")
_ID = re.compile(r"<(?!.*=\?)[!-;=?-~]+>")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_ADDRESS = re.compile(r'[^\s@<>()\[\]\\,;:"\x00-\x20\x7f]+@[^\s@<>()\[\]\\,;:"\x00-\x20\x7f]+')
_TYPE = re.compile(r"(?!multipart/|message/)[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+_-]{0,100}")


class UnwritableAddress(ValueError):
    """An address that no mail can be sent to without SMTPUTF8, or at all. The text does not repeat it."""


class _AtSpaces(BaseHeader):
    """A header that is ready to be written: folded at its spaces, never encoded or taken apart."""

    max_count = 1

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        """What ``email`` asks of a header: nothing is read out of *value*."""
        kwds |= {"parse_tree": None, "decoded": value}

    def fold(self, *, policy: Policy) -> str:  # noqa: ARG002  # email's own signature
        """The header with its line ends."""
        begins = f"{self.name}:"
        lines = [begins]
        for word in self.split(" "):
            if len(lines[-1]) + 1 + len(word) > _LINE and lines[-1] != begins:
                lines.append("")
            lines[-1] += f" {word}"
        return "\r\n".join([*lines, ""])


_OF_MIME: Mapping[str, Any] = {
    "content-type": ContentTypeHeader,
    "content-disposition": ContentDispositionHeader,
    "content-transfer-encoding": ContentTransferEncodingHeader,
    "mime-version": MIMEVersionHeader,
}


def _registry() -> HeaderRegistry:
    plain: Any = _AtSpaces
    registry = HeaderRegistry(default_class=plain, use_default_map=False)
    for name, kind in _OF_MIME.items():
        registry.map_to_type(name, kind)
    return registry


_POLICY = SMTP.clone(header_factory=_registry(), max_line_length=_LINE, cte_type="7bit")


def mail_bytes(message: Outbound, letter: Letter, at: datetime) -> bytes:
    """*message* as a mail dated *at*: text and HTML as alternatives, then the files. Pure ASCII, CRLF.

    Raises ``UnwritableAddress`` for an address that can't stand in a header.
    """
    mail = EmailMessage(policy=_POLICY)
    for name, value in _headers(message, letter, at):
        mail[name] = value
    mail.set_content(_body(message.text), cte="quoted-printable")
    mail.add_alternative(_body(letter.html), subtype="html", cte="quoted-printable")
    for number, file in enumerate(letter.files, 1):
        _attach(mail, file, number)
    return mail.as_bytes()


def _headers(message: Outbound, letter: Letter, at: datetime) -> Iterator[tuple[str, str]]:
    yield "From", mailbox(letter.from_name, message.sender)
    yield "To", writable(message.address)
    yield "Subject", written(letter.subject)
    yield "Date", format_datetime(at)
    yield from _threading(letter)
    if letter.reply_to:
        yield "Reply-To", mailbox(letter.from_name, letter.reply_to)
    if letter.automatic:
        yield "Auto-Submitted", letter.automatic
        yield "X-Auto-Response-Suppress", _SUPPRESS
    yield OWN_MARK.title(), written(letter.mark)


def _threading(letter: Letter) -> Iterator[tuple[str, str]]:
    yield from (("Message-ID", each) for each in _ids([letter.message_id]))
    yield from (("In-Reply-To", each) for each in _ids([letter.in_reply_to or ""]))
    references = _ids(letter.references)
    if len(references) > _REFERENCES_KEPT + 1:
        references = [references[0], *references[-_REFERENCES_KEPT:]]
    if references:
        yield "References", " ".join(references)


def _ids(values: Iterable[str]) -> list[str]:
    """The ids that are of the form ``<…>`` without blanks, each once."""
    stripped = (value.strip() for value in values)
    fit = (value for value in stripped if len(value) <= _LONGEST_ID and _ID.fullmatch(value))
    return list(dict.fromkeys(fit))


def clean(value: str) -> str:
    """*value* on one line, without control characters; what looks like an encoded word is none any more."""
    line = _CONTROL.sub(" ", _SURROGATES.sub("\ufffd", value))
    return _BLANKS.sub(" ", line).strip().replace("=?", "= ?")


def written(value: str) -> str:
    """*value* cleaned, as it may stand in a header; what is not plain ASCII as encoded words (RFC 2047)."""
    return " ".join(_runs(clean(value), plain=str))


def mailbox(name: str, address: str) -> str:
    """``name <address>``, the name quoted or encoded where it must be (RFC 5322, 3.4)."""
    said = clean(name)[:_LONGEST_NAME]
    return " ".join([*_runs(said, plain=_quoted), f"<{writable(address)}>"]) if said else writable(address)


def _runs(line: str, plain: Callable[[str], str]) -> Iterator[str]:
    """The words of *line*: those that ASCII can spell as *plain* says, those between them encoded."""
    for special, run in groupby(line.split(" "), _is_special):
        words = " ".join(run)
        yield from encoded(words) if special else [plain(words)]


def _is_special(word: str) -> bool:
    return not word.isascii() or len(word) > _LINE // 2


def _quoted(words: str) -> str:
    return words if _ATOMS.fullmatch(words) else '"' + re.sub(r'(["\\])', r"\\\1", words) + '"'


def writable(address: str) -> str:
    """*address* as SMTP takes it, its domain in ASCII. Raises ``UnwritableAddress`` when there is no way."""
    local, _, domain = address.rpartition("@")
    try:
        spelled = f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        raise UnwritableAddress("its domain can't be written in ASCII") from None
    if not spelled.isascii() or not _ADDRESS.fullmatch(spelled):
        raise UnwritableAddress("it can't stand in a mail's header")
    return spelled


def _body(text: str) -> str:
    return _UNPRINTABLE.sub("", _LINE_ENDS.sub("\n", _SURROGATES.sub("\ufffd", text)))


def _attach(mail: EmailMessage, file: File, number: int) -> None:
    kind = file.content_type.lower()
    kind = kind if _TYPE.fullmatch(kind) else "application/octet-stream"
    maintype, _, subtype = kind.partition("/")
    name = clean(name_for(clean(file.name), kind, number))
    mail.add_attachment(file.content, maintype=maintype, subtype=subtype, filename=name)
