"""What citizens said in a report: for its page, and as tables."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from bot.figures import Outcome
from bot.satisfaction import BEST, element_band, rounded
from handlers.report_voice import Voice
from handlers.web import complaint_words, report_words, satisfaction
from handlers.web.cells import Cell, Sheet
from handlers.web.language import gettext

_MARKS = tuple(range(BEST, 0, -1))
_ANSWERS = (Outcome.KEPT, Outcome.MISSED, Outcome.RUNNING)


def words(voice: Voice) -> Mapping[str, Any]:
    """What the page writes."""
    average, index = _average(voice), voice.index
    return {
        "voice": voice,
        "rating_average": "" if average is None else satisfaction.number(average),
        "marks": [(mark, satisfaction.mark_name(mark)) for mark in _MARKS],
        "ikm": satisfaction.number(index.points) if index else "",
        "ikm_band": satisfaction.band_name(index.band) if index else "",
        "elements": [(name, satisfaction.number(mean), mean, band) for name, mean, band in _elements(voice)],
        "grievances": list(_grievances(voice)),
        "searches": list(_searches(voice)),
        "searched": sum(voice.searches.values()),
    }


def sheets(voice: Voice) -> Iterator[Sheet]:
    """The same as tables; of complaints only for who may know of them."""
    yield Sheet(gettext("Nilai sesudah layanan"), [(gettext("Nilai"), gettext("Jumlah")), *_rated(voice)])
    yield Sheet(
        gettext("Kepuasan (IKM)"), [(gettext("Unsur"), gettext("Nilai"), gettext("Mutu")), *_ikm(voice)]
    )
    title = gettext("Pencarian warga")
    in_vain = (
        (gettext("dicari tanpa jawaban: %(query)s", query=query), many) for query, many in voice.in_vain
    )
    yield Sheet(title, [(title, gettext("Jumlah")), *_searches(voice), *in_vain])
    if voice.grievances is not None:
        heads = (gettext("Pengaduan diterima"), gettext("Jumlah"))
        yield Sheet(heads[0], [heads, *_grievances(voice), *_answered(voice)])


def _searches(voice: Voice) -> Iterator[tuple[str, int]]:
    yield gettext("tidak terjawab"), voice.searches[False]
    yield gettext("terjawab"), voice.searches[True]
    yield gettext("tanpa kabar lagi"), voice.searches[None]


def _rated(voice: Voice) -> Iterator[tuple[Cell, ...]]:
    yield from ((f"{mark} · {satisfaction.mark_name(mark)}", voice.rated.marks[mark]) for mark in _MARKS)
    yield gettext("Rata-rata"), _average(voice)
    yield gettext("Ditanya"), voice.rated.asked


def _ikm(voice: Voice) -> Iterator[tuple[Cell, ...]]:
    index = voice.index
    told = (index.points, index.band.value) if index else (None, None)
    yield (gettext("Indeks Kepuasan Masyarakat"), *told)
    yield from _elements(voice)
    yield gettext("Jawaban survei"), index.answers if index else 0, None
    yield gettext("Pengguna yang dilayani"), voice.population, None
    yield gettext("Sampel yang diminta"), voice.wanted, None


def _elements(voice: Voice) -> Iterator[tuple[str, Decimal, str]]:
    for element, mean in voice.index.means.items() if voice.index else ():
        yield complaint_words.element(element), rounded(mean, 3), element_band(mean).value


def _grievances(voice: Voice) -> Iterator[tuple[str, int]]:
    found = voice.grievances.by_element if voice.grievances else {}
    return ((complaint_words.element(name), number) for name, number in found.items())


def _answered(voice: Voice) -> Iterator[tuple[Cell, ...]]:
    found = voice.grievances.answers if voice.grievances else {}
    for outcome in _ANSWERS:
        told = report_words.outcome(outcome)
        yield gettext("Tenggat jawaban: %(outcome)s", outcome=told), found.get(outcome, 0)


def _average(voice: Voice) -> Decimal | None:
    total = sum(mark * many for mark, many in voice.rated.marks.items())
    return rounded(Fraction(total, voice.rated.answered)) if voice.rated.answered else None
