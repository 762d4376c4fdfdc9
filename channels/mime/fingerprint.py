"""A hash over what a mail says, so that the same mail is known again whatever way it took."""

import hashlib
from collections.abc import Iterable

from channels.mime.mail import Attachment, Envelope


def fingerprint(envelope: Envelope, text: str, attachments: Iterable[Attachment]) -> str:
    """Hex SHA-256 of author, date, subject, words and files: no Message-ID, nothing that servers add on the
    way.

    Blanks don't count, for servers break lines and encode again; the order of the files does not either.
    """
    author = envelope.author.address.lower() if envelope.author else envelope.author_text
    said = (
        author,
        envelope.date.isoformat() if envelope.date else "",
        "".join(envelope.subject.split()),
        "".join(text.split()),
        *sorted(each.sha256 for each in attachments),
    )
    return hashlib.sha256("\x00".join(said).encode("utf-8", "replace")).hexdigest()
