"""What went wrong while talking to Twilio, as a ``SendError``."""

import ssl
from collections.abc import Iterator

from requests.exceptions import (
    ConnectTimeout,
    InvalidSchema,
    InvalidURL,
    MissingSchema,
    ProxyError,
    RequestException,
)
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.base.version import Version
from twilio.http.response import Response
from urllib3.exceptions import NewConnectionError

from channels.contract import SendError, Trouble
from channels.whatsapp import errors
from channels.whatsapp.transport import HostRefused

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
# For answers without a code of Twilio's, as proxies give them.
_BY_STATUS = {401: "20003", 403: "20003", 404: "20404", 429: "20429"}


def failure(code: str, why: str = "") -> SendError:
    """The ``SendError`` that *code* of our table stands for."""
    detail = errors.officer_words(code, "en")
    return SendError(code, f"{detail} ({why})" if why else detail, errors.trouble(code))


def explain(error: Exception) -> SendError:
    """*error*, raised by the SDK or below it, in the desk's words, without a citizen's text or number."""
    error = _unwrapped(error)
    if isinstance(error, TwilioRestException | TwilioServiceException):
        return _refusal(error.status, str(error.code or ""))
    return failure(_code(error), type(error).__name__)


def _unwrapped(error: Exception) -> Exception:
    """The refusal inside *error*: a refused list comes as a bare exception with the answer beside it."""
    if isinstance(error, TwilioException) and len(error.args) > 1 and isinstance(error.args[1], Response):
        refusal: Exception = Version.exception("GET", "", error.args[1], "")
        return refusal
    return error


def _code(error: Exception) -> str:
    if isinstance(error, HostRefused):
        return errors.REFUSED_HOST
    if isinstance(error, UnicodeError):
        return errors.UNSENDABLE
    if isinstance(error, RequestException):
        never_left = any(isinstance(cause, _NEVER_LEFT) for cause in _causes(error))
        return errors.UNREACHABLE if never_left else errors.NO_ANSWER
    return errors.BAD_ANSWER


def _refusal(status: object, code: str) -> SendError:
    number = status if isinstance(status, int) else 500
    if code not in errors.REMEDY:
        code = _BY_STATUS.get(number, code or str(number))
    if 300 <= number < 400:
        code = errors.REDIRECTED
    return SendError(code, f"HTTP {number}: {errors.officer_words(code, 'en')}", _trouble(number, code))


def _trouble(status: int, code: str) -> Trouble:
    if status == 429:
        return Trouble.RETRY
    # Twilio may have taken the message before it stumbled.
    return Trouble.UNKNOWN if status >= 500 or status == 408 else errors.trouble(code)


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
