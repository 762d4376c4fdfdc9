"""Files that no row names go at night: of mails that failed or were only filed, of answers that never left.

Every night a seventh of the folder is looked at. Nothing of a file says whose it is, so that a row must name
it, or it is nobody's.
"""

import logging
from datetime import datetime, timedelta
from uuid import uuid4

from handlers import compose
from handlers.runtime import Runtime
from storage import own, unwanted

log = logging.getLogger(__name__)
HOUR = 18
"""In UTC: after midnight in all of Indonesia."""
YOUNG = timedelta(days=1)
"""A file may wait for its row so long: one that an officer has chosen is offered again for half a day."""
MARK = "database"
_NIGHTS = 7


def sweep(runtime: Runtime) -> int:
    """Take away what nobody names and nobody has put for a day, if it is night; how many files."""
    now = runtime.clock()
    if now.hour != HOUR:
        return 0
    if not _is_its_folder(runtime):
        log.error("%s belongs to another database: no file is taken away", runtime.settings.data_dir)
        return 0
    before = compose.now() - YOUNG  # a disk has a clock of its own
    runtime.files.drop_unfinished(before)
    lost = _lost(runtime, now.weekday(), before)
    gone = sum(runtime.files.remove(name, before) for name in lost)
    if gone:
        log.info("%d files that no row names are gone", gone)
    return gone


def _is_its_folder(runtime: Runtime) -> bool:
    """Whether the files are this database's: to one that was named by mistake every file would be nobody's.

    The first database that asks puts its name there. A backup takes the name along.
    """
    path = runtime.settings.data_dir / MARK
    name = _name(runtime)
    found = path.read_text("utf-8") if path.exists() else ""
    if not found:
        path.write_text(name, "utf-8")
    return found in {"", name}


def _name(runtime: Runtime) -> str:
    with runtime.database.write() as connection:
        known = own.word(connection, MARK)
        if known is None:
            own.put_word(connection, MARK, uuid4().hex)
        return known or own.word(connection, MARK) or ""


def _lost(runtime: Runtime, night: int, before: datetime) -> set[str]:
    old = {
        name
        for name in runtime.files.names()
        if int(name[:2], 16) % _NIGHTS == night and runtime.files.is_older(name, before)
    }
    if not old:
        return old
    with runtime.database.read() as connection:
        known = False
        for name in unwanted.named(connection):
            old.discard(name)
            known = True
    if not known:
        log.error(
            "%d files are kept and no row of this database names any file: is it the right one?", len(old)
        )
        return set()
    return old
