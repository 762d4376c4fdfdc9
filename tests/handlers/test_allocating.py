"""The memory that threads give back can be used by all."""

import os
import subprocess
import sys

import pytest

# Threads that all allocate at the same time; then what the C library says of its heaps.
_HEAPS = """
import ctypes, threading
from handlers.allocating import share_heaps

share_heaps()
libc, all_there = ctypes.CDLL(None), threading.Barrier(12)
libc.malloc.restype = libc.fopen.restype = ctypes.c_void_p
libc.free.argtypes = libc.fclose.argtypes = [ctypes.c_void_p]
libc.malloc_info.argtypes = [ctypes.c_int, ctypes.c_void_p]

def use():
    all_there.wait(60)
    taken = libc.malloc(5000)
    all_there.wait(60)
    libc.free(taken)

threads = [threading.Thread(target=use) for _ in range(12)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
told = libc.fopen(b"/dev/stdout", b"w")
libc.malloc_info(0, told)
libc.fclose(told)
"""


@pytest.mark.parametrize(("told", "fewest", "most"), [({}, 1, 2), ({"MALLOC_ARENA_MAX": "5"}, 3, 5)])
def test_all_threads_share_two_heaps(told: dict[str, str], fewest: int, most: int) -> None:
    """Or as many as whoever runs the desk has said."""
    known = {name: value for name, value in os.environ.items() if name != "MALLOC_ARENA_MAX"} | told
    command = [sys.executable, "-c", _HEAPS]
    done = subprocess.run(command, env=known, capture_output=True, text=True, check=True)
    assert fewest <= done.stdout.count("<heap nr=") <= most
