"""All that can be known of a mail from its bytes, in one value."""

from dataclasses import dataclass

from channels.mime.bounces import Bounce, bounce
from channels.mime.kinds import Kind, Ours, Verdict, verdict, writer
from channels.mime.limits import Limits
from channels.mime.mail import Address, Mail, Unread, Why
from channels.mime.newtext import NewText, new_text
from channels.mime.reading import first_look, read


@dataclass(frozen=True, slots=True)
class Read:
    """A mail, its kind, its new text and who has written it, all None for an ``Unread`` one.

    ``bounce``: for that kind only.
    """

    mail: Mail | Unread
    verdict: Verdict | None = None
    new: NewText | None = None
    bounce: Bounce | None = None
    writer: Address | None = None


def read_whole(raw: bytes, ours: Ours, limits: Limits) -> Read:
    """*raw* read, judged and cut. Never raises, like ``channels.mime.reading.read``."""
    try:
        return _read_whole(raw, ours, limits)
    except MemoryError:
        return Read(Unread(Why.MEMORY, 0, 0, first_look(raw)))
    except Exception:  # noqa: BLE001 - one mail must never stop the queue; it is put aside with its bytes
        return Read(Unread(Why.BROKEN, 0, 0, first_look(raw)))


def _read_whole(raw: bytes, ours: Ours, limits: Limits) -> Read:
    mail = read(raw, limits)
    if isinstance(mail, Unread):
        return Read(mail)
    return judged(mail, new_text(mail.text, mail.envelope.subject), ours)


def judged(mail: Mail, new: NewText | None, ours: Ours) -> Read:
    """A mail that was read, of which *new* is what is new, by what it is to those whom *ours* describes."""
    found = verdict(mail, ours)
    return Read(
        mail=mail,
        verdict=found,
        new=new,
        bounce=bounce(mail) if found.kind is Kind.BOUNCE else None,
        writer=writer(mail.envelope, ours) if found.kind is Kind.PERSONAL else mail.envelope.author,
    )
