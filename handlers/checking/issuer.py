"""Checks of the issuer at which officers may sign in: our secret there, its document and its keys."""

from collections.abc import Iterator, Mapping

from channels.openid import DOCUMENT, IssuerAway, Why
from handlers import compose
from handlers.checking.findings import Finding, error, fine, warning
from handlers.checking.installation import problem_of
from handlers.secrets import SecretError
from handlers.settings import Settings

_HOW: Mapping[Why, tuple[str, str]] = {
    Why.UNREACHABLE: ("tidak dapat dihubungi", "can't be reached"),
    Why.SLOW: ("terlalu lama menjawab", "takes too long to answer"),
    Why.BUSY: ("sedang sibuk", "is busy"),
    Why.FAILING: ("menjawab dengan kesalahan", "answers with an error"),
    Why.GARBLED: (
        "tidak menjawab dengan dokumen OpenID Connect dan kunci yang dapat dipakai",
        "does not answer with a document of OpenID Connect and keys that can be used",
    ),
    Why.MISMATCH: (
        "menyebut dirinya dengan alamat lain dalam dokumennya: tulis issuer persis seperti di sana",
        "calls itself by another address in its document: write issuer exactly as it stands there",
    ),
}
_WRONG = {Why.GARBLED, Why.MISMATCH}


def secret(settings: Settings, environ: Mapping[str, str]) -> Iterator[Finding]:
    """The secret by which the issuer knows us."""
    if settings.sign_in.oidc is not None:
        yield from problem_of(settings.sign_in.oidc.secret, environ)


def answered(settings: Settings, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Ask the issuer for what a sign-in needs. Says nothing where none is configured."""
    try:
        issuer = compose.issuer(settings, environ)
    except SecretError:
        return  # told already
    if issuer is None:
        return
    try:
        issuer.look()
    except IssuerAway as away:
        yield _unusable(settings, issuer.url, away.why)
    else:
        yield fine(
            f"{issuer.url} menjawab. Daftarkan di sana alamat kembali {issuer.redirect_uri}",
            f"{issuer.url} answers. Register there the redirect URI {issuer.redirect_uri}",
        )


def _unusable(settings: Settings, url: str, why: Why) -> Finding:
    """An error where officers can't get in without it, or where waiting will not mend it."""
    indonesian, english = _HOW[why]
    oidc = settings.sign_in.oidc
    level = error if why in _WRONG or (oidc is not None and oidc.only) else warning
    place = url.removesuffix("/") + DOCUMENT
    return level(f"sign_in.oidc.issuer: {place} {indonesian}.", f"sign_in.oidc.issuer: {place} {english}.")
