"""The provider's log beside the desk: what the webhook missed comes once, in order, and talks go on."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from channels.contract import SendError, Trouble
from channels.whatsapp.sending import WhatsApp
from handlers import compose, confirming, inbound, jobs, reconciling
from handlers.cli import main
from handlers.reconciling import Outcome
from storage import reconciliation
from storage.alarms import open_alarms
from storage.columns import AnyRow, table
from storage.provider_tables import Finding
from tests.driver import CITIZEN, SENDERS, SID, Desk, environment

FINDING = table(Finding)
PEOPLE = [f"+62812{number:08d}" for number in range(6)]


def reconciled(desk: Desk) -> Outcome:
    """One run, and the worker afterwards."""
    outcome = reconciling.run(desk.runtime, SID)
    assert outcome is not None
    desk.settle()
    return outcome


def missed(desk: Desk, address: str, text: str, **more: Any) -> None:
    """A citizen writes while the webhook is away."""
    desk.twilio.citizen_writes(address, SENDERS["6302"], text, unheard=True, **more)


def kept(desk: Desk) -> list[tuple[str, str]]:
    return [(row.address, row.body) for row in desk.messages()]


def alarms(desk: Desk) -> set[str]:
    with desk.runtime.database.read() as connection:
        return {row.what for row in open_alarms(connection, None, installation=True)}


def findings(desk: Desk) -> list[AnyRow]:
    with desk.runtime.database.read() as connection:
        return reconciliation.open_findings(connection)


def outage(desk: Desk, how_many: int, days: float = 2) -> list[tuple[str, str]]:
    """The webhook is away for two days; what was written meanwhile, in its order."""
    reconciled(desk)
    desk.clock.forward(minutes=10)
    for person in PEOPLE:
        desk.writes("petugas", office="6302", address=person)
    desk.settle()
    written = []
    for number in range(how_many):
        desk.clock.forward(days=days / how_many)
        written.append((PEOPLE[number % len(PEOPLE)], f"pesan {number}"))
        missed(desk, *written[-1])
    desk.clock.forward(minutes=10)
    return written


def test_two_days_without_a_webhook(desk: Desk) -> None:
    """Every message once, in its order, on its citizen's ticket; run again it is the same."""
    written = outage(desk, 60)
    before, first = kept(desk), reconciled(desk)
    assert (first.imported, first.found) == (60, 0)
    assert kept(desk) == [*before, *written]
    assert {row.intake for row in desk.messages()} == {"handled"}
    assert {row.ticket_id for row in desk.messages()} == {row.id for row in desk.tickets()}
    assert len(desk.tickets()) == len(PEOPLE)
    assert alarms(desk) == {"whatsapp_missed"}
    assert reconciled(desk).imported == 0
    desk.replies("Jawaban", desk.tickets()[0].id)
    desk.settle()
    assert desk.phone(PEOPLE[0])[-1].text == "Jawaban"


@pytest.mark.stress
@pytest.mark.timeout(600)
def test_five_hundred_missed_messages(desk: Desk) -> None:
    written = outage(desk, 500)
    before = kept(desk)
    assert reconciled(desk).imported == 500
    assert kept(desk) == [*before, *written]


def test_it_may_be_killed_anywhere_and_run_by_several(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    written, before = outage(desk, 24), kept(desk)
    accept = inbound.accept
    done: list[Any] = []

    def dies(*about: Any) -> Any:
        if len(done) == 10:
            raise KeyboardInterrupt
        done.append(accept(*about))
        return done[-1]

    with monkeypatch.context() as patch:
        patch.setattr(inbound, "accept", dies)
        with pytest.raises(KeyboardInterrupt):
            reconciling.run(desk.runtime, SID)
    assert len(kept(desk)) == len(before) + 10
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: reconciling.run(desk.runtime, SID), range(4)))
    desk.settle()
    assert kept(desk) == [*before, *written]
    assert {row.intake for row in desk.messages()} == {"handled"}


