"""Reports for the head of office: a page that prints, and files. Personal data leaves only when asked for."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from bot import figures, periods
from bot.figures import Outcome
from bot.periods import Period
from handlers import reports
from handlers.reports import Report
from handlers.web import charts, current, moments, report_sheets, report_voice, report_words
from handlers.web.cells import CSV, XLSX, Sheet, as_csv
from handlers.web.inbox import rail
from handlers.web.language import gettext
from handlers.web.permissions import Role, roles

blueprint = Blueprint("reports", __name__, url_prefix="/inbox/<office>/laporan")
_LOOKS = {"whatsapp": "whatsapp", "email": "email"}
_OUTCOMES = (Outcome.KEPT, Outcome.MISSED, Outcome.RUNNING, Outcome.DROPPED)


@blueprint.get("")
def page() -> ResponseReturnValue:
    """The report of the period that the address chooses, this month without one."""
    return _page()


def _page(problem: str = "", code: int = 200) -> ResponseReturnValue:
    period = _period()
    if period is None:
        problem, period = gettext("Masa itu tidak dikenal. Ini laporan bulan ini."), _this_month()
    desk, view = current.runtime(), current.view()
    with desk.database.read() as connection:
        report = reports.assemble(desk, connection, view, period)
        around = rail(connection) if _is_member() else {}
    months, quarters, year = periods.of_year(period.first.year)
    found = render_template(
        "inbox/reports.html",
        report=report,
        period=period,
        months=months,
        quarters=quarters,
        year=year,
        problem=problem,
        layout="inbox/desk.html" if _is_member() else "inbox/apart.html",
        report_words=report_words,
        exports=view.complaints,
        **_figures(report),
        **report_voice.words(report.voice),
        **around,
    )
    return found, code


def _period() -> Period | None:
    asked = request.values.get("masa", "")
    return periods.named(asked) if asked else _this_month()


def _this_month() -> Period:
    with current.runtime().database.read() as connection:
        calendar = current.runtime().calendars.of(connection, current.view().office)
    return periods.month_of(calendar.local_date(current.runtime().clock()))


def _is_member() -> bool:
    """An administrator may read the report of an office whose inbox is not theirs."""
    return bool(roles(current.officer(), current.view().office) & {Role.OFFICER, Role.SUPERVISOR})


def _figures(report: Report) -> Mapping[str, Any]:
    """What the pictures of the page are drawn from."""
    channels, promises = tuple(report.by_channel), report.promises
    looks = [_LOOKS.get(channel, "other") for channel in channels]
    spread = figures.spread(report.waits)
    return {
        "channels": tuple(zip(channels, looks, strict=True)),
        "over_time": _over_time(report, looks),
        "outcomes": _OUTCOMES,
        "outcome_bar": charts.stack(_OUTCOMES, [promises[one] for one in _OUTCOMES]),
        "kept": _kept(promises),
        "kept_before": _kept(report.before.promises),
        "wait_columns": charts.columns(
            [report_words.step(at) for at in range(len(spread))], ["time"], [[number] for number in spread]
        ),
        "spread_told": "; ".join(f"{report_words.step(at)}: {number}" for at, number in enumerate(spread)),
        "topics": [(report_words.topic(current.office(), key), n) for key, n in report.by_topic.items()],
        "uses": [(report_words.main_use(key), n) for key, n in report.by_use.items()],
        "institutions": [(report_words.institution(key), n) for key, n in report.by_institution.items()],
        "closings": [(report_words.closing(key), n) for key, n in report.closings.items()],
        "share": figures.share,
        "zone": moments.zone(current.runtime().clock(), current.office()),
    }


def _over_time(report: Report, looks: Sequence[str]) -> charts.Columns:
    labels = [report_words.under_column(report.period, first) for first in report.volume]
    numbers = [[counted[channel] for channel in report.by_channel] for counted in report.volume.values()]
    return charts.columns(labels, looks, numbers)


def _kept(promises: Mapping[Outcome, int]) -> int | None:
    """Of the promises that are decided, how many in a hundred were kept."""
    return figures.share(promises[Outcome.KEPT], promises[Outcome.KEPT] + promises[Outcome.MISSED])


@blueprint.get("/angka.csv")
def figures_file() -> ResponseReturnValue:
    """The figures in lines."""
    report = _report()
    return _file(report.period, "angka", as_csv(report_sheets.in_lines(report_sheets.of_figures(report))))


@blueprint.get("/tiket.csv")
def tickets_file() -> ResponseReturnValue:
    """The consultations in lines, without their citizens."""
    report = _report()
    return _file(report.period, "tiket", as_csv(report_sheets.of_consultations(report).rows))


@blueprint.get("/laporan.xlsx")
def workbook() -> ResponseReturnValue:
    """Figures and consultations as a workbook, without the citizens."""
    report = _report()
    return _file(report.period, "laporan", _book(report, report_sheets.of_consultations(report)), XLSX)


@blueprint.post("/pengguna")
def people() -> ResponseReturnValue:
    """The same with the citizens' personal data: only for who says so, and it is logged."""
    period = _period()
    if period is None or request.form.get("sure") != "ya":
        return _page(gettext("Centang dulu bahwa Anda memerlukan data pribadi."), 422)
    in_lines = request.form.get("as") == "csv"
    report, citizens = reports.export_people(
        current.runtime(), current.view(), period, "csv" if in_lines else "xlsx"
    )
    consultations = report_sheets.of_consultations(report, citizens)
    if in_lines:
        return _file(period, "pengguna", as_csv(consultations.rows))
    return _file(period, "pengguna", _book(report, consultations), XLSX)


def _book(report: Report, consultations: Sheet) -> bytes:
    from handlers.web.workbooks import as_xlsx

    return as_xlsx([*report_sheets.of_figures(report), consultations])


def _report() -> Report:
    desk, period = current.runtime(), _period()
    if period is None:
        abort(404)
    with desk.database.read() as connection:
        return reports.assemble(desk, connection, current.view(), period)


def _file(period: Period, what: str, content: bytes, kind: str = CSV) -> Response:
    name = f"{what}-{current.view().office}-{period.name}.{'csv' if kind == CSV else 'xlsx'}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, mimetype=kind, headers=headers)
