"""Files that citizens sent, fetched from Meta: by their id, from the place that it names for five minutes."""

import hmac
from collections.abc import Iterable
from hashlib import sha256
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from requests import RequestException, Response

from channels.contract import FetchError, SendError, Sought
from channels.whatsapp.cloud.contents import MEDIA_SCHEME
from channels.whatsapp.cloud.graph import GRAPH, Graph, Number
from channels.whatsapp.cloud.values import word

SECONDS_IN_ALL = 60.0
# The same words as for Twilio's files.
NO_PLACE, NO_REDIRECT = "address", "redirect"
NOT_THERE, GONE, REFUSED, AWAY, ANSWER = "not_there", "gone", "refused", "away", "answer"
TOO_LARGE, TOO_SLOW, TRUNCATED, EMPTY = "too_large", "too_slow", "truncated", "empty"

_CHUNK = 64 * 1024
# An id that Meta does not know (any more) is a wrong parameter.
_UNKNOWN = "100"
_PLACES = (".fbsbx.com", ".fbcdn.net", ".facebook.com", ".whatsapp.net")
_BY_STATUS = {404: NOT_THERE, 401: REFUSED, 403: REFUSED, 410: GONE}


class CloudMedia:
    """What came with citizens' messages, at Meta. May be used from several threads."""

    def __init__(self, numbers: Iterable[Number], *, seconds: float = SECONDS_IN_ALL) -> None:
        """*numbers*: ours; each fetches with its own token, and only what was sent to it."""
        self._numbers = {each.phone_number_id: each for each in numbers}
        self._graph = Graph()
        self._seconds = seconds

    def fetch(self, wanted: Sought, most: int) -> bytes:
        """The file, of at most *most* bytes. Raises ``FetchError``, and nothing else."""
        number, media_id = self._own(wanted)
        until = monotonic() + self._seconds
        told = self._asked(number, "GET", media_id)
        try:
            with self._graph.opened(number, _place(told, number)) as answer:
                content = _content(answer, most, until)
        except RequestException as error:
            raise FetchError(TOO_SLOW if monotonic() >= until else AWAY, again=True) from error
        promised = word(told.get("sha256"))
        if promised and not hmac.compare_digest(promised.encode(), sha256(content).hexdigest().encode()):
            raise FetchError(TRUNCATED, again=True)
        return content

    def delete(self, wanted: Sought) -> None:
        """Let Meta forget the file; one that is gone already is fine. Raises ``FetchError``."""
        number, media_id = self._own(wanted)
        try:
            self._asked(number, "DELETE", media_id)
        except FetchError as error:
            if error.reason != NOT_THERE:
                raise

    def close(self) -> None:
        """Give all connections back."""
        self._graph.close()

    def _own(self, wanted: Sought) -> tuple[Number, str]:
        number, media_id = self._numbers.get(wanted.account), wanted.url.removeprefix(MEDIA_SCHEME)
        if number is None or not (media_id.isascii() and media_id.isalnum()):
            raise FetchError(NO_PLACE, again=False)
        return number, media_id

    def _asked(self, number: Number, method: str, media_id: str) -> dict[str, Any]:
        params = {"phone_number_id": number.phone_number_id}
        try:
            return self._graph.ask(number, method, media_id, params=params)
        except SendError as error:
            reason = NOT_THERE if error.code == _UNKNOWN else REFUSED if error.code in {"190", "10"} else AWAY
            raise FetchError(reason, again=True) from error


def _place(told: dict[str, Any], number: Number) -> str:
    """The address that Meta has named, if it is one of Meta's, or the stand-in's on this machine."""
    url = word(told.get("url"))
    parts, api = urlsplit(url), urlsplit(number.api_url)
    at_meta = parts.scheme == "https" and f".{parts.hostname}".endswith(_PLACES) and parts.port is None
    stands_in = number.api_url != GRAPH and (parts.scheme, parts.netloc) == (api.scheme, api.netloc)
    if "@" in parts.netloc or not (at_meta or stands_in):
        raise FetchError(NO_REDIRECT, again=False)
    return url


def _content(answer: Response, most: int, until: float) -> bytes:
    if answer.status_code != 200:
        busy = answer.status_code == 429 or answer.status_code >= 500
        raise FetchError(AWAY if busy else _BY_STATUS.get(answer.status_code, ANSWER), again=True)
    content = bytearray()
    for chunk in answer.iter_content(_CHUNK):
        content += chunk
        if len(content) > most:
            raise FetchError(TOO_LARGE, again=False)
        if monotonic() >= until:
            raise FetchError(TOO_SLOW, again=True)
    if not content:
        raise FetchError(EMPTY, again=True)
    return bytes(content)
