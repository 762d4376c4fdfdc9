"""Officers: who may sign in, to which offices they belong, and what ends when they are disabled."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Literal

from sqlalchemy import (
    Column,
    Connection,
    Row,
    Select,
    Table,
    bindparam,
    delete,
    exists,
    insert,
    select,
    update,
)

from bot.conversation import TicketKind
from bot.events import TimerKind
from storage import later, timers
from storage.columns import AnyRow, table
from storage.inserting import insert_into
from storage.sign_in_tables import SignIn
from storage.tables import Audit, Membership, Officer, Ticket, TicketEvent

MEMBERSHIP: Table = table(Membership)
OFFICER: Table = table(Officer)


@dataclass(frozen=True, slots=True)
class Account:
    """An officer with the offices they belong to: ``roles`` maps an office's code to a role there.

    ``temporary``: the password was chosen by somebody else and has to be changed.
    """

    id: int
    email: str
    name: str
    password_hash: str
    administrator: bool
    language: str
    sessions: int
    disabled: bool
    roles: Mapping[str, str]
    temporary: bool = False
    has_second_factor: bool = False


@dataclass(frozen=True, slots=True)
class Colleague:
    """An officer to whom a ticket can be given."""

    id: int
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class MailWishes:
    """What comes to an officer as mail: their own tickets, new ones of the office, those that wait long."""

    mine: bool = False
    new: bool = False
    reminders: bool = False


@dataclass(frozen=True, slots=True)
class Correspondent:
    """An officer whom a mail may reach now."""

    id: int
    email: str
    language: str


def find(connection: Connection, officer_id: int) -> Account | None:
    """The account with this id, disabled or not."""
    return _one(connection, _accounts().where(Officer.id == officer_id))


def find_signed_in(connection: Connection, officer_id: int, mark: str) -> Account | None:
    """The same, where *mark* is that of a sign-in of theirs that has not ended."""
    rows = connection.execute(_SIGNED_IN, {"officer_id": officer_id, "mark": mark}).all()
    return next(iter(_gathered(rows)), None)


def find_by_email(connection: Connection, email: str) -> Account | None:
    """The account that signs in with *email*, disabled or not; capitals and blanks around it don't matter."""
    return _one(connection, _accounts().where(Officer.email == plain_email(email)))


def these(connection: Connection, officer_ids: Collection[int]) -> Mapping[int, Account]:
    """Those of the accounts that exist, disabled or not, by their ids."""
    rows = connection.execute(_accounts().where(Officer.id.in_(officer_ids))).all()
    return {account.id: account for account in _gathered(rows)}


def listed(connection: Connection) -> tuple[Account, ...]:
    """Every account of the installation, by e-mail address."""
    return _gathered(connection.execute(_accounts().order_by(Officer.email, Membership.office)).all())


_COLLEAGUES = (
    select(OFFICER.c.id, OFFICER.c.name, MEMBERSHIP.c.role)
    .join(MEMBERSHIP, MEMBERSHIP.c.officer_id == OFFICER.c.id)
    .where(MEMBERSHIP.c.office == bindparam("office"), OFFICER.c.disabled_at.is_(None))
    .order_by(OFFICER.c.name)
)


def colleagues(connection: Connection, office: str) -> tuple[Colleague, ...]:
    """Who belongs to *office* and is not disabled, by name."""
    rows = connection.execute(_COLLEAGUES, {"office": office})
    return tuple(Colleague(row.id, row.name, row.role) for row in rows)


def mail_wishes(connection: Connection, officer_id: int, office: str) -> MailWishes | None:
    """What the officer wants to get as mail from *office*; None for one who does not belong to it."""
    statement = select(Membership.mail_mine, Membership.mail_new, Membership.mail_reminders).where(
        Membership.officer_id == officer_id, Membership.office == office
    )
    row = connection.execute(statement).first()
    return MailWishes(row.mail_mine, row.mail_new, row.mail_reminders) if row else None


def set_mail_wishes(connection: Connection, officer_id: int, office: str, wishes: MailWishes) -> None:
    """Remember what the officer wants to get as mail from *office*."""
    connection.execute(
        update(Membership)
        .where(Membership.officer_id == officer_id, Membership.office == office)
        .values(mail_mine=wishes.mine, mail_new=wishes.new, mail_reminders=wishes.reminders)
    )


