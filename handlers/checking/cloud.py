"""Checks of numbers at Meta: their secrets and, over the network, whether Meta knows and serves them."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

from channels.contract import SendError
from channels.their_clocks import Heard
from channels.whatsapp.cloud.graph import Graph, Number
from channels.whatsapp.cloud.values import items, word
from channels.whatsapp.errors import officer_words
from handlers.checking.findings import Finding, error, fine, warning
from handlers.checking.installation import Environ, problem_of
from handlers.secrets import SecretError
from handlers.settings import CloudAccount, Settings
from handlers.settings.values import is_loopback

_SECONDS = 5.0
_ASKED = "display_phone_number,verified_name,quality_rating"


def configured(settings: Settings, environ: Environ) -> Iterator[Finding]:
    """What can be told without asking anybody: secrets, the address, whose the numbers are."""
    owned = {number for office in settings.offices.values() for number in office.senders.whatsapp}
    for name, account in settings.channels.whatsapp.cloud.items():
        reads = (account.access_token, account.app_secrets, account.handshake_word)
        problems = [problem for read in reads for problem in problem_of(read, environ)]
        yield from problems or [
            fine(f"Rahasia Cloud API {name} ada.", f"The secrets of Cloud API {name} are there.")
        ]
        yield from _address(name, account)
        if account.number not in owned:
            yield warning(
                f"Cloud API {name}: {account.number} bukan nomor kantor mana pun (senders.whatsapp).",
                f"Cloud API {name}: {account.number} is no office's number (senders.whatsapp).",
            )


def _address(name: str, account: CloudAccount) -> Iterator[Finding]:
    parts = urlsplit(account.api_url)
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        yield error(
            f"Cloud API {name}: {account.api_url} bukan https: token akan terkirim tanpa sandi.",
            f"Cloud API {name}: {account.api_url} is not https: the token would travel unencrypted.",
        )


def answered(settings: Settings, environ: Environ, heard: Heard | None = None) -> Iterator[Finding]:
    """What Meta itself says of each number. Changes nothing there; what has no secrets is not asked about."""
    with closing(Graph(_SECONDS, heard)) as graph:
        for name, account in settings.channels.whatsapp.cloud.items():
            try:
                yield from _of_one(graph, name, account, environ)
            except SecretError:
                continue  # told already
            except SendError as refusal:
                yield error(
                    f"Cloud API {name}: {officer_words(refusal.code, 'id')} (kode {refusal.code}).",
                    f"Cloud API {name}: {officer_words(refusal.code, 'en')} (code {refusal.code}).",
                )


def _of_one(graph: Graph, name: str, account: CloudAccount, environ: Environ) -> Iterator[Finding]:
    token = account.access_token(environ)
    number = Number(account.number, account.phone_number_id, token, account.api_url, account.api_version)
    told = graph.ask(number, "GET", account.phone_number_id, params={"fields": _ASKED})
    yield _same_number(name, account, told)
    if word(told.get("quality_rating")).upper() == "RED":
        yield warning(
            f"Cloud API {name}: mutu nomor merah; Meta dapat membatasinya.",
            f"Cloud API {name}: the number's quality is red; Meta may restrict it.",
        )
    if account.waba_id is not None:
        apps = graph.ask(number, "GET", f"{account.waba_id}/subscribed_apps")
        yield _subscribed(name, apps)


def _same_number(name: str, account: CloudAccount, told: dict[str, Any]) -> Finding:
    shown, called = word(told.get("display_phone_number")), word(told.get("verified_name"))
    digits = "".join(sign for sign in shown if sign.isdecimal())
    if digits != account.number.removeprefix("+"):
        return error(
            f"Cloud API {name}: phone_number_id adalah milik {shown or '?'}, bukan {account.number}.",
            f"Cloud API {name}: the phone_number_id belongs to {shown or '?'}, not to {account.number}.",
        )
    return fine(f"Cloud API {name}: {shown}, {called}.", f"Cloud API {name}: {shown}, {called}.")


def _subscribed(name: str, apps: dict[str, Any]) -> Finding:
    if not items(apps.get("data")):
        return error(
            f"Cloud API {name}: belum ada aplikasi yang berlangganan; pesan warga tidak akan datang.",
            f"Cloud API {name}: no app is subscribed to the account; citizens' messages will not come.",
        )
    return fine(f"Cloud API {name}: aplikasi berlangganan.", f"Cloud API {name}: an app is subscribed.")
