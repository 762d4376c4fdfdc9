"""Mails as they came: kept once, given their turn, moved away on the server, and counted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Integer,
    Select,
    Table,
    and_,
    bindparam,
    delete,
    func,
    literal_column,
    null,
    or_,
    select,
    union_all,
    update,
)

from storage import forgotten, later, mailboxes, unwanted
from storage.columns import AnyRow, plain, table, written
from storage.inserting import insert_into
from storage.mail_tables import Mail
from storage.slots import padded
from storage.tables import Membership, Message, Officer

MAIL: Table = table(Mail)
OFFICER: Table = table(Officer)
MEMBERSHIP: Table = table(Membership)
MESSAGE: Table = table(Message)
MOST_TRIES = 3
OLD = "old"
"""The kind of a mail that came before the mailbox was the desk's; known when it is kept."""

ENDS = ("pending", "handled", "filed", "shunted")
# Written out, as in ``storage.intake``: so that both databases see that the partial index holds the row.
_PENDING = MAIL.c.intake == written("pending")
_SHUNTED = MAIL.c.intake == written("shunted")
# The same of one mail, in words that lead to no index: else PostgreSQL may look for it among all that wait.
_IT_WAITS = MAIL.c.intake + written("") == written("pending")


def keep(
    connection: Connection,
    mailbox: str,
    rows: Sequence[Mapping[str, Any]],
    uidvalidity: int,
    last_uid: int,
    now: datetime,
) -> int:
    """Keep what was fetched and move the mailbox's cursor to *last_uid*; how many were new.

    A row holds office, uid, size, whole, sha256, raw (None: it stands in the files folder under its sha256)
    and received_at. One that is kept already, by mailbox, uidvalidity and uid, is left as it is; one whose
    person was erased is not kept again.
    """
    mailboxes.advance(connection, mailbox, uidvalidity, last_uid)
    marks = {forgotten.of_bytes(mailbox, row["sha256"]) for row in rows}
    erased = forgotten.among(connection, sorted(marks))
    if erased:
        again = [row for row in rows if forgotten.of_bytes(mailbox, row["sha256"]) in erased]
        unwanted.note(connection, [row["sha256"] for row in again], now)
        rows = [row for row in rows if row not in again]
    if not rows:
        return 0
    of_all = {"mailbox": mailbox, "uidvalidity": uidvalidity, "at": now}
    statement = insert_into(connection, MAIL).on_conflict_do_nothing().returning(MAIL.c.id)
    return len(connection.execute(statement, [{**row, **of_all} for row in rows]).all())


def unmoved(connection: Connection, mailbox: str, uidvalidity: int) -> list[int]:
    """The UIDs of mails that are kept and stand where they came from, as far as is known; in order."""
    rows = connection.execute(
        select(MAIL.c.uid)
        .where(MAIL.c.mailbox == mailbox, MAIL.c.uidvalidity == uidvalidity, MAIL.c.moved_at.is_(None))
        .order_by(MAIL.c.uid)
    )
    return [int(row.uid) for row in rows]


def moved(connection: Connection, mailbox: str, uidvalidity: int, uids: Iterable[int], now: datetime) -> None:
    """These are out of the way on the server, or were gone already."""
    connection.execute(
        update(MAIL)
        .where(MAIL.c.mailbox == mailbox, MAIL.c.uidvalidity == uidvalidity, MAIL.c.uid.in_(list(uids)))
        .values(moved_at=now)
    )


def unreachable(connection: Connection, mailbox: str, uidvalidity: int, now: datetime) -> None:
    """The server counts anew: mails with UIDs of another *uidvalidity* can't be moved any more."""
    connection.execute(
        update(MAIL)
        .where(MAIL.c.mailbox == mailbox, MAIL.c.uidvalidity != uidvalidity, MAIL.c.moved_at.is_(None))
        .values(moved_at=now)
    )


_MOMENT = bindparam("moment", type_=MAIL.c.at.type)
_DUE = (
    select(MAIL)
    .where(_PENDING, MAIL.c.mailbox == bindparam("of"), MAIL.c.id > bindparam("after"))
    .where(or_(MAIL.c.next_try_at.is_(None), MAIL.c.next_try_at <= _MOMENT))
    .order_by(MAIL.c.id)
    .limit(bindparam("most"))
)


def pending(
    connection: Connection, mailbox: str, now: datetime, limit: int, *, after: int = 0
) -> list[AnyRow]:
    """Whole rows of mails whose turn it is, in the order they were kept; a failed one waits its time.

    *after*: only those that were kept after the mail with this id.
    """
    asked = {"of": mailbox, "moment": now, "most": limit, "after": after}
    return list(connection.execute(_DUE, asked))


_STILL = select(MAIL.c.id).where(MAIL.c.id == bindparam("key"), _IT_WAITS).with_for_update()


def is_pending(connection: Connection, mail_id: int) -> bool:
    """Whether it still waits; then it is locked until the transaction ends, and nobody else has its turn."""
    return connection.execute(_STILL, {"key": mail_id}).first() is not None