Wish = Literal["mine", "new", "reminders"]
_WISHES: Mapping[Wish, Column[Any]] = {
    "mine": MEMBERSHIP.c.mail_mine,
    "new": MEMBERSHIP.c.mail_new,
    "reminders": MEMBERSHIP.c.mail_reminders,
}


@cache
def _wanting(wish: Wish, *, complaint: bool, one: bool) -> Select[*tuple[Any, ...]]:
    statement = (
        select(OFFICER.c.id, OFFICER.c.email, OFFICER.c.language)
        .join(MEMBERSHIP, MEMBERSHIP.c.officer_id == OFFICER.c.id)
        .where(MEMBERSHIP.c.office == bindparam("office"), _WISHES[wish], OFFICER.c.disabled_at.is_(None))
        .order_by(OFFICER.c.id)
    )
    if complaint:
        statement = statement.where(MEMBERSHIP.c.role == "supervisor")
    return statement.where(OFFICER.c.id == bindparam("officer_id")) if one else statement


def wanting(
    connection: Connection, office: str, wish: Wish, *, complaint: bool, officer_id: int | None = None
) -> tuple[Correspondent, ...]:
    """Who wants this as mail from *office* and may see it: all of them, or this one officer."""
    key = ("wanting", office, wish, complaint, officer_id)
    statement = _wanting(wish, complaint=complaint, one=officer_id is not None)
    about = {"office": office, "officer_id": officer_id}
    rows = later.once(connection, key, lambda: connection.execute(statement, about).all())
    return tuple(Correspondent(row.id, row.email, row.language) for row in rows)


def administrators(connection: Connection) -> tuple[Correspondent, ...]:
    """Who looks after the installation and may sign in."""
    wanted = select(Officer.id, Officer.email, Officer.language).order_by(Officer.id)
    rows = connection.execute(wanted.where(Officer.administrator, Officer.disabled_at.is_(None)))
    return tuple(Correspondent(row.id, row.email, row.language) for row in rows)


def add(
    connection: Connection,
    *,
    email: str,
    name: str,
    password_hash: str,
    now: datetime,
    administrator: bool = False,
    language: str = "id",
    temporary: bool = False,
) -> int:
    """A new account without any office; its id. The e-mail address must be free (the database insists)."""
    statement = insert(Officer).values(
        email=plain_email(email),
        name=name,
        password_hash=password_hash,
        administrator=administrator,
        language=language,
        password_temporary=temporary,
        sessions=1,
        created_at=now,
    )
    return int(connection.execute(statement.returning(Officer.id)).scalar_one())


def set_role(connection: Connection, officer_id: int, office: str, role: str) -> None:
    """Make the officer a member of *office* in *role*, whatever they were there before."""
    member = insert_into(connection, MEMBERSHIP).values(officer_id=officer_id, office=office, role=role)
    connection.execute(
        member.on_conflict_do_update(index_elements=["officer_id", "office"], set_={"role": role})
    )


def remove_role(connection: Connection, officer_id: int, office: str, now: datetime) -> None:
    """End the membership; the tickets they had there go back to everybody."""
    connection.execute(_membership(officer_id, office))
    _give_back(connection, officer_id, now, office)


def disable(connection: Connection, officer_id: int, now: datetime) -> None:
    """End every sign-in of the officer at once, and give their open tickets back."""
    connection.execute(
        update(Officer).where(Officer.id == officer_id).values(disabled_at=now, sessions=Officer.sessions + 1)
    )
    _give_back(connection, officer_id, now)


def enable(connection: Connection, officer_id: int) -> None:
    """Let a disabled officer sign in again; old sign-ins stay ended."""
    connection.execute(update(Officer).where(Officer.id == officer_id).values(disabled_at=None))


def make_administrator(connection: Connection, officer_id: int) -> None:
    """Let the officer also see what belongs to the installation."""
    connection.execute(update(Officer).where(Officer.id == officer_id).values(administrator=True))


def set_password(
    connection: Connection, officer_id: int, password_hash: str, *, temporary: bool = False
) -> None:
    """A new password. Whoever is signed in with the old one is signed out."""
    connection.execute(
        update(Officer)
        .where(Officer.id == officer_id)
        .values(password_hash=password_hash, password_temporary=temporary, sessions=Officer.sessions + 1)
    )


