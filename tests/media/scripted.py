"""A server that answers as a hostile one would: raw bytes, as slowly and as many as it likes."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Script = Callable[[socket.socket, str, str], None]
"""What is done with a connection: its socket, the host and the path that were asked for."""


@dataclass
class Scripted:
    """Its address, and what was asked: host, path, and whether a password came along."""

    url: str
    port: int
    asked: list[tuple[str, str, bool]] = field(default_factory=list)


@contextmanager
def scripted(script: Script, context: ssl.SSLContext | None = None) -> Iterator[Scripted]:
    """A server on this machine that plays *script* for every connection; by TLS with a *context*."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    server = Scripted(f"http://127.0.0.1:{port}", port)
    thread = threading.Thread(target=_serve, args=(listening, script, server, context), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(60)


def _serve(
    listening: socket.socket, script: Script, server: Scripted, context: ssl.SSLContext | None
) -> None:
    while True:
        try:
            plain, _ = listening.accept()
        except OSError:
            return
        with plain, suppress(OSError), _secured(plain, context) as line:
            head = _head(line)
            path = head.partition(" ")[2].partition(" ")[0]
            fields = dict(each.split(": ", 1) for each in head.split("\r\n")[1:] if ": " in each)
            server.asked.append((fields["Host"], path, "Authorization" in fields))
            script(line, fields["Host"], path)


def _secured(line: socket.socket, context: ssl.SSLContext | None) -> socket.socket:
    return line if context is None else context.wrap_socket(line, server_side=True)


def _head(line: socket.socket) -> str:
    said = b""
    while b"\r\n\r\n" not in said:
        piece = line.recv(4096)
        if not piece:
            raise OSError("gone")
        said += piece
    return said.decode("latin-1")


def answering(content: bytes, *headers: str, status: str = "200 OK", length: int | None = None) -> Script:
    """Answers everything with this; *length* is what it claims."""
    claimed = len(content) if length is None else length
    head = [f"HTTP/1.1 {status}", f"Content-Length: {claimed}", *headers]
    written = "\r\n".join(head).encode() + b"\r\n\r\n" + content
    return lambda line, _host, _path: line.sendall(written)


def redirecting(location: str, status: str = "307 Temporary Redirect") -> Script:
    """Sends everybody there."""
    return answering(b"", f"Location: {location}", status=status)
