"""A local Twilio and a desk that writes down what it is sent, both on loopback."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask, request

from channels.contract import Receipt
from channels.simulator import LocalCloud, LocalTwilio, create_local_cloud, create_local_twilio, serving
from channels.whatsapp.cloud.graph import Number
from channels.whatsapp.cloud.reading import Happening, read_event
from channels.whatsapp.cloud.sending import CloudApi
from channels.whatsapp.cloud.signature import SIGNATURE as HUB_SIGNATURE
from channels.whatsapp.cloud.signature import signers
from channels.whatsapp.cloud.values import parsed
from channels.whatsapp.sending import Account, WhatsApp
from channels.whatsapp.signature import verify

PUBLIC = "https://desk.example.org"
SENDER = "+14155238886"
CITIZEN = "+6281234567890"
PHONE, APP_SECRET, META_TOKEN = "106540352242922", "meta-app-secret-for-tests", "EAAtest"
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


@dataclass
class EventDesk:
    """What Meta has posted to the desk, read by the desk's own eyes."""

    told: list[Happening] = field(default_factory=list)
    posts: int = 0
    answer: int = 200

    def app(self) -> Flask:
        app = Flask("desk", static_folder=None)

        @app.post("/webhooks/whatsapp-cloud")
        def take() -> tuple[str, int]:
            body = request.get_data()
            if not signers(body, request.headers[HUB_SIGNATURE], {PHONE: (APP_SECRET,)}):
                return "", 403
            self.posts += 1
            self.told += read_event(parsed(body), {PHONE: SENDER}) if self.answer == 200 else ()
            return "", self.answer

        return app

    def statuses(self) -> list[tuple[str, str | None, str | None]]:
        """Each status with our own id and its error."""
        return [(each.status, each.mid, each.error_code) for each in self.told if isinstance(each, Receipt)]


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
def events() -> EventDesk:
    """A desk that has got no event yet."""
    return EventDesk()


@pytest.fixture
def cloud(clock: Clock, events: EventDesk) -> Iterator[LocalCloud]:
    """A local Meta that posts to the desk."""
    with serving(events.app()) as desk_url:
        where: dict[str, Any] = {"clock": clock, "public_url": PUBLIC, "desk_url": desk_url}
        local = LocalCloud({PHONE: SENDER}, app_secret=APP_SECRET, token=META_TOKEN, **where)
        yield local
        local.close()


@pytest.fixture
def cloud_api(cloud: LocalCloud) -> Iterator[CloudApi]:
    """The real channel, pointed at the local Meta."""
    with serving(create_local_cloud(cloud)) as url:
        channel = CloudApi([Number(SENDER, PHONE, META_TOKEN, url)])
        yield channel
        channel.close()


@pytest.fixture
def whatsapp(api_url: str) -> Iterator[WhatsApp]:
    """The real channel with the real SDK, pointed at the local Twilio."""
    channel = WhatsApp([ACCOUNT], public_url=PUBLIC, api_url=api_url)
    yield channel
    channel.close()
