"""A token server on loopback, as Google and Microsoft run one: leave once, then access tokens."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

from flask import Flask, Response, jsonify, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from channels.simulator import serving


@dataclass
class TokenServer:
    """What the server was asked, and how it shall answer.

    ``valid``: the access token of the moment, as mail servers hear when they ask; it is ``user``'s.
    """

    url: str = ""
    user: str = ""
    life: int | None = 3600
    rotates: bool = False
    error: str = ""
    broken: bool = False
    refresh_tokens: set[str] = field(default_factory=lambda: {"R0"})
    challenges: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    valid: str = ""
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def answer(self, form: dict[str, str]) -> tuple[Response, int]:
        """A token for a refresh token or a code."""
        self.asked.append(form)
        if self.broken:
            return Response("<h1>Bad gateway</h1>"), 502
        if self.error or not self._knows(form):
            word = self.error or "invalid_grant"
            return jsonify(error=word, error_description="AADSTS70008: it has\nexpired"), 400
        number = next(self.numbers)
        self.valid = f"A{number}"
        told: dict[str, object] = {"token_type": "Bearer", "access_token": self.valid}
        if self.life is not None:
            told["expires_in"] = self.life
        if self.rotates or form["grant_type"] == "authorization_code":
            told["refresh_token"] = f"R{number}"
            self.refresh_tokens.add(f"R{number}")
        return jsonify(told), 200

    def _knows(self, form: dict[str, str]) -> bool:
        if form["grant_type"] == "refresh_token":
            return form["refresh_token"] in self.refresh_tokens
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = urlsafe_b64encode(verifier).rstrip(b"=").decode()
        return self.challenges.pop(form.get("code", ""), None) == challenge


@contextmanager
def running_token_server() -> Iterator[TokenServer]:
    """The server, until the end of the block: ``/authorize`` gives leave at once, ``/token`` the tokens."""
    server, app = TokenServer(), Flask("tokens")

    @app.get("/authorize")
    def authorize() -> AnyResponse:
        asked = request.args
        code = f"C{next(server.numbers)}"
        server.challenges[code] = asked["code_challenge"]
        return redirect(f"{asked['redirect_uri']}?code={code}&state={asked['state']}")

    @app.post("/token")
    def token() -> tuple[Response, int]:
        return server.answer(request.form.to_dict())

    @app.get("/tokeninfo")
    def tokeninfo() -> tuple[Response, int]:
        known = request.args["access_token"] == server.valid
        return (jsonify(email=server.user), 200) if known else (jsonify(error="invalid_token"), 400)

    with serving(app) as url:
        server.url = url
        yield server
