"""The second factor: codes of an authenticator (RFC 6238), and recovery codes for when the phone is lost."""

import base64
import secrets
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import quote

import pyotp
import segno
from sqlalchemy import Connection

from handlers.mailroom.sealing import seal, unseal
from handlers.runtime import Runtime
from storage import second_factors

_USE = b"loket.officer.second_factor"
_SECONDS, _DIGITS, _DRIFT = 30, 6, 1
_CODES, _CODE_BYTES = 10, 10


def prepare(runtime: Runtime, connection: Connection, officer_id: int) -> None:
    """A new secret, to be scanned; it is asked for only once it has been shown to work."""
    sealed = seal(pyotp.random_base32(), runtime.keys.signing, _USE)
    second_factors.prepare(connection, officer_id, sealed)


def secret(runtime: Runtime, connection: Connection, officer_id: int) -> str | None:
    """The secret as an authenticator takes it; None where there is none, or the key is another one now."""
    row = second_factors.find(connection, officer_id)
    return unseal(row.second_factor, runtime.keys.signing, _USE) if row else None


def address(email: str, plain: str) -> str:
    """What the picture holds: ``otpauth://…`` for the authenticator."""
    return pyotp.TOTP(plain).provisioning_uri(name=email, issuer_name="Loket")


def picture(uri: str) -> str:
    """The QR code as an SVG in the address of an image: nothing is fetched for it."""
    drawn: str = segno.make(uri, error="m").svg_inline(scale=5, border=2, dark="#000", light="#fff")
    namespaced = drawn.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return f"data:image/svg+xml,{quote(namespaced)}"


def right(runtime: Runtime, connection: Connection, officer_id: int, code: str, now: datetime) -> bool:
    """Whether *code* is the authenticator's of now, one before or one after; none opens twice."""
    plain = secret(runtime, connection, officer_id)
    step = _step(plain, code, now) if plain else None
    if plain is None or step is None:
        return False
    # Sealed anew, so that it outlives the change of the installation's key.
    sealed = seal(plain, runtime.keys.signing, _USE)
    return second_factors.take(connection, officer_id, step, sealed)


def _step(plain: str, code: str, now: datetime) -> int | None:
    """The half minute that *code* belongs to, the newest first."""
    asked = "".join(code.split())
    if not (len(asked) == _DIGITS and asked.isascii() and asked.isdigit()):
        return None
    clock: Any = pyotp.TOTP(plain, digits=_DIGITS, interval=_SECONDS)
    here = int(now.timestamp()) // _SECONDS
    steps = range(here + _DRIFT, here - _DRIFT - 1, -1)
    return next((step for step in steps if secrets.compare_digest(clock.generate_otp(step), asked)), None)


def new_recovery_codes(connection: Connection, officer_id: int) -> list[str]:
    """Ten codes that are shown once; only their digests stay. The ones before no longer open."""
    made = [base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode().lower() for _ in range(_CODES)]
    second_factors.set_recovery_codes(connection, officer_id, [_mark(code) for code in made])
    return [f"{code[:4]}-{code[4:8]}-{code[8:12]}-{code[12:]}" for code in made]


def recovered(connection: Connection, officer_id: int, code: str) -> bool:
    """Whether *code* is an unused recovery code; it is used now."""
    return second_factors.use_recovery_code(connection, officer_id, _mark(code))


def _mark(code: str) -> str:
    """The digest of a code's letters. They are 80 random bits: nothing slower is needed."""
    letters = "".join(sign for sign in code.lower() if sign.isalnum())
    return sha256(letters.encode(errors="replace")).hexdigest()
