"""Every row of the provider's error table takes its action, told at once and in a report."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import delete, select

from channels.whatsapp.advice import advice
from channels.whatsapp.errors import officer_words
from storage.alarms import ALARM, open_alarms
from storage.columns import AnyRow, table
from storage.sender_pace import PACE
from storage.tables import Contact, Message
from tests.databases import SqliteTemplate
from tests.driver import Desk, running_desk
from tests.handlers.error_table import ALARMING_TOO, PAUSING, STATUS, WAITS, rows

MESSAGE, CONTACT = table(Message), table(Contact)
UNSETTLED = MESSAGE.c.delivery.in_(("queued", "unknown", "held"))
_numbers = count(1)


@pytest.fixture(scope="module")
def desk(sqlite_template: SqliteTemplate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One desk for all rows: each has a citizen of its own."""
    folder = tmp_path_factory.mktemp("table")
    with running_desk(sqlite_template.copy(folder), folder) as running:
        yield running


@pytest.fixture(scope="module")
def ticket(desk: Desk) -> int:
    """The ticket of somebody whom an officer answers, once for each row."""
    return asked(desk)


def asked(desk: Desk) -> int:
    """Somebody of their own waits for an officer; the ticket."""
    desk.writes("petugas", office="6302", address=f"+62813{next(_numbers):08d}")
    desk.settle()
    return int(desk.tickets()[-1].id)


def forget(desk: Desk) -> None:
    """Nothing of earlier rows stands in the way."""
    with desk.runtime.database.write() as connection:
        for of in (PACE, ALARM):
            connection.execute(delete(of))
        connection.execute(CONTACT.update().values(opted_out_at=None))
        connection.execute(MESSAGE.update().where(UNSETTLED).values(delivery="failed"))


def answers(desk: Desk, ticket: int) -> int:
    """An officer answers on *ticket*: the message's id."""
    desk.replies("Jawaban", ticket)
    return int(desk.messages("out")[-1].id)


def now_of(desk: Desk, message: int) -> AnyRow:
    """The message as it is now."""
    with desk.runtime.database.read() as connection:
        return connection.execute(select(MESSAGE).where(MESSAGE.c.id == message)).one()


def alarms(desk: Desk) -> dict[str, str]:
    """The open alarms, with the words that an administrator reads."""
    with desk.runtime.database.read() as connection:
        found = open_alarms(connection, None, installation=True)
    return {row.what: row.about["code"] for row in found}


def is_silent(desk: Desk) -> bool:
    """Whether somebody has unsubscribed."""
    with desk.runtime.database.read() as connection:
        return connection.execute(select(CONTACT.c.opted_out_at)).scalars().first() is not None


def pauses(desk: Desk) -> bool:
    with desk.runtime.database.read() as connection:
        until = connection.execute(select(PACE.c.paused_until)).scalar()
    return until is not None and until > desk.clock()


DELIVERIES = {
    "R": "queued",
    "F": "queued",
    "G": "failed",
    "C": "failed",
    "T": "held",
    "CHECK": "unknown",
    "STOP": "failed",
    "NEW": "failed",
}


def expect(desk: Desk, code: str, act: str, words: str, row: AnyRow) -> None:
    assert row.error_code == code
    assert officer_words(code) == words
    assert advice(code)
    assert advice(code, "en") != advice(code)
    told = alarms(desk)
    wanted = ALARMING_TOO.get(code, "whatsapp_configuration" if act == "F" else None)
    assert told == ({wanted: code} if wanted else {})
    assert pauses(desk) is (code in PAUSING)
    if act == "R":
        least, most = WAITS[code]
        waits = (row.next_try_at - desk.clock()).total_seconds()
        assert least <= waits <= most
    if act == "STOP":
        assert is_silent(desk)


