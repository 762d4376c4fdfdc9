"""How often strangers may ask: each open route has its limit, places differ, nothing signed is lost."""

import pytest
from flask.testing import FlaskClient
from twilio.request_validator import RequestValidator

from channels.whatsapp.signature import SIGNATURE
from handlers.web import limits, permissions, refused_signatures, visitors
from handlers.web.counting import Counter, Rate
from handlers.web.limits import LIMITS, UNLIMITED, Limit
from handlers.web.permissions import Role
from tests.driver import PUBLIC_URL, SENDERS, TOKEN, form_of
from tests.handlers.site import Site

LOOPBACK = ("127.0.0.0/8", "::1/128")
FEW = Limit(Rate(3, 3600), Rate(5, 3600))


def test_every_open_route_has_a_limit_or_a_reason(site: Site) -> None:
    routes = {rule.endpoint for rule in site.app.url_map.iter_rules()}
    opened = {endpoint for endpoint in routes if Role.ANYONE in permissions.allowed(endpoint)}
    assert opened
    free = {one for one in opened if limits.limit_of(one) is None}
    assert free == {one for one in opened if one in UNLIMITED or one.partition(".")[0] in UNLIMITED}
    blueprints = set(site.app.blueprints) | {"demo"}
    assert [line for line in (*LIMITS, *UNLIMITED) if line not in routes | blueprints] == []
    assert all(len(reason) > 20 for reason in UNLIMITED.values())


def test_a_limit_is_for_open_routes_only(site: Site) -> None:
    """An officer at work is never told to wait."""
    routes = {rule.endpoint for rule in site.app.url_map.iter_rules()}
    limited = {endpoint for endpoint in routes if limits.limit_of(endpoint)}
    assert [one for one in limited if Role.ANYONE not in permissions.allowed(one)] == []


def _asks(client: FlaskClient, address: str, path: str = "/privasi/7411") -> int:
    answer = client.get(path, headers={"X-Forwarded-For": address})
    return answer.status_code


def test_a_place_is_told_to_wait_and_others_are_not(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LIMITS, "public", FEW)
    client = site.app.test_client()
    assert [_asks(client, "203.0.113.7") for _ in range(4)] == [200, 200, 200, 429]
    assert _asks(client, "203.0.113.8") == 200
    answer = client.get("/privasi/7411", headers={"X-Forwarded-For": "203.0.113.7"})
    assert "Silakan coba lagi 60 menit lagi" in answer.text
    assert 3500 < int(answer.headers["Retry-After"]) <= 3600
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert _asks(client, "203.0.113.7", "/standar/7411") == 200


def test_all_together_are_told_to_wait_and_who_is_refused_uses_nothing_up(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LIMITS, "public", FEW)
    client = site.app.test_client()
    assert [_asks(client, "203.0.113.7") for _ in range(9)].count(200) == 3
    assert [_asks(client, f"203.0.113.{last}") for last in (8, 9, 10)] == [200, 200, 429]
    assert client.get("/healthz").status_code == 200
    assert site.signed_in("officer").get("/inbox/7411").status_code == 200


def test_an_ipv6_subscriber_is_one_place(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LIMITS, "public", FEW)
    client = site.app.test_client()
    assert [_asks(client, f"2001:db8:0:1::{last}") for last in range(1, 5)] == [200, 200, 200, 429]
    assert _asks(client, "2001:db8:0:2::1") == 200


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("no address", "no address"),
        ("x" * 500, "x" * 64),
    ],
)
def test_a_place(address: str, place: str) -> None:
    assert visitors.place_of(address) == place


@pytest.mark.parametrize(
    ("peer", "said", "trusted", "who"),
    [
        ("203.0.113.7", "", LOOPBACK, "203.0.113.7"),
        ("203.0.113.7", "10.0.0.1", LOOPBACK, "203.0.113.7"),  # a stranger may write what they like
        ("127.0.0.1", "203.0.113.7", LOOPBACK, "203.0.113.7"),
        ("::1", "1.2.3.4, 203.0.113.7", LOOPBACK, "203.0.113.7"),
        ("::ffff:127.0.0.1", "203.0.113.7", LOOPBACK, "203.0.113.7"),
        ("127.0.0.1", "203.0.113.7, 127.0.0.1", LOOPBACK, "203.0.113.7"),
        ("172.18.0.5", "203.0.113.7", LOOPBACK, "172.18.0.5"),
        ("172.18.0.5", "203.0.113.7", (*LOOPBACK, "172.18.0.0/16"), "203.0.113.7"),
        ("172.18.0.5", "1.1.1.1, 203.0.113.7, 127.0.0.1", (*LOOPBACK, "172.18.0.0/16"), "203.0.113.7"),
        ("127.0.0.1", "203.0.113.7, unknown", LOOPBACK, "127.0.0.1"),
        ("127.0.0.1", " , ", LOOPBACK, "127.0.0.1"),
        ("", "203.0.113.7", LOOPBACK, ""),
    ],
)
def test_only_our_own_proxies_are_believed(peer: str, said: str, trusted: tuple[str, ...], who: str) -> None:
    assert visitors.nearest(peer, said, trusted) == who


def test_wrong_signatures_are_told_to_wait_and_right_ones_never(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refused_signatures, "EACH", Rate(2, 3600))
    client = site.app.test_client()
    for path in ("/webhooks/whatsapp", "/webhooks/whatsapp/status", "/webhooks/whatsapp-cloud"):
        answers = [client.post(path, data={"AccountSid": "x"}, headers={SIGNATURE: "no"}) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [403, 403, 429, 429]
        assert int(answers[-1].headers["Retry-After"]) > 0
    form = form_of("Halo", SENDERS["7411"])
    signed = RequestValidator(TOKEN).compute_signature(f"{PUBLIC_URL}/webhooks/whatsapp", form)
    headers = {SIGNATURE: signed, "X-Forwarded-For": "127.0.0.1"}
    given = {"RAW_URI": "/webhooks/whatsapp"}
    answer = client.post("/webhooks/whatsapp", data=form, headers=headers, environ_overrides=given)
    assert (answer.status_code, site.last_said() != "") == (200, True)


def test_counting_ends_with_its_window_and_forgets() -> None:
    moment = [0.0]
    counter, rate = Counter(lambda: moment[0]), Rate(2, 10)
    assert [counter.take(rate, "a") for _ in range(4)] == [0, 0, 10, 10]
    moment[0] = 9.5
    assert counter.look(rate, "a") == 1
    assert counter.look(rate, "b") == 0
    assert counter.take(rate, "b") == 0
    moment[0] = 10.0
    assert counter.look(rate, "a") == counter.take(rate, "a") == 0
    moment[0] = 100.0
    counter.take(rate, "c")
    assert len(counter) == 1
