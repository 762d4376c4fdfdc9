"""Mailboxes are watched: one thread fetches what is new and waits for more, another lets it be handled.

Of all processes of an installation one watches a mailbox: who holds its lease in the database. A mail that
takes long to read keeps no other one from being fetched, nor the lease from being renewed.
"""

import logging
import math
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta

from channels.email.faults import MailboxAway, MailboxError, MailboxRefused
from channels.email.imap import OpenMailbox, open_mailbox
from handlers.inbound import where
from handlers.mailroom.fetching import Trouble, walk
from handlers.mailroom.holding import Lease
from handlers.outage import Outage
from handlers.runtime import Runtime
from storage import alarms, mailboxes
from storage.db import AWAY

log = logging.getLogger(__name__)
# One round of waiting. Well below the nine minutes after which IDLE must be begun anew, the two minutes after
# which a silent server is asked all the same, and the minute and a half for which a lease holds.
SECONDS_OF_WAITING = 30.0
SECONDS_BETWEEN = 0.5
SECONDS_TO_LOOK_AGAIN = 15.0
# Mails that failed are due again after two and four seconds.
SECONDS_TO_TRY_AGAIN = 2.0
LONGEST_REST = 300.0
REFUSALS = 3
SECONDS_AFTER_REFUSALS = 900.0
ALARM_AFTER = timedelta(minutes=10)
_SECONDS_TO_END = 5.0
# A session that broke off sooner than this while waiting is no ordinary end of one.
SHORTEST_SESSION = 5.0


class Watcher:
    """Watches every mailbox of the settings. *handle* is given the name of one that has mails to handle.

    *outage*: what the process knows of a database that is away.
    """

    def __init__(
        self, runtime: Runtime, handle: Callable[[str], object], outage: Outage | None = None
    ) -> None:
        self._stopping, known = threading.Event(), outage or Outage()
        watches = [_Watch(runtime, name, handle, self._stopping, known) for name in _owned(runtime)]
        self._threads = [
            threading.Thread(target=run, name=f"{what}-{watch.name}", daemon=True)
            for watch in watches
            for what, run in (("mailbox", watch.run), ("mails", watch.handle))
        ]

    def start(self) -> None:
        """Begin to watch. Returns at once."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> bool:
        """Watch no more, and give the leases back; False when one is still busy after five seconds."""
        self._stopping.set()
        until = time.monotonic() + _SECONDS_TO_END
        for thread in self._threads:
            if thread.ident:
                thread.join(max(0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)


def _owned(runtime: Runtime) -> Iterator[str]:
    """The mailboxes whose address is an office's."""
    for name, box in runtime.settings.channels.email.mailboxes.items():
        if runtime.settings.office_of("email", box.address):
            yield name
        else:
            log.error("mailbox %s is not read, for no office owns its address", name)


class _LeaseLost(Exception):
    """Another process watches the mailbox now."""


class _SessionEnded(Exception):
    """The connection broke off while nothing was to be done."""

    def __init__(self, why: MailboxAway) -> None:
        super().__init__(str(why))
        self.why = why


