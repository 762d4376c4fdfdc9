"""An answer may leave on every open way: the citizen's own channels, once proved, and participants'."""

from uuid import uuid4

from sqlalchemy import insert, select, update

from bot.conversation import Refusal
from handlers import officer, routes
from handlers.routes import Choice, Hindrance
from storage import tickets
from storage.columns import table
from storage.tables import Address, Contact, Conversation
from tests.driver import CITIZEN, WRITER, Desk
from tests.handlers.test_linking import SOMEBODY, bodies, by_chat, by_mail, merge, ticket

ADDRESS, CONTACT, CONVERSATION = table(Address), table(Contact), table(Conversation)


def offered(desk: Desk, ticket_id: int) -> dict[str, Choice]:
    """The ways of a ticket by their addresses."""
    with desk.runtime.database.read() as connection:
        row = tickets.find(connection, ticket_id)
        assert row is not None
        found = routes.choices(desk.runtime, connection, row, desk.clock())
    return {each.route.address: each for each in found}


def hindrances(desk: Desk, ticket_id: int) -> dict[str, Hindrance | None]:
    return {address: each.hindrance for address, each in offered(desk, ticket_id).items()}


def also_reached_at(
    desk: Desk, ticket_id: int, value: str, kind: str = "email", *, proved: bool = True
) -> int:
    """One more address of the ticket's contact."""
    row = ticket(desk, ticket_id)
    new = {"office": row.office, "contact_id": row.contact_id, "kind": kind, "value": value, "proved": proved}
    with desk.runtime.database.write() as connection:
        added = insert(ADDRESS).values(**new, created_at=desk.clock()).returning(ADDRESS.c.id)
        return int(connection.execute(added).scalar_one())


def answer(desk: Desk, ticket_id: int, text: str, route: str = "") -> object:
    return officer.reply(
        *(desk.runtime, desk.officer(), ticket_id, text, str(uuid4())),
        asks_back=False,
        seen=10**9,
        route=route,
    )


def test_a_ticket_by_chat_is_answered_by_mail_and_the_citizens_mail_comes_back(desk: Desk) -> None:
    about = by_chat(desk)
    also_reached_at(desk, about, WRITER)
    mail = offered(desk, about)[WRITER]
    assert (mail.hindrance, mail.route.leads) == (None, False)
    assert answer(desk, about, "Datanya kami kirim lewat surel.", mail.key) is None
    (letter,) = desk.letters()
    assert "Datanya kami kirim lewat surel." in letter.text
    assert ticket(desk, about).reference in str(letter.mail["Subject"])
    assert "Datanya kami kirim lewat surel." not in desk.heard()
    desk.mails("Sudah saya terima.", answers=letter)
    assert bodies(desk, about) == ["petugas", "Sudah saya terima."]
    assert len(desk.tickets()) == 1


def test_without_a_choice_the_answer_goes_where_the_citizen_wrote_last(desk: Desk) -> None:
    about = by_chat(desk)
    also_reached_at(desk, about, WRITER)
    answer(desk, about, "Lewat surel.", offered(desk, about)[WRITER].key)
    desk.clock.forward(hours=1)
    answer(desk, about, "Warga belum membalas surel.")
    assert desk.heard()[-1] == "Warga belum membalas surel."
    desk.clock.forward(hours=1)
    desk.mails("Sudah saya terima.", answers=desk.letters()[-1])
    answer(desk, about, "Baik, di sini saja.")
    assert "Baik, di sini saja." in desk.letters()[-1].text
    desk.clock.forward(hours=1)
    desk.writes("lebih suka di sini")
    answer(desk, about, "Baik, di WhatsApp saja.")
    assert desk.heard()[-1] == "Baik, di WhatsApp saja."


def test_an_address_that_nobody_proved_is_no_way(desk: Desk) -> None:
    about = by_chat(desk)
    also_reached_at(desk, about, WRITER, proved=False)
    with desk.runtime.database.write() as connection:
        connection.execute(update(CONTACT).values(email="lain@contoh.id"))
    assert set(offered(desk, about)) == {CITIZEN}


def test_a_participant_is_answered_where_they_wrote(desk: Desk) -> None:
    into, gone = by_chat(desk), by_mail(desk)
    merge(desk, gone, into)
    ways = offered(desk, into)
    assert [each.route.theirs for each in ways.values()] == [True, False]
    assert answer(desk, into, "Untuk Anda juga.", ways[WRITER].key) is None
    assert "Untuk Anda juga." in desk.letters()[-1].text
    assert "Untuk Anda juga." not in desk.heard()
    answer(desk, into, "Hanya untuk yang pertama.")
    assert desk.heard()[-1] == "Hanya untuk yang pertama."
    assert "pertama" not in desk.letters()[-1].text


