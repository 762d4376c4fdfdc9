"""Conditions on any number of keys.

All keys are one parameter: a statement that names each by itself is another one for every number of them, and
is put together, sent and planned anew each time.
"""

from typing import Any

from sqlalchemy import ARRAY, JSON, BigInteger, ColumnElement, any_, bindparam, func, select


def one_of(column: Any, name: str, dialect: str) -> ColumnElement[bool]:
    """True where *column* is one of the integers that are told as *name* when the statement is executed."""
    if dialect == "sqlite":
        keys = func.json_each(bindparam(name, type_=JSON)).table_valued("value")
        found: ColumnElement[bool] = column.in_(select(keys.c.value))
    else:
        found = column == any_(bindparam(name, type_=ARRAY(BigInteger)))
    return found
