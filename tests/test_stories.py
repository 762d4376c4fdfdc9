"""Golden conversations through the whole desk. ``pytest --rewrite-stories`` writes down what it says now."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask.testing import FlaskClient
from sqlalchemy import select

from bot.policy import SearchFirst
from channels.menus import Menu
from channels.simulator import PhoneMessage
from handlers import officer, standards
from handlers.searching import place_words
from handlers.web.app import create_app
from storage import catalogue
from storage.catalogue import Item
from storage.catalogue_search import drop_index
from storage.columns import table
from storage.tables import Conversation, Rating
from tests import officers_page
from tests.databases import SqliteTemplate
from tests.driver import CITIZEN, WRITER, Desk, running_desk, write_config, write_shipped
from tests.handlers.test_routes import also_reached_at
from tests.post import Letter

FOLDER = Path(__file__).with_name("stories")
STORIES = sorted(FOLDER.glob("*.yaml"))
ON_WHATSAPP = [path for path in STORIES if "\nby: mail\n" not in path.read_text("utf-8")]
CONVERSATION, RATING = table(Conversation), table(Rating)
LINK = re.compile(r"https://bot\.example\.org(/nilai/[\w.]+)")
WRITTEN = {"shipped": write_shipped}
DONE = (
    "step",
    "opens",
    "search",
    "citizen",
    "media",
    "location",
    "mail",
    "subject",
    "encloses",
    "reply",
    "officer",
    "wait",
    "link",
    "score",
    "proves",
    "reports",
)
_AFTER = ("state", "outcome", "tickets", "refused", "rated")
MEDIA = {
    "voice": "audio/ogg",
    "image": "image/jpeg",
    "sticker": "image/webp",
    "document": "application/pdf",
    "contact": "text/vcard",
}


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_story(path: Path, database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Every step of the story comes to what is written beside it."""
    story = yaml.safe_load(path.read_text("utf-8"))
    played = _played(story, database_url, tmp_path)
    if request.config.getoption("--rewrite-stories"):
        _rewrite(path, story, played)
    told = [_comes_to(step) for step in story["steps"]]
    assert [_comes_to(step) for step in played] == told


@pytest.mark.parametrize("path", ON_WHATSAPP, ids=lambda path: path.stem)
def test_story_through_meta(path: Path, sqlite_template: SqliteTemplate, tmp_path: Path) -> None:
    """The same words, whoever carries them: what differs between databases was looked at with Twilio."""
    story = yaml.safe_load(path.read_text("utf-8"))
    played = _played(story, sqlite_template.copy(tmp_path), tmp_path, provider="cloud")
    told = [_comes_to(step) for step in story["steps"]]
    assert [_comes_to(step) for step in played] == told


def test_there_are_stories() -> None:
    """The folder holds the conversations that the desk must always be able to lead."""
    assert len(STORIES) >= 12
    assert len(ON_WHATSAPP) >= 12


def _played(
    story: dict[str, Any], database_url: str, folder: Path, provider: str = "twilio"
) -> list[dict[str, Any]]:
    written = WRITTEN.get(story.get("config", ""), write_config)
    with running_desk(database_url, folder, written=written, provider=provider) as desk:
        _publish(desk, story)
        if "template" in story:
            desk.approves(approval=story["template"])
        browser = officers_page.signed_in(desk) if story.get("page") else None
        return [_play(desk, story, step, browser) for step in story["steps"]]


def _comes_to(step: dict[str, Any]) -> dict[str, Any]:
    return {key: step.get(key) for key in ("phone", "letters", "page", "seen", *_AFTER)}


def _play(
    desk: Desk, story: dict[str, Any], step: dict[str, Any], browser: FlaskClient | None
) -> dict[str, Any]:
    """What the step comes to, and, with a *browser*, what an officer reads on the page afterwards."""
    address = story.get("address", CITIZEN)
    if "opens" in step:
        return step | {"page": _page(desk, story["office"], step["opens"])}
    before, read = len(desk.phone(address)), len(desk.postbox.to(WRITER))
    done = {key: value for key, value in step.items() if key in DONE}
    refused = _act(desk, story, step, address)
    if browser:
        desk.settle()  # what can't leave is looked at once more before it goes another way
    desk.settle()
    arrived = (message for message in desk.phone(address)[before:] if message.status != "failed")
    heard = [_by_number(desk, message) for message in arrived]
    came = [_as_read(letter) for letter in desk.letters()[read:]]
    ways: dict[str, Any] = {"phone": heard, "letters": came}
    by = {"mail": ("letters",), "both": ("phone", "letters")}.get(story.get("by", ""), ("phone",))
    told = {way: ways[way] for way in by}
    if browser and desk.tickets():
        told["seen"] = officers_page.seen(browser, story["office"], desk.tickets()[-1].id)
    return done | told | _after(desk, step, refused)


def _by_number(desk: Desk, message: PhoneMessage) -> str:
    """What a message says to whoever can't tap: the words that its choices stand beside."""
    if not message.choices:
        return message.text
    row = next(each for each in desk.messages("out") if each.external_id == message.sid)
    menu = Menu.of(row.menu)
    assert menu is not None
    assert (menu.body, [each.id for each in menu.options]) == (
        message.text,
        [each for each, *_ in message.choices],
    )
    return str(row.body)


