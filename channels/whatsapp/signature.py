"""Whether a request really comes from Twilio."""

import hmac
from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

from twilio.request_validator import HMAC_SHA1, HMAC_SHA256, RequestValidator

SIGNATURE = "X-Twilio-Signature"
SETTINGS = "X-Twilio-Webhooks-Signature-Settings"
BODY_DIGEST = "bodySHA256"


class Headers(Protocol):
    """A request's headers, as Flask has them; a plain dict will do."""

    def get(self, key: str, /) -> str | None:
        """One header, or None."""


def verify(
    url: str,
    form: Mapping[str, str],
    headers: Headers,
    tokens: Sequence[str],
    shared_keys: Mapping[str, str] | None = None,
) -> bool:
    """Whether *form*, posted to *url* (the public one, with its query), was signed with one of our secrets.

    Several *tokens* are in force while one is being replaced. A request that names a SharedKey is checked
    with that key of *shared_keys* (id -> secret) and with nothing else: it can't choose a weaker way.
    Any repeated field needs its MultiDict. Never raises for what a request holds.
    """
    signature = headers.get(SIGNATURE) or ""
    algorithm, secrets = _secrets(headers.get(SETTINGS) or "", tokens, shared_keys or {})
    validators = [_validator(secret) for secret in secrets if secret]
    try:
        return bool(signature) and _signed(validators, url, form, signature, algorithm)
    except (TypeError, ValueError):
        # A body that is no form, half a surrogate pair, a port that is no number.
        return False


def verify_body(
    url: str,
    body: bytes,
    headers: Headers,
    tokens: Sequence[str],
    shared_keys: Mapping[str, str] | None = None,
) -> bool:
    """The same for a body that is no form, as Twilio posts events: its digest stands in the signed *url*.

    Without ``bodySHA256`` there nothing vouches for the body, so it is refused.
    """
    digests = parse_qs(urlsplit(url).query).get(BODY_DIGEST, [])
    wanted = sha256(body).hexdigest()
    if len(digests) != 1 or not hmac.compare_digest(digests[0].lower().encode(), wanted.encode()):
        return False
    return verify(url, {}, headers, tokens, shared_keys)


def _secrets(
    settings: str, tokens: Sequence[str], shared_keys: Mapping[str, str]
) -> tuple[str, Sequence[str]]:
    if not settings.strip():
        return HMAC_SHA1, tokens
    pairs = [part.strip().partition("=") for part in settings.split(",")]
    named = {name.strip(): value.strip() for name, _, value in pairs}
    if len(named) != len(pairs) or named.get("algorithm") != HMAC_SHA256:
        return HMAC_SHA256, ()
    key = named.get("key")
    return HMAC_SHA256, (shared_keys.get(key, ""),) if key else ()


@lru_cache(maxsize=32)
def _validator(secret: str) -> RequestValidator:
    return RequestValidator(secret)


def _signed(
    validators: Sequence[RequestValidator], url: str, form: Mapping[str, str], signature: str, algorithm: str
) -> bool:
    # Twilio nearly always signs the address as it was configured. The SDK's own check, which forgives
    # ports, computes twice for every secret: so it comes second.
    given = signature.encode()
    if any(
        hmac.compare_digest(v.compute_signature(url, form, algorithm).encode(), given) for v in validators
    ):
        return True
    return any(validator.validate(url, form, signature, algorithm) for validator in validators)
