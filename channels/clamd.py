"""Asking a virus scanner: clamd's own protocol, of which ``zINSTREAM`` is all that is needed.

See clamd(8). There is a library for this; its last release is of 2014.
"""

import re
import socket
from collections.abc import Iterator
from contextlib import suppress

SECONDS = 30.0
_CHUNK = 64 * 1024
_LENGTH_BYTES = 4
_LONGEST_ANSWER = 1024
_ADDRESS = re.compile(r"unix:(?P<path>/.+)|tcp:(?P<host>[A-Za-z0-9.-]+):(?P<port>\d{1,5})")


class ScannerAway(Exception):
    """Nobody said whether the content is clean."""


class Clamd:
    """A clamd at ``unix:/path`` or ``tcp:host:port``. May be used from several threads."""

    def __init__(self, address: str, seconds: float = SECONDS) -> None:
        """Raises ``ValueError`` for what is no such address."""
        found = _ADDRESS.fullmatch(address)
        if found is None:
            raise ValueError("must be unix:/path/of/clamd.ctl or tcp:host:port")
        self._path, self._host, self._port = found["path"], found["host"], int(found["port"] or 0)
        self._seconds = seconds

    def scan(self, content: bytes) -> str:
        """The name of the virus in *content*, empty when there is none. Raises ``ScannerAway``."""
        try:
            with self._connected() as line:
                # It may answer and hang up before it has heard all: what is too large, for instance.
                with suppress(BrokenPipeError, ConnectionResetError):
                    line.sendall(b"zINSTREAM\0")
                    for piece in _framed(content):
                        line.sendall(piece)
                answer = _answer(line)
        except OSError as error:
            raise ScannerAway(type(error).__name__) from error
        if answer.endswith(" FOUND"):
            return answer.removeprefix("stream: ").removesuffix(" FOUND") or "?"
        if answer != "stream: OK":
            # For instance that its own limit for sizes is lower than ours.
            raise ScannerAway(answer[:80])
        return ""

    def _connected(self) -> socket.socket:
        if not self._path:
            return socket.create_connection((self._host, self._port), self._seconds)
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            line.settimeout(self._seconds)
            line.connect(self._path)
        except OSError:
            line.close()
            raise
        return line


def _framed(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), _CHUNK):
        piece = content[start : start + _CHUNK]
        yield len(piece).to_bytes(_LENGTH_BYTES, "big") + piece
    yield bytes(_LENGTH_BYTES)


def _answer(line: socket.socket) -> str:
    said = b""
    while b"\0" not in said and len(said) < _LONGEST_ANSWER:
        piece = line.recv(_LONGEST_ANSWER)
        if not piece:
            break
        said += piece
    return said.partition(b"\0")[0].decode("utf-8", "replace").strip()
