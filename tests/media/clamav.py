"""A small clamd: answers INSTREAM, and finds the EICAR test word."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread

# In pieces, so that no scanner takes this file for the thing itself.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"


@contextmanager
def clamd(answer: bytes | None = None) -> Iterator[str]:
    """Its address; *answer*: what it says to everything."""
    listening = socket.create_server(("127.0.0.1", 0))
    thread = Thread(target=_serve, args=(listening, answer), daemon=True)
    thread.start()
    try:
        yield f"tcp:127.0.0.1:{listening.getsockname()[1]}"
    finally:
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(60)


def _serve(listening: socket.socket, answer: bytes | None) -> None:
    while True:
        try:
            line, _ = listening.accept()
        except OSError:
            return
        with line, suppress(OSError), line.makefile("rb") as told:
            command = told.read(len(b"zINSTREAM\0"))
            content = b""
            while size := int.from_bytes(told.read(4), "big"):
                content += told.read(size)
            if answer is None:
                found = b"stream: Eicar-Test-Signature FOUND" if EICAR in content else b"stream: OK"
                line.sendall((found if command == b"zINSTREAM\0" else b"UNKNOWN COMMAND") + b"\0")
            else:
                line.sendall(answer)
