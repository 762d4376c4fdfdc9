"""Choices through the real SDK to a local Twilio: made once, sent as buttons or a list, else by number."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from channels.contract import Accepted, Outbound, SendError, Trouble
from channels.menus import Menu, Option, pattern, shape
from channels.simulator import LocalTwilio
from channels.whatsapp.contents import Contents, choices, text
from channels.whatsapp.drafts import Draft, Verdict
from channels.whatsapp.errors import refuses_choices
from channels.whatsapp.sending import Account, WhatsApp
from tests.channels.conftest import ACCOUNT, CITIZEN, PUBLIC, SENDER

BUTTONS = Menu(
    "Kami menemukan ini 👇\n\n*IPM 2024*\nhttps://a.example/1\n\nApakah sudah menjawab?",
    "Lihat pilihan",
    (Option("found.1", "Sudah"), Option("found.2", "Belum, tanya petugas")),
)
ROWS = Menu(
    "Dari instansi apa?",
    "Lihat pilihan",
    tuple(
        Option(f"institution.{n}", f"Instansi {n}", "Kementerian/lembaga" if n == 1 else "") for n in range(9)
    ),
)
TEXT = "Kami menemukan ini\n*1* Sudah\n*2* Belum"


@pytest.fixture
def contents(api_url: str) -> Iterator[Contents]:
    """The account's templates, through the SDK."""
    opened = Contents(ACCOUNT, api_url=api_url)
    yield opened
    opened.close()


@pytest.fixture
def whatsapp(api_url: str, contents: Contents, twilio: LocalTwilio) -> Iterator[WhatsApp]:
    """The channel with the templates of both menus, and a citizen who has just written."""
    known = {
        (ACCOUNT.sid, shape(menu)): contents.create(
            Draft(shape(menu), "id", choices(menu), dict.fromkeys(pattern(menu)[1], "contoh"))
        )
        for menu in (BUTTONS, ROWS)
    }
    twilio.citizen_writes(CITIZEN, SENDER, "halo")
    channel = WhatsApp(
        [ACCOUNT],
        public_url=PUBLIC,
        api_url=api_url,
        contents=lambda account, of: known.get((account, of)),
    )
    yield channel
    channel.close()


def message(menu: Menu | None = BUTTONS) -> Outbound:
    return Outbound("mid-1", SENDER, CITIZEN, TEXT, menu=menu)


@pytest.mark.parametrize("menu", [BUTTONS, ROWS], ids=["buttons", "list"])
def test_a_menu_arrives_as_it_is(whatsapp: WhatsApp, twilio: LocalTwilio, menu: Menu) -> None:
    accepted = whatsapp.send(message(menu))
    assert accepted.offered
    (shown,) = twilio.phone(CITIZEN)
    assert shown.text == menu.body
    assert shown.choices == tuple((each.id, each.title, each.description) for each in menu.options)
    assert shown.opens == (menu.label if menu is ROWS else "")


def test_other_words_in_as_many_lines_go_with_the_same_template(
    whatsapp: WhatsApp, twilio: LocalTwilio
) -> None:
    other = replace(BUTTONS, body='Satu {{2}} "dua"\n\ntiga\nempat\n\nlima?')
    assert whatsapp.send(message(other)).offered
    assert twilio.phone(CITIZEN)[-1].text == other.body


@pytest.mark.parametrize(
    "menu",
    [
        None,
        replace(BUTTONS, body="Hanya satu baris?"),
        replace(BUTTONS, options=BUTTONS.options[:1]),
        replace(BUTTONS, body="x" * 1025),
        replace(ROWS, options=(*ROWS.options, Option("institution.9", "x" * 25))),
    ],
)
def test_without_a_template_the_numbered_text_says_it(
    whatsapp: WhatsApp, twilio: LocalTwilio, menu: Menu | None
) -> None:
    assert not whatsapp.send(message(menu)).offered
    (shown,) = twilio.phone(CITIZEN)
    assert (shown.text, shown.choices) == (TEXT, ())


@pytest.mark.parametrize(
    "code", [21655, 21656, 21654, 92005, 63005, 63006, 63013, 63021, 63027, 63028, 63030, 63041, 63099]
)
def test_a_refusal_of_the_choices_sends_the_text_once(
    whatsapp: WhatsApp, twilio: LocalTwilio, code: int
) -> None:
    twilio.fail_next(400, code)
    accepted = whatsapp.send(message())
    assert not accepted.offered
    assert [shown.text for shown in twilio.phone(CITIZEN)] == [TEXT]


def test_a_refusal_of_the_text_too_is_told(whatsapp: WhatsApp, twilio: LocalTwilio) -> None:
    twilio.fail_next(400, 63021, times=2)
    with pytest.raises(SendError) as caught:
        whatsapp.send(message())
    assert caught.value.trouble is Trouble.PERMANENT
    assert twilio.phone(CITIZEN) == []


