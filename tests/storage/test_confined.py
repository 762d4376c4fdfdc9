"""Every query of officers' pages is confined to one office, and complaints to its supervisors."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from itertools import product
from types import ModuleType
from typing import Any, TypeVar

import pytest
from sqlalchemy import Connection, select, update

from storage import (
    answers,
    complaint_register,
    complaints,
    consents,
    finding,
    inbox,
    kin,
    mail_pages,
    media_pages,
    officers,
    reports,
    roster,
    searches,
    tallies,
    ticket_page,
    unhandled,
)
from storage.columns import table
from storage.complaint_register import Wanted
from storage.db import Database
from storage.inbox import ListName, View
from storage.media_tables import Media
from storage.promise_tables import Duty, Leave
from storage.tables import Conversation, Message, Ticket, TicketEvent
from storage.voice_tables import Complaint
from tests.databases import ON_BOTH, an_empty_one
from tests.storage.seeding import NOON, Thread, looks_at, mail, officer, put

CONVERSATION, TICKET = table(Conversation), table(Ticket)
OURS, THEIRS, COMPLAINT = "milikkita", "milikmereka", "pengaduankita"
PASSED = "diteruskan"
YEAR = timedelta(days=365)


def _queries(*modules: ModuleType) -> list[Callable[..., Any]]:
    public = (
        member for module in modules for name, member in vars(module).items()
        if inspect.isfunction(member) and member.__module__ == module.__name__ and not name.startswith("_")
    )  # fmt: skip
    return [one for one in public if "connection" in inspect.signature(one).parameters]


ALL = _queries(
    inbox, ticket_page, unhandled, mail_pages, media_pages, kin, roster, complaint_register, reports
)
# What reads; the rest of these modules writes what an officer has just written.
ALL += [answers.listed, answers.find, answers.last_reply]
ALL += [consents.told]
ALL += [searches.unanswered, searches.answered, searches.find, searches.tally]
FOR_THE_INSTALLATION = {unhandled.unrouted, unhandled.undelivered}
CONFINED = [query for query in ALL if query not in FOR_THE_INSTALLATION]


def _mails(thread: Thread, mark: str, ticket: int) -> Iterator[tuple[int, int]]:
    """Mails that became a message with a file, were filed at the ticket, or were put aside."""
    connection, office = thread.connection, thread.office
    became = mail(connection, office, mark, intake="handled", ticket_id=ticket)
    file = {"file": mark, "name": mark, "content_type": "text/plain", "size": "1", "role": "attached"}
    message = thread.says(mark, ticket, mail_id=became, media=[file], channel="email")
    photo = {"office": office, "message_id": message, "ref": mark, "url": mark, "at": NOON, "name": mark}
    put(connection, Media, **photo, state="stored", sha256=mark, shown=mark)
    yield became, message
    yield mail(connection, office, mark, intake="filed", ticket_id=ticket), message
    if mark != COMPLAINT:
        yield mail(connection, office, mark), message


class _Desk:
    """Two offices, side by side, with everything a query could find."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.supervisor = officer(connection, "rahma", "7411", "supervisor")
        self.officer = officer(connection, "jufri", "7411")
        stranger = officer(connection, THEIRS, "6571", "supervisor")
        ours, theirs = Thread(connection, "7411", OURS), Thread(connection, "6571", THEIRS)
        complaint = Thread(connection, "7411", COMPLAINT)
        self.ours, self.theirs = ours.ticket(), theirs.ticket()
        self.complaint = complaint.ticket(kind="complaint")
        ours.ticket(status="closed", closed_at=NOON)
        theirs.ticket(status="closed", closed_at=NOON)
        self.shunted = {
            "ours": ours.says(OURS, intake="shunted"),
            "theirs": theirs.says(THEIRS, intake="shunted"),
        }
        theirs.says(THEIRS, outcome="after_opt_out")
        self.mails = [
            *_mails(ours, OURS, self.ours),
            *_mails(theirs, THEIRS, self.theirs),
            *_mails(complaint, COMPLAINT, self.complaint),
        ]
        for ticket in (self.ours, self.theirs, self.complaint):
            looks_at(connection, stranger, ticket, writing=True)
        self._register(theirs, stranger)
        self._mix(theirs, complaint)
        self._searched(ours.conversation, theirs.conversation)
        Thread(connection, "6571", THEIRS).ticket(handled_by="1905", linked_to=self.ours)
        self._roster(stranger)

    def _register(self, theirs: Thread, stranger: int) -> None:
        """A complaint of each office, with a plan, and each about somebody."""
        for office, ticket, mark in (
            ("7411", self.complaint, COMPLAINT),
            ("6571", theirs.ticket(kind="complaint"), THEIRS),
        ):
            put(self.connection, Complaint, ticket_id=ticket, office=office, category=mark, plan=mark)
            complaints.keep_from(self.connection, ticket, [self.officer, stranger], "said", NOON)

    def _searched(self, ours: int, theirs: int) -> None:
        """Answers of both offices, and what was searched at both, found and not."""
        for office, mark, conversation in (("7411", OURS, ours), ("6571", THEIRS, theirs)):
            values = {"question": mark, "body": mark}
            answers.add(self.connection, View(office, self.officer, False), values, NOON)
            for found in (0, 3):
                searches.add(self.connection, office, conversation, mark, found, NOON)

    def _roster(self, stranger: int) -> None:
        """Officers of both offices, one of them of both, are on leave, for reasons of each office."""
        officers.set_role(self.connection, self.officer, "6571", "officer")
        whole = {"first": NOON.date(), "first_half": "am", "last": NOON.date(), "last_half": "pm"}
        for office, mark, one in (
            ("7411", OURS, self.officer),
            ("6571", THEIRS, self.officer),
            ("6571", THEIRS, stranger),
        ):
            put(self.connection, Duty, office=office, officer_id=one, weekday=0, half="am")
            away = {"office": office, "officer_id": one, "reason": mark, "created_at": NOON}
            put(self.connection, Leave, **away, **whole)

    def _mix(self, theirs: Thread, complaint: Thread) -> None:
        """Relations that no act would make, so that only the view keeps them apart."""
        for other in (self.theirs, self.complaint):
            for thread in (theirs, complaint):
                values = {"linked_to": self.ours, "merged_into": self.ours, "status": "closed"}
                thread.ticket(kind="complaint" if thread is complaint else "consultation", **values)
            put(
                self.connection, TicketEvent, office="7411", ticket_id=self.ours, at=NOON, what="split_here",
                detail={"ticket": other},
            )  # fmt: skip
        here = update(TICKET).where(TICKET.c.id == self.ours)
        self.connection.execute(here.values(linked_to=self.theirs, perhaps_of=self.complaint))
        away = update(CONVERSATION).where(CONVERSATION.c.id == theirs.conversation)
        self.connection.execute(away.values(ticket_id=self.ours))
        told = update(CONVERSATION).where(CONVERSATION.c.id == complaint.conversation)
        self.connection.execute(told.values(complaint_id=self.complaint))

    def ask(
        self, query: Callable[..., Any], view: View, ticket: int, more: Mapping[str, Any] | None = None
    ) -> Any:
        offered = {"connection": self.connection, "view": view, "ticket_id": ticket, "now": NOON}
        offered |= {"begins": NOON - YEAR, "ends": NOON + YEAR}
        offered |= {"since": NOON.date(), "wanted": Wanted(), **(more or {})}
        offered |= {"since": NOON.date(), "earliest": NOON, **(more or {})}
        wanted = inspect.signature(query).parameters
        return query(**{name: offered[name] for name in wanted if name in offered})


