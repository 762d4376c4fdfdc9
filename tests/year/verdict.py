"""What the desk did in the year beside what it had to do: every difference, in words."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from operator import attrgetter

from sqlalchemy import select

from storage.columns import AnyRow, table
from storage.tables import Message, Ticket, TicketEvent
from tests.year.almanac import Almanac
from tests.year.office import PlayedOffice
from tests.year.people import Done
from tests.year.play import END, Closure, Player
from tests.year.reckoning import WINDOW, Happening, Learned, Left, Reckoner, Rule, Step

EVENT, MESSAGE, TICKET = table(TicketEvent), table(Message), table(Ticket)
_TOLD = ("unclaimed", "due_soon", "overdue", "closable", "due_moved")
_DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
_MONTHS = (
    *("Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September"),
    *("Oktober", "November", "Desember", "Januari"),
)
_BY_DAY = ("unclaimed", "due_soon", "overdue", "closable", "idle_warning", "closed by silence")


def differences(player: Player, acts: list[Done], closure: Closure, rule: Rule) -> list[str]:
    """One line for whatever the desk did wrongly, too often, or not at all."""
    office = player.office
    did, left, spoken = _happenings(office), _left(office), _spoken(office)
    for act in player.refused:
        did[player.tickets[act.number]].append((act.at, f"refused {act.act}"))
    mine, common = _by_number(acts), [act for act in acts if act.number == 0]
    rows = {row.id: row for row in _rows(office)}
    found: list[str] = []
    for number, ticket in player.tickets.items():
        steps: list[Step] = [*mine[number], *common, *(Left(at, number) for at in left[ticket])]
        reckoner = _reckoned(steps, mine[number][0].at, closure, rule, chats=number % 2 == 1)
        found += _compared(ticket, did[ticket], reckoner.happened)
        found += _unlawful(ticket, did[ticket], closure)
        found += _rows_differ(office, rows[ticket], reckoner)
        found += _misspoken(office, ticket, spoken[ticket], reckoner.promised)
    return found


def _by_number(acts: list[Done]) -> dict[int, list[Done]]:
    mine: dict[int, list[Done]] = defaultdict(list)
    for act in acts:
        mine[act.number].append(act)
    return mine


def _reckoned(steps: list[Step], opened: datetime, closure: Closure, rule: Rule, *, chats: bool) -> Reckoner:
    usual = Almanac()
    knows = usual.also_closed(closure.day) if closure.told_at <= opened else usual
    reckoner = Reckoner(rule, knows, WINDOW if chats else None)
    learned: list[Step] = [Learned(closure.told_at, usual.also_closed(closure.day))]
    since = [step for step in [*steps, *learned] if step.at >= opened]
    reckoner.run(sorted(since, key=attrgetter("at")), END)
    return reckoner


def _compared(ticket: int, did: list[Happening], must: list[Happening]) -> Iterator[str]:
    done, wanted = Counter(did), Counter(must)
    for (at, what), times in sorted((done - wanted).items()):
        yield f"ticket {ticket}: {what} at {at:%a %d.%m. %H:%M:%S}, {times} time(s) too often"
    for (at, what), _ in sorted((wanted - done).items()):
        yield f"ticket {ticket}: no {what} at {at:%a %d.%m. %H:%M:%S}"


def _unlawful(ticket: int, did: list[Happening], closure: Closure) -> Iterator[str]:
    """Whatever was reckoned: nothing at night or on a closed day."""
    for at, what in did:
        knows = Almanac().also_closed(closure.day) if at >= closure.told_at else Almanac()
        if what.startswith(_BY_DAY) and not knows.serves(at):
            yield f"ticket {ticket}: {what} outside service at {at:%a %d.%m. %H:%M:%S}"


def _rows_differ(office: PlayedOffice, row: AnyRow, reckoner: Reckoner) -> Iterator[str]:
    due = office.local(row.due_at) if row.due_at else None
    if due != reckoner.due:
        yield f"ticket {row.id}: due {due}, and not {reckoner.due}"
    if (row.status == "open") != reckoner.open:
        yield f"ticket {row.id}: is {row.status}"


def _misspoken(office: PlayedOffice, ticket: int, told: list[str], promised: list[datetime]) -> Iterator[str]:
    """The words that a citizen read, beside the moment that was promised."""
    zone = "WIB" if office.zone.seconds == 7 * 3600 else "WITA"
    for due in promised:
        month = _MONTHS[due.month - 1]
        words = f"{_DAYS[due.weekday()]}, {due.day} {month} {due.year} pukul {due:%H.%M} {zone}"
        if told and not any(words in text for text in told):
            yield f"ticket {ticket}: the citizen was not told {words}"


def _happenings(office: PlayedOffice) -> dict[int, list[Happening]]:
    """What stands in the log, and the warnings that citizens got, by ticket."""
    did: dict[int, list[Happening]] = defaultdict(list)
    with office.runtime.database.read() as connection:
        for row in connection.execute(select(EVENT).order_by(EVENT.c.id)):
            if what := _named(row):
                did[row.ticket_id].append((office.local(row.at), what))
        warned = select(MESSAGE.c.ticket_id, MESSAGE.c.at).where(MESSAGE.c.text_key == "idle_warning")
        for row in connection.execute(warned):
            did[row.ticket_id].append((office.local(row.at), "idle_warning"))
    return did


def _named(row: AnyRow) -> str:
    if row.what == "closed":
        return f"closed by {row.detail['reason']}"
    if row.what.startswith("skipped:idle_warning"):
        return "idle_warning skipped"
    return row.what if row.what in _TOLD else ""


def _left(office: PlayedOffice) -> dict[int, list[datetime]]:
    """When officers' words have left, by ticket."""
    left: dict[int, list[datetime]] = defaultdict(list)
    wanted = select(MESSAGE.c.ticket_id, MESSAGE.c.sent_at).where(
        MESSAGE.c.author == "officer", MESSAGE.c.sent_at.is_not(None)
    )
    with office.runtime.database.read() as connection:
        for row in connection.execute(wanted):
            left[row.ticket_id].append(office.local(row.sent_at))
    return left


def _spoken(office: PlayedOffice) -> dict[int, list[str]]:
    """The sentences in which the desk promised something, by ticket."""
    spoken: dict[int, list[str]] = defaultdict(list)
    keys = ("ticket_opened", "handed_to_officer", "marked_clear")
    promising = [MESSAGE.c.text_key.contains(key) for key in keys]
    with office.runtime.database.read() as connection:
        for row in connection.execute(select(MESSAGE).where(promising[0] | promising[1] | promising[2])):
            spoken[row.ticket_id].append(row.body)
    return spoken


def _rows(office: PlayedOffice) -> list[AnyRow]:
    with office.runtime.database.read() as connection:
        return list(connection.execute(select(TICKET)))
