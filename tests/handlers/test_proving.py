"""A mailbox is proved by a code that was mailed there and typed in the chat, and by nothing less."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from handlers import people, proving
from handlers.proving import Unsent
from storage import people as stored_people
from storage.columns import AnyRow, table
from storage.mail_tables import Notice, Proof
from storage.tables import Address, Audit, Contact, TicketEvent
from tests.driver import CITIZEN, WRITER, Desk
from tests.handlers.test_linking import ASKS, bodies, by_mail, goes_on, ticket

ADDRESS, CONTACT, PROOF, NOTICE = table(Address), table(Contact), table(Proof), table(Notice)
AUDIT, EVENT = table(Audit), table(TicketEvent)
TRK = "6571"  # asks for an e-mail address, and has a mailbox
OTHER = "+6281299998888"


def rows(desk: Desk, of: object) -> list[AnyRow]:
    with desk.runtime.database.read() as connection:
        return list(connection.execute(select(of).order_by(of.c.id)))  # type: ignore[attr-defined,call-overload]


def registers(desk: Desk, email: str = WRITER, address: str = CITIZEN) -> None:
    """A citizen of Tarakan tells name, institution, use and address."""
    for text in ("data penduduk kota Tarakan 2020 untuk skripsi", "Siti Rahmah", "1", "1", email):
        desk.writes(text, office=TRK, address=address)


def code_for(desk: Desk, email: str = WRITER) -> str:
    """The code in the newest mail to *email*."""
    found = re.search(r"Kode Anda: (\d+ \d+)", str(desk.letters(email)[-1].mail["Subject"]))
    assert found is not None
    return found[1].replace(" ", "")


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}}"


def answer(desk: Desk, address: str = CITIZEN) -> str:
    """What the citizen has heard last in the chat."""
    return desk.heard(address)[-1]


def proved(desk: Desk) -> dict[str, bool]:
    return {row.value: bool(row.proved) for row in rows(desk, ADDRESS) if row.kind == "email"}


def test_an_address_told_is_proved_by_typing_the_code(desk: Desk) -> None:
    registers(desk)
    assert f"Kami mengirim kode 6 angka ke {WRITER}" in answer(desk)
    (letter,) = desk.letters()
    assert letter.mail["Auto-Submitted"] == "auto-generated"
    assert "ketik kode ini di percakapan itu" in letter.text.lower()
    assert proved(desk) == {}
    desk.writes(code_for(desk), office=TRK)
    assert f"alamat {WRITER} sudah terbukti" in answer(desk)
    assert proved(desk) == {WRITER: True}
    (person,) = rows(desk, CONTACT)
    assert {row.contact_id for row in rows(desk, ADDRESS)} == {person.id}
    assert [row.what for row in rows(desk, AUDIT)] == ["address_proved"]


def test_nothing_waits_for_a_code(desk: Desk) -> None:
    registers(desk)
    assert answer(desk).count("*1*") == 1
    desk.writes("1", office=TRK)
    assert [row.status for row in desk.tickets()] == ["open"]


def test_the_code_stands_nowhere_in_the_database(desk: Desk) -> None:
    registers(desk)
    code = code_for(desk)
    for of in (PROOF, NOTICE, AUDIT):
        assert code not in repr(rows(desk, of))
        assert f"{code[:3]} {code[3:]}" not in repr(rows(desk, of))


def test_a_code_is_guessed_five_times_and_then_it_is_dead(desk: Desk) -> None:
    registers(desk)
    code = code_for(desk)
    for _ in range(4):
        desk.writes(wrong(code), office=TRK)
        assert "kode itu tidak cocok" in answer(desk)
    desk.writes(wrong(code), office=TRK)
    assert "tidak berlaku lagi" in answer(desk)
    desk.writes(f"kode {code}", office=TRK)
    assert proved(desk) == {}
    (proof,) = rows(desk, PROOF)
    assert (proof.tries, proof.used_at) == (5, None)


def test_a_code_lasts_a_day(desk: Desk) -> None:
    registers(desk)
    code = code_for(desk)
    desk.clock.forward(hours=25)
    desk.writes(code, office=TRK)
    assert proved(desk) == {}


def test_a_code_works_once(desk: Desk) -> None:
    registers(desk)
    code = code_for(desk)
    desk.writes(code, office=TRK)
    desk.writes(f"kode {code}", office=TRK)
    assert [row.what for row in rows(desk, AUDIT)] == ["address_proved"]


def test_the_code_of_another_contact_proves_nothing(desk: Desk) -> None:
    registers(desk)
    registers(desk, "budi@contoh.id", OTHER)
    mine, theirs = code_for(desk), code_for(desk, "budi@contoh.id")
    assert mine != theirs
    desk.writes(theirs, office=TRK)
    desk.writes(mine, office=TRK, address=OTHER)
    assert proved(desk) == {}
    assert "kode itu tidak cocok" in answer(desk)


def test_at_most_three_codes_a_day_for_a_contact_and_for_an_address(desk: Desk) -> None:
    desk.writes("halo", office=TRK)
    contact = int(rows(desk, CONTACT)[0].id)
    with desk.runtime.database.write() as connection:
        for number in range(3):
            wanted = proving._Wanted(TRK, contact, f"a{number}@contoh.id", 6, "id")
            assert proving._send(desk.runtime, connection, wanted, desk.clock())
    registers(desk)
    assert desk.letters() == []
    assert "kode 6 angka" not in answer(desk)
    for number in range(4):
        registers(desk, "budi@contoh.id", f"+62813000000{number}")
    assert len(desk.letters("budi@contoh.id")) == 3
    desk.clock.forward(hours=25)
    registers(desk, "budi@contoh.id", "+628130000009")
    assert len(desk.letters("budi@contoh.id")) == 4


def test_no_code_is_mailed_to_ourselves(desk: Desk) -> None:
    registers(desk, "bps7411@bps.go.id")
    assert rows(desk, PROOF) == []


def test_who_wrote_from_the_address_turns_out_to_be_the_same_person(desk: Desk) -> None:
    """The contact of the chat stays; addresses, threads, tickets follow; both tickets stay open."""
    desk.mails(ASKS, office=TRK)
    by_letter = int(desk.tickets()[-1].id)
    registers(desk)
    desk.writes("1", office=TRK)
    by_talk = int(desk.tickets()[-1].id)
    desk.writes(code_for(desk), office=TRK)
    assert ticket(desk, by_letter).contact_id == ticket(desk, by_talk).contact_id
    assert [row.status for row in desk.tickets()] == ["open", "open"]
    assert {row.contact_id for row in rows(desk, ADDRESS)} == {ticket(desk, by_talk).contact_id}
    assert proved(desk) == {WRITER: True}
    goes_on(desk, "Tambahan: per kecamatan.", office=TRK)
    assert bodies(desk, by_letter)[-1] == "Tambahan: per kecamatan."
    desk.writes("per kelurahan saja", office=TRK)
    assert bodies(desk, by_talk)[-1] == "per kelurahan saja"
    (merged,) = (row for row in rows(desk, AUDIT) if row.what == stored_people.MERGED)
    assert merged.officer_id is None
    supervisor = desk.officer("wati", TRK)
    assert people.undo(desk.runtime, supervisor, TRK, merged.id) is None
    assert ticket(desk, by_letter).contact_id != ticket(desk, by_talk).contact_id


def test_a_wish_for_silence_by_mail_does_not_gag_who_proves_it_in_the_chat(desk: Desk) -> None:
    desk.mails(ASKS, office=TRK)
    with desk.runtime.database.write() as connection:
        connection.execute(CONTACT.update().values(opted_out_at=desk.clock()))
    registers(desk)
    desk.writes(code_for(desk), office=TRK)
    assert "sudah terbukti" in answer(desk)
    desk.writes("1", office=TRK)
    assert "TRK-2026-" in answer(desk)


def connects(desk: Desk, about: int) -> Unsent | None:
    return proving.connect(desk.runtime, desk.officer(), about)


def test_a_writer_of_mails_is_asked_to_send_a_code_to_our_chat(desk: Desk) -> None:
    about = by_mail(desk)
    assert connects(desk, about) is None
    letter = desk.letters()[-1]
    code = code_for(desk)
    assert len(code) == 8
    assert "0821-8888-7411" in letter.text
    assert f"https://wa.me/6282188887411?text=KODE%20{code}" in letter.text
    desk.writes(f"KODE {code[:4]} {code[4:]}", address=OTHER)
    assert f"alamat {WRITER} sudah terbukti" in answer(desk, OTHER)
    values = {row.value: row.contact_id for row in rows(desk, ADDRESS)}
    assert values[WRITER] == values[OTHER] == ticket(desk, about).contact_id
    with desk.runtime.database.read() as connection:
        wanted = select(EVENT.c.what).where(EVENT.c.ticket_id == about)
        assert "code_mailed" in connection.execute(wanted).scalars().all()
    assert connects(desk, about) is Unsent.CONNECTED


def test_such_a_code_is_no_secret_to_guess(desk: Desk) -> None:
    about = by_mail(desk)
    connects(desk, about)
    code = code_for(desk)
    for guess in range(5):
        desk.writes(f"KODE {guess:08}", address=OTHER)
        assert "kode itu tidak cocok" in answer(desk, OTHER)
    desk.writes(f"KODE {code}", address=OTHER)
    assert "tidak berlaku lagi" in answer(desk, OTHER)
    assert proved(desk) == {WRITER: False}
    desk.writes(f"KODE {code}", address=CITIZEN)
    assert proved(desk) == {WRITER: True}


def test_a_code_of_one_office_is_none_at_another(desk: Desk) -> None:
    about = by_mail(desk)
    connects(desk, about)
    desk.writes(f"KODE {code_for(desk)}", office=TRK)
    assert proved(desk) == {WRITER: False}
    assert "kode itu tidak cocok" in answer(desk)


def test_why_no_code_is_mailed(desk: Desk) -> None:
    about = by_mail(desk)
    assert [connects(desk, about) for _ in range(4)] == [None, None, None, Unsent.TOO_MANY]
    assert connects(desk, 999_999) is Unsent.NO_ADDRESS
    with desk.runtime.database.write() as connection:
        connection.execute(ADDRESS.update().values(dead_at=desk.clock(), dead_why="kotak surat tidak ada"))
    assert connects(desk, about) is Unsent.NO_ADDRESS
    desk.writes("petugas")
    assert connects(desk, int(desk.tickets()[-1].id)) is Unsent.CONNECTED


def test_a_mail_whose_code_was_typed_meanwhile_does_not_leave(desk: Desk) -> None:
    registers(desk)
    code = code_for(desk)
    with desk.runtime.database.write() as connection:
        connection.execute(NOTICE.update().values(delivery="queued", sent_at=None, next_try_at=desk.clock()))
    desk.writes(code, office=TRK)
    desk.settle()
    assert len(desk.letters()) == 1
    assert [row.delivery for row in rows(desk, NOTICE)] == ["cancelled"]


@pytest.mark.parametrize("_again", range(2))
def test_of_many_who_type_a_code_at_once_one_gets_it(desk: Desk, _again: int) -> None:
    about = by_mail(desk)
    connects(desk, about)
    code = code_for(desk)
    phones = [f"+62813000000{number}" for number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda phone: desk.writes(f"KODE {code}", address=phone), phones))
    for _ in range(3):
        desk.clock.forward(seconds=10)
        desk.settle()
    assert [row.what for row in rows(desk, AUDIT)].count("address_proved") == 1
    values = {row.value: row.contact_id for row in rows(desk, ADDRESS)}
    assert [values[phone] == values[WRITER] for phone in phones].count(True) == 1
    assert [row.intake for row in desk.messages()].count("pending") == 0
