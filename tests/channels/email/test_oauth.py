"""Access tokens from a token server on loopback: had once, kept while good, renewed, and refused."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from channels.email import oauth
from channels.email.faults import MailboxAway, MailboxRefused
from channels.email.oauth import AccessTokens, Client
from tests.token_server import TokenServer, running_token_server

BACK = "http://127.0.0.1:8765/"


@pytest.fixture
def server() -> Iterator[TokenServer]:
    """A token server that knows the refresh token R0."""
    with running_token_server() as running:
        yield running


def client(server: TokenServer, *, confidential: bool = True) -> Client:
    """We, at the token server."""
    secret = "rahasia" if confidential else ""
    return Client(
        "google", "loket", secret, authorize_url=f"{server.url}/authorize", token_url=f"{server.url}/token"
    )


def test_a_token_is_kept_while_it_is_good(server: TokenServer) -> None:
    tokens = AccessTokens(client(server), lambda: "R0")
    assert [tokens(), tokens(), tokens()] == ["A1", "A1", "A1"]
    (asked,) = server.asked
    assert asked == {
        "grant_type": "refresh_token",
        "refresh_token": "R0",
        "client_id": "loket",
        "client_secret": "rahasia",
        "scope": "https://mail.google.com/",
    }


@pytest.mark.parametrize(("life", "has"), [(60, ["A1", "A2"]), (61, ["A1", "A1"]), (None, ["A1", "A1"])])
def test_a_token_is_renewed_a_minute_before_its_end(
    life: int | None, has: list[str], server: TokenServer
) -> None:
    server.life = life
    tokens = AccessTokens(client(server), lambda: "R0")
    assert [tokens(), tokens()] == has


def test_a_token_that_was_not_believed_is_renewed(server: TokenServer) -> None:
    tokens = AccessTokens(client(server), lambda: "R0")
    tokens()
    tokens.forget()
    assert tokens() == "A2"


def test_many_threads_ask_once(server: TokenServer) -> None:
    tokens = AccessTokens(client(server), lambda: "R0")
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: tokens(), range(20))) == {"A1"}
    assert len(server.asked) == 1


def test_a_new_refresh_token_is_handed_over_and_used(server: TokenServer) -> None:
    server.rotates, server.life = True, 0
    kept = ["R0"]
    tokens = AccessTokens(client(server), lambda: kept[-1], kept.append)
    tokens(), tokens()
    assert kept == ["R0", "R1", "R2"]
    assert [asked["refresh_token"] for asked in server.asked] == ["R0", "R1"]


def test_a_client_without_a_secret(server: TokenServer) -> None:
    assert AccessTokens(client(server, confidential=False), lambda: "R0")() == "A1"
    assert "client_secret" not in server.asked[0]


def test_leave_that_was_taken_back_is_refused(server: TokenServer) -> None:
    tokens = AccessTokens(client(server), lambda: "R9")
    with pytest.raises(MailboxRefused, match=r"^invalid_grant: AADSTS70008: it has expired$"):
        tokens()


def test_no_leave_yet(server: TokenServer) -> None:
    with pytest.raises(MailboxRefused, match="leave"):
        AccessTokens(client(server), lambda: "")()
    assert server.asked == []


def test_a_passing_fault_is_no_refusal(server: TokenServer) -> None:
    tokens = AccessTokens(client(server), lambda: "R0")
    server.error = "temporarily_unavailable"
    with pytest.raises(MailboxAway):
        tokens()
    server.error, server.broken = "", True
    with pytest.raises(MailboxAway, match="HTTPError"):
        tokens()
    server.broken = False
    assert tokens() == "A1"


def test_nobody_listens() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/token"
        with pytest.raises(MailboxAway, match="ConnectionError"):
            AccessTokens(Client("google", "loket", token_url=url), lambda: "R0")()


def test_leave_is_given_and_redeemed(server: TokenServer) -> None:
    we = client(server)
    asked = oauth.ask(we, "pst@contoh.go.id", BACK)
    answer = requests.get(asked.url, timeout=60, allow_redirects=False).headers["Location"]
    refresh_token = oauth.redeem(we, asked, answer)
    assert AccessTokens(we, lambda: refresh_token)() == "A3"
    with pytest.raises(MailboxRefused):
        oauth.redeem(we, asked, answer)


def test_an_answer_to_another_question_is_refused(server: TokenServer) -> None:
    we = client(server)
    asked, other = oauth.ask(we, "pst@contoh.go.id", BACK), oauth.ask(we, "pst@contoh.go.id", BACK)
    answer = requests.get(other.url, timeout=60, allow_redirects=False).headers["Location"]
    with pytest.raises(MailboxRefused):
        oauth.redeem(we, asked, answer)
    with pytest.raises(MailboxRefused, match="access_denied"):
        oauth.redeem(we, asked, f"{BACK}?error=access_denied&state={asked.state}")
    with pytest.raises((MailboxRefused, MailboxAway)):
        oauth.redeem(we, asked, BACK)
    assert server.asked == []


@pytest.mark.parametrize("provider", ["google", "microsoft"])
def test_what_the_real_providers_are_asked(provider: str) -> None:
    we = Client("google" if provider == "google" else "microsoft", "loket", "rahasia", tenant="bps.go.id")
    asked = oauth.ask(we, "pst@contoh.go.id", BACK)
    place, said = (
        urlsplit(asked.url),
        {name: one for name, (one,) in parse_qs(urlsplit(asked.url).query).items()},
    )
    assert said["code_challenge_method"] == "S256"
    assert said["login_hint"] == "pst@contoh.go.id"
    assert said["redirect_uri"] == BACK
    assert said["state"] == asked.state
    if provider == "google":
        assert (place.netloc, said["access_type"]) == ("accounts.google.com", "offline")
    else:
        assert place.path == "/bps.go.id/oauth2/v2.0/authorize"
        assert "offline_access" in said["scope"].split()
    assert "rahasia" not in asked.url
    assert "rahasia" not in repr(we)
