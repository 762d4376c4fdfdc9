"""A line a request where logs are JSON, and an id by which all lines of one request are found.

Of its address only the name of the page is told, for the address itself may hold a signed word.
"""

import logging
import re
import time
from uuid import uuid4

from flask import Flask, Response, g, request

from handlers.logs import REQUESTS

log = logging.getLogger(REQUESTS)
_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


def install(app: Flask) -> None:
    """Let every request to *app* have its id and its line. Costs nothing where lines are text."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    if log.isEnabledFor(logging.INFO):
        given = request.headers.get("X-Request-ID", "")
        g.began = time.monotonic()
        g.told_of = {"request_id": given if _ID.fullmatch(given) else uuid4().hex}


def _end(response: Response) -> Response:
    if "told_of" not in g or request.endpoint == "static":
        return response
    view, ticket = g.get("view"), g.get("ticket")
    g.told_of |= {"office": view.office} if view else {}
    g.told_of |= {"ticket": ticket.id} if ticket else {}
    took = round((time.monotonic() - g.began) * 1000, 1)
    known = {"endpoint": request.endpoint, "method": request.method, "status": response.status_code}
    log.info("request", extra=known | {"ms": took})
    response.headers["X-Request-ID"] = g.told_of["request_id"]
    return response
