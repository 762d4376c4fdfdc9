"""An officer's answer by mail: it reaches the citizen on their channel, or comes back with the reason.

Two things are needed together: the signed word that only this officer was sent, about this ticket, and the
address this officer is registered with. Neither is enough alone.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection

from channels.email.authentication import proves
from channels.email.tokens import Purpose, Token
from channels.mime.kinds import Kind, Verdict
from channels.mime.mail import Address, Mail
from handlers import routes
from handlers.mailroom import notices, officer_acts
from handlers.mailroom.matching import addressed, found_in, is_theirs
from handlers.mailroom.notices import Cause
from handlers.mailroom.officer_acts import Admitted
from handlers.mailroom.ourselves import is_ours
from handlers.mailroom.reading import Read
from handlers.runtime import Runtime
from storage import alarms, officers, ticket_page, tickets
from storage import notices as kept
from storage.columns import AnyRow
from storage.inbox import View
from storage.officers import Account, Correspondent

KIND = "officer"
MOST_REFUSALS = 20
_HOUR = timedelta(hours=1)
_MOST_MERGES = 5
# Exchange writes it into people's mail too.
_HARMLESS = "X-Auto-Response-Suppress"


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


@dataclass(frozen=True, slots=True)
class _Turned:
    """Why a mail is not an officer's answer, whom to tell, and whether people must look."""

    why: str
    reader: Account | None = None
    alarm: str = ""
    officer_id: int | None = None


def take(runtime: Runtime, row: AnyRow, read: Read, token: Token | None) -> Filed:
    """Do what the officer wrote, once, however often this mail is handed in; to be called in no transaction.

    *token*: an officer's word (``is_theirs``) among the mail's addresses, else among the ids it answers; None
    for a mail from the address of an officer of this office without one. A machine's mail is never an answer,
    nor is one from the office's own address, behind which anybody may stand.
    The officer is told what was done, or why nothing was; a stranger is told nothing.
    """
    mail, verdict = read.mail, read.verdict
    if not isinstance(mail, Mail) or verdict is None:
        raise ValueError("an officer's mail must have been read")
    if machine := _machine(verdict):
        return Filed("filed", verdict.kind.value, machine)
    with runtime.database.read() as connection:
        told = kept.find_by_key(connection, f"mail:{row.id}")
        if told is not None:
            return Filed(**told.about["filed"])
        found = _admitted(runtime, connection, row, mail, token)
    if isinstance(found, _Turned):
        return _turned_away(runtime, row, mail, found)
    done = officer_acts.carry_out(runtime, found, read)
    intake: Literal["handled", "filed"] = "handled" if done.cause is Cause.CONFIRMED else "filed"
    filed = Filed(intake, KIND, done.rule, found.ticket.id, found.conversation_id)
    _tell(runtime, row, found.account, mail, done.cause, done.about, filed)
    return filed


def _machine(verdict: Verdict) -> str:
    """The rule by which a machine may have written this; empty for a person's mail.

    More than what makes a citizen's mail automatic: an absence told to a citizen is worse than one kept back.
    """
    if verdict.kind is not Kind.PERSONAL:
        return verdict.rule
    return "" if verdict.answerable or verdict.rule == _HARMLESS else verdict.rule


def _admitted(
    runtime: Runtime, connection: Connection, row: AnyRow, mail: Mail, token: Token | None
) -> Admitted | _Turned:
    """The officer and the ticket, when both the word and the address are theirs; else why not."""
    author = mail.envelope.author
    writer = officers.find_by_email(connection, author.address) if author else None
    if token is None:
        return _Turned("no_token", reader=writer)
    word = _own_word(runtime, mail, token, writer)
    if author is None or writer is None or writer.id != word.by:
        if author is not None and is_ours(runtime, author.address) and _proved(runtime, row, mail, author):
            return _Turned("office_address", reader=_served(connection, row.office, word.by))
        if writer is None or row.office not in writer.roles:
            return _Turned("stranger", alarm="officer_word_stolen", officer_id=word.by)
        return _Turned("not_yours", reader=writer)
    if not _proved(runtime, row, mail, author):
        return _Turned("unproved", reader=writer, alarm="officer_unproved", officer_id=writer.id)
    if len({each.about for each in _words_in_addresses(runtime, mail)}) > 1:
        return _Turned("two_tickets", reader=writer)
    return _with_ticket(runtime, connection, row, mail, writer, word) or _Turned("no_access", reader=writer)


