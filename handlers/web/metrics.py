"""The desk's figures for Prometheus, asked of the database when they are read."""

import platform
from collections.abc import Iterable, Mapping
from datetime import datetime
from importlib.metadata import version

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Connection

from handlers import clock_alarm
from handlers.runtime import Runtime
from handlers.web import balance as days
from storage import alarms, balance, intake, mailboxes, queues, reconciliation

OLDEST = {
    "unhandled": "How long the oldest message waits that is kept and not handled yet.",
    "unsent": "How long the oldest unsent message has waited.",
    "due": "How long the oldest deadline is due that nobody has looked at.",
    "unread": "How long the oldest mail waits that is kept and not read yet.",
    "untold": "How long the oldest mail to an officer or administrator has waited.",
}


def written(runtime: Runtime, streams: int) -> bytes:
    """All figures in Prometheus' text format. Raises what a failing database raises.

    *streams*: how many live pages the process that is asked has open.
    """
    registry = CollectorRegistry()
    registry.register(_Desk(runtime, streams))
    return generate_latest(registry)


class _Desk(Collector):
    def __init__(self, runtime: Runtime, streams: int) -> None:
        self._runtime, self._streams = runtime, streams

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Nothing: the database is asked only when the figures are read."""
        return ()

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Everything, by one connection."""
        with self._runtime.database.read() as connection:
            return [
                _today(connection, *days.today(self._runtime)),
                *_counts(connection),
                *_ages(connection, self._runtime.clock()),
                _leases(connection, self._runtime.clock()),
                *_mailboxes(connection, self._runtime),
                _logs(connection, self._runtime.clock()),
                *_of_the_process(self._runtime, self._streams),
            ]


def _today(connection: Connection, begins: datetime, ends: datetime) -> GaugeMetricFamily:
    told = "Messages of today by where they ended; the ends of a direction add up to all of it."
    family = GaugeMetricFamily("loket_messages_today", told, labels=("channel", "direction", "end"))
    for channel, day in balance.day(connection, begins, ends).items():
        for end in balance.INTAKE:
            family.add_metric((channel, "in", end), day.incoming[end])
        for end in balance.DELIVERY:
            family.add_metric((channel, "out", end), day.outgoing[end])
        family.add_metric((channel, "in", "unrouted"), day.unrouted)
    return family


def _counts(connection: Connection) -> Iterable[GaugeMetricFamily]:
    pending, shunted = intake.left(connection)
    strays, found = balance.open_unrouted(connection), len(reconciliation.open_findings(connection))
    raised = len(alarms.open_alarms(connection, None, installation=True))
    figures = (
        ("loket_pending", "Messages that are kept and not handled yet.", pending),
        ("loket_shunted", "Messages that the desk could not handle.", shunted),
        ("loket_unrouted", "Messages to nobody's number that nobody has settled.", strays),
        ("loket_findings", "Messages from our numbers that the desk does not know.", found),
        ("loket_clock_off_seconds", "How far the clock is ahead of a provider's.", _off(connection)),
        ("loket_alarms", "Alarms of the installation that nobody has settled.", raised),
    )
    return [GaugeMetricFamily(name, told, value=value) for name, told, value in figures]


def _off(connection: Connection) -> float:
    told = clock_alarm.told(connection)
    return float(told["seconds"]) if told else 0


def _ages(connection: Connection, now: datetime) -> Iterable[GaugeMetricFamily]:
    since = queues.oldest(connection)
    return [
        GaugeMetricFamily(f"loket_oldest_{what}_seconds", told, value=waited(since[what], now))
        for what, told in OLDEST.items()
    ]


def waited(since: datetime | None, now: datetime) -> float:
    """The seconds since that moment; 0 for none, and for one that is still to come."""
    return max(0.0, (now - since).total_seconds()) if since else 0.0


def _leases(connection: Connection, now: datetime) -> GaugeMetricFamily:
    told = "What some process has in hand, and what one had that did not end in time."
    family = GaugeMetricFamily("loket_leases", told, labels=("what", "state"))
    for what, (held, expired) in queues.leases(connection, now).items():
        family.add_metric((what, "held"), held)
        family.add_metric((what, "expired"), expired)
    return family


def _mailboxes(connection: Connection, runtime: Runtime) -> Iterable[GaugeMetricFamily]:
    told = "Since a mailbox was last read to its end; none for one that never was."
    read = GaugeMetricFamily("loket_mailbox_read_seconds", told, labels=("mailbox",))
    told = "1 while a mailbox can't be read, else 0."
    failing = GaugeMetricFamily("loket_mailbox_failing", told, labels=("mailbox",))
    known = {row.name: row for row in mailboxes.health(connection)}
    for name in runtime.settings.channels.email.mailboxes:
        row = known.get(name)
        failing.add_metric((name,), float(row is not None and row.failing_since is not None))
        if row is not None and row.polled_at is not None:
            read.add_metric((name,), waited(row.polled_at, runtime.clock()))
    return read, failing


def _logs(connection: Connection, now: datetime) -> GaugeMetricFamily:
    told = "Since the provider's log was compared."
    logs = GaugeMetricFamily("loket_log_compared_seconds", told, labels=("account",))
    for row in reconciliation.all_of_them(connection):
        if row.ran_at is not None:
            logs.add_metric((row.account[-6:],), waited(row.ran_at, now))
    return logs


def _of_the_process(runtime: Runtime, streams: int) -> Iterable[GaugeMetricFamily]:
    used, most = runtime.database.connections()
    told = "Always 1: the version of the program, and of Python."
    built: Mapping[str, str] = {"version": version("loket"), "python": platform.python_version()}
    build = GaugeMetricFamily("loket_build", told, labels=tuple(built))
    build.add_metric(tuple(built.values()), 1)
    figures = (
        ("loket_live_streams", "Live pages that the process which answers has open.", streams),
        ("loket_database_connections", "Its connections to the database that are in use.", used),
        ("loket_database_connections_most", "How many it may use at once.", most),
    )
    return [build, *(GaugeMetricFamily(name, told, value=value) for name, told, value in figures)]
