"""Who wants no messages, and who said so: recorded, shown before anybody writes, lifted by MULAI alone."""

import pytest
from sqlalchemy import select

from handlers import consenting
from storage import conversations
from storage.columns import AnyRow, table
from storage.provider_tables import Consent
from storage.tables import Address, Contact, Conversation
from tests.driver import CITIZEN, Desk
from tests.handlers.site import Site

CONSENT, CONTACT, ADDRESS = table(Consent), table(Contact), table(Address)
CONVERSATION = table(Conversation)


def facts(desk: Desk | Site) -> list[tuple[str, str, str]]:
    """What is recorded, oldest first."""
    with desk.runtime.database.read() as connection:
        rows = connection.execute(select(CONSENT).order_by(CONSENT.c.id))
        return [(row.what, row.source, row.words) for row in rows]


def contacts(desk: Desk) -> list[AnyRow]:
    with desk.runtime.database.read() as connection:
        return list(connection.execute(select(CONTACT).order_by(CONTACT.c.id)))


def is_silent(desk: Desk) -> bool:
    return contacts(desk)[0].opted_out_at is not None


def test_the_citizens_own_words_are_kept(desk: Desk) -> None:
    desk.writes("petugas", office="6302")
    desk.writes("Berhenti", office="6302")
    desk.writes("halo", office="6302")
    desk.writes("mulai", office="6302")
    assert facts(desk) == [("out", "citizen", "Berhenti"), ("in", "citizen", "mulai")]
    with desk.runtime.database.read() as connection:
        said = connection.execute(select(CONSENT.c.message_id).order_by(CONSENT.c.id)).scalars().all()
    assert said == [desk.messages()[1].id, desk.messages()[3].id]


@pytest.mark.parametrize(("first", "then"), [("petugas", "STOP"), ("STOP", "MULAI")])
def test_a_turn_in_another_language_undoes_no_wish_of_that_moment(desk: Desk, first: str, then: str) -> None:
    """A mail's turn has begun when the same person says by chat that they want silence, or no longer."""
    desk.writes(first, office="6302")
    with desk.runtime.database.read() as connection:
        (talk,) = connection.execute(select(CONVERSATION.c.id)).scalars()
        begun = conversations.by_id(connection, talk)
    assert begun is not None
    desk.writes(then, office="6302")
    before, now = contacts(desk)[0], desk.clock()
    with desk.runtime.database.write() as connection:
        consenting.remember(connection, begun, begun.value, begun.value.but(language="en"), now)
    after = contacts(desk)[0]
    assert (after.language, after.opted_out_at) == ("en", before.opted_out_at)
    assert is_silent(desk) == (then == "STOP")


@pytest.mark.parametrize("late", [False, True])
def test_what_only_the_provider_knows_silences_the_desk(desk: Desk, late: bool) -> None:
    """At once or in a report; what waits does not leave any more, until the citizen says MULAI."""
    desk.writes("petugas", office="6302")
    desk.settle()
    if late:
        desk.twilio.callbacks_next("sent", "failed:21610")
    else:
        desk.twilio.fail_next(400, 21610)
    desk.replies("satu")
    desk.settle()
    assert (is_silent(desk), facts(desk)) == (True, [("out", "provider", "21610")])
    heard = len(desk.phone())
    desk.replies("dua")
    desk.settle()
    assert len(desk.phone()) == heard
    desk.writes("MULAI", office="6302")
    assert not is_silent(desk)
    assert facts(desk)[-1] == ("in", "citizen", "MULAI")


