"""A clock that is wrong from the first start: seen by the answers of whoever carries the messages anyway."""

from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from threading import Event

import pytest
from click.testing import CliRunner

from channels.simulator import http_api
from channels.their_clocks import ENOUGH, TheirClocks
from handlers import alerts, clock_alarm, compose
from handlers.checking import Level, check_command, surroundings
from handlers.checking.findings import Finding
from handlers.mailroom import notice_sending
from handlers.web import metrics
from handlers.web.app import create_app
from storage import alarms
from tests.driver import Desk, environment
from tests.handlers.site import Site
from tests.handlers.test_balance import figures
from tests.post import post_office

Wrong = Callable[..., None]
DAY = 24 * 3600


@pytest.fixture
def provider_is(monkeypatch: pytest.MonkeyPatch) -> Wrong:
    """Let the local provider's clock go wrong, as ours does in its eyes."""

    def wrong(**by: float) -> None:
        def date(_: object, __: float | None = None) -> str:
            return format_datetime(compose.now() + timedelta(**by), usegmt=True)

        monkeypatch.setattr(http_api._Quiet, "date_time_string", date)

    return wrong


def talks(desk: Desk) -> None:
    """The desk says so much that the provider's answers tell something."""
    for _ in range(ENOUGH):
        assert desk.writes("menu") == 200
        desk.settle()
        desk.clock.forward(minutes=1)
    alerts.look(desk.runtime)


def lasting(desk: Desk) -> list[str]:
    with desk.runtime.database.read() as connection:
        return [row.key for row in alarms.open_alarms(connection, None) if row.key == clock_alarm.OFF]


def said(desk: Desk) -> list[Finding]:
    return list(surroundings.clock(desk.runtime.settings, desk.clock()))


def test_a_clock_that_was_always_wrong_is_told_until_it_is_right(lone: Desk, provider_is: Wrong) -> None:
    """The desk's own clock, which tests and demos move, is another matter: it stands in July."""
    talks(lone)
    assert (lasting(lone), said(lone)) == ([], [])
    pages = create_app(lone.runtime).test_client()
    provider_is(days=-5)
    talks(lone)
    assert lasting(lone) == [clock_alarm.OFF]
    [finding] = said(lone)
    assert finding.level is Level.ERROR
    assert "5 hari terlalu cepat menurut jam 127.0.0.1" in finding.indonesian
    ready = pages.get("/readyz").get_json()
    assert ready["clock_off_seconds"] == pytest.approx(5 * DAY, abs=1000)
    assert "the clock is 5 days fast by that of 127.0.0.1" in ready["look_at"]
    provider_is(seconds=0)
    talks(lone)
    assert (lasting(lone), said(lone)) == ([], [])
    assert pages.get("/readyz").get_json()["clock_off_seconds"] == 0


def raised(desk: Desk | Site, seen: datetime) -> None:
    """An alarm that the provider's clock gave rise to, by its own time."""
    about = {"seconds": -300, "host": "api.twilio.com", "seen": seen.isoformat()}
    with desk.runtime.database.write() as connection:
        alarms.raise_alarm(connection, clock_alarm.OFF, None, clock_alarm.OFF, about, desk.clock())


def test_while_another_machine_is_wrong_a_right_one_ends_nothing(lone: Desk) -> None:
    raised(lone, compose.now() + timedelta(minutes=5))
    talks(lone)
    assert lasting(lone) == [clock_alarm.OFF]
    raised(lone, compose.now() - timedelta(minutes=11))
    talks(lone)
    assert lasting(lone) == []


def test_figure_page_and_mail_say_by_how_much(site: Site) -> None:
    raised(site, compose.now())
    page = site.signed_in("administrator").get("/administration").text
    assert "Jam komputer 5 menit terlalu lambat menurut jam api.twilio.com" in page
    assert figures(metrics.written(site.runtime, 0).decode())["loket_clock_off_seconds",] == -300
    site.clock.forward(minutes=3)
    alerts.look(site.runtime)
    notice_sending.send_due(site.runtime, Event())
    [letter] = [
        each for each in post_office().to("administrator@bps.go.id") if "5 menit terlalu lambat" in each.text
    ]
    assert "Jam komputer salah menurut jam penyedia (5 menit terlalu lambat)" in letter.text


def test_check_asks_whoever_it_talks_to_anyway(
    lone: Desk, tmp_path: Path, provider_is: Wrong, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LOKET_WHATSAPP_API_URL", lone.runtime.settings.channels.whatsapp.api_url)

    def told() -> str:
        asked = ["--config", str(tmp_path / "config.yaml"), "--whatsapp", "--lang", "en"]
        return CliRunner().invoke(check_command, asked).output

    assert "The clock agrees with that of 127.0.0.1." in told()
    provider_is(hours=3)
    assert "The clock is 3 hours slow by that of 127.0.0.1: switch on time synchronisation." in told()


def test_who_was_not_asked_says_nothing() -> None:
    assert list(surroundings.clock_compared(TheirClocks(compose.now, enough=1))) == []
