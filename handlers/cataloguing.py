"""The catalogue is filled: at night from the WebAPI, and at any time from a file.

The WebAPI is asked with no transaction open, one kind after another; what came whole replaces what was there,
what did not leaves it as it was.
"""

import logging
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from threading import Event
from zoneinfo import ZoneInfo

from bot.before_ticket import place_named
from channels.webapi import KINDS, NATIONAL, Away, Published, Site, WebApi, Why
from handlers.runtime import Runtime
from handlers.searching import nickname, place_words
from storage import catalogue
from storage.catalogue import Item

log = logging.getLogger(__name__)
WEBAPI = "webapi"
_NIGHT = range(1, 5)
_A_NIGHT_AGO = timedelta(hours=20)
_NEVER = datetime(1, 1, 1, tzinfo=UTC)
_NATIONAL_SITE = Site("", "https://www.bps.go.id")
# Whoever gets these answers will get no other from the next request.
_ENDING = frozenset({Why.KEY, Why.UNREACHABLE})


@dataclass(frozen=True, slots=True)
class Fetched:
    """How fetching a domain went: how many items there are, and what did not come, by kind."""

    items: int
    failed: Mapping[str, Why]

    @property
    def error(self) -> str:
        """What did not come, for people who look after the desk."""
        return ", ".join(f"{kind}: {why}" for kind, why in self.failed.items())


class Stopped(Exception):
    """The process ends: what was not fetched yet is fetched another time."""


def wanted(runtime: Runtime) -> dict[str, ZoneInfo]:
    """The domains that offices which search first look in, each with the clock of the first that does."""
    zones: dict[str, ZoneInfo] = {}
    for office in runtime.settings.offices.values():
        if office.search_first.enabled:
            for domain in office.domains:
                zones.setdefault(domain, ZoneInfo(office.timezone))
    return zones


def fetch_due(runtime: Runtime, stopping: Event | None = None) -> None:
    """Fetch what was never fetched, and at night what was fetched the night before."""
    if runtime.webapi is None:
        return
    api = _stoppable(runtime.webapi, stopping or Event())
    sites: dict[str, Site] = {}
    for domain, zone in wanted(runtime).items():
        now = runtime.clock()
        before = now - _A_NIGHT_AGO if now.astimezone(zone).hour in _NIGHT else _NEVER
        with runtime.database.write() as connection:
            claimed = catalogue.claim_source(connection, domain, now, fetched_before=before)
        if claimed:
            try:
                sites = sites or sites_of(runtime, api)
                fetch(runtime, api, domain, sites)
            except Stopped:
                _note(runtime, domain, Fetched(0, {"all": Why.UNREACHABLE}))
                return


def _stoppable(api: WebApi, stopping: Event) -> WebApi:
    """The same, which rests no longer once *stopping* is set."""

    def rest(seconds: float) -> None:
        if stopping.wait(seconds):
            raise Stopped

    return replace(api, rest=rest)


def sites_of(runtime: Runtime, api: WebApi) -> dict[str, Site]:
    """Where each domain's website is; what the configuration tells, where the WebAPI does not."""
    offices = runtime.settings.offices.values()
    known = {one.code: Site(place_named(one), one.website.rstrip("/")) for one in offices if one.website}
    try:
        return {NATIONAL: _NATIONAL_SITE} | known | api.sites()
    except Away as away:
        log.warning("the WebAPI does not tell the websites: %s", away)
        return {NATIONAL: _NATIONAL_SITE} | known


def fetch(runtime: Runtime, api: WebApi, domain: str, sites: Mapping[str, Site]) -> Fetched:
    """Fetch all that *domain* has published, and note how it went."""
    site = sites.get(domain, Site("", ""))
    place = _place(runtime, domain, site)
    failed: dict[str, Why] = {}
    for kind in KINDS:
        try:
            items = [_item(each) for each in api.published(kind, domain, site.url)]
        except Away as away:
            failed[kind] = away.why
            if away.why in _ENDING:
                break
            continue
        _keep(runtime, domain, kind, items, place)
    with runtime.database.read() as connection:
        there = catalogue.counts(connection, (domain,))
    total = sum(number for (_, source, _), number in there.items() if source == WEBAPI)
    return _note(runtime, domain, Fetched(total, failed))


def _place(runtime: Runtime, domain: str, site: Site) -> str:
    """What all of a domain is about. The whole country is no place that anybody names."""
    office = runtime.settings.offices.get(domain)
    if office:
        return place_words(office)
    return "" if domain == NATIONAL else f"{site.name} {nickname(site.url)}".strip()


def _item(found: Published) -> Item:
    return Item(found.kind, found.id, found.title, found.link, found.day, found.summary)


def _keep(runtime: Runtime, domain: str, kind: str, items: Collection[Item], place: str) -> None:
    """A list that came whole replaces the one before. An empty one is believed only where there was none."""
    with runtime.database.write() as connection:
        catalogue.keep(connection, domain, WEBAPI, tuple(items), place, runtime.clock())
        if items:
            catalogue.forget_others(connection, domain, WEBAPI, kind, {item.external_id for item in items})


def _note(runtime: Runtime, domain: str, fetched: Fetched) -> Fetched:
    if fetched.failed:
        log.warning("the catalogue of %s did not come whole: %s", domain, fetched.error)
    with runtime.database.write() as connection:
        catalogue.source_done(connection, domain, runtime.clock(), fetched.items, fetched.error)
    return fetched


def fetch_now(runtime: Runtime, api: WebApi, domains: Collection[str]) -> Iterator[tuple[str, Fetched]]:
    """Fetch these domains whatever the hour, for a person who waits for it."""
    sites = sites_of(runtime, api)
    for domain in domains:
        with runtime.database.write() as connection:
            catalogue.add_source(connection, domain)
        yield domain, fetch(runtime, api, domain, sites)
