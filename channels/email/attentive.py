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

    def idle_check(self, timeout: float | None = None) -> list[Any]:
        """What the server tells within *timeout* seconds (None: for ever); empty when it tells nothing."""
        if self._unheard:
            heard = super().idle_check(0)
            self._unheard = False
            if heard:
                return list(heard)
        return list(super().idle_check(timeout))

    def _poll_socket(self, sock: Any, timeout: float | None = None) -> Any:
        # Then what is there is read, if anything is, without waiting.
        return self._unheard or super()._poll_socket(sock, timeout)
