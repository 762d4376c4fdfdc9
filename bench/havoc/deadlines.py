"""The auditor's part about deadlines: none is lost, none is left behind, and each that came happened once."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime

from bench.havoc.evidence import Evidence
from bot.conversation import State
from bot.events import TimerKind
from bot.timers import owned_by
from storage.columns import AnyRow

_LEFT = {"sent", "delivered", "read"}


def faults(evidence: Evidence, counts: dict[str, int]) -> Iterator[str]:
    """What is missing or too much."""
    has: dict[int, set[TimerKind]] = defaultdict(set)
    for timer in evidence.timers:
        has[timer.conversation_id].add(TimerKind(timer.kind))
    counts["deadlines: that stand"] = len(evidence.timers)
    overdue = [timer for timer in evidence.timers if timer.due_at <= evidence.ends]
    yield from (
        f"the deadline {one.kind} of conversation {one.conversation_id} did not happen" for one in overdue
    )
    yield from _waiting(evidence, has)
    yield from _promised(evidence, has, counts)
    yield from _silent(evidence, has, counts)
    yield from _happened(evidence, has, counts)


def _waiting(evidence: Evidence, has: dict[int, set[TimerKind]]) -> Iterator[str]:
    """Who waits for a citizen has a deadline that leads out."""
    for talk in evidence.conversations:
        kind = owned_by(State(talk.state))
        if kind and kind not in has[talk.id]:
            yield f"conversation {talk.id} is {talk.state} without the deadline {kind}"


def _open(evidence: Evidence) -> list[AnyRow]:
    return [row for row in evidence.tickets if row.status == "open" and row.kind == "consultation"]


def _promised(evidence: Evidence, has: dict[int, set[TimerKind]], counts: dict[str, int]) -> Iterator[str]:
    """A promise that runs is looked at when it ends, unless that was told already."""
    told = {event.ticket_id for event in evidence.told if event.what == "overdue"}
    owed = [row for row in _open(evidence) if row.due_at and not row.answered_at and row.id not in told]
    counts["deadlines: of tickets that owe an answer"] = len(owed)
    for ticket in owed:
        if TimerKind.DUE not in has[ticket.conversation_id]:
            yield f"ticket {ticket.reference} owes an answer without a deadline"


def _silent(evidence: Evidence, has: dict[int, set[TimerKind]], counts: dict[str, int]) -> Iterator[str]:
    """A citizen whom the office's last words have reached is waited for, with an end.

    Unless they said something else since, *pengaduan* for instance: while they complain the silence rests
    (``bot.silence``).
    """
    heard = {row.conversation_id: row for row in evidence.of("in")}
    last = {row.ticket_id: row for row in evidence.of("out") if row.author == "officer"}
    current = {talk.ticket_id: talk.id for talk in evidence.conversations if talk.ticket_id}
    rests = _resting(evidence)
    waited = 0
    for ticket in _open(evidence):
        word = last.get(ticket.id)
        if ticket.handled_by not in evidence.closing or ticket.waiting_for != "citizen" or word is None:
            continue
        if word.delivery in _LEFT and current.get(ticket.id) == word.conversation_id:
            waited += 1
            since = heard.get(word.conversation_id)
            if since and since.id > word.id and since.ticket_id != ticket.id:
                continue
            if not ticket.silent_since:
                yield f"ticket {ticket.reference}: nobody counts the citizen's silence"
            elif not (
                ticket.closable_at
                or rests.get(word.conversation_id, ticket.silent_since) > ticket.silent_since
                or TimerKind.IDLE_CLOSE in has[word.conversation_id]
            ):
                yield f"ticket {ticket.reference}: the citizen's silence has no end"
    counts["deadlines: of tickets whose citizen is waited for"] = waited


def _resting(evidence: Evidence) -> dict[int, datetime]:
    """What silences rest: those that began before this moment. By conversation.

    Whoever is half way through a complaint has a deadline for that (``_waiting``), which files it where they
    say no more; it ends the rest only when it is closed.
    """
    filed = {
        row.id: row.opened_at for row in evidence.tickets if row.kind == "complaint" and row.status == "open"
    }
    return {
        talk.id: evidence.ends if talk.state == State.COMPLAINING else filed[talk.complaint_id]
        for talk in evidence.conversations
        if talk.state == State.COMPLAINING or talk.complaint_id in filed
    }


def _happened(evidence: Evidence, has: dict[int, set[TimerKind]], counts: dict[str, int]) -> Iterator[str]:
    """Who fell silent over half a request has one ticket for it, and is waited for no more."""
    talks = {talk.reply_to: talk.id for talk in evidence.conversations if talk.channel == "whatsapp"}
    opened = Counter(row.conversation_id for row in evidence.tickets if not row.confirmed)
    undecided = evidence.ledger.undecided
    counts["deadlines: that came, of half requests"] = len(undecided)
    for address in undecided:
        talk = talks.get(address)
        if talk is None or opened[talk] != 1:
            yield f"{address}: half a request became {opened[talk] if talk else 0} tickets"
        elif TimerKind.ABANDON in has[talk]:
            yield f"{address}: half a request is waited for although its time came"
