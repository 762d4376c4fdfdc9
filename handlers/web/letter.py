"""An original mail on a page: read by the child, shown without a script or a picture from elsewhere."""

import base64
import html
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import unquote

from flask import Response, abort, render_template, send_file

from channels.mime.limits import Limits
from channels.mime.mail import Attachment, Envelope, Invitation, Mail, Role, Unread
from channels.mime.newtext import NewText
from handlers.mailroom.reading import raw_of
from handlers.web import current, mail_words
from handlers.web.inbox import rail
from handlers.web.language import gettext
from handlers.web.mail_words import SHOWN_IMAGES
from storage.columns import AnyRow

LONGEST_TEXT = 200_000
# What stands inside the page, and so travels with it each time.
MOST_PICTURE_BYTES = 6 * 1024 * 1024
# The same picture may stand in a mail a thousand times, and is written out each time.
MOST_PICTURE_LETTERS = 2 * MOST_PICTURE_BYTES
# For what came from a stranger and is answered by our own address.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; base-uri 'none'; frame-ancestors 'none'"

_LETTERS_PER_LINE, _LINES_PER_PICTURE = 90, 10
_SHORT, _MEDIUM = 6, 20

_CID = re.compile(r'src="cid:([^"]{0,500})"')
_HIDDEN_PICTURE = re.compile(r"<img(?![^>]*\ssrc=)")


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a mail, and whether they only repeat an earlier one or sign this."""

    text: str
    repeated: bool


@dataclass(frozen=True, slots=True)
class Original:
    """A mail as its page shows it. ``problem``: why some or all of it can't be shown; empty for a whole one.

    ``frame`` is a page of its own, to stand in a sandboxed frame; empty for a mail without HTML. ``length``:
    how much room it wants. ``hides``: it had pictures that would have been fetched from elsewhere. ``gone``:
    the bytes of the mail are not there any more.
    """

    envelope: Envelope
    problem: str = ""
    pieces: tuple[Piece, ...] = ()
    frame: str = ""
    length: str = ""
    hides: bool = False
    gone: bool = False
    encrypted: bool = False
    files: tuple[Attachment, ...] = ()
    invitations: tuple[Invitation, ...] = ()


def page(
    row: AnyRow, *, raw: str, back: str, back_to: str, addresses: Mapping[str, str] = MappingProxyType({})
) -> str:
    """The page of the mail in *row* (of the table ``mail``).

    *raw*: the address of its download. *back*, *back_to*: the page it was opened from, and what that is
    called. *addresses*: where its files can be had, by their SHA-256.
    """
    original = _original(row)
    with current.runtime().database.read() as connection:
        return render_template(
            "inbox/mail.html",
            mail=row,
            original=original,
            raw=raw,
            back=back,
            back_to=back_to,
            files=[(file, addresses.get(file.sha256)) for file in original.files],
            # A page that looks for news asks for itself again, and this one is costly and never changes.
            watched=back,
            **rail(connection),
        )


def _original(row: AnyRow) -> Original:
    try:
        raw = raw_of(current.runtime(), row)
    except OSError:
        return Original(Envelope(), gone=True)
    found = current.reader().read(raw, Limits(size=max(len(raw), 1)))
    if isinstance(found.mail, Unread):
        return Original(found.mail.envelope, mail_words.unread(found.mail))
    return _shown(found.mail, found.new)


def download(row: AnyRow) -> Response:
    """The mail itself, as a file that every mail program opens."""
    try:
        raw = raw_of(current.runtime(), row)
    except OSError:
        abort(404)
    name = f"surat-{row.id}.eml"
    return guarded(
        send_file(io.BytesIO(raw), mimetype="message/rfc822", as_attachment=True, download_name=name)
    )


def guarded(response: Response) -> Response:
    """*response* with nothing in it that a browser would run, or take for another kind than we say."""
    response.headers["Content-Security-Policy"] = POLICY
    return response


def _shown(mail: Mail, new: NewText | None) -> Original:
    frame = _framed(mail)
    too_long = len(mail.text) > LONGEST_TEXT
    return Original(
        envelope=mail.envelope,
        problem=gettext("terlalu panjang untuk ditampilkan seluruhnya") if too_long else "",
        pieces=tuple(_pieces(mail.text, new)),
        frame=frame,
        length=_length(mail),
        hides=_HIDDEN_PICTURE.search(frame) is not None,
        encrypted=mail.encrypted,
        files=tuple(file for file in mail.attachments if file.role is not Role.SIGNATURE),
        invitations=mail.invitations,
    )


def _pieces(text: str, new: NewText | None) -> Iterator[Piece]:
    """The whole text in its order: what is new, and what was cut from it."""
    at = 0
    for cut in new.cuts if new else ():
        yield from _piece(text[at : cut.start], repeated=False)
        yield from _piece(text[cut.start : cut.end], repeated=True)
        at = cut.end
    yield from _piece(text[at : at + LONGEST_TEXT], repeated=False)


def _piece(text: str, *, repeated: bool) -> Iterator[Piece]:
    if text:
        yield Piece(text, repeated)


def _framed(mail: Mail) -> str:
    if not mail.html:
        return ""
    return render_template("inbox/mail_frame.html", body=_with_pictures(mail))


def _with_pictures(mail: Mail) -> str:
    """The mail's HTML with its own pictures, as far as there is room for them."""
    pictures, left = dict(_pictures(mail.attachments)), MOST_PICTURE_LETTERS

    def source(found: re.Match[str]) -> str:
        nonlocal left
        written = pictures.get(unquote(html.unescape(found[1])), "")
        left -= len(written)
        return written if left >= 0 else ""

    return _CID.sub(source, mail.html)


def _length(mail: Mail) -> str:
    """Roughly how long the HTML is: nobody can measure what stands in a sandboxed frame."""
    lines = sum(1 + len(line) // _LETTERS_PER_LINE for line in mail.text.split("\n"))
    lines += _LINES_PER_PICTURE * sum(file.role is Role.INLINE for file in mail.attachments)
    return "short" if lines <= _SHORT else "medium" if lines <= _MEDIUM else "long"


def _pictures(files: tuple[Attachment, ...]) -> Iterator[tuple[str, str]]:
    """The pictures of the mail itself by their content id, as the source of an ``img``.

    They stand in the page, because a sandboxed frame asks for others without the officer's sign-in.
    """
    left = MOST_PICTURE_BYTES
    for file in files:
        if file.content_id and file.content_type in SHOWN_IMAGES and len(file.content) <= left:
            left -= len(file.content)
            encoded = base64.b64encode(file.content).decode()
            yield file.content_id, f'src="data:{file.content_type};base64,{encoded}"'
