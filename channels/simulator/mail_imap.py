"""The IMAP half of the local mail server: pymap in memory, started so that its connections live."""

import asyncio
import logging
import secrets
import ssl
from argparse import Namespace
from asyncio import StreamReader, StreamWriter
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from proxyprotocol.sock import SocketInfoLocal
from pymap.backend.dict import Config, DictBackend, Login
from pymap.backend.dict.filter import FilterSet
from pymap.backend.dict.mailbox import MailboxData, MailboxSet
from pymap.concurrent import Event, Subsystem
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pymap.parsing.specials import FetchRequirement
from pymap.selected import SelectedMailbox
from pymap.user import UserMetadata
from pysasl.hashing import Cleartext

log = logging.getLogger(__name__)
INBOX = "INBOX"


@dataclass(frozen=True, slots=True)
class Stored:
    """A mail in a folder: its number there, when it came, its bytes."""

    uid: int
    at: datetime
    raw: bytes


class _WholeAnswers:
    """Hands an answer over in one piece: of many small ones a waiting client may see half a line."""

    def __init__(self, writer: StreamWriter) -> None:
        self._writer = writer
        self._waiting = bytearray()

    def write(self, piece: bytes) -> None:
        """Keep *piece* for the next ``drain``."""
        self._waiting += piece

    async def drain(self) -> None:
        """Send what waits."""
        answer, self._waiting = self._waiting, bytearray()
        self._writer.write(answer)
        await self._writer.drain()

    def close(self) -> None:
        """End the connection."""
        self._writer.close()


class _Inbox(MailboxData):
    """Tells a client that begins to wait (IDLE) what came since it last looked, which pymap forgets."""

    async def update_selected(
        self, selected: SelectedMailbox, *, wait_on: Event | None = None
    ) -> SelectedMailbox:
        """*selected* as it is now; waits for news only when there is none yet."""
        nothing_new = selected.mod_sequence == self._mod_sequences.highest
        return await super().update_selected(selected, wait_on=wait_on if nothing_new else None)


class _Folders(MailboxSet):
    """One user's folders."""

    def __init__(self) -> None:
        super().__init__()
        self._inbox = _Inbox(self._content_cache, self._thread_cache)


class _Config(Config):
    """pymap without its name look-ups, its thread pool and its half second of hashing at every login."""

    def __init__(self) -> None:
        super().__init__(
            Namespace(passlib_cfg=None, proxy_protocol=None),
            host=None,
            port=0,
            demo_data=False,
            demo_user="",
            demo_password="",
            admin_key=secrets.token_bytes(),
            hash_context=Cleartext(),
            cpu_subsystem=Subsystem.for_asyncio(),
            ssl_context=ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER),
            tls_enabled=False,
            invalid_user_sleep=0,
        )

    @property
    def greeting(self) -> bytes:
        """Without asking DNS who we are."""
        return b"localhost ready"


class MemoryMail:
    """Mailboxes of *users* in memory, one password for all. Belongs to the event loop that runs it."""

    def __init__(self, users: Collection[str], password: str) -> None:
        self._config = _Config()
        login = Login(self._config)
        for user in users:
            login.users_dict[user] = UserMetadata(self._config, user, password=password)
            self._config.set_cache[user] = (_Folders(), FilterSet())
        self._serve = IMAPServer(DictBackend(login, self._config).login, self._config)
        self._connections: set[asyncio.Task[None]] = set()

    async def connect(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Serve one client until it leaves. For ``asyncio.start_server``."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a connection is served in a task of its own")
        # Without a reference of ours the garbage collector ends it on Python 3.13.
        self._connections.add(task)
        try:
            whole = cast("StreamWriter", _WholeAnswers(writer))
            await self._serve(reader, whole, SocketInfoLocal(writer))
        except Exception as error:  # noqa: BLE001  # a mail it can't describe ends this client only
            log.warning("an IMAP connection ended with %s", type(error).__name__)
        finally:
            self._connections.discard(task)
            writer.close()

    async def store(self, user: str, raw: bytes, at: datetime, folder: str = INBOX) -> None:
        """Lay a mail into a folder, made when missing. Raises ``KeyError`` for a user who is not here."""
        folders, _ = self._config.set_cache[user]
        if folder != INBOX:
            with suppress(ValueError):
                await folders.add_mailbox(folder)
        place = await folders.get_mailbox(folder)
        await place.append(AppendMessage(raw, at), recent=True)

    async def stored(self, user: str, folder: str) -> list[Stored]:
        """What lies in a folder, oldest first; nothing when there is no such folder."""
        folders, _ = self._config.set_cache[user]
        try:
            found = await folders.get_mailbox(folder)
        except KeyError:
            return []
        mails = []
        async for message in found.messages():
            content = await message.load_content(FetchRequirement.CONTENT)
            mails.append(Stored(message.uid, message.internal_date, bytes(content)))
        return sorted(mails, key=lambda mail: mail.uid)
