"""No page of an officer's day, and no turn, reads a whole table, however much is stored.

The same provinces as ``python -m bench.big`` fills, only small. PostgreSQL is told to avoid whole tables:
where it does so all the same, no index leads.
"""

import re
from pathlib import Path

import pytest
from flask import Flask

from bench import big, officers_day
from bench.province import NOON, Province, fill
from bench.ticks import listening
from bot.events import Content, TimerKind
from channels.contract import Inbound
from handlers import officer, receiving
from handlers.runtime import Runtime
from storage import changes, outbox, tallies, timers
from storage.db import Database
from storage.inbox import View
from tests.databases import Postgres, SqliteTemplate

PROVINCE = Province(tickets=1_500, messages=6_000, offices=10, largest=0.5)
GROWING = (
    "message|ticket|conversation|contact|address|ticket_event|mail|rating|read_mark|complaint|timer|series"
)
WHOLE = re.compile(
    rf"\bSeq Scan ({GROWING}|said|earlier|consultation)\b|^SCAN ({GROWING}|said|earlier|consultation)\b"
)
ALLOWED = {"ix_message_stuck": "holds only what is held, which is little"}
"""What stands in a step of a plan that may read all there is, and why."""
SHARING_COSTS_NOTHING = (
    "parallel_setup_cost = 0",
    "parallel_tuple_cost = 0",
    "min_parallel_table_scan_size = 0",
    "min_parallel_index_scan_size = 0",
)
CITIZEN = "+6281299990001"
SEARCHES = (
    "search: a rare word",
    "search: two words",
    "search: a common word",
    "search: a common and a rare word",
)
SAYINGS = ("mohon data luas panen padi kabupaten 2021-2024 untuk skripsi", "ya", "status")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with a small province."""
    if request.param == "sqlite":
        template: SqliteTemplate = request.getfixturevalue("sqlite_template")
        made = template.copy(tmp_path)
    else:
        server: Postgres = request.getfixturevalue("postgres")
        made = server.copy()
    database = Database(made, tmp_path / "data")
    with database.write() as connection:
        if not database.is_sqlite:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        fill(connection, PROVINCE)
    with database.write() as connection:
        connection.exec_driver_sql("ANALYZE")
        if not database.is_sqlite:
            name = connection.exec_driver_sql("SELECT current_database()").scalar()
            for told in ("enable_seqscan = off", *SHARING_COSTS_NOTHING):
                connection.exec_driver_sql(f"ALTER DATABASE {name} SET {told}")
    database.close()
    return made


def whole(plans: tuple[str, ...] | list[str]) -> list[str]:
    """The plans that read a whole growing table without a reason."""
    return [plan for plan in plans if WHOLE.search(plan) and not any(one in plan for one in ALLOWED)]


def test_nothing_reads_a_whole_table(address: str, tmp_path: Path) -> None:
    with officers_day.desk(address, tmp_path, PROVINCE) as (runtime, app):
        pages = _pages(runtime, app)
        turns = _turns(runtime)
    assert len(pages) > 25
    assert {name: whole(plans) for name, plans in pages.items() if whole(plans)} == {}
    assert len(turns) > 25
    assert whole(turns) == []
    # To start another process costs PostgreSQL more than what there is to share.
    assert not [plan for plans in (turns, *pages.values()) for plan in plans if "Gather" in plan]


def _pages(runtime: Runtime, app: Flask) -> dict[str, list[str]]:
    found, browsers = {}, {}
    for look in officers_day.looks(runtime, PROVINCE):
        if look.name.startswith("search") and look.name not in SEARCHES:
            continue
        if look.officer_id not in browsers:
            browsers[look.officer_id] = officers_day.signed_in(app, runtime, look.officer_id)
        with listening(runtime.database.engine) as heard:
            assert browsers[look.officer_id].get(look.path).status_code == 200
        found[look.name] = big.read(runtime.database, heard).plans
    return found


def _turns(runtime: Runtime) -> list[str]:
    """A citizen opens a ticket, it is answered and closed, and what a worker looks for meanwhile."""
    database = runtime.database
    with listening(database.engine) as heard:
        for number, text in enumerate(SAYINGS):
            _writes(runtime, number, text)
        with database.read() as connection:
            changes.since(connection, NOON)
            touched = max(one.id for one in changes.since(connection, NOON))
        officer.claim(runtime, 1, touched)
        officer.reply(
            runtime,
            1,
            touched,
            "Kami siapkan.",
            "0b9f6b0a-0000-4000-8000-000000000001",
            asks_back=False,
            seen=10**9,
        )
        officer.close(runtime, 1, touched)
        with database.write() as connection:
            assert outbox.claim(connection, NOON, "whatsapp")
            assert timers.due(connection, NOON)
            timers.take(connection, PROVINCE.recent // 3, TimerKind.DUE, NOON)
    return big.read(database, heard).plans


def _writes(runtime: Runtime, number: int, text: str) -> None:
    message = Inbound(
        channel="whatsapp", account="AC", external_id=f"SMbig{number}",
        sender=f"+628110000{PROVINCE.code(0)}", address=CITIZEN, aliases=(), profile_name="Siti",
        text=text, content=Content.TEXT,
    )  # fmt: skip
    assert receiving.receive(runtime, message)


def test_a_page_without_an_index_is_told(database: Database) -> None:
    assert whole(big.read(database, [("SELECT id FROM message WHERE body = 'ya'", ())]).plans)


def test_what_is_open_is_counted_among_the_open_ones(address: str, tmp_path: Path) -> None:
    """The closed ones of many years stand in other indexes, and are not looked through."""
    database = Database(address, tmp_path / "data")
    view = View(PROVINCE.code(0), 1, complaints=True)
    with listening(database.engine) as heard, database.read() as connection:
        tallies.beside(connection, view, NOON)
    plan = " ".join(big.read(database, heard).plans)
    database.close()
    assert "ix_ticket_open" in plan
    assert "ix_ticket_forwarded" in plan
