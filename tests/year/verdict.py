"""What the desk did in the year beside what it had to do: every difference, in words."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from operator import attrgetter

from sqlalchemy import select

from storage.columns import AnyRow, table
from storage.tables import Message, Ticket, TicketEvent
from tests.year.almanac import Almanac
from tests.year.handing_out import Began, Entered, HandingOut
from tests.year.office import PlayedOffice
from tests.year.people import Done
from tests.year.play import END, Closure, Player
from tests.year.reckoning import WINDOW, Happening, Learned, Left, Reckoner, Rule, Step
from tests.year.staff import LEAVES, on_duty, served_next

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
    reckoners: dict[int, Reckoner] = {}
    for number, ticket in player.tickets.items():
        steps: list[Step] = [*mine[number], *common, *(Left(at, number) for at in left[ticket])]
        reckoners[number] = _reckoned(steps, mine[number][0].at, closure, rule, number)
    handed = _handed_out(reckoners.values(), closure, rule, _order(player))
    rows = {row.id: row for row in _rows(office)}
    found: list[str] = []
    for number, ticket in player.tickets.items():
        reckoner = reckoners[number]
        found += _compared(ticket, did[ticket], [*reckoner.happened, *handed.happened[number]])
        found += _unlawful(ticket, did[ticket], closure)
        found += _rows_differ(office, rows[ticket], reckoner)
        found += _misspoken(office, ticket, spoken[ticket], reckoner.promised)
    return found


def _by_number(acts: list[Done]) -> dict[int, list[Done]]:
    mine: dict[int, list[Done]] = defaultdict(list)
    for act in acts:
        mine[act.number].append(act)
    return mine


def _reckoned(steps: list[Step], opened: datetime, closure: Closure, rule: Rule, number: int) -> Reckoner:
    usual = Almanac()
    knows = usual.also_closed(closure.day) if closure.told_at <= opened else usual
    reckoner = Reckoner(number, rule, knows, WINDOW if number % 2 else None)
    learned: list[Step] = [_learned(closure)]
    since = [step for step in [*steps, *learned] if step.at >= opened]
    reckoner.run(sorted(since, key=attrgetter("at")), END)
    return reckoner


def _learned(closure: Closure) -> Learned:
    return Learned(closure.told_at, Almanac().also_closed(closure.day))


def _handed_out(
    reckoners: Iterable[Reckoner], closure: Closure, rule: Rule, order: Mapping[tuple[int, datetime], int]
) -> HandingOut:
    """All tickets walked together."""
    learned = _learned(closure)
    acts = sorted((act for one in reckoners for act in one.trail), key=attrgetter("at", "number"))
    told = [Entered(leave.told_at, leave) for leave in LEAVES]
    began = [Began(leave.begins(learned.almanac), leave) for leave in LEAVES]
    handed = HandingOut(rule, Almanac(), order)
    handed.run(sorted([*told, *began, learned, *acts], key=attrgetter("at")), END)
    return handed


def _compared(ticket: int, did: list[Happening], must: list[Happening]) -> Iterator[str]:
    done, wanted = Counter(did), Counter(must)
    for (at, what), times in sorted((done - wanted).items()):
        yield f"ticket {ticket}: {what} at {at:%a %d.%m. %H:%M:%S}, {times} time(s) too often"
    for (at, what), _ in sorted((wanted - done).items()):
        yield f"ticket {ticket}: no {what} at {at:%a %d.%m. %H:%M:%S}"


def _unlawful(ticket: int, did: list[Happening], closure: Closure) -> Iterator[str]:
    """Whatever was reckoned: nothing at night or on a closed day, and nothing for who is not there."""
    for at, what in did:
        knows = Almanac().also_closed(closure.day) if at >= closure.told_at else Almanac()
        if what.startswith(_BY_DAY) and not knows.serves(at):
            yield f"ticket {ticket}: {what} outside service at {at:%a %d.%m. %H:%M:%S}"
        known = [leave for leave in LEAVES if leave.told_at <= at]
        if what.startswith("assigned") and not on_duty(int(what.split()[2]), served_next(knows, at), known):
            yield f"ticket {ticket}: {what} who is off duty at {at:%a %d.%m. %H:%M:%S}"


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
    numbers = {officer_id: number for number, officer_id in enumerate(office.officer_ids)}
    with office.runtime.database.read() as connection:
        for row in connection.execute(select(EVENT).order_by(EVENT.c.id)):
            if what := _named(row, numbers):
                did[row.ticket_id].append((office.local(row.at), what))
        warned = select(MESSAGE.c.ticket_id, MESSAGE.c.at).where(MESSAGE.c.text_key == "idle_warning")
        for row in connection.execute(warned):
            did[row.ticket_id].append((office.local(row.at), "idle_warning"))
    return did


def _named(row: AnyRow, numbers: dict[int, int]) -> str:
    if row.what == "assigned":
        about = " or ".join([row.detail["topic"], *row.detail["tied"]]) or "nothing"
        theirs = ", their topic" if row.detail["by_topic"] else ""
        return f"assigned to {numbers[row.detail['to']]} by {row.detail['why']}, about {about}{theirs}"
    if row.what == "given_back":
        return f"given_back from {numbers[row.detail['from']]}"
    if row.what == "not_assigned":
        return f"not_assigned: {row.detail['why']}"
    if row.what == "claimed":
        return f"claimed by {numbers[row.officer_id]}"
    if row.what == "closed":
        return f"closed by {row.detail['reason']}"
    if row.what.startswith("skipped:idle_warning"):
        return "idle_warning skipped"
    return row.what if row.what in _TOLD else ""


def _order(player: Player) -> dict[tuple[int, datetime], int]:
    """The place of every offer among those of the same second, by ticket number and moment."""
    numbers = {ticket: number for number, ticket in player.tickets.items()}
    offers = select(EVENT.c.id, EVENT.c.ticket_id, EVENT.c.at).where(
        EVENT.c.what.in_(["assigned", "not_assigned"])
    )
    with player.office.runtime.database.read() as connection:
        rows = connection.execute(offers).all()
    return {(numbers[row.ticket_id], player.office.local(row.at)): row.id for row in rows}


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
