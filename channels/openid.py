"""Signing in at an OpenID Connect issuer: authorization code flow with PKCE (RFC 7636), state and nonce.

Translates, and decides nothing. Nothing fetched is kept: sign-ins are rare, and an issuer changes its keys.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from threading import BoundedSemaphore
from time import monotonic
from typing import Any
from urllib.parse import quote_plus, urlsplit

import requests

DOCUMENT = "/.well-known/openid-configuration"
SECONDS_TO_ANSWER = 10.0
MOST_AT_ONCE = 8
"""Sign-ins that wait for the issuer at the same time: a slow one must not take all threads of a process."""
# Only signatures that need a key which the issuer alone has; what its document offers besides is not asked.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
_CLOCKS_APART = 120
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_LARGEST = 256 * 1024
_CHUNK = 1024
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]+")
_LONGEST_WORDS = 80


class Why(StrEnum):
    """What kept the issuer from answering."""

    UNREACHABLE = "unreachable"
    SLOW = "slow"
    BUSY = "busy"
    FAILING = "failing"
    GARBLED = "garbled"
    MISMATCH = "mismatch"


class IssuerAway(Exception):
    """No proper answer came."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


class IssuerRefused(Exception):
    """The code is not taken, or what came for it proves nothing. The text is for a log: no claim is in it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What proves that an answer belongs to the question."""

    state: str
    nonce: str
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Person:
    """Who has signed in at the issuer, and whether it says that the address is theirs."""

    email: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Issuer:
    """An issuer, and we as it knows us. *seconds*: how long each of its answers may take altogether."""

    url: str
    client_id: str
    redirect_uri: str
    secret: str = field(default="", repr=False)
    seconds: float = SECONDS_TO_ANSWER
    _turns: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(MOST_AT_ONCE), repr=False)

    def ask(self) -> tuple[str, Asked]:
        """The page where a person signs in, and what to keep until they come back. Raises ``IssuerAway``."""
        from authlib.common.security import generate_token

        asked = Asked(generate_token(32), generate_token(32), generate_token(64))
        with self._session() as session:
            url, _ = session.create_authorization_url(
                self._document(session)["authorization_endpoint"],
                state=asked.state,
                code_verifier=asked.verifier,
                nonce=asked.nonce,
            )
        return str(url), asked

    def redeem(self, asked: Asked, code: str, now: datetime) -> Person:
        """Who has signed in, for the *code* they came back with. Raises ``IssuerAway``, ``IssuerRefused``."""
        with self._session() as session:
            document = self._document(session)
            token = self._token(session, document, asked, code)
            keys = self._answer(session, "GET", document["jwks_uri"])
        claims = self._verified(token, keys, asked, now)
        email = claims.get("email")
        return Person(email if isinstance(email, str) else "", claims.get("email_verified") is True)

    def look(self) -> None:
        """Whether its document and its keys can be read. Raises ``IssuerAway``."""
        with self._session() as session:
            _key_set(self._answer(session, "GET", self._document(session)["jwks_uri"]))

    @contextmanager
    def _session(self) -> Iterator[Any]:
        # Only where somebody signs in this way: importing it takes as long as a tenth of a start.
        from authlib.integrations.requests_client import OAuth2Session

        if not self._turns.acquire(blocking=False):
            raise IssuerAway(Why.BUSY)
        try:
            with (
                _troubles(),
                OAuth2Session(
                    self.client_id,
                    self.secret or None,
                    scope="openid email",
                    redirect_uri=self.redirect_uri,
                    code_challenge_method="S256",
                ) as session,
            ):
                # One on this machine is not looked for through a proxy.
                session.trust_env = self._scheme == "https"
                yield session
        finally:
            self._turns.release()

    @property
    def _scheme(self) -> str:
        return urlsplit(self.url).scheme

    def _document(self, session: Any) -> Mapping[str, Any]:
        document = self._answer(session, "GET", self.url.removesuffix("/") + DOCUMENT)
        if document.get("issuer") != self.url:
            raise IssuerAway(Why.MISMATCH)
        if not all(self._is_address(document.get(name)) for name in _ENDPOINTS):
            raise IssuerAway(Why.GARBLED)
        return document

    def _is_address(self, told: object) -> bool:
        """Whether this may be asked: encrypted, unless the issuer itself is on this machine."""
        if not isinstance(told, str) or not told.isascii() or not told.isprintable():
            return False
        try:
            parts = urlsplit(told)
        except ValueError:
            return False
        return bool(parts.hostname) and parts.scheme in {"https", self._scheme}

    def _token(self, session: Any, document: Mapping[str, Any], asked: Asked, code: str) -> Mapping[str, Any]:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri}
        return self._answer(
            session,
            "POST",
            document["token_endpoint"],
            data={**form, "code_verifier": asked.verifier},
            auth=self._who_we_are(session, document),
        )

    def _who_we_are(self, session: Any, document: Mapping[str, Any]) -> Any:
        """In the form where the issuer takes it there, else as every issuer must (RFC 6749, 2.3.1)."""
        known = document.get("token_endpoint_auth_methods_supported")
        if self.secret and not (isinstance(known, list) and "client_secret_post" in known):
            # Authlib leaves the encoding away, without which a "+" becomes a blank.
            return quote_plus(self.client_id), quote_plus(self.secret)
        return session.client_auth("client_secret_post" if self.secret else "none")

    def _answer(self, session: Any, method: str, address: str, **more: Any) -> Mapping[str, Any]:
        until = monotonic() + self.seconds
        with session.request(
            method,
            address,
            withhold_token=True,
            timeout=self.seconds,
            stream=True,
            allow_redirects=False,
            headers={"Accept": "application/json"},
            **more,
        ) as answer:
            return _read(answer.status_code, _body(answer, until))

    def _verified(
        self, token: Mapping[str, Any], keys: Mapping[str, Any], asked: Asked, now: datetime
    ) -> Mapping[str, Any]:
        from authlib.oidc.core import CodeIDToken
        from joserfc import jwt
        from joserfc.errors import JoseError

        key_set = _key_set(keys)
        expected = {"iss": self.url, "aud": self.client_id}
        known = {"nonce": asked.nonce, "client_id": self.client_id, "access_token": token.get("access_token")}
        try:
            read = jwt.decode(str(token["id_token"]), key_set, algorithms=ALGORITHMS)
            options = {name: {"essential": True, "value": value} for name, value in expected.items()}
            claims: Any = CodeIDToken(read.claims, read.header, options, known)
            claims.validate(now=int(now.timestamp()), leeway=_CLOCKS_APART)
        except (JoseError, ValueError, TypeError, LookupError) as error:
            raise IssuerRefused(f"the ID token proves nothing ({type(error).__name__})") from None
        return dict(claims)


