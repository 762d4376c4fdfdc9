"""A provider that takes every message and reports nothing back: ``python -m bench.sink PORT``.

It stands where Twilio would, for ``loket serve``, which delivers too. As small as it can be: the simulator
of the demo would compete for the processors with what is measured.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4


class Taker(BaseHTTPRequestHandler):
    """Every POST is a message, and every message is taken."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # the answer leaves in one piece

    def do_GET(self) -> None:
        """Alive."""
        self._answer(200, {})

    def do_POST(self) -> None:
        """Take it."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(201, {"sid": "SM" + uuid4().hex, "status": "queued", "direction": "outbound-api"})

    def _answer(self, status: int, told: dict[str, str]) -> None:
        body = json.dumps(told).encode()
        self.send_response_only(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Taker).serve_forever()
