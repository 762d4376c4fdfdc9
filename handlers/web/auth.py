"""The door: signing in with a password and, where there is one, the second factor; and out."""

import logging
import math
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Flask,
    Response,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import LoginManager
from werkzeug.wrappers import Response as AnyResponse

from handlers import guessing, passwords, second_factors
from handlers.guessing import Guesser
from handlers.web import current, openid_words, signing, visitors, written
from handlers.web.language import LANGUAGES, gettext
from storage import officers
from storage.officers import Account

log = logging.getLogger(__name__)
blueprint = Blueprint("auth", __name__)
_HALF = "half"
_HALF_LASTS = 300


def install(app: Flask) -> None:
    """Find out with every request who is signed in."""
    sessions = LoginManager()
    sessions.session_protection = "basic"
    sessions.user_loader(signing.load)
    sessions.init_app(app, add_context_processor=False)


def ask_to_sign_in() -> ResponseReturnValue:
    """A page leads to the sign-in page and back; what was written is not thrown away by a redirect."""
    if request.method != "GET":
        return render_template("inbox/error.html", **_signed_out()), 401
    if request.headers.get("X-Live") or request.endpoint in {"live.stream", "live.changes"}:
        return Response(status=401)
    return redirect(url_for("auth.sign_in", next=request.full_path.rstrip("?")))


def _signed_out() -> dict[str, str]:
    """A form of before is refused after signing in, too: so the page is to be opened again."""
    kept = written.kept()
    copied = gettext("Salin tulisan Anda di bawah ini. Masuk lagi, buka halamannya, tempelkan, lalu kirim.")
    return {
        "title": gettext("Anda sudah keluar"),
        "advice": copied if kept else gettext("Masuk lagi, lalu ulangi yang tadi."),
        "kept": kept,
        "onward": safe(_came_from()),
    }


def _came_from() -> str:
    """The path of the page that the form stood on; nothing where what the browser says is no address."""
    try:
        return urlsplit(request.referrer or "").path
    except ValueError:
        return ""


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """The door. A refusal never says whether the address exists."""
    onward = safe(request.values.get("next", ""))
    if request.method == "GET":
        return redirect(onward) if current.account() is not None else _door(onward)
    email = officers.plain_email(request.form.get("email", ""))
    who = signing.guesser(email)
    wait = seconds_to_wait(who)
    if wait:
        return too_many(_door(onward, waiting(wait)), wait)
    account = _checked(who, email, request.form.get("password", ""))
    if account is None:
        return _door(
            onward, gettext("Alamat email atau kata sandi tidak cocok. Periksa, lalu coba lagi.")
        ), 422
    if account.has_second_factor:
        session.clear()
        session[_HALF] = [account.id, account.sessions, current.runtime().clock().timestamp()]
        return redirect(url_for("auth.second_factor", next=onward), 303)
    return entered(account, onward, signing.PASSWORD)


@blueprint.route("/sign-in/kode", methods=["GET", "POST"])
def second_factor() -> ResponseReturnValue:
    """The code, for who has just given the right password; a recovery code will do."""
    onward, account = safe(request.values.get("next", "")), _half_way()
    if account is None:
        return redirect(url_for("auth.sign_in", next=onward), 303)
    if request.method == "GET":
        return _second_door(onward)
    who = signing.guesser(account.email)
    wait = seconds_to_wait(who)
    if wait:
        return too_many(_second_door(onward, waiting(wait)), wait)
    how = _opened_by(account, request.form.get("code", ""))
    if how is None:
        refuse(who, account, "code_refused")
        return _second_door(
            onward, gettext("Kode tidak cocok atau sudah dipakai. Coba kode berikutnya.")
        ), 422
    return entered(account, onward, how)


def _half_way() -> Account | None:
    """Who has given the right password minutes ago and nothing else since."""
    officer_id, sessions, at = session.get(_HALF) or (0, 0, 0)
    if not 0 <= current.runtime().clock().timestamp() - at <= _HALF_LASTS:
        return None
    with current.runtime().database.read() as connection:
        account = officers.find(connection, officer_id)
    fits = account is not None and not account.disabled and account.sessions == sessions
    return account if fits else None


