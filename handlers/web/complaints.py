"""The register of complaints: its page, its print, and what supervisors enter about one of them."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.complaint_days import Weight
from bot.satisfaction import Element
from handlers import complaints
from handlers.complaints import Sheet
from handlers.web import asked_days, complaint_card, complaint_words, current, tickets
from handlers.web.complaint_card import FIELDS, Unsaved
from handlers.web.inbox import rail
from handlers.web.language import gettext
from handlers.web.permissions import LARGEST_ID
from handlers.web.tickets import Kept
from storage import complaint_register
from storage.complaint_register import PAGE, Standing, Wanted
from storage.complaints import Treatment

blueprint = Blueprint("complaints", __name__, url_prefix="/inbox/<office>/pengaduan")
_NOT_SAID = "-"
"""What the filter calls complaints whose element nobody has named."""
_WAS = "was_"
"""Before the name of a field: what it held when the form was shown."""


@blueprint.get("")
def page() -> ResponseReturnValue:
    """The register, a page of it, by what the filter chooses."""
    return render_template("inbox/complaints.html", **_register(_page_number()), **_rail())


@blueprint.get("/cetak")
def printed() -> ResponseReturnValue:
    """All that the filter chooses, on paper."""
    return render_template("inbox/complaints_print.html", **_register(None))


def _rail() -> dict[str, Any]:
    with current.runtime().database.read() as connection:
        return rail(connection)


def _register(page: int | None) -> dict[str, Any]:
    view, now = current.view(), current.runtime().clock()
    wanted, kept, problem = _wanted()
    with current.runtime().database.read() as connection:
        found = complaint_register.listed(connection, view, wanted, now, page=page)
        desk = complaint_card.desk(connection)
        total = complaint_register.count(connection, view, wanted, now)
        shares = complaint_register.by_category(connection, view, wanted, now)
    rows = found if page is None else found[:PAGE]
    return {
        "rows": rows,
        "stages": {one.ticket_id: complaint_words.stages(one.course, desk, now) for one in rows},
        "upcoming": {
            one.ticket_id: complaint_words.upcoming(one.course, desk, now) for one in rows if one.open
        },
        "total": total,
        "shares": sorted(shares.items(), key=lambda share: -share[1]),
        "more": len(found) > len(rows),
        "page_number": page,
        "kept": kept,
        "problem": problem,
        "wanted": wanted,
        "standings": tuple(Standing),
        "elements": tuple(Element),
        "not_said": _NOT_SAID,
        "complaint_words": complaint_words,
    }


def _wanted() -> tuple[Wanted, dict[str, str], str]:
    """What the address chooses, the same as it was written, and what of it can't be read."""
    kept = {name: request.args.get(name, "") for name in ("keadaan", "unsur", "dari", "sampai")}
    kept = {name: said for name, said in kept.items() if said}
    standing = kept.get("keadaan", Standing.ALL.value)
    if standing not in set(Standing) or kept.get("unsur", _NOT_SAID) not in {_NOT_SAID, *Element}:
        abort(404)
    category = {_NOT_SAID: "", "": None}.get(kept.get("unsur", ""), kept.get("unsur"))
    since, until = asked_days.day(kept.get("dari", "")), asked_days.day(kept.get("sampai", ""))
    problem = ""
    if (since is None and "dari" in kept) or (until is None and "sampai" in kept):
        problem = asked_days.unreadable()
    ends = asked_days.begins(until + timedelta(days=1)) if until else None
    return (
        Wanted(Standing(standing), category, asked_days.begins(since) if since else None, ends),
        kept,
        problem,
    )


def _page_number() -> int:
    asked = request.args.get("page", "0")
    return min(int(asked), 10_000) if asked.isdecimal() and len(asked) < 6 else 0


@blueprint.post("/<int:ticket_id>")
def treat() -> ResponseReturnValue:
    """Keep the category, the weight, the plan, and whom the complaint is about."""
    _only_complaints()
    if problem := _problem():
        return _again(problem, 422)
    told, shown = Sheet(_treatment(""), _ids("accused")), Sheet(_treatment(_WAS), _ids("shown"))
    if not complaints.treat(current.runtime(), current.view().officer_id, current.ticket().id, told, shown):
        return _again(_overtaken(), 409)
    if current.view().officer_id in told.accused:
        flash(gettext("Pengaduan ini kini tidak diperlihatkan kepada Anda."), "done")
        return redirect(url_for("complaints.page", office=current.view().office), 303)
    flash(gettext("Tindak lanjut pengaduan disimpan."), "done")
    return _back()


def _fields(prefix: str) -> dict[str, str]:
    """What was entered; with the *prefix* of what had been shown, that."""
    return {name: request.form.get(f"{prefix}{name}", "") for name in FIELDS}


def _problem() -> str:
    """Why what was entered can't be kept; empty when it can."""
    form = _fields("")
    if form["category"] not in {"", *Element} or form["weight"] not in {"", *Weight}:
        return gettext("Pilih unsur dan bobot dari daftar.")
    if form["plan_due"] and asked_days.day(form["plan_due"]) is None:
        return asked_days.unreadable()
    if (form["plan_by"].strip() or form["plan_due"]) and not form["plan"].strip():
        return gettext("Tulis dulu rencana tindak lanjutnya.")
    return ""


def _treatment(prefix: str) -> Treatment:
    fields = _fields(prefix)
    plan = fields["plan"].strip()[: complaint_card.LONGEST_PLAN]
    by = " ".join(fields["plan_by"].split())[: complaint_card.LONGEST_NAME]
    return Treatment(fields["category"], fields["weight"], plan, by, asked_days.read(fields["plan_due"]))


def _overtaken() -> str:
    return gettext("Belum disimpan: rekan Anda lebih dulu menyimpan yang lain. Periksa, lalu simpan lagi.")


def _again(problem: str, code: int) -> ResponseReturnValue:
    """The page with what was entered, and what a colleague has saved meanwhile."""
    told, was = ({name: complaint_card.plain(one) for name, one in _fields(of).items()} for of in ("", _WAS))
    unsaved = Unsaved(told, was, _ids("accused"), _ids("shown"), problem)
    return tickets.shown(Kept(unsaved=unsaved)), code


def _ids(name: str) -> frozenset[int]:
    return frozenset(min(int(one), LARGEST_ID) for one in request.form.getlist(name) if _is_id(one))


def _is_id(written: str) -> bool:
    return written.isascii() and written.isdigit() and len(written) < 19


@blueprint.post("/<int:ticket_id>/lengkap")
def complete() -> ResponseReturnValue:
    """The complaint is complete: its decision counts from now."""
    _only_complaints()
    if complaints.complete(current.runtime(), current.view().officer_id, current.ticket().id):
        flash(gettext("Pengaduan ditandai lengkap: penyelesaian dihitung sejak hari ini."), "done")
    return _back()


@blueprint.post("/<int:ticket_id>/rencana")
def plan_done() -> ResponseReturnValue:
    """What was planned is done."""
    _only_complaints()
    if complaints.plan_done(current.runtime(), current.view().officer_id, current.ticket().id):
        flash(gettext("Rencana tindak lanjut ditandai selesai."), "done")
    return _back()


def _only_complaints() -> None:
    if not current.ticket().complaint:
        abort(404)


def _back() -> ResponseReturnValue:
    ticket = current.ticket().id
    return redirect(
        url_for("tickets.page", office=current.view().office, ticket_id=ticket) + "#pengaduan", 303
    )
