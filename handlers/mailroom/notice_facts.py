"""What a mail to an officer shows, as it is when the mail leaves, and only what that officer may see."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from channels.email.tokens import Purpose, Token
from handlers import clock_alarm, proving, routes, wording
from handlers.mailroom.notices import Cause
from handlers.rendering import plain
from handlers.routes import Choice
from handlers.runtime import Runtime
from storage import officers, ticket_page, tickets
from storage.columns import AnyRow
from storage.inbox import View
from storage.officers import Account
from storage.ticket_page import Line, Shown

SHOWN_BEFORE = 3
LONGEST_SAYING = 4_000
LONGEST_NAME = 80
LONGEST_SUBJECT = 200
_CLOCK = {Cause.DUE_SOON, Cause.OVERDUE, Cause.UNCLAIMED}
_FREE = {Cause.NEW, Cause.FORWARDED}
_ABOUT_A_TICKET = {*_FREE, Cause.WROTE, Cause.ASSIGNED, Cause.NOTED, Cause.LATE, *_CLOCK}
_STAYS_INSIDE = {Cause.NOTED}
_ANSWERS = {"outside": Purpose.OFFICER, "inside": Purpose.NOTE}


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody's words: ``who`` is empty for the citizen; ``files`` by their names; ``subject`` of a mail."""

    who: str
    when: str
    text: str
    content: str = "text"
    files: tuple[str, ...] = ()
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """The values of the sentences, and the signed word that an answer brings back (None: none is taken)."""

    values: Mapping[str, Any]
    token: Token | None


def facts(runtime: Runtime, connection: Connection, row: AnyRow) -> Facts | None:
    """What the mail *row* shows; None when what it was to tell is no longer so, or not theirs to know."""
    cause = Cause(row.purpose)
    common = {**row.about, "office": wording.office_name(runtime.office(row.office), row.language)}
    if row.officer_id is None:
        told = proving.values(runtime, connection, row)
        return Facts({**common, **told}, None) if told is not None else None
    account = officers.find(connection, row.officer_id)
    if account is None or account.email != row.recipient:
        return None
    if cause is Cause.ALARM:
        return _of_alarms(runtime, row, account, common)
    if cause in _ABOUT_A_TICKET:
        return _of_ticket(runtime, connection, row, account, common)
    return _of_answer(runtime, connection, row, account, common)


def _of_alarms(runtime: Runtime, row: AnyRow, account: Account, common: dict[str, Any]) -> Facts | None:
    if account.disabled or not account.administrator:
        return None
    office = runtime.office(row.office)

    def said(alarm: Mapping[str, Any]) -> dict[str, Any]:
        since = datetime.fromisoformat(alarm["since"])
        said = {**alarm, "since": wording.render_date(since, office, row.language)}
        apart = alarm.get("seconds")
        return said | ({"name": clock_alarm.how_far(apart, row.language)} if apart else {})

    lists = {name: [said(alarm) for alarm in row.about[name]] for name in ("new", "over")}
    return Facts({**common, **lists, "link": f"{runtime.settings.public_url}/administration"}, None)


def _view(row: AnyRow, account: Account) -> View | None:
    role = account.roles.get(row.office)
    if account.disabled or role is None:
        return None
    return View(row.office, account.id, complaints=role == "supervisor")


def _of_ticket(
    runtime: Runtime, connection: Connection, row: AnyRow, account: Account, common: dict[str, Any]
) -> Facts | None:
    view = _view(row, account)
    ticket = ticket_page.find(connection, view, row.ticket_id) if view else None
    if view is None or ticket is None or ticket.handled_by != view.office:
        return None
    lines = ticket_page.messages(connection, view, ticket.id)
    if not _still_so(row, ticket, lines):
        return None
    cause = Cause(row.purpose)
    by = officers.find(connection, row.about["by"]) if "by" in row.about else None
    note = next((line for line in lines if cause is Cause.NOTED and _is_note(row, line)), None)
    if cause is Cause.NOTED and note is None:
        return None
    news = _news(lines, row.about.get("since"))
    before = [line for line in lines if _is_said(line) and (not news or line.id < news[0].id)]
    said = _sayer(runtime, row)
    values = {
        **common,
        **_ticket_values(runtime, connection, ticket, row),
        "by": by.name if by else "",
        "note": said(note) if note else None,
        "news": tuple(map(said, news)),
        "before": tuple(map(said, before[-SHOWN_BEFORE:])),
        "notes": any(line.direction == "note" for line in lines),
        "inside": cause in _STAYS_INSIDE,
    }
    purpose = Purpose.NOTE if cause in _STAYS_INSIDE else Purpose.OFFICER
    return Facts(values, Token(purpose, ticket.id, account.id))


