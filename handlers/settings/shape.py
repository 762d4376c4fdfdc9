"""The typed shape of the configuration, down to ``bot.policy.Office`` for one office."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, PrivateAttr, model_validator
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from bot.policy import Office
from handlers import secrets
from handlers.settings import addresses
from handlers.settings.cloud import CloudAccount
from handlers.settings.media import MediaSetting, Scan
from handlers.settings.part import Part
from handlers.settings.retention import Retention
from handlers.settings.sign_in import SignIn
from handlers.settings.templates import Held, Template
from handlers.settings.values import Network, SecretReference, WebAddress


def _database_address(text: str) -> str:
    url = _parsed(text)
    if url.drivername == "sqlite":
        if not url.database or url.database == ":memory:" or url.host:
            raise ValueError("needs a file: sqlite:///var/loket.db")
    elif url.drivername != "postgresql+psycopg":
        raise ValueError("must begin with sqlite:/// or postgresql+psycopg://")
    return text


def _parsed(text: str) -> URL:
    try:
        return make_url(text)
    except (ArgumentError, ValueError):
        # Not their words: they repeat the address, which may hold a password.
        raise ValueError(
            "is not the address of a database (sqlite:///... or postgresql+psycopg://...)"
        ) from None


def _account_id(text: str) -> str:
    if secrets.named_by(text) is None and not re.fullmatch(r"AC[0-9a-f]{32}", text):
        raise ValueError("must be env:NAME, or an account SID (AC and 32 letters and digits)")
    return text


def _service_id(text: str) -> str:
    if not re.fullmatch(r"MG[0-9a-fA-F]{32}", text):
        raise ValueError("must be the SID of a Messaging Service (MG and 32 letters and digits)")
    return text


def _host(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*", text):
        raise ValueError("must be the name of a server alone, like imap.gmail.com; the port has its own key")
    return text


def _mail_address(text: str) -> str:
    address = addresses.spelt(text)
    if address is None:
        raise ValueError("is not an e-mail address")
    if "+" in address:
        raise ValueError("must be the mailbox's own address, without a word behind a plus sign")
    return address


def _folder(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("must be the name of a folder")
    return text


Host = Annotated[str, AfterValidator(_host)]
Port = Annotated[int, Field(ge=1, le=65535)]
Security = Literal["tls", "starttls", "none"]
Folder = Annotated[str, AfterValidator(_folder)]
MailAddress = Annotated[str, AfterValidator(_mail_address)]


class Account(Part):
    """A Twilio account: where its name and its secrets are to be found, never the secrets themselves.

    *senders* are the numbers it owns (E.164); only needed where there is more than one account.
    *shared_keys*: keys of Twilio's that sign webhooks by name instead of the token. *messaging_service_sid*:
    the Messaging Service that the numbers are in; messages leave through it, from the number as ever.
    """

    sid: Annotated[str, AfterValidator(_account_id)]
    token: SecretReference
    previous_token: SecretReference | None = None
    shared_keys: dict[str, SecretReference] = Field(default_factory=dict)
    messaging_service_sid: Annotated[str, AfterValidator(_service_id)] | None = None
    senders: tuple[str, ...] = ()

    def account_sid(self, environ: Mapping[str, str]) -> str:
        """The account's SID. Raises ``MissingSecret``."""
        name = secrets.named_by(self.sid)
        return secrets.need(name, environ) if name else self.sid

    def tokens(self, environ: Mapping[str, str]) -> tuple[str, ...]:
        """The token to send with, then, while it is being replaced, the one before it; both verify.

        Raises ``MissingSecret`` for the first; the previous one may be absent.
        """
        current = secrets.need(_name(self.token), environ)
        previous = secrets.find(_name(self.previous_token), environ) if self.previous_token else None
        return (current, previous) if previous else (current,)

    def shared_secrets(self, environ: Mapping[str, str]) -> dict[str, str]:
        """The secret of each shared key, by the key's name. Raises ``MissingSecret``."""
        return {key: secrets.need(_name(reference), environ) for key, reference in self.shared_keys.items()}


class WhatsApp(Part):
    """WhatsApp through a provider; *api_url* is the provider's, another one in the demo and in tests.

    *templates* by their keys: what may leave outside the 24-hour window. *messages_per_second*: what one
    number may send; *recipient_seconds*: the pause between two messages to one person. *cloud*: numbers that
    are served by Meta's own API instead, by names of your own.
    """

    provider: Literal["twilio"] = "twilio"
    api_url: WebAddress = "https://api.twilio.com"
    accounts: dict[str, Account] = Field(default_factory=dict)
    cloud: dict[str, CloudAccount] = Field(default_factory=dict)
    templates: dict[str, Template] = Field(default_factory=dict)
    held: Held = Field(default_factory=Held)
    messages_per_second: int = Field(80, ge=1, le=1000)
    recipient_seconds: float = Field(0, ge=0, le=60)
    media: MediaSetting = Field(default_factory=MediaSetting)


def _usual_port(ports: Mapping[str, int], usual: str) -> Callable[[Any], Any]:
    """Fills in the port that goes with the security, where none is written."""

    def filled(content: Any) -> Any:
        if isinstance(content, dict) and content.get("port") is None:
            security = content.get("security", usual)
            return {**content, "port": ports.get(str(security), ports[usual])}
        return content

    return filled


