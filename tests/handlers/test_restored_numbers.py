"""After a restore no ticket bears a number that a citizen may have been given since the backup."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from storage.columns import table
from storage.tables import Series, Ticket
from tests.handlers.site import Site
from tests.handlers.test_backups import backed_up, opened, restored, running_site_again

TICKET, SERIES = table(Ticket), table(Series)
NEW_YEAR_IN_PAPUA = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
UNSEEN = {
    "the first complaint": ("7411", "complains", {}),
    "a new year": ("7411", "asks", {"days": 182}),
    "a new office": ("6302", "asks", {}),
}


@pytest.mark.parametrize(("office", "act", "passes"), UNSEEN.values(), ids=UNSEEN)
def test_a_series_that_began_after_the_backup_has_its_numbers_left_out_too(
    site: Site, tmp_path: Path, office: str, act: str, passes: dict[str, int]
) -> None:
    """Which ticket was its first nobody knows: the backup does not say that there was one."""
    site.asks()
    site.clock.forward(**passes)
    archive = backed_up(site, tmp_path / "backup.tar").path
    given = opened_by(site, office, act, "+6281200001111")
    fresh = tmp_path / "again"
    restored(archive, fresh, skip=50, now=site.clock())
    with running_site_again(f"sqlite:///{fresh / 'again.db'}", fresh, site) as again:
        since = opened_by(again, office, act, "+6281200002222")
    assert (given[-5:], since[-5:]) == ("00001", "00051")
    assert given[:-5] == since[:-5]


def opened_by(site: Site, office: str, act: str, address: str) -> str:
    """The number of the ticket that this citizen opens."""
    if act == "complains":
        site.complains(address=address)
    else:
        site.asks(address=address, office=office)
    with site.runtime.database.read() as connection:
        newest = select(TICKET.c.reference).order_by(TICKET.c.id.desc()).limit(1)
        return str(connection.execute(newest).scalar_one())


def test_the_years_are_those_of_any_zone_in_indonesia(site: Site, tmp_path: Path) -> None:
    archive = backed_up(site, tmp_path / "backup.tar").path
    restored(archive, tmp_path / "again", skip=50, now=NEW_YEAR_IN_PAPUA)
    with opened(tmp_path / "again") as database, database.read() as connection:
        rows = connection.execute(select(SERIES).where(SERIES.c.office == "6302")).all()
    assert {(row.kind, row.year, row.last) for row in rows} == {
        (kind, year, 50) for kind in ("consultation", "complaint") for year in (2026, 2027)
    }
