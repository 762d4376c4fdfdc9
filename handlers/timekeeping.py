"""When the clock can't be believed: told at once, and no deadline comes meanwhile.

The desk notes every minute that it is at work. A clock that is behind that note is wrong, or was before. One
that is days ahead of it may be right, after days without power; so deadlines rest for an hour, and where a
month would have gone by, until an administrator has seen it.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from storage import alarms, own, timekeeping

BEAT = "beat"
STOPPED, BEHIND, LEAPT = "stopped", "clock_behind", "clock_leapt"
SILENT_FOR = timedelta(minutes=10)
LEAP = timedelta(days=4)
TOO_FAR = timedelta(days=30)
REST = timedelta(hours=1)


def beat(connection: Connection, now: datetime) -> None:
    """Note that the desk is at work, and compare *now* with the last time. For a tick every minute."""
    before = own.moment(connection, BEAT)
    timekeeping.bring_back(connection, now)
    if before is not None and before - now > timekeeping.CLOCKS_APART:
        if not _known_to_be_wrong(connection, before, now):
            about = {"from": before.isoformat(), "until": now.isoformat()}
            alarms.raise_alarm(connection, BEHIND, None, BEHIND, about, now)
            return
    elif before is not None and now - before > SILENT_FOR:
        what = LEAPT if now - before > LEAP else STOPPED
        about = {"from": before.isoformat(), "until": now.isoformat()}
        alarms.raise_alarm(connection, what, None, what, about, now)
    own.note(connection, BEAT, now)
    alarms.settle(connection, BEHIND, None, now)
    _end_rest(connection, now)


def behind(connection: Connection, now: datetime) -> timedelta | None:
    """How far the clock is behind the moment at which the desk was last at work; None when it is not."""
    before = own.moment(connection, BEAT)
    apart = before - now if before is not None else timedelta()
    return apart if apart > timekeeping.CLOCKS_APART else None


def rests(connection: Connection, now: datetime) -> bool:
    """Whether deadlines must not come now, because time has leapt."""
    before = own.moment(connection, BEAT)
    if before is not None and now - before > LEAP:
        return True
    return _open(connection, LEAPT) is not None


def _open(connection: Connection, key: str) -> tuple[datetime, datetime, datetime] | None:
    """Of an alarm that lasts: since when, from when and until when it is about."""
    row = alarms.find(connection, key)
    if row is None or row.settled_at is not None:
        return None
    return row.since, datetime.fromisoformat(row.about["from"]), datetime.fromisoformat(row.about["until"])


def _known_to_be_wrong(connection: Connection, before: datetime, now: datetime) -> bool:
    """Whether the note, and not the clock now, is wrong: a person says so, or the leap before it does."""
    seen = alarms.find(connection, BEHIND)
    if seen is not None and seen.settled_by is not None and seen.about.get("from") == before.isoformat():
        return True
    leapt = _open(connection, LEAPT)
    return leapt is not None and now - leapt[1] <= LEAP


def _end_rest(connection: Connection, now: datetime) -> None:
    leapt = _open(connection, LEAPT)
    if leapt is None:
        return
    since, begun, until = leapt
    put_right = now < until - timekeeping.CLOCKS_APART
    if put_right or (until - begun <= TOO_FAR and now - since >= REST):
        alarms.settle(connection, LEAPT, None, now)
