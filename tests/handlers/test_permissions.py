"""One table of permissions: every route stands in it, and keeps to it for every kind of person."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import delete, func, insert, select, update
from werkzeug.routing import Rule

from handlers.web import permissions
from handlers.web.permissions import ALLOWED, LOOKING_ON, Role
from storage import answers, complaints, officers, searches
from storage.columns import table
from storage.inbox import View
from storage.mail_tables import Mail
from storage.media_tables import Media
from storage.tables import Message, Ticket
from tests.databases import SqliteTemplate
from tests.handlers.begun import Begun
from tests.handlers.site import Site
from tests.storage.seeding import stray

DESK = {"officer", "supervisor"}
WHO: dict[frozenset[Role], set[str]] = {
    frozenset({Role.SIGNED_IN}): {"officer", "supervisor", "stranger", "administrator", "former"},
    frozenset({Role.OFFICER, Role.SUPERVISOR}): DESK,
    frozenset({Role.SUPERVISOR}): {"supervisor"},
    frozenset({Role.ADMINISTRATOR}): {"administrator"},
    frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR}): {"supervisor", "administrator"},
}
EVERYBODY = ("officer", "supervisor", "stranger", "administrator", "former")
REFUSED_TO_SIGNED_OUT = {302, 401}
CLOSED = [endpoint for endpoint, roles in ALLOWED.items() if Role.ANYONE not in roles]
ON_A_TICKET = [
    endpoint
    for endpoint in CLOSED
    if endpoint.startswith(
        ("tickets.", "mails.", "media.", "linking.", "people.", "forwarding.", "answers.from")
    )
]
ON_A_COMPLAINT = ["complaints.treat", "complaints.complete", "complaints.plan_done"]
REGISTER = ["complaints.page", "complaints.printed"]
ON_A_MAIL_ASIDE = [one for one in CLOSED if one.startswith("kept_mails.") and one != "kept_mails.filed"]
MAIL = b"From: Siti <siti@contoh.id>\r\nSubject: Data\r\n\r\nMohon data IPM.\r\n"


def _address(site: Site, endpoint: str, ticket: int) -> tuple[str, str]:
    """The route's method, and its address with everything it names existing."""
    rule = _rule(site, endpoint)
    with site.runtime.database.write() as connection:
        message = site.last_id() if "message_id" in rule.arguments else 0
        if message:
            rows = table(Message)
            connection.execute(update(rows).where(rows.c.id == message).values(intake="shunted"))
        unrouted = stray(connection, "salah alamat") if "unrouted_id" in rule.arguments else 0
    values = {"office": "7411", "ticket_id": ticket, "message_id": message, "unrouted_id": unrouted}
    values |= {"index": 0, "mail_id": _mail(site, endpoint, ticket) if "mail_id" in rule.arguments else 0}
    if {"answer_id", "searched_id"} & rule.arguments:
        values |= _published(site, ticket)
    values |= dict.fromkeys({"request_id", "breach_id"} & rule.arguments, 1)
    if "media_id" in rule.arguments:
        values["media_id"] = _media(site, ticket)
    if endpoint == "mails.file":
        values["message_id"] = _message_with_a_file(site, ticket)
    with site.app.test_request_context():
        built = site.app.url_map.bind("localhost").build(
            endpoint, {name: values[name] for name in rule.arguments}, force_external=False
        )
    return ("POST" if "POST" in (rule.methods or ()) else "GET"), built


def _published(site: Site, ticket: int) -> dict[str, int]:
    """An answer of the office, and a search."""
    view, now = View("7411", site.people["officer"], complaints=False), site.clock()
    with site.runtime.database.write() as connection:
        answer = answers.add(connection, view, {"question": "Berapa?", "body": "Sekian."}, now)
        conversation = select(table(Ticket).c.conversation_id).where(table(Ticket).c.id == ticket)
        searches.add(connection, "7411", connection.execute(conversation).scalar_one(), "ipm", 0, now)
        searched = connection.execute(select(func.max(searches.SEARCHED.c.id))).scalar_one()
    return {"answer_id": answer, "searched_id": searched}


def _mail(site: Site, endpoint: str, ticket: int) -> int:
    """A mail of this ticket, or one that was put aside."""
    rows = table(Mail)
    mail = site.mail_arrives(MAIL + uuid4().hex.encode())
    aside = {"intake": "shunted", "ticket_id": None}
    with site.runtime.database.write() as connection:
        connection.execute(
            update(table(Message)).where(table(Message).c.mail_id == mail).values(mail_id=None)
        )
        values = {"ticket_id": ticket} if endpoint.startswith("mails.") else aside
        connection.execute(update(rows).where(rows.c.id == mail).values(**values))
    return mail


