"""How often who is not signed in may ask: for each place, and in total, by one table.

Counted in the memory of each process: nothing is written for a request, and with several processes each
counts what it serves itself. What must hold across all of them, guesses at passwords, is counted in the
database (``handlers.guesses``).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, Flask, Response, make_response, render_template, request

from handlers.web import visitors
from handlers.web.counting import Counter, Rate


@dataclass(frozen=True, slots=True)
class Limit:
    """How often one place may ask, and all of them together."""

    each: Rate
    in_total: Rate


_MINUTE, _HOUR = 60, 3600
_PAGES = Limit(Rate(240, _MINUTE), Rate(6000, _MINUTE))
_SENT = Limit(Rate(30, _HOUR), Rate(1200, _HOUR))
_DOWNLOADED = Limit(Rate(120, _HOUR), Rate(6000, _HOUR))
_WATCHED = Limit(Rate(120, _MINUTE), Rate(1200, _MINUTE))

LIMITS: Mapping[str, Limit] = {
    # A line is a route, or a whole blueprint, as in the table of permissions.
    "auth.sign_in": Limit(Rate(60, _MINUTE), Rate(1200, _MINUTE)),
    "auth.second_factor": Limit(Rate(60, _MINUTE), Rate(1200, _MINUTE)),
    # Each asks the issuer, and holds a thread for as long as it takes.
    "openid.leave": Limit(Rate(30, _MINUTE), Rate(600, _MINUTE)),
    "openid.come_back": Limit(Rate(30, _MINUTE), Rate(600, _MINUTE)),
    "public": _PAGES,
    "forms.page": _PAGES,
    "forms.send": _SENT,
    "ratings.page": _PAGES,
    "ratings.rate": _SENT,
    "ratings.survey": _PAGES,
    "ratings.fill_in": _SENT,
    "copies.page": _PAGES,
    "copies.take": Limit(Rate(30, _HOUR), Rate(300, _HOUR)),
    # The provider fetches from few addresses, for all citizens.
    "outgoing.file": Limit(Rate(600, _MINUTE), Rate(6000, _MINUTE)),
    "outgoing.page": _DOWNLOADED,
    "outgoing.download": _DOWNLOADED,
    # Who watches the desk asks every few seconds; a token is not to be guessed faster.
    "health.ready": _WATCHED,
    "health.metrics": _WATCHED,
}

UNLIMITED: Mapping[str, str] = {
    "static": "files of the release, kept by browsers for a year; nothing is looked up",
    "health.alive": "a word without any work, and a balancer that is refused would take the desk away",
    "demo": "only in `loket demo`, on this machine",
}
"""What anybody may ask for without a limit, and why."""


def limit_of(endpoint: str) -> Limit | None:
    """The limit of a route: its own line, else its blueprint's."""
    return LIMITS.get(endpoint) or LIMITS.get(endpoint.partition(".")[0])


def install(app: Flask) -> None:
    """Look at the table before every request to *app*, before anything else does any work."""
    counter = Counter()

    def guard() -> Response | None:
        limit = limit_of(request.endpoint or "")
        if limit is None or request.method == "OPTIONS":
            return None
        return _refusal(counter, limit, request.endpoint or "")

    app.before_request(guard)


def _refusal(counter: Counter, limit: Limit, endpoint: str) -> Response | None:
    """Who is refused for themselves takes nothing from what all have together.

    When that is used up no place is counted any more: so a flood from everywhere fills no memory.
    """
    everybody, place = (endpoint, ""), (endpoint, visitors.place())
    wait = counter.look(limit.in_total, everybody) or counter.take(limit.each, place)
    wait = wait or counter.take(limit.in_total, everybody)
    return too_many(wait) if wait else None


def too_many(seconds: int) -> Response:
    """A polite word, and when to come again (RFC 6585, 4)."""
    minutes = max(1, math.ceil(seconds / 60))
    answer = make_response(render_template("public/too_many.html", language="id", minutes=minutes), 429)
    answer.headers["Retry-After"] = str(seconds)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def hide(blueprint: Blueprint) -> None:
    """What pages behind a signed link have in common: no cache, no search engine, no other site learns."""
    blueprint.after_request(_unlisted)


def _unlisted(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
