"""Files of numbers that Meta serves come in by the same way."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from channels.simulator.samples import picture
from storage.columns import table
from storage.media_tables import Media
from tests.databases import SqliteTemplate
from tests.driver import CITIZEN, Desk, running_desk

MEDIA = table(Media)


@pytest.fixture
def meta(sqlite_template: SqliteTemplate, tmp_path: Path) -> Iterator[Desk]:
    """A desk behind Meta."""
    with running_desk(sqlite_template.copy(tmp_path), tmp_path, provider="cloud") as desk:
        yield desk


def test_a_photo_is_kept_and_forgotten_at_meta(meta: Desk) -> None:
    sender = meta.sender("7411", "whatsapp")
    photo = picture("JPEG", (1600, 900), turned=6)
    kinds = (("image/jpeg", photo), ("audio/ogg", None), ("application/pdf", None))
    for kind, content in kinds:
        assert meta.twilio.citizen_writes(CITIZEN, sender, "ini", media=kind, content=content) == 200
    meta.settle()
    with meta.runtime.database.read() as connection:
        kept = list(connection.execute(select(MEDIA).order_by(MEDIA.c.id)))
    assert [(row.state, row.kind) for row in kept] == [("stored", kind) for kind, _ in kinds]
    assert meta.runtime.files.get(kept[0].sha256) == photo
    assert all(row.deleted_at for row in kept)
    assert [row.content for row in meta.messages()] == ["image", "voice", "document"]
