"""Codes on their way: made, counted, tried and used. Only a hash of each is kept."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, and_, insert, or_, select, update

from storage.columns import AnyRow, table
from storage.inserting import add_once
from storage.mail_tables import Proof
from storage.tables import Address, Contact

ADDRESS: Table = table(Address)
CONTACT: Table = table(Contact)
PROOF: Table = table(Proof)
MOST_TRIES = 5


def made_since(
    connection: Connection, office: str, contact_id: int, kind: str, value: str, moment: datetime
) -> tuple[int, int]:
    """How many codes were made since *moment*: for this contact, and for this address at this office."""
    theirs = PROOF.c.contact_id == contact_id
    same = and_(PROOF.c.office == office, PROOF.c.kind == kind, PROOF.c.value == value)
    rows = connection.execute(
        select(theirs.label("theirs"), same.label("same")).where(or_(theirs, same), PROOF.c.made_at > moment)
    ).all()
    return sum(bool(row.theirs) for row in rows), sum(bool(row.same) for row in rows)


def make(
    connection: Connection,
    office: str,
    contact_id: int,
    kind: str,
    value: str,
    now: datetime,
    expires_at: datetime,
) -> int:
    """A proof without its hash yet, since the code is derived from its id. Older ones of the contact end."""
    connection.execute(
        update(PROOF).where(PROOF.c.contact_id == contact_id, _open(now)).values(expires_at=now)
    )
    row = {"office": office, "contact_id": contact_id, "kind": kind, "value": value, "code_hash": ""}
    made = insert(PROOF).values(**row, made_at=now, expires_at=expires_at).returning(PROOF.c.id)
    return int(connection.execute(made).scalar_one())


def keep_hash(connection: Connection, proof_id: int, code_hash: str) -> None:
    """From now on this hash tells a right code from a wrong one."""
    connection.execute(update(PROOF).where(PROOF.c.id == proof_id).values(code_hash=code_hash))


def _open(now: datetime) -> ColumnElement[bool]:
    return and_(PROOF.c.used_at.is_(None), PROOF.c.expires_at > now, PROOF.c.tries < MOST_TRIES)


def open_of(connection: Connection, contact_id: int, now: datetime) -> AnyRow | None:
    """The proof that this contact may still type the code of."""
    found = select(PROOF).where(PROOF.c.contact_id == contact_id, _open(now))
    return connection.execute(found.order_by(PROOF.c.id.desc()).limit(1)).first()


def open_at(connection: Connection, office: str, now: datetime) -> list[AnyRow]:
    """Every proof of the office whose code may still be typed."""
    return list(connection.execute(select(PROOF).where(PROOF.c.office == office, _open(now))))


def find(connection: Connection, proof_id: int) -> AnyRow | None:
    """The proof with this id."""
    return connection.execute(select(PROOF).where(PROOF.c.id == proof_id)).first()


def count_try(connection: Connection, proof_id: int) -> int:
    """One more wrong code; how many there were."""
    counted = update(PROOF).where(PROOF.c.id == proof_id).values(tries=PROOF.c.tries + 1)
    return int(connection.execute(counted.returning(PROOF.c.tries)).scalar_one())


def use(connection: Connection, proof_id: int, now: datetime) -> bool:
    """The right code was typed. Of two at once one gets True: a code works once."""
    used = update(PROOF).where(PROOF.c.id == proof_id, _open(now)).values(used_at=now)
    return connection.execute(used).rowcount == 1


def address(connection: Connection, office: str, kind: str, value: str) -> AnyRow | None:
    """The address, whoever's it is at this office."""
    found = select(ADDRESS).where(
        ADDRESS.c.office == office, ADDRESS.c.kind == kind, ADDRESS.c.value == value
    )
    return connection.execute(found).first()


def addresses_of(connection: Connection, contact_id: int) -> list[AnyRow]:
    """The contact's addresses, oldest first, without other names of the same one."""
    found = select(ADDRESS).where(ADDRESS.c.contact_id == contact_id, ADDRESS.c.alias_of.is_(None))
    return list(connection.execute(found.order_by(ADDRESS.c.id)))


def add_address(
    connection: Connection, office: str, kind: str, value: str, contact_id: int, now: datetime
) -> int | None:
    """The address as this contact's own; None when somebody's was kept meanwhile."""
    row = {"office": office, "kind": kind, "value": value, "contact_id": contact_id}
    return add_once(connection, ADDRESS, {**row, "proved": True, "created_at": now})


def prove(connection: Connection, address_id: int, contact_id: int, value: str) -> None:
    """The address is its contact's own for sure, and their mail address where they told none."""
    connection.execute(update(ADDRESS).where(ADDRESS.c.id == address_id).values(proved=True))
    nowhere = and_(CONTACT.c.id == contact_id, CONTACT.c.email == "")
    connection.execute(update(CONTACT).where(nowhere).values(email=value))
