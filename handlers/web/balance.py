"""For the administrator: what came and left, day by day, and the provider's log beside it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from bot.policy import Office
from handlers.runtime import Runtime
from handlers.web import current
from handlers.web.language import gettext
from storage import balance, reconciliation
from storage.balance import Day

blueprint = Blueprint("balance", __name__, url_prefix="/administration/balance")
DAYS = 7


@blueprint.get("")
def page() -> ResponseReturnValue:
    """The last week. Days are those of the first configured office."""
    desk = current.runtime()
    office = first_office(desk)
    with desk.database.read() as connection:
        return render_template(
            "inbox/balance.html",
            days=[(begins, _days(connection, begins, ends)) for begins, ends in _last_days(desk, office)],
            intake=balance.INTAKE,
            delivery=balance.DELIVERY,
            logs=reconciliation.all_of_them(connection),
            findings=reconciliation.open_findings(connection),
            clock_office=office,
            moment=desk.clock(),
            offices=desk.settings.offices,
        )


@blueprint.post("/findings")
def settle() -> ResponseReturnValue:
    """What was found was looked at."""
    desk = current.runtime()
    with desk.database.write() as connection:
        wanted = [request.form.get("external_id", "")]
        reconciliation.settle_findings(connection, wanted, current.officer().id, desk.clock())
    flash(gettext("Pesan ditandai sudah ditangani."), "done")
    return redirect(url_for("balance.page"), 303)


def first_office(desk: Runtime) -> Office:
    """Whose clock the installation's pages show."""
    return next(iter(desk.settings.offices.values()))


def today(desk: Runtime) -> tuple[datetime, datetime]:
    """When this day began and ends at the first configured office."""
    return _last_days(desk, first_office(desk), 1)[0]


def _last_days(desk: Runtime, office: Office, many: int = DAYS) -> Sequence[tuple[datetime, datetime]]:
    zone = ZoneInfo(office.timezone)
    date = desk.clock().astimezone(zone).date()
    begun = [datetime.combine(date - timedelta(days=back), time(), zone) for back in range(-1, many)]
    return [(begins, ends) for ends, begins in pairwise(begun)]


def _days(connection: Connection, begins: datetime, ends: datetime) -> Mapping[str, Day]:
    return balance.day(connection, begins, ends)


def meanings() -> Mapping[str, tuple[str, str]]:
    """What each end is called, and what it means."""
    return {
        "handled": (gettext("ditangani"), gettext("dijawab bot, atau masuk ke sebuah tiket")),
        "filed": (
            gettext("disimpan"),
            gettext("disimpan tanpa jawaban: ucapan terima kasih, setelah BERHENTI"),
        ),
        "shunted": (
            gettext("tidak tertangani"),
            gettext("Loket gagal tiga kali: lihat “Belum tertangani” kantornya"),
        ),
        "pending": (gettext("menunggu"), gettext("sudah disimpan, belum diolah; biasanya sekejap")),
        "queued": (gettext("antre"), gettext("menunggu giliran atau percobaan berikutnya")),
        "sending": (gettext("sedang dikirim"), gettext("sedang diserahkan kepada penyedia")),
        "sent": (
            gettext("dikirim"),
            gettext("diserahkan, belum ada kabar; setelah 12 jam ditanyakan kepada penyedia"),
        ),
        "delivered": (gettext("diterima"), gettext("sampai di telepon warga")),
        "read": (gettext("dibaca"), gettext("dibuka warga")),
        "held": (gettext("tertahan"), gettext("menunggu warga menulis lagi, atau jalur lain")),
        "unknown": (
            gettext("belum pasti"),
            gettext("penyedia tidak menjawab; sedang dicek sebelum dikirim lagi"),
        ),
        "failed": (gettext("gagal"), gettext("tidak sampai; sebabnya ada di “Pengelolaan”")),
        "cancelled": (
            gettext("dibatalkan"),
            gettext("tidak dikirim: terlambat, atau warga berkata BERHENTI"),
        ),
    }
