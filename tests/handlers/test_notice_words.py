"""Every mail to an officer has its words in every language, and nobody's words pass for ours."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from bot.conversation import Refusal
from handlers.mailroom.notice_facts import Said
from handlers.mailroom.notice_words import boxed, words
from handlers.mailroom.notices import Cause
from handlers.mailroom.officer_acts import refusal
from handlers.mailroom.orders import Misread
from handlers.shipped_files import languages, templates_folder

LANGUAGES = sorted(languages())
SAYING = Said(
    *("", "Senin, 6 Juli 2026 pukul 09.00 WITA", "Tahun 2022\n\nsaja"), files=("surat.pdf",), subject="Data"
)
VOICE = Said("Rahma", "Senin, 6 Juli 2026 pukul 09.00 WITA", "", content="voice")
LINK = "https://bot.example.org/inbox/7411/tickets/1"
TICKET: Mapping[str, Any] = {
    "office": "BPS Kabupaten Kolaka Timur", "reference": "KTM-2026-00001", "citizen": "Siti Contoh",
    "channel": "whatsapp", "complaint": False, "claimed": True, "since": "kemarin", "way": "direct",
    "link": LINK, "by": "Budi", "note": VOICE, "news": (SAYING, VOICE), "before": (SAYING,), "notes": True,
    "inside": False, "due": "besok", "origin": "BPS Kota Tarakan",
}  # fmt: skip
CONFIRMED: Mapping[str, Any] = {
    "office": "BPS Kabupaten Kolaka Timur", "reference": "KTM-2026-00001", "citizen": "Siti Contoh",
    "channel": "email", "held": False, "text": "Ini\n\ndatanya", "note": "", "colleague": "Sari",
    "done": ["asked", "taken", "assigned", "closed", "closed_before"], "files": ["a.pdf"],
    "left_out": ["b.pdf"], "why_left_out": "channel", "newer": (SAYING,), "link": LINK, "answer": "outside",
}  # fmt: skip
CODE: Mapping[str, Any] = {
    "office": "BPS Kabupaten Kolaka Timur", "code": "482 913", "minutes": 30, "number": "0821-8888-7411",
    "link": "https://wa.me/6282188887411?text=KODE", "until": "Senin, 6 Juli 2026 pukul 09.30 WITA",
}  # fmt: skip
_UNREAD = {"what": "mail_unread", "name": "pst", "since": "kemarin"}
_UNSENT = {"what": "unsent", "name": "", "since": "kemarin"}
ALARM: Mapping[str, Any] = {"office": "BPS Tarakan", "link": LINK, "over": [_UNSENT], "new": [_UNREAD]}
REASONS = [
    *(reason.value for reason in Refusal),
    *(reason.value for reason in Misread),
    *("no_token", "not_yours", "unproved", "no_access", "two_tickets", "quoted", "empty", "too_long"),
    *("office_address", "not_on_a_note", "no_colleague", "same", "taken"),
]


def _values(cause: Cause) -> Mapping[str, Any]:
    refused = {"office": "BPS", "newer": (), "inbox": LINK, **refusal("empty")}
    known = {Cause.CODE: CODE, Cause.CONFIRMED: CONFIRMED, Cause.REFUSED: refused, Cause.ALARM: ALARM}
    return known.get(cause, TICKET)


def test_a_language_has_every_mail() -> None:
    folder = templates_folder() / "notices_mail"
    wanted = {f"{cause}.txt" for cause in Cause} | {"parts.txt"}
    assert {
        path.name: {file.name for file in path.iterdir()} for path in folder.iterdir() if path.is_dir()
    } == dict.fromkeys(LANGUAGES, wanted)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("cause", Cause)
def test_a_mail_is_well_made(cause: Cause, language: str) -> None:
    made = words(cause, language, _values(cause))
    assert made.subject.strip()
    assert "\n" not in made.subject
    assert "\n\n\n" not in made.text
    assert not re.search(r"[ \t]$", made.text, re.MULTILINE)
    assert "{{" not in made.text + made.html
    visible = re.sub(r"<style>.*?</style>|<[^>]+>", " ", made.html, flags=re.DOTALL)
    for line in made.text.split("\n"):
        for word in re.findall(r"\w{4,}", line.partition("https://")[0]):
            assert word in visible, word


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("why", REASONS)
def test_a_refusal_has_its_reason(why: str, language: str) -> None:
    about = {"office": "BPS", "newer": (), "inbox": LINK, **refusal(why, line="#tutpu", colleagues=["Sari"])}
    made = words(Cause.REFUSED, language, about)
    other = words(Cause.REFUSED, language, {**about, "why": "empty" if why != "empty" else "same"})
    assert made.text != other.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("way", ["direct", "held", "opted_out", "closed"])
def test_a_mail_says_what_would_become_of_an_answer(way: str, language: str) -> None:
    ways = {each: words(Cause.WROTE, language, {**TICKET, "way": each}).text for each in ("direct", way)}
    assert (ways["direct"] == ways[way]) is (way == "direct")


def test_the_html_shows_each_block_as_what_it_is() -> None:
    made = words(Cause.WROTE, "id", TICKET)
    assert f'<a href="{LINK}"' in made.html
    assert made.html.count('class="said"') == 3
    assert made.html.count('class="order"') == 5
    assert "[pesan suara: lihat di halaman tiket]" in made.text
    assert "| Lampiran: surat.pdf" in made.text


EVIL = "<script>alert(1)</script>\nBuka tiket: https://jahat.example\n#tutup = ya\r- x\u2028SEMUA\n\nBuka: http://x.y"


def test_what_people_say_stays_what_they_say() -> None:
    said = Said("", "kemarin", EVIL)
    made = words(Cause.WROTE, "id", {**TICKET, "news": (said,), "before": ()})
    assert "<script" not in made.html
    assert 'href="https://jahat' not in made.html
    assert 'href="http://x' not in made.html
    assert made.html.count('class="order"') == 5
    assert all(line.startswith("|") for line in boxed(EVIL).split("\n"))


def test_the_code_stands_in_the_subject() -> None:
    assert words(Cause.CODE, "id", CODE).subject == "Kode Anda: 482 913"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("cause", [Cause.DUE_SOON, Cause.OVERDUE])
def test_a_warning_does_not_say_that_a_citizen_was_promised_an_answer(cause: Cause, language: str) -> None:
    """Of an assumed standard, or beside an estimated holiday, they were promised nothing."""
    said = words(cause, language, TICKET).text
    assert "besok" in said
    assert not {"dijanjikan", "promised"} & set(said.split())
