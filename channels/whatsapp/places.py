"""Which addresses media may be fetched from, and what those are on the network.

Whoever writes to us chooses what lies behind an address, and could otherwise make the desk ask for what only
this machine reaches.
"""

import ipaddress
import re
import socket
from dataclasses import dataclass

API_HOST = "api.twilio.com"
CDN_HOST = "mms.twiliocdn.com"

_OWN = re.compile(
    r"https://api\.twilio\.com(?P<path>/2010-04-01/Accounts/(?P<account>AC[0-9a-f]{32})"
    r"/Messages/(?P<message>(?:MM|SM)[0-9a-f]{32})/Media/(?P<media>ME[0-9a-f]{32}))",
    re.ASCII | re.IGNORECASE,
)
# No name before an @, no port, no other scheme: what is not written here leads nowhere.
_SECOND = re.compile(r"https://(?P<host>[a-z0-9.-]{1,253})(?P<path>/[!-~]{0,4000})", re.ASCII | re.IGNORECASE)
_CDN = re.compile(
    r"(?:[a-z0-9-]+\.)+twiliocdn\.com|s3-external-1\.amazonaws\.com"
    r"|[a-z0-9.-]+\.s3(?:[.-][a-z0-9]+)*\.amazonaws\.com"
)


@dataclass(frozen=True, slots=True)
class Place:
    """A host, and what to ask it for."""

    host: str
    path: str


def own(url: str, account: str, message: str) -> Place | None:
    """Where *url* leads, if it is a file of this message in this account at Twilio; None for all else."""
    found = _OWN.fullmatch(url)
    if found is None or found["account"] != account or found["message"] != message:
        return None
    return Place(API_HOST, found["path"])


def second(location: str) -> Place | None:
    """Where a redirect leads, if that is a place where Twilio keeps files; None for all else."""
    found = _SECOND.fullmatch(location)
    if found is None or not _CDN.fullmatch(found["host"].lower()):
        return None
    return Place(found["host"].lower(), found["path"])


def resolved(host: str) -> str:
    """An IPv4 address of *host*. Raises ``OSError`` when it has none.

    Only those: the CDN's IPv6 was seen not to answer, and IPv6 knows many ways to write a private address.
    """
    found = socket.getaddrinfo(host, 443, socket.AF_INET, socket.SOCK_STREAM)
    return str(found[0][4][0])


def is_public(address: str) -> bool:
    """Whether *address* is one of the internet, and no machine of ours, or of a provider's inside."""
    try:
        number = ipaddress.IPv4Address(address)
    except ValueError:
        return False
    return number.is_global and not number.is_multicast


def is_loopback(host: str) -> bool:
    """Whether *host* is this machine, where a stand-in for Twilio may be."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
