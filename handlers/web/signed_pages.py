"""What pages behind a signed link have in common: no cache, no search engine, a limit for each address."""

from typing import Any

from flask import Blueprint, Flask, Response, render_template
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter

from handlers.web import auth

PER_ADDRESS = "30/hour"


def limit(app: Flask, *endpoints: str, most: str = PER_ADDRESS) -> None:
    """How often one address may ask for each of these, as Flask-Limiter writes it."""
    limiter = Limiter(auth.client_address, storage_uri="memory://", headers_enabled=False)
    limiter.init_app(app)
    for name in endpoints:
        limited: Any = limiter.limit(most)(app.view_functions[name])
        app.view_functions[name] = limited


def hide(blueprint: Blueprint) -> None:
    """No cache, no search engine and no other site learns of its pages; too much is refused politely."""
    blueprint.after_request(_unlisted)
    blueprint.register_error_handler(429, _too_many)


def _unlisted(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _too_many(_error: Exception) -> ResponseReturnValue:
    return render_template("public/too_many.html", language="id"), 429
