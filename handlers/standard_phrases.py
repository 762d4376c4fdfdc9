"""What the page of the service standard says around the office's own words, per language. Plain tables."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.policy import Status
from handlers.phrases import counted, plural


@dataclass(frozen=True, slots=True)
class StandardPhrases:
    """The words of one language.

    ``components``: the headings, in the order of PermenPANRB 15/2014. ``rules``: what a rule of the office is
    called while nobody has confirmed it. ``services`` and ``products`` name what the settings hold as keys.
    """

    components: Mapping[str, str]
    ways: Mapping[str, str]
    rules: Mapping[str, str]
    marks: Mapping[Status, str]
    minutes: Callable[[int], str]
    visit: str
    online: str
    online_when_clear: str
    closing: str
    closed_when_done: str
    closed_by_officer: str
    closed_by_system: str
    free: str
    products: Mapping[str, str]
    informing: str
    consulting: str
    next_service: str
    services: Mapping[str, str]
    open_for: Mapping[str, str]


STANDARD_PHRASES: Mapping[str, StandardPhrases] = {
    "id": StandardPhrases(
        components={
            "requirements": "Persyaratan",
            "procedure": "Sistem, mekanisme, dan prosedur",
            "time": "Jangka waktu penyelesaian",
            "cost": "Biaya/tarif",
            "products": "Produk pelayanan",
            "complaints": "Penanganan pengaduan, saran, dan masukan",
            "legal_basis": "Dasar hukum",
            "facilities": "Sarana, prasarana, dan/atau fasilitas",
            "competence": "Kompetensi pelaksana",
            "supervision": "Pengawasan internal",
            "staff": "Jumlah pelaksana",
            "service_guarantee": "Jaminan pelayanan",
            "safety_guarantee": "Jaminan keamanan dan keselamatan pelayanan",
            "evaluation": "Evaluasi kinerja pelaksana",
        },
        ways={"in_person": "Kunjungan langsung", "online": "Online"},
        rules={
            "hours": "Jam layanan petugas",
            "sla": "Jangka waktu pelayanan online",
            "visit": "Jangka waktu pelayanan kunjungan langsung",
            "autoclose": "Penutupan percakapan online",
        },
        marks={
            Status.STATED: "sesuai naskah",
            Status.RESTORED: "dilengkapi",
            Status.CONFIRMED: "dikonfirmasi",
            Status.ASSUMED: "belum dikonfirmasi",
        },
        minutes=lambda number: f"{counted(number)} menit",
        visit="Pengguna layanan akan dilayani maksimal {time} sejak pengguna layanan pada antrian"
        " sebelumnya selesai.",
        online="Pengguna layanan akan dilayani maksimal {time}.",
        online_when_clear="Pengguna layanan akan dilayani maksimal {time} setelah permintaan jelas dan"
        " persyaratan pelayanan lengkap.",
        closing="Penutupan percakapan online",
        closed_when_done="Petugas layanan menutup percakapan online jika layanan konsultasi telah selesai.",
        closed_by_officer="Petugas layanan menutup percakapan online jika layanan konsultasi telah selesai"
        " atau pengguna layanan tidak merespon kembali selama {time}.",
        closed_by_system="Konsultasi statistik akan ditutup otomatis oleh aplikasi pelayanan jika pengguna"
        " layanan tidak merespon kembali selama {time}.",
        free="Tidak dipungut biaya",
        products={},
        informing="Jasa konsultasi informasi ({products}) statistik",
        consulting="Konsultasi statistik",
        next_service="Layanan lanjutan: {service}",
        services={
            "penjualan": "penjualan produk statistik",
            "layanan_pst_lainnya": "jenis layanan lainnya pada PST",
        },
        open_for={
            "consult": "konsultasi dan pengaduan",
            "complaint_only": "pengaduan dan saran; konsultasi melalui saluran lain",
            "visit": "konsultasi",
            "portal": "konsultasi dengan akun di sana",
        },
    ),
    "en": StandardPhrases(
        components={
            "requirements": "Requirements",
            "procedure": "System, mechanism and procedure",
            "time": "Time to completion",
            "cost": "Cost",
            "products": "Products of the service",
            "complaints": "Complaints, suggestions and comments",
            "legal_basis": "Legal basis",
            "facilities": "Facilities",
            "competence": "Competence of the officers",
            "supervision": "Internal supervision",
            "staff": "Number of officers",
            "service_guarantee": "Guarantee of the service",
            "safety_guarantee": "Guarantee of security and safety",
            "evaluation": "Evaluation of performance",
        },
        ways={"in_person": "In person", "online": "Online"},
        rules={
            "hours": "Service hours",
            "sla": "Time to an answer online",
            "visit": "Waiting time in person",
            "autoclose": "Closing of online conversations",
        },
        marks={
            Status.STATED: "as published",
            Status.RESTORED: "restored",
            Status.CONFIRMED: "confirmed",
            Status.ASSUMED: "not yet confirmed",
        },
        minutes=lambda number: plural(number, "minute"),
        visit="Visitors are served within {time} after the visitor before them in the queue is finished.",
        online="Users are served within {time}.",
        online_when_clear="Users are served within {time} after the request is clear and the requirements are"
        " met.",
        closing="Closing of online conversations",
        closed_when_done="The officer closes the online conversation when the consultation is finished.",
        closed_by_officer="The officer closes the online conversation when the consultation is finished, or"
        " when the user has not answered for {time}.",
        closed_by_system="A consultation is closed automatically by the service application when the user has"
        " not answered for {time}.",
        free="Free of charge",
        products={"klasifikasi": "classifications", "rekomendasi": "recommendations"},
        informing="Consultation on statistical information ({products})",
        consulting="Statistical consultation",
        next_service="May lead on to: {service}",
        services={
            "penjualan": "sale of statistical products",
            "layanan_pst_lainnya": "other services of the PST",
        },
        open_for={
            "consult": "consultations and complaints",
            "complaint_only": "complaints and suggestions; consultations elsewhere",
            "visit": "consultations",
            "portal": "consultations, with an account there",
        },
    ),
}
