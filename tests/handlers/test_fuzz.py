"""Whatever anybody sends to any address: an answer within bounds, and never a 500.

A short look in the suite; ``make stress`` looks for longer, at other requests each time.
"""

import os
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from channels.whatsapp.signature import SIGNATURE
from handlers.web import limits, refused_signatures
from handlers.web.counting import Rate
from handlers.web.limits import LIMITS, Limit
from tests.handlers.site import Site

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND")
WEBHOOKS = ("/webhooks/whatsapp", "/webhooks/whatsapp/status", "/webhooks/whatsapp-cloud", "/webhooks/x")
TYPES = (
    "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "multipart/form-data",
    "application/json", "text/plain", "", "application/x-www-form-urlencoded; charset=utf-7",
    "\x7f", "a/b; c=",
)  # fmt: skip
ODD = ("", "\x00", "\ud800", "'", '"><script>', "../../etc/passwd", "%s%n", "𝟜", "٤", "-1", "0", "1e9", "NaN",
       "9" * 18, "9" * 19, "9" * 400, "x" * 20_000, "\r\nSet-Cookie: a=b", "2026-02-30", "9999-12-31T23:59",
       "c1", "a1", "{}", "[]", "true", "7411", "6571", "email", "whatsapp", "id", "en")  # fmt: skip
FIELDS = tuple(
    """
    text form_id seen route files officer act next lang q list page sort from to period kind email password
    current new again code score comment form terkirim ubah name topic office reason contact merge with
    message noticed what whom key before all show anyway since language closed day question body title
    begins ends half AccountSid From To Body NumMedia MessageSid MessageStatus hub.mode hub.verify_token
    hub.challenge mid bodySHA256 csrf_token wants words participant reference ticket answer link csv year
    duty sharing takes
    """.split()  # noqa: SIM905  # a table
)
LONGEST_ANSWER = 4 * 1024 * 1024


def _encoded(pairs: list[tuple[str, str]]) -> bytes:
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs).encode()


def _quoted(word: str) -> str:
    return quote(word.encode("utf-8", "surrogatepass"))


WORDS = st.one_of(st.sampled_from(ODD), st.text(max_size=40), st.integers(-5, 5).map(str))
PAIRS = st.lists(st.tuples(st.one_of(st.sampled_from(FIELDS), st.text(max_size=10)), WORDS), max_size=8)
BODIES = st.one_of(PAIRS.map(_encoded), st.binary(max_size=300), st.sampled_from([
    b'--x\r\nContent-Disposition: form-data; name="files"; filename="a\x00.pdf"\r\n\r\n%PDF\r\n--x--\r\n',
    b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n', b"{" * 5000, b"[]", b"null", b"\xff\xfe",
    b'{"object":"whatsapp_business_account","entry":[{"changes":[{"value":null}]}]}', b"a=" + b"%00" * 3000,
]))  # fmt: skip
HEADERS = st.dictionaries(
    st.sampled_from(["X-Forwarded-For", "X-Live", "Referer", "Cookie", "Range", "If-None-Match",
                     "Accept-Language", "If-Modified-Since", "Authorization", SIGNATURE,
                     "X-Hub-Signature-256", "User-Agent"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=60),
    max_size=3,
)  # fmt: skip
ASKED = st.tuples(
    st.sampled_from(METHODS), st.integers(0, 10_000), WORDS, PAIRS, BODIES, st.sampled_from(TYPES), HEADERS
)
NUMBER = st.integers(0, 10_000)
ASKED = st.tuples(
    *(st.sampled_from(METHODS), NUMBER, NUMBER, WORDS, PAIRS, BODIES, st.sampled_from(TYPES), HEADERS)
)
# One waits for news without end, the other would end what is played with.
LEFT_OUT = {"live.stream", "auth.sign_out"}


def _paths(site: Site, ticket: int) -> list[str]:
    """Every address of the site with what exists in it, and some of it with what does not."""
    known: dict[str, Any] = {"office": "7411", "code": "7411", "ticket_id": ticket}
    rules = sorted((rule for rule in site.app.url_map.iter_rules() if rule.endpoint not in LEFT_OUT), key=str)
    return [*WEBHOOKS, *(path for rule in rules for path in _filled(rule, known))]


def _filled(rule: Rule, known: dict[str, Any]) -> list[str]:
    path = str(rule)
    for name in rule.arguments:
        for kind in ("int:", "path:", ""):
            path = path.replace(f"<{kind}{name}>", str(known.get(name, "{odd}")))
    return [path]


def _played(paths: list[str], clients: list[FlaskClient], asked: tuple[Any, ...]) -> TestResponse:
    method, which, whose, word, pairs, body, kind, headers = asked
    path = paths[which % len(paths)].replace("{odd}", _quoted(word)[:300] or "1")
    client = clients[whose % len(clients)]
    query = "?" + _encoded(pairs).decode() if pairs else ""
    answer: TestResponse = client.open(
        path + query, method=method, data=body, content_type=kind, headers=headers,
        environ_overrides={"RAW_URI": path + query}, buffered=False,
    )  # fmt: skip
    return answer


def _bounded(answer: TestResponse, asked: tuple[Any, ...]) -> None:
    length = sum(len(part) for part in answer.iter_encoded())
    answer.close()
    assert answer.status_code < 500, asked
    assert length <= LONGEST_ANSWER, asked
    assert "\n" not in "".join(answer.headers.values())


@pytest.fixture
def boundless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits would answer instead of the pages."""
    much = Rate(10**9, 60)
    for name in list(LIMITS):
        monkeypatch.setitem(LIMITS, name, Limit(much, much))
    monkeypatch.setattr(refused_signatures, "EACH", much)
    monkeypatch.setattr(refused_signatures, "IN_TOTAL", much)
    assert limits.limit_of("auth.sign_in") == Limit(much, much)


def _fuzz(site: Site, examples: int, *, same: bool) -> None:
    ticket = site.asks()
    site.complains()
    paths = _paths(site, ticket)
    clients = [site.signed_in(name) for name in ("", "officer", "supervisor", "administrator")]
    site.app.config["PROPAGATE_EXCEPTIONS"] = False

    @settings(
        max_examples=examples, derandomize=same, deadline=None, database=None, phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(ASKED)
    def play(asked: tuple[Any, ...]) -> None:
        _bounded(_played(paths, clients, asked), asked)

    play()


@pytest.mark.usefixtures("boundless", "cheap_passwords")
def test_nothing_that_is_sent_is_answered_with_500(site: Site) -> None:
    _fuzz(site, 100, same=True)


@pytest.mark.stress
@pytest.mark.timeout(1100)
@pytest.mark.usefixtures("boundless", "cheap_passwords")
def test_nothing_that_is_sent_for_long_is_answered_with_500(site: Site) -> None:
    _fuzz(site, int(os.environ.get("LOKET_FUZZ", "20000")), same=False)
