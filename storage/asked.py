"""Statements of officers' pages, made once: whose eyes they look with is told when they are executed.

To make a statement costs about as much as to execute it.
"""

from collections.abc import Callable
from functools import cache
from typing import TypeVar

from sqlalchemy import Executable

from storage.inbox import View, anybody

_Statement = TypeVar("_Statement", bound=Executable)


def made_once(make: Callable[[View], _Statement]) -> Callable[[View], _Statement]:
    """What *make* gives for eyes that see complaints and for those that don't, each made at its first use.

    Such a statement is confined by the parameters that ``asked_by`` gives; without them none executes.
    """

    @cache
    def made(complaints: bool) -> _Statement:
        return make(anybody(complaints=complaints))

    return lambda view: made(view.complaints)
