"""How many heaps the C library keeps for the threads of a process."""

import ctypes
import os
from contextlib import suppress

HEAPS = 2
_M_ARENA_MAX = -8  # of malloc.h


def share_heaps() -> None:
    """Let all threads make do with two heaps, unless the environment says how many (``MALLOC_ARENA_MAX``).

    glibc gives each a heap of its own up to eight for a core, and none takes what another has freed: a burst
    of pages left a process some 50 MB larger than what it kept. To be called before threads are started.
    """
    if "MALLOC_ARENA_MAX" not in os.environ:
        with suppress(AttributeError):  # another C library has no such heaps
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, HEAPS)
