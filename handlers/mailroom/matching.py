"""Which thread a citizen's mail belongs to. A valid reference is not a right: the sender must belong to it.

In this order: our signed word in an address (it survives every mail program), our own Message-ID, the id
of a mail we hold, the number of a ticket in the subject. A sender who does not belong begins a thread of
their own, which remembers the ticket it named, for an officer to judge.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from bot.policy import Office
from channels.email.tokens import Purpose, Token, Tokens
from channels.mime import quotes
from channels.mime.mail import Envelope, Mail
from channels.mime.subjects import bare_subject
from storage import threads
from storage.contacts import Home
from storage.threads import Named

MOST_TOKENS = 20
MOST_NUMBERS = 5
# Signed words that say which thread a mail of ours stands in, and those that officers answer with.
_OF_A_THREAD = {Purpose.THREAD, Purpose.BOUNCE}
_OF_AN_OFFICER = {Purpose.OFFICER, Purpose.NOTE}


@dataclass(frozen=True, slots=True)
class Match:
    """The thread with its ticket, if there is one; else the ticket that the mail named (None: it named none).

    ``joins``: an open ticket of the same person on another channel, which a new thread by mail leads to.
    ``letter_id``: our letter whose signed word led here; 0 for none. ``ended_complaint``: the sender's closed
    complaint that this letter was about.
    """

    rule: str
    conversation_id: int | None = None
    ticket_id: int | None = None
    perhaps_of: int | None = None
    joins: int | None = None
    letter_id: int = 0
    ended_complaint: int | None = None

    @property
    def signed(self) -> bool:
        """Whether the mail bears a word that only a reader of ours can know, in the sender's own thread."""
        return self.rule in ("signed address", "signed id") and self.conversation_id is not None


def match(
    connection: Connection,
    tokens: Tokens,
    office: Office,
    mailbox: str,
    sender: str,
    seen: Envelope,
    home: Home,
) -> Match:
    """Where the mail with these headers belongs. *sender* is our address, *home* the (claimed) author.

    To be asked under the author's lock.
    """
    for rule, found, letter_id in _named(connection, tokens, office, mailbox, seen, home):
        if found is not None:
            entered = _entered(connection, office.code, rule, found, home, sender)
            return replace(entered, letter_id=letter_id)
    return Match("new", perhaps_of=_again(connection, office, sender, seen, home))


def _again(connection: Connection, office: Office, sender: str, seen: Envelope, home: Home) -> int | None:
    """The open ticket that the same person began under the same subject: they may be asking after it."""
    subject = "" if home.new else bare_subject(seen.subject, office.short_name)
    return threads.open_under(connection, home.contact_id, sender, subject) if subject else None


def _named(
    connection: Connection, tokens: Tokens, office: Office, mailbox: str, seen: Envelope, home: Home
) -> Iterator[tuple[str, Named | None, int]]:
    """The threads that the mail names, the surest first; each rule costs nothing where it has nothing.

    Each with the letter of ours that bore the word, 0 for none.
    """
    for rule, text in (("signed address", addressed(seen)), ("signed id", answered(seen))):
        for token in found_in(tokens, text):
            if token.purpose in _OF_A_THREAD:
                yield rule, threads.of_our_mail(connection, office.code, token.about, token.by), token.by
    if ids := ids_in(seen):
        yield "known id", threads.by_message_ids(connection, office.code, mailbox, ids, home.contact_id), 0
    if numbers := numbers_in(seen.subject, office):
        yield "number in the subject", threads.by_reference(connection, office.code, numbers), 0


def _entered(connection: Connection, office: str, rule: str, found: Named, home: Home, sender: str) -> Match:
    """Into the thread that was named, if its ticket is the sender's own or they were let in."""
    if found.contact_id == home.contact_id:
        if found.channel == "email":
            return Match(rule, found.conversation_id, found.ticket_id, ended_complaint=found.ended_complaint)
        return Match(f"{rule}, another channel", joins=found.ticket_id if found.open else None)
    if found.ticket_id is not None:
        let_in = threads.of_participant(connection, home.contact_id, found.ticket_id, sender)
        if let_in is not None:
            theirs = threads.by_id(connection, office, let_in)
            return Match(f"{rule}, participant", let_in, theirs.ticket_id if theirs else None)
    # A complaint's number tells nobody but a supervisor that there is one.
    return Match(f"{rule}, stranger", perhaps_of=None if found.complaint else found.ticket_id)


def found_in(tokens: Tokens, text: str) -> list[Token]:
    """The signed words in *text*, at most twenty."""
    return [token for token, _ in zip(tokens.find(text), range(MOST_TOKENS), strict=False)]


def is_theirs(token: Token) -> bool:
    """Whether this word was signed for an officer."""
    return token.purpose in _OF_AN_OFFICER


def repeats_ours(tokens: Tokens, mail: Mail) -> bool:
    """Whether a signed word of ours stands anywhere in the mail, or the line that we write above a quote."""
    if any(quotes.is_our_line(quotes.tidy(line)) for line in mail.text.split("\n")):
        return True
    return bool(found_in(tokens, f"{addressed(mail.envelope)} {answered(mail.envelope)} {mail.text}"))


def addressed(seen: Envelope) -> str:
    """Everything the mail was addressed to, as one text to look for signed words in."""
    people = (*seen.to, *seen.cc)
    return " ".join([*seen.delivered_to, *(person.address for person in people)])


def answered(seen: Envelope) -> str:
    """The ids of what the mail answers, the nearest first."""
    return " ".join([seen.in_reply_to or "", *reversed(seen.references)])


def ids_in(seen: Envelope) -> tuple[str, ...]:
    """The same one by one."""
    return tuple(each for each in (seen.in_reply_to, *reversed(seen.references)) if each)


def numbers_in(subject: str, office: Office) -> list[str]:
    """The numbers of this office's tickets that stand in *subject*, such as ``ABC-2026-00012``."""
    pattern = rf"(?<![\w-]){re.escape(office.short_name)}-(?:P-)?\d{{4}}-\d{{5,9}}(?![\w-])"
    found: Callable[[str], list[str]] = re.compile(pattern, re.IGNORECASE).findall
    return list(dict.fromkeys(number.upper() for number in found(subject)))[:MOST_NUMBERS]
