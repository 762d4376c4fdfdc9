"""The register of complaints: its page, its print, and what supervisors enter about one of them."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.complaint_days import Weight
from bot.satisfaction import Element
from handlers import complaints
from handlers.web import asked_days, complaint_card, complaint_words, current
from handlers.web.inbox import rail
from handlers.web.language import gettext
from handlers.web.permissions import LARGEST_ID
from storage import complaint_register
from storage.complaint_register import PAGE, Standing, Wanted
from storage.complaints import Treatment

blueprint = Blueprint("complaints", __name__, url_prefix="/inbox/<office>/pengaduan")
_NOT_SAID = "-"
"""What the filter calls complaints whose element nobody has named."""


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
    told, problem = _treatment()
    if told is None:
        flash(problem, "problem")
        return _back()
    accused = [min(int(one), LARGEST_ID) for one in request.form.getlist("accused") if _is_id(one)]
    complaints.treat(current.runtime(), current.view().officer_id, current.ticket().id, told, accused)
    if current.view().officer_id in accused:
        flash(gettext("Pengaduan ini kini tidak diperlihatkan kepada Anda."), "done")
        return redirect(url_for("complaints.page", office=current.view().office), 303)
    flash(gettext("Tindak lanjut pengaduan disimpan."), "done")
    return _back()


def _treatment() -> tuple[Treatment | None, str]:
    form = request.form
    category, weight = form.get("category", ""), form.get("weight", "")
    if category not in {"", *Element} or weight not in {"", *Weight}:
        return None, gettext("Pilih unsur dan bobot dari daftar.")
    due = asked_days.day(form.get("plan_due", ""))
    if due is None and form.get("plan_due"):
        return None, asked_days.unreadable()
    plan = form.get("plan", "").strip()[: complaint_card.LONGEST_PLAN]
    by = " ".join(form.get("plan_by", "").split())[: complaint_card.LONGEST_NAME]
    if (by or due) and not plan:
        return None, gettext("Tulis dulu rencana tindak lanjutnya.")
    return Treatment(category, weight, plan, by, due), ""


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
