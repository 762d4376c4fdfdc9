"""Each mail gets its turn: told by its kind, filed, brought to its thread, or put aside for people.

A mail is kept as a row before it is read, and leaves ``pending`` in the transaction of its turn, so that
it ends exactly once: ``in = handled + filed + shunted``.
"""

import logging
from collections import deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection

from bot import understanding
from channels.email.tokens import Token
from channels.mime.kinds import Kind
from channels.mime.limits import Limits
from channels.mime.mail import Envelope, Mail, Unread, Why
from handlers import inbound
from handlers.ahead import ahead
from handlers.mailroom import belonging, filing, gathering, officer_mail
from handlers.mailroom.by_hand import open_as_ticket
from handlers.mailroom.hearing import Case, kept_files, words_of
from handlers.mailroom.matching import addressed, answered, found_in, is_theirs
from handlers.mailroom.officer_mail import Filed
from handlers.mailroom.ourselves import is_ours, judged_there, ours
from handlers.mailroom.reading import HEAVIEST, Read, Reader, raw_of
from handlers.runtime import Runtime
from storage import alarms, later, mails, threads, unwanted
from storage.columns import AnyRow
from storage.db import AWAY
from storage.mails import InTurn
from storage.slots import SLOTS

__all__ = ["handle", "handle_waiting", "open_as_ticket", "ours"]
log = logging.getLogger(__name__)
MOST_AT_ONCE = 100
MOST_IN_A_ROW = 1000
# So many turns share a transaction where many wait; a commit costs a good part of a turn.
TOGETHER = SLOTS


_Reading = tuple[AnyRow, Read | Exception]


@dataclass(frozen=True, slots=True)
class _Ready:
    """A mail that was read; and what is to be filed, or why it can't be filed like a letter."""

    row: AnyRow
    read: Read | Exception
    plain: tuple[Case, Mail] | Exception


def handle_waiting(runtime: Runtime, reader: Reader, mailbox: str) -> int:
    """Give every mail of *mailbox* that is due its turn, oldest first; how many were dealt with.

    One that can't be handled waits or is shunted and never stops the next. Only a database that is away
    ends the round early.
    """
    done = 0
    while True:
        some = _one_after_another(runtime, reader, mailbox)
        done += some.many
        if not some.more:
            return done


@dataclass(frozen=True, slots=True)
class _Some:
    """So many mails were dealt with; and whether there may be more, and a database."""

    many: int
    more: bool


def _one_after_another(runtime: Runtime, reader: Reader, mailbox: str) -> _Some:
    """So many as may go before other mailboxes have their turn at the reader."""
    done = 0
    with (
        closing(_readings(runtime, reader, mailbox)) as readings,
        closing(_groups(runtime, readings)) as groups,
    ):
        for few in groups:
            if not _handled(runtime, few):
                return _Some(done, more=False)
            done += len(few)
    return _Some(done, more=done >= MOST_IN_A_ROW)


def _groups(runtime: Runtime, readings: Iterator[_Reading]) -> Generator[list[_Ready]]:
    """So many as share a transaction. PostgreSQL works while this process waits for it, so the next ones are
    made ready meanwhile; SQLite works in this process, where two threads would only be in each other's way.
    """
    groups = _made_ready(runtime, readings)
    return groups if runtime.database.is_sqlite else ahead(groups)


def _made_ready(runtime: Runtime, readings: Iterator[_Reading]) -> Generator[list[_Ready]]:
    """So many as go together, and may be held in memory together."""
    few: list[_Ready] = []
    heavy = 0
    for row, read in readings:
        few.append(_ready(runtime, row, read))
        heavy += row.size if row.whole else 0
        if len(few) == TOGETHER or heavy > HEAVIEST:
            yield few
            few, heavy = [], 0
    if few:
        yield few


def _ready(runtime: Runtime, row: AnyRow, read: Read | Exception) -> _Ready:
    try:
        return _Ready(row, read, _plain(runtime, row, read))
    except Exception as error:  # noqa: BLE001  # it shows again in a turn of its own
        return _Ready(row, read, error)


def _handled(runtime: Runtime, few: Sequence[_Ready]) -> bool:
    """Give these mails their turns, together if that goes well; False when the database is away."""
    if len(few) > 1 and _went_together(runtime, few):
        return True
    return all(_handled_alone(runtime, each.row, each.read) for each in few)


def _went_together(runtime: Runtime, few: Sequence[_Ready]) -> bool:
    """All or nothing. What is wrong with one of them shows again, and is counted, in a turn of its own."""
    try:
        cases = [_filable(each) for each in few]
        with runtime.database.write() as connection, later.together(connection):
            begun = gathering.begun(runtime, connection, cases, runtime.clock())
            for case, mail in cases:
                again = gathering.meets(connection, case, mail)
                _file(runtime, connection, case, mail, None if again else begun)
    except Exception as error:  # noqa: BLE001  # as said
        log.info("%d mails do not go together: %s", len(few), inbound.where(error))
        return False
    return True


