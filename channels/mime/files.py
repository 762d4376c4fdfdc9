"""The parts of a mail that are files: named, typed by their bytes, a ``winmail.dat`` unpacked."""

import hashlib
from collections.abc import Iterator

from channels.mime.filenames import ending_of, name_for
from channels.mime.filetypes import UNKNOWN, sniff
from channels.mime.mail import Attachment, Role
from channels.mime.parts import Leaf
from channels.mime.winmail import Winmail, read_winmail

_SIGNATURES = {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}
_CONTAINERS = {"application/ms-tnef", "application/vnd.ms-tnef"}
_MESSAGE = "message/rfc822"


def is_winmail(leaf: Leaf) -> bool:
    """Whether *leaf* is Outlook's container, by its type or its name."""
    return leaf.content_type in _CONTAINERS or leaf.name.lower() == "winmail.dat"


def unpacked(leaf: Leaf) -> Winmail:
    """What is in Outlook's container."""
    return read_winmail(leaf.content())


def attachment(leaf: Leaf, number: int, shown: frozenset[str]) -> Attachment:
    """*leaf* as a file, the *number*-th of its mail; *shown* are the content ids that the HTML shows."""
    content = leaf.content()
    inline = leaf.content_id is not None and leaf.content_id in shown
    role = Role.INLINE if inline else Role.ATTACHED
    role = Role.SIGNATURE if leaf.content_type in _SIGNATURES else role
    kind = leaf.content_type if leaf.content_type == _MESSAGE else sniff(content, leaf.name)
    name = leaf.name or ("pesan.eml" if kind == _MESSAGE else "")
    return _file(name, kind, leaf.content_type, content, number, role, leaf.content_id)


def packed_files(found: Winmail, first: int) -> Iterator[Attachment]:
    """The files out of Outlook's container, numbered from *first*."""
    for number, (name, content) in enumerate(found.files, first):
        yield _file(name, sniff(content, name), "application/ms-tnef", content, number, Role.ATTACHED, None)


def _file(
    name: str, kind: str, declared: str, content: bytes, number: int, role: Role, content_id: str | None
) -> Attachment:
    named = name_for(name, kind, number)
    ending = named if ending_of(named) or kind in (UNKNOWN, "application/x-empty") else name_for("", kind, 0)
    named = named if ending is named else f"{named}.{ending_of(ending)}".rstrip(".")
    return Attachment(
        name=named,
        content_type=kind,
        declared_type=declared,
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        role=role,
        content_id=content_id,
    )
