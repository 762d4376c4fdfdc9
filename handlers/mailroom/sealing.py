"""Refresh tokens in the database: sealed with the key of the installation, worthless in a stolen copy."""

import base64
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_USE = b"loket.mailbox.refresh_token"


def seal(text: str, keys: Sequence[str]) -> str:
    """*text* so that only this installation reads it (Fernet, its key by HKDF-SHA256 from the first key)."""
    return _sealer(keys).encrypt(text.encode()).decode()


def unseal(sealed: str, keys: Sequence[str]) -> str | None:
    """What was sealed with any of *keys*; None for anything else, such as after a change of both keys."""
    try:
        return _sealer(keys).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def _sealer(keys: Sequence[str]) -> MultiFernet:
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_USE).derive(key.encode())
    return base64.urlsafe_b64encode(derived)
