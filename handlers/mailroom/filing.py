"""Where a mail ends, in the transaction of its turn: filed by its kind, or brought to its thread."""

from datetime import datetime

from sqlalchemy import Connection

from bot import letters, privacy
from bot.understanding import Intent
from channels.mime.kinds import Kind
from channels.mime.mail import Mail
from handlers.mailroom import bouncing, noise, turns
from handlers.mailroom.hearing import Case, heard
from handlers.mailroom.matching import Match, addressed, found_in, match, repeats_ours
from handlers.mailroom.officer_mail import Filed
from handlers.mailroom.turns import Heard, Place
from handlers.runtime import Runtime
from storage import contacts, forgotten, later, mailboxes, threads
from storage.mails import InTurn

DUPLICATE = Filed("filed", "duplicate", "same Message-ID and content")


class Forgotten(Exception):
    """A mail has come again whose person was erased; *files* came with it, and are kept already."""

    def __init__(self, files: tuple[str, ...]) -> None:
        super().__init__()
        self.files = files


def mark_of(case: Case, mail: Mail) -> str:
    """What would be left of the mail, had its person been erased."""
    message_id, fingerprint = known_by(mail)
    return forgotten.of_mail(case.row.mailbox, message_id or "", fingerprint)


def known_by(mail: Mail) -> tuple[str | None, str]:
    """What a copy of the mail has as well, however its bytes may differ: its Message-ID and what it says."""
    return threads.id_key(mail.envelope.message_id), mail.fingerprint


def filed(
    runtime: Runtime, connection: Connection, case: Case, mail: Mail, now: datetime, turn: InTurn
) -> Filed:
    """Where this mail ends, in the transaction of its *turn*."""
    verdict = case.read.verdict
    if verdict is None:
        raise ValueError("a mail that was read has its verdict")
    if turn.is_copy:
        return DUPLICATE
    if verdict.kind is Kind.OWN:
        return _own(runtime, connection, case, mail, now)
    if verdict.kind is Kind.BOUNCE:
        return bouncing.file(runtime, connection, case.read, case.office, now)
    if verdict.kind is not Kind.PERSONAL:
        return _machines(runtime, connection, case, mail, now)
    if case.read.writer is None:
        return Filed("shunted", "personal", "no author")
    if noise.floods(connection, case.row, case.read.writer.address.lower(), turn.lately, now):
        return Filed("shunted", Kind.PERSONAL.value, "flood")
    if turn.is_heard:
        return Filed("filed", "duplicate", "handled before")
    return _citizens(runtime, connection, case, mail, now)


def _own(runtime: Runtime, connection: Connection, case: Case, mail: Mail, now: datetime) -> Filed:
    """Our own mail came back: a probe proves both ways, anything else is only recorded."""
    words = f"{addressed(mail.envelope)} {mail.envelope.message_id} {mail.text[:2000]}"
    for token in found_in(runtime.tokens, words):
        if mailboxes.probe_returned(connection, case.row.mailbox, runtime.tokens.sign(token), now):
            return Filed("filed", "own", "probe")
    return Filed("filed", "own", "own mail")


def _machines(runtime: Runtime, connection: Connection, case: Case, mail: Mail, now: datetime) -> Filed:
    """A machine's mail: recorded at its ticket, where it has one; neither answered nor waited for."""
    verdict, author = case.read.verdict, mail.envelope.author
    kind, rule = (verdict.kind.value, verdict.rule) if verdict else ("", "")
    if author is None:
        return Filed("filed", kind, rule)
    noise.machine_wrote(connection, case.row.mailbox, case.office.code, author.address.lower(), now)
    home = contacts.known(connection, case.office.code, "email", author.address.lower())
    if home is None:
        return Filed("filed", kind, rule)
    found = _match(runtime, connection, case, mail, home)
    if found.conversation_id is None or found.ticket_id is None:
        return Filed("filed", kind, rule)
    bouncing.note(connection, case.office.code, found.ticket_id, f"mail_{kind}", now)
    return Filed("filed", kind, rule, found.ticket_id, found.conversation_id)


def _match(runtime: Runtime, connection: Connection, case: Case, mail: Mail, home: contacts.Home) -> Match:
    at = (case.office, case.row.mailbox, case.sender)
    return match(connection, runtime.tokens, *at, mail.envelope, home)


def _citizens(runtime: Runtime, connection: Connection, case: Case, mail: Mail, now: datetime) -> Filed:
    """A person's mail: to its thread, and through the core like every other message."""
    author = case.read.writer
    if author is None:
        raise ValueError("a citizen's mail has its author")
    address, code = author.address.lower(), case.office.code
    home = contacts.home(connection, code, "email", address, (), author.name, now)
    if home.new and forgotten.is_known(connection, mark_of(case, mail)):
        raise Forgotten(tuple(each["file"] for each in case.media))
    later.meet(connection, {("contact", home.contact_id)})
    found = _match(runtime, connection, case, mail, home)
    if (ticket_id := found.ticket_id or found.joins) and later.meet(connection, {("ticket", ticket_id)}):
        found = _match(runtime, connection, case, mail, home)
    letter = heard(case, mail, address, first=_answers_nothing(runtime, mail, found))
    went = turns.take(runtime, connection, letter, home, _place(connection, found, letter), now)
    return Filed("handled", Kind.PERSONAL.value, found.rule, went.ticket_id, went.conversation_id)


def _place(connection: Connection, found: Match, letter: Heard) -> Place:
    acts = _acts(letter)
    read = _read_first(connection, found, letter) if acts else None
    return Place(
        found.conversation_id,
        found.ticket_id if found.conversation_id else found.joins,
        perhaps_of=found.perhaps_of,
        vouched=found.signed and (read is not None or not acts),
        letter_at=read,
        letter_id=found.letter_id if found.signed else 0,
        ended_complaint=found.ended_complaint,
    )


def _answers_nothing(runtime: Runtime, mail: Mail, found: Match) -> bool:
    """Whether nothing of ours stands in it: a lecturer may hand on a student's question with an answer."""
    return found.conversation_id is None and not repeats_ours(runtime.tokens, mail)


def _acts(letter: Heard) -> bool:
    """Whether its words silence the desk or erase its writer: no forger who knows an old letter may."""
    stops = letters.ordered(letter.text, letter.subject) is Intent.OPT_OUT
    return stops or privacy.confirms(letter.text, letter.subject)


def _read_first(connection: Connection, found: Match, letter: Heard) -> datetime | None:
    """Of when our letter is that this *letter* is the first answer to; None for any other.

    An answer takes the ids of all letters before it to whoever stands in its *Cc*.
    """
    if not found.signed or found.conversation_id is None:
        return None
    ours = threads.our_mail(connection, letter.office, found.conversation_id, found.letter_id)
    return ours.at if ours and not threads.was_read(connection, ours) else None
