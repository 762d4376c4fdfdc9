"""The names that people give themselves on WhatsApp, as officers read them."""

import pytest
from sqlalchemy import select

from handlers.web.app import create_app
from storage.columns import table
from storage.tables import Contact
from tests.driver import CITIZEN, Desk
from tests.handlers.correspondence import QUESTION
from tests.sessions import sign_in


def _named(desk: Desk, name: str) -> str:
    """What is kept of the name of who writes."""
    desk.twilio.citizen_writes(CITIZEN, desk.sender("7411", "whatsapp"), QUESTION, profile_name=name)
    desk.writes("ya")
    with desk.runtime.database.read() as connection:
        return str(connection.execute(select(table(Contact).c.profile_name)).scalar_one())


@pytest.mark.parametrize("name", ["\u3164", "\u200e", "\u2800 \u2800", "\u200d", "\u2060\u00ad", "  "])
def test_who_has_an_empty_name_is_listed_by_their_number(name: str, lone: Desk) -> None:
    assert _named(lone, name) == ""
    client = sign_in(create_app(lone.runtime).test_client(), lone.runtime, lone.officer())
    assert '<span class="who">+62 812-3456-7890</span>' in client.get("/inbox/7411?list=open").text


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Siti\u202e dcba", "Siti dcba"),
        ("Siti\nAminah\u200b", "Siti Aminah"),
        ("\U0001f469\u200d\U0001f467 Bu Siti 🌾", "\U0001f469\u200d\U0001f467 Bu Siti 🌾"),
        ("ꦱꦶꦠꦶ", "ꦱꦶꦠꦶ"),
        ("x" * 255, "x" * 255),
    ],
)
def test_any_other_is_kept_on_one_line_without_what_turns_or_hides(name: str, kept: str, lone: Desk) -> None:
    assert _named(lone, name) == kept