def test_a_ticket_by_mail_is_answered_in_the_chat_while_its_window_is_open(desk: Desk) -> None:
    about = by_mail(desk)
    desk.writes("halo")
    chat = offered_after_merging_people(desk, about)
    assert chat.hindrance is None
    assert answer(desk, about, "Kami jawab di sini.", chat.key) is None
    assert desk.heard()[-1] == "Kami jawab di sini."
    desk.writes("baik, terima kasih")
    assert bodies(desk, about)[-1] == "baik, terima kasih"


def offered_after_merging_people(desk: Desk, about: int) -> Choice:
    """The chat of somebody who turned out to be the writer of the ticket."""
    row = ticket(desk, about)
    with desk.runtime.database.write() as connection:
        for people in (ADDRESS, CONVERSATION):
            connection.execute(update(people).values(contact_id=row.contact_id))
    return offered(desk, about)[CITIZEN]


def test_a_chat_is_no_way_while_something_else_is_under_way_there(desk: Desk) -> None:
    about = by_mail(desk)
    desk.writes("data penduduk")
    assert offered_after_merging_people(desk, about).hindrance is Hindrance.WRITING
    desk.writes("petugas")
    chat = offered_after_merging_people(desk, about)
    assert chat.hindrance is Hindrance.BUSY
    assert answer(desk, about, "Halo", chat.key) is Refusal.NO_WAY
    desk.closes()
    assert hindrances(desk, about)[CITIZEN] is None
    desk.clock.forward(days=2)
    assert hindrances(desk, about)[CITIZEN] is Hindrance.WINDOW


def test_what_keeps_a_way_closed(desk: Desk) -> None:
    about = by_chat(desk)
    added = also_reached_at(desk, about, WRITER)
    also_reached_at(desk, about, "+6281200001111", "whatsapp")
    assert hindrances(desk, about)["+6281200001111"] is Hindrance.NEVER_WROTE
    with desk.runtime.database.write() as connection:
        dead = update(ADDRESS).where(ADDRESS.c.id == added)
        connection.execute(dead.values(dead_at=desk.clock(), dead_why="kotak surat tidak ada"))
    assert hindrances(desk, about)[WRITER] is Hindrance.DEAD
    with desk.runtime.database.write() as connection:
        connection.execute(update(ADDRESS).values(dead_at=None))
        connection.execute(update(CONTACT).values(blocked_at=desk.clock()))
    assert hindrances(desk, about)[WRITER] is Hindrance.BLOCKED


def test_a_participant_who_wants_silence_is_left_alone(desk: Desk) -> None:
    into, gone = by_mail(desk), by_chat(desk)
    merge(desk, gone, into)
    desk.writes("STOP")
    chat = offered(desk, into)[CITIZEN]
    assert chat.hindrance is Hindrance.OPTED_OUT
    assert answer(desk, into, "Halo", chat.key) is Refusal.NO_WAY
    assert answer(desk, into, "Halo yang lain") is None


def test_a_way_of_somebody_else_can_t_be_named(desk: Desk) -> None:
    """Neither a thread nor an address of another person, and no nonsense."""
    about, other = by_chat(desk), by_mail(desk)
    theirs = ticket(desk, other).conversation_id
    with desk.runtime.database.read() as connection:
        wanted = select(ADDRESS.c.id).where(ADDRESS.c.value == WRITER)
        address = connection.execute(wanted).scalar_one()
    for key in (f"c{theirs}", f"a{address}", "c", "x1", "c-1", "c" + "9" * 30, "a٣", "c1 or 1=1"):
        assert answer(desk, about, "Halo", key) is Refusal.NO_WAY
    assert "Halo" not in [row.body for row in desk.messages("out")]


def test_silence_is_counted_from_the_last_answer_on_whichever_way(desk: Desk) -> None:
    """Kotabaru closes after seven days of silence since our last message."""
    desk.writes("petugas", office="6302")
    about = int(desk.tickets()[-1].id)
    also_reached_at(desk, about, SOMEBODY)
    officer.reply(
        *(desk.runtime, desk.officer("wati"), about, "Tahun berapa?", str(uuid4())),
        asks_back=True,
        seen=10**9,
    )
    desk.settle()
    desk.clock.forward(days=5)
    key = offered(desk, about)[SOMEBODY].key
    officer.reply(
        *(desk.runtime, desk.officer("wati"), about, "Tahun berapa?", str(uuid4())),
        asks_back=True,
        seen=10**9,
        route=key,
    )
    desk.settle()
    desk.clock.forward(days=3)
    desk.settle()
    assert ticket(desk, about).status == "open"
    for _ in range(2):  # a warning on Friday; what ends on a Saturday ends on Monday, when the office opens
        desk.clock.forward(days=3)
        desk.settle()
    assert ticket(desk, about).status == "closed"


def test_a_closed_ticket_is_answered_on_no_way(desk: Desk) -> None:
    about = by_chat(desk)
    also_reached_at(desk, about, WRITER)
    key = offered(desk, about)[WRITER].key
    desk.closes(about)
    assert answer(desk, about, "Halo", key) is Refusal.CLOSED
    with desk.runtime.database.read() as connection:
        assert len(connection.execute(select(CONVERSATION.c.id)).all()) == 1
