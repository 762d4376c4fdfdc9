"""What machines answer on their own: for a mailbox that was closed, and for a person who is away."""

import re
from datetime import datetime
from email.header import Header, decode_header, make_header
from email.parser import BytesHeaderParser
from email.utils import format_datetime
from uuid import uuid4

_BREAKS = re.compile(r"[\x00-\x1f\x7f]+")
_LONGEST_HEAD = 8_000

_BOUNCE = """\
From: Mail Delivery System <MAILER-DAEMON@{host}>
To: {sender}
Subject: Undelivered Mail Returned to Sender
Date: {date}
Message-ID: {message_id}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="{boundary}"

--{boundary}
Content-Type: text/plain; charset=us-ascii

This is the mail system at host {host}.

Your message could not be delivered to one or more recipients.

<{recipient}>: host {host} said: 550 5.1.1 User unknown

--{boundary}
Content-Type: message/delivery-status

Reporting-MTA: dns; {host}
Arrival-Date: {date}

Final-Recipient: rfc822; {recipient}
Action: failed
Status: 5.1.1
Remote-MTA: dns; {host}
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--{boundary}
Content-Type: text/rfc822-headers

{head}
--{boundary}--
"""

_ABSENCE = """\
From: {owner}
To: {sender}
Subject: {subject}
Date: {date}
Message-ID: {message_id}
{threading}Auto-Submitted: auto-replied
Precedence: bulk
X-Auto-Response-Suppress: All
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

{words}
"""


def bounce(raw: bytes, sender: str, recipient: str, host: str, now: datetime) -> bytes:
    """The report that *raw* could not be left with *recipient* (RFC 3464), for its *sender*."""
    head = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0][:_LONGEST_HEAD].decode("ascii", "replace")
    return _lines(
        _BOUNCE.format(
            host=host,
            sender=sender,
            recipient=recipient,
            date=format_datetime(now),
            message_id=f"<{uuid4()}@{host}>",
            boundary=uuid4().hex,
            head=head.replace("\ufffd", "?") + "\n",
        )
    )


def absence(raw: bytes, sender: str, owner: str, words: str, now: datetime) -> bytes:
    """What an out-of-office assistant of *owner* says to *sender* (RFC 3834)."""
    heard = BytesHeaderParser().parsebytes(raw)
    about = _BREAKS.sub(" ", str(heard.get("Message-ID", ""))).strip()
    subject = Header(f"Balasan otomatis: {_subject(str(heard.get('Subject', '')))}", "utf-8").encode()
    return _lines(
        _ABSENCE.format(
            owner=owner,
            sender=sender,
            subject=subject,
            date=format_datetime(now),
            message_id=f"<{uuid4()}@{owner.rpartition('@')[2]}>",
            threading=f"In-Reply-To: {about}\nReferences: {about}\n" if about else "",
            words=words,
        )
    )


def _subject(written: str) -> str:
    """The subject, decoded as far as a simple assistant does."""
    try:
        decoded = str(make_header(decode_header(written)))
    except (LookupError, ValueError):
        decoded = written
    return _BREAKS.sub(" ", decoded)[:200]


def _lines(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()
