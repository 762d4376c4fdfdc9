"""A bounce in our words: which address failed, for ever or for now, and which of our mails it was.

RFC 3464 where the server keeps to it (55 of 100 do), plain rules over its words where not.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from channels.mime.addresses import address
from channels.mime.envelopes import message_ids
from channels.mime.mail import Mail
from channels.mime.words import one_line

LONGEST_SCAN = 64 * 1024
MOST_FAILURES = 50
MOST_IDS = 50


class Outcome(StrEnum):
    """What became of the mail. ``UNKNOWN``: the bounce does not say; to be treated as temporary.

    ``PERMANENT``: it is tried no more, whatever kept it from arriving. ``TEMPORARY``: the server tries on.
    """

    PERMANENT = "permanent"
    TEMPORARY = "temporary"
    DELIVERED = "delivered"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Failure:
    """One recipient's fate. ``status`` is an enhanced code (RFC 3463) or empty, ``detail`` the server's
    words.

    ``address_gone``: the address itself is wrong or closed, so that no other mail will arrive either.
    """

    address: str | None
    outcome: Outcome
    status: str
    detail: str
    address_gone: bool


@dataclass(frozen=True, slots=True)
class Bounce:
    """The failures, at least one, and ids that may be of our mails: unproved, the surest first."""

    failures: tuple[Failure, ...]
    message_ids: tuple[str, ...]


_ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_REPLY_CODE = re.compile(r"(?<![\d.])([45])(\d\d)[ :-]")
_BRACKETED = re.compile(r"<([^<>@\s]{1,64}@[^<>@\s]{1,253})>")
_BARE = re.compile(r"(?<![\w.+@<-])([\w.+-]{1,64}@[\w.-]{1,253}\.\w{2,24})(?![\w@>])")
_ID_LINE = re.compile(
    r"^\s{0,8}(?:>\s?)?(?:message-id|x-original-message-id|in-reply-to)\s{0,3}:(.{1,1200})$",
    re.IGNORECASE | re.MULTILINE,
)
_ADDRESS_GONE = re.compile(
    r"user unknown|unknown user|no such (?:user|mailbox|recipient|address)|does not exist|doesn't exist|"
    r"not exist|tidak (?:ditemukan|dikenal|ada|terdaftar)|mailbox (?:is )?(?:unavailable|not found|disabled)|"
    r"account (?:is )?disabled|recipient (?:address )?(?:rejected|not found)|unrouteable|wasn't found|"
    r"address (?:couldn't be found|rejected|unknown)|not recogni[sz]ed|not listed in|"
    r"invalid (?:recipient|mailbox|final delivery userid)|domain not found|"
    r"host (?:unknown|or domain name not found)",
    re.IGNORECASE,
)
_FOR_EVER = re.compile(
    r"permanent error|failed permanently|permanent(?:ly)? fail|giv(?:ing|en) up|envelope expired|"
    r"kesalahan permanen|gagal permanen",
    re.IGNORECASE,
)
_FOR_NOW = re.compile(
    r"delayed|tertunda|will (?:be re)?try|retry|temporar|sementara|greylist|try again|still being|"
    r"warning message only",
    re.IGNORECASE,
)
_FULL = (
    r"mailbox (?:is )?full|over ?quota|quota exceeded|penuh|"
    r"\bexceed(?:s|ed) (?:the )?(?:allowed|local|storage|quota)"
)
_FULL_WORDS = re.compile(_FULL, re.IGNORECASE)
# The address is there: its mailbox is full, or its server did not want this mail, or none of ours now.
_THERE = re.compile(
    rf"{_FULL}|receiving mail|blocked|spam|rejected: (?:policy|access|grey|spf|too many|.{{0,40}}quota)",
    re.IGNORECASE,
)
# Below it stands the mail that came back, and its words say nothing about the delivery.
_COPY_BELOW = re.compile(
    r"copy of (?:the|your) (?:original )?message|original message (?:follows|text)|message headers follow|"
    r"-- ?(?:original message|returned message|pesan asli)|non-delivered information",
    re.IGNORECASE,
)
# RFC 3463: bad address, bad domain, moved away, ambiguous; mailbox disabled. 5.1.10: RFC 7505 and Exchange.
_GONE_STATUS = {"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.4"}


def bounce(mail: Mail) -> Bounce:
    """What *mail*, a bounce by ``kinds.verdict``, says. Never raises."""
    found = list(_reported(mail))[:MOST_FAILURES] or [_from_words(mail)]
    return Bounce(tuple(found), _ids(mail))


def _reported(mail: Mail) -> Iterator[Failure]:
    groups = mail.report.groups if mail.report and mail.report.kind == "delivery-status" else ()
    for group in groups:
        if "final-recipient" in group or "original-recipient" in group or "action" in group:
            yield _failure(group)


def _failure(group: Mapping[str, str]) -> Failure:
    recipient = _recipient(group.get("original-recipient", "")) or _recipient(
        group.get("final-recipient", "")
    )
    detail = one_line(group.get("diagnostic-code", "").partition(";")[2] or group.get("diagnostic-code", ""))[
        :500
    ]
    status = _status(group.get("status", "")) or _status(detail)
    action = group.get("action", "").strip().lower().partition(" ")[0]
    return _judged(recipient, _outcome(action, status, detail), status, detail)


def _judged(recipient: str | None, outcome: Outcome, status: str, detail: str) -> Failure:
    told = status in ("", "5.0.0") and _ADDRESS_GONE.search(detail) is not None
    gone = (status in _GONE_STATUS or told) and _THERE.search(detail) is None
    return Failure(recipient, outcome, status, detail, outcome is Outcome.PERMANENT and gone)


def _recipient(value: str) -> str | None:
    return address(value.rpartition(";")[2].strip())


def _status(text: str) -> str:
    found = _ENHANCED.search(text[:2000])
    return found[0] if found else ""


def _outcome(action: str, status: str, detail: str) -> Outcome:
    """By the action first: after days of trying in vain it is *failed* with a status that begins with 4."""
    if action in ("delivered", "relayed", "expanded"):
        return Outcome.DELIVERED
    if action == "failed":
        return Outcome.PERMANENT
    if action == "delayed" or status.startswith("4"):
        return Outcome.TEMPORARY
    return Outcome.PERMANENT if status.startswith("5") else _outcome_by_words(detail)


def _outcome_by_words(text: str) -> Outcome:
    code = _REPLY_CODE.search(text)
    if _FOR_EVER.search(text) or (code and code[1] == "5"):
        return Outcome.PERMANENT
    if _FOR_NOW.search(text) or code:
        return Outcome.TEMPORARY
    over = _ADDRESS_GONE.search(text) or _FULL_WORDS.search(text)
    return Outcome.PERMANENT if over else Outcome.UNKNOWN


def _from_words(mail: Mail) -> Failure:
    """The failure as the text tells it, for servers that write no report."""
    text = _above_the_copy(mail.text[:LONGEST_SCAN])
    status = _status(text)
    words = f"{mail.envelope.subject}\n{text}"
    outcome = _outcome("", status, words) if status else _outcome_by_words(words)
    failed = _failed_address(mail, text) or _failed_address(mail, mail.text[:LONGEST_SCAN])
    return _judged(failed, outcome, status, _telling_line(text))


def _above_the_copy(text: str) -> str:
    below = _COPY_BELOW.search(text, 100)
    return text[: below.start()] if below else text


def _failed_address(mail: Mail, text: str) -> str | None:
    named = mail.envelope.marks.get("x-failed-recipients", "").partition(",")[0]
    ours = {each.address for each in (*mail.envelope.to, *mail.envelope.cc)}
    candidates = (address(each) for each in (named, *_BRACKETED.findall(text), *_BARE.findall(text)))
    return next(
        (each for each in candidates if each and each not in ours and not each.startswith("postmaster@")),
        None,
    )


def _telling_line(text: str) -> str:
    """The line that says why, for the officer."""
    for line in text.split("\n")[:400]:
        cut = line[:500]
        if (
            _ENHANCED.search(cut)
            or _REPLY_CODE.search(cut)
            or _ADDRESS_GONE.search(cut)
            or _FOR_NOW.search(cut)
        ):
            return one_line(cut)
    return ""


def _ids(mail: Mail) -> tuple[str, ...]:
    attached = [name for seen in mail.attached for name in (seen.message_id, *seen.references) if name]
    lines = [found for value in _ID_LINE.findall(mail.text[:LONGEST_SCAN]) for found in message_ids(value)]
    seen = mail.envelope
    threaded = [name for name in (seen.in_reply_to, *reversed(seen.references)) if name]
    return tuple(dict.fromkeys((*attached, *lines, *threaded)))[:MOST_IDS]