@pytest.mark.parametrize(
    ("status", "code", "trouble"),
    [
        (400, 63003, Trouble.PERMANENT),
        (400, 21610, Trouble.PERMANENT),
        (429, 20429, Trouble.RETRY),
        (401, 20003, Trouble.RETRY),
        (400, 63016, Trouble.WINDOW_CLOSED),
        (500, 20500, Trouble.UNKNOWN),
        (500, 63021, Trouble.UNKNOWN),
    ],
)
def test_what_is_not_about_the_choices_is_not_sent_otherwise(
    whatsapp: WhatsApp, twilio: LocalTwilio, status: int, code: int, trouble: Trouble
) -> None:
    twilio.fail_next(status, code)
    with pytest.raises(SendError) as caught:
        whatsapp.send(message())
    assert caught.value.trouble is trouble
    assert twilio.phone(CITIZEN) == []


def test_codes_about_the_recipient_or_nothing_are_not_about_choices() -> None:
    assert not any(map(refuses_choices, (None, "", "63024", "20003", "63016", "63018")))


def test_after_a_lost_answer_either_form_is_found(whatsapp: WhatsApp, twilio: LocalTwilio) -> None:
    assert whatsapp.find(message()) is None
    twilio.drop_after_accept_next()
    with pytest.raises(SendError) as caught:
        whatsapp.send(message())
    assert caught.value.trouble is Trouble.UNKNOWN
    sid = twilio.phone(CITIZEN)[0].sid
    assert twilio.wait_until_quiet(60)
    assert whatsapp.find(message()) == Accepted(sid, "delivered", offered=True)
    whatsapp.send(message(None))
    found = whatsapp.find(message(), besides=[sid])
    assert found is not None
    assert not found.offered


def test_outside_the_window_a_menu_waits_like_any_free_text(whatsapp: WhatsApp, twilio: LocalTwilio) -> None:
    with pytest.raises(SendError) as caught:
        whatsapp.send(Outbound("mid-1", SENDER, "+6281200000000", TEXT, menu=BUTTONS))
    assert caught.value.trouble is Trouble.WINDOW_CLOSED
    assert len(twilio.phone(CITIZEN)) == 0


def test_templates_are_made_found_submitted_and_judged(contents: Contents, twilio: LocalTwilio) -> None:
    ready = Draft("siap", "id", text("Jawaban {{1}} sudah siap.", {"siap.1": "Kirim"}), {"1": "KTM-1"})
    sid = contents.create(ready)
    menu = contents.create(Draft("menu", "id", choices(ROWS), {"1": "contoh"}))
    found = {made.sid: made for made in contents.all()}
    assert (found[sid].name, found[sid].types) == (ready.name, ready.types)
    assert found[menu].types == choices(ROWS)
    assert contents.verdict(sid) == Verdict()
    assert contents.submit(sid, "siap", "UTILITY") == Verdict("pending", "UTILITY")
    twilio.contents.judge(sid, "rejected", "INVALID_FORMAT", category="MARKETING")
    assert contents.verdict(sid) == Verdict("rejected", "MARKETING", "INVALID_FORMAT")


def test_all_pages_are_read(contents: Contents, twilio: LocalTwilio) -> None:
    for number in range(450):
        twilio.contents.put(f"HX{number:032x}", "Halo")
    assert len({made.sid for made in contents.all()}) == 450


@pytest.mark.parametrize(
    "draft",
    [
        Draft("x", "", text("Halo", {})),
        Draft("x", "bahasa", text("Halo", {})),
        Draft("x", "id", {}),
        Draft("x", "id", text("", {})),
        Draft("x", "id", text("Halo", {"a": "x" * 21})),
        Draft("x", "id", text("x" * 1025, {})),
        Draft("x", "id", {"twilio/list-picker": {"body": "x", "button": "x", "items": []}}),
        Draft("x", "id", text("Halo", {}), {"x" * 17: "a"}),
    ],
)
def test_what_twilio_would_not_take_is_refused(contents: Contents, draft: Draft) -> None:
    with pytest.raises(SendError) as caught:
        contents.create(draft)
    assert caught.value.trouble is Trouble.PERMANENT


def test_a_list_or_a_refused_name_can_not_be_submitted(contents: Contents, twilio: LocalTwilio) -> None:
    menu = contents.create(Draft("menu", "id", choices(ROWS), {"1": "contoh"}))
    first, second = (contents.create(Draft("siap", "id", text("Sudah siap.", {}))) for _ in range(2))
    contents.submit(first, "siap", "UTILITY")
    twilio.contents.judge(first, "rejected", "spam")
    for sid, name, category in (
        (menu, "menu", "UTILITY"),
        (second, "siap", "UTILITY"),
        (second, "b", "NEWS"),
    ):
        with pytest.raises(SendError):
            contents.submit(sid, name, category)
    assert contents.submit(second, "siap_2", "UTILITY").status == "pending"


def test_a_wrong_token_and_a_dead_address_are_told(api_url: str) -> None:
    stranger = Contents(Account(ACCOUNT.sid, "wrong"), api_url=api_url)
    with pytest.raises(SendError) as caught:
        list(stranger.all())
    assert caught.value.code == "20003"
    nobody = Contents(ACCOUNT, api_url="http://127.0.0.1:9")
    with pytest.raises(SendError) as caught:
        nobody.create(Draft("x", "id", text("Halo", {})))
    assert caught.value.code == "unreachable"
    stranger.close()
    nobody.close()
