"""The open pages, a process of their own: ``python -m bench.live_pages PORT FILE`` opens those in FILE.

Each holds a stream as a browser does, and fetches its list anew a quarter of a second after it was told.
Prints one line when all are open, and at the end of its input what they heard as JSON.
"""

import http.client
import json
import re
import selectors
import socket
import sys
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

_FETCHES_AFTER = 0.25
_TOLD = re.compile(rb"data: (\[[^]]*\])")


class Pages:
    """All pages of one measurement: what they hear, and what they fetch then."""

    def __init__(self, port: int, pages: list[dict[str, str]]) -> None:
        self._port = port
        self._selector = selectors.DefaultSelector()
        self.heard: list[tuple[float, str]] = []
        self.fetched = self.ended = 0
        self._due: deque[tuple[float, dict[str, str]]] = deque()
        self._own = threading.local()
        self._threads = ThreadPoolExecutor(4)
        for page in pages:
            self._selector.register(self._opened(page), selectors.EVENT_READ, page)

    def _opened(self, page: dict[str, str]) -> socket.socket:
        line = socket.create_connection(("127.0.0.1", self._port), 60)
        line.sendall(_get(f"/inbox/{page['office']}/live", page))
        said = b""
        while b"retry:" not in said:
            more = line.recv(4096)
            if not more:
                raise RuntimeError(f"no stream: {said[:200]!r}")
            said += more
        return line

    def listen(self, seconds: float) -> None:
        """Hear what comes in that time."""
        for key, _ in self._selector.select(seconds):
            said = key.fileobj.recv(65536)  # type: ignore[union-attr]  # always a socket
            if not said:
                self.ended += 1
                self._selector.unregister(key.fileobj)
            if _TOLD.search(said):
                self.heard.append((time.monotonic(), key.data["office"]))
                self._due.append((time.monotonic() + _FETCHES_AFTER, key.data))
        while self._due and self._due[0][0] <= time.monotonic():
            self._threads.submit(self._fetch, self._due.popleft()[1])

    def _fetch(self, page: dict[str, str]) -> None:
        line = self._own.__dict__.setdefault("line", http.client.HTTPConnection("127.0.0.1", self._port))
        line.request("GET", f"/inbox/{page['office']}", headers={"Cookie": page["cookie"], "X-Live": "1"})
        answer = line.getresponse()
        if answer.status != 200:
            raise RuntimeError(f"a page was answered {answer.status}")
        answer.read()
        self.fetched += 1

    def told(self) -> dict[str, Any]:
        """What they heard and did."""
        self._threads.shutdown(wait=True)
        return {"heard": self.heard, "fetched": self.fetched, "ended": self.ended}


def _get(path: str, page: dict[str, str]) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: bench.example.org\r\nCookie: {page['cookie']}\r\n\r\n".encode()


def main(port: int, file: Path) -> None:
    """Open the pages and listen until the input ends."""
    pages = Pages(port, json.loads(file.read_text("ascii")))
    print("open", flush=True)
    over = threading.Event()
    threading.Thread(target=_wait_for_the_end, args=(over,), daemon=True).start()
    while not over.is_set():
        pages.listen(0.05)
    print(json.dumps(pages.told()))


def _wait_for_the_end(over: threading.Event) -> None:
    sys.stdin.read()
    over.set()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