def _media(site: Site, ticket: int) -> int:
    """A photo of this ticket, or at least of an existing message."""
    rows, kept = table(Message), site.runtime.files.put(b"isi")
    file = {
        "office": "7411",
        "ref": "ME1",
        "url": "x",
        "state": "stored",
        "kind": "image/jpeg",
        "at": site.clock(),
    }
    file |= {"name": "foto-1.jpg", "size": 3, "sha256": kept, "shown": kept}
    with site.runtime.database.write() as connection:
        message = connection.execute(
            select(func.min(rows.c.id)).where(rows.c.ticket_id == ticket)
        ).scalar_one()
        connection.execute(delete(table(Media)))
        added = connection.execute(insert(table(Media)).values(message_id=message, **file))
    assert added.inserted_primary_key is not None
    return int(added.inserted_primary_key[0])


def _message_with_a_file(site: Site, ticket: int) -> int:
    kept = {"file": site.runtime.files.put(b"isi"), "name": "data.txt", "content_type": "text/plain"}
    rows = table(Message)
    with site.runtime.database.write() as connection:
        first = select(func.min(rows.c.id)).where(rows.c.ticket_id == ticket)
        message = int(connection.execute(first).scalar_one())
        media = [{**kept, "size": "3", "role": "attached"}]
        connection.execute(update(rows).where(rows.c.id == message).values(media=media, intake="handled"))
    return message


def _rule(site: Site, endpoint: str) -> Rule:
    return next(rule for rule in site.app.url_map.iter_rules() if rule.endpoint == endpoint)


def _status(site: Site, name: str, endpoint: str, ticket: int) -> int:
    method, address = _address(site, endpoint, ticket)
    answer = site.signed_in(name).open(address, method=method, buffered=False)
    answer.close()
    return answer.status_code


@pytest.fixture(scope="module")
def begun(sqlite_template: SqliteTemplate) -> Begun:
    """Sites that begin after an act."""
    return Begun(sqlite_template)


@pytest.fixture
def asked(begun: Begun, tmp_path: Path) -> Iterator[tuple[Site, int]]:
    """The site, and the ticket of a citizen's request."""
    with begun.after(Site.asks, tmp_path) as at_work:
        yield at_work


@pytest.fixture
def complained(begun: Begun, tmp_path: Path) -> Iterator[tuple[Site, int]]:
    """The site, and a complaint."""
    with begun.after(Site.complains, tmp_path) as at_work:
        yield at_work


def test_every_route_stands_in_the_table(site: Site) -> None:
    routes = {rule.endpoint for rule in site.app.url_map.iter_rules()}
    assert [endpoint for endpoint in routes if not permissions.allowed(endpoint)] == []
    blueprints = set(site.app.blueprints) | {"demo"}
    assert [line for line in ALLOWED if line not in routes | blueprints] == []


def test_a_route_without_a_line_is_refused_to_everybody(site: Site) -> None:
    site.app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    assert site.signed_in("supervisor").get("/forgotten").status_code == 404
    assert site.signed_in("administrator").get("/forgotten").status_code == 404


@pytest.mark.parametrize("endpoint", CLOSED)
def test_a_route_is_open_to_whom_the_table_says(endpoint: str, begun: Begun, tmp_path: Path) -> None:
    act = Site.complains if endpoint in ON_A_COMPLAINT else Site.asks
    with begun.after(act, tmp_path) as (site, ticket):
        for name in EVERYBODY:
            status = _status(site, name, endpoint, ticket)
            if name in WHO[ALLOWED[endpoint]]:
                assert status in {200, 204, 302, 303, 422}, (name, status)
            else:
                assert status == 404, (name, status)


@pytest.mark.parametrize("endpoint", CLOSED)
def test_who_is_not_signed_in_is_asked_to(endpoint: str, asked: tuple[Site, int]) -> None:
    site, ticket = asked
    assert _status(site, "", endpoint, ticket) in REFUSED_TO_SIGNED_OUT


@pytest.mark.parametrize("endpoint", CLOSED)
def test_a_disabled_officer_is_out_at_once(endpoint: str, asked: tuple[Site, int]) -> None:
    site, ticket = asked
    client = site.signed_in("disabled")
    method, address = _address(site, endpoint, ticket)
    with site.runtime.database.write() as connection:
        officers.disable(connection, site.people["disabled"], site.clock())
    assert client.open(address, method=method).status_code in REFUSED_TO_SIGNED_OUT


@pytest.mark.parametrize("endpoint", [*ON_A_TICKET, *ON_A_COMPLAINT])
def test_a_complaint_is_for_supervisors(endpoint: str, complained: tuple[Site, int]) -> None:
    site, ticket = complained
    assert _status(site, "officer", endpoint, ticket) == 404
    assert _status(site, "supervisor", endpoint, ticket) != 404


@pytest.mark.parametrize("endpoint", [*ON_A_TICKET, *ON_A_COMPLAINT])
def test_a_complaint_does_not_exist_for_the_supervisor_it_is_about(
    endpoint: str, complained: tuple[Site, int]
) -> None:
    site, ticket = complained
    method, address = _address(site, endpoint, ticket)
    nowhere = address.replace(f"/{ticket}", "/999999")
    _about_the_supervisor(site, ticket)
    client = site.signed_in("supervisor")
    answer = client.open(address, method=method)
    assert answer.status_code == 404
    assert answer.data == client.open(nowhere, method=method).data


