"""The auditor: what everybody was told beside what is really there, and whether the balance closes."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bench.havoc import deadlines
from bench.havoc.evidence import Evidence, message_id_of
from bench.havoc.provider import mid_of
from storage.columns import AnyRow

ARRIVED = {"sent", "delivered", "read"}
KEPT_BACK = {"held", "cancelled"}
_SHOWN = 10


@dataclass
class Balance:
    """What was counted, in lines, and the ``faults``: none of them may be."""

    counts: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """For one's eyes."""
        width = max(map(len, self.counts), default=0)
        lines = [f"{name:{width}}  {many:>7,}" for name, many in self.counts.items()]
        faults = [f"FAULT: {fault}" for fault in self.faults[:_SHOWN]]
        more = len(self.faults) - _SHOWN
        verdict = ["The balance closes."] if not self.faults else [f"… and {more} more"] * (more > 0)
        return "\n".join([*lines, *faults, *verdict])


def audited(evidence: Evidence) -> Balance:
    """Compare everything with everything."""
    balance = Balance()
    balance.faults += evidence.ledger.faults
    for check in _CHECKS:
        balance.faults += check(evidence, balance.counts)
    return balance


def _taken_in(evidence: Evidence, counts: dict[str, int]) -> Iterator[str]:
    """Each message that was answered with 200 is there once, and had its turn."""
    rows = evidence.of("in", "whatsapp")
    times = Counter(row.external_id for row in rows) + Counter(row.external_id for row in evidence.unrouted)
    accepted = [sid for sids in evidence.ledger.accepted.values() for sid in sids]
    counts["messages: answered with 200"] = len(accepted)
    counts["messages: in the database"] = sum(times[sid] > 0 for sid in accepted)
    yield from (f"{sid} was accepted and is lost" for sid in accepted if not times[sid])
    yield from (f"{sid} is there {many} times" for sid, many in times.items() if many > 1)
    yield from (f"{sid} was never written" for sid in times if sid not in evidence.ledger.offered)
    ends = Counter(row.intake for row in rows)
    counts |= {f"messages: {end}": ends[end] for end in ("handled", "filed", "shunted")}
    counts["messages: unrouted"] = len(evidence.unrouted)
    counts["messages: written, not accepted, and there all the same"] = sum(times.values()) - len(accepted)
    yield from (f"{row.external_id} is {row.intake}" for row in rows if row.intake in {"pending", "shunted"})


def _turns_in_order(evidence: Evidence, counts: dict[str, int]) -> Iterator[str]:
    """Each citizen's messages stand in the order they were accepted, and had one turn each in it."""
    ids = {row.external_id: row.id for row in evidence.of("in", "whatsapp")}
    compared, places = 0, defaultdict(list)
    for place, key in enumerate(evidence.turns):
        places[key].append(place)
    for (address, _), sids in evidence.ledger.accepted.items():
        kept = [ids[sid] for sid in sids if sid in ids]
        compared += len(kept)
        if kept != sorted(kept):
            yield f"{address}: taken in out of order"
        had = [place for key in sorted(kept) for place in places[key]]
        if had != sorted(had):
            yield f"{address}: handled out of order"
        yield from (f"message {key} had {len(places[key])} turns" for key in kept if len(places[key]) != 1)
    counts["messages: whose order was compared"] = compared


def _sent_once(evidence: Evidence, counts: dict[str, int]) -> Iterator[str]:
    """Each text to a phone is on it once; twice only where the row says that this may be."""
    copies = Counter(mid_of(message) for message in evidence.phones if message.status in _ON_THE_PHONE)
    rows = evidence.of("out", "whatsapp")
    ends = Counter(row.delivery for row in rows)
    counts["texts: to phones"] = len(rows)
    counts |= {f"texts: {end}": ends[end] for end in (*sorted(ARRIVED), *sorted(KEPT_BACK), "failed")}
    counts["texts: sent again because nobody knew (marked)"] = sum(row.doubts > 0 for row in rows)
    counts["texts: that arrived twice (marked)"] = sum(copies[row.mid] > 1 and row.doubts > 0 for row in rows)
    for row in rows:
        yield from _fate(row, copies[row.mid])
    known = {row.mid for row in rows}
    yield from (
        f"{mid or 'a text without our id'} is on a phone and in no row" for mid in copies.keys() - known
    )


_ON_THE_PHONE = {"queued", "sending", *ARRIVED}


def _fate(row: AnyRow, copies: int) -> Iterator[str]:
    if row.delivery not in ARRIVED | KEPT_BACK | {"failed"}:
        yield f"{row.mid} ends as {row.delivery}"
    if row.delivery in ARRIVED and not copies:
        yield f"{row.mid} is {row.delivery}, and not on the phone"
    if copies > 1 and not row.doubts:
        yield f"{row.mid} arrived {copies} times, unmarked"
    if row.delivery in KEPT_BACK | {"failed"} and copies and not row.doubts:
        yield f"{row.mid} is {row.delivery}, and on the phone"


def _phones_in_order(evidence: Evidence, counts: dict[str, int]) -> Iterator[str]:
    """What was never in doubt arrived in the order in which it was written."""
    plain = {
        row.mid: row.id for row in evidence.of("out", "whatsapp") if not (row.doubts or _was_stopped(row))
    }
    phones: dict[tuple[str, str], list[int]] = defaultdict(list)
    for message in evidence.phones:
        if (key := plain.get(mid_of(message))) is not None:
            phones[message.address, message.sender].append(key)
    counts["texts: whose order on the phone was compared"] = sum(map(len, phones.values()))
    yield from (
        f"{address}: arrived out of order" for (address, _), ids in phones.items() if ids != sorted(ids)
    )


