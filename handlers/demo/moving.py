"""Letting time pass in a demo."""

from datetime import timedelta

from sqlalchemy import func, select

from handlers import jobs
from handlers.demo.desk import DemoRuntime
from storage.columns import table
from storage.tables import Timer

_TIMER = table(Timer)
_MOST_STOPS = 60


def forward(runtime: DemoRuntime, by: timedelta) -> None:
    """Skip *by*, with a stop at every deadline on the way, so that each happens at its own moment."""
    goal = runtime.clock() + by
    for _ in range(_MOST_STOPS):
        with runtime.database.read() as connection:
            due = connection.execute(select(func.min(_TIMER.c.due_at))).scalar()
        if due is None or due >= goal:
            break
        runtime.time.forward(max(due - runtime.clock(), timedelta(0)))
        jobs.run_all(runtime)
    runtime.time.forward(max(goal - runtime.clock(), timedelta(0)))
    jobs.run_all(runtime)
