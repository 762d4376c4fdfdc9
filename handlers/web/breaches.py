"""The log of failures to protect personal data: what happened, to whom, and the 3 x 24 hours to tell."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from handlers.web import asked_days, current, privacy
from handlers.web.language import gettext
from storage import alarms, breaches, officers
from storage.breaches import TOLD

blueprint = Blueprint("breaches", __name__, url_prefix="/administration/kebocoran")
ALARM = "breach"
_PARTS = ("what", "happened", "which", "whose", "measures")
_LONGEST = 4000


@blueprint.get("")
def page() -> ResponseReturnValue:
    """What was written down, with what is still to be told, and the form for another."""
    return _page({}, "")


def _page(kept: dict[str, str], problem: str) -> ResponseReturnValue:
    runtime = current.runtime()
    with runtime.database.read() as connection:
        rows = breaches.listed(connection)
    told: dict[str, Any] = {"kept": kept, "problem": problem, "moment": runtime.clock()}
    offices = runtime.settings.offices
    office = next(iter(offices.values()))
    shown = render_template(
        "inbox/breaches.html", rows=rows, clock_office=office, offices=offices, left=privacy.left, **told
    )
    return shown, 422 if problem else 200


@blueprint.post("")
def add() -> ResponseReturnValue:
    """Write one down. The countdown begins when it was noticed."""
    runtime = current.runtime()
    form = {name: request.form.get(name, "").strip()[:_LONGEST] for name in (*_PARTS, "noticed", "office")}
    noticed, now = _noticed(form["noticed"]), runtime.clock()
    if not form["what"]:
        return _page(form, gettext("Tulis dulu apa yang terjadi."))
    if noticed is None or noticed > now:
        return _page(form, gettext("Tulis kapan diketahui, sebelum sekarang."))
    told = {name: form[name] for name in _PARTS} | {"office": _office(form["office"])}
    with runtime.database.write() as connection:
        breach_id = breaches.add(connection, told, noticed, current.officer().id, now)
        alarms.raise_alarm(connection, f"{ALARM}:{breach_id}", None, ALARM, {"number": breach_id}, now)
        officers.record(connection, "breach_noted", now, current.officer().id, {"breach": breach_id})
    flash(gettext("Dicatat. Beri tahu yang bersangkutan dan lembaga sebelum 3 x 24 jam lewat."), "done")
    return redirect(url_for("breaches.page"), 303)


@blueprint.post("/<int:breach_id>")
def tell(breach_id: int) -> ResponseReturnValue:
    """One of the two has been told. Once both are, the alarm is over."""
    runtime, whom = current.runtime(), request.form.get("whom", "")
    if whom not in TOLD:
        flash(gettext("Pilih siapa yang sudah diberi tahu."), "problem")
        return redirect(url_for("breaches.page"), 303)
    now = runtime.clock()
    with runtime.database.write() as connection:
        if breaches.told(connection, breach_id, whom, now):
            about = {"breach": breach_id, "whom": whom}
            officers.record(connection, "breach_told", now, current.officer().id, about)
        row = breaches.find(connection, breach_id)
        if row is not None and row.people_told_at and row.authority_told_at:
            alarms.settle(connection, f"{ALARM}:{breach_id}", current.officer().id, now)
    return redirect(url_for("breaches.page"), 303)


def _noticed(written: str) -> datetime | None:
    """The local moment of a ``datetime-local`` field, on the first office's clock."""
    office = next(iter(current.runtime().settings.offices.values()))
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    if asked_days.day(found.date().isoformat()) is None:
        return None
    return found.replace(tzinfo=ZoneInfo(office.timezone)) if found.tzinfo is None else None


def _office(written: str) -> str:
    return written if written in current.runtime().settings.offices else ""
