"""Whether a request that failed has certainly not left this machine."""

import ssl
from collections.abc import Iterator

from requests.exceptions import ConnectTimeout, InvalidSchema, InvalidURL, MissingSchema, ProxyError
from urllib3.exceptions import NewConnectionError

# Any of these in the chain of causes proves that no request was written: no connection, no name, no trust.
_NEVER_LEFT = (
    ConnectTimeout,
    InvalidSchema,
    InvalidURL,
    MissingSchema,
    NewConnectionError,
    ProxyError,
    ssl.SSLCertVerificationError,
)


def never_left(error: BaseException) -> bool:
    """Whether *error*, raised by ``requests``, proves that nothing was sent."""
    return any(isinstance(cause, _NEVER_LEFT) for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """*error* and everything it wraps: urllib3 keeps causes in arguments and attributes of its own."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        cause = waiting.pop()
        if isinstance(cause, BaseException) and id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            waiting += [cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args]
