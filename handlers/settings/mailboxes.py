"""What must hold for the mailboxes, beyond the types of the values."""

import re
from collections.abc import Iterator, Mapping

from handlers.settings.problems import Place, Problem
from handlers.settings.shape import Imap, Mailbox, Smtp
from handlers.settings.values import is_loopback

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
# The part before the @ has at most 64 letters (RFC 5321, 4.5.3.1.1), and a signed word takes half of them.
_LONGEST_TAGGED = 32


def broken_mailbox_rules(mailboxes: Mapping[str, Mailbox]) -> Iterator[Problem]:
    """Every broken rule of every mailbox, and an address that stands in two of them."""
    home: Place = ("channels", "email", "mailboxes")
    taken: dict[str, str] = {}
    for name, box in mailboxes.items():
        for place, sentence in _of_one(name, box):
            yield (*home, name, *place), sentence
        for key, address in (("address", box.address), *(("aliases", alias) for alias in box.aliases)):
            if address in taken:
                yield (*home, name, key), f"{address} already belongs to {taken[address]}"
            taken.setdefault(address, ".".join(map(str, (*home, name, key))))


def _of_one(name: str, box: Mailbox) -> Iterator[Problem]:
    if not _NAME.fullmatch(name):
        yield (), "the name of a mailbox is a plain word: letters, digits, - and _, at most 64"
    if (box.password is None) == (box.oauth is None):
        both = "keep one of password and oauth" if box.password else "needs a password, or oauth"
        yield (), both
    for part, server in (("imap", box.imap), ("smtp", box.smtp)):
        yield from _unprotected(part, server)
    yield from _folders(box)
    if box.plus_addressing and len(box.address.rpartition("@")[0]) > _LONGEST_TAGGED:
        yield ("plus_addressing",), "leaves no room for a signed word: the part before the @ is too long"


def _unprotected(part: str, server: Imap | Smtp) -> Iterator[Problem]:
    if server.security == "none" and not is_loopback(server.host):
        yield (part, "security"), "none is for a server on this machine; write tls or starttls"


def _folders(box: Mailbox) -> Iterator[Problem]:
    """What was read, and what was sent, must not be read again."""
    read = box.imap.folder.casefold()
    for place, folder in (
        (("imap", "processed"), box.imap.processed),
        (("smtp", "sent_folder"), box.smtp.sent_folder),
    ):
        if folder is not None and folder.casefold() == read:
            yield place, "must be another folder than imap.folder, or its mails would be read again"
