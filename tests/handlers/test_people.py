"""Two contacts that are one person, merged by a supervisor and taken apart again."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, update

from handlers import people
from handlers.people import Unmerged
from storage import people as stored_people
from storage.columns import AnyRow, table
from storage.inbox import View
from storage.tables import Address, Audit, Contact, Conversation, Ticket
from tests.driver import CITIZEN, WRITER, Desk
from tests.handlers.test_linking import ASKS, OTHER, SOMEBODY, bodies, by_chat, by_mail, goes_on, ticket

ADDRESS, AUDIT, CONTACT = table(Address), table(Audit), table(Contact)
CONVERSATION, TICKET = table(Conversation), table(Ticket)
HERE = "7411"


def contact(desk: Desk, contact_id: int) -> AnyRow:
    with desk.runtime.database.read() as connection:
        return connection.execute(select(CONTACT).where(CONTACT.c.id == contact_id)).one()


def tell(desk: Desk, contact_id: int, **told: object) -> None:
    with desk.runtime.database.write() as connection:
        connection.execute(update(CONTACT).where(CONTACT.c.id == contact_id).values(**told))


def owners(desk: Desk) -> dict[str, int]:
    """Whose each address is."""
    with desk.runtime.database.read() as connection:
        return {row.value: row.contact_id for row in connection.execute(select(ADDRESS))}


def merges(desk: Desk, contact_id: int) -> tuple[stored_people.Merge, ...]:
    with desk.runtime.database.read() as connection:
        return stored_people.merges_into(connection, HERE, contact_id)


def two(desk: Desk) -> tuple[int, int]:
    """Two contacts, by chat and by mail, each with an open ticket."""
    return ticket(desk, by_chat(desk)).contact_id, ticket(desk, by_mail(desk)).contact_id


def merge(desk: Desk, kept: int, gone: int) -> Unmerged | None:
    return people.merge(desk.runtime, desk.officer(), HERE, kept, gone)


def undo(desk: Desk, merge_id: int) -> Unmerged | None:
    return people.undo(desk.runtime, desk.officer(), HERE, merge_id)


def test_merged_and_undone(desk: Desk) -> None:
    kept, gone = two(desk)
    tell(desk, kept, name="Siti Rahmah")
    tell(desk, gone, name="S. Rahmah", institution_category="mahasiswa", email=WRITER)
    before = owners(desk)
    assert merge(desk, kept, gone) is None
    assert set(owners(desk).values()) == {kept}
    assert {row.contact_id for row in desk.tickets()} == {kept}
    assert [row.status for row in desk.tickets()] == ["open", "open"]
    person = contact(desk, kept)
    assert (person.name, person.institution_category, person.email) == ("Siti Rahmah", "mahasiswa", WRITER)
    goes_on(desk, "Tambahan: per kecamatan.")
    desk.writes("masih menunggu")
    about = {row.contact_id: row for row in desk.tickets()}
    assert set(about) == {kept}
    (done,) = merges(desk, kept)
    assert (done.name, done.addresses) == ("S. Rahmah", (WRITER,))
    tell(desk, kept, email="baru@contoh.id")
    assert undo(desk, done.id) is None
    assert owners(desk) == before
    assert [row.contact_id for row in desk.tickets()] == [kept, gone]
    person = contact(desk, kept)
    assert (person.name, person.institution_category, person.email) == ("Siti Rahmah", "", "baru@contoh.id")
    assert merges(desk, kept) == ()
    assert undo(desk, done.id) is Unmerged.GONE


def test_words_that_came_since_stay_in_their_tickets(desk: Desk) -> None:
    by_talk, by_letter = by_chat(desk), by_mail(desk)
    merge(desk, ticket(desk, by_talk).contact_id, ticket(desk, by_letter).contact_id)
    goes_on(desk, "Tambahan: per kecamatan.")
    desk.mails(ASKS, subject="Hal lain")
    third = int(desk.tickets()[-1].id)
    (done,) = merges(desk, ticket(desk, by_talk).contact_id)
    assert undo(desk, done.id) is None
    assert bodies(desk, by_letter)[-1] == "Tambahan: per kecamatan."
    assert ticket(desk, third).contact_id == ticket(desk, by_letter).contact_id
    assert ticket(desk, by_talk).contact_id != ticket(desk, third).contact_id


def test_the_log_knows_exactly_what_moved(desk: Desk) -> None:
    kept, gone = two(desk)
    merge(desk, kept, gone)
    with desk.runtime.database.read() as connection:
        (row,) = connection.execute(select(AUDIT))
        mails = connection.execute(select(ADDRESS.c.id).where(ADDRESS.c.value == WRITER)).scalars().all()
        threads = select(CONVERSATION.c.id).where(CONVERSATION.c.channel == "email")
        moved = connection.execute(threads).scalars().all()
    (letter,) = (each.id for each in desk.tickets() if each.conversation_id in moved)
    assert (row.what, row.officer_id) == ("contacts_merged", desk.officer())
    assert (row.detail["addresses"], row.detail["conversations"]) == (mails, moved)
    assert (row.detail["tickets"], row.detail["kept"], row.detail["gone"]) == ([letter], kept, gone)


def test_a_wish_for_silence_counts_for_both_until_it_is_undone(desk: Desk) -> None:
    kept, gone = two(desk)
    tell(desk, gone, opted_out_at=desk.clock())
    merge(desk, kept, gone)
    assert contact(desk, kept).opted_out_at is not None
    (done,) = merges(desk, kept)
    undo(desk, done.id)
    assert contact(desk, kept).opted_out_at is None
    assert contact(desk, gone).opted_out_at is not None


def test_a_chain_is_undone_from_its_end(desk: Desk) -> None:
    first, second = two(desk)
    third = ticket(desk, by_mail(desk, SOMEBODY)).contact_id
    merge(desk, second, third)
    merge(desk, first, second)
    assert set(owners(desk).values()) == {first}
    (inner,) = merges(desk, second)
    assert undo(desk, inner.id) is Unmerged.MOVED_ON
    (outer,) = merges(desk, first)
    assert undo(desk, outer.id) is None
    assert undo(desk, inner.id) is None
    assert owners(desk) == {CITIZEN: first, WRITER: second, SOMEBODY: third}


def test_never_across_offices(desk: Desk) -> None:
    here = ticket(desk, by_chat(desk)).contact_id
    desk.mails(ASKS, office="6302", address=SOMEBODY)
    there = int(desk.tickets()[-1].contact_id)
    for kept, gone in ((here, there), (there, here), (here, 999_999)):
        assert merge(desk, kept, gone) is Unmerged.GONE
    assert merge(desk, here, here) is Unmerged.SAME
    merge_there = people.merge(desk.runtime, desk.officer("wati", "6302"), "6302", there, here)
    assert merge_there is Unmerged.GONE
    assert owners(desk)[SOMEBODY] == there


def test_a_merge_is_undone_at_its_own_office_only(desk: Desk) -> None:
    kept, gone = two(desk)
    merge(desk, kept, gone)
    (done,) = merges(desk, kept)
    assert people.undo(desk.runtime, desk.officer("wati", "6302"), "6302", done.id) is Unmerged.GONE
    assert undo(desk, done.id) is None


def test_a_supervisor_finds_by_number_address_and_ticket(desk: Desk) -> None:
    kept, gone = two(desk)
    number = desk.tickets()[-1].reference
    for values, reference in (((WRITER,), ""), ((), number), (("+628999",), number)):
        with desk.runtime.database.read() as connection:
            here, there = (View(office, desk.officer(), complaints=True) for office in (HERE, "6302"))
            found = stored_people.looked_for(connection, here, kept, values, reference)
            elsewhere = stored_people.looked_for(connection, there, kept, values, reference)
        assert ([one.id for one in found], elsewhere) == ([gone], ())
        assert (found[0].addresses, found[0].tickets) == ((("email", WRITER, False),), 1)


@pytest.mark.parametrize("_again", range(2))
def test_of_many_at_once_every_contact_goes_one_way(desk: Desk, _again: int) -> None:
    first, second = two(desk)
    third = ticket(desk, by_mail(desk, SOMEBODY)).contact_id
    officer_id = desk.officer()
    pairs = [(first, second), (second, first), (first, third), (third, second)] * 2
    with ThreadPoolExecutor(8) as pool:
        said = [pool.submit(desk.writes, f"pesan {number}") for number in range(4)]
        done = list(pool.map(lambda pair: people.merge(desk.runtime, officer_id, HERE, *pair), pairs))
        assert {each.result() for each in said} == {200}
    assert None in done
    desk.clock.forward(seconds=10)
    desk.settle()
    owner = owners(desk)
    for row in desk.tickets():
        with desk.runtime.database.read() as connection:
            wanted = select(CONVERSATION.c.contact_id, CONVERSATION.c.address_id).where(
                CONVERSATION.c.id == row.conversation_id
            )
            thread = connection.execute(wanted).one()
            value = select(ADDRESS.c.value).where(ADDRESS.c.id == thread.address_id)
            address = connection.execute(value).scalar_one()
        assert row.contact_id == thread.contact_id == owner[address]
    assert len([row for row in desk.messages() if row.body.startswith("pesan")]) == 4


def test_a_mail_that_waits_for_a_merge_is_of_the_contact_that_is_left(desk: Desk) -> None:
    kept, gone = two(desk)
    officer_id, now = desk.officer(), desk.clock()
    with ThreadPoolExecutor(1) as pool:
        with desk.runtime.database.write() as connection:
            people.join(connection, HERE, kept, gone, officer_id, now)
            arriving = pool.submit(
                desk.mails, "Mohon data kemiskinan 2020 untuk tesis.", subject="Kemiskinan"
            )
            time.sleep(0.5)
        assert arriving.result().intake == "handled"
    assert {row.contact_id for row in desk.tickets()} == {kept}
    with desk.runtime.database.read() as connection:
        assert set(connection.execute(select(CONVERSATION.c.contact_id)).scalars()) == {kept}


def test_of_many_undoings_at_once_one_happens(desk: Desk) -> None:
    kept, gone = two(desk)
    merge(desk, kept, gone)
    (done,) = merges(desk, kept)
    officer_id = desk.officer()
    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(lambda _: people.undo(desk.runtime, officer_id, HERE, done.id), range(6)))
    assert results.count(None) == 1
    assert owners(desk)[WRITER] == gone


def test_somebody_without_an_address_is_nobody_to_merge(desk: Desk) -> None:
    kept, gone = two(desk)
    merge(desk, kept, gone)
    assert merge(desk, kept, gone) is Unmerged.CHANGED
    assert len(merges(desk, kept)) == 1
    assert OTHER not in owners(desk)
