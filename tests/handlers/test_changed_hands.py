"""Numbers change hands: whoever has one now inherits nothing from who had it before."""

import pytest
from sqlalchemy import func, select

from channels.whatsapp.reading import read_message
from handlers.arriving import Arrivals
from storage import changed_hands
from storage.columns import table
from storage.tables import Contact
from tests.driver import CITIZEN, SENDERS, WRITER, Desk, form_of
from tests.handlers.test_arriving import at_once
from tests.handlers.test_routes import also_reached_at

OLD, NEW = "ID.OLDOWNER1", "ID.NEWOWNER2"
OTHER_ACCOUNT = "AC" + "e" * 32


def writes(desk: Desk, text: str, who: str, **more: str) -> None:
    form = form_of(text, SENDERS["7411"], ExternalUserId=f"whatsapp:{who}", **more)
    Arrivals(desk.runtime).receive(read_message(form))
    desk.settle()


def people(desk: Desk) -> int:
    with desk.runtime.database.read() as connection:
        return connection.execute(select(func.count()).select_from(table(Contact))).scalar_one()


def test_nothing_goes_to_the_one_before(desk: Desk) -> None:
    desk.writes("petugas", ExternalUserId=f"whatsapp:{OLD}")
    also_reached_at(desk, desk.tickets()[-1].id, WRITER)
    desk.clock.forward(days=200)
    desk.writes("petugas", ExternalUserId=f"whatsapp:{NEW}")
    desk.clock.forward(days=2)
    desk.replies("Ini data untuk yang baru")
    for _ in range(8):
        desk.settle()
        desk.clock.forward(days=1)
    assert desk.letters() == []
    assert len({row.contact_id for row in desk.tickets()}) == 2
    desk.writes("ada kabar?", ExternalUserId=f"whatsapp:{NEW}")
    assert desk.messages()[-1].ticket_id == desk.tickets()[1].id
    assert "Ini data untuk yang baru" in desk.heard(CITIZEN)[-1]


def test_who_had_the_number_stays_themselves(desk: Desk) -> None:
    writes(desk, "petugas", OLD)
    writes(desk, "halo", NEW)
    known = f"whatsapp:{OLD}"
    desk.post(form_of("nomor saya ganti", SENDERS["7411"], "+6281100001111", ExternalUserId=known))
    assert desk.messages()[-1].ticket_id == desk.tickets()[0].id
    assert people(desk) == 2


@pytest.mark.parametrize("known", [{}, {"ParentExternalUserId": "whatsapp:ID.ENT.9"}])
def test_a_first_id_beside_a_known_number_is_of_who_had_it(desk: Desk, known: dict[str, str]) -> None:
    desk.post(form_of("petugas", SENDERS["7411"], **known))
    writes(desk, "halo", NEW, **known)
    assert people(desk) == 1


def test_another_account_sees_the_same_person_by_another_id(desk: Desk) -> None:
    writes(desk, "petugas", OLD)
    writes(desk, "halo", "ID.THERE", AccountSid=OTHER_ACCOUNT)
    assert people(desk) == 1
    writes(desk, "halo lagi", OLD)
    writes(desk, "halo juga", "ID.THERE", AccountSid=OTHER_ACCOUNT)
    assert people(desk) == 1
    writes(desk, "halo, saya baru", NEW, AccountSid=OTHER_ACCOUNT)
    assert people(desk) == 2


def test_several_at_once(desk: Desk) -> None:
    """The number's new owner is told apart also where messages share a transaction."""
    for number in range(3):
        id_ = f"whatsapp:{OLD}{number}"
        desk.post(form_of("petugas", SENDERS["7411"], f"+628120000000{number}", ExternalUserId=id_))
    few = [
        read_message(
            form_of(
                "petugas", SENDERS["7411"], f"+628120000000{number}", ExternalUserId=f"whatsapp:{NEW}{number}"
            )
        )
        for number in range(3)
    ]
    for each in at_once(Arrivals(desk.runtime), few):
        each.result()
    assert (people(desk), len({row.contact_id for row in desk.tickets()})) == (6, 6)


def test_nobody_is_asked_about_while_the_id_is_known(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    writes(desk, "petugas", OLD)
    monkeypatch.setattr(changed_hands, "_BORNE", None)
    writes(desk, "halo", OLD)
    desk.post(form_of("dan tanpa nama", SENDERS["7411"]))
    assert [row.intake for row in desk.messages()] == ["handled"] * 3
