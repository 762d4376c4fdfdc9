"""What an officer's page costs: its statements are made once for everybody, and nothing is asked twice."""

import re
import threading
from collections import Counter
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import render_template
from flask.testing import FlaskClient
from sqlalchemy.sql.selectable import Select

from handlers import wording
from handlers.web.language import LANGUAGES
from storage import outbox, ticket_statements
from storage.inbox import ListName, View
from tests.handlers.site import Site, composed
from tests.storage.test_plans import listening

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


_USUAL, _SHUT = 22, 25
"""Questions of a ticket's page; where the window is shut three more tell how the answer would go."""


def _asked(site: Site, who: str, ticket: int) -> list[str]:
    """The questions of the second look at this ticket, each with its parameters."""
    client, page = site.signed_in(who), f"/inbox/7411/tickets/{ticket}"
    assert client.get(page).status_code == 200
    with listening(site.runtime.database.engine) as heard:
        assert client.get(page).status_code == 200
    return [f"{statement} {parameters}" for statement, parameters in heard]


def test_a_tickets_page_asks_little_and_nothing_twice(site: Site) -> None:
    ticket, complaint = site.asks(), site.complains()
    here = _asked(site, "officer", ticket)
    site.clock.forward(days=2)
    shut = _asked(site, "officer", ticket)
    reply = composed("Ini datanya.", site.last_id())
    site.signed_in("officer").post(f"/inbox/7411/tickets/{ticket}/reply", data=reply)
    with site.runtime.database.write() as connection:
        outbox.hold_for_window(connection, site.last_id("out"), site.clock())
    held = _asked(site, "officer", ticket)
    about = _asked(site, "supervisor", complaint)
    assert site.bodies(ticket) == ["Ini datanya."]
    for asked in (here, shut, held, about):
        assert [one for one, times in Counter(asked).items() if times > 1] == []
    assert 15 < len(here) <= _USUAL
    assert len(here) < len(shut) <= _SHUT
    assert len(held) <= _SHUT


def test_what_came_after_the_page_was_made_is_not_marked_as_read(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket, client = site.asks(), site.signed_in("officer")

    def meanwhile(*args: Any, **about: Any) -> str:
        page = render_template(*args, **about)
        site.writes("Masih ada satu lagi")
        return page

    monkeypatch.setattr("handlers.web.tickets.render_template", meanwhile)
    assert "Masih ada satu lagi" not in client.get(f"/inbox/7411/tickets/{ticket}").text
    monkeypatch.undo()
    news = re.compile(r'class="message citizen fresh"')
    assert [len(news.findall(client.get(f"/inbox/7411/tickets/{ticket}").text)) for _ in range(2)] == [1, 0]


def test_one_moment_is_told_on_the_clock_of_each_office(site: Site) -> None:
    moment = datetime(2026, 7, 6, 4, tzinfo=UTC)
    same = moment.astimezone(ZoneInfo("Asia/Jayapura"))
    offices = [site.runtime.office(code) for code in ("7411", "1905", "7411")]
    told = [wording.render_date(one, office, "id") for office in offices for one in (moment, same)]
    in_makassar, in_jakarta = (f"Senin, 6 Juli 2026 pukul {clock}" for clock in ("12.00 WITA", "11.00 WIB"))
    assert told == [in_makassar] * 2 + [in_jakarta] * 2 + [in_makassar] * 2
    assert wording.render_date(moment, offices[0], "en").startswith("Monday")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_is_what_jinja_would_have_made_of_it(site: Site, language: str) -> None:
    sentences = (
        '{{ _("Anda pegang") }}|{{ _("diambil %(name)s", name="<b>") }}|{{ _("100%% <i>") }}'
        '|{{ _("diambil %(name)s", name="<b>"|safe) }}'
    )
    usual = site.app.jinja_env.overlay()
    usual.globals = {**usual.globals, "_": usual.globals["gettext"]}
    with site.app.test_request_context(f"/?lang={language}"):
        made = [each.from_string(sentences).render() for each in (site.app.jinja_env, usual)]
    assert made[0] == made[1]
    word = {"id": "diambil", "en": "claimed by"}[language]
    assert made[0].endswith(f"|{word} &lt;b&gt;|100% <i>|{word} <b>")
