"""Who watches a mailbox: the holder of its lease, whose name tells whether he still lives."""

import os
import secrets
import time
from contextlib import suppress
from pathlib import Path

from handlers.runtime import Runtime
from storage import mailboxes

SECONDS_TO_RENEW = 15.0
_BOOT = Path("/proc/sys/kernel/random/boot_id")


class Lease:
    """The lease of one mailbox, in the hands of one thread. It lapses 90 seconds after it was taken last."""

    def __init__(self, runtime: Runtime, mailbox: str) -> None:
        self._runtime = runtime
        self._mailbox = mailbox
        self._holder = holder()
        self._taken = 0.0
        self.held = False

    def take(self) -> bool:
        """Take or renew it; False while another one holds it. Who has died on this machine holds nothing."""
        now = self._runtime.clock()
        with self._runtime.database.write() as connection:
            row = mailboxes.find(connection, self._mailbox)
            if row is not None and is_dead(row.lease_owner):
                mailboxes.release(connection, self._mailbox, row.lease_owner)
            self.held = mailboxes.take(connection, self._mailbox, self._holder, now)
        self._taken = time.monotonic()
        return self.held

    def renew(self) -> bool:
        """Take it again when a good part of its time is over; False when another one has it by now."""
        return self.take() if time.monotonic() - self._taken >= SECONDS_TO_RENEW else self.held

    def give_back(self) -> None:
        """Let go of it, if it is held."""
        with self._runtime.database.write() as connection:
            mailboxes.release(connection, self._mailbox, self._holder)
        self.held = False


def holder() -> str:
    """A name of this process, another one each time; at most 64 letters."""
    return ".".join((*_home(), str(os.getpid()), _began(os.getpid()), secrets.token_hex(4)))


def is_dead(name: str) -> bool:
    """Whether the holder with this *name* certainly lives no more; False for one on another machine."""
    parts = name.split(".")
    if len(parts) != 5 or tuple(parts[:2]) != _home() or not parts[2].isdigit():
        return False
    return _began(int(parts[2])) != parts[3]


def _home() -> tuple[str, str]:
    """The machine since it was started, and the room in it where process ids mean the same."""
    with suppress(OSError):
        return _BOOT.read_text(encoding="ascii")[:8], str(Path("/proc/self/ns/pid").stat().st_ino)
    return secrets.token_hex(4), "0"


def _began(pid: int) -> str:
    """When the process began, in the kernel's ticks; empty when there is none, or only its remains."""
    with suppress(OSError, ValueError):
        told = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
        state, *rest = told.rpartition(")")[2].split()
        return "" if state in "ZX" else rest[18]
    return ""