@pytest.mark.parametrize(("code", "act", "words"), rows())
def test_told_at_once(desk: Desk, ticket: int, code: str, act: str, words: str) -> None:
    forget(desk)
    desk.twilio.fail_next(STATUS.get(code, 400), int(code))
    message = answers(desk, ticket)
    desk.settle()
    row = now_of(desk, message)
    assert row.delivery == ("unknown" if act == "ONCE" else DELIVERIES[act])
    expect(desk, code, act, words, row)


@pytest.mark.parametrize(("code", "act", "words"), rows())
def test_told_in_a_report(desk: Desk, ticket: int, code: str, act: str, words: str) -> None:
    forget(desk)
    desk.twilio.callbacks_next("sent", f"failed:{code}")
    message = answers(desk, ticket)
    desk.settle()
    row = now_of(desk, message)
    assert row.delivery == ("sent" if act == "ONCE" else DELIVERIES[act])
    expect(desk, code, act, words, row)
    if act == "ONCE":
        assert row.ask_at == desk.clock()


def test_what_passes_is_tried_a_few_times_and_then_given_up(desk: Desk, ticket: int) -> None:
    """Told in a report each time: four tries within ten minutes, and nothing is sent after that."""
    forget(desk)
    for _ in range(4):
        desk.twilio.callbacks_next("sent", "failed:63012")
    message = answers(desk, ticket)
    for _ in range(6):
        desk.settle()
        desk.clock.forward(minutes=6)
    row = now_of(desk, message)
    assert (row.delivery, row.tries) == ("failed", 4)


def test_a_number_at_its_limit_rests_and_its_alarm_ends_by_itself(desk: Desk, ticket: int) -> None:
    """One recipient's limit is theirs; the second one's is the number's: all of it waits, then goes on."""
    forget(desk)
    other, third = asked(desk), asked(desk)
    for _ in range(2):
        desk.twilio.fail_next(429, 63018)
    messages = [answers(desk, ticket), answers(desk, other)]
    desk.settle()
    assert alarms(desk) == {"whatsapp_limited": "63018"}
    assert pauses(desk)
    messages.append(answers(desk, third))
    desk.settle()
    assert [now_of(desk, each).delivery for each in messages] == ["queued"] * 3
    for _ in range(2):
        desk.clock.forward(minutes=1)
        desk.settle()
    assert [now_of(desk, each).delivery for each in messages] == ["delivered"] * 3
    assert (alarms(desk), pauses(desk)) == ({}, False)


def test_meta_s_own_words_tell_whose_limit_it_was(desk: Desk, ticket: int) -> None:
    forget(desk)
    other = asked(desk)
    for _ in range(2):
        desk.twilio.callbacks_next("sent", "failed:63018:(#131056) pair rate limit hit")
    messages = [answers(desk, ticket), answers(desk, other)]
    desk.settle()
    assert [now_of(desk, each).error_code for each in messages] == ["63018", "63018"]
    assert alarms(desk) == {}
    assert not pauses(desk)


def test_a_conversation_that_can_t_begin_waits_for_hours(desk: Desk) -> None:
    forget(desk)
    ticket = asked(desk)
    desk.twilio.callbacks_next("sent")
    message = answers(desk, ticket)
    desk.settle()
    row = now_of(desk, message)
    desk.clock.forward(hours=25)
    form = {"MessageSid": row.external_id, "MessageStatus": "failed", "ErrorCode": "63018"}
    form |= {"AccountSid": desk.twilio.sid, "From": f"whatsapp:{row.sender}", "To": f"whatsapp:{row.address}"}
    assert desk.post(form, "/webhooks/whatsapp/status") == 200
    assert now_of(desk, message).next_try_at - desk.clock() == timedelta(hours=1)
    assert alarms(desk) == {"whatsapp_limited": "63018"}


def test_the_words_beside_a_message_say_what_to_do() -> None:
    assert advice("63024") == "hubungi lewat telepon atau email"
    assert "MULAI" in advice("21610")
    assert "jangan kirim lagi" in advice("63025")
