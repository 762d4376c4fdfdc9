"""The register of complaints in supervisors' words: elements, weights, steps and their deadlines."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot import complaint_days
from bot.complaint_days import Course, Owed, Step, Weight
from bot.policy import Desk
from bot.satisfaction import Element
from handlers.web import moments
from handlers.web.language import gettext
from storage.complaint_register import Standing

_Word = Callable[[], str]
_ELEMENTS: Mapping[str, _Word] = {
    Element.REQUIREMENTS: lambda: gettext("Persyaratan"),
    Element.PROCEDURE: lambda: gettext("Sistem, mekanisme, dan prosedur"),
    Element.TIME: lambda: gettext("Waktu penyelesaian"),
    Element.COST: lambda: gettext("Biaya/tarif"),
    Element.PRODUCT: lambda: gettext("Produk layanan"),
    Element.COMPETENCE: lambda: gettext("Kompetensi pelaksana"),
    Element.BEHAVIOUR: lambda: gettext("Perilaku pelaksana"),
    Element.COMPLAINTS: lambda: gettext("Penanganan pengaduan, saran, dan masukan"),
    Element.FACILITIES: lambda: gettext("Sarana dan prasarana"),
}
_WEIGHTS: Mapping[str, _Word] = {
    Weight.SIMPLE: lambda: gettext("Pertanyaan aturan atau saran"),
    Weight.USUAL: lambda: gettext("Pengaduan lain"),
}
_STEPS: Mapping[Step, _Word] = {
    Step.ACKNOWLEDGE: lambda: gettext("Tanda terima"),
    Step.COMPLETENESS: lambda: gettext("Pemeriksaan kelengkapan"),
    Step.ANSWER: lambda: gettext("Tanggapan"),
    Step.DECIDE: lambda: gettext("Penyelesaian"),
}
_STANDINGS: Mapping[Standing, _Word] = {
    Standing.ALL: lambda: gettext("Semua"),
    Standing.OPEN: lambda: gettext("Belum selesai"),
    Standing.LATE: lambda: gettext("Lewat tenggat"),
    Standing.CLOSED: lambda: gettext("Selesai"),
}
_FOUND: Mapping[str, _Word] = {
    "served": lambda: gettext("melayani pelapor"),
    "named": lambda: gettext("namanya disebut"),
    "said": lambda: gettext("ditetapkan pengawas"),
}


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of a complaint as a page says it; ``state``: done, late or waits."""

    name: str
    text: str
    state: str


def element(name: str) -> str:
    """The element of service, in words; what nobody has said yet is said so."""
    word = _ELEMENTS.get(name)
    return word() if word else gettext("belum ditentukan")


def weight(name: str) -> str:
    """How grave it is, in words."""
    word = _WEIGHTS.get(name)
    return word() if word else gettext("belum ditentukan")


def standing(name: Standing) -> str:
    """Which complaints are shown."""
    return _STANDINGS[name]()


def step(name: Step) -> str:
    """What an office owes, in words."""
    return _STEPS[name]()


def found(why: str) -> str:
    """Why a complaint is kept from an officer."""
    return _FOUND[why]()


def stages(course: Course, desk: Desk, now: datetime) -> tuple[Stage, ...]:
    """Every step with its deadline, and when it was taken."""
    owed = complaint_days.deadlines(course, desk)
    return tuple(Stage(_STEPS[one.step](), _stands(one, desk, now), _state(one, now)) for one in owed)


def _state(owed: Owed, now: datetime) -> str:
    if owed.is_late(now):
        return "late"
    return "done" if owed.done_at else "waits"


def _stands(owed: Owed, desk: Desk, now: datetime) -> str:
    due = moments.full(owed.due_at, desk.office)
    if owed.done_at is None:
        return gettext("paling lambat %(moment)s", moment=due)
    done = moments.full(owed.done_at, desk.office)
    if owed.is_late(now):
        return gettext("%(done)s, terlambat: paling lambat %(moment)s", done=done, moment=due)
    return gettext("%(done)s, tepat waktu", done=done)


def upcoming(course: Course, desk: Desk, now: datetime) -> Stage | None:
    """The step that is owed next; None once all is done."""
    owed = complaint_days.next_owed(complaint_days.deadlines(course, desk))
    return Stage(_STEPS[owed.step](), _stands(owed, desk, now), _state(owed, now)) if owed else None
