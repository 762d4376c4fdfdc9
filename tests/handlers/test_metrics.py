"""The figures for the operator: what they tell of what waits, and that the documentation names them all."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from sqlalchemy import insert, update

from handlers import officer
from handlers.web import metrics
from handlers.web.app import create_app
from storage import mailboxes
from storage.columns import table
from storage.tables import Message, Timer
from tests.handlers.site import Site
from tests.handlers.test_balance import HERE, figures
from tests.storage.test_plans import listening, scans

OPERATIONS = (Path(__file__).parents[2] / "docs" / "operations.md").read_text("utf-8")
_FAMILY = re.compile(r"^# TYPE (\w+) gauge$", re.MULTILINE)
_ROW = re.compile(r"^\| `(loket_\w+)` \| (.*?) \|", re.MULTILINE)
_RULES = re.compile(r"```yaml\n(groups:\n.*?)```", re.DOTALL)
_NAME = re.compile(r"\bloket_\w+")
_LABELLED = re.compile(r"^(loket_\w+)\{(.*?)\}", re.MULTILINE)


def _told(site: Site) -> dict[tuple[str, ...], float]:
    return figures(metrics.written(site.runtime, 3).decode())


def test_how_long_the_oldest_waits(site: Site) -> None:
    quiet = _told(site)
    assert all(quiet[f"loket_oldest_{what}_seconds",] == 0 for what in metrics.OLDEST)
    ticket = site.asks()
    officer.reply(
        site.runtime, site.people["officer"], ticket, "Jawaban", "f1", asks_back=False, seen=site.last_id()
    )
    rows = table(Message)
    with site.runtime.database.write() as connection:
        connection.execute(update(rows).where(rows.c.id == site.last_id()).values(intake="pending"))
    site.clock.forward(minutes=7)
    waits = _told(site)
    assert waits["loket_oldest_unsent_seconds",] >= 420
    assert waits["loket_oldest_unhandled_seconds",] >= 420
    assert waits["loket_pending",] == 1
    with site.runtime.database.write() as connection:
        due = {"office": "7411", "conversation_id": 1, "kind": "due", "due_at": site.clock(), "tries": 0}
        connection.execute(insert(table(Timer)).values(**due))
    site.clock.forward(seconds=30)
    assert _told(site)["loket_oldest_due_seconds",] == 30


def test_leases_held_and_expired(site: Site) -> None:
    site.asks()
    rows, now = table(Message), site.clock()
    with site.runtime.database.write() as connection:
        for number, until in ((0, now - timedelta(seconds=1)), (1, now + timedelta(seconds=60))):
            message = site.last_id("out") - number
            taken = {"delivery": "sending", "lease_until": until}
            connection.execute(update(rows).where(rows.c.id == message).values(**taken))
        mailboxes.take(connection, "bps7411", "a process", now)
    told = _told(site)
    assert (told["loket_leases", "held", "message"], told["loket_leases", "expired", "message"]) == (1, 1)
    assert (told["loket_leases", "held", "mailbox"], told["loket_leases", "held", "notice"]) == (1, 0)
    site.clock.forward(minutes=2)
    assert _told(site)["loket_leases", "expired", "mailbox"] == 1


def test_mailboxes_of_the_configuration_only(site: Site) -> None:
    name, now = next(iter(site.runtime.settings.channels.email.mailboxes)), site.clock()
    with site.runtime.database.write() as connection:
        mailboxes.polled(connection, name, now)
        mailboxes.polled(connection, "removed", now)
    site.clock.forward(seconds=90)
    told = _told(site)
    assert told["loket_mailbox_read_seconds", name] == 90
    assert told["loket_mailbox_failing", name] == 0
    assert ("loket_mailbox_read_seconds", "removed") not in told
    with site.runtime.database.write() as connection:
        mailboxes.failing(connection, name, "refused", site.clock())
    assert _told(site)["loket_mailbox_failing", name] == 1


def test_what_the_process_has_open(site: Site) -> None:
    told = _told(site)
    assert told["loket_live_streams",] == 3
    assert 1 <= told["loket_database_connections",] < told["loket_database_connections_most",]


def test_no_figure_reads_a_growing_table_nor_names_anybody(site: Site) -> None:
    site.asks()
    text = metrics.written(site.runtime, 0).decode()
    assert not re.search(r"\+?62812|Siti|luas panen", text)
    labels = {name: set(re.findall(r"(\w+)=", inside)) for name, inside in _LABELLED.findall(text)}
    documented = {name: re.findall(r"`(\w+)`", said) for name, said in _ROW.findall(OPERATIONS)}
    assert {name: set(documented[name]) for name in labels} == labels
    with listening(site.runtime.database.engine) as heard:
        metrics.written(site.runtime, 0)
    assert 10 < len(heard) < 30
    assert scans(site, [one for one in heard if "message.at >=" not in one[0]]) == []


def test_the_documentation_names_every_figure_and_no_other(site: Site) -> None:
    families = _FAMILY.findall(metrics.written(site.runtime, 0).decode())
    assert sorted(name for name, _ in _ROW.findall(OPERATIONS)) == sorted(families)


def test_the_alert_rules_speak_of_figures_that_exist() -> None:
    found = _RULES.search(OPERATIONS)
    assert found is not None
    rules = yaml.safe_load(found[1])["groups"][0]["rules"]
    known = {name for name, _ in _ROW.findall(OPERATIONS)}
    assert len(rules) > 5
    for rule in rules:
        asked = set(_NAME.findall(rule["expr"]))
        assert asked
        assert asked <= known, rule


def test_readiness_says_in_words_what_to_look_at(site: Site) -> None:
    client = create_app(site.runtime).test_client()

    def said() -> list[str]:
        answer = client.get("/readyz", environ_base=HERE)
        assert answer.status_code == 200
        return [words for words in answer.get_json()["look_at"] if "mailbox" not in words]

    assert said() == []
    site.asks()
    rows = table(Message)
    with site.runtime.database.write() as connection:
        connection.execute(update(rows).where(rows.c.id == site.last_id()).values(intake="shunted"))
    site.clock.forward(minutes=11)
    assert said() == [
        "messages do not leave; see the alarms (for 11 minutes)",
        "1 messages could not be handled; see Belum tertangani",
    ]


@pytest.mark.parametrize("page", ["README.md", "README.id.md", "docs/email.md"])
def test_what_readiness_answers_is_shown_as_it_is(site: Site, page: str) -> None:
    """Whoever compares finds nothing there that is not on the page."""
    answer = create_app(site.runtime).test_client().get("/readyz", environ_base=HERE)
    text = (Path(__file__).resolve().parents[2] / page).read_text(encoding="utf-8")
    (shown,) = re.findall(r'^    (\{"\w+":.*\})$', text, re.MULTILINE)
    assert list(json.loads(shown)) == list(answer.get_json())


def test_a_database_that_is_away_is_said_in_words(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    client = create_app(site.runtime).test_client()
    monkeypatch.setattr(site.runtime.database, "engine", _Gone())
    answer = client.get("/readyz", environ_base=HERE)
    assert answer.status_code == 503
    assert answer.get_json()["look_at"] == ["the database does not answer (OperationalError)"]


class _Gone:
    def connect(self) -> None:
        from sqlalchemy.exc import OperationalError

        raise OperationalError("SELECT", None, Exception("away"))
