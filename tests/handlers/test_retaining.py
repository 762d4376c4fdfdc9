"""What the configuration lets go after its days goes, and nothing that is open or younger."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from handlers import reports, retaining
from handlers.settings.retention import Retention
from storage import officers
from storage.columns import table
from storage.inbox import View
from storage.tables import Audit, Message
from tests.driver import write_config
from tests.handlers.site import Site, running_site
from tests.handlers.test_erasing import YEAR
from tests.handlers.whole import found

PHONE, OTHER = "+6281234567890", "+6281299998888"
MESSAGE, AUDIT = table(Message), table(Audit)


def _kept(folder: Path, url: str) -> Path:
    path = write_config(folder, url)
    path.write_text(
        path.read_text("utf-8") + "retention: {person: 365, payloads: 90, searches: 30, audit: 400}\n"
    )
    return path


@pytest.fixture
def keeping(database_url: str, tmp_path: Path) -> Iterator[Site]:
    """Somebody whose ticket was closed, and somebody whose is open."""
    with running_site(database_url, tmp_path, written=_kept) as site:
        ticket = site.asks()
        site.signed_in("officer").post(f"/inbox/7411/tickets/{ticket}/close")
        site.asks("Mohon data mentimun Kolaka Timur 2023 untuk skripsi", address=OTHER)
        yield site


def _raws(site: Site) -> int:
    with site.runtime.database.read() as connection:
        rows = connection.execute(select(MESSAGE.c.raw).where(MESSAGE.c.direction == "in")).scalars()
        return sum(row is not None for row in rows)


def _report(site: Site) -> str:
    view = View("7411", site.people["supervisor"], complaints=True)
    with site.runtime.database.read() as connection:
        return repr(reports.assemble(site.runtime, connection, view, YEAR))


def test_what_is_old_enough_goes_and_is_counted(keeping: Site) -> None:
    assert retaining.run(keeping.runtime) == {}
    with keeping.runtime.database.write() as connection:
        officers.record(connection, "answer_published", keeping.clock(), None, {})
    written = _raws(keeping)
    keeping.clock.forward(days=91)
    assert retaining.run(keeping.runtime) == {"payloads": written}
    assert _raws(keeping) == 0
    assert retaining.run(keeping.runtime) == {}
    keeping.clock.forward(days=310)
    before = _report(keeping)
    assert retaining.run(keeping.runtime) == {"people": 1, "audit": 1}
    assert _report(keeping) == before
    assert found(keeping.runtime, [PHONE, "luas panen"]) == set()
    assert found(keeping.runtime, [OTHER, "mentimun"])
    with keeping.runtime.database.read() as connection:
        erased = select(func.count()).where(AUDIT.c.what == "person_erased")
        assert connection.execute(erased).scalar() == 1


def test_without_a_word_everything_is_kept(site: Site) -> None:
    assert site.runtime.settings.retention == Retention()
    site.writes("halo")
    site.clock.forward(days=5000)
    assert retaining.run(site.runtime) == {}
    assert found(site.runtime, [PHONE])
