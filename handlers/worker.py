"""The metronome: APScheduler ticks, the jobs look for what is due; mailboxes have a thread each."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Event

from apscheduler.schedulers.background import BackgroundScheduler

from handlers import alerts, compose, jobs, timekeeping
from handlers.mailroom import probing
from handlers.mailroom.room import Mailroom
from handlers.mailroom.watching import Watcher
from handlers.media import fetching
from handlers.outage import Outage
from handlers.runtime import Runtime
from storage.db import AWAY, is_busy

log = logging.getLogger(__name__)
_TICKS: tuple[tuple[str, float], ...] = (
    ("deliver whatsapp", 0.5),
    ("deliver email", 1),
    ("pending", 1),
    ("timers", 1),
    ("held", 1),
    ("recount", 2),
    ("notices", 1),
    ("media", 1),
    ("unknown", 5),
    ("mails", 5),
    ("words", 5),
    ("probes", 30),
    ("leaves", 60),
    ("reminders", 60),
    ("complaints", 60),
    ("own data", 60),
    ("retention", 3600),
    ("sweep", 3600),
    ("tidy", 60),
    ("unconfirmed", 60),
    ("reconcile", 60),
    ("templates", 300),
    ("scans", 60),
    ("alerts", 60),
    ("calendar gaps", 600),
    ("calendars", 24 * 3600),
    ("catalogue", 600),
)
# What tells, closes or deletes because time has gone by.
_DEADLINES = {"timers", "held", "leaves", "reminders", "complaints", "own data", "retention", "sweep"}


class Worker:
    """The background half of the desk. ``start`` returns at once; ``stop`` waits for running jobs."""

    def __init__(self, runtime: Runtime, senders: int = 4) -> None:
        self._stopping = Event()
        self._outage = Outage()
        # Each its own: a mail server that does not answer must not keep WhatsApp waiting.
        self._pools = {
            channel: ThreadPoolExecutor(senders, thread_name_prefix=f"{channel}-sender")
            for channel in runtime.channels
        }
        self._pools["media"] = ThreadPoolExecutor(fetching.AT_ONCE, thread_name_prefix="media-fetcher")
        self._mailroom = Mailroom(runtime)
        self._watcher = Watcher(runtime, self._mailroom.handle, self._outage)
        self._acts: dict[str, Callable[[], object]] = {
            **{
                f"deliver {channel}": partial(jobs.deliver, runtime, pool, channel, self._stopping)
                for channel, pool in self._pools.items()
                if channel in runtime.channels
            },
            "media": partial(jobs.fetch_media, runtime, self._pools["media"], self._stopping),
            "scans": partial(jobs.scan_again, runtime),
            "pending": partial(jobs.handle_pending, runtime),
            "timers": partial(jobs.fire_timers, runtime),
            "held": partial(jobs.look_after_held, runtime),
            "recount": partial(jobs.recount, runtime),
            "unknown": partial(jobs.look_up_unknown, runtime),
            "unconfirmed": partial(jobs.ask_unconfirmed, runtime),
            "reconcile": partial(jobs.reconcile, runtime),
            "templates": partial(jobs.look_at_templates, runtime),
            "mails": self._mailroom.handle_all,
            "notices": partial(jobs.send_notices, runtime, self._stopping),
            "probes": partial(probing.beat, runtime, runtime.clock()),
            "leaves": partial(jobs.begin_leaves, runtime),
            "reminders": partial(jobs.remind, runtime),
            "complaints": partial(jobs.remind_of_complaints, runtime),
            "calendar gaps": partial(jobs.look_at_calendars, runtime),
            "calendars": partial(jobs.fill_calendars, runtime),
            "catalogue": partial(jobs.fetch_catalogue, runtime, self._stopping),
            "own data": partial(jobs.erase, runtime),
            "retention": partial(jobs.retain, runtime),
            "sweep": partial(jobs.sweep, runtime),
            "words": partial(jobs.take_in_words, runtime),
            "tidy": partial(jobs.tidy, runtime),
            "alerts": partial(alerts.look, runtime),
        }
        self._runtime = runtime
        self._scheduler = BackgroundScheduler(timezone="UTC")

    def start(self) -> None:
        """Begin to tick."""
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        now = compose.now()
        for name, seconds in _TICKS:
            # Who waited for this start waits no second longer; what is rare need not begin all at once.
            first = now if seconds <= 1 else now + timedelta(seconds=seconds)
            self._scheduler.add_job(
                *(self._guarded, "interval", (name,)),
                next_run_time=first, id=name, seconds=seconds, max_instances=1, coalesce=True,
            )  # fmt: skip
        self._scheduler.start()
        self._watcher.start()

    def stop(self) -> None:
        """Let what is just being sent end, and tick no more. What is unsent stays in the outbox."""
        self._stopping.set()
        self._watcher.stop()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)
        for pool in self._pools.values():
            pool.shutdown(wait=True)
        self._mailroom.close()

    def _guarded(self, name: str) -> None:
        if self._outage.rests():
            return
        try:
            if name not in _DEADLINES or self._may_come():
                self._acts[name]()
        except AWAY as error:
            if is_busy(error):
                log.warning("the job %r gave way to another transaction", name)
            else:
                self._outage.met(error)
        except Exception as error:  # noqa: BLE001  # what failed now may work at the next tick
            log.error("the job %r failed: %s", name, type(error).__name__)
        else:
            self._outage.over()

    def _may_come(self) -> bool:
        """Whether deadlines may come: not while the clock can't be believed. A demo's is moved by hand."""
        if self._runtime.demo:
            return True
        with self._runtime.database.read() as connection:
            return not timekeeping.rests(connection, self._runtime.clock())
