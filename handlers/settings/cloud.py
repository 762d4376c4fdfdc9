"""A number that is served by Meta's WhatsApp Cloud API: who it is there, and where its secrets are."""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator

from handlers import secrets
from handlers.settings.offices import e164
from handlers.settings.part import Part
from handlers.settings.problems import Place, Problem
from handlers.settings.values import SecretReference, WebAddress

if TYPE_CHECKING:
    from handlers.settings.shape import WhatsApp


def _number(text: str) -> str:
    number = e164(text)
    if number is None:
        raise ValueError('is not a telephone number; write it like "+62 812-3456-7890"')
    return number


def _graph_id(text: str) -> str:
    if not re.fullmatch(r"[0-9]{5,32}", text):
        raise ValueError("must be the id that Meta shows, digits in quotes")
    return text


def _version(text: str) -> str:
    if not re.fullmatch(r"v[1-9][0-9]?\.[0-9]", text):
        raise ValueError("must be a version of the Graph API, like v23.0")
    return text


GraphId = Annotated[str, AfterValidator(_graph_id)]


class CloudAccount(Part):
    """One number at Meta; secrets are only named. *waba_id*: its business account, for ``loket check``."""

    number: Annotated[str, AfterValidator(_number)]
    phone_number_id: GraphId
    waba_id: GraphId | None = None
    token: SecretReference
    app_secret: SecretReference
    previous_app_secret: SecretReference | None = None
    verify_token: SecretReference
    api_version: Annotated[str, AfterValidator(_version)] = "v23.0"
    api_url: WebAddress = "https://graph.facebook.com"

    def access_token(self, environ: Mapping[str, str]) -> str:
        """The token to send with. Raises ``MissingSecret``."""
        return _needed(self.token, environ)

    def app_secrets(self, environ: Mapping[str, str]) -> tuple[str, ...]:
        """What the app signs webhooks with; while it is being replaced the one before it too, which may be
        absent. Raises ``MissingSecret`` for the first.
        """
        previous = self.previous_app_secret
        before = secrets.find(previous.removeprefix("env:"), environ) if previous else None
        current = _needed(self.app_secret, environ)
        return (current, before) if before else (current,)

    def handshake_word(self, environ: Mapping[str, str]) -> str:
        """The word that Meta repeats when the webhook is set up. Raises ``MissingSecret``."""
        return _needed(self.verify_token, environ)


def broken_number_rules(whatsapp: "WhatsApp") -> Iterator[Problem]:
    """A number, and an id of Meta's, belong to one account only."""
    taken = {sender: f"accounts.{name}" for name, one in whatsapp.accounts.items() for sender in one.senders}
    for name, account in whatsapp.cloud.items():
        here: Place = ("channels", "whatsapp", "cloud", name)
        for key, value in (("number", account.number), ("phone_number_id", account.phone_number_id)):
            if value in taken:
                yield (*here, key), f"{value} already belongs to channels.whatsapp.{taken[value]}"
            taken.setdefault(value, f"cloud.{name}")


def _needed(reference: str, environ: Mapping[str, str]) -> str:
    return secrets.need(reference.removeprefix("env:"), environ)
