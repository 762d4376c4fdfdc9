"""An answer beyond the window: one call, and it arrives by exactly one way, or is seen to wait."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from handlers import linking, officer, routes, undelivered
from handlers.held_answers import STUCK
from storage import held, outbox, tickets
from storage.columns import AnyRow, table
from storage.tables import Contact, TicketEvent
from tests.databases import SqliteTemplate
from tests.driver import WRITER, Desk, running_desk
from tests.handlers.test_routes import also_reached_at

EVENT = table(TicketEvent)


@pytest.fixture
def desk(sqlite_template: SqliteTemplate, tmp_path: Path) -> Iterator[Desk]:
    """On SQLite: what differs between databases is in ``test_held_races`` and in the stories."""
    with running_desk(sqlite_template.copy(tmp_path), tmp_path) as running:
        yield running


def asked(desk: Desk, *, template: bool = True, mail: bool = True) -> None:
    """A citizen with an open ticket, whose window shuts before anybody answers."""
    if template:
        desk.approves()
    desk.writes("petugas")
    desk.settle()
    if mail:
        also_reached_at(desk, int(desk.tickets()[-1].id), WRITER)
    desk.clock.forward(days=2)


def answers(desk: Desk, *texts: str) -> None:
    for text in texts:
        desk.replies(text)
    settle(desk)


def settle(desk: Desk, **time: float) -> None:
    """Time goes by, and then a few ticks, each after the other, until nothing more is due."""
    desk.clock.forward(**time)
    for _ in range(3):
        desk.settle()


def officers(desk: Desk, channel: str = "whatsapp") -> list[AnyRow]:
    rows = desk.messages("out")
    return [row for row in rows if row.author == "officer" and row.channel == channel]


def fates(desk: Desk, channel: str = "whatsapp") -> list[str]:
    return [row.delivery for row in officers(desk, channel)]


def calls(desk: Desk) -> list[AnyRow]:
    return [row for row in desk.messages("out") if row.text_key == held.CALL]


def came(desk: Desk) -> list[str]:
    """What arrived on the phone after the bot's first word."""
    return [message.text for message in desk.phone()][1:]


def logged(desk: Desk) -> list[str]:
    with desk.runtime.database.read() as connection:
        return list(connection.execute(select(EVENT.c.what).order_by(EVENT.c.id)).scalars())


def test_the_citizen_is_called_and_a_reply_releases_in_order(desk: Desk) -> None:
    asked(desk)
    answers(desk, "satu", "dua")
    assert fates(desk) == ["held", "held"]
    (call,) = calls(desk)
    assert (call.author, call.ticket_id, call.delivery) == ("bot", desk.tickets()[-1].id, "delivered")
    assert came(desk) == [call.body]
    assert "jawaban BPS Kabupaten Kolaka Timur untuk tiket KTM-2026-00001 sudah siap" in call.body
    settle(desk, hours=5)
    desk.writes("ya")
    settle(desk)
    assert came(desk)[1:] == ["satu", "dua"]
    assert fates(desk) == ["delivered", "delivered"]
    assert desk.messages()[-1].outcome == "filed"
    assert desk.tickets()[-1].waiting_for == "citizen"
    settle(desk, days=3)
    assert desk.letters() == []


def test_without_a_reply_it_goes_by_mail_under_the_same_number(desk: Desk) -> None:
    asked(desk)
    answers(desk, "satu", "dua")
    settle(desk, hours=23, minutes=50)
    assert desk.letters() == []
    settle(desk, minutes=11)
    (letter,) = desk.letters()
    assert "KTM-2026-00001" in str(letter.mail["Subject"])
    assert letter.text.index("24 jam") < letter.text.index("satu") < letter.text.index("dua")
    assert fates(desk) == ["cancelled", "cancelled"]
    assert {row.mailed_as for row in officers(desk)} == {officers(desk, "email")[0].id}
    assert len(came(desk)) == 1
    desk.writes("Halo, bagaimana?")
    settle(desk)
    (told,) = came(desk)[1:]
    assert "nomor *KTM-2026-00001* sudah kami kirim lewat email ke s…@contoh.id" in told
    desk.writes("oh ya, ketemu")
    settle(desk)
    assert len(came(desk)) == 2
    desk.mails("Terima kasih, satu pertanyaan lagi", answers=letter)
    assert len(desk.tickets()) == 1


@pytest.mark.parametrize("how", ["at once", "in a callback"])
def test_a_window_that_only_whatsapp_knows_is_shut_takes_the_same_path(desk: Desk, how: str) -> None:
    asked(desk)
    desk.writes("masih menunggu")
    if how == "at once":
        desk.twilio.fail_next(400, 63016)
    else:
        desk.twilio.callbacks_next("sent", "failed:63016")
    answers(desk, "jawaban")
    (call,) = calls(desk)
    assert (fates(desk), call.delivery) == (["held"], "delivered")
    settle(desk, hours=24, minutes=1)
    assert "jawaban" in desk.letters()[-1].text
    assert (len(desk.letters()), len(calls(desk)), fates(desk)) == (1, 1, ["cancelled"])


