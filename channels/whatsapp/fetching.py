"""Files that citizens sent, fetched from Twilio: from nowhere else, never too much, never for too long."""

import socket
import ssl
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from functools import cached_property
from http.client import HTTPConnection, HTTPException, HTTPResponse
from threading import Timer
from time import monotonic
from urllib.parse import urlsplit

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from channels.contract import FetchError, Sought
from channels.whatsapp.places import Place, is_public, own, resolved, second
from channels.whatsapp.sending import Account

SECONDS_TO_CONNECT = 10.0
SECONDS_IN_ALL = 60.0
MOST_REDIRECTS = 3
NO_PLACE, NO_REDIRECT, REDIRECTS, PRIVATE = "address", "redirect", "redirects", "private"
NOT_THERE, GONE, REFUSED, AWAY, ANSWER = "not_there", "gone", "refused", "away", "answer"
TOO_LARGE, TOO_SLOW, TRUNCATED, EMPTY = "too_large", "too_slow", "truncated", "empty"

_CHUNK = 64 * 1024
_REDIRECTS = {301, 302, 303, 307, 308}
_BY_STATUS = {404: NOT_THERE, 401: REFUSED, 403: REFUSED, 410: GONE}
_HTTPS = 443
# Nothing packed: a little of that could unpack to very much.
_MANNERS = {"Accept-Encoding": "identity", "Connection": "close", "User-Agent": "Loket"}


class TwilioMedia:
    """What came with citizens' messages, at Twilio. May be used from several threads."""

    def __init__(
        self,
        accounts: Sequence[Account],
        *,
        addresses: Mapping[str, str] | None = None,
        resolve: Callable[[str], str] = resolved,
        seconds: float = SECONDS_IN_ALL,
    ) -> None:
        """*addresses*: host -> the address called instead, for a stand-in on this machine.

        A host that is not named there is called by HTTPS at its public address, and only there.
        """
        self._accounts = {account.sid: account for account in accounts}
        self._addresses = dict(addresses or {})
        self._resolve = resolve
        self._seconds = seconds

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        """Whom to believe. To read them all takes longer than a whole turn: only who fetches needs it."""
        return ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH)

    def fetch(self, wanted: Sought, most: int) -> bytes:
        """The file, of at most *most* bytes. Raises ``FetchError``, and nothing else."""
        account, place = self._own(wanted)
        until = monotonic() + self._seconds
        headers = _signed_in(account)
        for _ in range(1 + MOST_REDIRECTS):
            with self._asked("GET", place, headers, until) as answer:
                if answer.status not in _REDIRECTS:
                    _accept(answer)
                    return _content(answer, most, until)
                place = _onward(answer.getheader("Location", ""))
            # What signs us in is for Twilio alone; the second address is signed in itself.
            headers = {}
        raise FetchError(REDIRECTS, again=False)

    def delete(self, wanted: Sought) -> None:
        """Let Twilio forget the file; one that is gone already is fine. Raises ``FetchError``."""
        account, place = self._own(wanted)
        place = Place(place.host, f"{place.path}.json")
        with self._asked("DELETE", place, _signed_in(account), monotonic() + self._seconds) as answer:
            if answer.status not in {204, 404, 410}:
                _accept(answer)

    def _own(self, wanted: Sought) -> tuple[Account, Place]:
        place = own(wanted.url, wanted.account, wanted.message)
        account = self._accounts.get(wanted.account)
        if place is None or account is None:
            raise FetchError(NO_PLACE, again=False)
        return account, place

    @contextmanager
    def _asked(
        self, method: str, place: Place, headers: Mapping[str, str], until: float
    ) -> Iterator[HTTPResponse]:
        """The answer of *place*, as long as there is time."""
        try:
            with self._connected(place.host, until) as connection:
                connection.request(method, place.path, headers={"Host": place.host, **_MANNERS, **headers})
                with connection.getresponse() as answer:
                    yield answer
        except (OSError, HTTPException) as error:
            raise FetchError(TOO_SLOW if monotonic() >= until else _why(error), again=True) from error

    @contextmanager
    def _connected(self, host: str, until: float) -> Iterator[HTTPConnection]:
        mapped = self._addresses.get(host)
        left = max(until - monotonic(), 0.01)
        patience = min(SECONDS_TO_CONNECT, left)
        with (
            socket.create_connection(self._target(host, mapped), patience) as line,
            _cut_at_the_end(line, left),
            closing(HTTPConnection(host)) as connection,
        ):
            # What is taken over by TLS is closed with the connection.
            connection.sock = line if mapped else self._trust.wrap_socket(line, server_hostname=host)
            yield connection

    def _target(self, host: str, mapped: str | None) -> tuple[str, int]:
        """The very address to connect to: looked up once, so that it can't change between look and use."""
        if mapped:
            parts = urlsplit(mapped)
            return parts.hostname or "", parts.port or 80
        address = self._resolve(host)
        if not is_public(address):
            raise FetchError(PRIVATE, again=True)
        return address, _HTTPS


@contextmanager
def _cut_at_the_end(line: socket.socket, seconds: float) -> Iterator[None]:
    """Shut *line* down after so many *seconds*: a drop now and then would keep every single wait short."""
    twin = line.dup()
    timer = Timer(seconds, _cut, (twin,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        twin.close()


def _cut(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def _signed_in(account: Account) -> dict[str, str]:
    pair = b64encode(f"{account.sid}:{account.token}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def _onward(location: str) -> Place:
    place = second(location)
    if place is None:
        raise FetchError(NO_REDIRECT, again=False)
    return place


def _accept(answer: HTTPResponse) -> None:
    if answer.status != 200:
        busy = answer.status == 429 or answer.status >= 500
        reason = AWAY if busy else _BY_STATUS.get(answer.status, ANSWER)
        raise FetchError(reason, again=reason != GONE)


def _content(answer: HTTPResponse, most: int, until: float) -> bytes:
    told = answer.length
    if told is not None and told > most:
        raise FetchError(TOO_LARGE, again=False)
    content = bytearray()
    while chunk := answer.read1(_CHUNK):
        content += chunk
        if len(content) > most:
            raise FetchError(TOO_LARGE, again=False)
    if monotonic() >= until:
        raise FetchError(TOO_SLOW, again=True)
    if told is not None and len(content) < told:
        raise FetchError(TRUNCATED, again=True)
    if not content:
        raise FetchError(EMPTY, again=True)
    return bytes(content)


def _why(error: Exception) -> str:
    return TRUNCATED if isinstance(error, HTTPException) else AWAY
