"""The four offices of the year, as configuration alone, on a real database that need not survive anything."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from bot.calendar import DayKind
from bot.routing import Absence, Half, HalfDay
from channels.contract import Accepted, Channel, Outbound
from channels.email.tokens import Purpose, Token
from handlers import calendars, compose, rostering
from handlers.rostering import Editor
from handlers.runtime import Runtime
from handlers.settings import load
from storage import calendar, duty, officers
from storage.db import Database
from tests.driver import Clock, environment
from tests.year.almanac import FASTING, FASTING_FRIDAY, RAMADAN, Span
from tests.year.staff import STAFF, Leave, Person

CONFIG = """
defaults:
  modes: {{whatsapp: consult, email: consult}}
  hours:
    status: confirmed
    mon: ["08:00-12:00", "13:00-15:30"]
    tue: ["08:00-12:00", "13:00-15:30"]
    wed: ["08:00-12:00", "13:00-15:30"]
    thu: ["08:00-12:00", "13:00-15:30"]
    fri: ["08:00-11:30", "13:00-16:00"]
  routing:
    topics:
      tani: {{name: {{id: Pertanian, en: Agriculture}}, words: [padi]}}
      harga: {{name: {{id: Harga, en: Prices}}, words: [inflasi]}}
channels:
  whatsapp: {{accounts: {{main: {{sid: env:TWILIO_ACCOUNT_SID, token: env:TWILIO_AUTH_TOKEN}}}}}}
public_url: https://bot.example.org
data_dir: {data_dir}
database: {{url: "{database_url}"}}
offices:
  "7411":
    short_name: KTM
    name: {{id: BPS Kabupaten Kolaka Timur, en: BPS Kabupaten Kolaka Timur}}
    timezone: Asia/Makassar
    senders: {{whatsapp: ["+6282188887411"], email: [bps7411@bps.go.id]}}
    sla: {{starts: received, pause_while_waiting_citizen: false}}
    autoclose: {{mode: working_days, days: 3, by: system}}
    routing: {{assign: turns}}
  "1905":
    short_name: BSL
    name: {{id: BPS Kabupaten Bangka Selatan, en: BPS Kabupaten Bangka Selatan}}
    timezone: Asia/Jakarta
    senders: {{whatsapp: ["+6281271067114"], email: [bps1905@bps.go.id]}}
    autoclose: {{mode: calendar_days, days: 7, by: officer}}
    routing: {{assign: load, cap: {cap}}}
  "6302":
    short_name: KTB
    name: {{id: BPS Kabupaten Kotabaru, en: BPS Kabupaten Kotabaru}}
    timezone: Asia/Makassar
    senders: {{whatsapp: ["+6285611116302"], email: [bps6302@bps.go.id]}}
    autoclose: {{mode: calendar_days, days: 7, by: system}}
  "1801":
    short_name: LMP
    name: {{id: BPS Kabupaten Contoh, en: BPS Kabupaten Contoh}}
    timezone: Asia/Jakarta
    senders: {{whatsapp: ["+6281271061801"], email: [bps1801@bps.go.id]}}
    sla: {{starts: received, pause_while_waiting_citizen: false}}
    autoclose: {{mode: working_days, days: 3, by: officer}}
"""


class OneTransaction(Database):
    """A whole year in one transaction, that need not survive anything; every turn is a savepoint of it."""

    def __init__(self, url: str, data_dir: Path) -> None:
        super().__init__(url, data_dir)
        self._one = self.engine.connect()
        if self.is_sqlite:
            self._one.exec_driver_sql("PRAGMA synchronous=OFF")
            self._one.exec_driver_sql(
                "PRAGMA cache_size=-500000"
            )  # what it holds is never written before the end
            self._one.exec_driver_sql("BEGIN IMMEDIATE")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """The one connection."""
        yield self._one

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A turn that is kept, or rolled back on any exception."""
        driver: Any = self._one.connection.driver_connection
        driver.execute("SAVEPOINT turn")
        try:
            yield self._one
        except BaseException:
            driver.execute("ROLLBACK TO turn")
            raise
        finally:
            driver.execute("RELEASE turn")

    def close(self) -> None:
        """Nothing of it is kept."""
        self._one.close()
        super().close()