def test_the_window_counts_from_when_they_wrote(desk: Desk) -> None:
    """Learnt a day later: the desk does not take the window for open, and drops what would only be late."""
    reconciled(desk)
    desk.clock.forward(minutes=1)
    missed(desk, CITIZEN, "petugas")
    written_at = desk.clock()
    desk.clock.forward(hours=30)
    reconciled(desk)
    (row,) = desk.messages()
    assert row.at == written_at
    assert len(desk.tickets()) == 1
    assert [row.delivery for row in desk.messages("out")] == ["cancelled"]
    desk.replies("Jawaban")
    desk.settle()
    assert desk.messages("out")[-1].delivery == "held"
    desk.writes("halo?", office="6302")
    desk.settle()
    assert desk.phone()[-1].text == "Jawaban"


def test_a_webhook_that_comes_after_all_is_a_duplicate(desk: Desk) -> None:
    reconciled(desk)
    desk.clock.forward(minutes=1)
    sid = "SM" + "c" * 32
    missed(desk, CITIZEN, "petugas", sid=sid)
    desk.clock.forward(minutes=10)
    reconciled(desk)
    assert desk.writes("petugas", office="6302", sid=sid) == 200
    assert len(desk.messages()) == 1
    assert len(desk.heard()) == 1


def test_a_picture_is_imported_with_its_place(desk: Desk) -> None:
    reconciled(desk)
    desk.clock.forward(minutes=1)
    missed(desk, "ID.123", "", media="image/jpeg")
    desk.clock.forward(minutes=10)
    reconciled(desk)
    (row,) = desk.messages()
    assert (row.content, row.body, row.address) == ("image", "", "ID.123")
    assert row.media[0]["content_type"] == "image/jpeg"
    assert f"/Accounts/{SID}/Messages/{row.external_id}/Media/ME" in row.media[0]["url"]


def test_what_lay_there_before_is_not_the_desk_s_unless_told(desk: Desk) -> None:
    missed(desk, CITIZEN, "petugas")
    written = desk.clock()
    desk.clock.forward(hours=1)
    assert reconciled(desk).seen == 0
    desk.clock.forward(hours=2)
    assert reconciled(desk).imported == 0
    outcome = reconciling.run(desk.runtime, SID, since=written - timedelta(hours=1))
    assert outcome is not None
    assert outcome.imported == 1


def test_what_became_of_ours_is_marked(desk: Desk) -> None:
    """The reports were lost on their way."""
    reconciled(desk)
    desk.clock.forward(minutes=1)
    desk.writes("petugas", office="6302")
    desk.settle()
    desk.twilio.callbacks_next()
    desk.replies("Jawaban")
    desk.settle()
    assert desk.messages("out")[-1].delivery == "sent"
    desk.twilio._messages[desk.phone()[-1].sid].status = "read"
    desk.clock.forward(minutes=10)
    assert reconciled(desk).marked == 1
    assert desk.messages("out")[-1].delivery == "read"


def test_what_left_and_the_desk_does_not_know_is_reported(desk: Desk) -> None:
    """Not imported; once known, or seen by somebody, it is no finding any more."""
    reconciled(desk)
    desk.clock.forward(minutes=1)
    desk.writes("petugas", office="6302")
    desk.settle()
    desk.replies("Jawaban")
    desk.settle()
    ours = desk.phone()[-1]
    twin = "SM" + "e" * 32
    desk.twilio._messages[twin] = type(ours)(
        twin, ours.sender, ours.address, ours.text, False, ours.at, "delivered"
    )
    desk.clock.forward(minutes=10)
    assert reconciled(desk).found == 0, "what is young may still become known"
    desk.clock.forward(minutes=30)
    assert reconciled(desk).found == 1
    assert alarms(desk) == {"whatsapp_finding"}
    (found,) = findings(desk)
    answer = desk.messages("out")[-1]
    assert (found.external_id, found.message_id, answer.doubts) == (twin, answer.id, 1)
    assert reconciled(desk).found == 0
    with desk.runtime.database.write() as connection:
        reconciliation.settle_findings(connection, [twin], None, desk.clock())
    reconciled(desk)
    assert (findings(desk), alarms(desk)) == ([], set())


