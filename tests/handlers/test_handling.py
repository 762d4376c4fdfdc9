"""A bug in a turn loses nothing: retried, then shown to officers, and the next message proceeds."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Connection, Update, select, update
from sqlalchemy.exc import DataError

from bot.events import MessageReceived
from bot.machine import decide
from channels.whatsapp.reading import read_message
from handlers import deciding, inbound, jobs, officer
from storage import intake
from storage.columns import table
from storage.tables import Audit, Contact, Conversation, Message
from tests.driver import CITIZEN, SENDERS, Desk, form_of

BAD = "teks yang membuat rusak"
CONTACT, CONVERSATION, AUDIT = table(Contact), table(Conversation), table(Audit)
MESSAGE = table(Message)


def planted(error: Callable[[], Exception]) -> Callable[..., Any]:
    """The core, with a bug for one text."""

    def broken(conversation: Any, event: Any, office: Any, now: Any) -> Any:
        if isinstance(event, MessageReceived) and event.text == BAD:
            raise error()
        return decide(conversation, event, office, now)

    return broken


def _bug() -> Exception:
    return RuntimeError(BAD)


def _bad_statement() -> Exception:
    return DataError("UPDATE …", {}, Exception("value too long for type character varying(120)"))


def fates(desk: Desk) -> list[tuple[str, int]]:
    return [(row.intake, row.tries) for row in desk.messages()]


@pytest.mark.parametrize("error", [_bug, _bad_statement])
def test_a_bug_is_tried_three_times_and_then_shown(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, error: Callable[[], Exception]
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(deciding, "decide", planted(error))
        assert desk.writes(BAD) == 200
        assert fates(desk) == [("pending", 1)]
        jobs.handle_pending(desk.runtime)
        assert fates(desk) == [("pending", 1)]
        desk.clock.forward(seconds=2)
        jobs.handle_pending(desk.runtime)
        assert fates(desk) == [("pending", 2)]
        desk.clock.forward(seconds=4)
        jobs.handle_pending(desk.runtime)
        assert fates(desk) == [("shunted", 3)]
        assert desk.writes("petugas") == 200
        assert fates(desk) == [("shunted", 3), ("handled", 0)]
        assert len(desk.tickets()) == 1
    (row,) = [each for each in desk.messages() if each.intake == "shunted"]
    assert (row.body, row.error_text and BAD not in row.error_text) == (BAD, True)


def test_the_next_message_waits_its_turn_behind_a_failing_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pause between tries holds although something newer waits behind."""
    monkeypatch.setattr(deciding, "decide", planted(_bug))
    desk.writes(BAD)
    desk.writes("halo")
    assert fates(desk) == [("pending", 2), ("pending", 0)]
    for _ in range(3):
        jobs.handle_pending(desk.runtime)
    assert fates(desk) == [("pending", 2), ("pending", 0)]
    desk.clock.forward(seconds=5)
    jobs.handle_pending(desk.runtime)
    assert fates(desk) == [("shunted", 3), ("handled", 0)]


def test_one_person_s_bug_stops_nobody_else(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "decide", planted(_bug))
    desk.writes(BAD)
    desk.writes("halo", address="+6281299999999")
    assert fates(desk) == [("pending", 1), ("handled", 0)]