def _opened_by(account: Account, code: str) -> str | None:
    runtime = current.runtime()
    now = runtime.clock()
    with runtime.database.write() as connection:
        if second_factors.right(runtime, connection, account.id, code, now):
            return "password and code"
        recovered = second_factors.recovered(connection, account.id, code)
        return "password and recovery code" if recovered else None


def entered(account: Account, onward: str, how: str) -> AnyResponse:
    """In, with a cookie by which this browser is known again should strangers guess at the address."""
    signing.begin(account, how)
    answer = redirect(onward, 303)
    answer.set_cookie(
        signing.DEVICE,
        signing.device_cookie(account.email),
        max_age=signing.DEVICE_LASTS,
        path=url_for("auth.sign_in"),
        secure=current.runtime().settings.public_url.startswith("https://"),
        httponly=True,
        samesite="Lax",
    )
    return answer


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End this sign-in."""
    signing.end()
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
    oidc = current.runtime().settings.sign_in.oidc
    asked_for = request.method == "POST" or "sandi" in request.args
    return render_template(
        "inbox/sign_in.html",
        onward=onward,
        problem=problem or openid_words.problem(),
        email=request.form.get("email", ""),
        oidc=oidc,
        with_password=oidc is None or not oidc.only or asked_for,
    )


def _second_door(onward: str, problem: str = "") -> str:
    return render_template("inbox/sign_in_code.html", onward=onward, problem=problem)


def _checked(who: Guesser, email: str, password: str) -> Account | None:
    """The account, when the password is right. An unknown address takes as long as a wrong password."""
    with current.runtime().database.read() as connection:
        account = officers.find_by_email(connection, email)
    known = account if account is not None and _may_use_a_password(account) else None
    right = passwords.matches(password, known.password_hash if known else None)
    if known is None or not right:
        refuse(who, known, "sign_in_refused")
        return None
    if passwords.outdated(known.password_hash):
        with current.runtime().database.write() as connection:
            officers.refresh_hash(connection, known.id, passwords.hashed(password))
    return known


def _may_use_a_password(account: Account) -> bool:
    """With ``only`` administrators still may: an issuer that is away must not lock the desk up."""
    oidc = current.runtime().settings.sign_in.oidc
    return not account.disabled and (oidc is None or not oidc.only or account.administrator)


def seconds_to_wait(who: Guesser) -> int:
    """How long who guesses has to wait before being heard again."""
    runtime = current.runtime()
    with runtime.database.read() as connection:
        return guessing.seconds_to_wait(connection, who, runtime.clock())


def refuse(who: Guesser, account: Account | None, what: str) -> None:
    """A wrong guess: counted, and in the audit log."""
    desk = current.runtime()
    officer_id, told = account.id if account else None, {"address": visitors.client_address()}
    with desk.database.write() as connection:
        guessing.note(connection, who, desk.clock())
        officers.record(connection, what, desk.clock(), officer_id, told)
    log.warning("a sign-in was refused")


def safe(target: str) -> str:
    """A path on this desk; anything that could lead elsewhere becomes the inbox."""
    plain = target.startswith("/") and not target.startswith("//") and "\\" not in target
    return target if plain and target.isprintable() else url_for("inbox.start")


def waiting(seconds: int) -> str:
    """What somebody who guesses is told."""
    minutes = math.ceil(seconds / 60)
    return gettext("Terlalu banyak percobaan. Tunggu %(minutes)s menit, lalu coba lagi.", minutes=minutes)


def too_many(page: str, seconds: int) -> Response:
    """The answer to somebody who guesses, with when to come again."""
    log.warning("too many guesses from one place, or for one address")
    answer = make_response(page, 429)
    answer.headers["Retry-After"] = str(seconds)
    return answer