def refresh_hash(connection: Connection, officer_id: int, password_hash: str) -> None:
    """The same password, hashed with today's cost. Sign-ins stay."""
    connection.execute(update(Officer).where(Officer.id == officer_id).values(password_hash=password_hash))


def set_language(connection: Connection, officer_id: int, language: str) -> None:
    """The language in which the officer reads the pages."""
    connection.execute(update(Officer).where(Officer.id == officer_id).values(language=language))


def record(
    connection: Connection,
    what: str,
    now: datetime,
    officer_id: int | None,
    detail: dict[str, Any] | None = None,
) -> None:
    """One more row of the installation's audit log."""
    connection.execute(insert(Audit).values(at=now, officer_id=officer_id, what=what, detail=detail or {}))


def recorded(connection: Connection, kinds: Sequence[str], since: datetime, most: int = 200) -> list[AnyRow]:
    """The newest rows of these kinds in the audit log, from *since* on, newest first."""
    wanted = select(Audit.__table__).where(Audit.what.in_(kinds), Audit.at >= since)
    return list(connection.execute(wanted.order_by(Audit.id.desc()).limit(most)))


def plain_email(email: str) -> str:
    """*email* as it is stored and compared."""
    return email.replace("\x00", "").strip().casefold()[:254]


def _membership(officer_id: int, office: str) -> Any:
    return delete(Membership).where(Membership.officer_id == officer_id, Membership.office == office)


def _give_back(connection: Connection, officer_id: int, now: datetime, office: str | None = None) -> None:
    theirs = [Ticket.claimed_by == officer_id, Ticket.status == "open"]
    if office is not None:
        theirs.append(Ticket.handled_by == office)
    freed = connection.execute(
        update(Ticket)
        .where(*theirs)
        .values(claimed_by=None, touched_at=now)
        .returning(Ticket.id, Ticket.office, Ticket.conversation_id, Ticket.kind)
    ).all()
    rows = [
        {
            "office": row.office,
            "ticket_id": row.id,
            "at": now,
            "what": "released",
            "detail": {"from": officer_id},
        }
        for row in freed
    ]
    if rows:
        connection.execute(insert(TicketEvent), rows)
    for row in freed:
        # At once it is looked for somebody else: by the worker, for who does this may not know the rules.
        if row.kind == TicketKind.CONSULTATION:
            timers.put(connection, row.office, row.conversation_id, TimerKind.UNCLAIMED, now)


def _accounts() -> Select[*tuple[Any, ...]]:
    return select(
        Officer.id,
        Officer.email,
        Officer.name,
        Officer.password_hash,
        Officer.administrator,
        Officer.language,
        Officer.sessions,
        Officer.disabled_at,
        Officer.password_temporary,
        Officer.second_factor_at,
        Membership.office,
        Membership.role,
    ).outerjoin(Membership, Membership.officer_id == Officer.id)


def _one(connection: Connection, statement: Select[*tuple[Any, ...]]) -> Account | None:
    return next(iter(_gathered(connection.execute(statement.order_by(Membership.office)).all())), None)


def _gathered(rows: Any) -> tuple[Account, ...]:
    roles: dict[int, dict[str, str]] = {}
    first: dict[int, Row[*tuple[Any, ...]]] = {}
    for row in rows:
        first.setdefault(row.id, row)
        offices = roles.setdefault(row.id, {})
        if row.office is not None:
            offices[row.office] = row.role
    return tuple(_account(row, roles[officer_id]) for officer_id, row in first.items())


def _account(row: Row[*tuple[Any, ...]], roles: Mapping[str, str]) -> Account:
    return Account(
        row.id,
        row.email,
        row.name,
        row.password_hash,
        row.administrator,
        row.language,
        row.sessions,
        row.disabled_at is not None,
        roles,
        row.password_temporary,
        row.second_factor_at is not None,
    )


_SIGNED_IN = (
    _accounts()
    .where(
        Officer.id == bindparam("officer_id"),
        exists().where(SignIn.officer_id == Officer.id, SignIn.mark == bindparam("mark")),
    )
    .order_by(Membership.office)
)
