"""``loket check``: each thing it looks at, in its good and its bad state; it changes nothing."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from sqlalchemy import NullPool, create_engine, insert, text

from bot.calendar import DayKind
from handlers import calendars, databases
from handlers.checking import Finding, Level, check, check_command, exit_code, render
from handlers.settings import ConfigError, Settings, load
from storage import calendar, schema
from storage.db import Database
from tests.databases import Postgres

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
ENVIRON = {"LOKET_SECRET_KEY": "k" * 32, "SID": "AC" + "0" * 32, "TOKEN": "t" * 32}
ACCOUNTS = {"main": {"sid": "env:SID", "token": "env:TOKEN"}}
OFFICE = {
    "short_name": "KTM",
    "name": {"id": "Kolaka Timur", "en": "Kolaka Timur"},
    "timezone": "Asia/Makassar",
    "modes": {"whatsapp": "consult"},
    "senders": {"whatsapp": ["+6282188887411"]},
    "hours": {"status": "confirmed"},
}


def settings(folder: Path, office: Mapping[str, object] | None = None, **top: object) -> Settings:
    content = {
        "public_url": "https://loket.go.id",
        "channels": {"whatsapp": {"accounts": ACCOUNTS}},
        "offices": {"7411": {**OFFICE, **(office or {})}},
    }
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump({**content, **top}), encoding="utf-8")
    return load(path, {})


def with_database(ready: Settings, revision: str, *, demo: bool = False) -> Settings:
    """Only what the check looks at: the revision, and whose database it is."""
    ready.data_dir.mkdir()
    engine = create_engine(ready.database.url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": revision})
        databases.INSTALLATION.create(connection)
        if demo:
            connection.execute(insert(databases.INSTALLATION).values(key=databases.DEMO, value="yes"))
    return ready


def said(findings: list[Finding], level: Level) -> list[str]:
    return [finding.english for finding in findings if finding.level is level]


def errors(ready: Settings, environ: dict[str, str] | None = None) -> list[str]:
    return said(check(ready, ENVIRON if environ is None else environ, NOW), Level.ERROR)


def warnings(ready: Settings) -> list[str]:
    return said(check(ready, ENVIRON, NOW), Level.WARNING)


def test_an_installation_that_is_ready(tmp_path: Path) -> None:
    findings = check(with_database(settings(tmp_path), schema.head()), ENVIRON, NOW)
    assert said(findings, Level.ERROR) == []
    assert exit_code(findings) == 0
    assert "The configuration is readable, offices: 1." in said(findings, Level.OK)
    assert "KTM: WhatsApp +6282188887411" in said(findings, Level.OK)
    assert "All sentences are complete." in said(findings, Level.OK)


def test_a_broken_configuration_is_told_line_by_line() -> None:
    findings = check(ConfigError(["a: is missing", "b: unknown key"]), ENVIRON, NOW)
    assert said(findings, Level.ERROR) == ["Configuration: a: is missing", "Configuration: b: unknown key"]
    assert exit_code(findings) == 1


@pytest.mark.parametrize("name", ["LOKET_SECRET_KEY", "SID", "TOKEN"])
def test_a_missing_secret(tmp_path: Path, name: str) -> None:
    environ = {key: value for key, value in ENVIRON.items() if key != name}
    wanted = f"The secret {name} is missing: set {name}, or {name}_FILE to the name of a file."
    assert errors(settings(tmp_path), environ) == [wanted]


def test_an_unusable_secret_is_never_printed(tmp_path: Path) -> None:
    environ = {**ENVIRON, "LOKET_SECRET_KEY": "hunter2", "TOKEN_FILE": "/x"}
    findings = check(settings(tmp_path), environ, NOW)
    assert len(said(findings, Level.ERROR)) == 2
    assert "hunter2" not in render(findings)
    assert environ["TOKEN"] not in render(findings)


def test_sid_and_token_mixed_up(tmp_path: Path) -> None:
    mixed = {**ENVIRON, "SID": ENVIRON["TOKEN"], "TOKEN": ENVIRON["SID"]}
    assert errors(settings(tmp_path), mixed) == [
        "The SID of Twilio account main does not begin with AC; was it mixed up with the token?"
    ]


@pytest.mark.parametrize(
    ("url", "faults"),
    [
        ("http://127.0.0.1:8000", ["must begin with https://", "can't be reached from the internet"]),
        ("https://localhost", ["can't be reached from the internet"]),
        ("https://loket", ["can't be reached from the internet"]),
        ("https://[::1]:8000", ["can't be reached from the internet"]),
        ("https://192.168.1.5", ["can't be reached from the internet"]),
        ("http://loket.go.id", ["must begin with https://"]),
        ("https://loket.go.id:8443", []),
        ("https://bps.go.id/loket", ["must have no path: Loket's pages stand directly below the name"]),
    ],
)
def test_the_public_address(tmp_path: Path, url: str, faults: list[str]) -> None:
    assert errors(settings(tmp_path, public_url=url)) == [
        f"The public address {url} {fault}." for fault in faults
    ]


@pytest.mark.parametrize(
    ("url", "level"),
    [
        ("https://api.twilio.com", None),
        ("https://api.dublin.ie1.twilio.com", None),
        ("https://nottwilio.com", Level.WARNING),
        ("http://127.0.0.1:9000", Level.WARNING),
        ("http://api.twilio.com", Level.ERROR),
    ],
)
def test_where_messages_are_sent(tmp_path: Path, url: str, level: Level | None) -> None:
    ready = settings(tmp_path, channels={"whatsapp": {"accounts": ACCOUNTS, "api_url": url}})
    about = [finding.level for finding in check(ready, ENVIRON, NOW) if url in finding.english]
    assert about == ([level] if level else [])


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    ready = settings(tmp_path)
    assert f"The database {tmp_path}/var/loket.db does not exist yet; loket serve will make it." in warnings(
        ready
    )
    assert not ready.data_dir.exists()


def test_a_database_at_the_newest_revision(tmp_path: Path) -> None:
    findings = check(with_database(settings(tmp_path), schema.head()), ENVIRON, NOW)
    assert f"The database is ready (revision {schema.head()})." in said(findings, Level.OK)


def test_an_old_database(tmp_path: Path) -> None:
    ready = with_database(settings(tmp_path), "0000")
    assert (
        f"The database is at revision 0000; loket serve will back it up and bring it to {schema.head()}."
        in warnings(ready)
    )


def test_a_demos_database(tmp_path: Path) -> None:
    ready = with_database(settings(tmp_path), schema.head(), demo=True)
    assert errors(ready) == ["This database belongs to a demo."]


@pytest.mark.postgres
def test_a_postgresql_that_wants_migrating(tmp_path: Path, postgres: Postgres) -> None:
    ready = settings(tmp_path, database={"url": postgres.copy()})
    assert f"The database is ready (revision {schema.head()})." in said(check(ready, ENVIRON, NOW), Level.OK)
    empty = settings(tmp_path, database={"url": postgres.url("postgres")})
    assert errors(empty) == [
        f"The database is at revision None, this program needs {schema.head()}: run loket migrate."
    ]


def test_looking_leaves_nothing_behind(tmp_path: Path) -> None:
    ready = with_database(settings(tmp_path), schema.head())
    check(ready, ENVIRON, NOW)
    assert [path.name for path in ready.data_dir.iterdir()] == ["loket.db"]


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "loket.db").write_text("not a database, but long enough to be looked at")
    assert errors(settings(tmp_path)) == ["The database does not answer: file is not a database"]


def test_a_database_server_that_does_not_answer(tmp_path: Path) -> None:
    ready = settings(tmp_path, database={"url": "postgresql+psycopg://loket@127.0.0.1:1/loket"})
    (answer,) = errors(ready)
    assert answer.startswith("The database does not answer: ")


def test_a_folder_that_can_not_be_made(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    ready = settings(tmp_path, data_dir="taken/var")
    assert f"The folder {tmp_path}/taken/var can't be written to." in errors(ready)


def test_a_sentence_of_the_office_that_can_not_be_said(tmp_path: Path) -> None:
    (answer,) = errors(settings(tmp_path, {"texts": {"thanks": {"id": "{{ nonsense }}"}}}))
    assert answer.startswith("A sentence can't be used: offices.7411.texts.thanks.id")


def test_whatsapp_open_without_a_number_or_an_account(tmp_path: Path) -> None:
    ready = settings(tmp_path, {"senders": {}}, channels={})
    assert errors(ready, ENVIRON) == ["WhatsApp is open (KTM) but channels.whatsapp.accounts is empty."]
    assert "KTM: WhatsApp is open but has no number yet (senders.whatsapp)." in warnings(ready)


def test_whatsapp_that_is_off_wants_nothing(tmp_path: Path) -> None:
    ready = settings(tmp_path, {"modes": {"whatsapp": "off"}, "senders": {}}, channels={})
    assert not any("WhatsApp" in finding.english for finding in check(ready, ENVIRON, NOW))


def test_channels_that_nothing_serves_yet(tmp_path: Path) -> None:
    found = warnings(settings(tmp_path, {"modes": {"email": "consult", "webchat": "consult"}}))
    assert "E-mail is open (KTM) but there is no mailbox yet (channels.email.mailboxes)." in found
    assert "Web chat is open (KTM) but Loket does not serve it yet." in found


def test_what_nobody_has_confirmed(tmp_path: Path) -> None:
    assumed = {"hours": {"status": "assumed"}, "sla": {"status": "assumed"}, "visit": {"status": "restored"}}
    assert "KTM: not yet confirmed: hours, sla, complaints.deadlines" in warnings(settings(tmp_path, assumed))
    confirmed = {"complaints": {"deadlines": {"status": "confirmed"}}}
    assert not any("not yet confirmed" in line for line in warnings(settings(tmp_path, confirmed)))


def calendar_lines(ready: Settings, level: Level, now: datetime = NOW) -> list[str]:
    return [line for line in said(check(ready, ENVIRON, now), level) if "calendar 2" in line]


def filled(ready: Settings) -> Database:
    """The desk's own database, its calendars filled."""
    made = Database(ready.database.url, ready.data_dir)
    schema.upgrade(made)
    calendars.fill(made, ready.offices, NOW)
    return made


