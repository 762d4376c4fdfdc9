"""What kind of mail it is, and by which rule. No header is believed more than it must be.

A wrong "automatic" would hide a citizen; a wrong "personal" may start a loop. So only what machines say about
themselves makes a mail automatic; weaker signs leave it personal and only forbid an automatic answer.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum

from channels.mime.mail import OWN_MARK, Address, Envelope, Mail


class Kind(StrEnum):
    """``COMPLAINT`` is a spam report about our mail (RFC 5965), ``RECEIPT`` a read receipt (RFC 8098)."""

    PERSONAL = "personal"
    AUTOMATIC = "automatic"
    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    RECEIPT = "receipt"
    LIST = "list"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The kind, the rule that said so, and whether an automatic answer may go back (to ``PERSONAL`` only)."""

    kind: Kind
    rule: str
    answerable: bool = False


@dataclass(frozen=True, slots=True)
class Ours:
    """How we know ourselves: the names in our mark, and our own addresses in lower case.

    ``aliases``: addresses of the office, such as a group's, behind which one of our mailboxes stands.
    """

    marks: Collection[str] = ()
    addresses: Collection[str] = ()
    aliases: Collection[str] = ()


_MACHINES = re.compile(
    r"(?<![\w.-])(?:mailer-daemon|mail-daemon|mdaemon|post_?master|mail\.?delivery|mail-?system)(?![\w.-])",
    re.IGNORECASE,
)
_ROBOTS = re.compile(
    r"(?:no-?_?\.?reply|do-?_?not-?_?reply|jangan-?balas|tidak-?dibalas|notifikasi|notification)s?\b",
    re.IGNORECASE,
)
# The words of delivery reports that stand in subjects; they need a second sign.
_BOUNCE_WORDS = re.compile(
    r"undeliver|returned mail|delivery (?:status|failure|has failed|problem|report)|failure notice|"
    r"mail delivery|delivery (?:delayed|incomplete)|tidak terkirim|gagal (?:ter)?kirim|"
    r"tidak dapat (?:di)?(?:kirim|sampaikan)|pengiriman (?:gagal|tertunda)|warning: message|"
    r"message blocked|not delivered|could not be delivered",
    re.IGNORECASE,
)
_AGAIN = r"(?:(?:re|aw|bls|balas)\s?:\s?){0,3}"
_AUTOMATIC_SUBJECT = re.compile(
    _AGAIN + r"(?:(?:balasan|jawaban|respons?|tanggapan) otomatis|"
    r"automatic reply|auto(?:matic)?[- ]?(?:reply|response|responder))\b",
    re.IGNORECASE,
)
_AWAY_SUBJECT = re.compile(
    _AGAIN + r"(?:\[?ooo\]?\b|out of (?:the )?office|(?:di|ke) ?luar kantor|sedang (?:cuti|dinas luar)|"
    r"(?:saya )?(?:sedang )?cuti\b|tidak (?:berada )?di (?:tempat|kantor)|dinas luar|away from|"
    r"on (?:vacation|leave)|vacation|i am away|away:)",
    re.IGNORECASE,
)
_RECEIPT_SUBJECT = re.compile(
    r"(?:(?:not|un) ?)?read:|(?:(?:belum|tidak|sudah|telah) )?dibaca:", re.IGNORECASE
)
# Outlook's word that somebody takes a mail back, which only their own server obeys.
_RECALL_SUBJECT = re.compile(r"(?:recall|(?:penarikan|tarik)(?: kembali)?)\s?:", re.IGNORECASE)
# Relays and sales programs write it into people's answers too, which newsletters are not.
_UNSUBSCRIBE = "list-unsubscribe"
_LISTS = ("list-id", "list-post", _UNSUBSCRIBE, "list-help", "mailing-list")
_REPLY_MARKS = (
    *(
        "x-autoreply",
        "x-autorespond",
        "x-autoresponse",
        "x-auto-reply",
        "x-mail-autoreply",
        "x-vacation",
        "x-away",
    ),
    "reply-by-robot",
)
# Exchange names the mailbox whose rule it was: the writer's own answers by itself, another hands a letter on.
_RULE_OF_EXCHANGE = "x-ms-exchange-inbox-rules-loop"


