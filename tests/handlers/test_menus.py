"""Choices through the whole desk: offered as buttons and lists, answered by taps, numbers and words alike."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from sqlalchemy import select

from bot.policy import SearchFirst
from channels.simulator import PhoneMessage
from handlers.searching import place_words
from storage import catalogue
from storage.catalogue import Item
from storage.columns import AnyRow, table
from storage.tables import Contact, Conversation, Message
from tests.databases import SqliteTemplate
from tests.driver import SID, Desk, running_desk

CONTACT, CONVERSATION, MESSAGE = table(Contact), table(Conversation), table(Message)
_NUMBERS = count(100)

# What is said in turn; a pair is a choice: its id, and what stands on it.
CONVERSATION_TO_A_RATING = (
    "p",
    ("menu.1", "Konsultasi/minta data"),
    "Budi Santoso",
    ("institution_category.6", "Pendidikan/penelitian"),
    ("main_use.4", "Penelitian"),
    "budi@contoh.id",
    "mau data pdrb menurut lapangan usaha tarakan thn 2019-2023",
    ("summary.2", "Tulis ulang"),
    "pdrb menurut lapangan usaha tarakan 2020-2023",
    ("summary.1", "Sudah benar"),
)
AFTER_CLOSING = (("rating.3", "Baik"), "petugasnya ramah")
WAYS = {
    "tapped": lambda desk, choice, address: desk.taps(choice[0], office="6571", address=address),
    "by number": lambda desk, choice, address: desk.writes(
        choice[0].rpartition(".")[2], office="6571", address=address
    ),
    "in words": lambda desk, choice, address: desk.writes(choice[1], office="6571", address=address),
}


@pytest.fixture(scope="module", params=["twilio", "cloud"])
def desk(
    sqlite_template: SqliteTemplate,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Iterator[Desk]:
    """A desk whose templates are made, behind each provider; every test has citizens of its own."""
    folder = tmp_path_factory.mktemp("menus")
    with running_desk(sqlite_template.copy(folder), folder, provider=request.param) as running:
        running.pushes()
        yield running


@pytest.fixture
def address() -> str:
    """A citizen who has never written."""
    return f"+62812000{next(_NUMBERS)}"


def last(desk: Desk, address: str) -> PhoneMessage:
    desk.settle()
    return desk.phone(address)[-1]


def row_of(desk: Desk, message: PhoneMessage) -> AnyRow:
    with desk.runtime.database.read() as connection:
        return connection.execute(select(MESSAGE).where(MESSAGE.c.external_id == message.sid)).one()


def state(desk: Desk, address: str) -> str:
    rows = select(CONVERSATION.c.state).where(CONVERSATION.c.reply_to == address)
    with desk.runtime.database.read() as connection:
        return str(connection.execute(rows).scalar_one())


def _said(desk: Desk, address: str, how: str, said: Any) -> None:
    desk.clock.forward(minutes=1)
    done = (
        desk.writes(said, office="6571", address=address)
        if isinstance(said, str)
        else WAYS[how](desk, said, address)
    )
    assert done == 200
    desk.settle()


def _ends(desk: Desk, address: str) -> dict[str, Any]:
    """What has become of it, but for numbers and moments."""
    with desk.runtime.database.read() as connection:
        talk = connection.execute(select(CONVERSATION).where(CONVERSATION.c.reply_to == address)).one()
        person = connection.execute(select(CONTACT).where(CONTACT.c.id == talk.contact_id)).one()
        said = connection.execute(
            select(MESSAGE.c.text_key, MESSAGE.c.outcome)
            .where(MESSAGE.c.conversation_id == talk.id)
            .order_by(MESSAGE.c.id)
        ).all()
    ticket = next(row for row in reversed(desk.tickets()) if row.conversation_id == talk.id)
    return {
        "state": talk.state,
        "ticket": (ticket.request, ticket.status, ticket.confirmed),
        "person": (person.name, person.institution_category, person.main_use, person.email),
        "said": [tuple(row) for row in said],
    }


def test_the_same_conversation_by_taps_by_numbers_and_in_words_ends_the_same(desk: Desk) -> None:
    ends = {}
    for how in WAYS:
        address = f"+62812000{next(_NUMBERS)}"
        for said in CONVERSATION_TO_A_RATING:
            _said(desk, address, how, said)
        assert state(desk, address) == "with_officers"
        desk.replies("Tabelnya kami kirim.")
        desk.settle()
        desk.closes()
        desk.settle()
        for said in AFTER_CLOSING:
            _said(desk, address, how, said)
        ends[how] = _ends(desk, address)
    assert ends["tapped"]["state"] == "closed"
    assert ends["tapped"]["person"] == ("Budi Santoso", "pendidikan", "penelitian", "budi@contoh.id")
    assert ends["by number"] == ends["tapped"]
    assert ends["in words"] == ends["tapped"]


def test_every_question_of_that_conversation_was_offered_to_tap(desk: Desk, address: str) -> None:
    for said in CONVERSATION_TO_A_RATING:
        if not isinstance(said, str):
            shown = last(desk, address)
            assert said in [(id_, title) for id_, title, _ in shown.choices]
            kept = row_of(desk, shown)
            assert kept.menu["body"] == shown.text
            assert f"*{said[0].rpartition('.')[2]}*" in kept.body
        _said(desk, address, "tapped", said)


def test_the_whole_greeting_with_its_menu_is_a_list(desk: Desk, address: str) -> None:
    desk.writes("assalamualaikum", address=address)
    shown = last(desk, address)
    assert shown.text.startswith("Waalaikumsalam")
    assert "balas angka" not in shown.text
    assert shown.opens == "Lihat pilihan"
    assert [title for _, title, _ in shown.choices] == [
        *("Konsultasi/minta data", "Cek status permintaan", "Pengaduan", "Info layanan", "Petugas")
    ]


@pytest.mark.parametrize("how_many", [1, 2, 3])
def test_what_a_search_finds_is_asked_about_with_buttons(desk: Desk, address: str, how_many: int) -> None:
    code = "1905" if how_many == 1 else "6302" if how_many == 2 else "7411"
    offices = desk.runtime.settings.offices
    usual = offices[code]
    offices[code] = replace(usual, search_first=SearchFirst(enabled=True), modes=offices["7411"].modes)
    items = [
        Item("publication", f"p{n}", f"Penduduk Kecamatan {n} Dalam Angka", f"https://a.example/{n}", None)
        for n in range(how_many)
    ]
    with desk.runtime.database.write() as connection:
        catalogue.keep(connection, code, "csv", items, place_words(offices[code]), desk.clock())
    desk.pushes()
    desk.writes("data penduduk kecamatan", office=code, address=address)
    assert [title for _, title, _ in last(desk, address).choices] == ["Sudah", "Belum, tanya petugas"]
    desk.taps("found.1", office=code, address=address)
    assert state(desk, address) == "closed"
    offices[code] = usual


def test_a_tap_on_an_older_question_is_not_an_answer_to_the_present_one(desk: Desk, address: str) -> None:
    desk.writes("jumlah penduduk kolaka timur 2020 untuk skripsi", address=address)
    older = last(desk, address)
    desk.writes("tahun 2021 saja", address=address)
    newer = last(desk, address)
    assert older.text != newer.text
    desk.taps("summary.1", address=address, below=older.sid)
    again = last(desk, address)
    assert again.text.startswith("Tombol tadi milik pertanyaan sebelumnya")
    assert "2021" in again.text
    assert state(desk, address) == "confirming"
    desk.taps("summary.1", address=address, below=newer.sid)
    assert state(desk, address) == "with_officers"


def test_an_older_ratings_button_does_not_rate_the_next_ticket(desk: Desk, address: str) -> None:
    asked = []
    for year in ("2020", "2021"):
        desk.writes(f"data penduduk kolaka timur {year} untuk skripsi", address=address)
        desk.settle()
        desk.taps("summary.1", address=address)
        desk.replies("Ini datanya.")
        desk.closes()
        asked.append(last(desk, address))
        desk.clock.forward(minutes=5)
    desk.taps("rating.1", address=address, below=asked[0].sid)
    assert last(desk, address).text.startswith("Tombol tadi")
    desk.taps("rating.4", address=address, below=asked[1].sid)
    assert "Terima kasih atas penilaian" in last(desk, address).text


@pytest.mark.parametrize(
    "more",
    [
        {"ButtonPayload": "x" * 10_240, "ButtonText": "Beli sekarang"},
        {"ButtonPayload": "rating.4", "ButtonText": "Sangat baik", "OriginalRepliedMessageSid": "SM1"},
        {"ListId": "../../etc", "ListTitle": "'; drop table message; --"},
        {"InteractiveData": "[" * 9_000},
        {"ButtonPayload": "menu.9", "ButtonText": ""},
    ],
)
def test_a_strange_tap_is_answered_politely_and_decides_nothing(
    desk: Desk, address: str, more: dict[str, str]
) -> None:
    desk.writes("jumlah penduduk kolaka timur 2020 untuk skripsi", address=address)
    desk.settle()
    tickets = len(desk.tickets())
    text = more.get("ButtonText") or more.get("ListTitle") or ""
    assert desk.writes(text, address=address, **more) == 200
    assert last(desk, address).text
    assert state(desk, address) in ("confirming", "describing")
    assert len(desk.tickets()) == tickets
    assert desk.messages()[-1].intake == "handled"


def test_a_refusal_of_the_buttons_sends_the_numbered_text_once_and_says_so(desk: Desk, address: str) -> None:
    desk.writes("jumlah penduduk kolaka timur 2020 untuk skripsi", address=address)
    desk.twilio.fail_next(400, 63021)
    shown = last(desk, address)
    assert "Balas *1* bila sudah benar" in shown.text
    assert shown.choices == ()
    assert len(desk.phone(address)) == 1
    row = row_of(desk, shown)
    assert ("options" in row.menu, row.delivery) == (False, "delivered")


def test_a_refusal_that_is_reported_later_sends_the_numbered_text_once(desk: Desk, address: str) -> None:
    desk.twilio.callbacks_next("sent", "failed:63013", "failed:63013", "sent")
    desk.writes("jumlah penduduk kolaka timur 2020 untuk skripsi", address=address)
    desk.settle()
    desk.settle()
    first, second = desk.phone(address)
    assert (first.status, bool(first.choices)) == ("failed", True)
    assert "Balas *1* bila sudah benar" in second.text
    row = row_of(desk, second)
    assert ("options" in row.menu, row.delivery, row.tries) == (False, "delivered", 1)
    desk.settle()
    assert len(desk.phone(address)) == 2


def test_text_that_is_refused_later_too_has_failed(desk: Desk, address: str) -> None:
    desk.twilio.callbacks_next("failed:63013")
    desk.twilio.callbacks_next("failed:63013")
    desk.writes("jumlah penduduk kolaka timur 2020 untuk skripsi", address=address)
    desk.settle()
    desk.settle()
    assert len(desk.phone(address)) == 2
    row = row_of(desk, desk.phone(address)[-1])
    assert (row.delivery, row.error_code) == ("failed", "63013")


def test_without_templates_the_desk_speaks_by_number(sqlite_template: SqliteTemplate, tmp_path: Any) -> None:
    with running_desk(sqlite_template.copy(tmp_path), tmp_path) as bare:
        assert bare.writes("halo") == 200
        shown = last(bare, "+6281234567890")
        assert "balas angka:\n*1* Konsultasi" in shown.text
        assert "options" not in row_of(bare, shown).menu
        assert SID not in shown.text
