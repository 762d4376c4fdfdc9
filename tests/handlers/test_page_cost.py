"""What an officer's page costs: its statements are made once for everybody, and nothing is asked twice."""

import threading
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.sql.selectable import Select

from storage import ticket_statements
from storage.inbox import ListName, View
from tests.handlers.site import Site

_LISTS = (*(f"?list={name}" for name in ListName), "?list=open&sort=window", "?q=padi+luas", "/changes")


def _shown(client: FlaskClient, office: str, *tickets: int) -> int:
    """How many of the office's lists, of what is found there and of these tickets can be looked at."""
    own = [f"/tickets/{one}{query}" for one in tickets for query in ("", "?all=1", "?q=padi")]
    answers = [client.get(f"/inbox/{office}{page}") for page in (*_LISTS, *own)]
    return sum(answer.status_code == 200 for answer in answers)


def test_a_page_makes_no_statement_that_another_has_made(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket, complaint = site.asks(), site.complains()
    site.clock.forward(days=2)
    stranger, head, mere = map(site.signed_in, ("stranger", "supervisor", "officer"))
    assert _shown(head, "7411", ticket, complaint) == len(_LISTS) + 6
    assert _shown(mere, "7411", ticket, complaint) == len(_LISTS) - 1 + 3
    assert stranger.get("/inbox/6571").status_code == 200  # which reads that office's calendar
    here, begin, made = threading.get_ident(), Select.__init__, []

    def watched(self: Select[Any], *args: Any, **kwargs: Any) -> None:
        begin(self, *args, **kwargs)
        made.extend([str(self)] if threading.get_ident() == here else [])

    monkeypatch.setattr(Select, "__init__", watched)
    again = [_shown(mere, "7411", ticket), _shown(stranger, "6571"), _shown(head, "7411", ticket, complaint)]
    assert again == [len(_LISTS) - 1 + 3, len(_LISTS), len(_LISTS) + 6]
    assert made == []


def test_those_who_may_not_see_complaints_have_statements_of_their_own() -> None:
    mere, other, head = View("7411", 1, False), View("6571", 2, False), View("7411", 1, True)
    assert ticket_statements.find(mere) is ticket_statements.find(other)
    assert ticket_statements.find(mere) is not ticket_statements.find(head)
