"""A process that reads bytes of strangers gives up what no reader needs: memory, files, the network."""

import gc
import resource
import signal
import sys
from pathlib import Path
from typing import Any

# What a parser has no business with; a core dump would put what it reads on the disk.
_NOTHING_OF = (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC)


def confine(memory: int) -> None:
    """Bound the address space to *memory* more than now, and give up what no reader needs."""
    for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # They mean the whole group. The parent may still finish what it has, and ends us by closing the pipe.
        signal.signal(signal_number, signal.SIG_IGN)
    for kind in _NOTHING_OF:
        resource.setrlimit(kind, (0, 0))
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    most = pages * resource.getpagesize() + memory
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    sys.addaudithook(_refuse_network)
    gc.freeze()


def _refuse_network(event: str, _: tuple[Any, ...]) -> None:
    if event.startswith("socket."):
        raise PermissionError("a reader makes no connections")