_SETTLED = ("intake", "kind", "rule", "conversation_id", "ticket_id", "message_id", "fingerprint", "author")
_SETTLE = (
    update(MAIL)
    .where(MAIL.c.id == bindparam("key"), _IT_WAITS)
    .values({name: bindparam(name) for name in (*_SETTLED, "subject")} | {"next_try_at": None})
)


def settle(
    connection: Connection,
    mail_id: int,
    *,
    intake: str,
    kind: str,
    rule: str,
    conversation_id: int | None,
    ticket_id: int | None,
    message_id: str | None,
    fingerprint: str | None,
    author: str,
    subject: str,
) -> None:
    """The mail is dealt with: where it ended (handled, filed or shunted), what it was taken for, and why.

    One that does not wait (any more) stays as it is.
    """
    settled = {
        "key": mail_id,
        "intake": intake,
        "kind": kind,
        "rule": rule,
        "conversation_id": conversation_id,
        "ticket_id": ticket_id,
        "message_id": message_id,
        "fingerprint": fingerprint,
        "author": author,
        "subject": subject,
    }
    later.put(connection, _SETTLE, [settled])


def failed(connection: Connection, mail_id: int, reason: str, now: datetime) -> bool:
    """Count a failed turn; at the third the mail is shunted (True). Until then it waits 2, then 4 seconds."""
    tries = connection.execute(select(MAIL.c.tries).where(MAIL.c.id == mail_id, _PENDING)).scalar()
    if tries is None:
        return False
    tries = int(tries) + 1
    changes: dict[str, Any] = {
        "tries": tries,
        "error_text": reason[:255],
        "next_try_at": now + timedelta(seconds=2**tries),
    }
    if tries >= MOST_TRIES:
        changes |= {"intake": "shunted", "next_try_at": None}
    connection.execute(update(MAIL).where(MAIL.c.id == mail_id, _PENDING).values(**changes))
    return tries >= MOST_TRIES


def retry(connection: Connection, mail_id: int) -> str | None:
    """Put a shunted mail back in line, and give its mailbox; None when it is not shunted (any more)."""
    statement = (
        update(MAIL)
        .where(MAIL.c.id == mail_id, _SHUNTED)
        .values(intake="pending", tries=0, next_try_at=None, error_text="", kind="", rule="")
        .returning(MAIL.c.mailbox)
    )
    found = connection.execute(statement).scalar()
    return str(found) if found is not None else None


def balance(connection: Connection, mailbox: str | None = None) -> dict[str, int]:
    """How many mails (of one mailbox) ended how: pending, handled, filed, shunted; all four always there."""
    statement = select(MAIL.c.intake, func.count()).group_by(MAIL.c.intake)
    rows = connection.execute(statement if mailbox is None else statement.where(MAIL.c.mailbox == mailbox))
    return dict.fromkeys(ENDS, 0) | {str(intake): int(many) for intake, many in rows}


_THIS, _BEFORE = MAIL.alias("this"), MAIL.alias("before")


_KEY = bindparam("key", type_=MAIL.c.id.type)
_OF_THIS = select(_THIS.c.mailbox).where(_THIS.c.id == _KEY).scalar_subquery()
# "+ 0" keeps a database from walking all earlier rows instead of looking into the index of the hash.
_EARLIER: Select[int] = select(literal_column("1")).where(
    _BEFORE.c.mailbox == _OF_THIS, _BEFORE.c.id + literal_column("0") < _KEY
)
_SAME_MAIL = and_(
    _BEFORE.c.message_id == bindparam("message_id"), _BEFORE.c.fingerprint == bindparam("fingerprint")
)
_KNOWN = union_all(_EARLIER.where(_BEFORE.c.sha256 == bindparam("sha256")), _EARLIER.where(_SAME_MAIL)).limit(
    literal_column("1")
)


def known_copy(
    connection: Connection, mail_id: int, sha256: str, message_id: str | None, fingerprint: str | None
) -> bool:
    """Whether an earlier mail of the same mailbox is this very mail: the same bytes, or the same Message-ID
    and the same content. The Message-ID alone proves nothing, for anyone may write one again.
    """
    wanted = {"key": mail_id, "sha256": sha256, "message_id": message_id, "fingerprint": fingerprint}
    return connection.execute(_KNOWN, wanted).first() is not None


@dataclass(frozen=True, slots=True)
class InTurn:
    """A mail in its turn.

    Whether it came before; whether its author's address is an officer's of its office, disabled or not; how
    many mails of this author have had their turns in its mailbox of late; whether it is a message already.
    """

    is_copy: bool
    by_officer: bool
    lately: int
    is_heard: bool = False