@pytest.mark.parametrize("fill", [False, True])
def test_the_calendar_of_2026_is_complete_and_2027_is_partly_estimated(tmp_path: Path, *, fill: bool) -> None:
    """Filled from the library, or about to be."""
    ready = settings(tmp_path)
    if fill:
        filled(ready).close()
    assert calendar_lines(ready, Level.OK) == [
        "KTM: calendar 2026: 17 national holidays, 8 days of collective leave."
    ]
    assert calendar_lines(ready, Level.WARNING) == [
        "KTM: calendar 2027: dates still estimated: 2027-03-10, 2027-03-11, 2027-05-17"
    ]


def test_collective_leave_that_is_not_decreed_yet(tmp_path: Path) -> None:
    far = datetime(2098, 12, 31, 20, 0, tzinfo=UTC)  # already 2099 in Makassar
    told = {one: calendar_lines(settings(tmp_path), one, far) for one in Level}
    missing = "KTM: calendar {}: the collective leave is not known yet"
    assert any(line.startswith(missing.format(2099)) for line in told[Level.WARNING])
    assert not any(line.startswith(missing.format(2100)) for line in told[Level.WARNING])
    assert any(line.startswith(missing.format(2100)) for line in told[Level.OK])


@pytest.mark.parametrize(("hour", "level"), [(15, Level.OK), (17, Level.WARNING)])
def test_next_year_s_leave_is_missed_from_october_on(tmp_path: Path, hour: int, level: Level) -> None:
    """The first of October begins in Makassar at 16.00 UTC."""
    today = datetime(2027, 9, 30, hour, tzinfo=UTC)
    ready = settings(tmp_path)
    made = filled(ready)
    calendars.fill(made, ready.offices, today)
    made.close()
    missing = "KTM: calendar 2028: the collective leave is not known yet"
    told = {one: any(line.startswith(missing) for line in calendar_lines(ready, one, today)) for one in Level}
    assert told == {one: one is level for one in Level}


