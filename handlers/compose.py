"""The wiring, and the only reader of the clock."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

from channels.clamd import Clamd
from channels.contract import Channel, MediaSource
from channels.email.sending import Email
from channels.email.tokens import Tokens
from channels.openid import Issuer
from channels.their_clocks import Heard, TheirClocks
from channels.webapi import WebApi
from channels.whatsapp.cloud.fetching import CloudMedia
from channels.whatsapp.cloud.sending import CloudApi
from channels.whatsapp.fetching import TwilioMedia
from channels.whatsapp.places import API_HOST, CDN_HOST, is_loopback
from channels.whatsapp.sending import Account, WhatsApp
from handlers import menu_contents, secrets
from handlers.calendars import Calendars
from handlers.mailroom.accounts import access_tokens, imap_accounts, mailbox_secrets, smtp_accounts
from handlers.providers import ByNumber, FilesByAddress, numbers_at_meta
from handlers.rendering import Sentences
from handlers.restores import Restores
from handlers.runtime import CloudKeys, Keys, Runtime
from handlers.settings import Settings
from handlers.settings.sign_in import CALLBACK
from handlers.shipped_files import templates_folder
from storage.db import Database
from storage.files import Files


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)


def compose(
    settings: Settings,
    environ: Mapping[str, str],
    *,
    clock: Callable[[], datetime] = now,
    demo: bool = False,
) -> Runtime:
    """The desk as *settings* describe it, with the secrets of *environ*.

    Raises ``handlers.secrets.SecretError`` when one is missing or unusable. Opens no connection yet.
    """
    keys = Keys(
        secrets.secret_keys(environ),
        _whatsapp_tokens(settings, environ),
        _account_of_sender(settings, environ),
        mailbox_secrets(settings, environ),
        secrets.find(secrets.METRICS_TOKEN, environ),
        _shared_keys(settings, environ),
        _cloud_keys(settings, environ),
    )
    database = Database(settings.database.url, settings.data_dir, most=settings.database.connections)
    tokens = access_tokens(settings, keys, database)
    # Not *clock*, which a demo or a test moves: no provider goes along.
    their_clocks = TheirClocks(now)
    return Runtime(
        settings=settings,
        keys=keys,
        database=database,
        clock=clock,
        # Every channel, wired or not: what was begun on one must find its manners when it no longer is.
        channels={
            "whatsapp": _whatsapp(settings, keys, environ, database, their_clocks.heard),
            "email": Email(smtp_accounts(settings, keys, tokens), clock=clock),
        },
        mailboxes=imap_accounts(settings, keys, tokens),
        files=Files(settings.data_dir / "files"),
        tokens=Tokens(keys.signing, Restores(database).before),
        their_clocks=their_clocks,
        calendars=Calendars(settings.offices),
        sentences=Sentences(settings.offices, settings.public_url, templates_folder() / "messages"),
        webapi=_webapi(settings, environ, their_clocks.heard),
        media={"whatsapp": _media(settings, keys)},
        scanner=Clamd(settings.scan.clamd) if settings.scan.clamd else None,
        issuer=issuer(settings, environ),
        demo=demo,
    )


def issuer(settings: Settings, environ: Mapping[str, str]) -> Issuer | None:
    """Where officers may sign in besides here. Raises ``SecretError`` when our secret there is missing."""
    oidc = settings.sign_in.oidc
    if oidc is None:
        return None
    return Issuer(oidc.issuer, oidc.client_id, settings.public_url + CALLBACK, oidc.secret(environ))


def _webapi(settings: Settings, environ: Mapping[str, str], heard: Heard) -> WebApi | None:
    key = settings.webapi.key_in(environ)
    introduced = settings.webapi.user_agent or f"Mozilla/5.0 (compatible; Loket; +{settings.public_url})"
    return WebApi(settings.webapi.api_url, key, introduced, heard=heard) if key else None


def _whatsapp_tokens(settings: Settings, environ: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    accounts = settings.channels.whatsapp.accounts.values()
    return {account.account_sid(environ): account.tokens(environ) for account in accounts}


def _shared_keys(settings: Settings, environ: Mapping[str, str]) -> dict[str, dict[str, str]]:
    shared: dict[str, dict[str, str]] = {}
    for account in settings.channels.whatsapp.accounts.values():
        shared.setdefault(account.account_sid(environ), {}).update(account.shared_secrets(environ))
    return shared


def _services(settings: Settings, environ: Mapping[str, str]) -> dict[str, str]:
    """The Messaging Service of each number, or of the account where it names no numbers."""
    return {
        owner: account.messaging_service_sid
        for account in settings.channels.whatsapp.accounts.values()
        if account.messaging_service_sid
        for owner in account.senders or (account.account_sid(environ),)
    }


def _cloud_keys(settings: Settings, environ: Mapping[str, str]) -> dict[str, CloudKeys]:
    return {
        one.phone_number_id: CloudKeys(
            one.number, one.app_secrets(environ), one.handshake_word(environ), one.access_token(environ)
        )
        for one in settings.channels.whatsapp.cloud.values()
    }


def _whatsapp(
    settings: Settings, keys: Keys, environ: Mapping[str, str], database: Database, heard: Heard
) -> Channel:
    usual = _twilio(settings, keys, environ, database, heard)
    numbers = [number for number, _ in numbers_at_meta(settings, keys)]
    cloud = CloudApi(numbers, heard=heard)
    return ByNumber(usual, {each.number: cloud for each in numbers}) if numbers else usual


def _twilio_accounts(keys: Keys) -> list[Account]:
    return [Account(sid, tokens[0]) for sid, tokens in keys.whatsapp.items()]


def _twilio(
    settings: Settings, keys: Keys, environ: Mapping[str, str], database: Database, heard: Heard
) -> WhatsApp:
    return WhatsApp(
        _twilio_accounts(keys),
        public_url=settings.public_url,
        api_url=settings.channels.whatsapp.api_url,
        senders=keys.senders,
        contents=menu_contents.lookup(database),
        services=_services(settings, environ),
        heard=heard,
    )


def _media(settings: Settings, keys: Keys) -> MediaSource:
    at_meta = CloudMedia([number for number, _ in numbers_at_meta(settings, keys)])
    return FilesByAddress(_twilio_media(settings, keys), at_meta)


def _twilio_media(settings: Settings, keys: Keys) -> TwilioMedia:
    api_url = settings.channels.whatsapp.api_url
    # Only a stand-in on this machine takes the place of Twilio's hosts; all else is Twilio's own.
    local = is_loopback(urlsplit(api_url).hostname or "")
    addresses = dict.fromkeys((API_HOST, CDN_HOST), api_url) if local else {}
    return TwilioMedia(_twilio_accounts(keys), addresses=addresses)


def _account_of_sender(settings: Settings, environ: Mapping[str, str]) -> dict[str, str]:
    whatsapp = settings.channels.whatsapp
    accounts = whatsapp.accounts.values()
    owned = {sender: account.account_sid(environ) for account in accounts for sender in account.senders}
    return owned | {one.number: one.phone_number_id for one in whatsapp.cloud.values()}
