"""One statement that asks the same about several things: a numbered part for each, planned and sent once."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import BindParameter, Connection, Select, bindparam, literal_column, union_all
from sqlalchemy.sql.selectable import CompoundSelect

from storage.columns import AnyRow

SLOTS = 20

Bind = Callable[..., BindParameter[Any]]


def slotted(part: Callable[[Bind], Select[*tuple[Any, ...]]]) -> CompoundSelect[*tuple[Any, ...]]:
    """The statement of all parts. *part* makes one, its parameters by the function that it is given."""
    return union_all(*(part(_of(slot)).add_columns(_number(slot)) for slot in range(SLOTS)))


def _of(slot: int) -> Bind:
    return lambda name, **more: bindparam(f"{name}_{slot}", **more)


def _number(slot: int) -> Any:
    return literal_column(str(slot)).label("slot")


def ask(
    connection: Connection,
    statement: CompoundSelect[*tuple[Any, ...]],
    asked: Sequence[Mapping[str, Any]],
    of_all: Mapping[str, Any],
) -> dict[int, AnyRow]:
    """What is found for each of *asked*, at most ``SLOTS``, by its place there; nothing for an empty slot.

    *of_all*: the parameters that have no number.
    """
    wanted = [*asked, *[dict.fromkeys(asked[0])] * (SLOTS - len(asked))]
    parameters = {f"{name}_{slot}": row[name] for slot, row in enumerate(wanted) for name in row}
    rows = connection.execute(statement, {**parameters, **of_all})
    return {int(row.slot): row for row in rows if row.slot < len(asked)}
