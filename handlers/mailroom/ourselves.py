"""How the desk knows itself in mail: an installation by its mark, an office by its addresses."""

from dataclasses import replace

from channels.email.tokens import untagged
from channels.mime.kinds import FROM_US, Ours
from channels.mime.mail import Unread
from channels.mime.whole import judged
from handlers.mailroom.matching import addressed, answered, found_in, is_theirs
from handlers.mailroom.reading import Read
from handlers.runtime import Runtime
from storage.columns import AnyRow


def ours(runtime: Runtime) -> Ours:
    """How all offices of the desk together know themselves."""
    boxes = runtime.settings.channels.email.mailboxes.values()
    senders = (address for office in runtime.settings.offices.values() for address in office.senders.email)
    known = frozenset(address.lower() for address in (*senders, *(box.address for box in boxes)))
    aliases = frozenset(alias for box in boxes for alias in box.aliases)
    return Ours(marks=runtime.tokens.marks, addresses=known, aliases=aliases)


def is_ours(runtime: Runtime, address: str) -> bool:
    """Whether the desk writes from this *address*, tagged or not."""
    return untagged(address) in ours(runtime).addresses


def judged_there(runtime: Runtime, row: AnyRow, read: Read) -> Read:
    """*read* as it is to the office it came to: people of another office may write from its address, and an
    officer may answer a notice from the office's own.
    """
    mail, verdict = read.mail, read.verdict
    if isinstance(mail, Unread) or verdict is None or verdict.rule != FROM_US:
        return read
    if any(runtime.tokens.find(mail.envelope.message_id or "")):  # a mail of ours whose mark somebody took
        return read
    words = found_in(runtime.tokens, f"{addressed(mail.envelope)} {answered(mail.envelope)}")
    own = frozenset[str]() if any(map(is_theirs, words)) else _addresses(runtime, row)
    return judged(mail, read.new, replace(ours(runtime), addresses=own))


def _addresses(runtime: Runtime, row: AnyRow) -> frozenset[str]:
    box = runtime.settings.channels.email.mailboxes.get(row.mailbox)
    own = (*runtime.settings.offices[row.office].senders.email, *([box.address] if box else []))
    return frozenset(address.lower() for address in own)