def test_who_asked_the_provider_for_silence_is_not_mailed_instead(desk: Desk) -> None:
    asked(desk)
    desk.twilio.fail_next(400, 21610)
    answers(desk, "jawaban")
    settle(desk, days=2)
    assert (fates(desk), desk.letters()) == (["held"], [])


def test_an_answer_to_a_participant_is_not_mailed_to_the_tickets_own_citizen(desk: Desk) -> None:
    asked(desk, template=False)
    other = "+6281299998888"
    desk.writes("petugas", address=other)
    desk.settle()
    mine, theirs = (row.id for row in desk.tickets())
    assert linking.merge(desk.runtime, desk.officer(), theirs, mine) is None
    with desk.runtime.database.read() as connection:
        ticket = tickets.find(connection, mine)
        ways = routes.choices(desk.runtime, connection, ticket, desk.clock()) if ticket is not None else []
    key = next(way.key for way in ways if way.route.address == other)
    desk.twilio.callbacks_next("sent", "failed:63016")
    sent = officer.reply(
        *(desk.runtime, desk.officer(), mine, "untuk Budi", "f" * 36),
        asks_back=False,
        seen=10**9,
        route=key,
    )
    settle(desk, days=2)
    assert (sent, fates(desk), desk.letters()) == (None, ["held"], [])


def test_a_long_answer_goes_by_mail_as_one_in_the_citizens_language(desk: Desk) -> None:
    asked(desk, template=False)
    with desk.runtime.database.write() as connection:
        connection.execute(update(table(Contact)).values(language="en"))
    answers(desk, "kata " * 700)
    settle(desk)
    assert len(officers(desk)) == 3
    (letter,) = desk.letters()
    assert "within 24 hours of your last message" in " ".join(letter.text.split())
    assert letter.text.count("kata") == 700


@pytest.mark.parametrize("why", ["none", "pending", "failed", "63027", "callback"])
def test_where_nobody_can_be_called_it_goes_by_mail_at_once(desk: Desk, why: str) -> None:
    asked(desk, template=why not in ("none", "pending"))
    if why == "pending":
        desk.approves(approval="pending")
    if why in ("failed", "63027"):
        desk.twilio.fail_next(400, 63024 if why == "failed" else 63027)
    if why == "callback":
        desk.twilio.callbacks_next("sent", "undelivered:63014")
    answers(desk, "jawaban")
    settle(desk)
    (letter,) = desk.letters()
    assert "jawaban" in letter.text
    assert fates(desk) == ["cancelled"]
    settle(desk, days=1)
    assert [row.delivery for row in calls(desk)] in ([], ["failed"], ["cancelled"])
    assert (len(desk.letters()), came(desk)) == (1, [] if why != "callback" else came(desk)[:1])


@pytest.mark.parametrize("code", [63024, 63003, 63014])
def test_who_can_not_be_reached_on_whatsapp_is_answered_by_mail(desk: Desk, code: int) -> None:
    asked(desk)
    desk.writes("masih menunggu")
    desk.twilio.callbacks_next("sent", f"failed:{code}")
    answers(desk, "jawaban")
    settle(desk)
    (letter,) = desk.letters()
    assert "tidak dapat kami sampaikan lewat WhatsApp" in letter.text
    assert (fates(desk), calls(desk), officers(desk)[0].error_code) == (["failed"], [], str(code))


def test_who_has_no_other_way_fails_as_before(desk: Desk) -> None:
    asked(desk, mail=False)
    desk.writes("masih menunggu")
    desk.twilio.fail_next(400, 63024)
    answers(desk, "jawaban")
    assert (fates(desk), calls(desk)) == (["failed"], [])
    assert officers(desk)[0].fall_over_at is None


@pytest.mark.parametrize("template", [True, False])
def test_without_mail_it_waits_visibly_and_a_word_still_releases_it(desk: Desk, *, template: bool) -> None:
    asked(desk, template=template, mail=False)
    answers(desk, "jawaban")
    settle(desk, days=3)
    settle(desk, days=3)
    assert (fates(desk), len(calls(desk))) == (["held"], int(template))
    assert logged(desk).count(STUCK) == 1
    desk.writes("halo")
    settle(desk)
    assert came(desk)[-1] == "jawaban"


def test_a_template_that_is_approved_later_calls_then(desk: Desk) -> None:
    asked(desk, template=False, mail=False)
    answers(desk, "jawaban")
    assert calls(desk) == []
    desk.approves()
    settle(desk, hours=6, minutes=1)
    assert len(calls(desk)) == 1


def test_they_are_called_once_for_as_long_as_the_window_is_shut(desk: Desk) -> None:
    asked(desk, mail=False)
    for hours in (1, 30):
        answers(desk, "jawaban")
        settle(desk, hours=hours)
    assert len(calls(desk)) == 1
    desk.writes("baik")
    settle(desk)
    settle(desk, days=2)
    answers(desk, "satu lagi")
    assert (len(calls(desk)), fates(desk)) == (2, ["delivered", "delivered", "held"])


