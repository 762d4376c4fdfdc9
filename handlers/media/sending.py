"""An officer's answer with files as the messages that WhatsApp takes: one file each, the rest by link."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.policy import Office
from channels.contract import Linked
from channels.email.tokens import Purpose, Token
from channels.mime.filenames import ending_of
from channels.whatsapp import carrying
from channels.whatsapp.reading import CHANNEL
from handlers import wording
from handlers.phrases import PHRASES
from handlers.runtime import Runtime
from storage import file_links
from storage.columns import AnyRow

LINKED = "linked"
"""The role of a file that goes as a link, where others are ``attached``."""
FOR_THE_PROVIDER = timedelta(hours=24)
LONGEST_NAME = 20

Media = Mapping[str, str]
Part = tuple[str, tuple[Media, ...]]


def parts(runtime: Runtime, channel: str, text: str, media: Sequence[Media]) -> tuple[Part, ...]:
    """Each message of an answer on *channel*, in order: its text, and what goes along."""
    said = runtime.channels[channel].split(text)
    if not said:
        raise ValueError("a message without words can't be sent")
    if channel != CHANNEL:
        return ((said[0], tuple(media)), *((each, ()) for each in said[1:]))
    links = tuple(file for file in media if file.get("role") == LINKED)
    files = [file for file in media if file.get("role") != LINKED]
    first: tuple[Media, ...] = ()
    if files and len(said) == 1 and carrying.is_caption(said[0], files[0]["content_type"]):
        first = (files.pop(0),)
    return (
        (said[0], (*first, *links)),
        *((each, ()) for each in said[1:]),
        *(("", (file,)) for file in files),
    )


def with_links(
    runtime: Runtime,
    connection: Connection,
    office: Office,
    ticket_id: int,
    text: str,
    media: Sequence[Media],
    language: str,
    now: datetime,
) -> str:
    """*text*, and below it where each file is to be had that goes as a link."""
    lines = _links(runtime, connection, office, ticket_id, media, language, now)
    return "\n\n".join([text, *lines])


def _links(
    runtime: Runtime,
    connection: Connection,
    office: Office,
    ticket_id: int,
    media: Sequence[Media],
    language: str,
    now: datetime,
) -> Iterator[str]:
    known = language if language in office.languages else office.languages[0]
    until = _last_moment(now + timedelta(days=runtime.settings.channels.whatsapp.media.link_days), office)
    day = wording.published(wording.local(until, office).date().isoformat(), known)
    for file in media:
        if file.get("role") == LINKED:
            link_id = file_links.add(connection, office.code, ticket_id, file, known, now, until)
            token = runtime.tokens.sign(Token(Purpose.DOWNLOAD, link_id, ticket_id))
            link = f"{runtime.settings.public_url}/unduh/{token}"
            yield PHRASES[known].file_link(file["name"], link, day)


def _last_moment(moment: datetime, office: Office) -> datetime:
    """Of the day of *moment* in the office: the citizen is told a day, and all of it is theirs."""
    return wording.local(moment, office).replace(hour=23, minute=59, second=59, microsecond=0)


def fitted(channel: str, media: Sequence[Media]) -> tuple[Media, ...]:
    """*media*, with the role of a link for what *channel* does not carry."""
    if channel != CHANNEL:
        return tuple(media)
    return tuple(
        {**file, "role": LINKED} if carrying.hindrance(file["content_type"], int(file["size"])) else file
        for file in media
    )


def file_of(runtime: Runtime, message: AnyRow) -> Linked | None:
    """What goes along with an outgoing message, at an address that the provider can use for a day."""
    file = attached(message.media or ())
    if file is None or message.channel != CHANNEL:
        return None
    until = int((runtime.clock() + FOR_THE_PROVIDER).timestamp())
    token = runtime.tokens.sign(Token(Purpose.FILE, message.id, until))
    name = short_name(file["name"])
    url = f"{runtime.settings.public_url}/berkas/{token}/{name}"
    return Linked(url, file["content_type"], name, int(file["size"]))


def attached(media: Sequence[Media]) -> Media | None:
    """The file that goes along with a WhatsApp message: the first that is no link."""
    return next((file for file in media if "file" in file and file.get("role") != LINKED), None)


def short_name(name: str) -> str:
    """*name* as WhatsApp shows it: at most 20 letters, digits and hyphens, and its ending."""
    ending = ending_of(name)
    ending = ending if len(ending) <= 5 and all(map(_is_plain, ending)) else ""
    stem = "".join(each if _is_plain(each) else "-" for each in name[: len(name) - len(ending)])
    short = "-".join(filter(None, stem.split("-")))[: LONGEST_NAME - len(ending) - 1].strip("-")
    return f"{short or 'berkas'}.{ending}" if ending else short or "berkas"


def _is_plain(letter: str) -> bool:
    return letter.isascii() and letter.isalnum()
