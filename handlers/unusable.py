"""A file or folder that can't be used, as a sentence that says what to do."""

import errno
import os
import pwd
from pathlib import Path

_REFUSED = {errno.EACCES, errno.EPERM}
_FULL = {errno.ENOSPC, errno.EDQUOT}


def is_told(error: OSError) -> bool:
    """Whether ``sentence`` knows what to say: it is about a place on the disk, or about the whole of it."""
    return error.filename is not None or error.errno in _FULL


def sentence(error: OSError) -> str:
    """What is wrong, and what helps."""
    if error.errno in _FULL:
        return f"no room is left on the disk{_of(error)}: make room, then start again"
    place = Path(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else None
    if place is None:
        return f"{error.filename or 'the disk'}: {error.strerror or error}"
    if error.errno in _REFUSED:
        return _refused(place)
    if error.errno == errno.EISDIR:
        return f"{place} is a folder, and a file must be there: take it away, or name another place"
    if error.errno in {errno.ENOTDIR, errno.EEXIST}:
        return f"{place} can't be made a folder, for a file is in its way: name another place"
    if error.errno == errno.EROFS:
        return f"{place} can't be written to, for its disk is mounted read-only"
    return f"{place}: {error.strerror or error}"


def is_there(place: Path) -> bool:
    """Whether *place* is there as far as we may see: in a folder that we may not enter nothing is."""
    return os.access(place, os.F_OK)


def _of(error: OSError) -> str:
    return f" of {error.filename}" if error.filename else ""


def _refused(place: Path) -> str:
    """Mostly root has run a command, and what it made is root's; or nobody has named a folder."""
    there, me = _nearest(place), name_of(os.geteuid())
    if there != place:
        return (
            f"{me} may not make {place}: make it and give it to {me}, or name another place in the"
            " configuration (data_dir, database.url)"
        )
    owner = name_of(there.stat().st_uid)
    return (
        f"{me} may not use {place}, which belongs to {owner}: `chown -R {me} {_folder_of(place)}` gives it"
        f" back; run loket as {me} only, also by hand"
    )


def _folder_of(place: Path) -> Path:
    return place if place.is_dir() else place.parent


def _nearest(place: Path) -> Path:
    """The place itself, or the folder above it that is there."""
    for each in (place, *place.parents):
        try:
            if each.exists():
                return each
        except PermissionError:
            continue
    return place


def name_of(user_id: int) -> str:
    """A user by name; by number where there is none."""
    try:
        return pwd.getpwuid(user_id).pw_name
    except KeyError:
        return f"user {user_id}"
