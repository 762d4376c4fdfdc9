"""Signing in at a real issuer on loopback: what proves who somebody is, what does not, and its troubles."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Response

from channels.openid import MOST_AT_ONCE, Asked, Issuer, IssuerAway, IssuerRefused, Person, Why
from tests.issuer import CLIENT, SECRET, LocalIssuer, keys, running_issuer

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
BACK = "https://bot.example.org/sign-in/akun/kembali"
OFFICER = Person("officer@bps.go.id", verified=True)
# An answer that stops in its middle is told by the library like one that breaks off.
GIVEN_UP = r"slow|unreachable"
DOCUMENT = "/.well-known/openid-configuration"


@pytest.fixture
def there() -> Iterator[LocalIssuer]:
    with running_issuer(lambda: NOW) as running:
        yield running


def _ours(there: LocalIssuer, **more: Any) -> Issuer:
    usual: dict[str, Any] = {
        "url": there.url,
        "client_id": CLIENT,
        "redirect_uri": BACK,
        "secret": SECRET,
        "seconds": 60.0,
    }
    return Issuer(**usual | more)


def _answered(url: str) -> dict[str, str]:
    """What the browser comes back with, once the person has signed in there."""
    location = requests.get(url, allow_redirects=False, timeout=60).headers["Location"]
    assert location.startswith(BACK)
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def _signed_in(issuer: Issuer, now: datetime = NOW) -> Person:
    url, asked = issuer.ask()
    return issuer.redeem(asked, _answered(url)["code"], now)


def _put(**told: Any) -> Callable[[dict[str, Any]], None]:
    return lambda whole: whole.update(told)


def _without(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda whole: whole.pop(name, None) and None


def test_who_has_signed_in_there_is_known(there: LocalIssuer) -> None:
    assert _signed_in(_ours(there)) == OFFICER
    assert there.asked.count("/token") == 1


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", None])
def test_we_say_who_we_are_as_the_issuer_wants_it(there: LocalIssuer, method: str | None) -> None:
    name = "token_endpoint_auth_methods_supported"
    there.document = _put(**{name: [method]}) if method else _without(name)
    assert _signed_in(_ours(there)) == OFFICER


def test_a_client_without_a_secret_says_its_name_only(there: LocalIssuer) -> None:
    there.secret = None
    assert _signed_in(_ours(there, secret="")) == OFFICER


def test_another_key_and_another_algorithm_of_the_issuer_will_do(there: LocalIssuer) -> None:
    there.header, there.key = {"alg": "ES256", "kid": "second"}, keys()[1]
    assert _signed_in(_ours(there)) == OFFICER


def test_the_question_holds_nothing_that_answers_it(there: LocalIssuer) -> None:
    url, asked = _ours(there).ask()
    told = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert (told["response_type"], told["scope"]) == ("code", "openid email")
    assert (told["redirect_uri"], told["client_id"]) == (BACK, CLIENT)
    assert (told["state"], told["nonce"]) == (asked.state, asked.nonce)
    assert told["code_challenge_method"] == "S256"
    assert asked.verifier not in url
    assert SECRET not in repr(_ours(there)) + url
    assert asked.verifier not in repr(asked)
    assert _ours(there).ask()[1] != asked


@pytest.mark.parametrize(
    "claims",
    [
        _put(nonce="another"),
        _without("nonce"),
        _put(aud="another-client"),
        _put(aud=["another-client"]),
        _put(aud="another-client", azp=CLIENT),
        _put(aud=[CLIENT, "another-client"]),
        _put(aud=[CLIENT, "another-client"], azp="another-client"),
        _without("aud"),
        _put(iss="https://another.example"),
        _without("iss"),
        _put(exp=int((NOW - timedelta(minutes=3)).timestamp())),
        _without("exp"),
        _put(exp="tomorrow"),
        _put(iat=int((NOW + timedelta(hours=1)).timestamp())),
        _put(at_hash="of another access token"),
        _without("sub"),
    ],
)
def test_a_token_that_is_not_for_this_sign_in_proves_nothing(
    there: LocalIssuer, claims: Callable[[dict[str, Any]], None]
) -> None:
    there.claims = claims
    with pytest.raises(IssuerRefused):
        _signed_in(_ours(there))


def test_a_token_without_a_signature_of_the_issuer_proves_nothing(there: LocalIssuer) -> None:
    from joserfc.jwk import OctKey

    forged = [
        ({"alg": "none"}, None),
        ({"alg": "RS256", "kid": "first"}, keys()[2]),
        ({"alg": "RS256", "kid": "nobody's"}, keys()[0]),
        # The secret, and the public key, taken for a key that both sides know.
        ({"alg": "HS256", "kid": "first"}, OctKey.import_key(SECRET.ljust(32))),
        (
            {"alg": "HS256", "kid": "first"},
            OctKey.import_key(keys()[0].as_pem(private=False).decode()[30:200]),
        ),
    ]
    for there.header, there.key in forged:
        with pytest.raises(IssuerRefused):
            _signed_in(_ours(there))


@pytest.mark.parametrize("id_token", [None, "", "a.b.c", 7, "é.é.é", ["x"], "eyJhbGciOiJSUzI1NiJ9..x"])
def test_what_is_no_token_proves_nothing(there: LocalIssuer, id_token: object) -> None:
    there.token = _put(id_token=id_token)
    with pytest.raises(IssuerRefused):
        _signed_in(_ours(there))


def test_an_answer_without_a_token_proves_nothing(there: LocalIssuer) -> None:
    there.token = _without("id_token")
    with pytest.raises(IssuerRefused):
        _signed_in(_ours(there))


@pytest.mark.parametrize(
    ("claims", "person"),
    [
        (_put(email_verified=False), Person("officer@bps.go.id", verified=False)),
        (_put(email_verified=1), Person("officer@bps.go.id", verified=False)),
        (_without("email_verified"), Person("officer@bps.go.id", verified=False)),
        (_without("email"), Person("", verified=True)),
        (_put(email=["officer@bps.go.id"]), Person("", verified=True)),
    ],
)
def test_an_address_is_as_verified_as_the_issuer_says(
    there: LocalIssuer, claims: Callable[[dict[str, Any]], None], person: Person
) -> None:
    there.claims = claims
    assert _signed_in(_ours(there)) == person


def test_a_code_opens_once_and_only_for_who_asked(there: LocalIssuer) -> None:
    issuer = _ours(there)
    url, asked = issuer.ask()
    code = _answered(url)["code"]
    assert issuer.redeem(asked, code, NOW) == OFFICER
    with pytest.raises(IssuerRefused, match=r"^invalid_grant$"):
        issuer.redeem(asked, code, NOW)
    url, asked = issuer.ask()
    with pytest.raises(IssuerRefused, match="invalid_grant"):
        issuer.redeem(Asked(asked.state, asked.nonce, "x" * 64), _answered(url)["code"], NOW)


def test_a_wrong_secret_is_told_without_it(there: LocalIssuer) -> None:
    with pytest.raises(IssuerRefused, match=r"^invalid_client$"):
        _signed_in(_ours(there, secret="not-it"))


def _status(code: int, body: str = "{}") -> Callable[[], Response]:
    return lambda: Response(body, code)


@pytest.mark.parametrize("path", [DOCUMENT, "/token", "/keys"])
@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (_status(500), Why.FAILING),
        (_status(503, "<h1>Bad gateway</h1>"), Why.FAILING),
        (_status(429), Why.FAILING),
        (_status(200, "<html>Please sign in to the Wi-Fi</html>"), Why.GARBLED),
        (_status(200, "[1, 2]"), Why.GARBLED),
        (_status(200, "[" * 100_000), Why.GARBLED),
        (_status(200, json.dumps({"x": "y" * 300_000})), Why.GARBLED),
        (_status(302), Why.GARBLED),
        (_status(404), Why.GARBLED),
    ],
)
def test_an_issuer_in_trouble_is_away(
    there: LocalIssuer, path: str, answer: Callable[[], Response], why: Why
) -> None:
    there.broken[path] = answer
    with pytest.raises(IssuerAway) as away:
        _signed_in(_ours(there))
    assert away.value.why is why


@pytest.mark.parametrize(
    "key_set", [{}, {"keys": 7}, {"keys": []}, {"keys": [{"kty": "RSA"}]}, {"keys": ["x"]}]
)
def test_keys_that_are_none_are_no_answer(there: LocalIssuer, key_set: object) -> None:
    there.broken["/keys"] = lambda: Response(json.dumps(key_set))
    for asks in (_ours(there).look, lambda: _signed_in(_ours(there))):
        with pytest.raises(IssuerAway, match="garbled"):
            asks()


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (_put(issuer="https://another.example"), Why.MISMATCH),
        (_without("issuer"), Why.MISMATCH),
        (_without("token_endpoint"), Why.GARBLED),
        (_put(token_endpoint="ftp://127.0.0.1/token"), Why.GARBLED),
        (_put(authorization_endpoint="javascript:alert(1)"), Why.GARBLED),
        (_put(jwks_uri="https://[::/keys"), Why.GARBLED),
        (_put(jwks_uri=["https://127.0.0.1/keys"]), Why.GARBLED),
        (_put(authorization_endpoint="https://127.0.0.1/\r\nX: y"), Why.GARBLED),
    ],
)
def test_a_document_that_does_not_fit_is_no_answer(
    there: LocalIssuer, document: Callable[[dict[str, Any]], None], why: Why
) -> None:
    there.document = document
    with pytest.raises(IssuerAway) as away:
        _ours(there).ask()
    assert away.value.why is why


def test_an_issuer_that_is_asked_encrypted_leads_nowhere_else() -> None:
    issuer = Issuer("https://sso.example.go.id", CLIENT, BACK)
    assert issuer._is_address("https://elsewhere.example/token")
    assert not issuer._is_address("http://sso.example.go.id/token")


def test_an_issuer_that_sends_us_elsewhere_is_not_followed(there: LocalIssuer) -> None:
    there.broken["/moved"] = lambda: Response(json.dumps(there.described()))
    there.broken[DOCUMENT] = lambda: Response("{}", 302, {"Location": f"{there.url}/moved"})
    with pytest.raises(IssuerAway, match="garbled"):
        _ours(there).ask()
    assert "/moved" not in there.asked


def test_nobody_there(there: LocalIssuer) -> None:
    gone = _ours(there, url="http://127.0.0.1:1")
    with pytest.raises(IssuerAway, match="unreachable"):
        gone.ask()


@pytest.mark.parametrize("path", [DOCUMENT, "/token", "/keys"])
def test_an_issuer_that_never_answers_is_not_waited_for(there: LocalIssuer, path: str) -> None:
    there.broken[path] = there.never
    with pytest.raises(IssuerAway, match=GIVEN_UP):
        _signed_in(_ours(there, seconds=0.5))


def test_an_answer_without_an_end_is_not_waited_for(there: LocalIssuer) -> None:
    there.broken[DOCUMENT] = there.endless
    with pytest.raises(IssuerAway, match=GIVEN_UP):
        _ours(there, seconds=0.3).look()


def test_a_slow_issuer_does_not_take_every_thread(there: LocalIssuer) -> None:
    issuer = _ours(there)
    with ExitStack() as waiting:
        for _ in range(MOST_AT_ONCE):
            waiting.enter_context(issuer._session())
        with pytest.raises(IssuerAway, match="busy"):
            issuer.ask()
    assert _signed_in(issuer) == OFFICER
