"""WhatsApp templates as each account has them: the provider's ids, and what became of their approval."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, bindparam, select

from storage.columns import AnyRow, plain, table
from storage.inserting import insert_into
from storage.template_tables import ContentTemplate

TEMPLATE: Table = table(ContentTemplate)
APPROVED = "approved"
"""The word for a template that may leave at any time; the others are the provider's own, as they come."""


@dataclass(frozen=True, slots=True)
class Known:
    """What an account has: one for each key and language."""

    account: str
    key: str
    language: str
    content_id: str
    wording: str
    category: str = ""
    approval: str = "unsubmitted"
    reason: str = ""


def keep(connection: Connection, known: Known, now: datetime) -> None:
    """Remember *known* instead of what was known of this key and language before."""
    values: dict[str, Any] = {**plain(known), "reason": known.reason[:255], "changed_at": now}
    named = {"account", "key", "language"}
    changes = {name: value for name, value in values.items() if name not in named}
    statement = insert_into(connection, TEMPLATE).values(values)
    connection.execute(statement.on_conflict_do_update(index_elements=sorted(named), set_=changes))


_OF_ACCOUNT = (
    select(TEMPLATE)
    .where(TEMPLATE.c.account == bindparam("of"))
    .order_by(TEMPLATE.c.key, TEMPLATE.c.language)
)
_ALL = select(TEMPLATE).order_by(TEMPLATE.c.account, TEMPLATE.c.key, TEMPLATE.c.language)
_OF_KEY = _OF_ACCOUNT.where(TEMPLATE.c.key == bindparam("named"))


def of_account(connection: Connection, account: str, key: str | None = None) -> Sequence[AnyRow]:
    """What *account* has, of one key or of all."""
    if key is None:
        return connection.execute(_OF_ACCOUNT, {"of": account}).all()
    return connection.execute(_OF_KEY, {"of": account, "named": key}).all()


def all_of_them(connection: Connection) -> list[AnyRow]:
    """What every account has."""
    return list(connection.execute(_ALL))