def _about_the_supervisor(site: Site, ticket: int) -> None:
    with site.runtime.database.write() as connection:
        complaints.keep_from(connection, ticket, [site.people["supervisor"]], "said", site.clock())


@pytest.mark.parametrize("endpoint", ON_A_COMPLAINT)
def test_a_consultation_is_no_complaint(endpoint: str, site: Site) -> None:
    method, address = _address(site, endpoint, site.asks())
    assert site.signed_in("supervisor").open(address, method=method).status_code == 404


@pytest.mark.parametrize("endpoint", [*ON_A_TICKET, *ON_A_COMPLAINT])
def test_a_ticket_of_another_office_does_not_exist(endpoint: str, complained: tuple[Site, int]) -> None:
    site, theirs = complained
    method, address = _address(site, endpoint, theirs)
    elsewhere = address.replace("/7411/", "/6571/")
    answer = site.signed_in("stranger").open(elsewhere, method=method)
    nowhere = site.signed_in("stranger").open(elsewhere.replace(f"/{theirs}", "/999999"), method=method)
    assert answer.status_code == 404
    assert answer.data == nowhere.data


@pytest.mark.parametrize("endpoint", ON_A_TICKET)
def test_a_forwarded_ticket_is_worked_on_by_one_office_and_looked_at_by_the_other(
    endpoint: str, asked: tuple[Site, int]
) -> None:
    site, ticket = asked
    method, address = _address(site, endpoint, ticket)
    _passed_on(site, ticket, "6571")
    elsewhere = address.replace("/7411/", "/6571/")
    of_the_contact = endpoint.startswith("people.")
    for name in ("officer", "supervisor"):
        known = _asked(site, name, address, method) != 404
        assert known == (endpoint in LOOKING_ON), (name, endpoint)
        _passed_on(site, ticket, "6571")
    assert (_asked(site, "stranger", elsewhere, method) == 404) == of_the_contact


@pytest.mark.parametrize("endpoint", ON_A_TICKET)
def test_a_forwarded_ticket_does_not_exist_for_a_third_office(endpoint: str, asked: tuple[Site, int]) -> None:
    site, ticket = asked
    with site.runtime.database.write() as connection:
        site.people["third"] = officers.add(
            connection, email="third@bps.go.id", name="Third", password_hash="x", now=site.clock()
        )
        officers.set_role(connection, site.people["third"], "1905", "supervisor")
    method, address = _address(site, endpoint, ticket)
    _passed_on(site, ticket, "6571")
    elsewhere = address.replace("/7411/", "/1905/")
    answer = site.signed_in("third").open(elsewhere, method=method)
    nowhere = site.signed_in("third").open(elsewhere.replace(f"/{ticket}", "/999999"), method=method)
    assert answer.status_code == 404
    assert answer.data == nowhere.data
    for office in ("7411", "6571"):
        there = address.replace("/7411/", f"/{office}/")
        assert _asked(site, "third", there, method) == 404


def _asked(site: Site, name: str, address: str, method: str) -> int:
    answer = site.signed_in(name).open(address, method=method, buffered=False)
    answer.close()
    return answer.status_code


def _passed_on(site: Site, ticket: int, office: str) -> None:
    rows = table(Ticket)
    with site.runtime.database.write() as connection:
        connection.execute(update(rows).where(rows.c.id == ticket).values(handled_by=office, status="open"))


def test_an_unhandled_message_of_another_office_does_not_exist(site: Site) -> None:
    site.asks()
    for endpoint in ("unhandled.retry", "unhandled.settle", *ON_A_MAIL_ASIDE):
        method, address = _address(site, endpoint, 0)
        elsewhere = address.replace("/7411/", "/6571/")
        assert site.signed_in("stranger").open(elsewhere, method=method).status_code == 404


def test_a_membership_at_an_office_that_left_the_configuration_opens_nothing(site: Site) -> None:
    with site.runtime.database.write() as connection:
        officers.set_role(connection, site.people["officer"], "9999", "supervisor")
    assert site.signed_in("officer").get("/inbox/9999").status_code == 404
    assert site.signed_in("officer").get("/inbox").location == "/inbox/7411"


def test_the_list_of_complaints_is_for_supervisors(site: Site) -> None:
    site.complains()
    assert site.signed_in("officer").get("/inbox/7411?list=complaints").status_code == 404
    assert "KTM-P-2026-" in site.signed_in("supervisor").get("/inbox/7411?list=complaints").text
    for address in ("/inbox/7411?list=open", "/inbox/7411?q=seminggu"):
        assert "KTM-P-2026-" not in site.signed_in("officer").get(address).text
        assert "KTM-P-2026-" in site.signed_in("supervisor").get(address).text
