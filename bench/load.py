"""The load generator, a process of its own: ``python -m bench.load PORT FILE`` plays the clients in FILE.

Each client is a thread with one kept connection, and sends its next request when the last is answered.
Prints as JSON: seconds, its own CPU seconds, and the milliseconds of every request.
"""

import json
import resource
import socket
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter

_PATIENCE = 60


class Refused(Exception):
    """An answer other than 200: what would be measured is not what was meant."""


def main(port: int, file: Path) -> None:
    """Play every client of *file* (a list of lists of requests) at once."""
    clients = [[request.encode() for request in client] for client in json.loads(file.read_text("ascii"))]
    start = threading.Barrier(len(clients) + 1)
    with ThreadPoolExecutor(len(clients)) as pool:
        playing = [pool.submit(_play, port, client, start) for client in clients]
        start.wait(_PATIENCE)
        began, cpu = perf_counter(), _cpu()
        took = [milliseconds for one in playing for milliseconds in one.result()]
        seconds = perf_counter() - began
    print(json.dumps({"seconds": seconds, "cpu": _cpu() - cpu, "milliseconds": took}))


def _play(port: int, requests: list[bytes], start: threading.Barrier) -> list[float]:
    took = []
    with socket.create_connection(("127.0.0.1", port), _PATIENCE) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        start.wait(_PATIENCE)
        for request in requests:
            began = perf_counter()
            connection.sendall(request)
            _read_answer(connection)
            took.append((perf_counter() - began) * 1000)
    return took


def _read_answer(connection: socket.socket) -> None:
    answer = connection.recv(65536)
    while answer and b"\r\n\r\n" not in answer:
        answer += connection.recv(65536)
    if not answer.startswith(b"HTTP/1.1 200 "):
        raise Refused(answer[:80])
    head, _, body = answer.partition(b"\r\n\r\n")
    left = _length(head) - len(body)
    while left > 0:
        left -= len(connection.recv(left))


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    raise Refused(b"no length: " + head[:80])


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
