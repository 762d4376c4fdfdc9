"""An OpenID Connect issuer on loopback, which signs with a real key and can be told to answer wrongly."""

import hashlib
import json
import threading
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from itertools import count
from typing import Any
from urllib.parse import unquote_plus

from flask import Flask, Response, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import ECKey, KeyParameters, RSAKey
from werkzeug.wrappers import Response as AnyResponse

from channels.simulator import serving

CLIENT, SECRET = "loket", "s+cret of the issuer/%"
Change = Callable[[dict[str, Any]], None]


@cache
def keys() -> tuple[RSAKey, ECKey, RSAKey]:
    """The issuer's two keys, and one of somebody else's that bears the name of its first."""
    named: KeyParameters = {"kid": "first", "use": "sig"}
    return (
        RSAKey.generate_key(2048, named),
        ECKey.generate_key("P-256", {"kid": "second", "use": "sig"}),
        RSAKey.generate_key(2048, named),
    )


def _nothing(_told: dict[str, Any]) -> None:
    """As it is."""


@dataclass
class LocalIssuer:
    """Who signs in, and what it says of them; each part of what it answers can be changed.

    ``broken``: what a path answers instead. ``asked``: the paths that were asked for. ``let_go``: ends the
    answers that never come.
    """

    clock: Callable[[], datetime]
    url: str = ""
    secret: str | None = SECRET
    email: str = "officer@bps.go.id"
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "RS256", "kid": "first"})
    key: Any = None
    claims: Change = _nothing
    document: Change = _nothing
    token: Change = _nothing
    broken: dict[str, Callable[[], Any]] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    let_go: threading.Event = field(default_factory=threading.Event)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def described(self) -> dict[str, Any]:
        """Its document."""
        told: dict[str, Any] = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        }
        self.document(told)
        return told

    def id_token(self, nonce: str) -> str:
        """A token about who has signed in."""
        now = int(self.clock().timestamp())
        claims = {"iss": self.url, "sub": "u1", "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce}
        claims |= {"email": self.email, "email_verified": True}
        self.claims(claims)
        if self.header["alg"] == "none":
            return f"{_encoded(self.header)}.{_encoded(claims)}."
        key = self.key or keys()[0]
        return jwt.encode(self.header, claims, key, algorithms=[self.header["alg"]])

    def redeemed(self, form: dict[str, str]) -> tuple[Response, int]:
        """Tokens for a code that was given out, once, to whom it was given, who knows what was asked."""
        given = self.codes.pop(form.get("code", ""), None)
        challenge = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proved = given is not None and given["code_challenge"] == _encoded(challenge)
        if given is None or not proved or form["redirect_uri"] != given["redirect_uri"]:
            return jsonify(error="invalid_grant", error_description="used\nalready"), 400
        told: dict[str, Any] = {"token_type": "Bearer", "access_token": "A1"}
        told["id_token"] = self.id_token(given["nonce"])
        self.token(told)
        return jsonify(told), 200

    def never(self) -> Response:
        """An answer that does not come, until the test lets it go."""
        self.let_go.wait(60)
        return Response("late")

    def endless(self) -> Response:
        """An answer that begins and never ends."""

        def dripping() -> Iterator[bytes]:
            while not self.let_go.wait(0.01):
                yield b" "

        return Response(dripping())


def _encoded(told: object) -> str:
    raw = told if isinstance(told, bytes) else json.dumps(told).encode()
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _says_who_it_is(secret: str | None) -> bool:
    """Whether the caller is our client, in either way of RFC 6749, 2.3.1."""
    kind, _, word = request.headers.get("Authorization", "").partition(" ")
    if kind == "Basic":
        name, _, told = b64decode(word).decode().partition(":")
        return (unquote_plus(name), unquote_plus(told)) == (CLIENT, secret)
    return (request.form.get("client_id"), request.form.get("client_secret")) == (CLIENT, secret)


def _app(issuer: LocalIssuer) -> Flask:
    app = Flask("issuer")

    @app.before_request
    def changed() -> Any:
        issuer.asked.append(request.path)
        answer = issuer.broken.get(request.path)
        return answer() if answer else None

    @app.get("/.well-known/openid-configuration")
    def document() -> Response:
        return jsonify(issuer.described())

    @app.get("/keys")
    def key_set() -> Response:
        return jsonify(keys=[key.as_dict(private=False) for key in keys()[:2]])

    @app.get("/authorize")
    def authorize() -> AnyResponse:
        code = f"C{next(issuer.numbers)}"
        issuer.codes[code] = request.args.to_dict()
        return redirect(f"{request.args['redirect_uri']}?code={code}&state={request.args['state']}")

    @app.post("/token")
    def token() -> tuple[Response, int]:
        if not _says_who_it_is(issuer.secret):
            return jsonify(error="invalid_client"), 401
        return issuer.redeemed(request.form.to_dict())

    return app


@contextmanager
def running_issuer(clock: Callable[[], datetime]) -> Iterator[LocalIssuer]:
    """The issuer, until the end of the block."""
    issuer = LocalIssuer(clock)
    with serving(_app(issuer)) as url:
        issuer.url = url
        try:
            yield issuer
        finally:
            issuer.let_go.set()
