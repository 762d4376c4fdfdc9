"""The roster's page: who is on duty, who is away, and to whom tickets are given."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.calendar import DayKind, WorkingCalendar
from bot.routing import Absence, Half, HalfDay, Roster, served_next
from handlers import rostering
from handlers.rostering import Editor, Overlap, Sharing, Unfit
from handlers.web import asked_days, current, duty_words
from handlers.web.inbox import rail
from handlers.web.language import gettext
from handlers.web.permissions import LARGEST_ID
from storage import roster
from storage.duty import DutyHalf
from storage.roster import Member

blueprint = Blueprint("roster", __name__, url_prefix="/inbox/<office>/jadwal")
DAYS_AHEAD = 14
_NOON = time(12)


@dataclass(frozen=True, slots=True)
class Shift:
    """Half of a day ahead: who serves, and who would but is away."""

    half: Half
    on: tuple[str, ...]
    away: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ahead:
    """A day ahead: its name when it is special, and its shifts; none when the office does not serve."""

    day: date
    special: str
    shifts: tuple[Shift, ...]


@dataclass(frozen=True, slots=True)
class LeaveForm:
    """What was entered, to be shown again, and what is wrong with it."""

    officer: int = 0
    first: str = ""
    first_half: str = Half.AM.value
    last: str = ""
    last_half: str = Half.PM.value
    reason: str = ""
    problem: str = ""


@blueprint.get("")
def page() -> ResponseReturnValue:
    """The week, who is on now, the next two weeks, and leave."""
    return _page(LeaveForm())


def _page(form: LeaveForm) -> str:
    desk, view = current.runtime(), current.view()
    now = desk.clock()
    with desk.database.read() as connection:
        calendar = desk.calendars.of(connection, view.office)
        today = calendar.local_date(now)
        members = roster.members(connection, view)
        planned = roster.planned(connection, view, today)
        return render_template(
            "inbox/roster.html",
            members=members,
            planned=planned,
            weekdays=_weekdays(calendar, planned),
            halves=tuple(Half),
            now_serving=_serving(calendar, planned, members, now),
            is_open=calendar.is_open(now),
            ahead=tuple(_ahead(calendar, planned, members, today)),
            leaves=roster.leaves(connection, view, today),
            form=form,
            today=today,
            **rail(connection),
        )


def _weekdays(calendar: WorkingCalendar, planned: Roster) -> list[int]:
    """The days on which the office usually serves, or for which somebody is planned."""
    used = {weekday for halves in planned.duty.values() for weekday, _ in halves}
    return [number for number in range(7) if calendar.week[number] or number in used]


def _serving(
    calendar: WorkingCalendar, planned: Roster, members: Sequence[Member], now: datetime
) -> tuple[HalfDay, tuple[str, ...]]:
    at = served_next(calendar, now)
    return at, tuple(one.name for one in members if planned.on_duty(one.id, at))


def _ahead(
    calendar: WorkingCalendar, planned: Roster, members: Sequence[Member], today: date
) -> Iterator[Ahead]:
    for day in (today + timedelta(days=number) for number in range(DAYS_AHEAD)):
        special = calendar.days.get(day)
        name = special.name if special and (special.name or special.kind is not DayKind.OPEN) else ""
        shifts = tuple(_shift(planned, members, HalfDay(day, half)) for half in _served(calendar, day))
        yield Ahead(day, name, shifts)


def _served(calendar: WorkingCalendar, day: date) -> Iterator[Half]:
    spans = calendar.spans(day)
    if any(start < _NOON for start, _ in spans):
        yield Half.AM
    if any(end > _NOON for _, end in spans):
        yield Half.PM


def _shift(planned: Roster, members: Sequence[Member], at: HalfDay) -> Shift:
    on = tuple(one.name for one in members if planned.on_duty(one.id, at))
    return Shift(at.half, on, tuple(one.name for one in members if planned.is_away(one.id, at)))


@blueprint.post("")
def save_duty() -> ResponseReturnValue:
    """What was changed of the week."""
    rostering.change_duty(_editor(), _shifts("duty"), _shifts("was"))
    flash(gettext("Jadwal mingguan disimpan."), "done")
    return _back()


def _shifts(name: str) -> set[DutyHalf]:
    return {shift for one in request.form.getlist(name) if (shift := _cell(one)) is not None}


def _cell(ticked: str) -> DutyHalf | None:
    """``17:0:am``: officer 17, Monday, in the morning; None for what is no such cell."""
    officer_id, _, rest = ticked.partition(":")
    weekday, _, half = rest.partition(":")
    if half not in set(Half) or weekday not in set("0123456") or not _is_id(officer_id):
        return None
    return int(officer_id), int(weekday), Half(half)


def _is_id(written: str) -> bool:
    return written.isascii() and written.isdigit() and len(written) < 19


@blueprint.post("/pembagian")
def save_sharing() -> ResponseReturnValue:
    """Topics of each officer, and whether tickets are given to them."""
    rostering.change_sharing(_editor(), _sharing(""), _sharing("was_"))
    flash(gettext("Pembagian tiket disimpan."), "done")
    return _back()


def _sharing(prefix: str) -> Sharing:
    told = [one.partition(":") for one in request.form.getlist(f"{prefix}topic")]
    topics = {(int(officer_id), key) for officer_id, _, key in told if _is_id(officer_id)}
    return Sharing(topics, {int(one) for one in request.form.getlist(f"{prefix}takes") if _is_id(one)})


@blueprint.post("/cuti")
def add_leave() -> ResponseReturnValue:
    """Enter a leave: a supervisor for anybody, an officer for themselves."""
    view, told = current.view(), request.form
    officer_id = min(told.get("officer", 0, type=int), LARGEST_ID) if view.complaints else view.officer_id
    form = LeaveForm(
        officer_id,
        *(told.get("first", ""), told.get("first_half", ""), told.get("last", ""), told.get("last_half", "")),
        told.get("reason", "")[: rostering.LONGEST_REASON],
    )
    away = _absence(form)
    if away is None:
        return _refused(form, gettext("Isi tanggal mulai dan tanggal selesai."))
    unfit = rostering.add_leave(_editor(), officer_id, away, form.reason)
    if unfit is not None:
        return _refused(form, _why(unfit))
    flash(gettext("Cuti dicatat: %(when)s.", when=duty_words.absence(away)), "done")
    return _back()


def _absence(form: LeaveForm) -> Absence | None:
    first, last = asked_days.day(form.first), asked_days.day(form.last or form.first)
    if first is None or last is None or not {form.first_half, form.last_half} <= set(Half):
        return None
    return Absence(HalfDay(first, Half(form.first_half)), HalfDay(last, Half(form.last_half)))


def _refused(form: LeaveForm, problem: str) -> ResponseReturnValue:
    told = (form.officer, form.first, form.first_half, form.last, form.last_half, form.reason)
    return _page(LeaveForm(*told, problem=problem)), 422


def _why(unfit: Unfit | Overlap) -> str:
    match unfit:
        case Overlap(other):
            when = duty_words.absence(other)
            return gettext(
                "Bertumpuk dengan cuti yang sudah dicatat: %(when)s. Hapus dulu yang lama.", when=when
            )
        case Unfit.NOT_HERE:
            return gettext("Pilih petugas kantor ini.")
        case Unfit.ORDER:
            return gettext("Cuti selesai sebelum mulai. Periksa tanggalnya, dan pagi atau siang.")
        case Unfit.PAST:
            return gettext("Cuti itu sudah lewat.")
        case Unfit.TOO_LONG:
            return gettext("Paling lama satu tahun. Periksa tanggalnya.")


@blueprint.post("/cuti/hapus")
def remove_leave() -> ResponseReturnValue:
    """Take a leave back: a supervisor anybody's, an officer their own."""
    view = current.view()
    leave_id = min(max(request.form.get("leave", 0, type=int), 0), LARGEST_ID)
    if rostering.remove_leave(_editor(), leave_id, None if view.complaints else view.officer_id):
        flash(gettext("Cuti dihapus."), "done")
    else:
        flash(gettext("Cuti itu sudah tidak ada."), "problem")
    return _back()


def _editor() -> Editor:
    return Editor(current.runtime(), current.view().office, current.view().officer_id)


def _back() -> ResponseReturnValue:
    return redirect(url_for("roster.page", office=current.view().office), 303)
