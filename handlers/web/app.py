"""The web application: officers' pages, public pages, health, and the webhooks mounted beside them."""

import hashlib
import logging
import traceback
from collections.abc import Mapping
from functools import cache
from typing import Any

from flask import Flask, Response, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from handlers.mailroom import handling
from handlers.mailroom.reading import Reader
from handlers.runtime import Runtime
from handlers.shipped_files import templates_folder
from handlers.web import (
    account,
    administration,
    administration_log,
    alarms,
    answers,
    auth,
    balance,
    breaches,
    calendar,
    closing,
    complaints,
    consents,
    copies,
    current,
    forms,
    forwarding,
    health,
    hosts,
    inbox,
    kept_mails,
    language,
    limits,
    linking,
    live,
    mails,
    media,
    moments,
    openid,
    outgoing,
    people,
    permissions,
    preferences,
    privacy,
    public,
    ratings,
    reading_log,
    reports,
    request_lines,
    roster,
    satisfaction,
    searches,
    signing,
    staff,
    tickets,
    unhandled,
    written,
)
from handlers.web.intake import create_intake
from handlers.web.language import gettext
from storage.db import AWAY

log = logging.getLogger(__name__)
LARGEST_FORM = 256 * 1024
_YEAR = 365 * 24 * 3600
_PAGES = (
    *(auth.blueprint, openid.blueprint, account.blueprint, staff.blueprint, inbox.blueprint, live.blueprint),
    *(tickets.blueprint, closing.blueprint, linking.blueprint, people.blueprint, consents.blueprint),
    *(forwarding.blueprint, roster.blueprint),
    *(mails.blueprint, media.blueprint, kept_mails.blueprint, alarms.blueprint, preferences.blueprint),
    *(calendar.blueprint, complaints.blueprint, satisfaction.blueprint, reports.blueprint),
    *(answers.blueprint, searches.blueprint),
    *(
        unhandled.blueprint,
        administration.blueprint,
        balance.blueprint,
        public.blueprint,
        forms.blueprint,
    ),
    *(ratings.blueprint, outgoing.blueprint, copies.blueprint, privacy.blueprint, breaches.blueprint),
    *(health.blueprint, administration_log.blueprint),
)


class Site(Flask):
    """Flask, except that a fault is logged by its place only: its message may hold what a citizen wrote."""

    def log_exception(self, exc_info: Any) -> None:
        """Where it happened and what kind of fault it was."""
        kind, _, trace = exc_info
        place = "".join(traceback.format_tb(trace)).rstrip()
        self.logger.error("%s at %s %s\n%s", kind.__name__, request.method, request.endpoint, place)


def create_app(runtime: Runtime) -> Flask:
    """The whole site of *runtime*, the webhooks included. Needs ``runtime.keys.signing``."""
    folder = templates_folder()
    app = Site(
        __name__, template_folder=str(folder), static_folder=str(folder / "static"), static_url_path="/static"
    )
    app.extensions[current.EXTENSION] = runtime
    app.extensions[current.READER] = Reader(handling.ours(runtime))
    app.config.update(_config(runtime))
    for page in _PAGES:
        app.register_blueprint(page)
    if runtime.demo:
        from handlers.web import demo

        app.register_blueprint(demo.blueprint)
    live.install(app, runtime)
    _protect(app)
    _furnish(app)
    return _with_webhooks(app, runtime)


def _with_webhooks(app: Flask, runtime: Runtime) -> Flask:
    whole = DispatcherMiddleware(app.wsgi_app, {"/webhooks": create_intake(runtime).wsgi_app})
    app.wsgi_app = hosts.checked(whole)  # type: ignore[method-assign,assignment]  # Flask's own way to wrap
    return app


def _config(runtime: Runtime) -> Mapping[str, Any]:
    first, *others = runtime.keys.signing
    return {
        "SECRET_KEY": first,
        "SECRET_KEY_FALLBACKS": others,
        "SESSION_COOKIE_NAME": "loket",
        "SESSION_COOKIE_SECURE": _is_https(runtime),
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_REFRESH_EACH_REQUEST": False,
        "PERMANENT_SESSION_LIFETIME": signing.WORKING_DAY,
        "MAX_CONTENT_LENGTH": LARGEST_FORM,
        "MAX_FORM_MEMORY_SIZE": LARGEST_FORM,
        "SEND_FILE_MAX_AGE_DEFAULT": _YEAR,
        # The token lives as long as the sign-in: a page left open over lunch must still send.
        "WTF_CSRF_TIME_LIMIT": None,
        # A proxy that ends TLS leaves http here; the SameSite cookie and the token remain.
        "WTF_CSRF_SSL_STRICT": False,
    }


