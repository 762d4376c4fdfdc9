"""Turns that share a transaction: what each must know at first is asked for all of them together.

Whoever is known is locked in the order of their ids. A turn about the same as one before it asks anew.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from channels.mime.kinds import Kind
from channels.mime.mail import Mail
from channels.mime.subjects import bare_subject
from handlers.mailroom import filing, noise
from handlers.mailroom.hearing import Case, words_of
from handlers.mailroom.matching import answered, found_in, ids_in
from handlers.runtime import Runtime
from storage import beginnings, contacts, forgotten, later, mails, threads
from storage.contacts import Home
from storage.mails import InTurn, Seen

Cases = Sequence[tuple[Case, Mail]]


def begun(runtime: Runtime, connection: Connection, cases: Cases, now: datetime) -> dict[int, InTurn]:
    """The turns of those mails of one mailbox that wait, by their ids."""
    seen = {case.row.id: _seen(case, mail) for case, mail in cases}
    row = cases[0][0].row
    found = mails.begin_turns(connection, row.mailbox, row.office, seen, now - noise.FLOOD_WITHIN)
    citizens = {
        _author(case): (case, mail)
        for case, mail in reversed(cases)
        if case.row.id in found and _is_personal(case) and case.read.writer
    }
    if citizens:
        office = cases[0][0].office.code
        named = [(office, (each,)) for each in sorted(citizens)]
        homes = {author: home for (_, author), home in contacts.expect(connection, "email", named).items()}
        _expect(runtime, connection, {homes[author]: citizens[author] for author in homes}, now)
        if strangers := citizens.keys() - homes:
            forgotten.expect(connection, [filing.mark_of(*citizens[each]) for each in sorted(strangers)])
    return found


def _expect(
    runtime: Runtime, connection: Connection, letters: Mapping[Home, tuple[Case, Mail]], now: datetime
) -> None:
    """What is known of these people, said to them and open for them, of each the first letter."""
    if not letters:
        return
    beginnings.expect(connection, {home.contact_id for home in letters})
    words = [(home.address_id, words_of(*letter)) for home, letter in letters.items()]
    noise.expect(runtime, connection, words, now)
    subjects = [(home.contact_id, _subject(*letter)) for home, letter in letters.items()]
    threads.expect_open(connection, next(iter(letters.values()))[0].sender, subjects)
    _expect_threads(runtime, connection, letters, now)


def _expect_threads(
    runtime: Runtime, connection: Connection, letters: Mapping[Home, tuple[Case, Mail]], now: datetime
) -> None:
    """The threads that these letters go on, by the ids of mails that came before."""
    asked = [
        (ids, home.contact_id)
        for home, (_, mail) in letters.items()
        if (ids := ids_in(mail.envelope)) and not found_in(runtime.tokens, answered(mail.envelope))
    ]
    row = next(iter(letters.values()))[0].row
    found = threads.expect_named(connection, row.office, row.mailbox, asked)
    if by_mail := {each.conversation_id for each in found if each.channel == "email"}:
        threads.expect(connection, by_mail)
    if ticket_ids := {each.ticket_id for each in found if each.ticket_id is not None}:
        noise.expect_on(runtime, connection, ticket_ids, now)


def begun_alone(connection: Connection, case: Case, mail: Mail, now: datetime) -> InTurn | None:
    """The turn of a mail by itself; None when it does not wait."""
    since, most = now - noise.FLOOD_WITHIN, noise.MOST_FROM_ANYBODY
    return mails.begin_turn(connection, case.row.id, _seen(case, mail), since, most)


def meets(connection: Connection, case: Case, mail: Mail) -> bool:
    """Whether the turn of this mail may be about what one before it was. A machine's may be about any."""
    if not _is_personal(case):
        later.write_now(connection)
    seen = mail.envelope
    named = {seen.in_reply_to, *seen.references} - {None}
    return later.meet(connection, {_author(case), seen.message_id, case.row.sha256} - {None}, named)


def _is_personal(case: Case) -> bool:
    return case.read.verdict is not None and case.read.verdict.kind is Kind.PERSONAL


def _author(case: Case) -> str:
    return case.read.writer.address.lower() if case.read.writer else ""


def _subject(case: Case, mail: Mail) -> str:
    return bare_subject(mail.envelope.subject, case.office.short_name)


def _seen(case: Case, mail: Mail) -> Seen:
    return Seen(case.row.sha256, *filing.known_by(mail), _author(case))
