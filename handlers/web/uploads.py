"""Files that an officer sends along with an answer: taken in, kept over a refusal, refused in words."""

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from flask import Request
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.datastructures import FileStorage

from channels.mime.filenames import clean_name, name_for
from channels.mime.filetypes import sniff
from channels.mime.mail import Role
from channels.whatsapp import carrying
from handlers.media.sending import fitted
from handlers.runtime import Runtime
from handlers.web import current
from handlers.web.language import gettext
from handlers.web.mail_words import size as in_words

log = logging.getLogger(__name__)
CARRYING = ("email", "whatsapp")
MOST_FILES = 10
MOST_MEGABYTES = 10
MOST_BY_LINK = 50
_MOST = {"email": MOST_MEGABYTES, "whatsapp": MOST_BY_LINK}
_MEGABYTE = 1024 * 1024
# Beyond what is taken, so that a little too much is answered with a sentence and not with an error.
LARGEST_ANSWER = (MOST_BY_LINK + MOST_MEGABYTES) * _MEGABYTE
_SECONDS_KEPT = 12 * 3600


@dataclass(frozen=True, slots=True)
class Chosen:
    """The files of a form. ``media``: as ``message.media`` holds them; ``problem``: why they can't go out.

    ``by_link``: some of them can go out only as links, and nobody has agreed to that yet.
    """

    media: tuple[Mapping[str, str], ...] = ()
    problem: str = ""
    by_link: bool = False


def chosen(runtime: Runtime, request: Request, channel: str) -> Chosen:
    """What the form brings, and whether it can go out on *channel*; too much of it is not kept."""
    fresh = [file for file in request.files.getlist("files") if file.filename]
    before = tuple(_kept_before(runtime, request.form.getlist("kept")))
    sizes = [*map(_size, fresh), *(int(file["size"]) for file in before)]
    problem = _too_much(sizes, channel) or _empty(fresh)
    if problem:
        return Chosen(before, problem)
    try:
        media = before + tuple(_kept(runtime, fresh, len(before) + 1))
    except OSError as error:
        log.error("a file that an officer sends along can't be kept: %s", type(error).__name__)
        return Chosen(before, gettext("Berkas tidak dapat disimpan: disk penuh. Hubungi pengelola sistem."))
    return _by_channel(Chosen(media), channel, agreed="as_links" in request.form)


def hint(channels: Collection[str]) -> str:
    """What may be chosen, in words, where an answer can go out on these *channels*."""
    words = gettext("paling banyak %(files)s berkas, %(size)s MB", files=MOST_FILES, size=most(channels))
    if "whatsapp" not in channels:
        return words
    carried = gettext(
        "WhatsApp: foto sampai %(picture)s MB, PDF, Office, suara, dan video sampai %(file)s MB;"
        " yang lain sebagai tautan",
        picture=carrying.MOST_OF_A_PICTURE // _MEGABYTE,
        file=carrying.MOST_OF_A_FILE // _MEGABYTE,
    )
    return f"{words}. {carried}"


def most(channels: Collection[str]) -> int:
    """How many megabytes may go along where an answer can go out on these *channels*."""
    return max((_MOST.get(channel, 0) for channel in channels), default=0)


def too_much(megabytes: int) -> str:
    """What is said of more than may go along."""
    return gettext(
        "Paling banyak %(files)s berkas, bersama-sama %(size)s MB.", files=MOST_FILES, size=megabytes
    )


def token(file: Mapping[str, str]) -> str:
    """A kept file as the form brings it back, signed for this officer and this ticket."""
    return str(_signer(current.runtime()).dumps(dict(file)))


def _too_much(sizes: Sequence[int], channel: str) -> str:
    if not sizes:
        return ""
    if channel not in CARRYING:
        return gettext("Berkas hanya dapat dikirim lewat email atau WhatsApp.")
    if len(sizes) > MOST_FILES or sum(sizes) > _MOST[channel] * _MEGABYTE:
        return too_much(_MOST[channel])
    return ""


def _empty(files: Sequence[FileStorage]) -> str:
    """A file without a byte tells nobody anything, and its type can't be known."""
    names = [clean_name(file.filename or "") for file in files if not _size(file)]
    return gettext("Berkas ini kosong: %(files)s.", files=", ".join(names)) if names else ""


def _by_channel(found: Chosen, channel: str, *, agreed: bool) -> Chosen:
    """On WhatsApp what can't go along goes as a link, once the officer has agreed."""
    if channel != "whatsapp":
        return found
    why = {file["file"]: _hindrance(file) for file in found.media}
    hindered = [f"{file['name']} ({why[file['file']]})" for file in found.media if why[file["file"]]]
    if not hindered:
        return found
    if not agreed:
        told = gettext("Tidak dapat dikirim langsung lewat WhatsApp: %(files)s.", files="; ".join(hindered))
        return replace(found, problem=told, by_link=True)
    return Chosen(fitted(channel, found.media))


def _hindrance(file: Mapping[str, str]) -> str:
    size = int(file["size"])
    match carrying.hindrance(file["content_type"], size):
        case carrying.KIND:
            return gettext("jenis berkasnya tidak didukung")
        case carrying.SIZE:
            return gettext("terlalu besar, %(size)s", size=in_words(size))
        case _:
            return ""


def _size(file: FileStorage) -> int:
    size = file.stream.seek(0, 2)
    file.stream.seek(0)
    return size


def _kept(runtime: Runtime, files: Sequence[FileStorage], first: int) -> Iterator[Mapping[str, str]]:
    for number, file in enumerate(files, first):
        content = file.stream.read()
        kind = sniff(content, file.filename or "")
        yield {
            "file": runtime.files.put(content),
            "name": name_for(file.filename or "", kind, number),
            "content_type": kind,
            "size": str(len(content)),
            "role": Role.ATTACHED.value,
        }


def _kept_before(runtime: Runtime, tokens: Sequence[str]) -> Iterator[Mapping[str, str]]:
    """Files that an earlier, refused form has brought; what nobody has signed is left out."""
    signer = _signer(runtime)
    for each in tokens[:MOST_FILES]:
        try:
            found: Mapping[str, str] = signer.loads(each, max_age=_SECONDS_KEPT)
        except BadData:
            continue
        yield {**found, "role": Role.ATTACHED.value}


def _signer(runtime: Runtime) -> URLSafeTimedSerializer:
    # It signs with the last key and believes all; ours are the other way round.
    keys = list(reversed(runtime.keys.signing))
    return URLSafeTimedSerializer(keys, salt=f"loket.kept-file.{current.officer().id}.{current.ticket().id}")