def _is_https(runtime: Runtime) -> bool:
    return runtime.settings.public_url.startswith("https://")


def _protect(app: Flask) -> None:
    request_lines.install(app)
    limits.install(app)
    # A citizen's form is signed in its address, and a mail program's browser may keep no cookie.
    csrf = CSRFProtect(app)
    csrf.exempt(forms.blueprint)
    csrf.exempt(ratings.blueprint)
    csrf.exempt(copies.blueprint)
    auth.install(app)
    language.install(app)
    app.after_request(_headers)  # after the log, which may put another page in place
    reading_log.install(app)
    permissions.install(app)
    app.register_error_handler(CSRFError, _form_expired)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(500, _failed)
    for away in AWAY:
        app.register_error_handler(away, _away)


def _furnish(app: Flask) -> None:
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        static=_static,
        moments=moments,
        languages=language.LANGUAGES,
        spoken=language.chosen,
        is_demo=_is_demo,
        balance_words=balance.meanings,
    )
    app.context_processor(inbox.frame)


def _is_demo() -> bool:
    return current.runtime().demo


def _static(name: str) -> str:
    return url_for("static", filename=name, v=_fingerprint(name))


@cache
def _fingerprint(name: str) -> str:
    return hashlib.sha256((templates_folder() / "static" / name).read_bytes()).hexdigest()[:12]


def _headers(response: Response) -> Response:
    desk = current.runtime()
    framing = "'self'" if desk.demo else "'none'"
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self';"
        f" connect-src 'self'; form-action 'self'; base-uri 'none';"
        f" frame-src {framing}; frame-ancestors {framing}"
    )
    response.headers.setdefault("Content-Security-Policy", policy)
    response.headers["X-Frame-Options"] = "SAMEORIGIN" if desk.demo else "DENY"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    if _is_https(desk):
        response.headers["Strict-Transport-Security"] = f"max-age={_YEAR}"
    if request.endpoint != "static" and current.account() is not None:
        response.headers["Cache-Control"] = "no-store"
    return response


def _form_expired(_error: CSRFError) -> ResponseReturnValue:
    advice = gettext("Muat ulang halaman sebelumnya, lalu kirim lagi.")
    if written.kept():
        advice = gettext("Salin tulisan Anda di bawah ini. Buka lagi halamannya, tempelkan, lalu kirim.")
    return _error_page(400, gettext("Formulir ini sudah tidak berlaku"), advice)


def _refused(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error
    titles = {
        404: (gettext("Halaman tidak ditemukan"), gettext("Mungkin alamatnya salah, atau bukan untuk Anda.")),
        405: (gettext("Halaman tidak ditemukan"), gettext("Mungkin alamatnya salah, atau bukan untuk Anda.")),
        413: _too_large(),
    }
    usual = (gettext("Permintaan ini tidak dapat dilayani"), gettext("Kembali, lalu coba lagi."))
    return _error_page(error.code, *titles.get(error.code, usual))


def _too_large() -> tuple[str, str]:
    """More than a form may be is more than anybody writes where it brings files."""
    if request.mimetype == "multipart/form-data":
        return gettext("Berkas terlalu besar"), gettext(
            "Belum ada yang terkirim. Kembali ke halaman sebelumnya, pilih berkas yang lebih kecil,"
            " lalu kirim lagi."
        )
    return gettext("Terlalu panjang"), gettext("Persingkat tulisan Anda, lalu kirim lagi.")


def _failed(_error: Exception) -> ResponseReturnValue:
    # The database may be what failed: the page must not ask it who is signed in.
    g.nobody = True
    return _error_page(
        500,
        gettext("Ada yang tidak beres di sistem kami"),
        gettext("Tidak ada yang terkirim. Tunggu sebentar, kembali, lalu coba lagi."),
    )


def _away(error: Exception) -> ResponseReturnValue:
    """The database does not answer. Whether what was sent came in is not known either."""
    g.nobody = True
    log.error("the database failed at %s %s: %s", request.method, request.endpoint, type(error).__name__)
    page, code = _error_page(
        503,
        gettext("Loket sedang tidak dapat dibuka"),
        gettext(
            "Basis data kami sedang tidak menjawab. Tunggu sebentar, lalu muat ulang halaman ini. Kalau tadi"
            " Anda mengirim sesuatu, lihat dulu apakah sudah masuk sebelum mengirim lagi."
        ),
    )
    return page, code, {"Retry-After": "10"}


def _error_page(code: int, title: str, advice: str) -> tuple[str, int]:
    kept = "" if code == 413 else written.kept()
    return render_template("inbox/error.html", title=title, advice=advice, kept=kept), code
