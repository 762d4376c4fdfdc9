"""Who stands behind WhatsApp in a test's desk: a local Twilio, or a local Meta."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

import yaml

from channels.simulator import (
    LocalCloud,
    LocalTwilio,
    create_local_cloud,
    create_local_twilio,
    serving,
)
from channels.simulator.cloud_templates import Shelved
from handlers.settings.offices import e164

SID = "AC" + "a" * 32
TOKEN = "0123456789abcdef0123456789abcdef"
APP_SECRET = "meta-app-secret-for-tests"
META_TOKEN = "EAAtest"
VERIFY_TOKEN = "our own word"
WABA = "102290129340398"
META = {"META_TOKEN": META_TOKEN, "META_APP_SECRET": APP_SECRET, "META_VERIFY_TOKEN": VERIFY_TOKEN}


class Clock(Protocol):
    """What tells the time."""

    def __call__(self) -> datetime: ...


@dataclass(frozen=True)
class Standing:
    """A local provider with the address of its API."""

    provider: LocalTwilio
    api_url: str

    def environ(self) -> dict[str, str]:
        """What points the desk at it."""
        return META if isinstance(self.provider, LocalCloud) else {"LOKET_WHATSAPP_API_URL": self.api_url}


@contextmanager
def standing(name: str, clock: Clock, public_url: str, config: Path) -> Iterator[Standing]:
    """The provider *name*, ``twilio`` or ``cloud``, which *config* is changed for: it serves all numbers."""
    if name == "twilio":
        twilio = LocalTwilio(SID, TOKEN, clock=clock, public_url=public_url)
        with serving(create_local_twilio(twilio)) as api_url:
            yield Standing(twilio, api_url)
        return
    content = yaml.safe_load(config.read_text("utf-8"))
    numbers = numbers_in(content)
    cloud = LocalCloud(
        numbers, app_secret=APP_SECRET, token=META_TOKEN, waba=WABA, clock=clock, public_url=public_url
    )
    with serving(create_local_cloud(cloud)) as api_url:
        whatsapp = {
            name: each for name, each in content["channels"]["whatsapp"].items() if name != "accounts"
        }
        content["channels"]["whatsapp"] = whatsapp | {"cloud": cloud_blocks(numbers, api_url)}
        config.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
        yield Standing(cloud, api_url)


def numbers_in(content: Mapping[str, Any]) -> dict[str, str]:
    """All offices' numbers by made-up ids."""
    offices = content["offices"].items()
    return {
        f"1065{code}{place}": e164(number) or number
        for code, office in offices
        for place, number in enumerate(office.get("senders", {}).get("whatsapp", []))
    }


def cloud_blocks(numbers: Mapping[str, str], api_url: str) -> dict[str, dict[str, str]]:
    """A block of the configuration for each number."""
    named = {"token": "env:META_TOKEN", "app_secret": "env:META_APP_SECRET"}
    named |= {"verify_token": "env:META_VERIFY_TOKEN", "api_url": api_url, "waba_id": WABA}
    return {
        f"n{each}": {"number": number, "phone_number_id": each, **named} for each, number in numbers.items()
    }


def shelved(provider: LocalTwilio, key: str, language: str, body: str) -> str:
    """Let *provider* have a template that may be sent; what it is called there."""
    if isinstance(provider, LocalCloud):
        name = f"loket_{key}_{language}"
        provider.templates.shelved[name] = Shelved(name, language, "UTILITY", body, "APPROVED")
        return name
    content_id = "HX" + sha256(f"{key}{language}".encode()).hexdigest()[:32]
    provider.contents.put(content_id, body)
    return content_id
