"""Whether a request really comes from Meta: signed by an app of ours, over the bytes as they came."""

import hmac
from collections.abc import Mapping, Sequence

SIGNATURE = "X-Hub-Signature-256"
_SCHEME = "sha256="


def signers(body: bytes, signature: str, secrets: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """The numbers (by their ids at Meta) whose app has signed exactly *body*; none for a forged request.

    *secrets*: what may sign for each number. Several numbers of one app share its secret. Nothing of the
    body is looked at: read and written again it would no longer be what was signed.
    """
    given = signature.encode(errors="replace")
    known = {secret for many in secrets.values() for secret in many}
    good = {secret for secret in known if hmac.compare_digest(_signed(secret, body), given)}
    return frozenset(number for number, many in secrets.items() if good.intersection(many))


def _signed(secret: str, body: bytes) -> bytes:
    return (_SCHEME + hmac.new(secret.encode(), body, "sha256").hexdigest()).encode()
