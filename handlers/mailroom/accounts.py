"""Where each mailbox's mail lies and is handed over, and how to sign in there."""

from collections.abc import Callable, Mapping
from functools import partial

from channels.email import errors
from channels.email.faults import MailboxError, MailboxRefused
from channels.email.imap import ImapAccount
from channels.email.oauth import AccessTokens, Client
from channels.email.smtp import SmtpAccount
from handlers import secrets
from handlers.mailroom.sealing import seal, unseal
from handlers.runtime import Keys, Runtime
from handlers.settings import Settings
from handlers.settings.shape import Mailbox
from storage import mailboxes
from storage.db import Database

Tokens = Mapping[str, AccessTokens]
"""What gives access tokens, by the name of the mailbox that signs in with them."""


def mailbox_secrets(settings: Settings, environ: Mapping[str, str]) -> dict[str, str]:
    """The password of each mailbox, by its name; with OAuth the client's secret, empty where it has none.

    Raises ``handlers.secrets.SecretError`` when one is missing or unusable.
    """
    boxes = settings.channels.email.mailboxes.items()
    return {name: _secret(box, environ) for name, box in boxes}


def _secret(box: Mailbox, environ: Mapping[str, str]) -> str:
    reference = box.oauth.client_secret if box.oauth else box.password
    variable = secrets.named_by(reference) if reference else None
    return secrets.need(variable, environ) if variable else ""


def oauth_client(box: Mailbox, secret: str) -> Client | None:
    """We, as the provider of this mailbox knows us; None for one with a password."""
    if box.oauth is None:
        return None
    return Client(
        box.oauth.provider,
        box.oauth.client_id,
        secret,
        box.oauth.tenant,
        box.oauth.authorize_url,
        box.oauth.token_url,
    )


def access_tokens(settings: Settings, keys: Keys, database: Database) -> dict[str, AccessTokens]:
    """For the mailboxes that sign in with tokens. The refresh tokens are sealed in *database*."""
    boxes = settings.channels.email.mailboxes.items()
    clients = {name: oauth_client(box, keys.mailboxes[name]) for name, box in boxes}
    return {
        name: AccessTokens(client, partial(_kept, database, keys, name), partial(_keep, database, keys, name))
        for name, client in clients.items()
        if client is not None
    }


def _kept(database: Database, keys: Keys, name: str) -> str:
    with database.read() as connection:
        sealed = mailboxes.refresh_token(connection, name)
    return unseal(sealed, keys.signing) or ""


def _keep(database: Database, keys: Keys, name: str, token: str) -> None:
    with database.write() as connection:
        mailboxes.keep_refresh_token(connection, name, seal(token, keys.signing))


def imap_accounts(settings: Settings, keys: Keys, tokens: Tokens) -> dict[str, ImapAccount]:
    """Where mail is fetched, by the mailbox's name."""
    boxes = settings.channels.email.mailboxes.items()
    return {name: _imap(box, keys.mailboxes[name], tokens.get(name)) for name, box in boxes}


def _imap(box: Mailbox, secret: str, token: AccessTokens | None) -> ImapAccount:
    return ImapAccount(
        host=box.imap.host,
        user=box.sign_in_name,
        port=box.imap.port,
        security=box.imap.security,
        password=None if token else lambda: secret,
        token=token,
        folder=box.imap.folder,
        processed=box.imap.processed,
        ca_file=box.imap.ca_file,
    )


def smtp_accounts(settings: Settings, keys: Keys, tokens: Tokens) -> dict[str, SmtpAccount]:
    """Where mail is handed over, by the mailbox's address."""
    boxes = settings.channels.email.mailboxes.items()
    return {box.address: _smtp(box, keys.mailboxes[name], tokens.get(name)) for name, box in boxes}


def smtp_account(runtime: Runtime, name: str) -> SmtpAccount:
    """Where this mailbox of a wired desk hands its mail over."""
    box = runtime.settings.channels.email.mailboxes[name]
    return _smtp(box, runtime.keys.mailboxes[name], runtime.mailboxes[name].token)


def _smtp(box: Mailbox, secret: str, token: AccessTokens | None) -> SmtpAccount:
    return SmtpAccount(
        host=box.smtp.host,
        port=box.smtp.port,
        security=box.smtp.security,
        user=box.sign_in_name,
        password=None if token else lambda: secret,
        token=_as_smtp_says(token) if token else None,
        disbelieved=token.forget if token else None,
        ca_file=box.smtp.ca_file,
    )


def _as_smtp_says(token: AccessTokens) -> Callable[[], str]:
    """The same token; what keeps it from coming is told as SMTP tells it, as ``SendError``."""

    def given() -> str:
        try:
            return token()
        except MailboxRefused as error:
            raise errors.failure(errors.AUTH, str(error)) from None
        except MailboxError as error:
            raise errors.failure(errors.UNREACHABLE, str(error)) from None

    return given