class Imap(Part):
    """Where mail is fetched. *processed*: the folder that mails are moved to once they are kept.

    Without one they are left where they are, untouched. *start*: what is read at the very first look, only
    what comes from then on or all that lies there. *security* ``none`` is for this machine only.
    """

    host: Host
    port: Port = 993
    security: Security = "tls"
    folder: Folder = "INBOX"
    processed: Folder | None = None
    start: Literal["all", "new"] = "new"
    ca_file: Path | None = None
    _port = model_validator(mode="before")(_usual_port({"tls": 993, "starttls": 143, "none": 143}, "tls"))


class Smtp(Part):
    """Where mail is handed over. *sent_folder*: keep a copy there; Gmail and Microsoft do so themselves."""

    host: Host
    port: Port = 587
    security: Security = "starttls"
    sent_folder: Folder | None = None
    ca_file: Path | None = None
    _port = model_validator(mode="before")(_usual_port({"tls": 465, "starttls": 587, "none": 25}, "starttls"))


class OAuth(Part):
    """Signing in with tokens (XOAUTH2). The refresh token comes from ``loket mailbox authorize``."""

    provider: Literal["google", "microsoft"]
    client_id: str
    client_secret: SecretReference | None = None
    tenant: str = "common"
    authorize_url: WebAddress | None = None
    token_url: WebAddress | None = None


class Mailbox(Part):
    """One mailbox: the address citizens write to, and how to get at it. The address is in lower case.

    *aliases*: other addresses of the office, a group's for instance, whose mail comes here as well.
    *plus_addressing*: whether the host delivers ``box+word@`` too. *trusted_receiver*: the name under which
    the receiving server notes its checks (RFC 8601); without it nobody's sender counts as proved.
    *probe_minutes*: how often the desk writes to itself to prove that mail goes round; 0 for never.
    """

    address: MailAddress
    imap: Imap
    smtp: Smtp
    user: str | None = None
    password: SecretReference | None = None
    oauth: OAuth | None = None
    aliases: tuple[MailAddress, ...] = ()
    plus_addressing: bool = False
    trusted_receiver: str | None = None
    largest_mb: int = Field(30, ge=1, le=100)
    probe_minutes: int = Field(30, ge=0, le=1440)

    @property
    def sign_in_name(self) -> str:
        """The name to sign in with: the address, unless told otherwise."""
        return self.user or self.address


class Budget(Part):
    """How many automatic mails may leave: beyond it the desk is silent and raises an alarm."""

    address_hour: int = Field(5, ge=1)
    address_day: int = Field(20, ge=1)
    ticket_day: int = Field(10, ge=1)
    total_hour: int = Field(300, ge=1)


class Email(Part):
    """Mailboxes by name, and how much may leave by itself."""

    mailboxes: dict[str, Mailbox] = Field(default_factory=dict)
    budget: Budget = Field(default_factory=Budget)


class Channels(Part):
    """The ways in and out, for the whole installation."""

    whatsapp: WhatsApp = Field(default_factory=WhatsApp)
    email: Email = Field(default_factory=Email)


class DatabaseSetting(Part):
    """Where the desk remembers. The address may hold a password, so it is never shown.

    ``connections``: how many a process may have to PostgreSQL at once.
    """

    url: Annotated[str, AfterValidator(_database_address)] = Field("sqlite:///var/loket.db", repr=False)
    connections: int = Field(30, ge=5, le=500)


class WebApiSetting(Part):
    """BPS's WebAPI, from which the catalogue is filled at night; without a *key* it is not.

    *user_agent*: how the desk introduces itself; the firewall lets only what looks like a browser pass.
    """

    api_url: WebAddress = "https://webapi.bps.go.id/v1/api"
    key: SecretReference | None = None
    user_agent: str | None = None

    def key_in(self, environ: Mapping[str, str]) -> str | None:
        """The key; None where none is configured. Raises ``MissingSecret`` for one that is not there."""
        return secrets.need(_name(self.key), environ) if self.key else None


class Settings(Part):
    """The whole configuration, checked. *trusted_proxies*: who is believed when they name who asked them."""

    public_url: WebAddress = "http://127.0.0.1:8000"
    trusted_proxies: tuple[Network, ...] = ("127.0.0.0/8", "::1/128")
    data_dir: Path = Path("var")
    database: DatabaseSetting = Field(default_factory=DatabaseSetting)
    channels: Channels = Field(default_factory=Channels)
    webapi: WebApiSetting = Field(default_factory=WebApiSetting)
    scan: Scan = Field(default_factory=Scan)
    retention: Retention = Field(default_factory=Retention)
    sign_in: SignIn = Field(default_factory=SignIn)
    offices: dict[str, Office]
    _owners: dict[tuple[str, str], Office] = PrivateAttr(default_factory=dict)

    def model_post_init(self, _context: Any, /) -> None:
        """Note whose each number and mailbox is."""
        for office in self.offices.values():
            self._owners.update({("whatsapp", number): office for number in office.senders.whatsapp})
            self._owners.update({("email", address.casefold()): office for address in office.senders.email})

    def mailbox_of(self, address: str) -> tuple[str, Mailbox] | None:
        """The name and the mailbox of this address of ours; None when none is configured for it."""
        wanted = address.casefold()
        boxes = self.channels.email.mailboxes.items()
        return next(((name, box) for name, box in boxes if box.address.casefold() == wanted), None)

    def office_of(self, channel: str, sender: str) -> Office | None:
        """The office that owns this number (E.164) or mailbox; None for one that nobody owns."""
        return self._owners.get((channel, sender.casefold()))


def _name(reference: str) -> str:
    return reference.removeprefix("env:")