def _served(connection: Connection, office: str, officer_id: int) -> Account | None:
    """The officer, if they still are one of this office."""
    found = officers.find(connection, officer_id)
    return found if found and not found.disabled and office in found.roles else None


def _own_word(runtime: Runtime, mail: Mail, token: Token, writer: Account | None) -> Token:
    """The writer's own word among several; of two the one that keeps the answer inside."""
    named = _words_in_addresses(runtime, mail) or [token]
    own = [each for each in named if writer is not None and each.by == writer.id]
    inside = [each for each in own if each.purpose is Purpose.NOTE]
    return next(iter([*inside, *own, token]))


def _words_in_addresses(runtime: Runtime, mail: Mail) -> list[Token]:
    return [each for each in found_in(runtime.tokens, addressed(mail.envelope)) if is_theirs(each)]


def _proved(runtime: Runtime, row: AnyRow, mail: Mail, author: Address) -> bool:
    """Whether the office's receiving server stands behind the address; True where none was named."""
    box = runtime.settings.channels.email.mailboxes.get(row.mailbox)
    receiver = box.trusted_receiver if box else None
    return receiver is None or proves(mail.envelope.trace, receiver, author.address)


def _with_ticket(
    runtime: Runtime, connection: Connection, row: AnyRow, mail: Mail, writer: Account, word: Token
) -> Admitted | None:
    """The ticket, or the one it was merged into, if the officer may see it now."""
    role = writer.roles.get(row.office)
    if writer.disabled or role is None:
        return None
    found = tickets.find(connection, word.about)
    for _ in range(_MOST_MERGES):
        if found is not None and found.merged_into is not None:
            found = tickets.find(connection, found.merged_into)
    view = View(row.office, writer.id, complaints=role == "supervisor")
    ticket = ticket_page.find(connection, view, found.id) if found is not None else None
    # The office that has passed it on may look on, but answers no more.
    if found is None or ticket is None or ticket.handled_by != row.office:
        return None
    way = routes.usual(routes.choices(runtime, connection, found, runtime.clock()))
    inside = word.purpose is Purpose.NOTE
    return Admitted(mail, writer, view, ticket, found.conversation_id, way, inside)


def _turned_away(runtime: Runtime, row: AnyRow, mail: Mail, turned: _Turned) -> Filed:
    """Tell the officer at their own address, if it was theirs, and raise the alarm if there is one."""
    filed, now = Filed("filed", KIND, turned.why), runtime.clock()
    if turned.alarm:
        with runtime.database.write() as connection:
            key, about = f"{turned.alarm}:{turned.officer_id}", {"officer": turned.officer_id}
            alarms.raise_alarm(connection, key, row.office, turned.alarm, about, now)
    if turned.reader is not None:
        about = officer_acts.refusal(turned.why)
        _tell(runtime, row, turned.reader, mail, Cause.REFUSED, about, filed)
    return filed


def _tell(
    runtime: Runtime,
    row: AnyRow,
    account: Account,
    mail: Mail,
    cause: Cause,
    about: dict[str, Any],
    filed: Filed,
) -> None:
    """Tell the officer what became of their mail; so many refusals an hour, for it may be a machine's."""
    now = runtime.clock()
    with runtime.database.write() as connection:
        if cause is Cause.REFUSED and _refused_often(connection, account, now):
            return
        reader = Correspondent(account.id, account.email, account.language)
        about = {**about, "answers": mail.envelope.message_id, "filed": _as_json(filed)}
        notices.answer(runtime, connection, row, reader, cause, about, now, ticket_id=filed.ticket_id)


def _refused_often(connection: Connection, account: Account, now: datetime) -> bool:
    return kept.count(connection, account.id, Cause.REFUSED, now - _HOUR) >= MOST_REFUSALS


def _as_json(filed: Filed) -> dict[str, Any]:
    return {
        "intake": filed.intake,
        "kind": filed.kind,
        "rule": filed.rule,
        "ticket_id": filed.ticket_id,
        "conversation_id": filed.conversation_id,
    }
