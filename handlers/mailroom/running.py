"""The mailroom at work: mailboxes are watched, and their mails read and given their turns as they come."""

from functools import partial

from handlers.mailroom.handling import handle_waiting, ours
from handlers.mailroom.reading import Reader
from handlers.mailroom.watching import Watcher
from handlers.runtime import Runtime


class Mailroom:
    """All mailboxes of the settings, with one reader for them. Nothing at all where there are none."""

    def __init__(self, runtime: Runtime) -> None:
        self._reader = Reader(ours(runtime))
        self._watcher = Watcher(runtime, partial(handle_waiting, runtime, self._reader))

    def start(self) -> None:
        """Begin to work. Returns at once."""
        self._watcher.start()

    def stop(self) -> None:
        """Stop within seconds. What has no turn yet waits in the database."""
        if self._watcher.stop():
            self._reader.close()
