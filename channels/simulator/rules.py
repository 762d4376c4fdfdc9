"""What Twilio refuses, and what the simulator refuses by itself: every place outside this machine."""

import ipaddress
import json
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from werkzeug.datastructures import MultiDict

LONGEST_BODY = 1600

_ADDRESS = re.compile(r"whatsapp:(\+[1-9]\d{6,14}|[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128})")
_SENDER = re.compile(r"whatsapp:\+[1-9]\d{6,14}")
_REFUSALS: Mapping[int, tuple[int, str]] = {
    20001: (400, "Invalid parameter"),
    20003: (401, "Authenticate"),
    20404: (404, "The requested resource was not found"),
    21211: (400, "Invalid 'To' Phone Number"),
    21212: (400, "Invalid 'From' Phone Number"),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' or 'MessagingServiceSid' is required"),
    21604: (400, "A 'To' phone number is required."),
    21609: (400, "The 'StatusCallback' URL is not a valid URL."),
    21617: (400, "The concatenated message body exceeds the 1600 character limit."),
    21620: (400, "Invalid media URL(s)"),
    21623: (400, "Number of media files exceeds allowed limit"),
    21654: (400, "ContentSid Required"),
    21655: (400, "The ContentSid is Invalid"),
    21656: (400, "The Content Variables Parameter is invalid"),
    63007: (400, "Twilio could not find a Channel with the specified From address"),
    63013: (400, "Channel policy violation"),
    63016: (400, "Failed to send freeform message because you are outside the allowed window."),
    63021: (400, "Channel invalid content error"),
    63028: (400, "Number of parameters does not match the expected number of parameters"),
    63030: (400, "Unsupported parameter for type of channels message"),
    63031: (400, "Channels message cannot have same From and To"),
}


class NotLoopback(ValueError):
    """An address outside this machine, where the simulator neither listens nor calls."""


class Refused(Exception):
    """A request that is answered with one of Twilio's errors."""

    def __init__(self, code: int, status: int | None = None) -> None:
        default, self.message = _REFUSALS.get(code, (400, "Scripted failure"))
        self.code = code
        self.status = status or default


def fault_in(form: MultiDict[str, str]) -> int | None:
    """The code of what is wrong with a message to be sent, its window apart; None when nothing is."""
    checks = (_address_fault, _content_fault, _template_fault, _callback_fault)
    return next((code for check in checks if (code := check(form))), None)


def _address_fault(form: MultiDict[str, str]) -> int | None:
    sender, address = form.get("From", ""), form.get("To", "")
    if not address:
        return 21604
    if not _ADDRESS.fullmatch(address):
        return 21211
    if not sender:
        return None if form.get("MessagingServiceSid") else 21603
    if not _SENDER.fullmatch(sender):
        return 21212
    return 63031 if sender == address else None


def _content_fault(form: MultiDict[str, str]) -> int | None:
    body, media = form.get("Body", ""), form.getlist("MediaUrl")
    if not (body.strip() or media or form.get("ContentSid")):
        return 21602
    if len(body.encode("utf-16-le")) > LONGEST_BODY * 2:
        return 21617
    if len(media) > 1:
        return 21623
    return 21620 if media and not _is_web_address(media[0]) else None


def _template_fault(form: MultiDict[str, str]) -> int | None:
    content, variables = form.get("ContentSid", ""), form.get("ContentVariables")
    if content and (form.get("Body") or form.get("MediaUrl")):
        return 63030
    if content and not re.fullmatch("HX[0-9a-fA-F]{32}", content):
        return 21655
    if variables is None:
        return None
    if not content:
        return 21654
    return None if _are_variables(variables) else 21656


def _callback_fault(form: MultiDict[str, str]) -> int | None:
    url = form.get("StatusCallback", "")
    host = urlsplit(url).netloc if _is_web_address(url) else ""
    return 21609 if url and (not host or "_" in host) else None


def _are_variables(text: str) -> bool:
    try:
        values = json.loads(text)
    except ValueError:
        return False
    return isinstance(values, dict) and not any("\n" in str(value) for value in values.values())


def _is_web_address(url: str) -> bool:
    return re.fullmatch(r"https?://[^\s/?#]+\S*", url) is not None


def is_loopback(host: str) -> bool:
    """Whether *host* is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def on_this_machine(url: str) -> str:
    """*url* itself. Raises ``NotLoopback`` unless it is plain HTTP on this machine."""
    place = urlsplit(url)
    if place.scheme != "http" or not is_loopback(place.hostname or ""):
        raise NotLoopback(f"{place.scheme}://{place.hostname} is not on this machine")
    return url
