"""A mail from its bytes. Whatever they are, the answer is a ``Mail`` or an ``Unread`` with its reason."""

import json
from collections.abc import Iterator
from dataclasses import replace
from email.parser import BytesHeaderParser
from email.policy import compat32

from channels.mime.bodies import Body, body, leaf_text
from channels.mime.charsets import decode
from channels.mime.envelopes import envelope
from channels.mime.files import attachment, is_winmail, packed_files, unpacked
from channels.mime.fingerprint import fingerprint
from channels.mime.invitations import invitations
from channels.mime.limits import Limits, excess, header_of
from channels.mime.mail import Attachment, Envelope, Invitation, Mail, Unread, Why
from channels.mime.markup import page
from channels.mime.parts import Leaf, leaves, parse
from channels.mime.reports import attached_envelopes, is_report, report
from channels.mime.words import LONGEST_VALUE, Part, one_line

MOST_ATTACHMENTS = 500
_ENCRYPTED = {"application/pgp-encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"}
# What Gmail sends where somebody only touches an emoji below a mail, beside a text that says so.
_REACTION = "text/vnd.google.email-reaction+json"
_LONGEST_EMOJI = 40
_ELSEWHERE = {"message/partial", "message/external-body"}


def read(raw: bytes, limits: Limits = Limits()) -> Mail | Unread:  # noqa: B008 - frozen, the same for all
    """What *raw*, one mail as it lies on the server, says. Never raises, decides nothing, asks no network.

    Caps are looked at before anything is parsed; a mail beyond one of them, or one that breaks the parser,
    comes back as ``Unread``. Time grows with the size of *raw* and no faster.
    """
    beyond = excess(raw, limits)
    if beyond is not None:
        return Unread(beyond.why, beyond.limit, beyond.found, first_look(raw))
    try:
        return _mail(parse(raw))
    except RecursionError:
        return Unread(Why.DEPTH, limits.depth, limits.depth + 1, first_look(raw))
    except MemoryError:
        return Unread(Why.MEMORY, 0, 0, first_look(raw))
    except Exception:  # noqa: BLE001 - one mail must never stop the queue; it is put aside with its bytes
        return Unread(Why.BROKEN, 0, 0, first_look(raw))


def first_look(raw: bytes) -> Envelope:
    """The envelope of *raw* by its first 64 KiB alone. Never raises."""
    try:
        return envelope(BytesHeaderParser(policy=compat32).parsebytes(header_of(raw, LONGEST_VALUE)))
    except Exception:  # noqa: BLE001 - people then see a mail without a sender, which is better than none
        return Envelope()


def _mail(root: Part) -> Mail:
    parts = list(leaves(root))
    texts = [leaf for leaf in parts if _speaks(leaf)] or [leaf for leaf in parts if _may_speak(leaf)][:1]
    words, files = _words_and_files(texts, [leaf for leaf in parts if leaf not in texts])
    emoji = next((each for leaf in parts if (each := _emoji(leaf))), "")
    words = Body(emoji, "", frozenset()) if emoji else words
    seen = envelope(root)
    return Mail(
        envelope=seen,
        text=words.text,
        html=words.html,
        attachments=tuple(files[:MOST_ATTACHMENTS]),
        invitations=tuple(_invitations(parts)),
        report=report(root, parts),
        attached=attached_envelopes(parts),
        encrypted=any(_is_encrypted(leaf) for leaf in parts),
        oddities=tuple(dict.fromkeys(_oddities(root, parts))),
        fingerprint=fingerprint(seen, words.text, files),
        reaction=bool(emoji),
    )


def _words_and_files(texts: list[Leaf], others: list[Leaf]) -> tuple[Body, list[Attachment]]:
    words = body(texts)
    files: list[Attachment] = []
    for leaf in others:
        if is_winmail(leaf):
            found = unpacked(leaf)
            words = words if words.text.strip() else _hidden(found.text, found.html, words)
            files.extend(packed_files(found, len(files) + 1))
            files.extend([] if found.whole else [attachment(leaf, len(files) + 1, words.content_ids)])
        elif not is_report(leaf) and not _emoji(leaf):
            files.append(attachment(leaf, len(files) + 1, words.content_ids))
    return words, files


def _emoji(leaf: Leaf) -> str:
    """The emoji that is all this part says; empty for any other part."""
    if leaf.content_type != _REACTION or leaf.disposition == "attachment":
        return ""
    try:
        said = json.loads(leaf.content()).get("emoji")
    except (ValueError, AttributeError, RecursionError):
        return ""
    fits = isinstance(said, str) and len(said) <= _LONGEST_EMOJI and not said.isascii()
    return one_line(said) if fits else ""


def _hidden(text: str, html: str, words: Body) -> Body:
    """The words that Outlook hid in its container, where the mail has no others."""
    if not html.strip():
        return replace(words, text=text.strip("\n"))
    shown = page(html)
    return Body(text.strip("\n") or shown.text, shown.safe, shown.content_ids)


def _speaks(leaf: Leaf) -> bool:
    return _may_speak(leaf) and leaf.disposition != "attachment" and not leaf.name


def _may_speak(leaf: Leaf) -> bool:
    """Text for people. A multipart without parts has broken boundaries: its bytes are the words."""
    kind = leaf.content_type
    return (
        kind in ("text/plain", "text/html")
        or kind.startswith("multipart/")
        or leaf.content_type == "text/enriched"
    )


def _invitations(parts: list[Leaf]) -> Iterator[Invitation]:
    for leaf in parts:
        if leaf.content_type == "text/calendar":
            yield from invitations(leaf_text(leaf))
        elif leaf.name.lower().endswith(".ics"):
            yield from invitations(decode(leaf.content()))


def _is_encrypted(leaf: Leaf) -> bool:
    if leaf.content_type not in _ENCRYPTED:
        return False
    return "signed-data" not in str(leaf.part.get("Content-Type", "")).lower()


def _oddities(root: Part, parts: list[Leaf]) -> Iterator[str]:
    for part in (root, *(leaf.part for leaf in parts)):
        yield from (type(defect).__name__ for defect in part.defects)
    if sum(name.lower() == "from" for name in root.keys()) > 1:  # noqa: SIM118 - a mail is no dict: keys repeat
        yield "SeveralAuthors"
    if any(leaf.content_type in _ELSEWHERE for leaf in parts):
        yield "ContentElsewhere"
