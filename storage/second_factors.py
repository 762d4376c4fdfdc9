"""Second factors: the sealed secret, the last code taken, and codes for when the phone is lost."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from storage.columns import AnyRow, table
from storage.sign_in_tables import RecoveryCode
from storage.tables import Officer

RECOVERY = table(RecoveryCode)


def find(connection: Connection, officer_id: int) -> AnyRow | None:
    """The sealed secret, since when it is in force, and the step of the last code that was taken."""
    wanted = select(Officer.second_factor, Officer.second_factor_at, Officer.second_factor_step)
    return connection.execute(wanted.where(Officer.id == officer_id, Officer.second_factor != "")).first()


def prepare(connection: Connection, officer_id: int, sealed: str) -> None:
    """Keep a secret that is not in force yet. Nothing happens where one is in force."""
    connection.execute(
        update(Officer)
        .where(Officer.id == officer_id, Officer.second_factor_at.is_(None))
        .values(second_factor=sealed, second_factor_step=0)
    )


def take(connection: Connection, officer_id: int, step: int, sealed: str) -> bool:
    """Whether the code of *step* is newer than the last one taken: each opens once. Keeps *sealed* anew."""
    taken = connection.execute(
        update(Officer)
        .where(Officer.id == officer_id, Officer.second_factor_step < step)
        .values(second_factor_step=step, second_factor=sealed)
    )
    return taken.rowcount == 1


def enforce(connection: Connection, officer_id: int, now: datetime) -> None:
    """From now on the secret is asked for."""
    connection.execute(
        update(Officer)
        .where(Officer.id == officer_id, Officer.second_factor_at.is_(None))
        .values(second_factor_at=now)
    )


def set_recovery_codes(connection: Connection, officer_id: int, marks: Sequence[str]) -> None:
    """These instead of the ones before."""
    connection.execute(delete(RECOVERY).where(RECOVERY.c.officer_id == officer_id))
    connection.execute(insert(RECOVERY), [{"officer_id": officer_id, "mark": mark} for mark in marks])


def use_recovery_code(connection: Connection, officer_id: int, mark: str) -> bool:
    """Whether there was such a code; it is gone now."""
    used = delete(RECOVERY).where(RECOVERY.c.officer_id == officer_id, RECOVERY.c.mark == mark)
    return connection.execute(used).rowcount == 1


def codes_left(connection: Connection, officer_id: int) -> int:
    """How many recovery codes are unused."""
    wanted = select(func.count()).select_from(RECOVERY).where(RECOVERY.c.officer_id == officer_id)
    return int(connection.execute(wanted).scalar_one())


def remove(connection: Connection, officer_id: int) -> None:
    """Ask for nothing but the password again."""
    connection.execute(delete(RECOVERY).where(RECOVERY.c.officer_id == officer_id))
    connection.execute(
        update(Officer)
        .where(Officer.id == officer_id)
        .values(second_factor="", second_factor_at=None, second_factor_step=0)
    )