def _filable(mail: _Ready) -> tuple[Case, Mail]:
    if isinstance(mail.plain, Exception):
        raise mail.plain
    return mail.plain


def _handled_alone(runtime: Runtime, row: AnyRow, read: Read | Exception) -> bool:
    """Give the mail its turn, and count it when that fails; False when the database is away."""
    try:
        if isinstance(read, Exception):
            raise read
        handle(runtime, row, read)
    except AWAY as error:
        log.error("the database failed in a mail's turn; it stays pending: %s", inbound.where(error))
        return False
    except Exception as error:  # noqa: BLE001  # a bug in a turn must not lose the mail, nor stop the next
        log.error("the turn of mail %s failed: %s", row.id, inbound.where(error))
        _count_failure(runtime, row, error)
    return True


def _limits(runtime: Runtime, mailbox: str) -> Limits:
    box = runtime.settings.channels.email.mailboxes.get(mailbox)
    return Limits(size=box.largest_mb * 1024 * 1024) if box else Limits()


def _readings(runtime: Runtime, reader: Reader, mailbox: str) -> Generator[_Reading]:
    """Each mail that is due with what was read in it, or with what kept it from being read."""
    limits = _limits(runtime, mailbox)
    asked: deque[tuple[AnyRow, OSError | None]] = deque()
    for read in reader.read_many(_raws(runtime, mailbox, asked), limits):
        row, gone = asked.popleft()
        if gone:
            yield row, gone
        else:
            yield row, judged_there(runtime, row, read) if row.whole else _too_large(row, read, limits)


def _raws(runtime: Runtime, mailbox: str, asked: deque[tuple[AnyRow, OSError | None]]) -> Iterator[bytes]:
    """The bytes of each mail that is due, none where they are gone; *asked* gets what they belong to."""
    for row in islice(_due(runtime, mailbox), MOST_IN_A_ROW):
        try:
            raw, gone = raw_of(runtime, row), None
        except OSError as error:
            raw, gone = b"", error
        asked.append((row, gone))
        yield raw


def _too_large(row: AnyRow, read: Read, limits: Limits) -> Read:
    return Read(Unread(Why.SIZE, limits.size, row.size, read.mail.envelope))


def _due(runtime: Runtime, mailbox: str) -> Iterator[AnyRow]:
    last = 0
    while rows := _due_after(runtime, mailbox, last):
        yield from rows
        last = rows[-1].id


def _due_after(runtime: Runtime, mailbox: str, last: int) -> list[AnyRow]:
    with runtime.database.read() as connection:
        return mails.pending(connection, mailbox, runtime.clock(), MOST_AT_ONCE, after=last)


def _count_failure(runtime: Runtime, row: AnyRow, error: Exception) -> None:
    with runtime.database.write() as connection:
        if mails.failed(connection, row.id, inbound.where(error), runtime.clock()):
            _aside(connection, row, "failed", runtime.clock())


def handle(runtime: Runtime, row: AnyRow, read: Read) -> None:
    """One mail's turn. Raises what a bug or a failing database raises; the mail is then pending as before."""
    if row.kind == mails.OLD:
        _settle(runtime, row, read, Filed("filed", mails.OLD, "before the desk"))
        return
    if isinstance(read.mail, Unread) or read.verdict is None:
        _settle(runtime, row, read, Filed("shunted", "unread", _why_unread(read)))
        return
    try:
        case, mail = _plain(runtime, row, read)
        with runtime.database.write() as connection:
            _file(runtime, connection, case, mail)
    except _ByOfficer as found:
        _settle(runtime, row, read, _officers(runtime, found.case, found.mail, found.token))
    except filing.Forgotten as again:
        _erase(runtime, row, again)


def _erase(runtime: Runtime, row: AnyRow, again: filing.Forgotten) -> None:
    """The same mail in other bytes: neither its words nor its files stay."""
    names = {row.sha256, *again.files}
    with runtime.database.write() as connection:
        mails.erase(connection, row, runtime.clock())
        unwanted.note(connection, names, runtime.clock())


class _ByOfficer(Exception):
    """A mail is to be done as an officer's, in no transaction; *token* is the word in its addresses."""

    def __init__(self, case: Case, mail: Mail, token: Token | None) -> None:
        super().__init__()
        self.case, self.mail, self.token = case, mail, token


