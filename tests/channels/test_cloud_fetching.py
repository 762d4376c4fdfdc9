"""Files are fetched from Meta by their id: from nowhere else, never too much, and as they were sent."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask, Response, request

from channels.contract import FetchError, Sought
from channels.simulator import LocalCloud, create_local_cloud, serving
from channels.simulator.cloud_events import media_id
from channels.whatsapp import fetching as twilio
from channels.whatsapp.cloud import fetching
from channels.whatsapp.cloud.fetching import CloudMedia, _place
from channels.whatsapp.cloud.graph import Number
from handlers.web.media_words import _REASONS
from tests.channels.conftest import CITIZEN, META_TOKEN, PHONE, SENDER

MOST = 1_000_000
NUMBER = Number(SENDER, PHONE, META_TOKEN)


def sought(media: str, account: str = PHONE) -> Sought:
    return Sought(account, "wamid.1", f"whatsapp-cloud:{media}")


def fails(media: CloudMedia, wanted: Sought, most: int = MOST) -> tuple[str, bool]:
    with pytest.raises(FetchError) as caught:
        media.fetch(wanted, most)
    return caught.value.reason, caught.value.again


@pytest.fixture
def files(cloud: LocalCloud) -> Iterator[CloudMedia]:
    """Files at the local Meta."""
    with serving(create_local_cloud(cloud)) as url:
        media = CloudMedia([Number(SENDER, PHONE, META_TOKEN, url)])
        yield media
        media.close()


def test_a_file_comes_as_it_was_sent_and_is_forgotten(files: CloudMedia, cloud: LocalCloud) -> None:
    content = b"%PDF-1.4 " + bytes(range(256)) * 500
    cloud.citizen_writes(CITIZEN, SENDER, "", media="application/pdf", content=content, sid="wamid.1")
    wanted = sought(media_id("wamid.1"))
    assert files.fetch(wanted, MOST) == content
    assert fails(files, wanted, 1000) == ("too_large", False)
    files.delete(wanted)
    files.delete(wanted)
    assert fails(files, wanted) == ("not_there", True)


def test_a_file_that_is_not_there_yet_comes_later(files: CloudMedia, cloud: LocalCloud) -> None:
    cloud.shelf.not_yet_next(1)
    cloud.citizen_writes(CITIZEN, SENDER, "", media="image/jpeg", sid="wamid.1")
    wanted = sought(media_id("wamid.1"))
    assert fails(files, wanted) == ("not_there", True)
    assert files.fetch(wanted, MOST)


def test_a_wrong_token_or_number_fetches_nothing(files: CloudMedia, cloud: LocalCloud) -> None:
    cloud.citizen_writes(CITIZEN, SENDER, "", media="image/jpeg", sid="wamid.1")
    assert fails(files, sought(media_id("wamid.1"), "999")) == ("address", False)
    for odd in ("", "..", "1/../2", "1?x=y", "é"):
        assert fails(files, sought(odd)) == ("address", False)
    cloud.token = "another"
    assert fails(files, sought(media_id("wamid.1"))) == ("refused", True)


@pytest.mark.parametrize("url", [
    "", "nonsense", "http://lookaside.fbsbx.com/x", "https://evil.example/x", "https://lookaside.fbsbx.com.evil.example/",
    "https://fbsbx.com@evil.example/x", "https://127.0.0.1/x", "https://lookaside.fbsbx.com:8443/x",
    "https://evilfbsbx.com/x", "file:///etc/passwd", "https://user@lookaside.fbsbx.com/x", "http://127.0.0.1:9/x",
])  # fmt: skip
def test_no_other_place_is_asked(url: str) -> None:
    with pytest.raises(FetchError) as caught:
        _place({"url": url}, NUMBER)
    assert (caught.value.reason, caught.value.again) == ("redirect", False)


def test_the_place_that_meta_names_is_asked() -> None:
    url = "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1&ext=2&hash=3"
    assert _place({"url": url}, NUMBER) == url


@dataclass
class Odd:
    """A Meta that tells and gives what a test wants."""

    told: dict[str, Any] = field(default_factory=dict)
    given: Any = b"x"
    status: int = 200
    asked: list[str | None] = field(default_factory=list)

    def app(self) -> Flask:
        app = Flask("odd", static_folder=None)

        @app.get("/v23.0/<path:name>")
        def tell(name: str) -> dict[str, Any]:  # noqa: ARG001 # part of the path
            return {"url": f"{request.host_url}file", **self.told}

        @app.get("/file")
        def give() -> Response:
            self.asked.append(request.headers.get("Authorization"))
            return Response(self.given, self.status)

        return app


@pytest.mark.parametrize(("odd", "reason", "again"), [
    (Odd(given=b""), "empty", True),
    (Odd(told={"sha256": "0" * 64}), "truncated", True),
    (Odd(told={"url": None}), "redirect", False),
    (Odd(status=500), "away", True),
    (Odd(status=429), "away", True),
    (Odd(status=404), "not_there", True),
    (Odd(status=403), "refused", True),
    (Odd(status=410), "gone", True),
    (Odd(status=302), "answer", True),
    (Odd(given=(b"x" * 400_000 for _ in range(10))), "too_large", False),
])  # fmt: skip
def test_what_is_odd_has_its_reason(odd: Odd, reason: str, again: bool) -> None:
    with serving(odd.app()) as url:
        media = CloudMedia([Number(SENDER, PHONE, META_TOKEN, url)])
        assert fails(media, sought("42")) == (reason, again)
        media.close()
    assert odd.asked in ([], [f"Bearer {META_TOKEN}"])


def test_a_meta_that_is_away_is_asked_again() -> None:
    media = CloudMedia([Number(SENDER, PHONE, META_TOKEN, "http://127.0.0.1:9")])
    assert fails(media, sought("42")) == ("away", True)
    media.close()


def test_every_reason_has_words_and_is_the_same_as_at_twilio() -> None:
    names = ["NO_PLACE", "NO_REDIRECT", "NOT_THERE", "GONE", "REFUSED", "AWAY", "ANSWER"]
    names += ["TOO_LARGE", "TOO_SLOW", "TRUNCATED", "EMPTY"]
    ours = [getattr(fetching, name) for name in names]
    assert ours == [getattr(twilio, name) for name in names]
    assert set(ours) <= set(_REASONS)
