"""Ids of messages: UUIDs of version 7, in the order of their milliseconds, none twice."""

from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

from storage import mids

NOW = datetime(2026, 7, 6, 1, 0, tzinfo=UTC)


def test_it_is_a_uuid_of_version_7_of_its_moment() -> None:
    made = UUID(mids.new(NOW))
    assert (made.version, made.variant) == (7, RFC_4122)
    assert datetime.fromtimestamp((made.int >> 80) / 1000, UTC) == NOW


def test_later_ones_sort_behind() -> None:
    made = [mids.new(NOW + timedelta(milliseconds=after)) for after in (0, 1, 2, 70_000, 10**11)]
    assert made == sorted(made)
    assert {len(each) for each in made} == {36}


def test_none_is_made_twice_in_a_millisecond() -> None:
    assert len({mids.new(NOW) for _ in range(50_000)}) == 50_000


def test_none_of_a_moment_or_later_sorts_before_the_first_of_it() -> None:
    first = mids.first(NOW)
    assert all(mids.new(NOW + timedelta(milliseconds=after)) >= first for after in (0, 1, 70_000))
    assert mids.new(NOW - timedelta(milliseconds=1)) < first
