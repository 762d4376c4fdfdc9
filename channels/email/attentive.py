"""An IMAP client that overlooks nothing as it begins to wait."""

from typing import Any

from imapclient import IMAPClient


class AttentiveClient(IMAPClient):  # type: ignore[misc]
    """Hears news that came in one piece with the leave to wait (``+ idling``).

    They lie in the client's own buffer then. IMAPClient 4.1 looks at the socket alone, where nothing is left,
    so that a mail was told of only with the server's next word.
    """

    _unheard = False

    def idle(self) -> None:
        """Begin to wait (RFC 2177)."""
        super().idle()
        self._unheard = True

    def _poll_socket(self, sock: Any, timeout: float | None = None) -> Any:
        if not self._unheard:
            return super()._poll_socket(sock, timeout)
        self._unheard = False
        return True  # then what is there is read, if anything is, without waiting
