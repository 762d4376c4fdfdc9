"""One mailbox over IMAP (RFC 3501): what is new by UID, bytes as they lie there, moved away, waited for.

Nothing is ever asked about flags, dates or the server's own reading of a mail (ENVELOPE, BODYSTRUCTURE).
A session belongs to one thread; after any exception it is of no more use.
"""

import imaplib
import ssl
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any, Literal

from imapclient import DELETED, SEEN, IMAPClient, SocketTimeout
from imapclient.exceptions import LoginError
from imapclient.imapclient import SENT, TRASH

from channels.email.attentive import AttentiveClient
from channels.email.faults import MailboxRefused, as_mailbox_error
from channels.email.oauth import AccessTokens

SECONDS_TO_CONNECT = 10.0
SECONDS_TO_ANSWER = 60.0
SECONDS_TO_PART = 2.0
BEGINNING = 64 * 1024
LARGEST_HEADER = 256 * 1024
# Beyond a million bytes imaplib takes an answer for broken: so many UIDs are asked for at once at most.
UIDS_AT_ONCE = 50_000
SIZES_AT_ONCE = 200
MOVED_AT_ONCE = 50
_IDLE_STEP = 1.0
_DEAF = 3
_PORTS = {"tls": 993, "starttls": 143, "none": 143}

Secret = Callable[[], str]
"""Gives a password when it is needed. May raise ``MailboxError``."""


@dataclass(frozen=True, slots=True)
class ImapAccount:
    """Where the mail of one mailbox lies. Signs in with the *token* (XOAUTH2) if there is one.

    *processed*: the folder that kept mails are moved to, None to leave them. Folders are written with ``/``
    between their parts, whatever the server takes. Without a *port* the usual one of *security* is taken.
    *ca_file*: certificates to trust instead of the system's.
    """

    host: str
    user: str
    port: int | None = None
    security: Literal["tls", "starttls", "none"] = "tls"
    password: Secret | None = field(default=None, repr=False)
    token: AccessTokens | None = field(default=None, repr=False)
    folder: str = "INBOX"
    processed: str | None = None
    ca_file: Path | None = None
    seconds: float = SECONDS_TO_ANSWER


@contextmanager
def open_mailbox(account: ImapAccount) -> Iterator["OpenMailbox"]:
    """A session in the account's folder, until the end of the block.

    Raises ``MailboxAway`` or ``MailboxRefused``, and nothing else; so does everything in the session.
    """
    with as_mailbox_error():
        client = _connected(account)
    try:
        with as_mailbox_error():
            opened = OpenMailbox(client, account)
        yield opened
    except BaseException:
        _hang_up(client)
        raise
    _part(client)