def test_who_does_not_come_when_called_gets_later_answers_by_mail_at_once(desk: Desk) -> None:
    asked(desk)
    answers(desk, "satu")
    settle(desk, hours=25)
    answers(desk, "dua")
    settle(desk)
    assert ["dua" in letter.text for letter in desk.letters()] == [False, True]
    assert len(calls(desk)) == 1


def test_who_wants_silence_is_neither_called_nor_mailed(desk: Desk) -> None:
    asked(desk)
    desk.replies("jawaban")
    desk.writes("BERHENTI")
    settle(desk, days=2)
    assert (fates(desk), calls(desk), desk.letters()) == (["held"], [], [])
    desk.writes("MULAI")
    settle(desk)
    assert came(desk).count("jawaban") == 1


def test_who_was_blocked_is_neither_called_nor_mailed(desk: Desk) -> None:
    asked(desk)
    desk.replies("jawaban")
    with desk.runtime.database.write() as connection:
        connection.execute(update(table(Contact)).values(blocked_at=desk.clock()))
    settle(desk, days=2)
    assert (fates(desk), calls(desk), desk.letters()) == (["held"], [], [])


def test_a_mail_that_comes_back_leaves_the_answer_to_a_word_on_whatsapp(desk: Desk) -> None:
    asked(desk)
    answers(desk, "jawaban")
    settle(desk, hours=25)
    (letter,) = officers(desk, "email")
    with desk.runtime.database.write() as connection:
        assert outbox.bounced(connection, letter.id, "5.1.1", "no such user", desk.clock())
        undelivered.noted(connection, letter, "5.1.1", desk.clock())
    settle(desk, days=2)
    assert (fates(desk), len(desk.letters()), logged(desk).count(STUCK)) == (["held"], 1, 1)
    desk.writes("halo, ada jawaban?")
    settle(desk)
    assert came(desk)[1:] == ["jawaban"]


def test_a_mail_that_comes_back_after_a_word_on_whatsapp_releases_at_once(desk: Desk) -> None:
    asked(desk)
    answers(desk, "jawaban")
    settle(desk, hours=25)
    desk.writes("halo")
    settle(desk)
    (letter,) = officers(desk, "email")
    with desk.runtime.database.write() as connection:
        outbox.bounced(connection, letter.id, "5.1.1", "no such user", desk.clock())
        undelivered.noted(connection, letter, "5.1.1", desk.clock())
    settle(desk)
    assert came(desk)[-1] == "jawaban"


def test_a_real_question_is_one_and_not_only_a_word_of_release(desk: Desk) -> None:
    asked(desk, mail=False)
    answers(desk, "jawaban")
    desk.writes("Baik, tetapi untuk kecamatan Ladongi bagaimana?")
    settle(desk)
    assert (desk.messages()[-1].outcome, desk.tickets()[-1].waiting_for) == ("ticket", "office")
    assert came(desk)[-1] == "jawaban"


def test_a_tap_on_the_call_only_releases(desk: Desk) -> None:
    asked(desk, mail=False)
    answers(desk, "jawaban")
    desk.writes("Kirim jawabannya", ButtonPayload="jawaban_siap", ButtonText="Kirim jawabannya")
    settle(desk)
    assert (desk.messages()[-1].outcome, desk.tickets()[-1].waiting_for) == ("filed", "citizen")
    assert came(desk)[-1] == "jawaban"


def test_silence_counts_from_the_mail(desk: Desk) -> None:
    asked(desk)
    answers(desk, "jawaban")
    assert desk.tickets()[-1].silent_since is None
    settle(desk, hours=25)
    assert desk.tickets()[-1].silent_since == officers(desk, "email")[0].sent_at
    assert desk.tickets()[-1].answered_at == officers(desk)[0].at


@pytest.mark.parametrize("mail", [False, True])
def test_a_call_that_is_answered_after_closing_opens_no_ticket(desk: Desk, *, mail: bool) -> None:
    asked(desk, mail=mail)
    answers(desk, "jawaban")
    if mail:
        settle(desk, hours=25)
    desk.closes()
    settle(desk, hours=3)
    desk.writes("Kirim jawabannya", ButtonPayload="jawaban_siap.1", ButtonText="Kirim jawabannya")
    settle(desk)
    assert any("sudah kami kirim lewat email" in text for text in came(desk)) is mail
    assert ("jawaban" in came(desk)) is not mail
    settle(desk, days=4)
    assert len(desk.tickets()) == 1


def test_a_second_tap_on_the_call_asks_the_office_for_nothing(desk: Desk) -> None:
    asked(desk, mail=False)
    answers(desk, "jawaban")
    for _ in range(2):
        desk.writes("Kirim jawabannya", ButtonPayload="jawaban_siap.1", ButtonText="Kirim jawabannya")
        settle(desk)
    assert (desk.messages()[-1].outcome, desk.tickets()[-1].waiting_for) == ("filed", "citizen")
