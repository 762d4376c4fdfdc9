"""The auditor closes the balance of a desk in order, and tells every fault that is planted in it."""

import shutil
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from bench.havoc.auditor import audited
from bench.havoc.evidence import Evidence, gathered
from bench.havoc.ledger import Ledger
from handlers import officer
from storage.columns import table
from storage.db import Database
from storage.tables import ReceiptRow
from tests.databases import SqliteTemplate
from tests.driver import CITIZEN, Desk, running_desk

OTHER = "+6281299990000"
REQUEST = "Mohon data luas panen padi 2021-2024 menurut kecamatan untuk skripsi"
CLOSING = ("7411", "6302")


@dataclass
class Scene:
    """A desk in order after some work, its database to be copied, and what people were told."""

    desk: Desk
    ledger: Ledger
    folder: Path
    mail: bytes
    turns: list[int]

    def evidence(self, folder: Path, *plants: str) -> Evidence:
        """What is found in a copy of the database, in which *plants* (statements) were executed."""
        for file in self.folder.glob("loket.db*"):
            shutil.copyfile(file, folder / file.name)
        database = Database(f"sqlite:///{folder / 'loket.db'}", folder)
        with database.write() as connection:
            for plant in plants:
                assert connection.execute(text(plant)).rowcount > 0
        desk = self.desk
        found = gathered(
            *(database, deepcopy(self.ledger), desk.twilio, [self.mail], desk.postbox.letters),
            *(desk.clock(), CLOSING, self.turns),
        )
        database.close()
        return found