class OpenMailbox:
    """A mailbox that was opened. ``uidvalidity`` says within which count of the server UIDs hold.

    ``uid_next``: what the next mail will be called, as of the latest look at the folder as a whole.
    """

    def __init__(self, client: IMAPClient, account: ImapAccount) -> None:
        self._client = client
        self._account = account
        self._prefix, self._separator = _namespace(client)
        self._sure: set[str] = set()
        self.uidvalidity, self.uid_next = self._select()

    def _select(self) -> tuple[int, int]:
        answer = self._client.select_folder(self._named(self._account.folder))
        if b"UIDVALIDITY" not in answer:
            raise imaplib.IMAP4.error("the folder has no UIDVALIDITY")
        return int(answer[b"UIDVALIDITY"]), int(answer.get(b"UIDNEXT") or self._after_the_last(answer))

    def _after_the_last(self, answer: Mapping[bytes, Any]) -> int:
        """What the next mail may be called where a server does not say so (RFC 3501, 6.3.1 lets it)."""
        return max(self._client.search(["UID", "*"])) + 1 if answer.get(b"EXISTS") else 1

    def new_uids(self, after: int) -> list[int]:
        """The UIDs beyond *after*, in order, up to this moment."""
        with as_mailbox_error():
            self._client.noop()
            found = [uid for wanted in self._ranges(after) for uid in self._client.search(["UID", wanted])]
        # "n:*" always finds the last mail, even one before n (RFC 3501, 6.4.8).
        return sorted({int(uid) for uid in found if uid > after})

    def _ranges(self, after: int) -> Iterator[str]:
        for start in range(after + 1, self.uid_next, UIDS_AT_ONCE):
            yield f"{start}:{min(start + UIDS_AT_ONCE, self.uid_next) - 1}"
        yield f"{max(after + 1, self.uid_next)}:*"

    def sizes(self, uids: Collection[int]) -> dict[int, tuple[int, datetime | None]]:
        """Bytes (as far as the server knows) and arrival of these mails; those that are gone are absent."""
        sizes: dict[int, tuple[int, datetime | None]] = {}
        for some in _batches(uids, SIZES_AT_ONCE):
            for uid, told in self._fetched(some, ["RFC822.SIZE", "INTERNALDATE"]).items():
                if isinstance(told.get(b"RFC822.SIZE"), int):
                    sizes[uid] = (told[b"RFC822.SIZE"], _utc(told.get(b"INTERNALDATE")))
        return sizes

    def fetch(self, uids: Collection[int]) -> dict[int, bytes]:
        """These mails, whole, and without marking them as read; those that are gone are absent."""
        found = self._fetched(uids, ["BODY.PEEK[]"]) if uids else {}
        return {uid: told[b"BODY[]"] for uid, told in found.items() if told.get(b"BODY[]") is not None}

    def fetch_beginning(self, uid: int) -> bytes:
        """The header (at most 256 KiB) and the first 64 KiB behind it; empty for a mail that is gone."""
        header_part, text_part = f"BODY.PEEK[HEADER]<0.{LARGEST_HEADER}>", f"BODY.PEEK[TEXT]<0.{BEGINNING}>"
        told = self._fetched([uid], [header_part, text_part]).get(uid, {})
        header, text = (told.get(key) or b"" for key in (b"BODY[HEADER]<0>", b"BODY[TEXT]<0>"))
        # What stands behind half a header would be taken for more of it.
        return bytes(header) if len(header) >= LARGEST_HEADER else bytes(header) + bytes(text)

    def _fetched(self, uids: Collection[int], parts: Sequence[str]) -> Mapping[int, Mapping[bytes, Any]]:
        with as_mailbox_error():
            found: Mapping[int, Mapping[bytes, Any]] = self._client.fetch(list(uids), list(parts))
            return found

    def move(self, uids: Collection[int]) -> None:
        """Put these mails into the account's *processed* folder, which is made when it is missing.

        Mails that are gone are passed over. A server that can neither MOVE (RFC 6851) nor expunge by UID
        (RFC 4315) keeps a copy here that is marked as deleted: a plain EXPUNGE would take others' along.
        Broken off, mails may stand in both folders.
        """
        if self._account.processed is None:
            raise ValueError("the account has no folder to move to")
        target = self._named(self._account.processed)
        with as_mailbox_error():
            self._make_sure_of(target)
            for some in _batches(uids, MOVED_AT_ONCE):
                self._move(some, target)

    def _make_sure_of(self, folder: str) -> None:
        if folder not in self._sure:
            if not self._client.folder_exists(folder):
                self._client.create_folder(folder)
            self._sure.add(folder)

    def _move(self, uids: list[int], target: str) -> None:
        try:
            self._move_all(uids, target)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            if "EXPUNGEISSUED" not in str(error):
                raise
            self._client.noop()  # tells which of them others have taken away meanwhile
            left = self._client.search(["UID", ",".join(map(str, uids))])
            if left:
                self._move_all(list(left), target)

    def _move_all(self, uids: list[int], target: str) -> None:
        if self._client.has_capability("MOVE"):
            self._client.move(uids, target)
            return
        self._client.copy(uids, target)
        self._expunge(uids)

    def wait(self, seconds: float, stopping: Event) -> bool:
        """Wait until something happens in the folder (True), *stopping* is set, or the time is over.

        With IDLE (RFC 2177) where the server has it; *seconds* must stay below its 29 minutes.
        """
        if not self._client.has_capability("IDLE"):
            stopping.wait(seconds)
            return False
        with as_mailbox_error():
            self._client.idle()
            told = self._listen(seconds, stopping)
            _, more = self._client.idle_done()
        return any(_is_news(line) for line in (*told, *more))

    def _listen(self, seconds: float, stopping: Event) -> list[Any]:
        """What the server tells. A dead connection answers nothing at once, for ever: that is an error."""
        until, deaf = time.monotonic() + seconds, 0
        while not stopping.is_set() and (left := until - time.monotonic()) > 0:
            began, step = time.monotonic(), min(_IDLE_STEP, left)
            told = self._client.idle_check(timeout=step)
            if any(_is_news(line) for line in told):
                return list(told)
            # Once may be: TLS has words of its own that are none of the server's.
            deaf = deaf + 1 if not told and time.monotonic() - began < step / 2 else 0
            if deaf >= _DEAF:
                raise ConnectionResetError("the connection is dead")
        return []

    def append(self, folder: str, raw: bytes) -> None:
        """Lay a mail into *folder*, which is made when it is missing, marked as read."""
        name = self._named(folder)
        with as_mailbox_error():
            self._make_sure_of(name)
            self._client.append(name, raw, [SEEN])

    def holds(self, folder: str, message_id: str) -> bool:
        """Whether a mail with this Message-ID stands in *folder*; False too when there is no such folder."""
        name = self._named(folder)
        with as_mailbox_error():
            if not self._client.folder_exists(name):
                return False
            self._client.select_folder(name, readonly=True)
            found = self._client.search(["HEADER", "Message-ID", message_id])
            self._select()
        return bool(found)

    def find(self, folder: str, word: str) -> dict[int, bytes]:
        """The headers of the mails in *folder* that have *word* in their Message-ID or subject, by UID.

        *word*: letters, digits and dots. None are there when there is no such folder.
        """
        with as_mailbox_error():
            if not self._enter(folder):
                return {}
            found = self._client.search(["OR", "HEADER", "Message-ID", word, "SUBJECT", word])
            told = self._fetched(list(found), [f"BODY.PEEK[HEADER]<0.{LARGEST_HEADER}>"]) if found else {}
            self._select()
        return {uid: bytes(row.get(b"BODY[HEADER]<0>") or b"") for uid, row in told.items()}

    def discard(self, folder: str, uids: Collection[int]) -> None:
        """Take these mails, which were found in *folder*, away for good.

        Gmail's go into its bin, for expunging only archives them; others are expunged by UID. Without
        UIDPLUS (RFC 4315) they stay, marked as deleted.
        """
        with as_mailbox_error():
            if uids and self._enter(folder):
                keeps_all = self._client.has_capability("X-GM-EXT-1")
                if keeps_all and (bin_folder := self._client.find_special_folder(TRASH)):
                    self._client.move(list(uids), bin_folder)
                else:
                    self._expunge(list(uids))
                self._select()

    def _expunge(self, uids: list[int]) -> None:
        self._client.add_flags(uids, [DELETED], silent=True)
        if self._client.has_capability("UIDPLUS"):
            self._client.uid_expunge(uids)

    def _enter(self, folder: str) -> bool:
        name = self._named(folder)
        if not self._client.folder_exists(name):
            return False
        self._client.select_folder(name)
        return True

    def find_special_sent(self) -> str | None:
        """The folder for sent mails, as the server marks or commonly calls it."""
        with as_mailbox_error():
            name = self._client.find_special_folder(SENT)
        return None if name is None else str(name).replace(self._separator, "/")

    def _named(self, folder: str) -> str:
        name = folder.replace("/", self._separator)
        inside = name.upper() == "INBOX" or name.startswith(self._prefix)
        return name if inside else self._prefix + name


