"""What a mail says, as plain values: the envelope, the text, the files, or why it was left unread."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

# Every mail that Loket writes carries this header with the name of the installation.
OWN_MARK = "x-loket-mark"


class Role(StrEnum):
    """What a file is to its mail. ``INLINE``: the HTML shows it. ``SIGNATURE``: not for people."""

    ATTACHED = "attached"
    INLINE = "inline"
    SIGNATURE = "signature"


class Why(StrEnum):
    """Why a mail was not read. All but ``BROKEN`` name what it would have taken too much of."""

    SIZE = "size"
    HEADER = "header"
    LINES = "lines"
    PARTS = "parts"
    DEPTH = "depth"
    ADDRESSES = "addresses"
    TIME = "time"
    MEMORY = "memory"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox: the name may be empty, the address holds exactly one ``@`` and a domain in lower case."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the headers say; nothing of it is proved. Texts are decoded, one line, and can be stored.

    ``author_text`` is *From* as it reads, also where no address could be found in it. ``date`` is aware, in
    UTC. ``return_path``: None when the header is absent, empty for the null sender. ``delivered_to``:
    addresses that the receiving servers noted. ``marks``: the headers that ``kinds`` looks at, names in
    lower case. ``trace``: *Received* and *Authentication-Results* in the order they stand, newest first.
    """

    message_id: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    date: datetime | None = None
    author: Address | None = None
    author_text: str = ""
    sender: Address | None = None
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    delivered_to: tuple[str, ...] = ()
    return_path: str | None = None
    subject: str = ""
    marks: Mapping[str, str] = field(default_factory=dict)
    trace: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a mail. ``content_type`` is what the bytes are, ``declared_type`` what the mail said.

    ``name`` is never empty, has no path, at most 150 bytes. ``content_id`` is without its angle brackets.
    """

    name: str
    content_type: str
    declared_type: str
    content: bytes
    sha256: str
    role: Role = Role.ATTACHED
    content_id: str | None = None


@dataclass(frozen=True, slots=True)
class Invitation:
    """A calendar entry (RFC 5545), as written there: to be shown, never to be answered."""

    method: str
    summary: str
    starts: str
    ends: str
    location: str
    organizer: str


@dataclass(frozen=True, slots=True)
class Report:
    """A machine's report (RFC 6522): its type, and its groups of fields, names in lower case."""

    kind: str
    groups: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that was read. ``text`` is all of it, quotes and signatures included; ``html`` is safe to show,
    or empty.

    ``attached`` are the envelopes of mails (or of headers alone) inside this one. ``oddities`` name what was
    not as the standards want it. ``fingerprint``: hex SHA-256 over what people see and who wrote it; the
    same for a copy that took another way, and without the Message-ID, which the caller compares as well.
    ``reaction``: it is nothing but an emoji below a mail (Gmail), and that is its ``text``.
    """

    envelope: Envelope
    text: str
    html: str
    attachments: tuple[Attachment, ...]
    invitations: tuple[Invitation, ...]
    report: Report | None
    attached: tuple[Envelope, ...]
    encrypted: bool
    oddities: tuple[str, ...]
    fingerprint: str
    reaction: bool = False


@dataclass(frozen=True, slots=True)
class Unread:
    """A mail that is to be put aside, unread. ``found`` is measured like ``limit``: bytes, or a count.

    ``limit`` is in seconds for ``TIME``. Nobody measures how much ``TIME`` and ``MEMORY`` would have taken:
    ``found`` is 0 then, and both are for ``BROKEN``. ``envelope`` is read from the first bytes of the header,
    for people to recognise it.
    """

    why: Why
    limit: int
    found: int
    envelope: Envelope
