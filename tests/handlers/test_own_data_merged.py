"""Wishes about one's own data stay their person's when contacts are merged, and when they are taken apart."""

import io
import re
import zipfile

import pytest
from sqlalchemy import select, update

from handlers import erasing, erasing_due, jobs, people
from storage import people as stored_people
from storage import theirs
from storage.columns import table
from storage.privacy_requests import REQUEST
from storage.tables import Address
from tests.handlers.site import Site
from tests.handlers.test_person_page import _contact, _get, _post
from tests.handlers.whole import found

PHONE, OTHER = "+6281234567890", "+6281299998888"
ADDRESS = table(Address)


def later(site: Site, hours: int = 0) -> None:
    site.clock.forward(hours=hours)
    jobs.run_all(site.runtime)


def contact_of(site: Site, value: str) -> int:
    with site.runtime.database.read() as connection:
        wanted = select(ADDRESS.c.contact_id).where(ADDRESS.c.value == value)
        return int(connection.execute(wanted).scalar_one())


def wants_to_be_erased(site: Site, address: str = PHONE) -> None:
    for words in ("halo", "hapus data saya", "ya hapus"):
        site.writes(words, address=address)


def answered(site: Site) -> int:
    """Somebody asked, and nothing of theirs is open any more; the ticket."""
    ticket = site.asks()
    site.signed_in("officer").post(f"/inbox/7411/tickets/{ticket}/close")
    return ticket


def merge(site: Site, kept: int, gone: int) -> None:
    assert people.merge(site.runtime, site.people["supervisor"], "7411", kept, gone) is None


def unmerge(site: Site, ticket: int) -> None:
    done = re.search(r'name="merge" value="(\d+)"', _get(site, ticket, "/person"))
    assert done is not None
    assert "Penggabungan kontak dibatalkan." in _post(site, ticket, "unmerge", merge=done[1])


def as_an_older_version_left_it(site: Site, contact_id: int) -> None:
    """Merged, or taken apart, without what was asked."""
    with site.runtime.database.write() as connection:
        connection.execute(update(REQUEST).values(contact_id=contact_id))


def owner(site: Site) -> int:
    with site.runtime.database.read() as connection:
        return int(connection.execute(select(REQUEST.c.contact_id)).scalar_one())


@pytest.mark.parametrize("older", [False, True])
def test_who_was_merged_after_asking_is_erased_all_the_same(older: bool, site: Site) -> None:
    wants_to_be_erased(site, OTHER)
    kept, gone = _contact(site, answered(site)), contact_of(site, OTHER)
    merge(site, kept, gone)
    if older:
        as_an_older_version_left_it(site, gone)
    later(site, 21)
    assert site.last_said().startswith("Sesuai permintaan, data Bapak/Ibu")
    later(site, 2)
    assert found(site.runtime, [OTHER, PHONE, "luas panen"]) == set()
    with site.runtime.database.read() as connection:
        assert connection.execute(select(REQUEST.c.state)).scalar_one() == "done"


def test_who_was_merged_by_their_own_code_after_asking_is_erased(site: Site) -> None:
    wants_to_be_erased(site, OTHER)
    kept, gone = _contact(site, answered(site)), contact_of(site, OTHER)
    with site.runtime.database.write() as connection:
        assert people.join(connection, "7411", kept, gone, None, site.clock()) is None
    later(site, 21)
    later(site, 2)
    assert found(site.runtime, [OTHER, PHONE, "luas panen"]) == set()


@pytest.mark.parametrize("older", [False, True])
def test_who_was_taken_apart_after_asking_is_erased_and_nobody_else(older: bool, site: Site) -> None:
    ticket = answered(site)
    site.writes("halo", address=OTHER)
    kept, gone = _contact(site, ticket), contact_of(site, OTHER)
    merge(site, kept, gone)
    wants_to_be_erased(site, OTHER)
    unmerge(site, ticket)
    if older:
        as_an_older_version_left_it(site, kept)
    later(site, 21)
    later(site, 2)
    assert found(site.runtime, [PHONE])
    assert found(site.runtime, ["luas panen"])
    assert found(site.runtime, [OTHER]) == set()
    assert owner(site) == gone


def test_who_was_kept_and_asked_is_erased_alone_once_they_are_taken_apart(site: Site) -> None:
    ticket = answered(site)
    site.writes("halo", address=OTHER)
    merge(site, _contact(site, ticket), contact_of(site, OTHER))
    wants_to_be_erased(site)
    unmerge(site, ticket)
    later(site, 21)
    later(site, 2)
    assert found(site.runtime, [PHONE, "luas panen"]) == set()
    assert found(site.runtime, [OTHER])


def test_what_was_asked_outside_any_conversation_goes_back_with_the_merge(site: Site) -> None:
    ticket = answered(site)
    site.writes("halo", address=OTHER)
    kept, gone = _contact(site, ticket), contact_of(site, OTHER)
    assert erasing_due.begin(site.runtime, "7411", gone, site.people["supervisor"])
    with site.runtime.database.write() as connection:
        connection.execute(update(REQUEST).values(conversation_id=None))
    merge(site, kept, gone)
    assert owner(site) == kept
    unmerge(site, ticket)
    assert owner(site) == gone


def test_a_wish_is_taken_back_from_either_address_after_a_merge(site: Site) -> None:
    wants_to_be_erased(site, OTHER)
    merge(site, _contact(site, answered(site)), contact_of(site, OTHER))
    site.writes("batal hapus", address=OTHER)
    assert "penghapusan dibatalkan" in site.last_said()
    later(site, 21)
    later(site, 2)
    assert found(site.runtime, [OTHER])
    assert found(site.runtime, ["luas panen"])


def test_the_link_to_a_copy_gives_the_whole_person_after_a_merge(site: Site) -> None:
    site.writes("halo", address=OTHER)
    site.writes("data saya", address=OTHER)
    link = re.search(r"/data-saya/\S+", site.last_said())
    assert link is not None
    merge(site, _contact(site, answered(site)), contact_of(site, OTHER))
    raw = site.app.test_client().post(link[0]).data
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        told = archive.read("data.json").decode()
    for words in (PHONE, OTHER, "luas panen"):
        assert words in told


def test_who_is_taken_apart_while_the_erasure_waits_is_not_erased(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The supervisor is a moment faster: who belongs to the person is asked again under the locks."""
    ticket = answered(site)
    site.writes("halo", address=OTHER)
    kept, gone = _contact(site, ticket), contact_of(site, OTHER)
    merge(site, kept, gone)
    with site.runtime.database.read() as connection:
        (done,) = stored_people.merges_into(connection, "7411", kept)
    asked = iter([(kept, gone), (kept,), (kept,), (kept,)])
    people.undo(site.runtime, site.people["supervisor"], "7411", done.id)
    monkeypatch.setattr(theirs, "person", lambda *_: next(asked))
    assert erasing.erase(site.runtime, "7411", kept, None)
    assert found(site.runtime, [OTHER])
    assert found(site.runtime, ["luas panen"]) == set()


def test_what_is_taken_back_while_the_erasure_waits_is_not_done(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    wants_to_be_erased(site)
    later(site, 21)
    site.clock.forward(hours=2)
    due = erasing_due._due(site.runtime, site.clock())
    site.writes("batal hapus")
    monkeypatch.setattr(erasing_due, "_due", lambda *_: due)
    jobs.run_all(site.runtime)
    assert found(site.runtime, [PHONE])