def test_a_keyword_that_twilio_acts_on_is_understood(desk: Desk) -> None:
    """The office's own keyword, answered by Twilio: the desk says nothing more; HELP is its as well."""
    desk.writes("petugas", office="6302")
    heard = len(desk.heard())
    desk.writes("SETOP", office="6302", OptOutType="STOP")
    desk.writes("TOLONG", office="6302", OptOutType="HELP")
    assert len(desk.heard()) == heard
    assert is_silent(desk)
    assert [row.outcome for row in desk.messages()[1:]] == ["after_opt_out", "filed"]
    assert {row.ticket_id for row in desk.messages()} == {desk.tickets()[0].id}
    desk.writes("LANJUT", office="6302", OptOutType="START")
    assert not is_silent(desk)
    assert facts(desk) == [("out", "provider", "SETOP"), ("in", "provider", "LANJUT")]


def test_an_officer_records_a_refusal_and_lifts_none(desk: Desk) -> None:
    desk.writes("petugas", office="6302")
    desk.settle()
    desk.replies("satu")
    ticket, officer = desk.tickets()[0].id, desk.officer()
    assert consenting.note_by_officer(desk.runtime, officer, ticket, wants=False, words="lewat telepon")
    heard = len(desk.phone())
    desk.settle()
    assert len(desk.phone()) == heard
    assert consenting.note_by_officer(desk.runtime, officer, ticket, wants=True, words="datang sendiri")
    assert is_silent(desk), "only the citizen's own word lifts it"
    assert facts(desk) == [("out", "officer", "lewat telepon"), ("in", "officer", "datang sendiri")]
    assert not consenting.note_by_officer(desk.runtime, officer, 10**6, wants=True, words="x")


def test_officers_see_it_before_they_write(site: Site) -> None:
    ticket = site.asks()
    site.writes("STOP")
    officer = site.signed_in("officer")
    page = officer.get(f"/inbox/7411/tickets/{ticket}").text
    assert "Terakhir tercatat: BERHENTI, tidak mau dihubungi" in page
    assert "kata warga lewat WhatsApp" in page
    assert "<q>STOP</q>" in page
    where = f"/inbox/7411/tickets/{ticket}/consent"
    told = officer.post(where, data={"what": "in", "words": " "}, follow_redirects=True).text
    assert "Tulis apa yang dikatakan warga" in told
    told = officer.post(
        where, data={"what": "in", "words": "lewat telepon, 6 Juli"}, follow_redirects=True
    ).text
    assert "bersedia dihubungi" in told
    assert "dicatat" in told
    assert facts(site)[-1] == ("in", "officer", "lewat telepon, 6 Juli")
    assert "mencatat bahwa warga bersedia dihubungi" in told


def test_somebody_without_a_number_is_found_like_anybody(site: Site) -> None:
    """In the lists, in the search, on their page; and answered at what they wrote from."""
    ticket = site.asks(address="ID.Abc123")
    officer = site.signed_in("officer")
    assert f"/tickets/{ticket}" in officer.get("/inbox/7411?list=open").text
    assert f"/tickets/{ticket}" in officer.get("/inbox/7411?list=open&q=padi").text
    assert "ID.Abc123" in officer.get(f"/inbox/7411/tickets/{ticket}").text


def test_the_other_address_is_added_and_nobody_is_merged(desk: Desk) -> None:
    """First without a number, then with it; a new number with a new id is somebody new."""
    desk.writes("petugas", office="6302", address="ID.Lama")
    desk.writes("halo", office="6302", address=CITIZEN, ExternalUserId="whatsapp:ID.Lama")
    desk.writes("halo", office="6302", address="+6281299998888", ExternalUserId="whatsapp:ID.Baru")
    desk.writes("halo", office="6302", address=CITIZEN, ExternalUserId="whatsapp:ID.Baru")
    with desk.runtime.database.read() as connection:
        rows = connection.execute(select(ADDRESS.c.contact_id, ADDRESS.c.value).order_by(ADDRESS.c.value))
        owners = {row.value: row.contact_id for row in rows}
    assert owners["ID.Lama"] == owners[CITIZEN]
    assert owners["ID.Baru"] == owners["+6281299998888"] != owners[CITIZEN]
    assert len(contacts(desk)) == 2
