"""Ports that nobody listens on, and that nobody takes before the one who asked does."""

import os
import random
import socket
from contextlib import closing, suppress

# Below those that the system hands out by itself, to whoever connects somewhere meanwhile.
_FIRST, _END = 20_000, 32_000
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_WORKERS = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
_OURS = list(range(_FIRST + _WORKER, _END, _WORKERS))
random.shuffle(_OURS)
_left = iter(_OURS)


def free_port() -> int:
    """A port on loopback that was never given before, to this worker of a test run or to another."""
    for port in _left:
        with closing(socket.socket()) as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("every port of this worker was given away")
