"""The mailroom of a process: one reader, and each mailbox's mails handled by one thread at a time."""

import logging
import threading
from collections import defaultdict

from handlers.mailroom import handling
from handlers.mailroom.reading import Reader, ReaderUnavailable
from handlers.runtime import Runtime
from storage import shunted_mails

log = logging.getLogger(__name__)


class Mailroom:
    """Gives mails their turns. For any number of threads; ``close`` when none uses it any more."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._reader = Reader(handling.ours(runtime))
        self._busy: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def handle(self, mailbox: str) -> int:
        """Handle what *mailbox* has waiting, and how many that was; 0 while another thread is at it."""
        turn = self._busy[mailbox]
        if not turn.acquire(blocking=False):
            return 0
        try:
            return handling.handle_waiting(self._runtime, self._reader, mailbox)
        except ReaderUnavailable:
            log.error("no mail can be read now, for the reader does not start; they wait")
            return 0
        finally:
            turn.release()

    def handle_all(self) -> int:
        """Handle what waits in any mailbox: after a crash, a failed turn, or a mailbox that is away."""
        with self._runtime.database.read() as connection:
            names = shunted_mails.mailboxes_waiting(connection, self._runtime.clock())
        return sum(self.handle(name) for name in names)

    def close(self) -> None:
        """End the reader."""
        self._reader.close()


def retry_all(runtime: Runtime) -> int:
    """Put every shunted mail back in line, and say how many there were."""
    with runtime.database.write() as connection:
        return shunted_mails.retry_all(connection)
