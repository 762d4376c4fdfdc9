"""What an officer reads on a ticket's page: what became of each answer, and what is ahead."""

import re
from html import unescape

from flask.testing import FlaskClient

from handlers.web.app import create_app
from tests.driver import Desk
from tests.sessions import sign_in

_SAID = re.compile(r'<li class="message (officer|bot)[^"]*".*?<p class="body">(.*?)</p>(.*?)</li>', re.DOTALL)
_FATE = re.compile(r'<span class="delivery[^"]*">(.*?)</span>\s*(?:·|</p>|$)', re.DOTALL)
_NOTICE = re.compile(r'<p class="promise held[^"]*">(.*?)</p>', re.DOTALL)
_WAY = re.compile(r'<p class="way [^"]*" id="way">(.*?)</p>', re.DOTALL)
_BUTTON = re.compile(r'id="send">(.*?)</button>')
_SHORT = 40


def signed_in(desk: Desk, name: str = "rahma") -> FlaskClient:
    """A browser in which this officer of the desk is signed in."""
    return sign_in(create_app(desk.runtime).test_client(), desk.runtime, desk.officer(name))


def seen(client: FlaskClient, office: str, ticket_id: int) -> list[str]:
    """The page in lines: officers' words and calls with their fate, the notice, and the composer's line."""
    page = client.get(f"/inbox/{office}/tickets/{ticket_id}").text
    said = [_fate(*found) for found in _SAID.findall(page) if found[0] == "officer" or "templat" in found[2]]
    notices = [f"! {_plain(notice)}" for notice in _NOTICE.findall(page)]
    ways = [
        f"> {_plain(way)} [{_plain(button)}]"
        for way in _WAY.findall(page)
        for button in _BUTTON.findall(page)
    ]
    return [*said, *notices, *ways]


def _fate(who: str, body: str, foot: str) -> str:
    by_mail = " (email)" if 'class="channel email"' in foot else ""
    words = "; ".join(_plain(fate) for fate in _FATE.findall(foot))
    return f"{who}{by_mail}: {_plain(body)[:_SHORT]}… | {words}"


def _plain(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", "", html)).split())
