"""Where a request comes from, as far as that can be believed."""

from collections.abc import Iterable
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from flask import request

from handlers.web import current

_Network = IPv4Network | IPv6Network
_HOUSEHOLD = 64
# In this order: most browsers say that they are like another one, and name that, too.
_BROWSERS = {
    "Edg": "Edge", "OPR/": "Opera", "SamsungBrowser/": "Samsung Internet", "Firefox/": "Firefox",
    "FxiOS/": "Firefox", "CriOS/": "Chrome", "Chrome/": "Chrome", "Safari/": "Safari",
}  # fmt: skip
_DEVICES = {
    "Windows": "Windows", "Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Mac OS X": "Mac",
    "CrOS": "ChromeOS", "Linux": "Linux",
}  # fmt: skip


def browser(said: str) -> str:
    """What a browser calls itself (*said*) in words that its user knows; as it is where they don't fit."""
    found = (
        next((name for mark, name in known.items() if mark in said), "") for known in (_BROWSERS, _DEVICES)
    )
    return ", ".join(filter(None, found)) or said


def client_address() -> str:
    """Who is asking: the nearest address that is none of our proxies (``trusted_proxies``).

    Only such a proxy is believed when it names who asked it; what a stranger writes into the header is not.
    """
    return _nearest(current.runtime().settings.trusted_proxies)


def place() -> str:
    """What counts as one place: an IPv4 address, or the /64 that an IPv6 subscriber has for themselves."""
    return place_of(client_address())


def place_of(written: str) -> str:
    """The place of an address; what is no address counts as it is written."""
    address = _address(written)
    if address is None:
        return written[:64]
    if isinstance(address, IPv4Address):
        return str(address)
    return str(ip_network((address, _HOUSEHOLD), strict=False))


def nearest(peer: str, said: str, trusted: tuple[str, ...]) -> str:
    """The first of *peer* and the words of *said*, read from behind, that is no proxy of ours.

    *said* is X-Forwarded-For: each proxy adds behind it who asked it.
    """
    last = peer
    for word in (peer, *_from_behind(said)):
        address = _address(word)
        if address is None:
            return last
        last = word
        if not _is_ours(address, trusted):
            return last
    return last


def _nearest(trusted: tuple[str, ...]) -> str:
    return nearest(request.remote_addr or "", ",".join(request.headers.getlist("X-Forwarded-For")), trusted)


def _from_behind(said: str) -> Iterable[str]:
    return (word.strip() for word in reversed(said.split(",")) if word.strip())


def _is_ours(address: IPv4Address | IPv6Address, trusted: tuple[str, ...]) -> bool:
    return any(address in network for network in _networks(trusted))


def _address(written: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(written)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


@cache
def _networks(trusted: tuple[str, ...]) -> tuple[_Network, ...]:
    return tuple(ip_network(each) for each in trusted)