SECOND = {**OFFICE, "short_name": "TRK", "senders": {"whatsapp": ["+6285183106571"]}}


def test_each_office_s_own_table_is_looked_at(tmp_path: Path) -> None:
    ready = settings(tmp_path, offices={"7411": OFFICE, "6571": SECOND})
    made = filled(ready)
    with made.write() as connection:
        for day in (date(2027, 3, 10), date(2027, 3, 11), date(2027, 5, 17)):
            calendar.put_day(connection, "6571", day, DayKind.HOLIDAY, "Sudah ditetapkan", NOW)
        for row in calendar.days(connection, "7411"):
            if row.day.year == 2027 and row.kind == "collective":
                calendar.put_day(connection, "7411", row.day, DayKind.OPEN, "Buka", NOW)
    made.close()
    told = calendar_lines(ready, Level.WARNING)
    assert [line.partition(";")[0] for line in told] == [
        "KTM: calendar 2027: the collective leave is not known yet",
        "KTM: calendar 2027: dates still estimated: 2027-03-10, 2027-03-11, 2027-05-17",
    ]
    assert sorted(calendar_lines(ready, Level.OK)) == [
        "KTM: calendar 2026: 17 national holidays, 8 days of collective leave.",
        "TRK: calendar 2026: 17 national holidays, 8 days of collective leave.",
        "TRK: calendar 2027: 18 national holidays, 8 days of collective leave.",
    ]


