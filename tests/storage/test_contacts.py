"""One person is one contact, whichever of their addresses they write from; two people are never merged."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from datetime import UTC, datetime
from threading import Barrier

from sqlalchemy import func, select

from bot.conversation import Profile
from storage import contacts
from storage.contacts import Home
from storage.db import Database

NOW = datetime(2026, 7, 6, 1, 0, tzinfo=UTC)
PHONE, NAME, PARENT = "+6281234567890", "ID.1234567890", "ID.ENT.99"


def home(database: Database, address: str, *aliases: str, office: str = "7411") -> Home:
    with database.write() as connection:
        return contacts.home(connection, office, "whatsapp", address, aliases, "Siti", NOW)


def count(database: Database) -> tuple[int, int]:
    """How many contacts and how many addresses there are."""
    with database.read() as connection:
        people = connection.execute(select(func.count()).select_from(contacts.CONTACT)).scalar_one()
        return people, connection.execute(select(func.count()).select_from(contacts.ADDRESS)).scalar_one()


def at_once(database: Database, *ways: tuple[str, ...]) -> list[Home]:
    """First messages from all these addresses in the same moment."""
    together = Barrier(len(ways))

    def write(way: tuple[str, ...]) -> Home:
        together.wait()
        return home(database, *way)

    with ThreadPoolExecutor(len(ways)) as pool:
        return list(pool.map(write, ways))


def test_a_number_first_and_then_a_name_alone(database: Database) -> None:
    known = home(database, PHONE, NAME)
    assert home(database, NAME) == home(database, NAME, PARENT) == home(database, PHONE) == known
    assert home(database, PARENT) == known
    assert count(database) == (1, 3)


def test_a_name_first_and_then_the_number_too(database: Database) -> None:
    known = home(database, NAME)
    assert home(database, PHONE, NAME) == home(database, PHONE) == known
    assert count(database) == (1, 2)


def test_a_known_name_with_somebody_else_s_number(database: Database) -> None:
    """Numbers change hands: the name decides, and the two stay two people."""
    siti, budi = home(database, PHONE, NAME), home(database, "+62811111111")
    assert home(database, "+62811111111", NAME) == siti
    assert home(database, "+62811111111") == budi
    assert home(database, PHONE) == siti
    assert count(database) == (2, 3)


def test_a_new_name_with_a_known_number_joins_it(database: Database) -> None:
    known = home(database, PHONE)
    assert home(database, PHONE, NAME) == home(database, NAME) == known


def test_offices_do_not_share_people(database: Database) -> None:
    first, second = home(database, PHONE, NAME), home(database, PHONE, NAME, office="6302")
    assert first.contact_id != second.contact_id
    assert count(database) == (2, 4)


def test_first_messages_at_once_make_one_person(database: Database) -> None:
    for number in range(12):
        phone, name = f"+62812000{number:05d}", f"ID.{number}00"
        homes = at_once(database, (phone, name), (phone, name), (phone, name), (phone, name))
        assert len(set(homes)) == 1
    assert count(database) == (12, 24)


def test_first_messages_at_once_with_and_without_the_number(database: Database) -> None:
    for number in range(12):
        phone, name = f"+62812000{number:05d}", f"ID.{number}00"
        homes = at_once(database, (phone, name), (name,), (phone, name), (name,))
        assert len(set(homes)) == 1
    assert count(database) == (12, 24)


def test_a_known_person_writing_from_both_addresses_at_once(database: Database) -> None:
    """Nobody waits for the other in a circle."""
    known = home(database, PHONE, NAME)
    for _ in range(25):
        assert set(at_once(database, (PHONE, NAME), (NAME,), (PHONE,), (NAME, PARENT))) == {known}


def test_of_two_turns_at_once_each_keeps_what_it_was_told(database: Database) -> None:
    """By chat and by mail: neither has seen what the other one changed."""
    person = home(database, PHONE).contact_id
    known = Profile("Siti", "mahasiswa", "", "lama@contoh.id")
    for before, told in (
        (Profile(), known),
        (known, replace(known, email="baru@contoh.id")),
        (known, replace(known, name="Siti Rahmah", institution_category="")),
    ):
        with database.write() as connection:
            contacts.save_profile(connection, person, before, told)
    with database.read() as connection:
        row = connection.execute(select(*(contacts.CONTACT.c[each.name] for each in fields(Profile)))).one()
    assert tuple(row) == ("Siti Rahmah", "", "", "baru@contoh.id")
