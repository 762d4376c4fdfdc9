"""A report in officers' words: periods, outcomes, lengths of time, and what is unknown of a consultation."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from babel.dates import format_date
from babel.numbers import format_decimal

from bot.figures import HOUR, STEPS, Outcome
from bot.periods import Period
from bot.policy import Office
from handlers.phrases import PHRASES
from handlers.web import duty_words, words
from handlers.web.language import chosen, gettext

_Word = Callable[[], str]
_TOGETHER = "\u00a0"
_QUARTERS = ("I", "II", "III", "IV")
_OUTCOMES: Mapping[Outcome, _Word] = {
    Outcome.KEPT: lambda: gettext("ditepati"),
    Outcome.MISSED: lambda: gettext("terlewat"),
    Outcome.RUNNING: lambda: gettext("masih berjalan"),
    Outcome.DROPPED: lambda: gettext("selesai tanpa jawaban sebelum tenggat"),
}
_CLOSINGS: Mapping[str, _Word] = {
    "": lambda: gettext("masih terbuka"),
    "officer": lambda: gettext("ditutup petugas"),
    "silence": lambda: gettext("ditutup karena tidak ada balasan"),
    "erased": lambda: gettext("ditutup karena data warga dihapus"),
}


def period(which: Period) -> str:
    """``Maret 2026``, ``Triwulan I 2026``, ``Tahun 2026``."""
    if which.months == 1:
        return _date(which.first, "MMMM y")
    if which.months == 3:
        number = _QUARTERS[which.first.month // 3]
        return gettext("Triwulan %(number)s %(year)s", number=number, year=which.first.year)
    return gettext("Tahun %(year)s", year=which.first.year)


def short_period(which: Period) -> str:
    """``Mar``, ``T I``, ``2026``: within a row of periods of one year."""
    if which.months == 1:
        return _date(which.first, "MMM")
    if which.months == 3:
        return gettext("Triwulan %(number)s", number=_QUARTERS[which.first.month // 3])
    return gettext("Setahun")


def days(which: Period) -> str:
    """``1 Januari – 31 Maret 2026``."""
    return f"{_date(which.first, 'd MMMM')} – {_date(which.last, 'd MMMM y')}"


def part(of: Period, first: date) -> str:
    """What a part of the period is called: its day, its week or its month."""
    if of.months == 12:
        return _date(first, "MMMM")
    return _date(first, "d MMM") if of.months == 1 else gettext("mulai %(day)s", day=_date(first, "d MMM"))


def under_column(of: Period, first: date) -> str:
    """What is written under its column; empty where there is no room for all."""
    if of.months == 12:
        return _date(first, "MMM")
    if of.months == 1:
        return str(first.day) if first.day == 1 or first.day % 5 == 0 else ""
    return _date(first, "d MMM") if of.parts().index(first) % 2 == 0 else ""


def outcome(of: Outcome) -> str:
    """What became of a promise."""
    return _OUTCOMES[of]()


def closing(reason: str) -> str:
    """Why a consultation was closed."""
    word = _CLOSINGS.get(reason)
    return word() if word else reason


def topic(office: Office, key: str) -> str:
    """The topic's name, or that there is none."""
    return duty_words.topic(office, key) if key else gettext("tanpa topik")


def main_use(key: str) -> str:
    """The purpose's name, or that the profile says none."""
    return words.main_use(key) if key else gettext("belum diisi")


def institution(key: str) -> str:
    """The kind of institution, or that the profile says none."""
    return PHRASES[chosen()].institutions.get(key, key) if key else gettext("belum diisi")


def hours(length: timedelta | None) -> str:
    """``5,2 jam``: hours of service to one decimal; ``12 menit`` below one, a dash for none."""
    if length is None:
        return "–"
    if length < HOUR:
        told = gettext("%(minutes)s menit", minutes=round(length / timedelta(minutes=1)))
    else:
        told = gettext("%(hours)s jam", hours=format_decimal(round(length / HOUR, 1), locale=_locale()))
    return told.replace(" ", _TOGETHER)


def step(at: int) -> str:
    """``≤ 1``, ``1–2`` … ``> 24``: what is written under a column of times, in hours."""
    if at == len(STEPS):
        return f"> {STEPS[-1]}"
    return f"{STEPS[at - 1]}–{STEPS[at]}" if at else f"≤ {STEPS[0]}"


def percent(number: int | None) -> str:
    """``94 %``; a dash for none."""
    return "–" if number is None else f"{number}{_TOGETHER}%"


def _date(day: date, pattern: str) -> str:
    return str(format_date(day, pattern, locale=_locale()))


def _locale() -> str:
    return PHRASES[chosen()].locale