def _connected(account: ImapAccount) -> IMAPClient:
    secured = account.security == "tls"
    client = AttentiveClient(
        account.host,
        account.port or _PORTS[account.security],
        ssl=secured,
        ssl_context=_trust(account) if secured else None,
        timeout=SocketTimeout(min(SECONDS_TO_CONNECT, account.seconds), account.seconds),
    )
    # imapclient has imaplib write down all it sees, for a log that nobody reads: three times the memory.
    client._imap.debug = 0  # noqa: SLF001
    client.normalise_times = False
    try:
        if account.security == "starttls":
            client.starttls(_trust(account))
        _sign_in(client, account)
    except BaseException:
        _hang_up(client)
        raise
    return client


def _trust(account: ImapAccount) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=account.ca_file)


def _sign_in(client: IMAPClient, account: ImapAccount) -> None:
    if account.token:
        _show_token(client, account.user, account.token)
    elif account.password is None:
        raise MailboxRefused("there is no password")
    elif client.has_capability("AUTH=PLAIN"):
        client.plain_login(account.user, account.password())
    else:
        client.login(account.user, account.password())


def _show_token(client: IMAPClient, user: str, token: AccessTokens) -> None:
    words = iter((f"user={user}\x01auth=Bearer {token()}\x01\x01",))
    try:
        # A refusal comes as a question first, to be answered with nothing.
        client.sasl_login("XOAUTH2", lambda _asked: next(words, ""))
    except LoginError:
        token.forget()
        raise


def _namespace(client: IMAPClient) -> tuple[str, str]:
    """What our own folders begin with, and what stands between the parts of their names."""
    if client.has_capability("NAMESPACE") and (own := client.namespace().personal):
        return str(own[0][0] or ""), str(own[0][1] or "/")
    separator = next((row[1] for row in client.list_folders("", "INBOX")), None)
    return "", separator.decode() if separator else "/"


def _is_news(line: Any) -> bool:
    return isinstance(line, tuple) and len(line) > 1 and line[1] in (b"EXISTS", b"RECENT")


def _utc(moment: object) -> datetime | None:
    return moment.astimezone(UTC) if isinstance(moment, datetime) else None


def _batches(uids: Collection[int], size: int) -> Iterator[list[int]]:
    ordered = sorted(uids)
    for start in range(0, len(ordered), size):
        yield ordered[start : start + size]


def _part(client: IMAPClient) -> None:
    with suppress(OSError, imaplib.IMAP4.error):
        client.socket().settimeout(SECONDS_TO_PART)
        client.logout()
        return
    _hang_up(client)


def _hang_up(client: IMAPClient) -> None:
    with suppress(OSError, imaplib.IMAP4.error):
        client.shutdown()
