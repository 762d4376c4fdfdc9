"""A browser in which an officer is signed in: begun, found again with every request, and ended on the server.

The cookie is signed and holds the officer, a count that ends all of their sign-ins at once, and a key whose
digest stands in the database: who copied a cookie has nothing once its owner has signed out.
"""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from flask import request, session
from flask_login import login_user, logout_user
from itsdangerous import BadData, URLSafeTimedSerializer

from handlers.guessing import Guesser
from handlers.web import current, visitors
from storage import officers, sign_ins
from storage.officers import Account

WORKING_DAY = timedelta(hours=12)
DEVICE = "loket_device"
DEVICE_LASTS = timedelta(days=180)
_SINCE, _USED, _DEVICE_FOUND, _WAY = "since", "used", "device", "way"
PASSWORD, BY_ISSUER = "password", "oidc"
_REFRESHED_AFTER = 300
_BY_ITSELF = {"live.stream", "live.changes", "tickets.present"}


def begin(account: Account, how: str) -> None:
    """Sign in here: a new session with a new key, and a row in the audit log. *how*: with what."""
    runtime, now, key = current.runtime(), current.runtime().clock(), secrets.token_urlsafe(24)
    browser = visitors.browser(request.user_agent.string or "")[: sign_ins.LONGEST_BROWSER]
    with runtime.database.write() as connection:
        sign_ins.begin(connection, mark_of(key), account.id, browser, now)
        told = {"address": visitors.client_address(), "how": how}
        officers.record(connection, "signed_in", now, account.id, told)
    session.clear()
    login_user(current.SignedIn(account, key))
    session.permanent = True
    session[_SINCE] = session[_USED] = now.timestamp()
    session[_WAY] = how


def way() -> str:
    """With what this browser was signed in."""
    return str(session.get(_WAY, PASSWORD))


def end() -> None:
    """Sign out here, and wherever a copy of the cookie lies."""
    key = current.sign_in_key()
    if key:
        with current.runtime().database.write() as connection:
            sign_ins.end(connection, mark_of(key))
    logout_user()
    session.clear()


def load(cookie: str) -> current.SignedIn | None:
    """Who the cookie is of, while the sign-in lasts."""
    officer_id, _, rest = cookie.partition(".")
    count, _, key = rest.partition(".")
    plain = all(part.isascii() and part.isdecimal() and len(part) < 19 for part in (officer_id, count))
    if not plain or not key or _is_over():
        return None
    with current.runtime().database.read() as connection:
        account = officers.find_signed_in(connection, int(officer_id), mark_of(key))
    if account is None or account.disabled or account.sessions != int(count):
        return None
    return current.SignedIn(account, key)


def mark_of(key: str) -> str:
    """What the database keeps of a key."""
    return sha256(key.encode(errors="replace")).hexdigest()


def oldest(now: datetime) -> datetime:
    """Whatever began before has ended with its day."""
    return now - WORKING_DAY


def _is_over() -> bool:
    """Whether the working day has ended, or nobody has used this browser for long.

    An open page that refreshes itself prolongs neither.
    """
    runtime = current.runtime()
    now = runtime.clock().timestamp()
    # The demo's clock is moved by days at a time; a test may sign in without saying when.
    if runtime.demo or _SINCE not in session:
        return False
    used = session.get(_USED, session[_SINCE])
    rested = now - used > runtime.settings.sign_in.idle_minutes * 60
    if rested or now - session[_SINCE] > WORKING_DAY.total_seconds():
        return True
    if now - used > _REFRESHED_AFTER and not _refreshes_itself():
        session[_USED] = now
    return False


def _refreshes_itself() -> bool:
    return bool(request.headers.get("X-Live")) or request.endpoint in _BY_ITSELF


def guesser(email: str) -> Guesser:
    """Who guesses at *email*: a browser in which it has signed in before, else the place it comes from."""
    device = _device(email)
    return Guesser(f"browser {device}", email, known=True) if device else Guesser(visitors.place(), email)


def _device(email: str) -> str:
    try:
        whose, device = _signer().loads(
            request.cookies.get(DEVICE, ""), max_age=int(DEVICE_LASTS.total_seconds())
        )
    except (BadData, TypeError, ValueError):
        return ""
    return str(device) if whose == officers.plain_email(email) else ""


def device_cookie(email: str) -> str:
    """What a browser keeps in which *email* has signed in. It opens nothing."""
    return str(_signer().dumps([officers.plain_email(email), secrets.token_hex(8)]))


def _signer() -> URLSafeTimedSerializer:
    first, *others = current.runtime().keys.signing
    return URLSafeTimedSerializer([*reversed(others), first], salt="loket.device")
