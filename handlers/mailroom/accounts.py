"""Where each mailbox hands its mail over, as the settings and the environment say."""

from collections.abc import Mapping

from channels.email.smtp import SmtpAccount
from handlers import secrets
from handlers.settings import Settings
from handlers.settings.shape import Mailbox


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


def smtp_accounts(settings: Settings, kept: Mapping[str, str]) -> dict[str, SmtpAccount]:
    """Where mail is handed over, by the mailbox's address. *kept*: what ``mailbox_secrets`` gave."""
    boxes = settings.channels.email.mailboxes.items()
    return {box.address: _account(box, kept[name]) for name, box in boxes}


def _account(box: Mailbox, secret: str) -> SmtpAccount:
    return SmtpAccount(
        host=box.smtp.host,
        port=box.smtp.port,
        security=box.smtp.security,
        user=box.sign_in_name,
        password=lambda: secret,
        ca_file=box.smtp.ca_file,
    )
