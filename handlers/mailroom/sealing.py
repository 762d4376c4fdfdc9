"""Secrets in the database: sealed with the key of the installation, worthless in a stolen copy."""

import base64
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_USE = b"loket.mailbox.refresh_token"


def seal(text: str, keys: Sequence[str], use: bytes = _USE) -> str:
    """*text* so that only this installation reads it (Fernet, its key by HKDF-SHA256 from the first key).

    *use*: what it is for; what was sealed for one thing opens for no other.
    """
    return _sealer(keys, use).encrypt(text.encode()).decode()


def unseal(sealed: str, keys: Sequence[str], use: bytes = _USE) -> str | None:
    """What was sealed with any of *keys*; None for anything else, such as after a change of both keys."""
    try:
        return _sealer(keys, use).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def _sealer(keys: Sequence[str], use: bytes) -> MultiFernet:
    return MultiFernet([Fernet(_derived(key, use)) for key in keys])


def _derived(key: str, use: bytes) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=use).derive(key.encode())
    return base64.urlsafe_b64encode(derived)
