"""Signing in at an OpenID Connect issuer: the way there, and back.

What was asked lies in this browser's signed session: an answer to another browser's question is none. Nobody
is made an officer here, and nothing is asked of the issuer while a transaction is open.
"""

import logging
import secrets
from typing import Any

from flask import Blueprint, abort, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from channels.openid import Asked, Issuer, IssuerAway, IssuerRefused, Person
from handlers.settings.sign_in import CALLBACK
from handlers.web import auth, current, limits, openid_words, signing, visitors
from handlers.web.language import chosen
from handlers.web.openid_words import Outcome
from storage import officers
from storage.officers import Account

log = logging.getLogger(__name__)
blueprint = Blueprint("openid", __name__)
limits.hide(blueprint)
_ASKED = "openid"
_LASTS = 600
# A browser drops a cookie of more than 4 KB.
_LONGEST_WAY = 1000


@blueprint.get("/sign-in/akun")
def leave() -> ResponseReturnValue:
    """To the issuer, with a question that only this browser can be given the answer to."""
    issuer, onward = _issuer(), auth.safe(request.args.get("next", "")[:_LONGEST_WAY])
    if current.account() is not None:
        return redirect(onward, 303)
    language = chosen()
    try:
        url, asked = issuer.ask()
    except IssuerAway as away:
        log.warning("the issuer of sign-ins is away: %s", away)
        return _to_the_door(Outcome.AWAY, onward, language)
    now = current.runtime().clock().timestamp()
    session[_ASKED] = [asked.state, asked.nonce, asked.verifier, onward, language, now]
    return redirect(url, 303)


@blueprint.get(CALLBACK)
def come_back() -> ResponseReturnValue:
    """From the issuer, with a code, or with what went wrong there."""
    issuer, kept = _issuer(), _taken(request.args.get("state", ""))
    if kept is None:
        # Somebody who went back a page is in already.
        is_in = current.account() is not None
        return redirect(url_for("inbox.start"), 303) if is_in else _to_the_door(Outcome.STALE)
    state, nonce, verifier, onward, language, _ = kept
    outcome, person = _answered(issuer, Asked(state, nonce, verifier))
    account = _account_of(person) if person else None
    if account is not None and not account.disabled:
        return auth.entered(account, onward, signing.BY_ISSUER)
    _note(outcome, account)
    return _to_the_door(outcome, onward, language)


def _issuer() -> Issuer:
    issuer = current.runtime().issuer
    if issuer is None:
        abort(404)
    return issuer


def _taken(state: str) -> list[Any] | None:
    """What was asked with this *state* minutes ago; asked once, it is answered once."""
    kept: list[Any] | None = session.get(_ASKED)
    if kept is None or not secrets.compare_digest(state.encode(errors="replace"), kept[0].encode()):
        return None
    session.pop(_ASKED)
    lasts = 0 <= current.runtime().clock().timestamp() - kept[-1] <= _LASTS
    return kept if lasts else None


def _answered(issuer: Issuer, asked: Asked) -> tuple[Outcome, Person | None]:
    """Who the issuer says has signed in there, else why nobody has."""
    # Whoever answers says who they are, where they can (RFC 9207).
    if request.args.get("iss", issuer.url) != issuer.url:
        return Outcome.REFUSED, None
    if "error" in request.args:
        denied = request.args["error"] == "access_denied"
        return Outcome.DENIED if denied else Outcome.REFUSED, None
    try:
        person = issuer.redeem(asked, request.args.get("code", ""), current.runtime().clock())
    except IssuerAway as away:
        log.warning("the issuer of sign-ins is away: %s", away)
        return Outcome.AWAY, None
    except IssuerRefused as refused:
        log.warning("the issuer's answer was not taken: %s", refused)
        return Outcome.REFUSED, None
    return (Outcome.UNKNOWN, person) if _is_theirs(person) else (Outcome.UNVERIFIED, None)


def _is_theirs(person: Person) -> bool:
    oidc = current.runtime().settings.sign_in.oidc
    return bool(person.email) and (person.verified or (oidc is not None and oidc.trust_email))


def _account_of(person: Person) -> Account | None:
    with current.runtime().database.read() as connection:
        return officers.find_by_email(connection, person.email)


def _note(outcome: Outcome, account: Account | None) -> None:
    """Who came back from the issuer and was not let in stands in the audit log."""
    if outcome in {Outcome.AWAY, Outcome.DENIED}:
        return
    runtime, officer_id = current.runtime(), account.id if account else None
    told = {"address": visitors.client_address(), "how": signing.BY_ISSUER, "why": outcome.value}
    with runtime.database.write() as connection:
        officers.record(connection, "openid_refused", runtime.clock(), officer_id, told)
    log.warning("a sign-in was refused")


def _to_the_door(outcome: Outcome, onward: str = "", language: str | None = None) -> ResponseReturnValue:
    """The sign-in page says what happened, without the code in its address."""
    openid_words.tell(outcome)
    return redirect(url_for("auth.sign_in", next=onward or None, lang=language), 303)
