"""Mails of the desk that belong to no citizen's thread: queued once, claimed under a lease, settled."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, bindparam, exists, func, or_, select, update

from storage.columns import AnyRow, table, written
from storage.inserting import add_once
from storage.mail_tables import Notice
from storage.tables import Membership, Message, Officer, Ticket
from storage.voice_tables import Accused

NOTICE: Table = table(Notice)
TICKET: Table = table(Ticket)
MEMBERSHIP: Table = table(Membership)
OFFICER: Table = table(Officer)
MESSAGE: Table = table(Message)
ACCUSED: Table = table(Accused)
LEASE = timedelta(minutes=5)
_LATELY = 1_000
# As the partial index says it, so that a database can tell that the index holds the row.
_UNSENT = NOTICE.c.delivery.in_([written(word) for word in ("queued", "sending")])


def queue(
    connection: Connection,
    *,
    key: str,
    office: str,
    mailbox: str,
    recipient: str,
    purpose: str,
    now: datetime,
    language: str = "id",
    about: dict[str, Any] | None = None,
    officer_id: int | None = None,
    ticket_id: int | None = None,
    mail_id: int | None = None,
    leaves_at: datetime | None = None,
) -> int | None:
    """Let a mail leave from *mailbox* to *recipient*, at *leaves_at* or at once; its id.

    None when *key* was told before. *purpose* names its sentences, *about* holds the values in them.
    """
    row = {
        "key": key,
        "office": office,
        "mailbox": mailbox,
        "recipient": recipient,
        "officer_id": officer_id,
        "ticket_id": ticket_id,
        "mail_id": mail_id,
        "purpose": purpose,
        "language": language,
        "about": about or {},
        "at": now,
        "next_try_at": leaves_at or now,
    }
    return add_once(connection, NOTICE, row)


def waits(connection: Connection, ticket_id: int, officer_id: int, purpose: str) -> bool:
    """Whether a mail of this purpose still waits, which will tell what is new when it leaves.

    It is locked until this transaction ends: what is written meanwhile stands in it.
    """
    found = select(NOTICE.c.id).where(
        NOTICE.c.ticket_id == ticket_id,
        NOTICE.c.officer_id == officer_id,
        NOTICE.c.purpose == purpose,
        NOTICE.c.delivery == written("queued"),
    )
    return connection.execute(found.with_for_update()).first() is not None


def claim(connection: Connection, now: datetime, limit: int = 4) -> list[AnyRow]:
    """Take mails that may leave now, and those whose sender died with them: a second one beats none."""
    ready = or_(
        and_(NOTICE.c.delivery == written("queued"), NOTICE.c.next_try_at <= now),
        and_(NOTICE.c.delivery == written("sending"), NOTICE.c.lease_until < now),
    )
    due = (
        select(NOTICE.c.id)
        .where(_UNSENT, ready)
        .order_by(NOTICE.c.next_try_at, NOTICE.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    taken = (
        update(NOTICE)
        .where(NOTICE.c.id.in_(due), ready)
        .values(delivery="sending", lease_until=now + LEASE, tries=NOTICE.c.tries + 1)
        .returning(*NOTICE.c)
    )
    return sorted(connection.execute(taken), key=lambda row: int(row.id))


def renew(connection: Connection, claimed: AnyRow, now: datetime) -> bool:
    """Keep a *claimed* mail for a whole lease from *now* on; False when somebody else has taken it since."""
    kept = update(NOTICE).where(_held(claimed)).values(lease_until=now + LEASE)
    return connection.execute(kept).rowcount == 1


def _held(claimed: AnyRow) -> ColumnElement[bool]:
    """Whether the mail is still in the hands of who has claimed it."""
    sending = NOTICE.c.delivery == written("sending")
    return and_(NOTICE.c.id == claimed.id, sending, NOTICE.c.lease_until == claimed.lease_until)


def sent(connection: Connection, notice_id: int, now: datetime) -> None:
    """The server took it."""
    _settle(connection, notice_id, delivery="sent", sent_at=now, error_text="")


def put_back(connection: Connection, notice_id: int, error: str, next_try_at: datetime) -> None:
    """It did not (certainly) leave: why, and when to try again."""
    _settle(connection, notice_id, delivery="queued", error_text=error[:255], next_try_at=next_try_at)


def give_back(connection: Connection, claimed: AnyRow) -> None:
    """Certainly not sent: it waits again as if it had not been *claimed*, unless its lease has lapsed."""
    waits = {"delivery": "queued", "tries": NOTICE.c.tries - 1, "lease_until": None}
    connection.execute(update(NOTICE).where(_held(claimed)).values(**waits))


def failed(connection: Connection, notice_id: int, error: str) -> None:
    """It will never leave."""
    _settle(connection, notice_id, delivery="failed", error_text=error[:255])


def cancel(connection: Connection, notice_id: int) -> None:
    """What it was to tell is no longer so."""
    _settle(connection, notice_id, delivery="cancelled")


def _settle(connection: Connection, notice_id: int, **outcome: Any) -> None:
    """Write down what became of a claimed mail."""
    claimed = and_(NOTICE.c.id == notice_id, NOTICE.c.delivery == written("sending"))
    connection.execute(update(NOTICE).where(claimed).values(lease_until=None, **outcome))


def bounced(connection: Connection, notice_id: int, officer_id: int, why: str) -> AnyRow | None:
    """A mail came back after it had left; its row as it is now.

    None when there is none of this id to this officer (0: to somebody who is none).
    """
    came_back = (
        update(NOTICE)
        .where(NOTICE.c.id == notice_id, func.coalesce(NOTICE.c.officer_id, 0) == officer_id)
        .values(delivery="failed", error_text=why[:255], lease_until=None)
        .returning(*NOTICE.c)
    )
    return connection.execute(came_back).first()


def find(connection: Connection, notice_id: int) -> AnyRow | None:
    """The mail with this id."""
    return connection.execute(select(NOTICE).where(NOTICE.c.id == notice_id)).first()


def find_by_key(connection: Connection, key: str) -> AnyRow | None:
    """The mail that told this."""
    return connection.execute(select(NOTICE).where(NOTICE.c.key == key)).first()


def count(connection: Connection, officer_id: int, purpose: str, since: datetime) -> int:
    """How many of the latest thousand mails are of this purpose, to this officer, and queued since then."""
    lately = NOTICE.c.id > select(func.coalesce(func.max(NOTICE.c.id), 0) - _LATELY).scalar_subquery()
    wanted = (NOTICE.c.officer_id == officer_id, NOTICE.c.purpose == purpose, NOTICE.c.at > since)
    return int(connection.execute(select(func.count()).where(lately, *wanted)).scalar_one())


def newer_words(
    connection: Connection, ticket_id: int, officer_id: int, answered: Sequence[int]
) -> list[int]:
    """The citizen's messages since the mail that is answered left, else since the latest to this officer.

    None of them where no mail about this ticket has left to the officer.
    """
    theirs = and_(NOTICE.c.ticket_id == ticket_id, NOTICE.c.officer_id == officer_id)
    latest = select(func.max(NOTICE.c.sent_at)).where(theirs)
    told = connection.execute(latest.where(NOTICE.c.id.in_(answered))).scalar()
    told = told or connection.execute(latest).scalar()
    if told is None:
        return []
    newer = (
        select(MESSAGE.c.id)
        .where(MESSAGE.c.ticket_id == ticket_id, MESSAGE.c.direction == written("in"), MESSAGE.c.at > told)
        .order_by(MESSAGE.c.id)
    )
    return [int(row.id) for row in connection.execute(newer)]


def said_before(
    connection: Connection, ticket_id: int, officer_id: int, text: str, since: datetime, but: str
) -> bool:
    """Whether exactly this is what the officer last said on the ticket, since then and in another form."""
    last = connection.execute(
        select(MESSAGE.c.body, MESSAGE.c.mid, MESSAGE.c.at)
        .where(
            MESSAGE.c.ticket_id == ticket_id,
            MESSAGE.c.direction == written("out"),
            MESSAGE.c.officer_id == officer_id,
        )
        .order_by(MESSAGE.c.id.desc())
        .limit(1)
    ).first()
    return last is not None and last.mid != but and last.at > since and last.body == text


_TOLD = exists().where(
    NOTICE.c.ticket_id == TICKET.c.id,
    NOTICE.c.purpose == bindparam("purpose"),
    NOTICE.c.at >= TICKET.c.waiting_since,
)
_ACCUSED_OF = select(ACCUSED.c.officer_id).where(ACCUSED.c.ticket_id == TICKET.c.id).correlate(TICKET)
_WANTED = exists().where(
    MEMBERSHIP.c.office == TICKET.c.handled_by,
    MEMBERSHIP.c.mail_reminders,
    or_(TICKET.c.claimed_by.is_(None), TICKET.c.claimed_by == MEMBERSHIP.c.officer_id),
    or_(TICKET.c.kind != written("complaint"), MEMBERSHIP.c.role == "supervisor"),
    MEMBERSHIP.c.officer_id.not_in(_ACCUSED_OF),
    OFFICER.c.id == MEMBERSHIP.c.officer_id,
    OFFICER.c.disabled_at.is_(None),
)
_OVERDUE = (
    TICKET.c.status == written("open"),
    TICKET.c.waiting_for == written("office"),
    TICKET.c.waiting_since <= bindparam("before"),
    _WANTED,
    ~_TOLD,
)
_WITH_OVERDUE = select(TICKET.c.handled_by).where(*_OVERDUE).distinct()
_OVERDUE_OF = (
    select(TICKET)
    .where(TICKET.c.handled_by == bindparam("office"), *_OVERDUE)
    .order_by(TICKET.c.waiting_since)
    .limit(bindparam("most"))
)


def with_overdue(connection: Connection, purpose: str, before: datetime) -> set[str]:
    """The offices for which ``overdue`` would find a ticket."""
    found = connection.execute(_WITH_OVERDUE, {"purpose": purpose, "before": before})
    return {row.handled_by for row in found}


def overdue(
    connection: Connection, office: str, purpose: str, before: datetime, limit: int = 100
) -> list[AnyRow]:
    """Open tickets that have waited for *office* since then, and of which nobody was told so by *purpose*.

    Only those of which somebody wants to be reminded: who has the ticket, else everybody who may see it.
    """
    asked = {"office": office, "purpose": purpose, "before": before, "most": limit}
    return list(connection.execute(_OVERDUE_OF, asked))
