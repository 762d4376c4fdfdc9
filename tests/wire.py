"""A wire between a client and a real server that a test may cut, freeze, or whisper into."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_PIECE = 65536


class Wire:
    """Carries bytes between whoever connects to ``port`` and the server's port."""

    def __init__(self, listening: socket.socket, to_port: int) -> None:
        self.port: int = listening.getsockname()[1]
        self._listening = listening
        self._to_port = to_port
        self._ends: list[tuple[socket.socket, socket.socket]] = []
        self._frozen = threading.Event()
        self._word, self._heard, self._poison = b"", False, b""
        self._after, self._more = b"", b""
        self.stopped = threading.Event()  # it froze at the word
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def say(self, words: bytes) -> None:
        """Say this to every client, as if the server did."""
        for client, _ in self._ends:
            client.sendall(words)

    def say_after(self, word: bytes, words: bytes) -> None:
        """Say *words* in one piece with every piece that has *word*, as a busy machine puts them together."""
        self._after, self._more = word, words

    def freeze(self) -> None:
        """From now on nothing arrives, and nobody is told: a network that fell silent."""
        self._frozen.set()

    def stop_at(self, word: bytes, *, heard: bool = False) -> None:
        """Freeze when a client says *word*: before the server hears it, or else before its answer."""
        self._word, self._heard = word, heard

    def cut_at(self, word: bytes) -> None:
        """Cut a connection, each time, where *word* passes."""
        self._poison = word

    def cut(self) -> None:
        """Close every connection."""
        for pair in self._ends:
            for end in pair:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Take the wire away, for good."""
        # Closing alone wakes nobody who waits there: woken later, they would take the calls of another wire.
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._accepting.join(60)
        self._listening.close()
        self.cut()
        for pair in self._ends:
            for end in pair:
                end.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.create_connection(("127.0.0.1", self._to_port))
                self._ends.append((client, server))
                threading.Thread(target=self._carry, args=(client, server), daemon=True).start()
                threading.Thread(target=self._carry, args=(server, client), daemon=True).start()

    def _carry(self, from_end: socket.socket, to_end: socket.socket) -> None:
        with suppress(OSError):
            while piece := from_end.recv(_PIECE):
                if self._poison and self._poison in piece:
                    from_end.shutdown(socket.SHUT_RDWR)
                    break
                if self._word and self._word in piece and not self.stopped.is_set():
                    self._frozen.set()
                    if self._heard:
                        to_end.sendall(piece)
                    self.stopped.set()
                elif not self._frozen.is_set():
                    to_end.sendall(piece + self._more if self._after and self._after in piece else piece)
        with suppress(OSError):
            to_end.shutdown(socket.SHUT_WR)


@contextmanager
def wire_to(port: int) -> Iterator[Wire]:
    """A wire to the server on this port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        wire = Wire(listening, port)
        try:
            yield wire
        finally:
            wire.close()