def test_offices_with_the_same_calendar_are_told_of_together(tmp_path: Path) -> None:
    ready = settings(tmp_path, offices={"7411": OFFICE, "6571": SECOND})
    assert {line[:9] for one in Level for line in calendar_lines(ready, one)} == {"TRK, KTM:"}


def test_rendering_in_both_languages() -> None:
    findings = [
        Finding(Level.ERROR, "salah satu", "wrong"),
        Finding(Level.OK, "bagus", "good"),
        Finding(Level.WARNING, "awas", "careful"),
    ]
    assert render(findings).splitlines() == [
        "baik       bagus",
        "PERHATIAN  awas",
        "SALAH      salah satu",
        "",
        "1 kesalahan, 1 perhatian: belum siap dipakai.",
    ]
    assert render(findings[1:], "en").splitlines()[-1] == "Errors: 0, warnings: 1: ready to go live."


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings(tmp_path)
    for name, value in ENVIRON.items():
        monkeypatch.setenv(name, value)
    path = str(tmp_path / "config.yaml")
    good = CliRunner().invoke(check_command, ["--config", path, "--lang", "en"])
    assert (good.exit_code, "ready to go live" in good.output) == (0, True)
    bad = CliRunner().invoke(check_command, ["--config", str(tmp_path / "nothing.yaml")])
    assert (bad.exit_code, "Konfigurasi: " in bad.output) == (1, True)


def test_with_two_accounts_each_number_says_whose_it_is(tmp_path: Path) -> None:
    """A number that no account names could not send anything."""
    owner = {**ACCOUNTS["main"], "senders": ["+6282188887411"]}
    both = {"whatsapp": {"accounts": {"main": ACCOUNTS["main"], "other": ACCOUNTS["main"]}}}
    assert any("+6282188887411" in one for one in errors(settings(tmp_path, channels=both)))
    both["whatsapp"]["accounts"]["other"] = owner  # type: ignore[assignment]  # one of them is richer
    assert errors(settings(tmp_path, channels=both)) == errors(settings(tmp_path))


SEARCHING = {"search_first": {"enabled": True}}


def test_an_office_that_searches_first_needs_a_key_or_a_file(tmp_path: Path) -> None:
    told = [found.english for found in check(settings(tmp_path, SEARCHING), ENVIRON, NOW)]
    assert any("KTM: citizens search first, but there is no webapi.key" in line for line in told)
    told = [found.english for found in check(settings(tmp_path), ENVIRON, NOW)]
    assert not any("webapi" in line for line in told)


def test_a_key_that_is_named_must_be_there(tmp_path: Path) -> None:
    named = settings(tmp_path, SEARCHING, webapi={"key": "env:BPS_WEBAPI_KEY"})
    missing = [found for found in check(named, ENVIRON, NOW) if "BPS_WEBAPI_KEY" in found.english]
    assert [found.level for found in missing] == [Level.ERROR]
    there = check(named, ENVIRON | {"BPS_WEBAPI_KEY": "kunci"}, NOW)
    assert not any("BPS_WEBAPI_KEY" in found.english or "kunci" in found.english for found in there)
