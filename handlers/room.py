"""Room on the disk: known before it is used up, for then nothing can be written down any more."""

import shutil

from handlers.runtime import Runtime

LOW = 200 * 1024 * 1024
NONE = 8 * 1024 * 1024


def free(runtime: Runtime) -> int:
    """Bytes left where the desk's files are (and, on SQLite, its database), whichever has less."""
    database = runtime.database
    folders = {database.data_dir, database.folder or database.data_dir}
    return min(shutil.disk_usage(folder).free for folder in folders)


def is_low(runtime: Runtime) -> bool:
    """Whether somebody should make room soon."""
    return free(runtime) < LOW


def is_used_up(runtime: Runtime) -> bool:
    """Whether nothing can be kept now: no room is left, or the database has just said so."""
    return runtime.database.is_refused or free(runtime) < NONE
