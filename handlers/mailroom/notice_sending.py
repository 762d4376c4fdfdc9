"""Mails outside of any thread leave: claimed, put into words, handed over, tried again for a day."""

import logging
from datetime import datetime, timedelta
from threading import Event

from bot.calendar import WorkingCalendar
from channels.contract import Letter, Outbound, SendError, Trouble
from channels.email.tokens import Purpose, Token, message_id, tagged
from handlers import inbound, wording
from handlers.mailroom import notice_facts, notice_words
from handlers.mailroom.envelopes import envelope
from handlers.mailroom.notice_facts import Facts
from handlers.mailroom.notices import Cause, mailbox_of
from handlers.mailroom.notices import remind as remind_of
from handlers.runtime import Runtime
from storage import alarms, notices
from storage.columns import AnyRow
from storage.db import AWAY

log = logging.getLogger(__name__)
_ROUNDS = 20
_MINUTES = (1, 5, 15, 60)
GIVE_UP = timedelta(hours=24)
PATIENCE = timedelta(hours=24)


def send_due(runtime: Runtime, stopping: Event) -> None:
    """Let everything leave that may leave now; once *stopping* is set nothing more does."""
    for _ in range(_ROUNDS):
        if stopping.is_set():
            return
        with runtime.database.write() as connection:
            claimed = notices.claim(connection, runtime.clock())
        if not claimed:
            return
        for row in claimed:
            _guarded(runtime, row, stopping)


def _guarded(runtime: Runtime, row: AnyRow, stopping: Event) -> None:
    """A bug in one mail's words stops no other; a failing database leaves the mail to its lease."""
    try:
        if stopping.is_set():
            with runtime.database.write() as connection:
                notices.give_back(connection, row)
        elif _is_ours(runtime, row):
            _send(runtime, row)
    except AWAY as error:
        log.error("the database failed while a notice was sent: %s", inbound.where(error))
    except Exception as error:  # noqa: BLE001  # as said
        log.error("notice %s failed: %s", row.id, inbound.where(error))
        _not_sent(runtime, row, SendError("bug", inbound.where(error), Trouble.RETRY))


def _is_ours(runtime: Runtime, row: AnyRow) -> bool:
    """Whether nobody else may send this mail meanwhile: the one before it may have taken minutes."""
    now = runtime.clock()
    if notices.LEASE / 2 <= row.lease_until - now <= notices.LEASE:
        return True
    with runtime.database.write() as connection:
        return notices.renew(connection, row, now)


def _send(runtime: Runtime, row: AnyRow) -> None:
    with runtime.database.read() as connection:
        found = notice_facts.facts(runtime, connection, row)
    if found is None:
        with runtime.database.write() as connection:
            notices.cancel(connection, row.id)
        return
    try:
        runtime.channels["email"].send(outbound(runtime, row, found))
    except SendError as error:
        _not_sent(runtime, row, error)
    else:
        with runtime.database.write() as connection:
            notices.sent(connection, row.id, runtime.clock())


def outbound(runtime: Runtime, row: AnyRow, found: Facts) -> Outbound:
    """The mail as it leaves. Its Message-ID holds the officer's word and the mail's own, so that an answer
    without a tagged address is understood too, and no two mails look the same to a mail program.
    """
    office = runtime.office(row.office)
    said = notice_words.words(row.purpose, row.language, found.values)
    text, html = said.text, said.html
    if row.officer_id is None:
        text, html = envelope(
            runtime, office, row.language, said.text, delimiter=False, closing="", marked=True
        )
    mine = runtime.tokens.sign(Token(Purpose.NOTICE, row.id, row.officer_id or 0))
    word = runtime.tokens.sign(found.token) if found.token else ""
    box = runtime.settings.mailbox_of(row.mailbox)
    plus = box is not None and box[1].plus_addressing
    answered = row.about.get("answers")
    root = (message_id(word, row.mailbox),) if word else ()
    letter = Letter(
        subject=said.subject,
        from_name=wording.office_name(office, row.language),
        html=html,
        message_id=message_id(f"{word}-{mine}" if word else mine, row.mailbox),
        mark=runtime.tokens.marks[0],
        reply_to=tagged(row.mailbox, word) if plus and word else None,
        bounces_to=tagged(row.mailbox, mine) if plus else None,
        in_reply_to=answered or next(iter(root), None),
        references=(*root, answered) if answered else root,
        automatic="auto-replied" if answered else "auto-generated",
    )
    return Outbound(f"notice-{row.id}", row.mailbox, row.recipient, text, letter)


def _not_sent(runtime: Runtime, row: AnyRow, error: SendError) -> None:
    """Try again after 1, 5, 15 and 60 minutes, then every hour for a day; what can't work is told at once.

    Of an unknown fate too: the second one bears the same Message-ID.
    """
    now = runtime.clock()
    over = error.trouble is Trouble.PERMANENT or now - row.at >= GIVE_UP
    with runtime.database.write() as connection:
        if not over:
            notices.put_back(connection, row.id, _why(error), now + _wait(row.tries))
            return
        notices.failed(connection, row.id, _why(error))
        about = {"purpose": row.purpose, "officer": row.officer_id, "error": error.code}
        alarms.raise_alarm(connection, f"notice:{row.office}", row.office, "notice_failed", about, now)
    log.error("notice %s was not delivered: %s", row.id, error.code)


def _why(error: SendError) -> str:
    return f"{error.code}: {error.detail}"


def _wait(tries: int) -> timedelta:
    return timedelta(minutes=_MINUTES[min(tries, len(_MINUTES)) - 1])


def remind(runtime: Runtime) -> None:
    """Remind officers, while their office serves, of tickets that have waited for them for a working day."""
    now = runtime.clock()
    with runtime.database.read() as connection:
        waiting = notices.with_overdue(connection, Cause.LATE, now - PATIENCE)
    for code in runtime.settings.offices:
        if code not in waiting or not mailbox_of(runtime, code):
            continue
        with runtime.database.read() as connection:
            calendar = runtime.calendars.of(connection, code)
        if calendar.is_open(now):
            _remind_office(runtime, code, calendar, now)


def _remind_office(runtime: Runtime, code: str, calendar: WorkingCalendar, now: datetime) -> None:
    with runtime.database.read() as connection:
        waiting = notices.overdue(connection, code, Cause.LATE, now - PATIENCE)
    late = [ticket for ticket in waiting if patience_ends(ticket.waiting_since, calendar) <= now]
    if late:
        with runtime.database.write() as connection:
            for ticket in late:
                remind_of(runtime, connection, ticket, now)


def patience_ends(since: datetime, calendar: WorkingCalendar) -> datetime:
    """A day later, at the same time of day, on the next working day."""
    ends = since + PATIENCE
    while not calendar.works(calendar.local_date(ends)):
        ends += timedelta(days=1)
    return ends