def _still_so(row: AnyRow, ticket: Shown, lines: tuple[Line, ...]) -> bool:
    """Whether the cause still holds: a ticket taken, answered or closed meanwhile needs no word about it."""
    mine, free = bool(ticket.claimed_by == row.officer_id), ticket.claimed_by is None
    match Cause(row.purpose):
        case Cause.NEW | Cause.FORWARDED:
            return ticket.open and free
        case Cause.LATE:
            waits = ticket.waiting_for == "office" and ticket.waiting_since <= row.at
            return ticket.open and waits and (mine or free)
        case Cause.DUE_SOON | Cause.OVERDUE:
            return ticket.open and (ticket.complaint or ticket.answered_at is None)
        case Cause.UNCLAIMED:
            return ticket.open and free
        case Cause.WROTE:
            return ticket.open and mine and not _answered_by(row.officer_id, lines)
        case _:
            return mine


def _answered_by(officer_id: int, lines: tuple[Line, ...]) -> bool:
    """Whether this officer had the last word: then they have read the citizen's."""
    said = [line for line in lines if _is_said(line)]
    return bool(said) and said[-1].direction == "out" and said[-1].officer_id == officer_id


def _is_said(line: Line) -> bool:
    """Words of people to each other: not the bot's, and no note, which a quoted mail could carry outside."""
    return line.direction != "note" and line.author != "bot"


def _is_note(row: AnyRow, line: Line) -> bool:
    return line.direction == "note" and bool(line.id == row.about["note"])


def _news(lines: Iterable[Line], since: int | None) -> list[Line]:
    """The citizen's words since that message; without one, those that nobody has answered."""
    found: list[Line] = []
    for line in filter(_is_said, lines):
        if line.direction == "in" and (since is None or line.id >= since):
            found.append(line)
        elif line.direction == "out" and since is None:
            found.clear()
    return found


def _ticket_values(runtime: Runtime, connection: Connection, ticket: Shown, row: AnyRow) -> dict[str, Any]:
    office = runtime.office(row.office)
    way, told = _usual_way(runtime, connection, ticket), row.about.get("due")
    due = datetime.fromisoformat(told) if told else ticket.due_at
    return {
        "reference": ticket.reference,
        "complaint": ticket.complaint,
        "origin": wording.office_name(runtime.office(ticket.office), row.language),
        "citizen": citizen_of(ticket),
        "channel": way.route.channel if way else ticket.channel,
        "since": wording.render_date(ticket.waiting_since, office, row.language),
        "due": wording.render_date(due, office, row.language) if due else "",
        "way": _fate(runtime, ticket, way),
        "claimed": ticket.claimed_by is not None,
        "link": f"{runtime.settings.public_url}/inbox/{row.office}/tickets/{ticket.id}",
    }


def citizen_of(ticket: Shown) -> str:
    """What to call the citizen: by name, else by address, on one line."""
    return plain(ticket.person.name or ticket.person.profile_name or ticket.address, LONGEST_NAME)


def _usual_way(runtime: Runtime, connection: Connection, ticket: Shown) -> Choice | None:
    """How an answer would leave now: where the citizen has written last."""
    found = tickets.find(connection, ticket.id)
    return routes.usual(routes.choices(runtime, connection, found, runtime.clock())) if found else None


def is_held(runtime: Runtime, way: Choice) -> bool:
    """Whether an answer on this way would be kept until the citizen writes again."""
    manners = runtime.channels[way.route.channel].manners
    return not manners.take_free_text(way.route.last_inbound_at, runtime.clock())


def _fate(runtime: Runtime, ticket: Shown, way: Choice | None) -> str:
    """What would become of an answer sent now."""
    if not ticket.open or way is None:
        return "closed"
    if way.route.opted_out:
        return "opted_out"
    return "held" if is_held(runtime, way) else "direct"


def _of_answer(
    runtime: Runtime, connection: Connection, row: AnyRow, account: Account, common: dict[str, Any]
) -> Facts:
    """An answer to an officer's mail: it stands in ``about``; only the newer words are looked up."""
    view, newer = _view(row, account), set(row.about.get("newer", ()))
    lines: tuple[Line, ...] = ()
    if view is not None and row.ticket_id is not None and newer:
        lines = ticket_page.messages(connection, view, row.ticket_id)
    values = {
        **common,
        "newer": tuple(map(_sayer(runtime, row), (line for line in lines if line.id in newer))),
        "inbox": f"{runtime.settings.public_url}/inbox",
    }
    purpose = _ANSWERS.get(row.about.get("answer", ""))
    return Facts(values, Token(purpose, row.ticket_id, account.id) if purpose else None)


def _sayer(runtime: Runtime, row: AnyRow) -> Callable[[Line], Said]:
    office = runtime.office(row.office)

    def said(line: Line) -> Said:
        text = line.body.strip()
        if len(text) > LONGEST_SAYING:
            text = f"{text[:LONGEST_SAYING].rstrip()} […]"
        files = tuple(file["name"] for file in line.media if file.get("name"))
        when = wording.render_date(line.at, office, row.language)
        subject = plain(line.subject, LONGEST_SUBJECT) if line.direction == "in" else ""
        return Said(line.officer or "", when, text, line.content, files, subject)

    return said