def _was_stopped(row: AnyRow) -> bool:
    """Whether it had to wait, or nobody knew for a while whether it had left: others may overtake it then."""
    return row.error_code is not None or row.error_text is not None


def _answers_kept(evidence: Evidence, counts: dict[str, int]) -> Iterator[str]:
    """Each answer that a page said was taken is there, in the officer's own words."""
    bodies: dict[str, list[str]] = defaultdict(list)
    for row in evidence.of("out"):
        bodies[row.mid].append(row.body)
    answers = evidence.ledger.answers
    counts["answers of officers: that a page has taken"] = len(answers)
    for form_id, text in answers.items():
        kept = bodies[form_id]
        if len(kept) != 1 or text not in kept[0]:
            yield f"answer {form_id} is there {len(kept)} times"


def _numbers_whole(evidence: Evidence, counts: dict[str, int]) -> Iterator[str]:
    """The numbers of each series go from 1 to the last that was given out, each once."""
    given: dict[tuple[str, str, int], list[int]] = defaultdict(list)
    for row in evidence.tickets:
        given[row.office, row.kind, row.year].append(row.number)
    last = {(row.office, row.kind, row.year): row.last for row in evidence.series}
    counts["tickets: opened"], counts["tickets: series"] = len(evidence.tickets), len(given)
    for name in sorted(given.keys() | last.keys()):
        numbers, wanted = given[name], range(1, last.get(name, 0) + 1)
        yield from (f"ticket {name} {number} is missing" for number in sorted(set(wanted) - set(numbers)))
        doubled = (number for number, many in Counter(numbers).items() if many > 1)
        yield from (f"ticket {name} {number} is there twice" for number in doubled)
        yield from (f"ticket {name} {number} was never given out" for number in set(numbers) - set(wanted))


def _reports_kept(evidence: Evidence, counts: dict[str, int]) -> Iterator[str]:
    """Each report that was answered with 200 is there, once however often it came."""
    kept = Counter((row.external_id, row.status) for row in evidence.receipts)
    counts["reports: answered with 200"] = len(evidence.ledger.reports)
    yield from (f"report {sid} {status} is lost" for sid, status in evidence.ledger.reports - kept.keys())
    yield from (f"report {sid} {status} is there twice" for (sid, status), many in kept.items() if many > 1)


def _mails_taken_in(evidence: Evidence, counts: dict[str, int]) -> Iterator[str]:
    """Each mail lies in its mailbox once, is in the database once, and had its turn."""
    lying, kept = Counter(evidence.lying), Counter(_plain(row.message_id) for row in evidence.mails)
    ends = Counter(row.intake for row in evidence.mails)
    counts["mails: that the mail server has taken"] = len(evidence.ledger.mails)
    counts["mails: in the database"] = len(evidence.mails)
    counts |= {f"mails: {end}": ends[end] for end in ("handled", "filed", "shunted")}
    for message_id in evidence.ledger.mails:
        if lying[message_id] != 1:
            yield f"mail {message_id} lies there {lying[message_id]} times"
        if kept[_plain(message_id)] != 1:
            yield f"mail {message_id} is in the database {kept[_plain(message_id)]} times"
    yield from (f"mail {row.message_id} is {row.intake}" for row in evidence.mails if row.intake in _LEFT)
    turns = Counter(row.mail_id for row in evidence.of("in", "email"))
    handled = [row for row in evidence.mails if row.intake == "handled"]
    yield from (f"mail {row.message_id} had {turns[row.id]} turns" for row in handled if turns[row.id] != 1)


_LEFT = {"pending", "shunted"}


def _plain(message_id: str | None) -> str:
    return (message_id or "").strip("<>")


def _letters_sent_once(evidence: Evidence, counts: dict[str, int]) -> Iterator[str]:
    """Each letter reached the mail server once; again, as the same mail, only where that is marked."""
    handed = Counter(message_id_of(letter.raw) for letter in evidence.letters)
    rows = evidence.of("out", "email")
    ends = Counter(row.delivery for row in rows)
    counts["letters: to citizens"] = len(rows)
    counts |= {f"letters: {end}": ends[end] for end in ("sent", "held", "cancelled", "failed", "unknown")}
    counts["letters: sent again because nobody knew (marked)"] = sum(map(_doubted, rows))
    for row in rows:
        copies = handed[row.external_id] if row.external_id else 0
        if row.delivery not in {"sent", *KEPT_BACK} and not _doubted(row):
            yield f"letter {row.mid} ends as {row.delivery}"
        if row.delivery == "sent" and not copies:
            yield f"letter {row.mid} is sent, and the mail server never saw it"
        if copies > 1 and not _doubted(row):
            yield f"letter {row.mid} left {copies} times, unmarked"


def _doubted(row: AnyRow) -> bool:
    return bool((row.raw or {}).get("doubts") or row.doubts)


def _deadlines_kept(evidence: Evidence, counts: dict[str, int]) -> Iterator[str]:
    return deadlines.faults(evidence, counts)


_CHECKS: tuple[Callable[[Evidence, dict[str, int]], Iterator[str]], ...] = (
    _taken_in,
    _turns_in_order,
    _sent_once,
    _phones_in_order,
    _answers_kept,
    _numbers_whole,
    _deadlines_kept,
    _reports_kept,
    _mails_taken_in,
    _letters_sent_once,
)
