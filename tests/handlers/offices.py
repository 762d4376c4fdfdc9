"""Five offices that differ in everything a sentence may depend on."""

from collections.abc import Mapping

from bot.policy import (
    AutoClose,
    Complaints,
    ContactRule,
    Hours,
    Mode,
    Office,
    Privacy,
    RatingRule,
    Senders,
    Sla,
    Status,
    Visit,
)

_LONG_DAY = ("08:00-12:00", "13:00-15:30")
_FRIDAY = ("08:00-11:30", "13:00-16:00")
_WEEK = {"mon": _LONG_DAY, "tue": _LONG_DAY, "wed": _LONG_DAY, "thu": _LONG_DAY, "fri": _FRIDAY}
_OPEN = {"whatsapp": Mode.CONSULT, "email": Mode.CONSULT, "portal": Mode.LINK_ONLY, "visit": Mode.LINK_ONLY}


def _office(code: str, short_name: str, place: str, english: str, **rules: object) -> Office:
    name = {"id": f"BPS {place}", "en": f"BPS-Statistics {english}"}
    return Office(code, short_name, name, **{"timezone": "Asia/Makassar", "modes": _OPEN, **rules})  # type: ignore[arg-type]  # rules carry the names of Office's own fields


KOTABARU = _office(
    "6302",
    "KTB",
    "Kabupaten Kotabaru",
    "Kotabaru Regency",
    decree="Nomor 118 Tahun 2023",
    address="Jalan Jamrud, Dirgahayu, Kec. Pulau Laut Utara, 72113",
    website="https://kotabarukab.bps.go.id",
    email="bps6302@bps.go.id",
    hours=Hours(Status.CONFIRMED, **_WEEK),
    complaints=Complaints(
        box="unit PST",
        web="https://s.bps.go.id/laporbpskotabaru",
        email="bps6302@bps.go.id",
        phone="+628561116302",
    ),
)
KUTAI_BARAT = _office(
    "6402",
    "KBR",
    "Kabupaten Kutai Barat",
    "Kutai Barat Regency",
    modes={"email": Mode.CONSULT, "portal": Mode.LINK_ONLY, "visit": Mode.LINK_ONLY},
    address="Jl. Sendawar Raya (Jalur II) No. 4, Kompleks Perkantoran Sendawar, 75776",
    phone="(0545) 4046036",
    hours=Hours(Status.ASSUMED, **_WEEK),
    sla=Sla(status=Status.ASSUMED),
    complaints=Complaints(box="Kotak saran dan pengaduan"),
)
BANGKA_SELATAN = _office(
    "1905",
    "BSL",
    "Kabupaten Bangka Selatan",
    "Bangka Selatan Regency",
    timezone="Asia/Jakarta",
    modes={
        "whatsapp": Mode.COMPLAINT_ONLY,
        "email": Mode.COMPLAINT_ONLY,
        "portal": Mode.CONSULT,
        "visit": Mode.LINK_ONLY,
    },
    senders=Senders(whatsapp=("+6281271067114",)),
    address="Komplek Perkantoran Pemkab Bangka Selatan, 33783",
    phone="07184220039",
    email="bps1905@bps.go.id",
    contact=ContactRule("email_required"),
    hours=Hours(Status.STATED, mon=("08:00-15:00",), tue=("08:00-15:00",), fri=("08:00-11:00",)),
    autoclose=AutoClose("calendar_days", 7, "officer"),
    rating=RatingRule(offer_complaint=False),
    complaints=Complaints(web="https://pengaduan.bps.go.id", whatsapp="+6281271067114"),
    privacy=Privacy("Kepala Subbagian Umum, bps1905@bps.go.id"),
)
TARAKAN = _office(
    "6571",
    "TRK",
    "Kota Tarakan",
    "Tarakan Municipality",
    address="Jl. Pulau Kalimantan No.9, Kp. Satu Skip, Tarakan Tengah, 77113",
    phone="+6255131715",
    website="https://tarakankota.bps.go.id",
    email="bps6571@bps.go.id",
    senders=Senders(whatsapp=("+6281100006571",)),
    contact=ContactRule("email_required"),
    complaints=Complaints(
        web="https://s.bps.go.id/AduanPST6571",
        email="bps6571@bps.go.id",
        phone="+6255131715",
        whatsapp="+6285183106571",
        facebook="BPS Kota Tarakan",
        instagram="bpskotatarakan",
    ),
)
KOLAKA_TIMUR = _office(
    "7411",
    "KTM",
    "Kabupaten Kolaka Timur",
    "Kolaka Timur Regency",
    languages=("en", "id"),
    address="Kompleks Perkantoran Pemda, Desa Lalingato, Kec. Tirawuta, 93582",
    website="http://koltimkab.bps.go.id",
    email="bps7411@bps.go.id",
    senders=Senders(whatsapp=("+6282188887411",)),
    sla=Sla(starts="received", pause_while_waiting_citizen=False),
    autoclose=AutoClose("working_days", 3, "system"),
    visit=Visit(place_name="Perpustakaan BPS Kabupaten Kolaka Timur"),
    complaints=Complaints(
        box="unit PST",
        web="http://s.bps.go.id/PengaduanLayananBPS7411",
        email="bps7411@bps.go.id",
        whatsapp="+6282188887411",
    ),
)
OFFICES: Mapping[str, Office] = {
    office.code: office for office in (KOTABARU, KUTAI_BARAT, BANGKA_SELATAN, TARAKAN, KOLAKA_TIMUR)
}