_OFFICERS = (
    select(literal_column("1"))
    .select_from(OFFICER.join(MEMBERSHIP, MEMBERSHIP.c.officer_id == OFFICER.c.id))
    .where(OFFICER.c.email == bindparam("author"), MEMBERSHIP.c.office == MAIL.c.office)
    .exists()
)
_SINCE = bindparam("since", type_=MAIL.c.at.type)
_THEIRS: Select[int] = (
    select(literal_column("1"))
    .where(_BEFORE.c.mailbox == _OF_THIS, _BEFORE.c.author == bindparam("author"), _BEFORE.c.at > _SINCE)
    .limit(bindparam("most", type_=Integer()))
)
_IS_HEARD = select(literal_column("1")).where(MESSAGE.c.mail_id == MAIL.c.id).exists().label("is_heard")
_IN_TURN = (
    select(
        _KNOWN.exists().label("is_copy"),
        _OFFICERS.label("by_officer"),
        select(func.count()).select_from(_THEIRS.subquery()).scalar_subquery().label("lately"),
        _IS_HEARD,
    )
    .where(MAIL.c.id == _KEY, _IT_WAITS)
    .with_for_update()
)


def _any_of(name: str) -> BindParameter[Any]:
    return bindparam(name, expanding=True)


_LOCK = (
    select(MAIL.c.id, _IS_HEARD)
    .where(MAIL.c.id.in_(_any_of("keys")), _IT_WAITS)
    .order_by(MAIL.c.id)
    .with_for_update(of=MAIL)
)
_MAILBOX, _NOTHING = MAIL.c.mailbox == bindparam("mailbox"), null()
# What is known of several mails, a line each: of which kind, of what, and how many or the first.
_KNOWN_OF_ALL = union_all(
    select(literal_column("'bytes'").label("kind"), MAIL.c.sha256.label("of"), _NOTHING.label("more"))
    .add_columns(func.min(MAIL.c.id).label("number"))
    .where(_MAILBOX, MAIL.c.sha256.in_(_any_of("hashes")))
    .group_by(MAIL.c.sha256),
    select(literal_column("'said'"), MAIL.c.message_id, MAIL.c.fingerprint, func.min(MAIL.c.id))
    .where(_MAILBOX, MAIL.c.message_id.in_(_any_of("message_ids")))
    .group_by(MAIL.c.message_id, MAIL.c.fingerprint),
    select(literal_column("'lately'"), MAIL.c.author, _NOTHING, func.count())
    .where(_MAILBOX, MAIL.c.author.in_(_any_of("authors")), MAIL.c.at > _SINCE)
    .group_by(MAIL.c.author),
    select(literal_column("'officer'"), OFFICER.c.email, _NOTHING, literal_column("1"))
    .join_from(OFFICER, MEMBERSHIP, MEMBERSHIP.c.officer_id == OFFICER.c.id)
    .where(MEMBERSHIP.c.office == bindparam("office"), OFFICER.c.email.in_(_any_of("authors"))),
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What is asked about a mail: its bytes, its Message-ID and what it says, its author in lower case."""

    sha256: str
    message_id: str | None
    fingerprint: str | None
    author: str


def begin_turn(connection: Connection, mail_id: int, seen: Seen, since: datetime, most: int) -> InTurn | None:
    """``is_pending`` and what must be known of a mail at first, in one statement; None if it does not wait.

    Mails of its author are counted from *since*, up to *most*.
    """
    of_all = {"since": since, "most": most}
    row = connection.execute(_IN_TURN, {"key": mail_id, **plain(seen), **of_all}).first()
    return _found(row) if row else None


def begin_turns(
    connection: Connection, mailbox: str, office: str, seen: Mapping[int, Seen], since: datetime
) -> dict[int, InTurn]:
    """The same for several mails of a mailbox, at most ``SLOTS``, by their ids.

    Nothing for those that do not wait.
    """
    waiting = connection.execute(_LOCK, {"keys": padded(seen)}).all()
    asked = {
        "hashes": padded([each.sha256 for each in seen.values()]),
        "message_ids": padded([each.message_id or "" for each in seen.values()]),
        "authors": padded([each.author for each in seen.values()]),
    }
    at = {"mailbox": mailbox, "office": office, "since": since}
    rows = connection.execute(_KNOWN_OF_ALL, asked | at)
    known = {(row.kind, row.of, row.more): row.number for row in rows}
    return {row.id: _of_these(row.id, seen[row.id], known, is_heard=bool(row.is_heard)) for row in waiting}


def _of_these(
    mail_id: int, mail: Seen, known: Mapping[tuple[str, str, str | None], int], *, is_heard: bool
) -> InTurn:
    said = mail.message_id is not None and mail.fingerprint is not None
    first = known.get(("said", mail.message_id or "", mail.fingerprint), mail_id) if said else mail_id
    return InTurn(
        is_copy=min(first, known.get(("bytes", mail.sha256, None), mail_id)) < mail_id,
        by_officer=("officer", mail.author, None) in known,
        lately=known.get(("lately", mail.author, None), 0),
        is_heard=is_heard,
    )


def _found(row: AnyRow) -> InTurn:
    return InTurn(bool(row.is_copy), bool(row.by_officer), row.lately, bool(row.is_heard))


def erase(connection: Connection, row: AnyRow, now: datetime) -> None:
    """It has come again, in other bytes, after its person was erased: it goes, and is known by these, too."""
    forgotten.mark_all(connection, [forgotten.of_bytes(row.mailbox, row.sha256)], now)
    connection.execute(delete(MAIL).where(MAIL.c.id == row.id))