class Postman:
    """Takes every message at once, with the manners of the channel that it stands for."""

    def __init__(self, channel: Channel) -> None:
        self.manners = channel.manners
        self.split = channel.split
        self.taken = 0

    def send(self, message: Outbound) -> Accepted:
        """It has left."""
        self.taken += 1
        return Accepted(f"out-{message.mid}", "accepted")

    def find(self, message: Outbound, besides: Collection[str] = ()) -> Accepted | None:
        """Nothing is ever unknown."""
        raise AssertionError((message.mid, besides))


@dataclass
class PlayedOffice:
    """One office with its clock, its officers as in ``STAFF``, and the difference of its zone from UTC."""

    runtime: Runtime
    clock: Clock
    code: str
    officer_ids: list[int]
    zone: timedelta

    def set_clock(self, local: datetime) -> None:
        """It is now this moment in the office."""
        self.clock.at = (local - self.zone).replace(tzinfo=UTC)

    def local(self, moment: datetime) -> datetime:
        """The office's wall clock at that moment."""
        return moment.replace(tzinfo=None) + self.zone


@contextmanager
def opened(code: str, database_url: str, folder: Path, cap: int = 0) -> Iterator[PlayedOffice]:
    """The desk with this office on the eve of the year, its calendar filled as everywhere."""
    path = folder / "year.yaml"
    path.write_text(CONFIG.format(data_dir=folder / "data", database_url=database_url, cap=cap), "utf-8")
    clock = Clock(datetime(2025, 12, 31, 12, tzinfo=UTC))
    settings = load(path, environment())
    wired = compose.compose(settings, environment(), clock=clock)
    wired.tokens.sign(Token(Purpose.FORM, 0))  # it asks its database once, which is closed now
    wired.database.close()
    database = OneTransaction(settings.database.url, settings.data_dir)
    runtime = replace(wired, channels=_postmen(wired.channels), database=database)
    office = settings.offices[code]
    calendars.fill(runtime.database, {code: office}, clock())
    _fasts(runtime, code)
    zone = timedelta(hours=7 if office.timezone == "Asia/Jakarta" else 8)
    yield PlayedOffice(runtime, clock, code, _hired(runtime, code), zone)
    runtime.database.close()


def _postmen(channels: Mapping[str, Channel]) -> dict[str, Channel]:
    return {name: Postman(channel) for name, channel in channels.items()}


def _hired(runtime: Runtime, code: str) -> list[int]:
    with runtime.database.write() as connection:
        ids = [_one_hired(connection, code, person, runtime.clock()) for person in STAFF]
    plan = zip(ids, STAFF, strict=True)
    shifts = {
        (one, day, Half(half))
        for one, person in plan
        for day, halves in enumerate(person.duty)
        for half in halves.split()
    }
    rostering.change_duty(Editor(runtime, code, ids[0]), shifts, set())
    return ids


def _one_hired(connection: Connection, code: str, person: Person, now: datetime) -> int:
    email = f"{person.name.lower()}@bps.go.id"
    added = officers.add(connection, email=email, name=person.name, password_hash="x", now=now)
    officers.set_role(connection, added, code, "supervisor" if person.supervises else "officer")
    duty.set_sharing(connection, code, added, topics=person.knows, takes=not person.supervises)
    return added


def _fasts(runtime: Runtime, code: str) -> None:
    """The office's hours in Ramadan."""
    week = {day: _written(FASTING) for day in ("mon", "tue", "wed", "thu")}
    hours = week | {"fri": _written(FASTING_FRIDAY)}
    with runtime.database.write() as connection:
        calendar.add_season(connection, code, "Ramadan", *RAMADAN, hours, runtime.clock())
        calendar.count_up(connection, code)


def _written(spans: list[Span]) -> list[str]:
    return [f"{start:%H:%M}-{end:%H:%M}" for start, end in spans]


def closes_on(office: PlayedOffice, day: date) -> None:
    """The office will be closed that day, and says so now."""
    with office.runtime.database.write() as connection:
        calendar.put_day(
            connection, office.code, day, DayKind.CLOSED, "Pemilihan kepala desa", office.clock()
        )
        calendar.count_up(connection, office.code)


def goes_on_leave(office: PlayedOffice, leave: Leave) -> None:
    """An officer enters their leave."""
    who = office.officer_ids[leave.who]
    away = Absence(*(HalfDay(day, Half(half)) for day, half in (leave.first, leave.last)))
    assert rostering.add_leave(Editor(office.runtime, office.code, who), who, away, "") is None
