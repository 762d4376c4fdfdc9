"""Machines' reports inside a mail (RFC 3464, 8098, 5965), and the envelopes of mails that it carries."""

from collections.abc import Iterator, Mapping, Sequence
from email.parser import BytesHeaderParser
from email.policy import compat32

from channels.mime.envelopes import envelope, headers_of
from channels.mime.mail import Envelope, Report
from channels.mime.parts import Leaf, children
from channels.mime.words import Part, line, parameters

MOST_GROUPS = 100
MOST_ATTACHED = 20
LONGEST_HEADER = 64 * 1024

_KINDS = {
    "message/delivery-status": "delivery-status",
    "message/global-delivery-status": "delivery-status",
    "message/disposition-notification": "disposition-notification",
    "message/global-disposition-notification": "disposition-notification",
    "message/feedback-report": "feedback-report",
}
_HEADERS_ONLY = {
    "text/rfc822-headers",
    "text/rfc822-header",
    "message/rfc822-headers",
    "message/global-headers",
}
_MESSAGES = {"message/rfc822", "message/global"}


def is_report(leaf: Leaf) -> bool:
    """Whether *leaf* is the part of a report that machines read."""
    return leaf.content_type in _KINDS


def report(root: Part, leaves: Sequence[Leaf]) -> Report | None:
    """The report in a mail, or None. A report type without its part gives a report without groups."""
    declared = parameters(str(root.get("Content-Type", "")))
    named = declared.get("report-type", "").lower() if declared[""] == "multipart/report" else ""
    for leaf in leaves:
        if is_report(leaf):
            return Report(_KINDS[leaf.content_type], tuple(_groups(leaf))[:MOST_GROUPS])
    return Report(named[:80], ()) if named in _KINDS.values() else None


def attached_envelopes(leaves: Sequence[Leaf]) -> tuple[Envelope, ...]:
    """The envelopes of the mails, or mail headers, that *leaves* carry."""
    return tuple(_envelopes(leaves))[:MOST_ATTACHED]


def _envelopes(leaves: Sequence[Leaf]) -> Iterator[Envelope]:
    for leaf in leaves:
        if leaf.content_type in _MESSAGES:
            yield from (envelope(child) for child in children(leaf.part)[:1])
        elif leaf.content_type in _HEADERS_ONLY:
            yield envelope(_header_block(leaf.content()))


def _header_block(raw: bytes) -> Part:
    return BytesHeaderParser(policy=compat32).parsebytes(raw.lstrip(b"\r\n")[:LONGEST_HEADER])


def _groups(leaf: Leaf) -> Iterator[Mapping[str, str]]:
    """The groups of fields: the library makes a mail of each; other text is split at blank lines."""
    blocks: Sequence[Part] = children(leaf.part)
    if not blocks:
        texts = leaf.content().replace(b"\r\n", b"\n").split(b"\n\n")
        blocks = [_header_block(text) for text in texts[: MOST_GROUPS * 2]]
    for block in blocks[: MOST_GROUPS * 2]:
        fields = {name: line(values[0], 2000) for name, values in headers_of(block).items()}
        if fields:
            yield fields
