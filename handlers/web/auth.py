"""Signing in and out. A sign-in ends with the officer's working day, or at once when the account changes."""

import logging
from datetime import timedelta
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from flask_login import LoginManager, login_user, logout_user

from handlers import passwords
from handlers.web import current, visitors
from handlers.web.language import LANGUAGES, gettext
from storage import officers
from storage.officers import Account

log = logging.getLogger(__name__)
blueprint = Blueprint("auth", __name__)

PER_ADDRESS = "20 per 10 minutes"
PER_EMAIL = "8 per 10 minutes"
WORKING_DAY = timedelta(hours=12)
_SINCE = "since"


def _asked_email() -> str:
    return officers.plain_email(request.form.get("email", "")) or visitors.place()


def _refused(response: Response) -> bool:
    return response.status_code == 422


def install(app: Flask) -> None:
    """Sessions, and a limit on guesses per address and per e-mail address; right guesses cost nothing."""
    sessions = LoginManager()
    sessions.session_protection = "basic"
    sessions.user_loader(_load)
    sessions.init_app(app, add_context_processor=False)
    limiter = Limiter(visitors.place, storage_uri="memory://", headers_enabled=False)
    limiter.init_app(app)
    door: Any = app.view_functions["auth.sign_in"]
    for limit, key in ((PER_ADDRESS, visitors.place), (PER_EMAIL, _asked_email)):
        door = limiter.limit(limit, key_func=key, methods=["POST"], deduct_when=_refused)(door)
    app.view_functions["auth.sign_in"] = door


def _load(cookie: str) -> current.SignedIn | None:
    officer_id, _, sessions = cookie.partition(".")
    if not (officer_id.isdecimal() and sessions.isdecimal()) or _is_over():
        return None
    with current.runtime().database.read() as connection:
        account = officers.find(connection, int(officer_id))
    if account is None or account.disabled or account.sessions != int(sessions):
        return None
    return current.SignedIn(account)


def _is_over() -> bool:
    """Whether the working day has ended. An open page that refreshes itself must not prolong it."""
    now = current.runtime().clock().timestamp()
    # The demo's clock is moved by days at a time.
    return not current.runtime().demo and now - session.get(_SINCE, now) > WORKING_DAY.total_seconds()


def ask_to_sign_in() -> ResponseReturnValue:
    """A page leads to the sign-in page and back; what was written is not thrown away by a redirect."""
    if request.method != "GET":
        return render_template("inbox/error.html", **_signed_out()), 401
    if request.headers.get("X-Live") or request.endpoint in {"live.stream", "live.changes"}:
        return Response(status=401)
    return redirect(url_for("auth.sign_in", next=request.full_path.rstrip("?")))


def _signed_out() -> dict[str, str]:
    return {
        "title": gettext("Anda sudah keluar"),
        "advice": gettext("Masuk lagi di tab lain, lalu kembali ke halaman ini dan kirim ulang."),
        "kept": request.form.get("text", ""),
    }


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """The door. A refusal never says whether the address exists."""
    onward = safe(request.values.get("next", ""))
    if current.account() is not None and request.method == "GET":
        return redirect(onward)
    if request.method == "GET":
        return _door(onward)
    account = _checked(request.form.get("email", ""), request.form.get("password", ""))
    if account is None:
        return _door(
            onward, gettext("Alamat email atau kata sandi tidak cocok. Periksa, lalu coba lagi.")
        ), 422
    session.clear()
    login_user(current.SignedIn(account))
    session.permanent = True
    session[_SINCE] = current.runtime().clock().timestamp()
    return redirect(onward, 303)


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End this sign-in."""
    logout_user()
    session.clear()
    return redirect(url_for("auth.sign_in"), 303)


@blueprint.post("/language")
def language() -> ResponseReturnValue:
    """Remember the officer's language."""
    wanted = request.form.get("language", "")
    if wanted in LANGUAGES:
        with current.runtime().database.write() as connection:
            officers.set_language(connection, current.officer().id, wanted)
    return redirect(safe(request.form.get("next", "")), 303)


def _door(onward: str, problem: str = "") -> str:
    return render_template(
        "inbox/sign_in.html", onward=onward, problem=problem, email=request.form.get("email", "")
    )


def _checked(email: str, password: str) -> Account | None:
    """The account, when the password is right. An unknown address takes as long as a wrong password."""
    with current.runtime().database.read() as connection:
        account = officers.find_by_email(connection, email)
    known = account if account is not None and not account.disabled else None
    right = passwords.matches(password, known.password_hash if known else None)
    if known is None or not right:
        _record_refusal(known)
        return None
    if passwords.outdated(known.password_hash):
        with current.runtime().database.write() as connection:
            officers.refresh_hash(connection, known.id, passwords.hashed(password))
    return known


def _record_refusal(account: Account | None) -> None:
    desk = current.runtime()
    officer_id = account.id if account else None
    with desk.database.write() as connection:
        officers.record(
            connection, "sign_in_refused", desk.clock(), officer_id, {"address": visitors.client_address()}
        )
    log.warning("a sign-in was refused")


def safe(target: str) -> str:
    """A path on this desk; anything that could lead elsewhere becomes the inbox."""
    plain = target.startswith("/") and not target.startswith("//") and "\\" not in target
    return target if plain and target.isprintable() else url_for("inbox.start")


def too_many(_error: Exception) -> ResponseReturnValue:
    """The answer to somebody who guesses."""
    current_app.logger.warning("too many sign-ins from one place")
    page = _door(
        safe(request.values.get("next", "")),
        gettext("Terlalu banyak percobaan. Tunggu sepuluh menit, lalu coba lagi."),
    )
    return page, 429
