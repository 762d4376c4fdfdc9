"""Requests to a host that can be none are refused before Flask asks what its name means, and breaks."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def checked(app: "WSGIApplication") -> "WSGIApplication":
    """*app*, which is asked only where ``Host`` may be a name; else the answer is 400."""

    def asked(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        if may_be(environ.get("HTTP_HOST", "")):
            return app(environ, start)
        return Response("no such host", 400)(environ, start)

    return asked


def may_be(host: str) -> bool:
    """Whether *host*, with a port or without, is written as names of hosts are (RFC 1034, 3.1; RFC 3490)."""
    try:
        host.partition(":")[0].encode("idna").decode("idna")
    except UnicodeError:
        return False
    return True
