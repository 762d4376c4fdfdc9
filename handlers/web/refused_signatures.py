"""What a webhook with a wrong signature is answered, and how often the same place is told so.

Only refusals are counted. What is rightly signed was taken before anybody asks here, from whatever address
and whatever else came from there: a stranger behind the provider's proxy costs no message.
"""

import logging

from flask import Flask, Response, current_app, request

from handlers.runtime import Runtime
from handlers.web import current, visitors
from handlers.web.counting import Counter, Rate

log = logging.getLogger(__name__)
EACH, IN_TOTAL = Rate(600, 60), Rate(6000, 60)
_COUNTER = "loket.refused_signatures"


def install(app: Flask, runtime: Runtime) -> None:
    """Let the webhooks' application count what it refuses."""
    app.extensions[current.EXTENSION] = runtime
    app.extensions[_COUNTER] = Counter()


def answer(told: str, words: str = "signature refused") -> Response:
    """403, with *told* in the log; beyond the limit 429, with when to come again, and nothing in the log."""
    wait = _seconds_to_wait(current_app.extensions[_COUNTER])
    if wait:
        return Response("too many", 429, {"Retry-After": str(wait)}, mimetype="text/plain")
    log.warning("%s", told)
    return Response(words, 403, mimetype="text/plain")


def _seconds_to_wait(counter: Counter) -> int:
    path = request.path
    wait = counter.look(IN_TOTAL, path) or counter.take(EACH, (path, visitors.place()))
    return wait or counter.take(IN_TOTAL, path)