@pytest.fixture(scope="module")
def scene(sqlite_template: SqliteTemplate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Two citizens and a mail; one request waits for its citizen, one owes an answer, one is half said."""
    folder = tmp_path_factory.mktemp("scene")
    with running_desk(sqlite_template.copy(folder), folder) as desk:
        ledger = Ledger()
        for address, office, *words in (
            (CITIZEN, "6302", "petugas", "data kemiskinan 2023"),
            (OTHER, "7411", "petugas", "kenapa lama sekali"),
            (OTHER, "6302", REQUEST),
        ):
            for said in words:
                sid = "SM" + uuid4().hex
                assert desk.writes(said, office=office, address=address, sid=sid) == 200
                ledger.offered.add(sid)
                ledger.accepted[address, desk.sender(office, "whatsapp")].append(sid)
                desk.settle()
        form_id = str(uuid4())
        ledger.answers[form_id] = "Berikut datanya."
        mine = desk.officer(office="6302")
        refused = officer.reply(
            *(desk.runtime, mine, desk.tickets()[0].id, "Berikut datanya.", form_id),
            asks_back=False,
            seen=10**9,
        )
        assert refused is None
        mail = desk.mails("Mohon data IPM 2021-2023 untuk skripsi.")
        ledger.mails.append(f"<{mail.message_id.strip('<>')}>")
        desk.settle()
        with desk.runtime.database.read() as connection:
            reports = connection.execute(select(table(ReceiptRow)))
            ledger.reports = {(row.external_id, row.status) for row in reports}
        yield Scene(desk, ledger, folder, bytes(mail.raw), [row.id for row in desk.messages()])


def told(evidence: Evidence) -> str:
    return "\n".join(audited(evidence).faults)


def test_a_desk_in_order(scene: Scene, tmp_path: Path) -> None:
    balance = audited(scene.evidence(tmp_path))
    assert balance.faults == []
    assert str(balance).endswith("The balance closes.")
    counts = balance.counts
    assert counts["messages: answered with 200"] == counts["messages: whose order was compared"] == 5
    assert counts["texts: whose order on the phone was compared"] >= 5
    assert counts["deadlines: of tickets that owe an answer"] >= 1
    assert counts["deadlines: of tickets whose citizen is waited for"] == 1
    assert counts["letters: sent"] == 1
    assert counts["reports: answered with 200"] >= 5


@pytest.mark.parametrize(
    ("plant", "fault"),
    [
        ("UPDATE message SET external_id = 'x' WHERE id = 1", "was accepted and is lost"),
        ("UPDATE message SET external_id = 'x' WHERE id = 1", "x was never written"),
        ("UPDATE message SET intake = 'pending' WHERE id = 1", "is pending"),
        ("UPDATE message SET intake = 'shunted' WHERE id = 1", "is shunted"),
        ("UPDATE message SET delivery = 'queued' WHERE author = 'officer'", "ends as queued"),
        ("UPDATE message SET delivery = 'cancelled' WHERE author = 'officer'", "cancelled, and on the phone"),
        ("UPDATE message SET mid = 'x' WHERE author = 'officer'", "is there 0 times"),
        ("UPDATE message SET mid = 'x' WHERE author = 'officer'", "is on a phone and in no row"),
        ("UPDATE message SET mid = 'x' WHERE author = 'officer'", "x is delivered, and not on the phone"),
        ("UPDATE message SET body = 'x' WHERE author = 'officer'", "is there 1 times"),
        ("UPDATE ticket SET number = number + 7 WHERE office = '6302'", "1 is missing"),
        ("UPDATE ticket SET number = number + 7 WHERE office = '6302'", "8 was never given out"),
        ("UPDATE series SET last = last + 1 WHERE office = '6302'", "is missing"),
        ("DELETE FROM timer WHERE kind = 'abandon'", "without the deadline abandon"),
        ("DELETE FROM timer WHERE kind = 'due'", "owes an answer without a deadline"),
        ("DELETE FROM timer WHERE kind = 'idle_close'", "the citizen's silence has no end"),
        ("UPDATE ticket SET silent_since = NULL WHERE silent_since IS NOT NULL", "nobody counts"),
        ("UPDATE timer SET due_at = '2026-01-01' WHERE kind = 'due'", "did not happen"),
        ("DELETE FROM receipt", "is lost"),
        ("UPDATE mail SET message_id = 'x'", "is in the database 0 times"),
        ("UPDATE mail SET intake = 'pending'", "is pending"),
        ("UPDATE message SET mail_id = NULL WHERE mail_id IS NOT NULL", "had 0 turns"),
        (
            "UPDATE message SET external_id = 'x' WHERE channel = 'email' AND direction = 'out'",
            "never saw it",
        ),
        ("UPDATE message SET delivery = 'unknown' WHERE channel = 'email' AND direction = 'out'", "unknown"),
    ],
)
def test_what_is_wrong_in_the_database_is_told(scene: Scene, tmp_path: Path, plant: str, fault: str) -> None:
    assert fault in told(scene.evidence(tmp_path, plant))


def _twice_on_a_phone(found: Evidence) -> None:
    found.phones.append(found.phones[0])


def _lost_on_the_way(found: Evidence) -> None:
    del found.phones[0]


def _phones_swapped(found: Evidence) -> None:
    found.phones.reverse()


def _taken_in_swapped(found: Evidence) -> None:
    next(iter(found.ledger.accepted.values())).reverse()


def _handled_swapped(found: Evidence) -> None:
    found.turns.reverse()


def _handled_twice(found: Evidence) -> None:
    found.turns.append(found.turns[0])


def _never_handled(found: Evidence) -> None:
    del found.turns[0]


def _message_twice(found: Evidence) -> None:
    found.messages.append(found.of("in", "whatsapp")[0])


def _number_twice(found: Evidence) -> None:
    found.tickets.append(found.tickets[0])


def _report_twice(found: Evidence) -> None:
    found.receipts.append(found.receipts[0])


def _mail_gone(found: Evidence) -> None:
    found.lying.clear()


def _letter_twice(found: Evidence) -> None:
    found.letters.append(found.letters[0])


def _letter_gone(found: Evidence) -> None:
    found.letters.clear()


def _half_a_request_forgotten(found: Evidence) -> None:
    found.ledger.undecided.append(OTHER)


def _page_broke(found: Evidence) -> None:
    found.ledger.faults.append("a page answered 500")


@pytest.mark.parametrize(
    ("plant", "fault"),
    [
        (_twice_on_a_phone, "arrived 2 times, unmarked"),
        (_lost_on_the_way, "and not on the phone"),
        (_phones_swapped, "arrived out of order"),
        (_taken_in_swapped, "taken in out of order"),
        (_handled_swapped, "handled out of order"),
        (_handled_twice, "had 2 turns"),
        (_never_handled, "had 0 turns"),
        (_message_twice, "is there 2 times"),
        (_number_twice, "is there twice"),
        (_report_twice, "is there twice"),
        (_mail_gone, "lies there 0 times"),
        (_letter_twice, "left 2 times, unmarked"),
        (_letter_gone, "never saw it"),
        (_half_a_request_forgotten, "half a request became 0 tickets"),
        (_page_broke, "a page answered 500"),
    ],
)
def test_what_is_wrong_elsewhere_is_told(
    scene: Scene, tmp_path: Path, plant: Callable[[Evidence], None], fault: str
) -> None:
    found = scene.evidence(tmp_path)
    plant(found)
    assert fault in told(found)


def test_what_may_have_left_twice_is_marked_and_no_fault(scene: Scene, tmp_path: Path) -> None:
    found = scene.evidence(
        tmp_path,
        "UPDATE message SET doubts = 1 WHERE direction = 'out' AND channel = 'whatsapp'",
        "UPDATE message SET raw = '{\"doubts\": 1}' WHERE direction = 'out' AND channel = 'email'",
    )
    _twice_on_a_phone(found)
    _letter_twice(found)
    balance = audited(found)
    assert balance.faults == []
    assert balance.counts["texts: that arrived twice (marked)"] == 1
