"""Mails and their files as officers' pages show them. Every query is confined by a ``View``.

Mails without a ticket are for supervisors only: nobody has looked yet whether one is a complaint.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    exists,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from storage.columns import AnyRow, table, written
from storage.inbox import View, about_them, known
from storage.mail_tables import Mail
from storage.tables import Message, Ticket

MAIL = table(Mail)
PAGE = 100
MOST = 100
_ASIDE = ("shunted", "filed")


@dataclass(frozen=True, slots=True)
class Listed:
    """A mail in a list. ``kind`` and ``rule``: what it was taken for, and why; ``reference``: of its ticket.

    ``at`` is when the server took it in. ``tries`` counts the turns that failed.
    """

    id: int
    at: datetime
    size: int
    kind: str
    rule: str
    tries: int
    author: str
    subject: str
    ticket_id: int | None
    reference: str | None


@dataclass(frozen=True, slots=True)
class Balance:
    """Where the mails of an office are: ``came`` is the sum of the others."""

    came: int
    handled: int
    filed: int
    shunted: int
    pending: int


def shunted_mails(connection: Connection, view: View) -> tuple[Listed, ...]:
    """What could not be read or handled, oldest first."""
    return _listed(connection, _lines(view, "shunted").order_by(Mail.id).limit(MOST))


def filed_mails(connection: Connection, view: View, page: int = 0, size: int = PAGE) -> tuple[Listed, ...]:
    """What was kept without an answer, newest first."""
    chosen = _lines(view, "filed").order_by(Mail.id.desc()).offset(page * PAGE).limit(size)
    return _listed(connection, chosen)


def mail_balance(connection: Connection, view: View) -> Balance:
    """How many mails came to this office, and where they are; all 0 for who may not know."""
    statement = select(Mail.intake, func.count()).where(_theirs(view)).group_by(Mail.intake)
    found = {str(intake): int(many) for intake, many in connection.execute(statement)}
    ends = {name: found.get(name, 0) for name in ("handled", "filed", "shunted", "pending")}
    return Balance(came=sum(ends.values()), **ends)


def mail_aside(connection: Connection, view: View, mail_id: int) -> AnyRow | None:
    """The whole row of a mail that is shunted or filed; None when there is none that they may see."""
    wanted = (MAIL.c.id == mail_id, Mail.intake.in_(_ASIDE), _theirs(view))
    return connection.execute(select(MAIL).where(*wanted)).first()


def mail_of_ticket(connection: Connection, view: View, ticket_id: int, mail_id: int) -> AnyRow | None:
    """The whole row of a mail that came to this ticket; None when it did not, or is none that they may see.

    A mail goes where its message goes, when that moves to another ticket.
    """
    said = exists().where(Message.mail_id == Mail.id)
    here = said.where(Message.ticket_id == Ticket.id)
    of_ticket = or_(here, and_(Mail.ticket_id == Ticket.id, ~said))
    statement = (
        select(MAIL).join(Ticket, of_ticket).where(MAIL.c.id == mail_id, Ticket.id == ticket_id, known(view))
    )
    return connection.execute(statement).first()


def file_of_ticket(
    connection: Connection, view: View, ticket_id: int, message_id: int, index: int
) -> Mapping[str, str] | None:
    """The *index*-th file of a message of this ticket; None when there is none that they may see."""
    statement = (
        select(Message.media)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .where(Message.id == message_id, Message.ticket_id == ticket_id, known(view))
    )
    media: Sequence[Mapping[str, str]] = connection.execute(statement).scalar() or []
    return media[index] if index < len(media) and "file" in media[index] else None


def message_of_mail(connection: Connection, view: View, ticket_id: int, mail_id: int) -> AnyRow | None:
    """The id and media of the message that a mail became on this ticket."""
    statement = (
        select(Message.id, Message.media)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .where(Message.mail_id == mail_id, Message.ticket_id == ticket_id, known(view))
    )
    return connection.execute(statement).first()


def _theirs(view: View) -> ColumnElement[bool]:
    if not view.complaints:
        return false()
    may = or_(Mail.ticket_id.is_(None), Mail.ticket_id.not_in(about_them(view)))
    return and_(Mail.office == view.office, may, ~_is_copy_of_one_about(view))


def _is_copy_of_one_about(view: View) -> ColumnElement[bool]:
    """True for a mail that says what one to a complaint about this officer says: it came twice."""
    first = aliased(Mail)
    said = select(first.fingerprint).where(first.ticket_id.in_(about_them(view)))
    known = said.where(first.fingerprint.is_not(None))
    return and_(Mail.fingerprint.is_not(None), Mail.fingerprint.in_(known))


def _lines(view: View, intake: str) -> Select[*tuple[object, ...]]:
    # Not the mail itself, which may be long. Where it ended is written out, so that both databases see that
    # an index holds the row.
    return (
        select(
            *(Mail.id, func.coalesce(Mail.received_at, Mail.at).label("at"), Mail.size, Mail.kind, Mail.rule),
            *(Mail.tries, Mail.author, Mail.subject, Ticket.id.label("ticket_id"), Ticket.reference),
        )
        .outerjoin(Ticket, and_(Ticket.id == Mail.ticket_id, known(view)))
        .where(Mail.intake == written(intake), _theirs(view))
    )


def _listed(connection: Connection, statement: Select[*tuple[object, ...]]) -> tuple[Listed, ...]:
    return tuple(Listed(**row._mapping) for row in connection.execute(statement))  # noqa: SLF001  # SQLAlchemy's public name
