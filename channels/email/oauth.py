"""Signing in to Google and Microsoft 365 with access tokens (OAuth 2.0, RFC 6749; PKCE, RFC 7636).

A person gives leave once, in the browser; the refresh token that comes of it is kept by the caller and
exchanged here for access tokens, which live about an hour.
"""

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

from channels.email.faults import MailboxAway, MailboxError, MailboxRefused

SECONDS_TO_ANSWER = 15.0
SPARE_SECONDS = 60.0
_LIFE_UNTOLD = 300.0
_VERIFIER_LETTERS = 64
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]+")
_LONGEST_WORDS = 200
_PASSING = {"temporarily_unavailable", "server_error", "slow_down"}


@dataclass(frozen=True, slots=True)
class Provider:
    """Where leave is asked for and tokens are had, and what for; ``asked`` is said besides when asking."""

    authorize_url: str
    token_url: str
    scope: str
    asked: tuple[tuple[str, str], ...] = ()


def google() -> Provider:
    """Gmail, of a person or a Workspace. Only a consent that is asked for anew gives a refresh token."""
    return Provider(
        "https://accounts.google.com/o/oauth2/v2/auth",
        "https://oauth2.googleapis.com/token",
        "https://mail.google.com/",
        (("access_type", "offline"), ("prompt", "consent")),
    )


def microsoft(tenant: str) -> Provider:
    """Microsoft 365. *tenant*: the organisation's id or domain; "common" for any."""
    home = f"https://login.microsoftonline.com/{tenant}/oauth2/v2.0"
    outlook = "https://outlook.office.com"
    return Provider(
        f"{home}/authorize",
        f"{home}/token",
        f"{outlook}/IMAP.AccessAsUser.All {outlook}/SMTP.Send offline_access",
    )


@dataclass(frozen=True, slots=True)
class Client:
    """We, as the provider knows us. *token_url* and *authorize_url* stand in for the provider's own."""

    provider: Literal["google", "microsoft"]
    client_id: str
    secret: str = field(default="", repr=False)
    tenant: str = "common"
    authorize_url: str | None = None
    token_url: str | None = None

    def at(self) -> Provider:
        """The provider, at the addresses that hold for us."""
        known = google() if self.provider == "google" else microsoft(self.tenant)
        return Provider(
            self.authorize_url or known.authorize_url,
            self.token_url or known.token_url,
            known.scope,
            known.asked,
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """Leave that was asked for: the page to open, and what proves that the answer belongs to it."""

    url: str
    redirect_uri: str
    state: str
    verifier: str = field(repr=False)


def ask(client: Client, address: str, redirect_uri: str) -> Asked:
    """Ask for leave to use the mailbox *address*: a person opens the page and is sent to *redirect_uri*."""
    from authlib.common.security import generate_token

    provider, verifier = client.at(), generate_token(_VERIFIER_LETTERS)
    with _session(client, redirect_uri=redirect_uri, code_challenge_method="S256") as session:
        url, state = session.create_authorization_url(
            provider.authorize_url, code_verifier=verifier, login_hint=address, **dict(provider.asked)
        )
    return Asked(url, redirect_uri, state, verifier)


def redeem(client: Client, asked: Asked, answer: str) -> str:
    """The refresh token for the *answer*, the whole address that the person was sent to.

    Raises ``MailboxRefused`` when leave was not given or the answer is to another question, ``MailboxAway``
    when the provider can't be asked.
    """
    refused = dict(parse_qsl(urlsplit(answer).query)).get("error")
    if refused:
        raise MailboxRefused(_told(refused))
    with _troubles(), _session(client, redirect_uri=asked.redirect_uri) as session:
        told = session.fetch_token(
            client.at().token_url,
            grant_type="authorization_code",
            authorization_response=answer,
            state=asked.state,
            code_verifier=asked.verifier,
        )
    if not told.get("refresh_token"):
        raise MailboxRefused("the provider gave no refresh token")
    return str(told["refresh_token"])


class AccessTokens:
    """Calling it gives an access token that is good for a minute at least; for any number of threads."""

    def __init__(
        self, client: Client, refresh_token: Callable[[], str], keep: Callable[[str], None] | None = None
    ) -> None:
        """*refresh_token* gives the one kept; *keep* takes the one the provider puts in its place."""
        self._client = client
        self._refresh_token = refresh_token
        self._keep = keep
        self._mine = threading.Lock()
        self._token = ""
        self._good_until = 0.0

    def __call__(self) -> str:
        """The token. Raises ``MailboxRefused`` when leave was taken back, else ``MailboxAway``."""
        with self._mine:
            if time.monotonic() >= self._good_until:
                self._refresh()
            return self._token

    def forget(self) -> None:
        """The server did not believe the token: get another one, however long it should be good."""
        with self._mine:
            self._good_until = 0.0

    def _refresh(self) -> None:
        kept = self._refresh_token()
        if not kept:
            raise MailboxRefused("nobody has given leave to sign in yet")
        began = time.monotonic()
        with _troubles(), _session(self._client) as session:
            told = session.refresh_token(self._client.at().token_url, refresh_token=kept)
        if not told.get("access_token"):
            raise MailboxAway("the provider gave no access token")
        self._token = str(told["access_token"])
        self._good_until = began + _life(told.get("expires_in")) - SPARE_SECONDS
        renewed = told.get("refresh_token")
        if renewed and renewed != kept and self._keep:
            self._keep(str(renewed))


@contextmanager
def _session(client: Client, **more: Any) -> Iterator[Any]:
    # Only where a mailbox has OAuth: importing it takes as long as a tenth of a start.
    from authlib.integrations.requests_client import OAuth2Session

    provider = client.at()
    how = "client_secret_post" if client.secret else "none"
    with OAuth2Session(
        client.client_id,
        client.secret or None,
        token_endpoint_auth_method=how,
        scope=provider.scope,
        default_timeout=SECONDS_TO_ANSWER,
        **more,
    ) as session:
        # A proxy of the environment leads to the real provider, never to one that stands in for it.
        session.trust_env = client.token_url is None
        yield session


@contextmanager
def _troubles() -> Iterator[None]:
    from authlib.common.errors import AuthlibBaseError

    try:
        yield
    except MailboxError:
        raise
    except AuthlibBaseError as error:
        words = _told(f"{error.error}: {error.description}" if error.description else str(error.error))
        raise (MailboxAway if error.error in _PASSING else MailboxRefused)(words) from None
    except OSError as error:  # what requests raises is one
        raise MailboxAway(f"the provider can't be asked ({type(error).__name__})") from None
    except (ValueError, TypeError, LookupError) as error:
        raise MailboxAway(f"the provider's answer made no sense ({type(error).__name__})") from None


def _life(seconds: object) -> float:
    return float(seconds) if isinstance(seconds, (int, float)) else _LIFE_UNTOLD


def _told(words: str) -> str:
    return _UNPRINTABLE.sub(" ", words).strip()[:_LONGEST_WORDS]