def _publish(desk: Desk, story: dict[str, Any]) -> None:
    """What the story says is published, and that its office searches first."""
    listed = story.get("catalogue", [])
    if not listed:
        return
    offices, code = desk.runtime.settings.offices, story["office"]
    website = offices[code].website or story.get("website")
    offices[code] = replace(offices[code], search_first=SearchFirst(enabled=True), website=website)
    items = [
        Item(one["kind"], one["link"][-20:], one["title"], one["link"], one.get("day")) for one in listed
    ]
    with desk.runtime.database.write() as connection:
        catalogue.keep(connection, code, "csv", items, place_words(offices[code]), desk.clock())


def _page(desk: Desk, office: str, part: str) -> list[str]:
    """A part of the public page of the standard: the only thing that counter visits meet of the desk."""
    component, _, way = part.partition(".")
    section = next(it for it in standards.sections(desk.runtime.office(office), "id") if it.key == component)
    wanted = ("in_person", "online").index(way) if way else None
    groups = section.groups if wanted is None else section.groups[wanted : wanted + 1]
    return [_line(line) for group in groups for line in group.lines]


def _line(line: standards.Line) -> str:
    number = f"{line.number}. " if line.number else ""
    return f"{number}{line.label and f'{line.label}: '}{line.text} ({line.status})"


def _as_read(letter: Letter) -> str:
    """A letter's subject and words, without what stands above and below all of them."""
    words = letter.text.split("\n-- \n")[0].removeprefix("--- Balas di atas baris ini ---")
    words = words.removeprefix("--- Please reply above this line ---").strip()
    return f"{letter.mail['Subject']}\n\n{words}"


def _act(desk: Desk, story: dict[str, Any], step: dict[str, Any], address: str) -> str | None:
    desk.clock.forward(minutes=1)
    _arrange(desk, step)
    match step:
        case {"search": "down"}:
            with desk.runtime.database.write() as connection:
                drop_index(connection)
        case {"wait": time}:
            desk.clock.forward(**time)
        case {"officer": act}:
            return _officer(desk, act)
        case {"link": how}:
            _rating_page(desk, how, step.get("score", ""))
        case {"media": kind}:
            more = {
                "NumMedia": "1",
                "MediaContentType0": MEDIA[kind],
                "MediaUrl0": "https://api.twilio.com/x",
            }
            assert (
                desk.writes(step.get("citizen", ""), office=story["office"], address=address, **more) == 200
            )
        case {"location": place}:
            more = {"Latitude": "-4.05", "Longitude": "121.59", "Label": place}
            assert desk.writes("", office=story["office"], address=address, **more) == 200
        case {"mail": text}:
            subject = step.get("subject", "")
            desk.mails(text, office=story["office"], subject=subject, encloses=step.get("encloses", ""))
        case {"reply": text}:
            last = desk.letters()[-1]
            desk.mails(text, office=story["office"], subject=str(last.mail["Subject"]), answers=last)
        case {"citizen": text}:
            assert desk.writes(text, office=story["office"], address=address) == 200
    return None


def _arrange(desk: Desk, step: dict[str, Any]) -> None:
    """An address of the citizen's that was proved, or what WhatsApp will report of the next message."""
    if "proves" in step:
        also_reached_at(desk, desk.tickets()[-1].id, step["proves"])
    if "reports" in step:
        desk.twilio.callbacks_next(*step["reports"])


def _rating_page(desk: Desk, how: str, score: str) -> None:
    """The page that the last letter with one links to is opened, as a scanner does, or sent."""
    (link, *_) = (found[0] for letter in reversed(desk.letters()) if (found := LINK.findall(letter.text)))
    browser = create_app(desk.runtime).test_client()
    answer = browser.post(link, data={"score": score}) if how == "sent" else browser.get(link)
    assert answer.status_code in (200, 303)


def _officer(desk: Desk, act: dict[str, str]) -> str | None:
    (verb, text), *_ = act.items()
    ticket = next(row for row in reversed(desk.tickets()) if row.kind == act.get("on", "consultation"))
    me = desk.officer()
    acts: dict[str, Callable[[], Any]] = {
        "replies": lambda: desk.replies(text, ticket.id),
        "asks": lambda: desk.replies(text, ticket.id, asks_back=True),
        "marks_clear": lambda: officer.mark_clear(desk.runtime, me, ticket.id),
        "closes": lambda: officer.close(desk.runtime, me, ticket.id),
        "reopens": lambda: officer.reopen(desk.runtime, me, ticket.id),
    }
    result = acts[verb]()
    return str(result) if result else None


def _after(desk: Desk, step: dict[str, Any], refused: str | None) -> dict[str, Any]:
    told: dict[str, Any] = {}
    latest = select(CONVERSATION.c.state).order_by(CONVERSATION.c.id.desc()).limit(1)
    with desk.runtime.database.read() as connection:
        told["state"] = connection.execute(latest).scalar()
    if {"citizen", "media", "location", "mail", "reply"} & step.keys():
        told["outcome"] = desk.messages()[-1].outcome
    if refused:
        told["refused"] = refused
    if "link" in step:
        with desk.runtime.database.read() as connection:
            marks = connection.execute(select(RATING.c.score).order_by(RATING.c.id)).scalars()
            told["rated"] = list(marks)
    tickets = [f"{row.reference} {row.status}, waiting for {row.waiting_for}" for row in desk.tickets()]
    return told | ({"tickets": tickets} if tickets else {})


class _Readable(yaml.SafeDumper):
    """Several lines stand as they are said."""


def _as_said(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Readable.add_representer(str, _as_said)


def _rewrite(path: Path, story: dict[str, Any], played: list[dict[str, Any]]) -> None:
    text = yaml.dump(
        story | {"steps": played}, Dumper=_Readable, allow_unicode=True, sort_keys=False, width=110
    )
    path.write_text(text, "utf-8")