def _key_set(told: Mapping[str, Any]) -> Any:
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    try:
        return KeySet.import_key_set(dict(told))  # type: ignore[arg-type]  # what is none of it raises
    except (JoseError, ValueError, TypeError, LookupError, AttributeError):
        raise IssuerAway(Why.GARBLED) from None


@contextmanager
def _troubles() -> Iterator[None]:
    try:
        yield
    except requests.Timeout:
        raise IssuerAway(Why.SLOW) from None
    except requests.RequestException:
        raise IssuerAway(Why.UNREACHABLE) from None


def _body(answer: Any, until: float) -> bytes:
    """The body, read until it is too long or has taken too long."""
    body = bytearray()
    for part in answer.iter_content(_CHUNK):
        body += part
        if monotonic() > until:
            raise IssuerAway(Why.SLOW)
        if len(body) > _LARGEST:
            raise IssuerAway(Why.GARBLED)
    return bytes(body)


def _read(status: int, body: bytes) -> Mapping[str, Any]:
    if status >= 500 or status == requests.codes.too_many_requests:
        raise IssuerAway(Why.FAILING)
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        raise IssuerAway(Why.GARBLED) from None
    if not isinstance(content, dict):
        raise IssuerAway(Why.GARBLED)
    if status != requests.codes.ok:
        _refuse(status, content)
    return content


def _refuse(status: int, content: Mapping[str, Any]) -> None:
    """What the token endpoint says when it takes no code (RFC 6749, 5.2); anything else is no answer."""
    word = content.get("error")
    if status not in {400, 401} or not isinstance(word, str):
        raise IssuerAway(Why.GARBLED)
    raise IssuerRefused(_UNPRINTABLE.sub(" ", word).strip()[:_LONGEST_WORDS])