def _plain(runtime: Runtime, row: AnyRow, read: Read | Exception) -> tuple[Case, Mail]:
    """The mail, its files kept. Raises ``_ByOfficer``, or for what can't be filed like a letter."""
    if isinstance(read, Exception):
        raise read
    if row.kind == mails.OLD or isinstance(read.mail, Unread) or read.verdict is None:
        raise ValueError("nothing to be filed like a letter")
    office = runtime.settings.offices[row.office]
    found = runtime.settings.channels.email.mailboxes.get(row.mailbox)
    case = Case(row, read, office, found.address.lower() if found else office.senders.email[0])
    token = _officers_word(runtime, _naming(runtime, read.mail.envelope)) if _by_people(read) else None
    if token is not None:
        raise _ByOfficer(case, read.mail, token)
    understanding.read(words_of(case, read.mail))  # the turn finds it read
    if read.verdict.kind is not Kind.PERSONAL:  # a machine's is only filed, whole
        return case, read.mail
    return replace(case, media=kept_files(runtime, read.mail)), read.mail


def _file(
    runtime: Runtime,
    connection: Connection,
    case: Case,
    mail: Mail,
    begun: Mapping[int, InTurn] | None = None,
) -> None:
    """File the mail, or let it be heard. Raises ``_ByOfficer`` when an officer has written it."""
    now, row = runtime.clock(), case.row
    turn = gathering.begun_alone(connection, case, mail, now) if begun is None else begun.get(row.id)
    if turn is None:
        return
    if turn.by_officer and not turn.is_copy and _by_people(case.read):
        raise _ByOfficer(case, mail, None)
    filed = filing.filed(runtime, connection, case, mail, now, turn)
    if filed.intake != "handled":  # no message holds its files; they stand in the mail itself, too
        unwanted.note(connection, [each["file"] for each in case.media], now)
    _write_down(runtime, connection, row, case.read, filed)


def _settle(runtime: Runtime, row: AnyRow, read: Read, filed: Filed) -> None:
    with runtime.database.write() as connection:
        if mails.is_pending(connection, row.id):
            _write_down(runtime, connection, row, read, filed)


def _write_down(runtime: Runtime, connection: Connection, row: AnyRow, read: Read, filed: Filed) -> None:
    seen = read.mail.envelope
    author = read.writer or seen.author
    mails.settle(
        connection,
        row.id,
        intake=filed.intake,
        kind=filed.kind,
        rule=filed.rule[:120],
        conversation_id=filed.conversation_id,
        ticket_id=filed.ticket_id or _spoken_of(runtime, connection, row, read, filed),
        message_id=threads.id_key(seen.message_id),
        fingerprint=read.mail.fingerprint if isinstance(read.mail, Mail) else None,
        author=(author.address.lower() if author else "")[:254],
        subject=seen.subject[:255],
    )
    if filed.intake == "shunted":
        _aside(connection, row, filed.rule, runtime.clock())


def _spoken_of(runtime: Runtime, connection: Connection, row: AnyRow, read: Read, filed: Filed) -> int | None:
    """Of a mail that is filed, and goes to no ticket, the one that it speaks of."""
    if filed.intake != "filed":
        return None
    return belonging.ticket_of(runtime, connection, runtime.settings.offices[row.office], read)


def _aside(connection: Connection, row: AnyRow, why: str, now: datetime) -> None:
    log.error("mail %s can't be handled (%s) and is shown to officers", row.id, why)
    alarms.raise_alarm(connection, f"shunted:{row.office}", row.office, "mail_shunted", {}, now)


def _why_unread(read: Read) -> str:
    return str(read.mail.why) if isinstance(read.mail, Unread) else "broken"


def _by_people(read: Read) -> bool:
    return read.verdict is not None and read.verdict.kind not in (Kind.OWN, Kind.BOUNCE, Kind.COMPLAINT)


def _officers(runtime: Runtime, case: Case, mail: Mail, token: Token | None) -> Filed:
    """What became of a mail that names itself an officer's."""
    # The ids of a mail that an officer has handed on stand in a citizen's answer to that officer, too.
    token = token or _officers_word(runtime, answered(mail.envelope))
    with runtime.database.read() as connection:
        if mails.known_copy(connection, case.row.id, case.row.sha256, *filing.known_by(mail)):
            return filing.DUPLICATE
    return officer_mail.take(runtime, case.row, case.read, token)


def _naming(runtime: Runtime, seen: Envelope) -> str:
    """Where a word makes a mail an officer's: its addresses; from the office's own also what it answers."""
    by_us = seen.author is not None and is_ours(runtime, seen.author.address)
    return f"{addressed(seen)} {answered(seen)}" if by_us else addressed(seen)


def _officers_word(runtime: Runtime, text: str) -> Token | None:
    return next((each for each in found_in(runtime.tokens, text) if is_theirs(each)), None)
