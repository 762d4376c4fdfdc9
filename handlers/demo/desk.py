"""The desk of a demo: offices of the shipped sample, a local provider and mail server, a clock to move."""

import threading
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from queue import SimpleQueue
from typing import Any

from sqlalchemy import delete, func, select

from bot.policy import AutoClose, Office
from channels.simulator import LocalTwilio, create_local_twilio, serving
from channels.simulator.mailserver import LocalMail
from handlers import calendars, compose, databases, pushing
from handlers.demo import published
from handlers.demo.clock import DemoClock
from handlers.demo.folder import DemoFolder, DemoKeys
from handlers.demo.postoffice import local_mail, mail_settings, remembered
from handlers.runtime import Runtime
from handlers.settings import Channels, DatabaseSetting, Settings, WhatsApp, load
from handlers.shipped_files import sample_config
from storage.columns import table
from storage.db import Database
from storage.mail_tables import Mailbox
from storage.tables import Message

OFFICES = ("7411", "6571", "1905")
_MESSAGE, _MAILBOX = table(Message), table(Mailbox)
# The sample counts this office's silence in working days, which needs a calendar; the demo skips whole days.
_SILENCE = AutoClose("calendar_days", 3, "system")


@dataclass(frozen=True, slots=True)
class DemoRuntime(Runtime):
    """A desk together with what stands in for the world around it.

    ``opened``: the mails that somebody has looked at, by address and UID.
    """

    twilio: LocalTwilio = field(kw_only=True)
    mail: LocalMail = field(kw_only=True)
    time: DemoClock = field(kw_only=True)
    password: str = field(kw_only=True, repr=False)
    mail_password: str = field(kw_only=True, repr=False)
    opened: set[tuple[str, int]] = field(kw_only=True, default_factory=set)


def open_desk(folder: DemoFolder, public_url: str, twilio: LocalTwilio, api_url: str) -> DemoRuntime:
    """The wired desk with its tables ready. Time goes on where this folder's demo left off."""
    keys, clock = folder.keys(), _clock_of(twilio)
    mail = local_mail(folder, demo_offices(), clock)
    settings = demo_settings(folder, public_url, api_url, mail)
    wired = compose.compose(settings, keys.environ(), clock=clock, demo=True)
    databases.make_ready(wired.database, clock())
    databases.mark_as_demo(wired.database)
    calendars.fill(wired.database, settings.offices, clock())
    published.fill(wired)
    _forget_mailboxes(wired.database)
    parts: dict[str, Any] = {part.name: getattr(wired, part.name) for part in fields(wired)}
    runtime = DemoRuntime(
        **parts,
        twilio=twilio,
        mail=mail,
        time=clock,
        password=keys.password,
        mail_password=keys.token,
        opened=remembered(mail),
    )
    _go_on(runtime)
    return runtime


def make_templates(runtime: DemoRuntime) -> None:
    """Have at the provider what carries choices, like after ``loket templates push``, approved at once."""
    runtime.twilio.contents.approves = True
    for account, contents in pushing.accounts(runtime):
        list(pushing.push(runtime, account, contents, pushing.wanted(runtime)))


def _forget_mailboxes(database: Database) -> None:
    """The mail server is a new one each time: how far the last one was read says nothing."""
    with database.write() as connection:
        connection.execute(delete(_MAILBOX))


def _clock_of(twilio: LocalTwilio) -> DemoClock:
    if not isinstance(twilio.clock, DemoClock):
        raise TypeError("the provider of a demo goes by the demo's clock")
    return twilio.clock


def _go_on(runtime: DemoRuntime) -> None:
    """A demo that was sent ahead must not find its own messages in the future."""
    with runtime.database.read() as connection:
        last = connection.execute(select(func.max(_MESSAGE.c.at))).scalar()
    if last is not None and last > runtime.clock():
        runtime.time.set_to(last + timedelta(seconds=1))


def local_twilio(keys: DemoKeys, public_url: str) -> LocalTwilio:
    """The provider of a demo, by a clock of its own. It does not listen yet."""
    return LocalTwilio(keys.account, keys.token, clock=DemoClock(compose.now), public_url=public_url)


def listening(twilio: LocalTwilio) -> str:
    """Serve *twilio* from a thread for as long as this process lives, and give its address."""
    started: SimpleQueue[str | Exception] = SimpleQueue()
    threading.Thread(target=_serve, args=(twilio, started), name="local-twilio-api", daemon=True).start()
    address = started.get()
    if isinstance(address, Exception):
        raise address
    return address


def _serve(twilio: LocalTwilio, started: "SimpleQueue[str | Exception]") -> None:
    try:
        with serving(create_local_twilio(twilio)) as address:
            started.put(address)
            threading.Event().wait()
    except OSError as error:
        started.put(error)


def demo_offices() -> dict[str, Office]:
    """Three offices of the sample with different rules."""
    sample = load(sample_config(), {})
    offices = {code: sample.offices[code] for code in OFFICES}
    return offices | {"7411": replace(offices["7411"], autoclose=_SILENCE)}


def demo_settings(folder: DemoFolder, public_url: str, api_url: str, mail: LocalMail) -> Settings:
    """The demo's offices, its own provider and mail server, everything else in its own folder."""
    sample = load(sample_config(), {}).channels.whatsapp
    offices = demo_offices()
    return Settings(
        public_url=public_url,
        data_dir=folder.path,
        database=DatabaseSetting(url=folder.database_url),
        channels=Channels(
            whatsapp=WhatsApp(api_url=api_url, accounts=sample.accounts, templates=sample.templates),
            email=mail_settings(mail, offices),
        ),
        offices=offices,
    )


def sender_of(runtime: Runtime, office: str) -> str:
    """The office's WhatsApp number."""
    return runtime.office(office).senders.whatsapp[0]
