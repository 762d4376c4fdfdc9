"""The WebAPI of BPS: what a domain has published, page by page. Translates, and decides nothing.

Its firewall answers HTML with status 200 or a bare 403, an empty list is ``""``, and it is slow in office
hours: whatever is not a proper answer means that it is away, never that nothing is published. The key is part
of the address, so no address is in any error.
"""

import html
import json
import re
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

import requests

from channels.their_clocks import Heard

KINDS = ("publication", "pressrelease", "statictable", "news")
NATIONAL = "0000"
_IDS = {"publication": "pub_id", "pressrelease": "brs_id", "statictable": "table_id", "news": "news_id"}
_DAYS = ("rl_date", "updt_date")
_TOLD = ("abstract", "news", "subj", "newscat_name")
_MOST_PAGES = 1000
_LARGEST = 8 * 1024 * 1024
_SUMMARY = 200
_FAILING = 500


class Why(StrEnum):
    """What kept the WebAPI from answering."""

    KEY = "key"
    BLOCKED = "blocked"
    FAILING = "failing"
    SLOW = "slow"
    UNREACHABLE = "unreachable"
    GARBLED = "garbled"


_PASSING = frozenset({Why.SLOW, Why.UNREACHABLE, Why.FAILING})


class Away(Exception):
    """No proper answer came. The text names the reason only: the address holds the key."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True)
class Published:
    """One thing that a domain has published. *link* is the page for people."""

    kind: str
    id: str
    title: str
    link: str
    day: date | None
    summary: str


@dataclass(frozen=True, slots=True)
class Site:
    """A domain's name and where its website is."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class WebApi:
    """The WebAPI as one key sees it. *rest* is called with the seconds between two requests.

    A request may take *seconds* altogether; one that fails in passing is tried once more. *heard* is given
    every answer.
    """

    api_url: str
    key: str = field(repr=False)
    user_agent: str
    seconds: float = 30.0
    between: float = 0.5
    rest: Callable[[float], object] = time.sleep
    heard: Heard | None = None

    def published(self, kind: str, domain: str, site: str) -> Iterator[Published]:
        """Everything of *kind* that *domain*, whose website is *site*, has published. Raises ``Away``."""
        for row in self._rows(f"list/model/{kind}/lang/ind/domain/{domain}"):
            found = _published(kind, row, domain, site)
            if found is not None:
                yield found

    def sites(self) -> dict[str, Site]:
        """Every domain by its BPS code. Raises ``Away``."""
        rows = self._rows("domain/type/all")
        return {
            str(row["domain_id"]): Site(str(row.get("domain_name", "")), str(row["domain_url"]).rstrip("/"))
            for row in rows
            if row.get("domain_id") and str(row.get("domain_url", "")).startswith("http")
        }

    def _rows(self, path: str) -> Iterator[Mapping[str, Any]]:
        page, pages = 1, 1
        while page <= min(pages, _MOST_PAGES):
            about, rows = _pair(self._patiently(path, page))
            if page > 1 and not about:
                raise Away(Why.GARBLED)  # the first page told that there is more
            yield from (row for row in rows if isinstance(row, dict))
            pages = _number(about.get("pages"))
            page += 1

    def _patiently(self, path: str, page: int) -> Mapping[str, Any]:
        try:
            return self._answer(path, page)
        except Away as away:
            if away.why not in _PASSING:
                raise
        self.rest(self.between * 4)
        return self._answer(path, page)

    def _answer(self, path: str, page: int) -> Mapping[str, Any]:
        self.rest(self.between)
        until = time.monotonic() + self.seconds
        try:
            return _read(*self._get(f"{self.api_url}/{path}/key/{self.key}/", page))
        except requests.RequestException as error:
            # A silence in the middle of an answer has no class of its own.
            slow = isinstance(error, requests.Timeout) or time.monotonic() >= until
            raise Away(Why.SLOW if slow else Why.UNREACHABLE) from None

    def _get(self, address: str, page: int) -> tuple[int, bytes]:
        """The status and the body, read until it is too long or has taken too long."""
        until = time.monotonic() + self.seconds
        headers = {"User-Agent": self.user_agent, "Accept": "application/json"}
        with requests.get(
            address,
            params={"page": page},
            headers=headers,
            timeout=self.seconds,
            stream=True,
            allow_redirects=False,
            hooks={"response": [self.heard] if self.heard else []},
        ) as answer:
            body = bytearray()
            for part in answer.iter_content(16 * 1024):
                body += part
                if time.monotonic() > until:
                    raise Away(Why.SLOW)
                if len(body) > _LARGEST:
                    raise Away(Why.GARBLED)
            return answer.status_code, bytes(body)


def _read(status: int, body: bytes) -> Mapping[str, Any]:
    if status == requests.codes.unauthorized:
        raise Away(Why.KEY)
    if status >= _FAILING:
        raise Away(Why.FAILING)
    if status != requests.codes.ok or body.lstrip()[:1] == b"<":
        raise Away(Why.BLOCKED)
    try:
        content = json.loads(body)
    except ValueError:
        raise Away(Why.GARBLED) from None
    if not isinstance(content, dict):
        raise Away(Why.GARBLED)
    if content.get("status") != "OK":
        told = str(content.get("message", "")).casefold()
        raise Away(Why.KEY if "key" in told else Why.FAILING)
    return content


def _pair(content: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[Any]]:
    """What an answer says of its pages, and its rows. Nothing there is told with an empty text."""
    if content.get("data-availability") != "available":
        return {}, []
    match content.get("data"):
        case [dict() as about, list() as rows]:
            return about, rows
        case "" | []:
            return {}, []
    raise Away(Why.GARBLED)


def _number(told: object) -> int:
    return int(told) if isinstance(told, int | str) and str(told).isdecimal() else 0


def _published(kind: str, row: Mapping[str, Any], domain: str, site: str) -> Published | None:
    number, title = str(row.get(_IDS[kind]) or ""), plain(str(row.get("title") or ""))
    if not number or not title:
        return None
    day = next((found for name in _DAYS if (found := _day(row.get(name)))), None)
    told = next((text for name in _TOLD if (text := plain(str(row.get(name) or "")))), "")
    link = _link(kind, site, number, title, day) or _search_link(domain, title)
    return Published(kind, number, title, link, day, told[:_SUMMARY])


def plain(marked: str) -> str:
    """Text without its HTML, which comes escaped, sometimes twice."""
    text = html.unescape(html.unescape(marked[:20_000]))
    return " ".join(re.sub(r"<(?=[a-zA-Z/!])[^<>]{0,2000}>", " ", text).split())


def _day(told: object) -> date | None:
    try:
        return date.fromisoformat(str(told or "")[:10])
    except ValueError:
        return None


def _link(kind: str, site: str, number: str, title: str, day: date | None) -> str | None:
    """The page for people, never the file: its address carries a token."""
    if not site or day is None:
        return None
    return f"{site}/{kind}/{day:%Y/%m/%d}/{number}/{_slug(title)}.html"


def _slug(title: str) -> str:
    folded = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", folded).strip("-")[:120].strip("-")


def _search_link(domain: str, title: str) -> str:
    """BPS's own search for this title, where no page of its own is known."""
    query = requests.models.PreparedRequest()
    query.prepare_url(
        "https://searchengine.web.bps.go.id/search", {"q": title[:100], "content": "all", "mfd": domain}
    )
    return str(query.url)
