"""What the sign-in page says when signing in at the issuer came to nothing."""

from enum import StrEnum

from flask import flash, get_flashed_messages

from handlers.settings.sign_in import Oidc
from handlers.web import current
from handlers.web.language import gettext

_CATEGORY = "openid"


class Outcome(StrEnum):
    """How it ended, other than well."""

    AWAY = "away"
    REFUSED = "refused"
    DENIED = "denied"
    STALE = "stale"
    UNVERIFIED = "unverified"
    UNKNOWN = "unknown"


def tell(outcome: Outcome) -> None:
    """Let the next page say it, in the language of that page."""
    flash(outcome.value, _CATEGORY)


def problem() -> str:
    """What is to be said on this page; empty for nothing."""
    told, oidc = get_flashed_messages(category_filter=[_CATEGORY]), current.runtime().settings.sign_in.oidc
    return _sentence(Outcome(str(told[-1])), oidc) if told and oidc else ""


def _sentence(outcome: Outcome, oidc: Oidc) -> str:
    label = oidc.label
    match outcome:
        case Outcome.AWAY:
            away = gettext("%(label)s sedang tidak dapat dihubungi. Coba lagi sebentar lagi.", label=label)
            besides = gettext("Kata sandi tetap dapat dipakai.")
            return away if oidc.only else f"{away} {besides}"
        case Outcome.REFUSED:
            return gettext("%(label)s tidak dapat memastikan siapa Anda. Coba sekali lagi.", label=label)
        case Outcome.DENIED:
            return gettext("Anda batal masuk dengan %(label)s.", label=label)
        case Outcome.STALE:
            return gettext(
                "Halaman %(label)s tadi sudah tidak berlaku. Tekan tombolnya sekali lagi.", label=label
            )
        case Outcome.UNVERIFIED:
            return gettext(
                "Alamat email di %(label)s Anda belum terbukti milik Anda. Buktikan dulu di sana, lalu coba"
                " lagi.",
                label=label,
            )
        case Outcome.UNKNOWN:
            return gettext(
                "Alamat email di %(label)s Anda tidak terdaftar sebagai petugas di sini. Hubungi pengelola"
                " sistem kantor Anda.",
                label=label,
            )