class _PassedOn(_Desk):
    """A ticket of Kolaka Timur that Tarakan works on, with all that can be found of one."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        thread = Thread(connection, "7411", PASSED)
        self.passed = thread.ticket(handled_by="6571")
        self.mails = list(_mails(thread, PASSED, self.passed))[:2]
        looks_at(connection, self.supervisor, self.passed, writing=True)


_AnyDesk = TypeVar("_AnyDesk", bound=_Desk)


def _everything(desk: _Desk, query: Callable[..., Any], view: View, ticket: int) -> str:
    """All that *query* can be made to tell, as text."""
    wanted = inspect.signature(query).parameters
    offered = {
        "name": tuple(ListName),
        "query": (THEIRS, COMPLAINT, OURS, PASSED),
        "message_id": (*desk.shunted.values(), *(message for _, message in desk.mails)),
        "mail_id": tuple(mail for mail, _ in desk.mails),
        "index": (0, 1),
        "media_id": (1, 2, 3, 4, 5),
        "answer_id": (1, 2),
        "searched_id": (1, 2, 3, 4),
        "others": (tuple(range(1, 100)),),
    }
    names = [name for name in offered if name in wanted]
    offers = product(*(offered[name] for name in names))
    return " ".join(repr(desk.ask(query, view, ticket, dict(zip(names, one, strict=True)))) for one in offers)


def _standing(
    request: pytest.FixtureRequest, folders: pytest.TempPathFactory, made: Callable[[Connection], _AnyDesk]
) -> Iterator[_AnyDesk]:
    """One desk in a transaction that stays open: making it takes longer than to ask it anything."""
    folder = folders.mktemp("confined")
    with an_empty_one(request, folder) as url:
        database = Database(url, folder / "data")
        with database.write() as connection:
            yield made(connection)
        database.close()


def _until_here(standing: _AnyDesk) -> Iterator[_AnyDesk]:
    """The same desk for every test: whatever is written is taken back."""
    savepoint = standing.connection.begin_nested()
    yield standing
    savepoint.rollback()


@pytest.fixture(scope="module", params=ON_BOTH)
def standing_desk(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[_Desk]:
    yield from _standing(request, tmp_path_factory, _Desk)


@pytest.fixture(scope="module", params=ON_BOTH)
def standing_passed_on(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[_PassedOn]:
    yield from _standing(request, tmp_path_factory, _PassedOn)


@pytest.fixture
def desk(standing_desk: _Desk) -> Iterator[_Desk]:
    """Two offices and all that one of them must not find."""
    yield from _until_here(standing_desk)


@pytest.fixture
def passed_on(standing_passed_on: _PassedOn) -> Iterator[_PassedOn]:
    """The same with a forwarded ticket."""
    yield from _until_here(standing_passed_on)


@pytest.mark.parametrize("query", CONFINED, ids=lambda query: query.__name__)
def test_a_query_takes_the_eyes_it_looks_with(query: Callable[..., Any]) -> None:
    assert "view" in inspect.signature(query).parameters


@pytest.mark.parametrize("query", CONFINED, ids=lambda query: query.__name__)
def test_a_query_tells_nothing_of_another_office(query: Callable[..., Any], desk: _Desk) -> None:
    for view in (View("7411", desk.supervisor, True), View("7411", desk.officer, False)):
        if query is ticket_page.viewers:
            assert desk.ask(query, view, desk.theirs) == ()
            continue
        assert THEIRS not in _everything(desk, query, view, desk.theirs)
        assert THEIRS not in _everything(desk, query, view, desk.ours)


@pytest.mark.parametrize("query", CONFINED, ids=lambda query: query.__name__)
def test_a_query_tells_an_officer_nothing_of_a_complaint(query: Callable[..., Any], desk: _Desk) -> None:
    mere = View("7411", desk.officer, False)
    if query is ticket_page.viewers:
        assert desk.ask(query, mere, desk.complaint) == ()
    assert COMPLAINT not in _everything(desk, query, mere, desk.complaint)


@pytest.mark.parametrize("query", CONFINED, ids=lambda query: query.__name__)
def test_a_query_tells_a_supervisor_nothing_of_a_complaint_about_them(
    query: Callable[..., Any], desk: _Desk
) -> None:
    about = desk.connection.execute(select(TICKET.c.id).where(TICKET.c.kind == "complaint"))
    for complaint in about.scalars().all():
        complaints.keep_from(desk.connection, complaint, [desk.supervisor], "said", NOON)
    accused = View("7411", desk.supervisor, True)
    if query is ticket_page.viewers:
        assert desk.ask(query, accused, desk.complaint) == ()
    assert COMPLAINT not in _everything(desk, query, accused, desk.complaint)


def test_counts_count_what_may_be_seen(database: Database) -> None:
    with database.write() as connection:
        desk = _Desk(connection)
        supervisor = tallies.beside(connection, View("7411", desk.supervisor, True), NOON).counts
        mere = tallies.beside(connection, View("7411", desk.officer, False), NOON).counts
    assert (supervisor["open"], supervisor["complaints"], supervisor["unhandled"]) == (2, 1, 2)
    assert (mere["open"], mere["complaints"], mere["unhandled"]) == (1, 0, 0)


def test_the_same_queries_do_tell_those_who_may_know(database: Database) -> None:
    with database.write() as connection:
        desk = _Desk(connection)
        view = View("7411", desk.supervisor, True)
        for query in (
            inbox.listed,
            finding.found,
            ticket_page.messages,
            ticket_page.find,
            ticket_page.ratings,
        ):
            assert OURS in _everything(desk, query, view, desk.ours), query
        assert COMPLAINT in _everything(desk, ticket_page.messages, view, desk.complaint)
        assert ticket_page.viewers(connection, view, desk.ours, NOON)[0].writing
        assert OURS in repr(unhandled.shunted(connection, view))
        for searched in (answers.listed, answers.find, searches.unanswered, searches.answered, searches.find):
            assert OURS in _everything(desk, searched, view, desk.ours), searched
        assert OURS in _everything(desk, reports.citizens, view, desk.ours)
        for on_ticket in (mail_pages.mail_of_ticket, mail_pages.file_of_ticket, mail_pages.message_of_mail):
            assert OURS in _everything(desk, on_ticket, view, desk.ours), on_ticket
            assert COMPLAINT in _everything(desk, on_ticket, view, desk.complaint), on_ticket
        for of_media in (media_pages.media_of_ticket, media_pages.one_of_ticket):
            assert OURS in _everything(desk, of_media, view, desk.ours), of_media
            assert COMPLAINT in _everything(desk, of_media, view, desk.complaint), of_media
        for of_register in (complaint_register.listed, complaint_register.entry):
            assert COMPLAINT in _everything(desk, of_register, view, desk.complaint), of_register
        assert complaint_register.by_category(connection, view, Wanted(), NOON) == {COMPLAINT: 1}
        assert complaint_register.count(connection, view, Wanted(), NOON) == 1
        assert len(complaint_register.kept_from(connection, view, desk.complaint)) == 2
        for aside in (mail_pages.shunted_mails, mail_pages.filed_mails, mail_pages.mail_aside):
            assert OURS in _everything(desk, aside, view, desk.ours), aside
        assert mail_pages.mail_balance(connection, view) == mail_pages.Balance(5, 2, 2, 1, 0)


@pytest.mark.parametrize("query", CONFINED, ids=lambda query: query.__name__)
def test_a_forwarded_ticket_is_unknown_to_a_third_office(
    query: Callable[..., Any], passed_on: _PassedOn
) -> None:
    third = View("1905", officer(passed_on.connection, "tetangga", "1905", "supervisor"), True)
    if query is ticket_page.viewers:
        assert passed_on.ask(query, third, passed_on.passed) == ()
    assert PASSED not in _everything(passed_on, query, third, passed_on.passed)


def test_a_forwarded_ticket_is_known_to_both_offices(database: Database) -> None:
    with database.write() as connection:
        desk = _PassedOn(connection)
        for view in (View("7411", desk.officer, False), View("6571", desk.officer, False)):
            for query in (ticket_page.find, ticket_page.messages, ticket_page.events, finding.found):
                assert PASSED in _everything(desk, query, view, desk.passed), (query, view.office)
            for of_mail in (mail_pages.mail_of_ticket, mail_pages.file_of_ticket):
                assert PASSED in _everything(desk, of_mail, view, desk.passed), (of_mail, view.office)


def test_a_forwarded_ticket_stands_in_the_lists_of_who_works_on_it(database: Database) -> None:
    with database.write() as connection:
        desk = _PassedOn(connection)
        home, away = View("7411", desk.officer, False), View("6571", desk.officer, False)
        lists = {
            view.office: {
                name
                for name in ListName
                if PASSED in repr(inbox.listed(connection, view, name, NOON, size=100))
            }
            for view in (home, away)
        }
        counts = {view.office: tallies.beside(connection, view, NOON).counts for view in (home, away)}
    assert lists["7411"] == {ListName.FORWARDED}
    assert {ListName.WAITING, ListName.UNASSIGNED, ListName.OPEN} == lists["6571"]
    assert counts["7411"]["forwarded"] == 1
    assert counts["7411"]["open"] == 1
    assert counts["6571"]["forwarded"] == 1  # the one that 1905 works on


def test_other_tickets_of_the_citizen_stay_with_the_office_that_was_asked(database: Database) -> None:
    with database.write() as connection:
        desk = _Desk(connection)
        thread = Thread(connection, "7411", PASSED)
        passed, kept = thread.ticket(handled_by="6571"), thread.ticket(status="closed", closed_at=NOON)
        at_home = ticket_page.earlier(connection, View("7411", desk.officer, False), passed)
        away = ticket_page.earlier(connection, View("6571", desk.officer, True), passed)
    assert [one.id for one in at_home] == [kept]
    assert away == ()


def test_a_mail_goes_where_its_message_goes(database: Database) -> None:
    with database.write() as connection:
        desk = _Desk(connection)
        view, (became, message) = View("7411", desk.supervisor, True), desk.mails[0]
        other = Thread(connection, "7411", "lain").ticket()
        rows = table(Message)
        connection.execute(update(rows).where(rows.c.id == message).values(ticket_id=other))
        assert mail_pages.mail_of_ticket(connection, view, desk.ours, became) is None
        assert mail_pages.mail_of_ticket(connection, view, other, became) is not None
        assert mail_pages.file_of_ticket(connection, view, desk.ours, message, 0) is None
        assert mail_pages.file_of_ticket(connection, view, other, message, 0) is not None


def test_filed_mails_come_in_pages(database: Database) -> None:
    with database.write() as connection:
        view = View("7411", officer(connection, "rahma", "7411", "supervisor"), True)
        ids = [mail(connection, "7411", "x", intake="filed") for _ in range(mail_pages.PAGE + 3)]
        newest_first = ids[::-1]
        first = mail_pages.filed_mails(connection, view, 0, mail_pages.PAGE + 1)
        second = mail_pages.filed_mails(connection, view, 1, mail_pages.PAGE + 1)
    assert [one.id for one in first] == newest_first[: mail_pages.PAGE + 1]
    assert [one.id for one in second] == newest_first[mail_pages.PAGE :]
