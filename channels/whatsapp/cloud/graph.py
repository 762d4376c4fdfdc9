"""Meta's Graph API over plain HTTPS: one request, one answer, every way of failing in the desk's words.

With ``requests``, which is here anyway: three calls need no SDK. Meta keeps none for Python, and pywa, the
best kept of the others, brings a framework of its own for webhooks and handlers along.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakSet

import requests
from requests.exceptions import RequestException

from channels.contract import SendError, Trouble
from channels.their_clocks import Heard
from channels.whatsapp import errors
from channels.whatsapp.causes import never_left
from channels.whatsapp.cloud.values import NotJson, mapping, parsed, word

GRAPH = "https://graph.facebook.com"
SECONDS_TO_CONNECT = 5.0
SECONDS_TO_ANSWER = 10.0
# Codes from here on are WhatsApp's own words about one message. Of the smaller ones, with a status of 500 and
# above, these are what Meta itself says while it is down: nothing was taken.
_WHATSAPP_S_OWN = 130_000
_DOWN = frozenset({"1", "2"})
_BY_STATUS = {401: "190", 403: "10", 404: "100", 429: "130429"}


@dataclass(frozen=True, slots=True)
class Number:
    """One of our numbers at Meta. The token is a secret and stays out of every trace."""

    number: str
    phone_number_id: str
    token: str = field(repr=False)
    api_url: str = GRAPH
    api_version: str = "v23.0"


class Graph:
    """Requests for a number, over connections that each thread has for itself."""

    def __init__(self, timeout: float = SECONDS_TO_ANSWER, heard: Heard | None = None) -> None:
        """*heard* is given every answer that was asked for."""
        self._hooks = {"response": [heard] if heard else []}
        self._timeout = (min(SECONDS_TO_CONNECT, timeout), timeout)
        self._own = threading.local()
        # Weak, so that a thread that ends takes its connections along.
        self._sessions: WeakSet[requests.Session] = WeakSet()

    def ask(self, number: Number, method: str, path: str, **how: Any) -> dict[str, Any]:
        """The answer of *path* under the API's version. Raises ``SendError``, and nothing else."""
        url = f"{number.api_url}/{number.api_version}/{path}"
        session = self._session(number.api_url)
        try:
            answer = session.request(
                method,
                url,
                headers=_bearer(number),
                timeout=self._timeout,
                allow_redirects=False,
                hooks=self._hooks,
                **how,
            )
        except UnicodeError as error:
            # A token that can't stand in a header is none.
            raise errors.failure("190", type(error).__name__) from error
        except RequestException as error:
            code = errors.UNREACHABLE if never_left(error) else errors.NO_ANSWER
            raise errors.failure(code, type(error).__name__) from error
        return _read(answer)

    @contextmanager
    def opened(self, number: Number, url: str) -> Iterator[requests.Response]:
        """The answer of *url*, which Meta has named, to be read bit by bit. Raises ``RequestException``."""
        # Nothing packed: a little of that could unpack to very much.
        headers = {**_bearer(number), "Accept-Encoding": "identity", "User-Agent": "Loket"}
        how: dict[str, Any] = {"headers": headers, "timeout": self._timeout, "allow_redirects": False}
        with self._session(number.api_url).get(url, stream=True, **how) as answer:
            yield answer

    def close(self) -> None:
        """Give all connections back."""
        for session in list(self._sessions):
            session.close()

    def _session(self, api_url: str) -> requests.Session:
        session: requests.Session | None = getattr(self._own, "session", None)
        if session is None:
            session = self._own.session = requests.Session()
            self._sessions.add(session)
        # A proxy of the environment leads to the real Meta, never to a local server.
        session.trust_env = urlsplit(api_url).hostname == urlsplit(GRAPH).hostname
        return session


def _bearer(number: Number) -> dict[str, str]:
    return {"Authorization": f"Bearer {number.token}"}


def _read(answer: requests.Response) -> dict[str, Any]:
    if answer.is_redirect or 300 <= answer.status_code < 400:
        raise errors.failure(errors.REDIRECTED)
    try:
        body = mapping(parsed(answer.content))
    except NotJson:
        body = {}
    code = word(mapping(body.get("error")).get("code"))
    if answer.status_code >= 400 or code:
        raise _refusal(answer.status_code, code)
    return dict(body)


def _refusal(status: int, code: str) -> SendError:
    told = code or _BY_STATUS.get(status, str(status))
    detail = f"{errors.officer_words(told, 'en')} (HTTP {status})"
    return SendError(told, detail, _trouble(status, code, told))


def _trouble(status: int, code: str, told: str) -> Trouble:
    """A code of WhatsApp's own speaks of the message; any other failure may come after it was taken."""
    own = code in _DOWN or (code in errors.REMEDY and code.isdecimal() and int(code) >= _WHATSAPP_S_OWN)
    if status == 408 or (status >= 500 and not own):
        return Trouble.UNKNOWN
    if status == 429 and told not in errors.REMEDY:
        return Trouble.RETRY
    return errors.trouble(told)
