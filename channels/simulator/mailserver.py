"""A mail server in this process: SMTP in, IMAP out, on loopback and in memory. For the demo and for tests."""

import asyncio
import hmac
import re
import threading
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime
from queue import SimpleQueue
from typing import Any, Self, TypeVar

from channels.simulator.mail_imap import INBOX, MemoryMail
from channels.simulator.mail_machines import absence, bounce
from channels.simulator.mail_smtp import Counter

HOST = "127.0.0.1"
NAME = "surel.example"
_PATIENCE = 90.0
_SENDER = re.compile(rb"^from:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*", re.IGNORECASE | re.MULTILINE)
_DOMAIN = re.compile(rb"@([A-Za-z0-9.-]+)")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail in a folder. ``uid`` counts within the folder; ``raw`` begins with what the server wrote."""

    uid: int
    at: datetime
    raw: bytes = field(repr=False)

    @property
    def mail(self) -> EmailMessage:
        """The mail, parsed by the standard library."""
        return message_from_bytes(self.raw, policy=policy.default)


class LocalMail:
    """Mailboxes for *addresses*, one password for all of them. May be used from several threads.

    What SMTP accepts lies in the recipient's inbox when it answers; ``address+tag`` belongs to ``address``.
    Unknown recipients get 550. ``changed`` is notified and ``changes`` counts up with every delivery.
    Three sets of addresses may be changed at any time: ``greylisted`` answer 451 once, mail for ``closed``
    comes back as a bounce, and ``away`` answer by themselves, once to each sender. ``keeping`` is told of
    every mail that is laid into a folder: address, folder, bytes, moment.
    """

    def __init__(self, addresses: Iterable[str], password: str, *, clock: Callable[[], datetime]) -> None:
        self.addresses = frozenset(address.lower() for address in addresses)
        self.changed = threading.Condition()
        self.changes = 0
        self.greylisted: set[str] = set()
        self.closed: set[str] = set()
        self.away: dict[str, str] = {}
        self.keeping: Callable[[str, str, bytes, datetime], None] | None = None
        self.imap_port = self.smtp_port = 0
        self._told: set[tuple[str, str]] = set()
        self._password, self._clock = password, clock
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ending: asyncio.Event | None = None
        self._thread: threading.Thread | None = None
        self._boxes: MemoryMail | None = None

    def start(self) -> Self:
        """Listen on free ports of this machine, from a thread. Raises ``OSError`` when that is impossible."""
        started: SimpleQueue[BaseException | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, args=(started,), name="local-mail", daemon=True)
        self._thread.start()
        trouble = started.get()
        if trouble is not None:
            raise trouble
        return self

    def stop(self) -> None:
        """End every connection and forget all mail."""
        if self._thread is None or self._loop is None or self._ending is None:
            return
        self._loop.call_soon_threadsafe(self._ending.set)
        self._thread.join(_PATIENCE)
        self._thread = self._loop = self._boxes = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def deliver(self, raw: bytes, to: str, *, sender: str = "") -> None:
        """Leave a mail in the inbox of *to*, as if it came from another server. *sender*: the envelope's.

        Raises ``KeyError`` for an address that is not here.
        """
        if untagged(to) not in self.addresses:
            raise KeyError(to)
        self._wait(self._leave(None, sender, to, raw))

    def put(self, raw: bytes, address: str, folder: str, at: datetime) -> None:
        """Lay a mail into a folder as it is, as a client does with what it has sent."""
        self._wait(self._keep(address.lower(), raw, at, folder))

    def inbox(self, address: str, folder: str = INBOX) -> list[Letter]:
        """What lies in a folder now, oldest first."""
        stored = self._wait(self._here().stored(address.lower(), folder))
        return [Letter(each.uid, each.at, each.raw) for each in stored]

    def wait_for_change(self, since: int, timeout: float) -> int:
        """The count of deliveries, as soon as it differs from *since* or *timeout* seconds have gone."""
        with self.changed:
            self.changed.wait_for(lambda: self.changes != since, timeout)
            return self.changes

    def knows(self, address: str, password: str) -> bool:
        """Whether this is a mailbox here, with its password."""
        same = hmac.compare_digest(password.encode(), self._password.encode())
        return same and address.lower() in self.addresses

    def may_send(self, user: str, sender: str) -> bool:
        """Everybody writes as themselves, with or without a tag, or as nobody."""
        return not sender or untagged(sender) == user

    def refusal(self, recipient: str) -> str | None:
        """Why a mail can't be left for *recipient* now."""
        address = untagged(recipient)
        if address not in self.addresses:
            return "550 5.1.1 No such user here"
        if address in self.greylisted:
            self.greylisted.discard(address)
            return "451 4.7.1 Greylisted, please try again later"
        return None

    async def accept(self, user: str, sender: str, recipients: list[str], raw: bytes) -> None:
        """Take a mail of *user* and leave it with all *recipients*."""
        for recipient in recipients:
            await self._leave(user, sender, recipient, raw)

    async def _leave(self, user: str | None, sender: str, recipient: str, raw: bytes) -> None:
        address = untagged(recipient)
        if address in self.closed:
            await self._return(raw, sender, recipient)
            return
        await self._keep(address, self._traced(user, sender, recipient, raw), self._clock(), INBOX)
        if address not in self.away:
            self._told = {told for told in self._told if told[0] != address}
        elif sender and (address, untagged(sender)) not in self._told:
            self._told.add((address, untagged(sender)))
            words = absence(raw, sender, address, self.away[address], self._clock())
            await self._return_to(sender, address, words)

    async def _keep(self, address: str, raw: bytes, at: datetime, folder: str) -> None:
        await self._here().store(address, raw, at, folder)
        if self.keeping:
            self.keeping(address, folder, raw, at)
        with self.changed:
            self.changes += 1
            self.changed.notify_all()

    async def _return(self, raw: bytes, sender: str, recipient: str) -> None:
        if sender:
            await self._return_to(sender, "", bounce(raw, sender, recipient, NAME, self._clock()))

    async def _return_to(self, sender: str, author: str, raw: bytes) -> None:
        if untagged(sender) in self.addresses:
            await self._leave(author or None, author, sender, raw)

    def _traced(self, user: str | None, sender: str, recipient: str, raw: bytes) -> bytes:
        """*raw* below what a receiving server writes (RFC 5321, 4.4; RFC 8601)."""
        verdict = _verdict(user, raw)
        head = (
            f"Return-Path: <{sender}>\r\n"
            f"Delivered-To: {recipient}\r\n"
            f"Authentication-Results: {NAME}; dmarc={verdict}\r\n"
            f"Received: from localhost by {NAME} with ESMTP; {format_datetime(self._clock())}\r\n"
        )
        return head.encode() + raw

    def _run(self, started: "SimpleQueue[BaseException | None]") -> None:
        asyncio.run(self._listen(started))

    async def _listen(self, started: "SimpleQueue[BaseException | None]") -> None:
        self._loop, self._ending = asyncio.get_running_loop(), asyncio.Event()
        self._boxes = MemoryMail(self.addresses, self._password)
        counter = Counter(self)
        try:
            imap = await asyncio.start_server(self._boxes.connect, HOST, 0)
            smtp = await self._loop.create_server(counter.connection, HOST, 0)
        except OSError as error:
            started.put(error)
            return
        self.imap_port, self.smtp_port = (each.sockets[0].getsockname()[1] for each in (imap, smtp))
        started.put(None)
        await self._ending.wait()
        imap.close()
        smtp.close()
        counter.close()
        await _end_the_others()

    def _here(self) -> MemoryMail:
        if self._boxes is None:
            raise RuntimeError("the mail server is not running")
        return self._boxes

    def _wait(self, work: Coroutine[Any, Any, _T]) -> _T:
        if self._loop is None:
            work.close()
            raise RuntimeError("the mail server is not running")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE)


def untagged(address: str) -> str:
    """*address* without what stands behind a plus sign, in lower case."""
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def _verdict(user: str | None, raw: bytes) -> str:
    """Whether the mail's *From* has the domain of who signed in, as DMARC would see it."""
    if user is None:
        return "none"
    head = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    author = _SENDER.search(head)
    domains = _DOMAIN.findall(author.group()) if author else []
    domain = domains[-1].decode().lower() if domains else ""
    return f"{'pass' if domain == user.rpartition('@')[2] else 'fail'} header.from={domain or 'unknown'}"


async def _end_the_others() -> None:
    """Cancel all other tasks and let their connections close."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
