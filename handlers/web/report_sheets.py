"""A report as tables: its figures, and its consultations one by one."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from bot import figures
from bot.figures import HOUR, Outcome
from bot.policy import Office
from handlers.reports import Case, Report
from handlers.web import current, report_voice, report_words, words
from handlers.web.cells import Cell, Sheet
from handlers.web.language import gettext
from handlers.wording import local
from storage.reports import Citizen

_NOBODY = Citizen(0, "", "", "", "")


def of_figures(report: Report) -> Iterator[Sheet]:
    """Every figure of the page."""
    office = current.office()
    yield _summary(report)
    yield _over_time(report)
    topics = ((report_words.topic(office, key), number) for key, number in report.by_topic.items())
    yield _counted(gettext("Topik"), topics)
    uses = ((report_words.main_use(key), number) for key, number in report.by_use.items())
    yield _counted(gettext("Keperluan"), uses)
    origins = ((report_words.institution(key), number) for key, number in report.by_institution.items())
    yield _counted(gettext("Asal pengguna"), origins)
    outcomes = ((report_words.outcome(key), number) for key, number in report.promises.items())
    yield _counted(gettext("Janji"), outcomes)
    spread = ((report_words.step(at), number) for at, number in enumerate(figures.spread(report.waits)))
    yield _counted(gettext("Jam layanan sampai jawaban"), spread)
    closings = ((report_words.closing(key), number) for key, number in report.closings.items())
    yield _counted(gettext("Penutupan"), closings)
    yield from report_voice.sheets(report.voice)


def in_lines(sheets: Iterator[Sheet]) -> Iterator[tuple[Cell, ...]]:
    """All tables in one: which, what is counted, of what, how many."""
    yield gettext("Bagian"), gettext("Rincian"), gettext("Ukuran"), gettext("Nilai")
    for sheet in sheets:
        heads, *rows = sheet.rows
        for name, *numbers in rows:
            yield from (
                (sheet.title, name, head, told) for head, told in zip(heads[1:], numbers, strict=True)
            )


def of_consultations(report: Report, people: Mapping[int, Citizen] | None = None) -> Sheet:
    """A line for each consultation, without its citizen unless *people* tells who they are."""
    heads = (
        *(gettext("Nomor tiket"), gettext("Dibuka"), gettext("Kanal"), gettext("Topik")),
        *(gettext("Keperluan"), gettext("Asal pengguna"), gettext("Tenggat"), gettext("Jawaban pertama")),
        *(gettext("Jam layanan sampai jawaban"), gettext("Janji"), gettext("Ditutup"), gettext("Penutupan")),
    )
    whose = (gettext("Nama"), gettext("Alamat"), gettext("Email"), gettext("Perihal"))
    office = current.office()
    lines = [(*_line(case, office), *_whose(case, people)) for case in report.cases]
    return Sheet(gettext("Tiket"), [(*heads, *(whose if people is not None else ())), *lines])


def _line(case: Case, office: Office) -> tuple[Cell, ...]:
    asked = case.asked
    return (
        *(asked.reference, _local(asked.opened_at, office), words.channel(asked.channel)),
        *(report_words.topic(office, asked.topic), report_words.main_use(case.main_use)),
        *(report_words.institution(case.institution), _local(asked.due_at, office)),
        *(_local(case.answered_at, office), _hours(case.waited)),
        report_words.outcome(case.outcomes[-1]) if case.outcomes else gettext("tanpa janji"),
        *(_local(asked.closed_at, office), report_words.closing(asked.close_reason or "")),
    )


def _whose(case: Case, people: Mapping[int, Citizen] | None) -> tuple[Cell, ...]:
    if people is None:
        return ()
    # Opened while the file was made: it has its line, and nobody's name yet.
    one = people.get(case.asked.id, _NOBODY)
    return one.name, one.address, one.email, one.subject


def _summary(report: Report) -> Sheet:
    now, before, open_ones, closed_ones = report.times, report.before, *report.unanswered
    kept, kept_before = _kept(report.promises), _kept(before.promises)
    rows: list[tuple[Cell, ...]] = [
        (gettext("Ukuran"), report_words.period(report.period), report_words.period(report.period.before())),
        (gettext("Konsultasi dibuka"), report.opened, before.opened),
        (gettext("Janji ditepati"), report.promises[Outcome.KEPT], before.promises[Outcome.KEPT]),
        (gettext("Janji terlewat"), report.promises[Outcome.MISSED], before.promises[Outcome.MISSED]),
        (gettext("Janji ditepati, dalam persen"), kept, kept_before),
        (gettext("Tiket dengan jawaban"), now.number, before.times.number),
        (gettext("Jawaban pertama, median (jam layanan)"), _hours(now.median), _hours(before.times.median)),
        (
            gettext("Jawaban pertama, persentil ke-90 (jam layanan)"),
            *(_hours(now.ninetieth), _hours(before.times.ninetieth)),
        ),
        (gettext("Belum dijawab, masih terbuka"), open_ones, None),
        (gettext("Ditutup tanpa jawaban"), closed_ones, None),
        (gettext("Tanpa janji"), report.without_promise, None),
        (gettext("Diteruskan ke kantor lain"), report.forwarded, None),
        (gettext("Digabung ke tiket lain (tidak dihitung)"), report.merged, None),
        (gettext("Dikerjakan untuk kantor lain (tidak dihitung)"), report.taken_on, None),
    ]
    return Sheet(gettext("Ringkasan"), rows)


def _over_time(report: Report) -> Sheet:
    channels = tuple(report.by_channel)
    heads = (gettext("Masa"), *map(words.channel, channels), gettext("Jumlah"))
    rows: list[tuple[Cell, ...]] = [
        (report_words.part(report.period, first), *(counted[one] for one in channels), counted.total())
        for first, counted in report.volume.items()
    ]
    return Sheet(gettext("Kanal"), [heads, *rows])


def _counted(title: str, numbers: Iterable[tuple[str, int]]) -> Sheet:
    return Sheet(title, [(title, gettext("Jumlah")), *numbers])


def _kept(promises: Mapping[Outcome, int]) -> int | None:
    return figures.share(promises[Outcome.KEPT], promises[Outcome.KEPT] + promises[Outcome.MISSED])


def _hours(length: timedelta | None) -> float | None:
    return None if length is None else round(length / HOUR, 2)


def _local(moment: datetime | None, office: Office) -> datetime | None:
    return None if moment is None else local(moment, office).replace(tzinfo=None)
