"""How fast each of our numbers sends, shared by all processes: one row a number, asked once a batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, select, update

from storage.columns import AnyRow, table
from storage.inserting import insert_into
from storage.provider_tables import SenderPace

PACE: Table = table(SenderPace)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Places:
    """How many of a batch may leave *now*, and when the others shall ask again."""

    now: int
    later: tuple[datetime, ...] = ()


def _locked(connection: Connection, sender: str) -> AnyRow:
    wanted = select(PACE).where(PACE.c.sender == sender).with_for_update()
    found = connection.execute(wanted).first()
    if found is None:
        connection.execute(insert_into(connection, PACE).values(sender=sender).on_conflict_do_nothing())
        found = connection.execute(wanted).one()
    return found


def take(connection: Connection, sender: str, wanted: int, most: int, now: datetime) -> Places:
    """Let as many of *wanted* messages leave that no second sees more than *most* from *sender*."""
    row = _locked(connection, sender)
    if row.paused_until is not None and row.paused_until > now:
        return Places(0, (row.paused_until,) * wanted)
    # Not what a clock that was ahead has noted: it would be recent until then.
    recent = [(moment, count) for moment, count in row.recent if abs(_moment(moment) - now) < _SECOND]
    free = max(0, most - sum(count for _, count in recent))
    leaving = min(wanted, free)
    if leaving:
        recent.append((now.isoformat(), leaving))
    changes: dict[str, Any] = {"recent": recent}
    later = _later(row, recent, wanted - leaving, most)
    if later:
        changes["line_until"] = later[-1]
    connection.execute(update(PACE).where(PACE.c.sender == sender).values(**changes))
    return Places(leaving, later)


def _later(row: AnyRow, recent: Sequence[tuple[str, int]], waiting: int, most: int) -> tuple[datetime, ...]:
    """Moments for those who wait, one behind the other and behind whoever waits already."""
    if not waiting:
        return ()
    begins = min(_moment(moment) for moment, _ in recent) + _SECOND
    begins = max(begins, row.line_until or begins)
    return tuple(begins + _SECOND * place / most for place in range(waiting))


def _moment(stored: str) -> datetime:
    return datetime.fromisoformat(stored)


def pause(
    connection: Connection, sender: str, code: str, first: timedelta, longest: timedelta, now: datetime
) -> datetime:
    """Let nothing leave from *sender* for a while because of *code*, longer each time; until when.

    Refusals of one batch, which come while it rests already, count once.
    """
    row = _locked(connection, sender)
    if row.paused_until is not None and row.paused_until > now:
        return row.paused_until  # type: ignore[no-any-return]
    until: datetime = now + min(longest, first * (1 << min(row.pauses, 20)))
    changes = {"paused_until": until, "pauses": row.pauses + 1, "trouble": code}
    connection.execute(update(PACE).where(PACE.c.sender == sender).values(**changes))
    return until


def trouble(connection: Connection, sender: str, code: str) -> None:
    """Remember that people were told of *code*, so that they are told, too, when it is over."""
    _locked(connection, sender)
    connection.execute(update(PACE).where(PACE.c.sender == sender).values(trouble=code))


def recovered(connection: Connection, sender: str) -> None:
    """Something has left again."""
    changes = {"trouble": "", "pauses": 0, "paused_until": None}
    connection.execute(update(PACE).where(PACE.c.sender == sender).values(**changes))


def limit_reached(
    connection: Connection, sender: str, address: str, now: datetime, within: timedelta
) -> bool:
    """A limit was reached for *address*; whether it was for another one a moment ago, so for the number."""
    row = _locked(connection, sender)
    fresh = row.refused_at is not None and now - row.refused_at <= within
    changes = {"refused_at": now, "refused_address": address}
    connection.execute(update(PACE).where(PACE.c.sender == sender).values(**changes))
    return bool(fresh and row.refused_address not in {"", address})
