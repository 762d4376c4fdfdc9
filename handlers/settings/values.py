"""Kinds of values that several parts of the configuration hold."""

import re
from ipaddress import ip_address, ip_network
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

from handlers import secrets


def is_loopback(host: str) -> bool:
    """Whether *host* can only be this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def web_address(text: str) -> str:
    """*text*, when it is an address that others can be put behind. Raises ``ValueError``."""
    if not text.isascii() or "%" in text or re.search(r"\s", text):
        raise ValueError("must be plain ASCII without blanks or percent escapes")
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must begin with https:// (or http://) and name a host")
    if "@" in parts.netloc:
        raise ValueError("must not hold a user name or a password")
    if parts.query or parts.fragment or text.endswith(("/", "?", "#")):
        raise ValueError("must end without a slash, a query or a fragment")
    _ = parts.port  # raises for a port that is none
    return text


def _reference(text: str) -> str:
    if secrets.named_by(text) is None:
        raise ValueError(secrets.REFERENCE_WANTED)
    return text


def _network(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError:
        raise ValueError("must be an IP address, or a network such as 172.18.0.0/16") from None


WebAddress = Annotated[str, AfterValidator(web_address)]
SecretReference = Annotated[str, AfterValidator(_reference)]
Network = Annotated[str, AfterValidator(_network)]
