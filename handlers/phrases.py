"""The small words between the sentences, per language: numbers, days, dates, labels. Plain tables."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

_INDONESIAN_NUMBERS = (
    *("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan"),
    *("sepuluh", "sebelas"),
)


@dataclass(frozen=True, slots=True)
class Phrases:
    """How one language says what several sentences need.

    ``locale``, ``date`` and ``day`` are Babel's; ``colon`` stands between hours and minutes; ``parts_of_day``
    are the hours from which each greeting holds, latest first; ``labels`` names what a citizen may be asked
    for, in words that ``bot.labels`` reads. ``choose`` opens a list of choices, in which what is too long has
    one of ``titles``. ``fast`` and ``slow`` are said of a clock.
    """

    locale: str
    date: str
    day: str
    colon: str
    parts_of_day: tuple[tuple[int, str], ...]
    working_days: Callable[[int], str]
    calendar_days: Callable[[int], str]
    when_clear: str
    institutions: Mapping[str, str]
    main_uses: Mapping[str, str]
    channels: Mapping[str, str]
    labels: Mapping[str, str]
    file_link: Callable[[str, str, str], str]
    choose: str
    titles: Mapping[str, str]
    fast: str
    slow: str


def number_in_words(number: int) -> str:
    """*number* in Indonesian words, as service standards write it; figures beyond thirty."""
    tens, ones = divmod(number, 10)
    if 0 <= number < len(_INDONESIAN_NUMBERS):
        return _INDONESIAN_NUMBERS[number]
    if 12 <= number < 20:
        return f"{_INDONESIAN_NUMBERS[ones]} belas"
    if 20 <= number <= 30:
        return f"{_INDONESIAN_NUMBERS[tens]} puluh {_INDONESIAN_NUMBERS[ones] if ones else ''}".strip()
    return str(number)


def counted(number: int) -> str:
    """``3 (tiga)``, as service standards write a number."""
    words = number_in_words(number)
    return words if words.isdecimal() else f"{number} ({words})"


def plural(number: int, noun: str) -> str:
    """``1 day``, ``3 days``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


PHRASES: Mapping[str, Phrases] = {
    "id": Phrases(
        locale="id",
        date="EEEE, d MMMM y 'pukul' HH.mm z",
        day="EEEE, d MMMM y",
        colon=".",
        parts_of_day=((18, "malam"), (15, "sore"), (11, "siang"), (3, "pagi"), (0, "malam")),
        working_days=lambda days: f"{counted(days)} hari kerja",
        calendar_days=lambda days: f"{counted(days)} hari",
        when_clear="setelah permintaan jelas dan lengkap",
        institutions={
            "lembaga_negara": "Lembaga negara",
            "kementerian": "Kementerian/lembaga pemerintah",
            "tni_polri": "TNI/Polri/BIN/Kejaksaan",
            "pemda": "Pemerintah daerah",
            "internasional": "Lembaga internasional",
            "pendidikan": "Sekolah, kampus, atau lembaga penelitian",
            "bumn": "BUMN/BUMD",
            "swasta": "Swasta",
            "lainnya": "Lainnya",
        },
        main_uses={
            "tugas": "Tugas sekolah/kuliah",
            "pemerintahan": "Pemerintahan",
            "komersial": "Komersial/usaha",
            "penelitian": "Penelitian",
            "lainnya": "Lainnya",
        },
        channels={
            "box": "Kotak saran dan pengaduan",
            "web": "Situs web",
            "email": "Email",
            "phone": "Telepon",
            "whatsapp": "WhatsApp",
            "facebook": "Facebook",
            "instagram": "Instagram",
            "portal": "Portal",
            "visit": "Datang langsung",
        },
        labels={
            "name": "Nama",
            "institution_category": "Instansi/asal",
            "main_use": "Keperluan",
            "email": "Email",
            "what": "Data yang dibutuhkan",
            "area": "Wilayah",
            "years": "Tahun",
            "use": "Keperluan",
        },
        file_link=lambda name, link, day: f"Berkas {name} dapat diunduh sampai {day}:\n{link}",
        choose="Lihat pilihan",
        titles={
            "Kementerian/lembaga pemerintah": "Kementerian/lembaga",
            "Sekolah, kampus, atau lembaga penelitian": "Pendidikan/penelitian",
        },
        fast="terlalu cepat",
        slow="terlalu lambat",
    ),
    "en": Phrases(
        # Plain "en" writes +0800 where Indonesians read WITA.
        locale="en_ID",
        date="EEEE, d MMMM y 'at' HH:mm z",
        day="EEEE, d MMMM y",
        colon=":",
        parts_of_day=((18, "evening"), (12, "afternoon"), (3, "morning"), (0, "evening")),
        working_days=lambda days: plural(days, "working day"),
        calendar_days=lambda days: plural(days, "day"),
        when_clear="after the request is clear and complete",
        institutions={
            "lembaga_negara": "State institution",
            "kementerian": "Ministry or government agency",
            "tni_polri": "Military, police or prosecution",
            "pemda": "Regional government",
            "internasional": "International organisation",
            "pendidikan": "School, university or research",
            "bumn": "State-owned enterprise",
            "swasta": "Private company",
            "lainnya": "Other",
        },
        main_uses={
            "tugas": "School or university assignment",
            "pemerintahan": "Government",
            "komersial": "Business",
            "penelitian": "Research",
            "lainnya": "Other",
        },
        channels={
            "box": "Suggestion and complaint box",
            "web": "Website",
            "email": "E-mail",
            "phone": "Telephone",
            "whatsapp": "WhatsApp",
            "facebook": "Facebook",
            "instagram": "Instagram",
            "portal": "Portal",
            "visit": "In person",
        },
        labels={
            "name": "Name",
            "institution_category": "Institution",
            "main_use": "Purpose",
            "email": "E-mail",
            "what": "Data needed",
            "area": "Region",
            "years": "Years",
            "use": "Purpose",
        },
        file_link=lambda name, link, day: f"The file {name} can be downloaded until {day}:\n{link}",
        choose="Show choices",
        titles={
            "Consultation/request data": "Consultation or data",
            "Ministry or government agency": "Ministry or agency",
            "Military, police or prosecution": "Military or police",
            "International organisation": "International body",
            "School, university or research": "School or university",
            "School or university assignment": "School assignment",
        },
        fast="fast",
        slow="slow",
    ),
}
