"""Every query of officers' pages is confined to one office, and complaints to its supervisors."""

import inspect
from collections.abc import Callable, Mapping
from itertools import product
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import Connection

from storage import inbox, ticket_page, unhandled
from storage.db import Database
from storage.inbox import ListName, View
from tests.storage.seeding import NOON, Thread, looks_at, officer

OURS, THEIRS, COMPLAINT = "milikkita", "milikmereka", "pengaduankita"


def _queries(*modules: ModuleType) -> list[Callable[..., Any]]:
    public = (
        member for module in modules for name, member in vars(module).items()
        if inspect.isfunction(member) and member.__module__ == module.__name__ and not name.startswith("_")
    )  # fmt: skip
    return [one for one in public if "connection" in inspect.signature(one).parameters]


ALL = _queries(inbox, ticket_page, unhandled)
FOR_THE_INSTALLATION = {unhandled.unrouted, unhandled.undelivered}
CONFINED = [query for query in ALL if query not in FOR_THE_INSTALLATION]


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
        for ticket in (self.ours, self.theirs, self.complaint):
            looks_at(connection, stranger, ticket, writing=True)

    def ask(
        self, query: Callable[..., Any], view: View, ticket: int, more: Mapping[str, Any] | None = None
    ) -> Any:
        offered = {"connection": self.connection, "view": view, "ticket_id": ticket, "now": NOON} | dict(
            more or {}
        )
        wanted = inspect.signature(query).parameters
        return query(**{name: offered[name] for name in wanted if name in offered})


def _everything(desk: _Desk, query: Callable[..., Any], view: View, ticket: int) -> str:
    """All that *query* can be made to tell, as text."""
    offers = product(ListName, (THEIRS, COMPLAINT, OURS), desk.shunted.values())
    names = ("name", "query", "message_id")
    return " ".join(repr(desk.ask(query, view, ticket, dict(zip(names, one, strict=True)))) for one in offers)


@pytest.mark.parametrize("query", CONFINED, ids=lambda query: query.__name__)
def test_a_query_takes_the_eyes_it_looks_with(query: Callable[..., Any]) -> None:
    assert "view" in inspect.signature(query).parameters


@pytest.mark.parametrize("query", CONFINED, ids=lambda query: query.__name__)
def test_a_query_tells_nothing_of_another_office(query: Callable[..., Any], database: Database) -> None:
    with database.write() as connection:
        desk = _Desk(connection)
        for view in (View("7411", desk.supervisor, True), View("7411", desk.officer, False)):
            if query is ticket_page.viewers:
                assert desk.ask(query, view, desk.theirs) == ()
                continue
            assert THEIRS not in _everything(desk, query, view, desk.theirs)
            assert THEIRS not in _everything(desk, query, view, desk.ours)


@pytest.mark.parametrize("query", CONFINED, ids=lambda query: query.__name__)
def test_a_query_tells_an_officer_nothing_of_a_complaint(
    query: Callable[..., Any], database: Database
) -> None:
    with database.write() as connection:
        desk = _Desk(connection)
        mere = View("7411", desk.officer, False)
        if query is ticket_page.viewers:
            assert desk.ask(query, mere, desk.complaint) == ()
        assert COMPLAINT not in _everything(desk, query, mere, desk.complaint)


def test_counts_count_what_may_be_seen(database: Database) -> None:
    with database.write() as connection:
        desk = _Desk(connection)
        supervisor = inbox.counts(connection, View("7411", desk.supervisor, True))
        mere = inbox.counts(connection, View("7411", desk.officer, False))
    assert (supervisor["open"], supervisor["complaints"], supervisor["unhandled"]) == (2, 1, 1)
    assert (mere["open"], mere["complaints"], mere["unhandled"]) == (1, 0, 0)


def test_the_same_queries_do_tell_those_who_may_know(database: Database) -> None:
    with database.write() as connection:
        desk = _Desk(connection)
        view = View("7411", desk.supervisor, True)
        for query in (inbox.listed, inbox.found, ticket_page.messages, ticket_page.find, ticket_page.ratings):
            assert OURS in _everything(desk, query, view, desk.ours), query
        assert COMPLAINT in _everything(desk, ticket_page.messages, view, desk.complaint)
        assert ticket_page.viewers(connection, view, desk.ours, NOON)[0].writing
        assert OURS in repr(unhandled.shunted(connection, view))


def test_a_forwarded_ticket_is_seen_by_who_handles_it(database: Database) -> None:
    with database.write() as connection:
        desk = _Desk(connection)
        forwarded = Thread(connection, "6571", "diteruskan").ticket(handled_by="7411")
        assert ticket_page.find(connection, View("7411", desk.officer, False), forwarded) is not None
        assert ticket_page.find(connection, View("6571", desk.officer, True), forwarded) is None
