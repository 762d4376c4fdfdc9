"""The SDK's way onto the network: only to hosts that the configuration names."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from twilio.http.http_client import TwilioHttpClient

from channels.their_clocks import Heard

TWILIO = "https://api.twilio.com"
CONTENT = "https://content.twilio.com"


class HostRefused(Exception):
    """The SDK wanted to call a host that is not mapped."""


class MappedHttpClient(TwilioHttpClient):  # type: ignore[misc] # twilio carries no types
    """Sends what is meant for a mapped host to the address it is mapped to, and nothing anywhere else."""

    def __init__(self, addresses: Mapping[str, str], timeout: float, heard: Heard | None = None) -> None:
        """*addresses*: host -> the address (scheme, host, port) called instead; may be the host's own.

        *heard* is given every answer.
        """
        super().__init__(timeout=timeout, request_hooks={"response": [heard] if heard else []})
        self._addresses = {host: urlsplit(address) for host, address in addresses.items()}
        # A proxy of the environment leads to the real Twilio, never to a local server.
        self.session.trust_env = all(
            place == urlsplit(f"https://{host}") for host, place in self._addresses.items()
        )

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        """The SDK's own request, at the mapped address. Raises ``HostRefused`` for any other host."""
        return super().request(method, self._mapped(url), *args, **kwargs)

    def close(self) -> None:
        """Give the connections back."""
        self.session.close()

    def _mapped(self, url: str) -> str:
        parts = urlsplit(url)
        address = self._addresses.get(parts.netloc)
        if address is None:
            raise HostRefused(parts.hostname or "no host")
        return urlunsplit(parts._replace(scheme=address.scheme, netloc=address.netloc))
