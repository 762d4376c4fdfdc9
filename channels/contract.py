"""What every channel speaks: the words between the providers and the desk."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, Protocol, runtime_checkable

from bot.events import Content
from bot.policy import Manners
from channels.menus import Menu


class Trouble(StrEnum):
    """What a failed sending means for the message.

    ``RETRY``: certainly not sent, may be tried again. ``UNKNOWN``: perhaps sent, look before sending again.
    ``WINDOW_CLOSED``: free text is not allowed now; hold it. ``PERMANENT``: will never work.
    """

    RETRY = "retryable"
    UNKNOWN = "unknown"
    WINDOW_CLOSED = "window_closed"
    PERMANENT = "permanent"


@dataclass(frozen=True, slots=True)
class Media:
    """A file at the provider: where it can be fetched, and what it says it is."""

    url: str
    content_type: str


@dataclass(frozen=True, slots=True)
class Sought:
    """A file of a citizen's message: the account and the id of that message, and where the file is."""

    account: str
    message: str
    url: str


class FetchError(Exception):
    """A file could not be fetched. ``reason`` is a word of our own; ``again``: it may come yet."""

    def __init__(self, reason: str, *, again: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.again = again


class MediaSource(Protocol):
    """Where the files of citizens' messages are. Makes sure itself that it asks nobody else for them."""

    def fetch(self, wanted: Sought, most: int) -> bytes:
        """The file, of at most *most* bytes. Raises ``FetchError``, and nothing else."""

    def delete(self, wanted: Sought) -> None:
        """Let the provider forget the file; gone already is fine. Raises ``FetchError``."""


@dataclass(frozen=True, slots=True)
class Inbound:
    """A citizen's message as it arrived. ``sender`` is our number; ``address`` answers the citizen.

    ``aliases`` are other addresses of the same person (WhatsApp's external id beside the phone number).
    ``choice`` is the id of what was tapped, ``replies_to`` the provider's id of the message it stands below,
    or that was answered in so many words. ``sent_at``: when it was written, where the provider says so.
    """

    channel: str
    account: str
    external_id: str
    sender: str
    address: str
    aliases: tuple[str, ...]
    profile_name: str
    text: str
    content: Content
    choice: str | None = None
    replies_to: str | None = None
    media: tuple[Media, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict)
    sent_at: datetime | None = None

    @property
    def addresses(self) -> tuple[str, ...]:
        """All addresses of who has written it, the surest first."""
        return (*self.aliases, self.address)


@dataclass(frozen=True, slots=True)
class File:
    """A file that leaves with a message."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Linked:
    """A file that the provider fetches from us, at an address that is signed and expires."""

    url: str
    content_type: str
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail has besides its text. Values may come from outside and are cleaned where they are written.

    ``message_id``, ``in_reply_to`` and ``references`` stand with their angle brackets. ``message_id`` is made
    before the first try and never changes, so that a repeated mail is the same one. ``bounces_to``: the
    envelope's sender, None for the mailbox itself. ``automatic``: what *Auto-Submitted* says (RFC 3834, 5);
    empty for what a person wrote. ``mark``: the name of this installation, by which it knows its own mail.
    """

    subject: str
    from_name: str
    html: str
    message_id: str
    mark: str
    reply_to: str | None = None
    bounces_to: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    automatic: Literal["", "auto-replied", "auto-generated"] = ""
    files: tuple[File, ...] = ()


LONGEST_VALUE = 250


@dataclass(frozen=True, slots=True)
class Template:
    """A wording that the provider has approved, which may leave at any time.

    ``id`` is the provider's; ``key`` and ``language`` are for providers that name theirs. ``values`` fill its
    placeholders in their order; whatever comes in, each is one line, not empty and not long.
    """

    id: str
    key: str
    language: str
    values: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Clean the values: a provider refuses the message for a line break or for nothing."""
        clean = tuple(" ".join(value.split())[:LONGEST_VALUE].strip() or "-" for value in self.values)
        object.__setattr__(self, "values", clean)


@dataclass(frozen=True, slots=True)
class Outbound:
    """One part of a message, ready to leave. ``mid`` is our own id and comes back in receipts.

    ``letter`` is there for channels that write letters, and for no other. With a ``template`` it is that
    which leaves, and ``text`` is how the citizen reads it. ``menu`` are the choices that ``text`` names by
    number: a channel that can't show them, or is refused them, sends the text. ``since``: when it was queued;
    no attempt is older.
    A ``file`` is for channels whose provider fetches what goes along, one a message; ``text`` may be empty
    beside it.
    """

    mid: str
    sender: str
    address: str
    text: str
    letter: Letter | None = None
    template: Template | None = None
    menu: Menu | None = None
    since: datetime | None = None
    file: Linked | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the provider says became of a message: a status of its own, perhaps an error.

    *account*: who says it, where ``raw`` does not.
    """

    channel: str
    external_id: str
    mid: str | None
    status: str
    error_code: str | None = None
    error_text: str | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)
    account: str | None = None


@dataclass(frozen=True, slots=True)
class Logged:
    """A message in the provider's own log. ``inbound``: a citizen wrote it; ``at``: when it was sent.

    ``sender`` is our number, ``address`` the citizen's.
    """

    external_id: str
    account: str
    inbound: bool
    sender: str
    address: str
    text: str
    status: str
    at: datetime
    error_code: str | None = None
    files: int = 0


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took the message under this id. ``status``: its word for that, or its last words.

    ``offered``: its choices went along as buttons or a list, and not only as a numbered text.
    """

    external_id: str
    status: str
    offered: bool = False


class SendError(Exception):
    """A message did not (certainly) leave. ``detail`` holds no text of a citizen."""

    def __init__(self, code: str, detail: str, trouble: Trouble) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.trouble = trouble


@runtime_checkable
class KeepsLog(Protocol):
    """A channel whose provider can be asked later what came and what became of what left.

    All of them raise ``SendError`` when the provider can't be asked.
    """

    def ask(self, sender: str, external_id: str) -> Receipt | None:
        """What became of a message of ours; None when the provider has it no more."""

    def log(self, sender: str, since: datetime, until: datetime) -> list[Logged]:
        """What came to our number and left from it in that time, oldest first."""

    def missed(self, logged: Logged) -> Inbound:
        """A citizen's message of the log as it would have arrived, without what only a request tells."""


class Channel(Protocol):
    """A way to citizens. Implementations translate and decide nothing."""

    manners: Manners

    def split(self, text: str) -> tuple[str, ...]:
        """*text* in parts this channel can carry, in order; never empty for a text with words."""

    def send(self, message: Outbound) -> Accepted:
        """Hand *message* to the provider. Raises ``SendError``, and nothing else, when it did not work."""

    def find(self, message: Outbound, besides: Collection[str] = ()) -> Accepted | None:
        """Ask the provider whether *message* arrived there after an unknown outcome.

        *besides*: the provider's ids that belong to other messages, however equal their text.
        None when it certainly did not. Raises ``SendError`` when the provider can't be asked: now, or, where
        its trouble is ``PERMANENT``, ever.
        """
