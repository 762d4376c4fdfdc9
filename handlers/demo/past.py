"""What a demo finds when it opens: its officers, and what was said before.

The first start plays a few days through the real webhook; a later one gives the phones back what they showed.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from channels.menus import Menu, pattern, shape
from channels.simulator import serving
from channels.simulator.provider import PREFIX
from handlers import menu_contents, passwords
from handlers.demo import published
from handlers.demo.desk import DemoRuntime
from handlers.demo.people import OFFICERS, RAHMA, DemoOfficer
from handlers.demo.postoffice import remembered
from handlers.demo.script import SCRIPT, Player
from handlers.media import sending
from handlers.web.intake import create_intake
from storage import content_templates, officers
from storage.columns import AnyRow, table
from storage.tables import Message

_MESSAGE = table(Message)
_REMEMBERED = 300
_SECONDS_TO_REPORT = 30
_A_LITTLE = timedelta(minutes=3)
_ARRIVED = {"sent": ("sent",), "delivered": ("sent", "delivered"), "read": ("sent", "delivered", "read")}


def prepare(runtime: DemoRuntime) -> None:
    """Make the demo's past, or remember it."""
    hire(runtime)
    with answering(runtime):
        if _is_new(runtime):
            _play(runtime)
        else:
            _remember(runtime)


@contextmanager
def answering(runtime: DemoRuntime) -> Iterator[None]:
    """Let the desk's webhooks answer for a while, although its site is not served (yet)."""
    outer = Flask("webhooks", static_folder=None)
    mounted = DispatcherMiddleware(outer.wsgi_app, {"/webhooks": create_intake(runtime).wsgi_app})
    outer.wsgi_app = mounted  # type: ignore[method-assign]  # Flask's own way to wrap
    with serving(outer) as address:
        runtime.twilio.desk_url = address
        try:
            yield
        finally:
            runtime.twilio.desk_url = None


def hire(runtime: DemoRuntime) -> None:
    """The officers of the demo, all with one password. Those who are there already are left as they are."""
    with runtime.database.read() as connection:
        known = {account.email for account in officers.listed(connection)}
    missing = [officer for officer in OFFICERS if officer.email not in known]
    if missing:
        password_hash = passwords.hashed(runtime.password)
        for officer in missing:
            _add(runtime, officer, password_hash)


def _add(runtime: DemoRuntime, officer: DemoOfficer, password_hash: str) -> None:
    with runtime.database.write() as connection:
        officer_id = officers.add(
            connection,
            email=officer.email,
            name=officer.name,
            password_hash=password_hash,
            now=runtime.clock(),
            administrator=officer.administrator,
        )
        for office, role in officer.roles:
            officers.set_role(connection, officer_id, office, role)
            officers.set_mail_wishes(connection, officer_id, office, officer.wishes)


def _is_new(runtime: DemoRuntime) -> bool:
    with runtime.database.read() as connection:
        return connection.execute(select(func.count()).select_from(_MESSAGE)).scalar_one() == 0


def _play(runtime: DemoRuntime) -> None:
    now = runtime.clock()
    published.write_answer(runtime, RAHMA.email)
    runtime.twilio.reads_at_once = True
    with closing(Player(runtime)) as player:
        for step in SCRIPT:
            runtime.time.set_to(now - timedelta(hours=step.hours_ago))
            step.play(player)
            # Officers are told of it by mail a little later.
            runtime.time.forward(_A_LITTLE)
            player.settle()
    runtime.twilio.reads_at_once = False
    runtime.time.set_to(now)
    runtime.opened.update(remembered(runtime.mail))


def _remember(runtime: DemoRuntime) -> None:
    """Show the provider the last messages again, each at its own moment; the desk knows them already."""
    now = runtime.clock()
    for message in _last_messages(runtime):
        runtime.time.set_to(_moment(message))
        (_came if message.direction == "in" else _went)(runtime, message)
    runtime.twilio.wait_until_quiet(_SECONDS_TO_REPORT)
    runtime.time.set_to(now)


def _last_messages(runtime: DemoRuntime) -> list[AnyRow]:
    arrived = _MESSAGE.c.delivery.in_(_ARRIVED)
    on_phones = _MESSAGE.c.channel == "whatsapp"
    statement = select(_MESSAGE).where(on_phones, (_MESSAGE.c.direction == "in") | arrived)
    with runtime.database.read() as connection:
        rows = connection.execute(statement.order_by(_MESSAGE.c.id.desc()).limit(_REMEMBERED)).all()
    return sorted(rows, key=lambda row: (_moment(row), row.direction != "in", row.id))


def _moment(message: AnyRow) -> datetime:
    """When it came or left: an answer that was held left later than it was written."""
    moment: datetime = message.sent_at or message.at
    return moment


def _came(runtime: DemoRuntime, message: AnyRow) -> None:
    """The same message id again: a duplicate to the desk, but the phone shows it and its window opens."""
    media = message.media[0]["content_type"] if message.media else None
    name = message.raw.get("ProfileName", "")
    runtime.twilio.citizen_writes(
        message.address, message.sender, message.body, media=media, profile_name=name, sid=message.external_id
    )


def _went(runtime: DemoRuntime, message: AnyRow) -> None:
    runtime.twilio.callbacks_next(*_ARRIVED[message.delivery])
    form = {"From": PREFIX + message.sender, "To": PREFIX + message.address}
    shown = runtime.twilio.accept(MultiDict(form | _said(runtime, message)))
    along = sending.attached(message.media or ())
    if along:
        content = runtime.files.get(along["file"])
        runtime.twilio.shelf.put(shown.sid, along["content_type"], content, along["name"])


def _said(runtime: DemoRuntime, message: AnyRow) -> dict[str, str]:
    """The words, with the buttons below them where there were any; or the template that carried them."""
    if message.template:
        return _template(runtime, message.template)
    menu = Menu.of(message.menu)
    sid = menu and menu_contents.lookup(runtime.database)(runtime.twilio.sid, shape(menu))
    if menu and sid:
        return {"ContentSid": sid, "ContentVariables": json.dumps(pattern(menu)[1])}
    return {"Body": message.body or "📎"}


def _template(runtime: DemoRuntime, told: Mapping[str, Any]) -> dict[str, str]:
    """The provider is a new one each time: it has the template under another id than then."""
    with runtime.database.read() as connection:
        known = content_templates.of_account(connection, runtime.twilio.sid, told["key"])
    sid = next(row.content_id for row in known if row.language == told["language"])
    values = {str(place): value for place, value in enumerate(told["values"], 1)}
    return {"ContentSid": sid, "ContentVariables": json.dumps(values)}
