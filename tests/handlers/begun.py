"""A site for each test that begins where an act has ended: the act is done once, and its database copied."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.databases import SqliteTemplate
from tests.handlers.site import Site, running_site, standing_site

Act = Callable[[Site], int]


@dataclass(frozen=True)
class _Left:
    """What an act has left: the database, the hour, who is there, and what it told."""

    content: bytes
    at: datetime
    people: dict[str, int]
    told: int


class Begun:
    """``after`` an act there is a site that nobody else has."""

    def __init__(self, template: SqliteTemplate) -> None:
        self._template = template
        self._left: dict[Act, _Left] = {}

    @contextmanager
    def after(self, act: Act, folder: Path) -> Iterator[tuple[Site, int]]:
        """The site in *folder* just after *act*, and what it told: the id of a ticket."""
        left = self._left.get(act) or self._done(act)
        file = folder / "loket.db"
        file.write_bytes(left.content)
        with standing_site(f"sqlite:///{file}", folder) as site:
            site.clock.at = left.at
            site.people.update(left.people)
            yield site, left.told

    def _done(self, act: Act) -> _Left:
        with TemporaryDirectory() as folder:
            with running_site(self._template.copy(Path(folder)), Path(folder)) as site:
                told = act(site)
            # Whoever closes it last writes what stands beside it into the file itself.
            assert not (Path(folder) / "loket.db-wal").exists()
            content = (Path(folder) / "loket.db").read_bytes()
        self._left[act] = _Left(content, site.clock.at, site.people, told)
        return self._left[act]
