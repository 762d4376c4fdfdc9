"""What went wrong while talking to Twilio, as a ``SendError``."""

from requests.exceptions import RequestException
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.base.version import Version
from twilio.http.response import Response

from channels.contract import SendError, Trouble
from channels.whatsapp import errors
from channels.whatsapp.causes import never_left
from channels.whatsapp.transport import HostRefused

# For answers without a code of Twilio's, as proxies give them.
_BY_STATUS = {401: "20003", 403: "20003", 404: "20404", 429: "20429"}


def explain(error: Exception) -> SendError:
    """*error*, raised by the SDK or below it, in the desk's words, without a citizen's text or number."""
    error = _unwrapped(error)
    if isinstance(error, TwilioRestException | TwilioServiceException):
        return _refusal(error.status, str(error.code or ""))
    return errors.failure(_code(error), type(error).__name__)


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
        return errors.UNREACHABLE if never_left(error) else errors.NO_ANSWER
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
