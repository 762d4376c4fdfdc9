"""What a fetched file may be shown as: a short list by its bytes, and nothing else."""

from dataclasses import dataclass
from enum import StrEnum

from channels.mime.filenames import name_for
from channels.mime.looking import Look


class Family(StrEnum):
    """How a file is shown."""

    PICTURE = "picture"
    SOUND = "sound"
    FILM = "film"
    DOCUMENT = "document"


_OFFICE = "application/vnd.openxmlformats-officedocument."
FAMILIES = {
    "image/jpeg": Family.PICTURE,
    "image/png": Family.PICTURE,
    "image/webp": Family.PICTURE,
    "audio/ogg": Family.SOUND,
    "audio/mpeg": Family.SOUND,
    "audio/mp4": Family.SOUND,
    "audio/aac": Family.SOUND,
    "video/mp4": Family.FILM,
    "application/pdf": Family.DOCUMENT,
    _OFFICE + "wordprocessingml.document": Family.DOCUMENT,
    _OFFICE + "spreadsheetml.sheet": Family.DOCUMENT,
    _OFFICE + "presentationml.presentation": Family.DOCUMENT,
    "text/vcard": Family.DOCUMENT,
}
KIND_REFUSED = "kind"
_STEMS = {Family.PICTURE: "foto", Family.SOUND: "suara", Family.FILM: "video", Family.DOCUMENT: "dokumen"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is kept of a look: the state, why a blocked file is blocked, and a name for people."""

    state: str
    reason: str
    name: str


def judge(look: Look, number: int) -> Verdict:
    """A file of a kind that is not listed, or one that is broken, is kept but blocked."""
    family = FAMILIES.get(look.kind)
    if family is None or look.problem:
        # An ending that opens nothing, whatever the file is.
        return Verdict("blocked", look.problem or KIND_REFUSED, f"berkas-{number}.bin")
    ending = name_for("", look.kind, number).rpartition(".")[2]
    return Verdict("stored", "", f"{_STEMS[family]}-{number}.{ending}")
