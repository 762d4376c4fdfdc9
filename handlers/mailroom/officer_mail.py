"""An officer's answer by mail: it reaches the citizen on their channel, or comes back with the reason.

Two things are needed together: the signed word that only this officer was sent, about this ticket, and the
address this officer is registered with. Neither is enough alone.
"""

from dataclasses import dataclass
from typing import Literal

from channels.email.tokens import Purpose, Token
from handlers.mailroom.reading import Read
from handlers.runtime import Runtime
from storage.columns import AnyRow

_THEIRS = {Purpose.OFFICER, Purpose.NOTE}


@dataclass(frozen=True, slots=True)
class Filed:
    """Where a mail ended, as its row is to say: by which kind and rule, and to which ticket it belongs.

    ``handled``: something was done because of it. ``filed``: kept, and nothing followed from it. ``shunted``:
    people must look.
    """

    intake: Literal["handled", "filed", "shunted"]
    kind: str
    rule: str
    ticket_id: int | None = None
    conversation_id: int | None = None


def is_theirs(token: Token) -> bool:
    """Whether this word was signed for an officer."""
    return token.purpose in _THEIRS


def take(runtime: Runtime, row: AnyRow, read: Read, token: Token | None) -> Filed:
    """Do what the officer wrote, once, however often this mail is handed in; to be called in no transaction.

    *token*: an officer's word (``is_theirs``) among the mail's addresses, else among the ids it answers; None
    for a mail from the address of an officer of this office without one. A machine's mail is never an answer.
    The officer is told what was done, or why nothing was; a stranger is told nothing.
    """
    raise NotImplementedError
