"""An officer's own account: the password, the second factor, and where they are signed in."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from handlers import passwords, second_factors
from handlers.passwords import Weakness
from handlers.web import auth, current, signing, unfinished
from handlers.web.language import gettext
from storage import officers, sign_ins
from storage import second_factors as kept
from storage.officers import Account

blueprint = Blueprint("account", __name__, url_prefix="/akun")


@blueprint.get("")
def page() -> ResponseReturnValue:
    """All of it on one page."""
    return _page()


@blueprint.post("/kata-sandi")
def change_password() -> ResponseReturnValue:
    """A new password. All other browsers are signed out; this one goes on."""
    account, chosen = current.officer(), request.form.get("new", "")
    refusal = _unproved()
    if refusal:
        return refusal
    problem = password_problem(chosen, account)
    if not problem and chosen != request.form.get("again", ""):
        problem = gettext("Kedua kata sandi baru tidak sama.")
    if not problem and chosen == request.form.get("current", ""):
        problem = gettext("Pilih kata sandi yang lain dari yang sekarang.")
    if problem:
        return _page(password_problem=problem), 422
    runtime = current.runtime()
    with runtime.database.write() as connection:
        officers.set_password(connection, account.id, passwords.hashed(chosen))
        officers.record(connection, "password_changed", runtime.clock(), account.id)
    _go_on_here(account)
    flash(gettext("Kata sandi diganti. Di peramban lain Anda sudah keluar."), "done")
    return redirect(url_for("account.page"), 303)


@blueprint.post("/keluar")
def sign_out_everywhere() -> ResponseReturnValue:
    """Sign out in all other browsers."""
    account, runtime = current.officer(), current.runtime()
    with runtime.database.write() as connection:
        sign_ins.end_all(connection, account.id)
        officers.record(connection, "sign_ins_ended", runtime.clock(), account.id, {"officer": account.id})
    _go_on_here(account)
    flash(gettext("Di semua peramban lain Anda sudah keluar."), "done")
    return redirect(url_for("account.page"), 303)


@blueprint.post("/kode")
def prepare() -> ResponseReturnValue:
    """Show a secret to be scanned. Nothing changes until it has been shown to work."""
    account, runtime = current.officer(), current.runtime()
    refusal = _unproved()
    if refusal:
        return refusal
    with runtime.database.write() as connection:
        second_factors.prepare(runtime, connection, account.id)
    return _page(scanning=True)


@blueprint.post("/kode/pasang")
def enforce() -> ResponseReturnValue:
    """The first right code: from now on it is asked for. The recovery codes are shown this once."""
    account, runtime = current.officer(), current.runtime()
    refusal = _waits()
    if refusal:
        return refusal
    now = runtime.clock()
    with runtime.database.write() as connection:
        is_new = not account.has_second_factor
        right = is_new and second_factors.right(
            runtime, connection, account.id, request.form.get("code", ""), now
        )
        codes = second_factors.new_recovery_codes(connection, account.id) if right else []
        if right:
            kept.enforce(connection, account.id, now)
            officers.record(connection, "second_factor_set", now, account.id, {"officer": account.id})
    if not codes:
        auth.refuse(signing.guesser(account.email), account, "code_refused")
        return _page(scanning=True, code_problem=gettext("Kode tidak cocok. Coba kode berikutnya.")), 422
    return _page(codes=codes)


@blueprint.post("/kode/cadangan")
def renew_codes() -> ResponseReturnValue:
    """Ten new recovery codes instead of the old ones."""
    account, runtime = current.officer(), current.runtime()
    refusal = _unproved() if account.has_second_factor else _page_as_it_is()
    if refusal:
        return refusal
    with runtime.database.write() as connection:
        codes = second_factors.new_recovery_codes(connection, account.id)
        officers.record(
            connection, "recovery_codes_made", runtime.clock(), account.id, {"officer": account.id}
        )
    return _page(codes=codes)


@blueprint.post("/kode/lepas")
def remove() -> ResponseReturnValue:
    """Ask for nothing but the password again, where the installation allows that."""
    account, runtime = current.officer(), current.runtime()
    if unfinished.must_have_code(account):
        flash(gettext("Di sini kode wajib bagi Anda, jadi tidak dapat dilepas."), "problem")
        return redirect(url_for("account.page"), 303)
    refusal = _unproved()
    if refusal:
        return refusal
    with runtime.database.write() as connection:
        kept.remove(connection, account.id)
        officers.record(
            connection, "second_factor_removed", runtime.clock(), account.id, {"officer": account.id}
        )
    flash(gettext("Kode dilepas. Masuk cukup dengan kata sandi."), "done")
    return redirect(url_for("account.page"), 303)


def password_problem(chosen: str, account: Account) -> str:
    """Why a password is not taken, in words; empty for a good one."""
    match passwords.weakness(chosen, (account.name, account.email)):
        case None:
            return ""
        case Weakness.SHORT:
            least = passwords.SHORTEST
            return gettext(
                "Terlalu pendek: paling sedikit %(least)s huruf, misalnya empat kata.", least=least
            )
        case Weakness.LONG:
            return gettext("Terlalu panjang: paling banyak %(most)s huruf.", most=passwords.LONGEST)
        case Weakness.SIMPLE:
            return gettext("Terlalu mudah ditebak: hurufnya itu-itu saja.")
        case Weakness.COMMON:
            return gettext("Terlalu mudah ditebak: hanya kata yang umum, nama Anda, atau angka.")


def _unproved() -> ResponseReturnValue | None:
    """The page again, unless the present password was given: a browser left open is not its owner."""
    account = current.officer()
    refusal = _waits()
    if refusal:
        return refusal
    if passwords.matches(request.form.get("current", ""), account.password_hash):
        return None
    auth.refuse(signing.guesser(account.email), account, "password_refused")
    return _page(proof_problem=gettext("Kata sandi Anda sekarang tidak cocok.")), 422


def _waits() -> ResponseReturnValue | None:
    wait = auth.seconds_to_wait(signing.guesser(current.officer().email))
    return auth.too_many(_page(proof_problem=auth.waiting(wait)), wait) if wait else None


def _page_as_it_is() -> ResponseReturnValue:
    return redirect(url_for("account.page"), 303)


def _go_on_here(account: Account) -> None:
    """The others have ended; this browser begins anew."""
    with current.runtime().database.read() as connection:
        fresh = officers.find(connection, account.id)
    signing.begin(fresh or account, signing.way())


def _page(*, scanning: bool = False, **told: Any) -> str:
    runtime = current.runtime()
    account, now = current.officer(), runtime.clock()
    with runtime.database.read() as connection:
        plain = second_factors.secret(runtime, connection, account.id) if scanning else None
        told |= {
            "signed_in": sign_ins.of_officer(connection, account.id, signing.oldest(now)),
            "here": signing.mark_of(current.sign_in_key()),
            "codes_left": kept.codes_left(connection, account.id),
            "has_code": account.has_second_factor or "codes" in told,
        }
    uri = second_factors.address(account.email, plain) if plain else ""
    return render_template(
        "inbox/account.html",
        lacking=unfinished.lacks(account) if "codes" not in told else None,
        must_have_code=unfinished.must_have_code(account),
        picture=second_factors.picture(uri) if uri else "",
        secret=plain or "",
        least=passwords.SHORTEST,
        clock_office=next(iter(runtime.settings.offices.values())),
        **told,
    )
