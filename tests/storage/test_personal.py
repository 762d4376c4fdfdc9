"""Every column is looked at: what becomes of it when its person is erased is written down."""

from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table

from storage import personal, theirs
from storage.columns import Base


def test_every_column_of_every_table_is_classified() -> None:
    assert personal.unclassified() == []


def test_a_new_column_and_a_new_table_are_noticed() -> None:
    known = dict(personal.FATES)
    contact, ticket = known["contact"], known["ticket"]
    assert isinstance(contact, personal.Held)
    assert isinstance(ticket, personal.Held)
    try:
        personal.FATES["contact"] = personal.Held(contact.emptied, contact.kept - {"main_use"})  # type: ignore[index]
        del personal.FATES["mail"]  # type: ignore[attr-defined]
        personal.FATES["gone"] = personal.Gone()  # type: ignore[index]
        found = personal.unclassified()
    finally:
        personal.FATES.clear()  # type: ignore[attr-defined]
        personal.FATES.update(known)  # type: ignore[attr-defined]
    assert "contact.main_use" in found
    assert "mail.raw" in found
    assert "gone" in found


def test_what_nobody_has_looked_at_goes_with_its_person() -> None:
    """A table that hangs on a message is followed, without a word about it."""
    new = Table(
        "new_one", MetaData(), Column("id", Integer, primary_key=True), Column("words", String),
        Column("message_id", ForeignKey(Base.metadata.tables["message"].c.id)),
        Column("officer_id", ForeignKey(Base.metadata.tables["officer"].c.id)),
    )  # fmt: skip
    assert isinstance(personal.fate_of("new_one"), personal.Gone)
    assert personal.is_personal(new)
    assert list(theirs.links(new)) == [("message_id", "message")]
