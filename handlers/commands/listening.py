"""The end of a sign-in in the browser: its answer comes by redirect to this machine, or is pasted."""

import select
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import TracebackType
from typing import Self

import click

_MINUTES = 15
_DONE = "Selesai: jendela ini boleh ditutup. / Done: you may close this window."


class Answers:
    """Waits on 127.0.0.1 and at the keyboard, whichever comes first. A context manager."""

    def __init__(self, port: int) -> None:
        try:
            self._server = _Server(("127.0.0.1", port), _Page)
        except OSError as error:
            raise click.ClickException(
                f"port {port} is taken ({error.strerror}); name another one with --port"
            ) from error
        # Microsoft takes this name with any port, and without a slash behind it.
        self.address = f"http://localhost:{self._server.server_port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.server_close()

    def wait(self) -> str:
        """The whole address that the browser was sent to. Raises ``click.ClickException`` when none comes."""
        sources = [self._server.socket, sys.stdin]
        while True:
            ready, _, _ = select.select(sources, [], [], _MINUTES * 60)
            if not ready:
                raise click.ClickException(f"no answer came within {_MINUTES} minutes")
            if self._server.socket in ready:
                self._server.handle_request()
            else:
                pasted = sys.stdin.readline()
                if not pasted:
                    sources.remove(sys.stdin)  # nobody is at the keyboard
                self._server.answer = pasted.strip()
            if self._server.answer:
                return self._server.answer


class _Server(HTTPServer):
    answer = ""


class _Page(BaseHTTPRequestHandler):
    timeout = 5  # a browser may open connections that it never uses

    def do_GET(self) -> None:
        """Note an answer, and say that the window may be closed."""
        if "state=" in self.path and isinstance(self.server, _Server):
            self.server.answer = f"http://localhost:{self.server.server_port}{self.path}"
        body = _DONE.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the same
        """Say nothing: the address holds the code."""
