"""How officers sign in: with a second factor, for how long, and at whom besides us."""

from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from handlers import secrets
from handlers.settings.part import Part
from handlers.settings.values import SecretReference, is_loopback, web_address

CALLBACK = "/sign-in/akun/kembali"
"""Where an issuer sends an officer back to, behind ``public_url``; registered there, so it never changes."""
LONGEST_LABEL = 40


def _issuer(text: str) -> str:
    # Its name, letter for letter as its own document spells it: some end in a slash.
    parts = urlsplit(web_address(text.removesuffix("/")))
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        raise ValueError("must begin with https://; http:// is for one on this machine")
    return text


def _label(text: str) -> str:
    if not 0 < len(text.strip()) <= LONGEST_LABEL or not text.isprintable():
        raise ValueError(f"must be 1 to {LONGEST_LABEL} letters")
    return text.strip()


class Oidc(Part):
    """An OpenID Connect issuer at which officers may sign in.

    *label*: what its accounts are called. *only*: nobody but administrators signs in with a password.
    *trust_email*: its users can't choose their address, though it does not say that it is verified.
    """

    issuer: Annotated[str, AfterValidator(_issuer)]
    client_id: Annotated[str, Field(min_length=1, max_length=255)]
    client_secret: SecretReference | None = None
    label: Annotated[str, AfterValidator(_label)] = "Akun BPS"
    only: bool = False
    trust_email: bool = False

    def secret(self, environ: Mapping[str, str]) -> str:
        """The client's secret; empty where it has none. Raises ``MissingSecret``."""
        name = secrets.named_by(self.client_secret) if self.client_secret else None
        return secrets.need(name, environ) if name else ""


class SignIn(Part):
    """*second_factor*: who must have one; everybody else may. *idle_minutes*: a browser that rests so long
    signs in again. *oidc*: where else officers may sign in.
    """

    second_factor: Literal["nobody", "administrators", "supervisors", "everybody"] = "nobody"
    idle_minutes: int = Field(180, ge=5, le=720)
    oidc: Oidc | None = None
