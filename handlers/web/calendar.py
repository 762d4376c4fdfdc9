"""The office's working calendar: everybody reads it, supervisors change it, look first and may undo."""

from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import ValidationError
from sqlalchemy import Connection

from bot.calendar import DayKind, WorkingCalendar
from handlers import calendar_changes, calendar_gaps, sheets
from handlers.calendar_changes import FIRST_YEAR, LAST_YEAR, Change, Move, Outdated, Overlapping
from handlers.web import calendar_csv, calendar_forms, calendar_view, calendar_words, current, moments
from handlers.web.inbox import rail
from handlers.web.language import gettext, ngettext
from storage import calendar, officers

blueprint = Blueprint("calendar", __name__, url_prefix="/inbox/<office>/kalender")
_SHOWN = 8


@blueprint.get("")
def page() -> ResponseReturnValue:
    """A year of days, what is special about them, and for supervisors the means to change that."""
    return _page(dict(request.args))


def _page(filled: dict[str, str], problems: list[str] | None = None, code: int = 200) -> ResponseReturnValue:
    desk, view = current.runtime(), current.view()
    with desk.database.read() as connection:
        known = desk.calendars.of(connection, view.office)
        today = known.local_date(desk.clock())
        year = _year(filled.get("tahun") or filled.get("first", "")[:4], today)
        found = render_template(
            "inbox/calendar.html",
            year=year,
            months=calendar_view.year(known, year, today),
            rows=[row for row in calendar.days(connection, view.office) if row.day.year == year],
            seasons=calendar.seasons(connection, view.office),
            gaps=calendar_gaps.gaps(known, current.office(), today),
            last=_last(connection) if view.complaints else None,
            filled=filled,
            proposal=calendar_forms.ramadan(known, year) if view.complaints else None,
            problems=problems or [],
            **_means(connection, known),
        )
    return found, code


def _means(connection: Connection, known: WorkingCalendar) -> dict[str, Any]:
    """What every page of the calendar knows."""
    names = {one.id: one.name for one in officers.colleagues(connection, current.view().office)}
    return {
        "calendar_words": calendar_words,
        "kinds": tuple(DayKind),
        "signs": calendar_words.SIGNS,
        "known": known,
        "colleagues": names,
        **rail(connection),
    }


def _year(asked: str, today: date) -> int:
    year = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) == 4 else today.year
    return min(max(year, FIRST_YEAR), LAST_YEAR)


def _last(connection: Connection) -> dict[str, Any] | None:
    """The last change, while it may be taken back."""
    row = calendar_changes.last_change(connection, current.view().office, current.runtime().clock())
    if row is None:
        return None
    change = Change.model_validate(row.detail["change"])
    return {"id": row.id, "at": row.at, "officer_id": row.officer_id, "lines": calendar_words.changes(change)}


@blueprint.get("/kalender.csv")
def export() -> ResponseReturnValue:
    """All special dates as a file that can be read in again."""
    view = current.view()
    with current.runtime().database.read() as connection:
        content = calendar_csv.written(calendar.days(connection, view.office))
    name = f"kalender-{view.office}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, mimetype="text/csv", headers=headers)


@blueprint.post("/periksa")
def preview() -> ResponseReturnValue:
    """What a change would move. Nothing is changed yet."""
    filled = {name: value for name, value in request.form.items() if name != "csrf_token"}
    try:
        change = _asked(filled)
        return _preview(change)
    except sheets.Unreadable as unreadable:
        return _page(filled, unreadable.problems, 422)
    except ValueError as error:
        return _page(filled, [str(error)], 422)
    except Overlapping:
        return _page(filled, [_overlapping()], 422)


def _asked(filled: dict[str, str]) -> Change:
    """The change that the form asks for. Raises ``ValueError`` with a sentence, or ``Unreadable``."""
    with current.runtime().database.read() as connection:
        known = current.runtime().calendars.of(connection, current.view().office)
        rows = calendar.days(connection, current.view().office)
    match filled.get("act"):
        case "day":
            return calendar_forms.day(filled, known)
        case "back":
            return calendar_forms.back(filled)
        case "certain":
            return calendar_forms.certain(filled, known)
        case "season":
            return calendar_forms.season(filled)
        case "no_season":
            return calendar_forms.no_season(filled)
        case _:
            return calendar_csv.read(_file(), rows)


def _file() -> bytes:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise ValueError(gettext("Pilih berkasnya dulu."))
    return file.stream.read(calendar_csv.LARGEST + 1)


def _preview(change: Change) -> ResponseReturnValue:
    desk, view = current.runtime(), current.view()
    if not change:
        raise ValueError(gettext("Tidak ada yang berubah: semuanya sudah tercatat begitu."))
    with desk.database.read() as connection:
        moved = calendar_changes.moves(desk, connection, view.office, change)
        return render_template(
            "inbox/calendar_preview.html",
            change=change.model_dump_json(),
            lines=calendar_words.changes(change),
            moved=moved[:_SHOWN],
            more=max(len(moved) - _SHOWN, 0),
            year=_year_of(change),
            **_means(connection, desk.calendars.of(connection, view.office)),
        )


def _year_of(change: Change) -> int:
    return min([*change.days, *change.remove, *(one.first for one in change.add)]).year


@blueprint.post("/simpan")
def save() -> ResponseReturnValue:
    """Change the calendar as it was looked at."""
    desk, view = current.runtime(), current.view()
    try:
        change = Change.model_validate_json(request.form.get("change", ""))
    except ValidationError:
        change = Change()
    if not change:
        return _page({}, [gettext("Formulir ini tidak lengkap. Isi lagi dari awal.")], 422)
    try:
        moved = calendar_changes.save(desk, view.officer_id, view.office, change)
    except Overlapping:
        return _page({}, [_overlapping()], 422)
    _tell(gettext("Kalender disimpan."), moved)
    return redirect(url_for("calendar.page", office=view.office, tahun=_year_of(change)), 303)


@blueprint.post("/urungkan")
def undo() -> ResponseReturnValue:
    """Take the last change back."""
    desk, view = current.runtime(), current.view()
    try:
        moved = calendar_changes.undo(desk, view.officer_id, view.office, request.form.get("id", 0, type=int))
    except (Outdated, Overlapping):
        told = gettext("Sudah didahului: kalender baru saja diubah lagi. Lihat keadaan terbarunya.")
        flash(told, "problem")
    else:
        _tell(gettext("Perubahan dibatalkan."), moved)
    return redirect(url_for("calendar.page", office=view.office), 303)


def _tell(done: str, moved: tuple[Move, ...]) -> None:
    """What was done, and which promises it moved."""
    if not moved:
        flash(f"{done} {gettext('Tidak ada tenggat yang bergeser.')}", "done")
        return
    listed = "; ".join(
        f"{one.reference} → {moments.full(one.becomes, current.office())}" for one in moved[:_SHOWN]
    )
    count = ngettext("%(num)s tenggat bergeser:", "%(num)s tenggat bergeser:", len(moved))
    more = f"; {gettext('dan lainnya')}" if len(moved) > _SHOWN else ""
    flash(f"{done} {count} {listed}{more}.", "done")


def _overlapping() -> str:
    return gettext("Tanggalnya bertumpuk dengan jam khusus yang sudah ada. Hapus dulu yang lama.")
