"""Whether the desk may answer a mail by itself, and the alarm where it must fall silent.

Headers tell most machines (``channels.mime.kinds``); these budgets stop those that hide.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from handlers.runtime import Runtime
from storage import alarms, noise
from storage.columns import AnyRow
from storage.noise import Limits

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
MOST_FROM_A_MACHINE = 10
MOST_FROM_ANYBODY = 100
FLOOD_WITHIN = _HOUR
_OF_A_PERSON = ("address_hour", "address_day")
_REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class Letterbox:
    """Where a mail came in: the mailbox's name, its office, the person's address row, an open ticket.

    ``newcomer``: nothing was ever said to or by this person.
    """

    mailbox: str
    office: str
    address_id: int
    ticket_id: int | None = None
    newcomer: bool = False


def forbids(runtime: Runtime, connection: Connection, at: Letterbox, body: str, now: datetime) -> str | None:
    """What keeps one more automatic mail from leaving to this person now; None when nothing does.

    *body*: the words to answer, which are not kept yet.
    """
    most = runtime.settings.channels.email.budget.total_hour
    known = None if at.newcomer else _said(runtime, connection, at, body, now)
    if known is not None and known != _REPEATED:
        return known
    if noise.said_in_all(connection, now - _HOUR, most) >= most:
        return "total_hour"
    return known


def _said(runtime: Runtime, connection: Connection, at: Letterbox, body: str, now: datetime) -> str | None:
    """What was said to and by a known person that forbids one more mail."""
    budget, limits = runtime.settings.channels.email.budget, _limits(runtime, now)
    said = noise.said_to(connection, at.address_id, body, limits)
    spent = (name for name in _OF_A_PERSON if getattr(said, name) >= getattr(budget, name))
    if why := next(spent, None):
        return why
    if at.ticket_id is not None and noise.said_on(connection, at.ticket_id, limits) >= budget.ticket_day:
        return "ticket_day"
    return _REPEATED if said.repeated and body else None


def _limits(runtime: Runtime, now: datetime) -> Limits:
    budget = runtime.settings.channels.email.budget
    most = max(budget.address_hour, budget.address_day, budget.ticket_day)
    return Limits(now - _HOUR, now - _DAY, most)


def expect(runtime: Runtime, connection: Connection, words: Sequence[tuple[int, str]], now: datetime) -> None:
    """Find out for several turns what was said to these addresses, which have written these words."""
    noise.expect(connection, words, _limits(runtime, now))


def expect_on(runtime: Runtime, connection: Connection, ticket_ids: Collection[int], now: datetime) -> None:
    """Find out for several turns what was said on these tickets."""
    noise.expect_on(connection, ticket_ids, _limits(runtime, now).day_ago)


def fell_silent(connection: Connection, at: Letterbox, why: str | None, now: datetime) -> None:
    """An answer was left out: because of a budget (*why*), or of a header (None) again and again."""
    if why is None:
        if noise.mails_since(connection, at.address_id, now - _HOUR) < MOST_FROM_A_MACHINE:
            return
        why = "machine"
    key = f"{why}:{at.mailbox}" if why == "total_hour" else f"{why}:{at.mailbox}:{at.address_id}"
    alarms.raise_alarm(connection, key, at.office, f"mail_{why}", {"mailbox": at.mailbox}, now)


def floods(connection: Connection, mail: AnyRow, author: str, lately: int, now: datetime) -> bool:
    """Whether this address writes more than any person does; its mails are then put aside, with an alarm.

    *lately*: how many mails of it had their turns within ``FLOOD_WITHIN``.
    """
    if lately < MOST_FROM_ANYBODY:
        return False
    key = f"flood:{mail.mailbox}:{author}"[:120]
    alarms.raise_alarm(connection, key, mail.office, "mail_flood", {"mailbox": mail.mailbox}, now)
    return True


def machine_wrote(connection: Connection, mailbox: str, office: str, author: str, now: datetime) -> None:
    """Count a machine's mail; one that goes on and on raises an alarm."""
    if noise.machines_mails(connection, mailbox, author, now - _HOUR) + 1 >= MOST_FROM_A_MACHINE:
        key = f"machine:{mailbox}:{author}"[:120]
        alarms.raise_alarm(connection, key, office, "mail_machine", {"mailbox": mailbox}, now)