FROM_US = "from our own address"


def verdict(mail: Mail, ours: Ours = Ours()) -> Verdict:
    """What kind of mail *mail* is: the first rule that holds decides, reports first. Never raises."""
    for rule in (_own, _report, _bounce, _automatic, _list):
        found = rule(mail, ours)
        if found is not None:
            return found
    return _personal(mail)


def writer(seen: Envelope, ours: Ours = Ours()) -> Address | None:
    """Who has written: *From*, but where nobody reads that, whom *Reply-To* names, if it is one person.

    So a form on a website names its visitor, and a group of our own those whose *From* it may not keep. Both
    headers are claims. None where no address is named.
    """
    author = seen.author
    if author is None or not (_is_robot(author) or _untagged(author.address) in ours.aliases):
        return author
    named = {each.address.lower(): each for each in seen.reply_to if _may_have_written(each, ours)}
    return next(iter(named.values())) if len(named) == 1 else author


def _may_have_written(named: Address, ours: Ours) -> bool:
    return not _is_robot(named) and _untagged(named.address) not in {*ours.addresses, *ours.aliases}


def _own(mail: Mail, ours: Ours) -> Verdict | None:
    seen = mail.envelope
    if seen.marks.get(OWN_MARK, "").strip() in ours.marks:
        return Verdict(Kind.OWN, OWN_MARK)
    if seen.author and _untagged(seen.author.address) in ours.addresses and _report(mail, ours) is None:
        return Verdict(Kind.OWN, FROM_US)
    return None


def _untagged(address: str) -> str:
    """*address* without what stands behind a plus sign (RFC 5233): our answers come from there, too."""
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def _report(mail: Mail, _: Ours) -> Verdict | None:
    """RFC 6522: the mail says itself that it is a report, and carries one."""
    kinds = {
        "delivery-status": Verdict(Kind.BOUNCE, "delivery-status part (RFC 3464)"),
        "disposition-notification": Verdict(Kind.RECEIPT, "disposition-notification part (RFC 8098)"),
        "feedback-report": Verdict(Kind.COMPLAINT, "feedback-report part (RFC 5965)"),
    }
    return kinds.get(mail.report.kind) if mail.report else None


def _bounce(mail: Mail, _: Ours) -> Verdict | None:
    seen = mail.envelope
    if "x-failed-recipients" in seen.marks:
        return Verdict(Kind.BOUNCE, "X-Failed-Recipients")
    worded = _BOUNCE_WORDS.search(seen.subject) is not None
    if _is_machine(seen) and (worded or mail.attached or _null_path(seen) or not _is_reply(seen)):
        return Verdict(Kind.BOUNCE, "from a mail system")
    if _null_path(seen) and (worded or mail.attached):
        return Verdict(Kind.BOUNCE, "null return path, and a subject or an original of a delivery report")
    return None


def _automatic(mail: Mail, _: Ours) -> Verdict | None:
    seen = mail.envelope
    submitted = _keyword(seen, "auto-submitted")
    if submitted not in ("", "no"):
        return Verdict(Kind.AUTOMATIC, f"Auto-Submitted: {submitted} (RFC 3834, 5)")
    for name in _REPLY_MARKS:
        if seen.marks.get(name, "no").strip().lower() not in ("no", "false", "0"):
            return Verdict(Kind.AUTOMATIC, name)
    if _RULE_OF_EXCHANGE in seen.marks and (_suppresses(seen) or _null_path(seen) or _by_own_rule(seen)):
        return Verdict(Kind.AUTOMATIC, _RULE_OF_EXCHANGE)
    if "rules agent" in seen.marks.get("x-ms-exchange-generated-message-source", "").lower():
        return Verdict(Kind.AUTOMATIC, "x-ms-exchange-generated-message-source")
    if _keyword(seen, "precedence") == "auto_reply":
        return Verdict(Kind.AUTOMATIC, "Precedence: auto_reply")
    if _AUTOMATIC_SUBJECT.match(seen.subject) and (_is_reply(seen) or _null_path(seen)):
        return Verdict(Kind.AUTOMATIC, "subject of an automatic reply, on a reply")
    if _null_path(seen) and _AWAY_SUBJECT.match(seen.subject):
        return Verdict(Kind.AUTOMATIC, "null return path, and a subject of an absence")
    return None


