"""The audit log for administrators: who did what, who read what, and who came in from where."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from bot.policy import Office
from handlers.web import asked_days, audit_words, current
from handlers.web.permissions import LARGEST_ID
from storage import audit, officers
from storage.audit import PAGE, Wanted

blueprint = Blueprint("administration_log", __name__, url_prefix="/administration/catatan")
_LONGEST = 200


@blueprint.get("")
def page() -> ResponseReturnValue:
    """A page of it, narrowed by the address. Days are those of the first configured office."""
    runtime = current.runtime()
    with runtime.database.read() as connection:
        rows = audit.listed(connection, _wanted())
        accounts = officers.listed(connection)
    keep = {name: request.args[name] for name in ("officer", "kind", "from", "to") if request.args.get(name)}
    return render_template(
        "inbox/audit.html",
        rows=rows[:PAGE],
        older=rows[PAGE - 1].id if len(rows) > PAGE else None,
        accounts=accounts,
        by_id={one.id: one.name for one in accounts},
        groups=audit_words.groups(),
        names=audit_words.names(),
        about=_about,
        keep=keep,
        clock_office=next(iter(runtime.settings.offices.values())),
    )


def _wanted() -> Wanted:
    group = audit_words.groups().get(request.args.get("kind", ""))
    first, last = _day("from"), _day("to")
    return Wanted(
        officer_id=_number("officer"),
        kinds=tuple(group[1]) if group else None,
        since=_midnight(first) if first else None,
        until=_midnight(last + timedelta(days=1)) if last else None,
        before=_number("before"),
    )


def _number(name: str) -> int | None:
    told = request.args.get(name, "")
    return min(int(told), LARGEST_ID) if told.isascii() and told.isdigit() and len(told) < 20 else None


def _day(name: str) -> date | None:
    return asked_days.day(request.args.get(name, ""))


def _midnight(day: date) -> datetime:
    office = next(iter(current.runtime().settings.offices.values()))
    return datetime.combine(day, time(), ZoneInfo(office.timezone))


def _about(detail: Mapping[str, Any] | None, by_id: Mapping[int, str]) -> str:
    """The numbers and codes of a row in a line."""
    offices, told = current.runtime().settings.offices, detail or {}
    written = {
        part: _named(
            told[part], offices if part in ("office", "with") else {}, by_id if part == "officer" else {}
        )
        for part in audit_words.parts()
        if told.get(part)
    }
    return ", ".join(f"{audit_words.parts()[part]} {value}" for part, value in written.items())[:_LONGEST]


def _named(value: Any, offices: Mapping[str, Office], officers_by_id: Mapping[int, str]) -> str:
    if isinstance(value, str) and value in offices:
        return offices[value].short_name
    return officers_by_id.get(value, str(value)) if isinstance(value, int) else str(value)
