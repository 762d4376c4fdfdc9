"""Whether a number has come to somebody else since its owner wrote from it."""

from collections.abc import Sequence

from sqlalchemy import Connection, Table, bindparam, func, select

from storage import mids
from storage.columns import table
from storage.tables import Address, Conversation, Message

ADDRESS: Table = table(Address)
CONVERSATION: Table = table(Conversation)
MESSAGE: Table = table(Message)

_HOME = bindparam("home", type_=ADDRESS.c.id.type)
_BORNE = select(ADDRESS.c.value, ADDRESS.c.created_at).where(
    ADDRESS.c.contact_id == bindparam("contact"), func.coalesce(ADDRESS.c.alias_of, ADDRESS.c.id) == _HOME
)
_LAST = (
    select(func.max(MESSAGE.c.mid))
    .join(CONVERSATION, CONVERSATION.c.id == MESSAGE.c.conversation_id)
    .where(
        CONVERSATION.c.address_id == _HOME,
        MESSAGE.c.direction == "in",
        MESSAGE.c.account == bindparam("account"),
    )
    .scalar_subquery()
)


def is_anothers(
    connection: Connection, home_id: int, contact_id: int, aliases: Sequence[str], account: str
) -> bool:
    """Whether who writes to *account* now, by *aliases* that nobody knows, is not the person at home there.

    A person keeps their external id for as long as they keep their number. But each of our business
    portfolios sees another one: so one that was never seen together with this account tells nothing.
    """
    asked = {"home": home_id, "contact": contact_id, "account": account}
    wanted = {_sort(alias) for alias in aliases}
    rows = connection.execute(_BORNE.add_columns(_LAST.label("last")), asked)
    return any(
        row.last is not None and row.last >= mids.first(row.created_at)
        for row in rows
        if _sort(row.value) in wanted
    )


def _sort(value: str) -> int:
    """``ID.123`` is a person's external id, ``ID.ENT.123`` their parent's; a number has no point."""
    return value.count(".")
