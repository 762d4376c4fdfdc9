"""What every handler is given: the wired-up desk."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from bot.calendar import WorkingCalendar
from bot.policy import Desk, Office
from channels.clamd import Clamd
from channels.contract import Channel, MediaSource
from channels.email.imap import ImapAccount
from channels.email.tokens import Tokens
from channels.openid import Issuer
from channels.their_clocks import TheirClocks
from channels.webapi import WebApi
from handlers import wording
from handlers.calendars import Calendars
from handlers.rendering import Sentences
from handlers.settings import Settings
from storage.conversations import Thread
from storage.db import Database
from storage.files import Files


@dataclass(frozen=True, slots=True)
class CloudKeys:
    """The secrets of one number at Meta: what its app signs with, what it says when it is set up, and what
    messages are sent with.
    """

    number: str
    app_secrets: tuple[str, ...] = field(repr=False)
    verify_token: str = field(repr=False)
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets of this installation. They stay out of every trace.

    ``signing``: sessions and links, the first signs, all verify. ``whatsapp``: the tokens that may sign a
    webhook, by account. ``senders``: which account a number belongs to, where there are several.
    ``mailboxes``: the password of each mailbox by its name, with OAuth the client's secret. ``operator``:
    what opens ``/metrics`` from elsewhere; None for never. ``shared``: the keys that may sign instead of a
    token, by account, each by its name. ``cloud``: those of each number at Meta, by its id there.
    """

    signing: tuple[str, ...] = field(repr=False)
    whatsapp: Mapping[str, tuple[str, ...]] = field(repr=False)
    senders: Mapping[str, str] = field(default_factory=dict)
    mailboxes: Mapping[str, str] = field(default_factory=dict, repr=False)
    operator: str | None = field(default=None, repr=False)
    shared: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    cloud: Mapping[str, CloudKeys] = field(default_factory=dict, repr=False)

    def may_speak_for(self, account: str, sender: str) -> bool:
        """Whether what *account* has signed may be about our number *sender*."""
        return self.senders.get(sender, account) == account

    def account_of(self, sender: str) -> str | None:
        """The WhatsApp account that our number *sender* belongs to; None when that can't be told."""
        only = next(iter(self.whatsapp)) if len(self.whatsapp) == 1 else None
        return self.senders.get(sender, only)


@dataclass(frozen=True, slots=True)
class Runtime:
    """The desk, wired: settings, memory, files, clock, channels, sentences, working days, mails' tokens.

    ``mailboxes``: where the mail of each lies, by its name. ``webapi``: where the catalogue comes from,
    where there is a key. ``media``: where the files of citizens' messages are, by channel. ``scanner``: who
    is asked about viruses, where somebody is. ``issuer``: where officers may sign in besides here.
    ``their_clocks``: what providers' clocks say of this machine's.
    """

    settings: Settings
    keys: Keys
    database: Database
    clock: Callable[[], datetime]
    channels: Mapping[str, Channel]
    sentences: Sentences
    calendars: Calendars
    files: Files
    tokens: Tokens
    their_clocks: TheirClocks
    mailboxes: Mapping[str, ImapAccount] = field(default_factory=dict)
    webapi: WebApi | None = None
    media: Mapping[str, MediaSource] = field(default_factory=dict)
    scanner: Clamd | None = None
    issuer: Issuer | None = None
    demo: bool = False

    def office(self, code: str) -> Office:
        """The office with this BPS code. Raises ``KeyError`` when the configuration has none."""
        return self.settings.offices[code]

    def office_now(self, connection: Connection, thread: Thread, now: datetime) -> Office:
        """The office of *thread*, with the service hours of the season that it is there."""
        calendar = self.calendars.of(connection, thread.office, thread.calendar_version)
        return wording.in_season(self.office(thread.office), calendar.season(calendar.local_date(now)))

    def desk(self, code: str, channel: str, calendar: WorkingCalendar) -> Desk:
        """The office as seen on *channel*, with its working days."""
        return Desk(self.office(code), self.channels[channel].manners, calendar)
