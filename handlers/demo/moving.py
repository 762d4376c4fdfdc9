"""Letting time pass in a demo."""

import time
from datetime import timedelta

from sqlalchemy import func, select, union_all

from handlers import jobs
from handlers.demo.desk import DemoRuntime
from storage.columns import table
from storage.mail_tables import Notice
from storage.tables import Message, Timer

_TIMER = table(Timer)
_MOST_STOPS = 60
_MOST_LOOKS, _SECONDS_BETWEEN = 200, 0.05
_UNDER_WAY = union_all(
    *(select(rows.c.id).where(rows.c.delivery == "sending") for rows in (table(Message), table(Notice)))
).limit(1)


def forward(runtime: DemoRuntime, by: timedelta) -> None:
    """Skip *by*, with a stop at every deadline on the way, so that each happens at its own moment."""
    goal = runtime.clock() + by
    for _ in range(_MOST_STOPS):
        with runtime.database.read() as connection:
            due = connection.execute(select(func.min(_TIMER.c.due_at))).scalar()
        if due is None or due >= goal:
            break
        _skip(runtime, due - runtime.clock())
    _skip(runtime, goal - runtime.clock())


def _skip(runtime: DemoRuntime, by: timedelta) -> None:
    _let_arrive(runtime)
    runtime.time.forward(max(by, timedelta(0)))
    jobs.run_all(runtime)


def _let_arrive(runtime: DemoRuntime) -> None:
    """Wait for what is just being sent: hours later it would be taken for lost, and a mail sent again."""
    for _ in range(_MOST_LOOKS):
        with runtime.database.read() as connection:
            if connection.execute(_UNDER_WAY).first() is None:
                return
        time.sleep(_SECONDS_BETWEEN)
