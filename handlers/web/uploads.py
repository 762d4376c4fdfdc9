"""Files that an officer sends along with an answer, on channels that carry files."""

from collections.abc import Iterator, Mapping, Sequence

from flask import Request
from werkzeug.datastructures import FileStorage

from channels.mime.filenames import name_for
from channels.mime.filetypes import sniff
from channels.mime.mail import Role
from handlers.runtime import Runtime
from handlers.web.language import gettext

CARRYING = ("email",)
MOST_FILES = 10
MOST_MEGABYTES = 10
_MEGABYTE = 1024 * 1024
# Beyond what is taken, so that a little too much is answered with a sentence and not with an error.
LARGEST_ANSWER = 2 * MOST_MEGABYTES * _MEGABYTE


def chosen(request: Request) -> list[FileStorage]:
    """The files of the form; an empty box is none."""
    return [file for file in request.files.getlist("files") if file.filename]


def problem(files: Sequence[FileStorage], channel: str) -> str:
    """Why *files* can't go out on *channel*; empty when they can."""
    if not files:
        return ""
    if channel not in CARRYING:
        return gettext("Berkas hanya dapat dikirim lewat email.")
    if len(files) > MOST_FILES or sum(map(_size, files)) > MOST_MEGABYTES * _MEGABYTE:
        return gettext(
            "Paling banyak %(files)s berkas, bersama-sama %(size)s MB.", files=MOST_FILES, size=MOST_MEGABYTES
        )
    return ""


def kept(runtime: Runtime, files: Sequence[FileStorage]) -> tuple[Mapping[str, str], ...]:
    """Keep *files*, and say of each what ``message.media`` says."""
    return tuple(_kept(runtime, files))


def _size(file: FileStorage) -> int:
    size = file.stream.seek(0, 2)
    file.stream.seek(0)
    return size


def _kept(runtime: Runtime, files: Sequence[FileStorage]) -> Iterator[Mapping[str, str]]:
    for number, file in enumerate(files, 1):
        content = file.stream.read()
        kind = sniff(content, file.filename or "")
        yield {
            "file": runtime.files.put(content),
            "name": name_for(file.filename or "", kind, number),
            "content_type": kind,
            "size": str(len(content)),
            "role": Role.ATTACHED.value,
        }
