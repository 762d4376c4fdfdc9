"""The desk's figures for Prometheus, asked of the database when they are read."""

from collections.abc import Iterable
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Connection

from handlers.runtime import Runtime
from handlers.web import balance as days
from storage import alarms, balance, intake, mailboxes, outbox, reconciliation


def written(runtime: Runtime) -> bytes:
    """All figures in Prometheus' text format. Raises what a failing database raises."""
    registry = CollectorRegistry()
    registry.register(_Desk(runtime))
    return generate_latest(registry)


class _Desk(Collector):
    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Nothing: the database is asked only when the figures are read."""
        return ()

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Everything, by one connection."""
        with self._runtime.database.read() as connection:
            return [
                _today(connection, *days.today(self._runtime)),
                *_waiting(connection, self._runtime.clock()),
                *_ages(connection, self._runtime.clock()),
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


def _waiting(connection: Connection, now: datetime) -> Iterable[GaugeMetricFamily]:
    oldest = outbox.oldest_unsent(connection)
    waited = (now - oldest).total_seconds() if oldest else 0
    pending, shunted = intake.left(connection)
    strays, found = balance.open_unrouted(connection), len(reconciliation.open_findings(connection))
    raised = len(alarms.open_alarms(connection, None, installation=True))
    figures = (
        ("loket_oldest_unsent_seconds", "How long the oldest unsent message has waited.", waited),
        ("loket_pending", "Messages that are kept and not handled yet.", pending),
        ("loket_shunted", "Messages that the desk could not handle.", shunted),
        ("loket_unrouted", "Messages to nobody's number that nobody has settled.", strays),
        ("loket_findings", "Messages from our numbers that the desk does not know.", found),
        ("loket_alarms", "Alarms of the installation that nobody has settled.", raised),
    )  # fmt: skip
    return [GaugeMetricFamily(name, told, value=value) for name, told, value in figures]


def _ages(connection: Connection, now: datetime) -> Iterable[GaugeMetricFamily]:
    logs = GaugeMetricFamily(
        "loket_log_compared_seconds", "Since the provider's log was compared.", labels=("account",)
    )
    for row in reconciliation.all_of_them(connection):
        if row.ran_at is not None:
            logs.add_metric((row.account[-6:],), (now - row.ran_at).total_seconds())
    boxes = GaugeMetricFamily("loket_mailbox_read_seconds", "Since a mailbox was read.", labels=("mailbox",))
    for row in mailboxes.health(connection):
        if row.polled_at is not None:
            boxes.add_metric((row.name,), (now - row.polled_at).total_seconds())
    return logs, boxes
