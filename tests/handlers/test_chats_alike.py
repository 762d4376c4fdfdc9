"""Chats whose turns share a transaction leave just the rows that turns of their own leave."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from bot.policy import Office, Registration, SearchFirst
from channels.contract import Inbound
from channels.whatsapp.reading import read_message
from handlers import arriving, officer
from handlers.inbound import Fate
from storage import catalogue
from storage.catalogue import Item
from tests.databases import SqliteTemplate
from tests.driver import SENDERS, Desk, form_of, running_desk
from tests.handlers.alike import left
from tests.handlers.duties import TOPICS, shares

OFFICE = "7411"
TALKS = (
    ("selamat pagi", "mohon data penduduk kolaka timur 2020-2024 untuk skripsi", "ya", "format excel ya"),
    ("halo", "STOP", "halo", "MULAI", "mau data inflasi kolaka timur 2023", "ya"),
    (
        "saya mau mengadukan petugas yang kasar",
        "kemarin di loket, petugas membentak saya",
        "ya",
        "tolong pak",
    ),
    ("petugas", "halo?", "data saya", "status", "terima kasih"),
    ("english", "I need the population of Kolaka Timur in 2020", "yes", "thank you"),
    ("p", "Budi Santoso", "1", "1", "budi@contoh.id", "pdrb kolaka timur 2021", "ya", "1"),
    ("jumlah penduduk kolaka timur 2020", "ya", "hapus data saya", "batal", "ada lagi, tahun 2021"),
    ("1", "2", "0", "menu", "salah", "petugas"),
)


def rounds() -> Iterator[list[Inbound]]:
    """What all of them write, one message of each at a time; every second one has another address as well."""
    sids = count(1)
    for turn in range(max(map(len, TALKS))):
        yield [
            _message(f"SM{next(sids):032d}", number, talk[turn])
            for number, talk in enumerate(TALKS)
            if turn < len(talk)
        ]


def _message(sid: str, number: int, text: str) -> Inbound:
    more = {"ExternalUserId": f"whatsapp:ID.{number}"} if number % 2 else {}
    return read_message(form_of(text, SENDERS[OFFICE], f"+62812000000{number:02d}", sid=sid, **more))


def play(desk: Desk, *, together: bool) -> None:
    """They write; somebody answers the first ticket there is, and is written to again."""
    for turn, messages in enumerate(rounds()):
        for few in [messages] if together else [[each] for each in messages]:
            assert set(let_in(desk, few)) == {Fate.ACCEPTED}
        if turn == 2:
            officer.claim(desk.runtime, desk.officer(), desk.tickets()[0].id)
        desk.clock.forward(minutes=1)


def let_in(desk: Desk, few: Sequence[Inbound]) -> list[Fate | Exception | None]:
    """What becomes of those that have come to the door at the same moment."""
    office = desk.runtime.office(OFFICE)
    arrivals = [arriving.Arrival(message, office) for message in few]
    arriving.let_in(desk.runtime, arrivals)
    return [each.ended for each in arrivals]


def _as_shipped(_: Desk) -> None:
    pass


def _rules(desk: Desk, **changed: object) -> None:
    offices: dict[str, Office] = desk.runtime.settings.offices
    offices[OFFICE] = replace(offices[OFFICE], **changed)  # type: ignore[arg-type]


def _registers(desk: Desk) -> None:
    _rules(desk, registration=Registration(required_on=("whatsapp",)))


def _searches(desk: Desk) -> None:
    _rules(desk, search_first=SearchFirst(enabled=True))
    titles = ("Jumlah Penduduk Kolaka Timur 2020", "PDRB Kolaka Timur 2021", "Inflasi Kolaka Timur 2023")
    items = [Item("publication", title, title, "https://contoh.id") for title in titles]
    with desk.runtime.database.write() as connection:
        catalogue.keep(connection, OFFICE, "csv", items, "Kolaka Timur", desk.clock())


def _gives(desk: Desk) -> None:
    desk.officer("sinta")
    shares(desk.runtime, OFFICE, assign="load", cap=3, topics=TOPICS)


@pytest.mark.parametrize("ruled", [_as_shipped, _registers, _searches, _gives])
def test_together_or_one_by_one(
    ruled: Callable[[Desk], None],
    sqlite_template: SqliteTemplate,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    found = []
    for together in (True, False):
        folder = tmp_path / str(together)
        folder.mkdir()
        with running_desk(sqlite_template.copy(tmp_path), folder) as desk:
            desk.officer()
            ruled(desk)
            play(desk, together=together)
            found.append(left(desk.runtime.database))
    assert len(found[1]["ticket"]) >= 5
    assert found[0] == found[1]
    assert "did not go in" not in caplog.text


def test_they_go_together_on_either_database(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    play(desk, together=True)
    assert "did not go in" not in caplog.text
    assert {row.intake for row in desk.messages()} == {"handled", "filed"}
    assert len({row.reference for row in desk.tickets()}) == len(desk.tickets()) >= 5