class _Watch:
    """One mailbox, in two threads."""

    def __init__(
        self,
        runtime: Runtime,
        name: str,
        handle: Callable[[str], object],
        stopping: threading.Event,
        outage: Outage,
    ) -> None:
        self.name = name
        self._runtime = runtime
        self._let_handle = handle
        self._stopping, self._outage = stopping, outage
        self._kept = threading.Event()
        self._lease = Lease(runtime, name)
        self._trouble = Trouble()
        self._refused = 0
        self._noted = -math.inf

    def run(self) -> None:
        """Watch until the end. Whatever goes wrong, it is tried again."""
        while not self._stopping.is_set():
            try:
                seconds = self._session()
                self._rest(seconds)
            except _LeaseLost:
                log.warning("mailbox %s: another process watches it now", self.name)
            except AWAY as error:
                self._outage.met(error)
                self._stopping.wait(SECONDS_TO_LOOK_AGAIN)
            except Exception as error:  # noqa: BLE001  # a bug must not end the watch
                log.error("mailbox %s: watching failed: %s", self.name, where(error))
                self._stopping.wait(SECONDS_TO_LOOK_AGAIN)
        self._kept.set()
        with suppress(*AWAY):
            self._lease.give_back()

    def handle(self) -> None:
        """Let mails be handled, until the end: at once what is new, and what failed when it is due again."""
        while not self._stopping.is_set():
            self._kept.wait(SECONDS_TO_TRY_AGAIN)
            self._kept.clear()
            if self._lease.held and not self._stopping.is_set():
                self._handled()

    def _session(self) -> float:
        """Watch as long as it goes well; how many seconds to rest afterwards."""
        if not self._lease.take():
            return SECONDS_TO_LOOK_AGAIN
        began = time.monotonic()
        try:
            with open_mailbox(self._runtime.mailboxes[self.name]) as opened:
                self._watch(opened)
        except _SessionEnded as ended:
            # Servers end sessions now and then, with a token's life or at night: nothing to tell of.
            if time.monotonic() - began < SHORTEST_SESSION:
                return self._failed(ended.why)
            log.info("mailbox %s: a session ended: %s", self.name, ended.why)
        except MailboxError as error:
            return self._failed(error)
        return 0.0

    def _watch(self, opened: OpenMailbox) -> None:
        self._noted = -math.inf
        while not self._stopping.is_set():
            if not self._round(opened):
                self._wait(opened)

    def _wait(self, opened: OpenMailbox) -> None:
        began = time.monotonic()
        try:
            opened.wait(SECONDS_OF_WAITING, self._stopping)
        except MailboxAway as error:
            raise _SessionEnded(error) from None
        if time.monotonic() - began < SECONDS_BETWEEN:
            self._stopping.wait(SECONDS_BETWEEN)  # a server may have something to tell each time, and no mail

    def _round(self, opened: OpenMailbox) -> bool:
        """Everything that is new now; whether to look again before waiting."""
        self._keep_lease()
        found = False
        for _ in walk(self._runtime, self.name, opened, self._trouble):
            found = True
            self._kept.set()
            self._keep_lease()
            if self._stopping.is_set():
                return True
        if found or time.monotonic() - self._noted >= SECONDS_OF_WAITING / 2:
            self._healthy()
            self._noted = time.monotonic()
            return True
        return False

    def _handled(self) -> None:
        """Let the mails be handled. That this fails says nothing about the mailbox; they wait."""
        try:
            self._let_handle(self.name)
        except AWAY as error:
            self._outage.met(error)
        except Exception as error:  # noqa: BLE001  # as said
            log.error("mailbox %s: its mails could not be handled: %s", self.name, where(error))

    def _rest(self, seconds: float) -> None:
        """Wait, without letting another process try in vain meanwhile."""
        until = time.monotonic() + seconds
        while not self._stopping.is_set() and (left := until - time.monotonic()) > 0:
            self._stopping.wait(min(left, SECONDS_OF_WAITING))
            if self._lease.held:
                self._keep_lease()

    def _keep_lease(self) -> None:
        if not self._lease.renew():
            raise _LeaseLost

    def _healthy(self) -> None:
        """It was read to its end: note the moment, and settle what was wrong."""
        self._refused = 0
        now = self._runtime.clock()
        with self._runtime.database.write() as connection:
            if mailboxes.polled(connection, self.name, now):
                alarms.settle(connection, self._alarm, None, now)
                log.warning("mailbox %s: it is read again", self.name)

    def _failed(self, error: MailboxError) -> float:
        """Note what is wrong, tell people when it lasts, and give the seconds to rest."""
        self._refused = self._refused + 1 if isinstance(error, MailboxRefused) else 0
        locked_out, now = self._refused >= REFUSALS, self._runtime.clock()
        with self._runtime.database.write() as connection:
            failing = mailboxes.failing(connection, self.name, str(error), now)
            if locked_out or now - failing.since >= ALARM_AFTER:
                what = "mailbox_refused" if locked_out else "mailbox_away"
                about = {"mailbox": self.name, "error": str(error)}
                alarms.raise_alarm(connection, self._alarm, self._office(), what, about, now)
        log.error("mailbox %s can't be read (%d times now): %s", self.name, failing.times, error)
        return SECONDS_AFTER_REFUSALS if locked_out else pause(failing.times)

    @property
    def _alarm(self) -> str:
        return f"mailbox:{self.name}"

    def _office(self) -> str | None:
        box = self._runtime.settings.channels.email.mailboxes[self.name]
        office = self._runtime.settings.office_of("email", box.address)
        return office.code if office else None


def pause(times: int) -> float:
    """Seconds to rest after so many failures in a row: 1, 2, 4 ... 300, and not all at the same moment."""
    return min(LONGEST_REST, 2.0 ** min(times - 1, 20)) * random.uniform(0.75, 1)  # noqa: S311
