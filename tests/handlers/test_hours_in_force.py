"""The service hours that are told are those of the day: in Ramadan not those of the rest of the year."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from handlers import calendar_changes
from handlers.calendar_changes import Change, NewSeason
from tests.driver import PUBLIC_URL, Desk, running_desk, write_shipped
from tests.handlers.site import running_site

USUAL = "Senin–Kamis 08.00–12.00 dan 13.00–15.30; Jumat 08.00–11.30 dan 13.00–16.00 WITA"
FASTING = "Senin–Kamis 08.00–12.00 dan 12.30–15.00; Jumat 08.00–11.30 dan 12.30–15.30 WITA"
FIRST, LAST = date(2026, 7, 7), date(2026, 8, 5)
_DAY, _FRIDAY = ("08:00-12:00", "12:30-15:00"), ("08:00-11:30", "12:30-15:30")
SEASON = NewSeason(
    name="Ramadan",
    first=FIRST,
    last=LAST,
    hours={**dict.fromkeys(("mon", "tue", "wed", "thu"), _DAY), "fri": _FRIDAY},
)


def _confirmed(content: dict[str, Any]) -> None:
    """The hours of all offices are confirmed."""
    content["defaults"]["hours"]["status"] = "confirmed"


def _written(folder: Path, database_url: str, public_url: str = PUBLIC_URL) -> Path:
    return write_shipped(folder, database_url, public_url, _confirmed)


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    with running_desk(database_url, tmp_path, written=_written) as running:
        calendar_changes.save(running.runtime, running.officer(), "7411", Change(add=(SEASON,)))
        yield running


def _told(desk: Desk, text: str, *, office: str = "7411", number: int = 0) -> str:
    address = f"+62812345670{number:02d}"
    desk.writes(text, office=office, address=address)
    return desk.heard(address)[-1]


def test_a_citizen_hears_the_hours_of_the_season(desk: Desk) -> None:
    """It is Monday, 6 July, at 9; the season begins with the next midnight of the office."""
    assert f"Petugas melayani {USUAL}." in _told(desk, "halo")
    desk.clock.forward(hours=14, minutes=59)
    assert f"Petugas melayani {USUAL}." in _told(desk, "halo", number=1)
    desk.clock.forward(minutes=1)
    assert f"Petugas melayani {FASTING}." in _told(desk, "halo", number=2)
    assert f"Jam layanan: {FASTING}" in _told(desk, "jam buka kantor?", number=2)
    assert f"Petugas melayani {USUAL}." in _told(desk, "halo", office="6302", number=3)
    desk.clock.forward(days=30)
    assert f"Petugas melayani {USUAL}." in _told(desk, "halo", number=4)


def test_the_page_of_the_standard_names_the_season(database_url: str, tmp_path: Path) -> None:
    with running_site(database_url, tmp_path, written=_written) as site:
        calendar_changes.save(site.runtime, site.people["supervisor"], "7411", Change(add=(SEASON,)))
        client = site.app.test_client()
        assert f"<strong>Jam layanan:</strong> {USUAL}" in client.get("/standar/7411").text
        site.clock.forward(days=1)
        shown = client.get("/standar/7411").text
        assert f"<strong>Jam layanan (Ramadan, 7 Juli – 5 Agustus 2026):</strong> {FASTING}" in shown