def _list(mail: Mail, ours: Ours) -> Verdict | None:
    if _is_own_group(mail.envelope, ours):
        return None
    for name in _LISTS:
        if name in mail.envelope.marks and not (name == _UNSUBSCRIBE and _is_reply(mail.envelope)):
            return Verdict(Kind.LIST, f"{name} (RFC 2369, 2919)")
    if _keyword(mail.envelope, "precedence") in ("bulk", "list", "junk"):
        return Verdict(Kind.LIST, "Precedence")
    return None


def _is_own_group(seen: Envelope, ours: Ours) -> bool:
    """Whether the list is a group of our own, by which citizens write to us (RFC 2919 writes no ``@``)."""
    named = " ".join(seen.marks.get(name, "") for name in ("list-id", "list-post", "mailing-list")).lower()
    words = set(re.split(r"[^\w.@+-]+", named))
    return any(words & {alias, alias.replace("@", ".")} for alias in ours.aliases)


def _personal(mail: Mail) -> Verdict:
    if mail.reaction:
        return Verdict(Kind.PERSONAL, "an emoji below a mail")
    for reason, holds in _SILENCING.items():
        if holds(mail.envelope):
            return Verdict(Kind.PERSONAL, reason)
    return Verdict(Kind.PERSONAL, "no sign of a machine", answerable=True)


def _is_machine(seen: Envelope) -> bool:
    # Mail systems may write no address at all: "MAILER-DAEMON <>", "Mail Delivery Subsystem <MAILER-DAEMON>".
    return _MACHINES.search(seen.author.address if seen.author else seen.author_text) is not None


def _is_robot(author: Address) -> bool:
    return _ROBOTS.search(author.address.partition("@")[0]) is not None


def _by_own_rule(seen: Envelope) -> bool:
    said = seen.marks[_RULE_OF_EXCHANGE].lower()
    return seen.author is None or seen.author.address.lower() in said


def _null_path(seen: Envelope) -> bool:
    return seen.return_path == ""


def _is_reply(seen: Envelope) -> bool:
    return seen.in_reply_to is not None or bool(seen.references)


def _keyword(seen: Envelope, name: str) -> str:
    """The first word of a mark, without its parameters and comments (RFC 3834, 5.2)."""
    return re.split(r"[;(\s]", seen.marks.get(name, "").strip().lower(), maxsplit=1)[0]


def _suppresses(seen: Envelope) -> bool:
    wanted = {each.strip().lower() for each in seen.marks.get("x-auto-response-suppress", "").split(",")}
    return bool(wanted & {"all", "autoreply", "oof"})


_SILENCING: dict[str, Callable[[Envelope], bool]] = {
    "no author": lambda seen: seen.author is None,
    "null return path": _null_path,
    "X-Auto-Response-Suppress": _suppresses,
    "X-Loop": lambda seen: "x-loop" in seen.marks,
    "List-Unsubscribe": lambda seen: _UNSUBSCRIBE in seen.marks,
    "mark of another Loket": lambda seen: OWN_MARK in seen.marks,
    "the sender takes no replies": lambda seen: seen.author is not None and _is_robot(seen.author),
    "subject of an automatic reply": lambda seen: _AUTOMATIC_SUBJECT.match(seen.subject) is not None,
    "subject of an absence": lambda seen: _AWAY_SUBJECT.match(seen.subject) is not None,
    "subject of a recall": lambda seen: _RECALL_SUBJECT.match(seen.subject) is not None,
    "subject of a receipt": lambda seen: _RECEIPT_SUBJECT.match(seen.subject) is not None,
}