def test_a_log_that_can_t_be_read_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise SendError("20003", "refused", Trouble.RETRY)

    reconciled(desk)
    missed(desk, CITIZEN, "petugas")
    desk.clock.forward(hours=2)
    with monkeypatch.context() as patch:
        patch.setattr(WhatsApp, "log", away)
        assert reconciled(desk).error == "20003"
        assert alarms(desk) == {"whatsapp_log_away"}
    assert reconciled(desk).imported == 1
    assert alarms(desk) == {"whatsapp_missed"}


def test_the_worker_does_it_every_hour(desk: Desk) -> None:
    jobs.reconcile(desk.runtime)
    missed(desk, CITIZEN, "petugas")
    desk.clock.forward(minutes=50)
    jobs.reconcile(desk.runtime)
    assert desk.messages() == []
    desk.clock.forward(minutes=10)
    jobs.reconcile(desk.runtime)
    assert len(desk.messages()) == 1


def test_the_command_says_what_it_did(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    missed(desk, CITIZEN, "petugas")
    since = desk.clock() - timedelta(hours=1)
    desk.clock.forward(hours=1)
    monkeypatch.setattr(compose, "now", desk.clock)
    monkeypatch.setattr("handlers.commands.reconciling.wired", lambda _config: desk.runtime)
    for name, value in environment().items():
        monkeypatch.setenv(name, value)
    told = CliRunner().invoke(main, ["reconcile", "--since", since.isoformat()])
    assert told.exit_code == 0, told.output
    assert "1 messages seen, 1 imported, 0 marked, 0 that the desk does not know" in told.output
    assert "is no moment" in CliRunner().invoke(main, ["reconcile", "--since", "kemarin"]).output


def answered_without_a_word(desk: Desk) -> AnyRow:
    desk.writes("petugas", office="6302")
    desk.settle()
    desk.twilio.callbacks_next()
    desk.replies("Jawaban")
    desk.settle()
    return desk.messages("out")[-1]


def asks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the messages that are asked about from now on."""
    asked: list[str] = []
    ask = WhatsApp.ask

    def heard(channel: WhatsApp, sender: str, external_id: str) -> Any:
        asked.append(external_id)
        return ask(channel, sender, external_id)

    monkeypatch.setattr(WhatsApp, "ask", heard)
    return asked


def test_what_has_no_final_word_after_half_a_day_is_asked_for(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    message, asked = answered_without_a_word(desk), asks(monkeypatch)
    desk.clock.forward(hours=11)
    confirming.ask_due(desk.runtime)
    assert asked == []
    desk.twilio._messages[message.external_id].status = "delivered"
    desk.clock.forward(hours=1)
    confirming.ask_due(desk.runtime)
    confirming.ask_due(desk.runtime)
    assert asked == [message.external_id]
    assert desk.messages("out")[-1].delivery == "delivered"


def test_it_is_asked_for_a_few_times_and_then_stays_sent(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    message, asked = answered_without_a_word(desk), asks(monkeypatch)
    desk.twilio._messages[message.external_id].status = "sent"
    for _ in range(300):
        desk.clock.forward(hours=1)
        confirming.ask_due(desk.runtime)
    end = desk.messages("out")[-1]
    assert (len(asked), end.delivery, end.ask_at) == (3, "sent", None)


def test_nobody_asks_on_while_the_provider_is_away_or_has_forgotten(desk: Desk) -> None:
    message = answered_without_a_word(desk)
    del desk.twilio._messages[message.external_id]
    desk.clock.forward(hours=12)
    confirming.ask_due(desk.runtime)
    assert desk.messages("out")[-1].ask_at is None
    with desk.runtime.database.read() as connection:
        assert connection.execute(select(FINDING)).first() is None