class _Overtaken:
    """A connection on which all messages are handled by somebody else just before one is changed."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def execute(self, statement: Any, *values: Any) -> Any:
        if isinstance(statement, Update):
            self.connection.execute(update(MESSAGE).values(intake="handled"))
        return self.connection.execute(statement, *values)


def test_a_failure_told_late_takes_nothing_back_that_was_handled(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(deciding, "decide", planted(_bug))
        desk.writes(BAD)
    (row,) = desk.messages()
    with desk.runtime.database.write() as connection:
        connection.execute(update(MESSAGE).values(tries=2))
        late: Any = _Overtaken(connection)
        assert not intake.failed(late, row.address_id, "RuntimeError at x.py:1", desk.clock())
    assert fates(desk) == [("handled", 2)]


def test_a_shunted_message_can_be_tried_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    shunted = _shunted(desk, monkeypatch)
    officer.retry_shunted(desk.runtime, desk.officer(), shunted)
    assert fates(desk) == [("handled", 0)]
    assert len(desk.heard()) == 1
    officer.retry_shunted(desk.runtime, desk.officer(), shunted)
    assert len(desk.heard()) == 1
    with desk.runtime.database.read() as connection:
        assert set(connection.execute(select(AUDIT.c.what)).scalars()) == {"shunted_retried"}


def test_a_shunted_message_can_be_settled(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    shunted = _shunted(desk, monkeypatch)
    officer.settle_shunted(desk.runtime, desk.officer(), shunted)
    assert [row.intake for row in desk.messages()] == ["filed"]
    officer.retry_shunted(desk.runtime, desk.officer(), shunted)
    assert [row.intake for row in desk.messages()] == ["filed"]


def test_everything_shunted_can_be_tried_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    _shunted(desk, monkeypatch)
    assert officer.retry_all_shunted(desk.runtime) == 1
    desk.settle()
    assert fates(desk) == [("handled", 0)]
    assert officer.retry_all_shunted(desk.runtime) == 0


def _shunted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> int:
    with monkeypatch.context() as patch:
        patch.setattr(deciding, "decide", planted(_bug))
        desk.writes(BAD)
        for _ in range(2):
            desk.clock.forward(seconds=10)
            desk.settle()
    (row,) = desk.messages()
    assert row.intake == "shunted"
    return int(row.id)


def kept(desk: Desk, texts: Sequence[str]) -> None:
    """A process that dies before their turns has accepted these messages."""
    for text in texts:
        inbound.accept(desk.runtime, read_message(form_of(text, SENDERS["7411"])))


def test_what_a_dead_process_accepted_is_handled_by_the_next(desk: Desk) -> None:
    kept(desk, ("petugas", "satu", "dua"))
    assert {row.intake for row in desk.messages()} == {"pending"}
    desk.settle()
    assert [row.body for row in desk.messages() if row.ticket_id] == ["petugas", "satu", "dua"]


def test_two_handlers_at_once_handle_each_message_once_and_in_order(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    handled: list[str] = []

    def remembering(conversation: Any, event: Any, office: Any, now: Any) -> Any:
        handled.append(event.text)
        return decide(conversation, event, office, now)

    kept(desk, ["petugas", *(f"pesan ke-{number}" for number in range(12))])
    monkeypatch.setattr(deciding, "decide", remembering)
    address_id = desk.messages()[0].address_id
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: inbound.drain(desk.runtime, address_id), range(4)))
    assert handled == ["petugas", *(f"pesan ke-{number}" for number in range(12))]
    assert {row.intake for row in desk.messages()} == {"handled"}


def test_first_messages_at_once_are_one_conversation(desk: Desk) -> None:
    forms = [
        form_of(f"halo {number}", SENDERS["7411"], ExternalUserId="whatsapp:ID.42") for number in range(6)
    ]
    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(desk.post, forms)) == {200}
    with desk.runtime.database.read() as connection:
        assert len(connection.execute(select(CONTACT)).all()) == 1
        assert len(connection.execute(select(CONVERSATION)).all()) == 1
    desk.settle()
    assert {row.intake for row in desk.messages()} == {"handled"}


def test_a_number_that_disappears_is_the_same_conversation(desk: Desk) -> None:
    """The number first, then only WhatsApp's own name for the person: answered where they wrote from."""
    name = "ID.1234567890123456"
    desk.writes("petugas", ExternalUserId="whatsapp:" + name)
    desk.writes("masih ada?", address=name)
    desk.replies("Ada")
    desk.settle()
    assert len(desk.tickets()) == 1
    assert {row.ticket_id for row in desk.messages()} == {desk.tickets()[0].id}
    assert [row.address for row in desk.messages("out")] == [CITIZEN, name]
    assert desk.phone(name)[-1].text == "Ada"


def test_a_name_without_any_number_is_served(desk: Desk) -> None:
    name = "ID.1234567890123456"
    desk.writes("petugas", address=name)
    desk.replies("Ada")
    assert desk.heard(name)[-1] == "Ada"


def test_the_longest_answers_are_kept_on_both_databases(desk: Desk) -> None:
    """A registration full of endless words stays a registration."""
    endless = "Siti " * 500
    for text in (
        "halo",
        "1",
        "data padi 2023 Tarakan untuk skripsi",
        endless,
        endless,
        endless,
        "x" * 300 + "@b.id",
    ):
        desk.writes(text, office="6571")
    assert {row.intake for row in desk.messages()} == {"handled"}
