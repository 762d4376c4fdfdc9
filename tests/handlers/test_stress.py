"""``make stress``: longer storms than an ordinary run has time for."""

from pathlib import Path

import pytest

from channels.simulator import LocalTwilio, create_local_twilio, serving
from handlers import compose
from tests import storm
from tests.driver import PUBLIC_URL, SID, TOKEN, Desk
from tests.handlers import test_storm
from tests.ports import free_port

pytestmark = [pytest.mark.stress, pytest.mark.timeout(1100)]


@pytest.mark.timeout(3000)
def test_thirty_deaths_in_ten_thousand_posts(
    database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """A hundred citizens with ten messages each, ten times over, the server killed thirty times."""
    forms = storm.messages(citizens=100, each=10)
    twilio = LocalTwilio(SID, TOKEN, clock=compose.now, public_url=PUBLIC_URL)
    with serving(create_local_twilio(twilio)) as api_url:
        server = storm.server(tmp_path, free_port(), database_url, api_url)
        server.start()
        answers = test_storm.under_fire(server, forms, database_url, tmp_path, deaths=30)
        test_storm.wait_until_handled(database_url, tmp_path)
        assert server.stop() == 0
    twilio.close()
    accepted = {sid for sid, status in answers if status == 200}
    kept = {row.external_id: row for row in test_storm.stored(database_url, tmp_path)}
    assert len(accepted) == len(forms)
    assert accepted == kept.keys()
    assert {row.intake for row in kept.values()} <= {"handled", "filed"}
    replayed = test_storm.serial_replay(database_url, tmp_path, request)
    assert test_storm.end(database_url, tmp_path) == replayed, "each was handled once"


def test_ten_thousand_answers_through_bad_weather(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A third of all sendings goes wrong, on both databases."""
    monkeypatch.setattr(LocalTwilio, "most_messages", 100_000)
    test_storm.through_bad_weather(desk, citizens=1_000, each=10)
