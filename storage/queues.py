"""What waits, for how long, and who has it in hand: found by the small indexes of what is unfinished."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, and_, case, func, select

from storage.columns import table, written
from storage.intake import PENDING
from storage.mail_tables import Mail, Mailbox, Notice
from storage.outbox import oldest_unsent
from storage.tables import Message, Timer

MESSAGE, TIMER = table(Message), table(Timer)
MAIL, MAILBOX, NOTICE = table(Mail), table(Mailbox), table(Notice)

# The conditions of the partial indexes, written out, so that both databases see that they hold the row.
_UNSENT = MESSAGE.c.delivery.in_([written(word) for word in ("queued", "sending", "unknown")])
_UNTOLD = NOTICE.c.delivery.in_([written(word) for word in ("queued", "sending")])


def oldest(connection: Connection) -> Mapping[str, datetime | None]:
    """Since when the oldest of each queue waits; None for an empty one. A timer waits from when it is due."""
    unread = MAIL.c.intake == written("pending")
    return {
        "unhandled": connection.execute(select(func.min(MESSAGE.c.at)).where(PENDING)).scalar(),
        "unsent": oldest_unsent(connection),
        "due": connection.execute(select(func.min(TIMER.c.due_at))).scalar(),
        "unread": connection.execute(select(func.min(MAIL.c.received_at)).where(unread)).scalar(),
        "untold": connection.execute(select(func.min(NOTICE.c.at)).where(_UNTOLD)).scalar(),
    }


def leases(connection: Connection, now: datetime) -> Mapping[str, tuple[int, int]]:
    """How many messages, notices and mailboxes somebody has in hand, and for how many that time is over."""
    sending = and_(_UNSENT, MESSAGE.c.delivery == written("sending"))
    telling = and_(_UNTOLD, NOTICE.c.delivery == written("sending"))
    asked = {
        "message": (MESSAGE.c.lease_until, sending),
        "notice": (NOTICE.c.lease_until, telling),
        "mailbox": (MAILBOX.c.lease_until, MAILBOX.c.lease_owner != ""),
    }
    found = {}
    for what, (until, which) in asked.items():
        over = func.count(case((until < now, 1)))
        row = connection.execute(select(func.count(), over).where(which)).one()
        found[what] = (row[0] - row[1], row[1])
    return found
