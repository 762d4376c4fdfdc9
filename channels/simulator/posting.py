"""Twilio's posts to the desk: forms, signed for the public address and carried to where that really is."""

import uuid
from collections.abc import Mapping
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

from twilio.request_validator import RequestValidator

SECONDS_TO_POST = 30.0


def post_signed(url: str, place: str, form: Mapping[str, str], token: str) -> int:
    """Post *form*, signed for *url*, to *place*; the HTTP status of the answer. Raises ``OSError``."""
    at = urlsplit(place)
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Twilio-Signature": RequestValidator(token).compute_signature(url, form),
        "I-Twilio-Idempotency-Token": str(uuid.uuid4()),
    }
    connection = HTTPConnection(at.hostname or "", at.port or 80, timeout=SECONDS_TO_POST)
    try:
        target = at._replace(scheme="", netloc="", fragment="").geturl()
        connection.request("POST", target, urlencode(form), headers)
        return connection.getresponse().status
    finally:
        connection.close()
