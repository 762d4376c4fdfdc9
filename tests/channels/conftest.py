"""A local Twilio and a desk that writes down what it is sent, both on loopback."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask, request

from channels.simulator import LocalTwilio, create_local_twilio, serving
from channels.whatsapp.sending import Account, WhatsApp
from channels.whatsapp.signature import verify

PUBLIC = "https://desk.example.org"
SENDER = "+14155238886"
CITIZEN = "+6281234567890"
ACCOUNT = Account("AC" + "a" * 32, "t" * 32)


@dataclass
class Clock:
    """A clock that a test moves."""

    now: datetime = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class Desk:
    """What was posted to the desk, with the address it was signed for."""

    posts: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    answer: int = 200

    def app(self) -> Flask:
        app = Flask("desk", static_folder=None)

        @app.post("/<path:path>")
        def take(path: str) -> tuple[str, int]:
            query = f"?{request.query_string.decode()}" if request.query_string else ""
            url = f"{PUBLIC}/{path}{query}"
            if not verify(url, request.form, request.headers, [ACCOUNT.token]):
                return "", 403
            self.posts.append((url, request.form.to_dict()))
            return "", self.answer

        return app

    def statuses(self) -> list[str]:
        return [form["MessageStatus"] for _, form in self.posts if "MessageStatus" in form]


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still until it is moved."""
    return Clock()


@pytest.fixture
def desk() -> Desk:
    """A desk that has got nothing yet."""
    return Desk()


@pytest.fixture
def twilio(clock: Clock, desk: Desk) -> Iterator[LocalTwilio]:
    """A local Twilio that posts to the desk."""
    with serving(desk.app()) as desk_url:
        twilio = LocalTwilio(
            ACCOUNT.sid, ACCOUNT.token, clock=clock, public_url=PUBLIC, desk_url=desk_url, senders=[SENDER]
        )
        yield twilio
        twilio.close()


@pytest.fixture
def api_url(twilio: LocalTwilio) -> Iterator[str]:
    """The address of the local Twilio's API."""
    with serving(create_local_twilio(twilio)) as url:
        yield url


@pytest.fixture
def whatsapp(api_url: str) -> Iterator[WhatsApp]:
    """The real channel with the real SDK, pointed at the local Twilio, not patient."""
    channel = WhatsApp([ACCOUNT], public_url=PUBLIC, api_url=api_url, timeout=0.5)
    yield channel
    channel.close()
