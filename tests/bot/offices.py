"""Offices and their desks in tests of the core: how each consults, asks, closes and promises."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.calendar import WorkingCalendar
from bot.policy import (
    AutoClose,
    ContactRule,
    Desk,
    Field,
    Limits,
    Manners,
    Mode,
    Office,
    Registration,
    SearchFirst,
    Senders,
    Sla,
)

ASK = "data penduduk kotabaru 2020 untuk skripsi"
ABOUT = "petugas kami meminta uang"
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
WHATSAPP = Manners(
    "whatsapp", interactive=True, max_length=1600, supports_choices=False, window=timedelta(hours=24)
)
MAIL = Manners("email", interactive=False, max_length=500_000, supports_choices=False, window=None)


CALENDAR = WorkingCalendar(ZoneInfo("Asia/Makassar"))


def office(**changes: object) -> Office:
    """An office that consults on WhatsApp and asks nothing, but for *changes*."""
    plain = Office(
        code="6302",
        short_name="KTB",
        name={"id": "BPS Kabupaten Kotabaru", "en": "BPS-Statistics Kotabaru Regency"},
        timezone="Asia/Makassar",
        modes={"whatsapp": Mode.CONSULT},
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # replace() checks the names itself


def desk(**changes: object) -> Desk:
    """The desk of such an office on WhatsApp."""
    return Desk(office(**changes), WHATSAPP, CALENDAR)


def in_mode(mode: Mode, **changes: object) -> Desk:
    """A desk whose WhatsApp is open for *mode*."""
    return desk(modes={"whatsapp": mode}, **changes)


PLAIN = desk()
REGISTERING = desk(
    registration=Registration(required_on=("whatsapp",)), contact=ContactRule(rule="email_required")
)
MAILBOX = Senders(email=("bps6302@bps.go.id",))
WITH_MAILBOX = replace(REGISTERING, office=replace(REGISTERING.office, senders=MAILBOX))
NAME_ONLY = desk(
    registration=Registration(required_on=("whatsapp",), fields=(Field.NAME,)),
    autoclose=AutoClose(mode="calendar_days", days=7, by="system", warn_days_before=1),
    limits=Limits(answers_per_hour=6),
    reopen_days=1,
)
SELF_CLOSING = desk(autoclose=AutoClose(mode="calendar_days", days=2, by="system", warn_days_before=1))
COMPLAINT_ONLY = in_mode(Mode.COMPLAINT_ONLY)
OFF = in_mode(Mode.OFF)
LINK_ONLY = in_mode(Mode.LINK_ONLY)
BY_OFFICER = desk(autoclose=AutoClose(mode="calendar_days", days=7, by="officer"), languages=("id",))
IN_WORKING_DAYS = desk(
    sla=Sla(starts="received"),
    autoclose=AutoClose(mode="working_days", days=3, by="system"),
    after_closing="reopen",
)
SEARCHING = desk(search_first=SearchFirst(enabled=True))
CONSULTING = (
    *(PLAIN, REGISTERING, WITH_MAILBOX, NAME_ONLY, SELF_CLOSING, BY_OFFICER, IN_WORKING_DAYS),
    SEARCHING,
)
DESKS = (*CONSULTING, COMPLAINT_ONLY, OFF, LINK_ONLY)


def by_mail(spoken: Desk) -> Desk:
    """The same office where people write letters: open as its WhatsApp, and asking the same."""
    office = spoken.office
    required = ("email",) if office.registration.required_on else ()
    changes: dict[str, object] = {
        "modes": {"email": spoken.mode},
        "registration": replace(office.registration, required_on=required),
    }
    return Desk(replace(office, **changes), MAIL, spoken.calendar)  # type: ignore[arg-type]  # replace() checks the names


BY_MAIL = by_mail(PLAIN)
REGISTERING_BY_MAIL = by_mail(REGISTERING)
