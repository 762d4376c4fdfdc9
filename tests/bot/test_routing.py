"""Who gets a new ticket: topics, duty, leave, load, turns."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calendar import Day, DayKind, WorkingCalendar
from bot.policy import Routing, Topic
from bot.routing import (
    Absence,
    Candidate,
    Choice,
    Half,
    HalfDay,
    Recognised,
    Roster,
    Why,
    chosen,
    recognised,
    served_next,
    turn_at,
)

MONDAY = date(2026, 7, 6)
NOON = datetime(2026, 7, 6, 4, tzinfo=UTC)
MORNING = HalfDay(MONDAY, Half.AM)
AFTERNOON = HalfDay(MONDAY, Half.PM)
TOPICS = {
    "harga": Topic({"id": "Harga dan inflasi"}, ("inflasi", "ihk", "harga")),
    "kemiskinan": Topic({"id": "Kemiskinan"}, ("kemiskinan", "garis kemiskinan", "miskin")),
    "tani": Topic({"id": "Pertanian"}, ("padi", "luas panen")),
}
TURNS, LOAD = Routing(assign="turns"), Routing(assign="load")


@pytest.mark.parametrize(
    ("request_text", "topic"),
    [
        ("Mohon data INFLASI bulanan", "harga"),
        ("inflasinya berapa?", "harga"),
        ("garis kemiskinan 2024", "kemiskinan"),
        ("luas panen padi dan inflasi", "tani"),
        ("data harga padi, luas-panen juga", "tani"),
        ("mahasiswa dari Paditangan", ""),
        ("luas wilayah, panen raya", ""),
        ("", ""),
        ("🙏", ""),
    ],
)
def test_a_topic_is_known_by_whole_words(request_text: str, topic: str) -> None:
    found = recognised(request_text, TOPICS)
    assert (found.topic if found else "") == topic


def test_a_tie_goes_to_the_first_of_the_list_and_is_told() -> None:
    assert recognised("inflasi dan padi", TOPICS) == Recognised("harga", ("tani",))
    assert recognised("inflasi dan padi", dict(reversed(TOPICS.items()))) == Recognised("tani", ("harga",))


def test_no_words_recognise_nothing() -> None:
    assert recognised("inflasi", {}) is None
    assert recognised("inflasi - ?", {"kosong": Topic({"id": "Kosong"}, ("-", " "))}) is None


def test_in_turns_who_was_given_one_longest_ago_is_next() -> None:
    early, late = Candidate(1, given_at=NOON), Candidate(2, given_at=NOON + timedelta(hours=1))
    never = Candidate(3)
    assert chosen(TURNS, (late, early), Roster(), MORNING, "") == Choice(1, Why.TURN)
    assert chosen(TURNS, (late, early, never), Roster(), MORNING, "").officer_id == 3
    assert chosen(TURNS, (Candidate(7), Candidate(5)), Roster(), MORNING, "").officer_id == 5


def test_by_load_the_fewest_waiting_tickets_count_first_then_turns() -> None:
    busy, idle = Candidate(1, load=3), Candidate(2, load=1, given_at=NOON)
    other = Candidate(3, load=1, given_at=NOON - timedelta(days=1))
    assert chosen(LOAD, (busy, idle), Roster(), MORNING, "") == Choice(2, Why.LOAD)
    assert chosen(LOAD, (busy, idle, other), Roster(), MORNING, "").officer_id == 3


def test_the_topic_comes_before_the_turn_and_who_answers_everything_answers_it_too() -> None:
    farmer = Candidate(1, frozenset({"tani"}))
    priced = Candidate(2, frozenset({"harga"}), given_at=NOON)
    everything = Candidate(3, given_at=NOON - timedelta(hours=1))
    assert chosen(TURNS, (farmer, priced), Roster(), MORNING, "harga") == Choice(2, Why.TURN, by_topic=True)
    assert chosen(TURNS, (farmer, priced, everything), Roster(), MORNING, "harga") == Choice(3, Why.TURN)
    assert chosen(TURNS, (farmer,), Roster(), MORNING, "harga") == Choice(1, Why.TURN)
    assert chosen(TURNS, (farmer, priced), Roster(), MORNING, "").officer_id == 1


def test_nobody_is_given_more_than_the_cap() -> None:
    rule = replace(TURNS, cap=2)
    full, free = Candidate(1, load=2), Candidate(2, load=1, given_at=NOON)
    assert chosen(rule, (full, free), Roster(), MORNING, "").officer_id == 2
    assert chosen(rule, (Candidate(1, load=2),), Roster(), MORNING, "") == Choice(None, Why.FULL)
    assert chosen(replace(rule, cap=0), (Candidate(1, load=99),), Roster(), MORNING, "").officer_id == 1


def test_a_full_specialist_passes_the_ticket_on_to_others() -> None:
    rule = replace(TURNS, cap=1)
    candidates = (Candidate(1, frozenset({"tani"}), load=1), Candidate(2, frozenset({"harga"})))
    assert chosen(rule, candidates, Roster(), MORNING, "tani").officer_id == 2


def test_only_who_is_on_duty_is_given_one() -> None:
    roster = Roster(duty={1: {(0, Half.AM)}, 2: {(0, Half.PM)}})
    both = (Candidate(1), Candidate(2))
    assert chosen(TURNS, both, roster, MORNING, "").officer_id == 1
    assert chosen(TURNS, both, roster, AFTERNOON, "").officer_id == 2
    tuesday = HalfDay(MONDAY + timedelta(days=1), Half.AM)
    assert chosen(TURNS, both, roster, tuesday, "") == Choice(None, Why.NOBODY)


def test_a_roster_without_duty_has_everybody_on_duty() -> None:
    assert Roster(duty={1: set()}).on_duty(2, MORNING)
    assert not Roster(duty={1: {(0, Half.AM)}}).on_duty(2, MORNING)


def test_leave_is_from_half_day_to_half_day_both_included() -> None:
    away = Absence(AFTERNOON, HalfDay(MONDAY + timedelta(days=2), Half.AM))
    roster = Roster(absences={1: [away]})
    days = [HalfDay(MONDAY + timedelta(days=day), half) for day in range(4) for half in Half]
    assert [roster.on_duty(1, at) for at in days] == [True, False, False, False, False, True, True, True]
    assert all(roster.on_duty(2, at) for at in days)


def test_nothing_is_given_where_the_office_gives_nothing() -> None:
    assert chosen(Routing(), (Candidate(1),), Roster(), MORNING, "").officer_id is None


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-07-06T07:00+08:00", MORNING),
        ("2026-07-06T11:59+08:00", MORNING),
        ("2026-07-06T12:30+08:00", AFTERNOON),
        ("2026-07-06T15:31+08:00", HalfDay(date(2026, 7, 7), Half.AM)),
        ("2026-07-10T11:45+08:00", HalfDay(date(2026, 7, 10), Half.PM)),
        ("2026-07-10T17:00+08:00", HalfDay(date(2026, 7, 14), Half.AM)),
    ],
)
def test_the_next_moment_of_service_counts(moment: str, expected: HalfDay) -> None:
    closed = {date(2026, 7, 13): Day(DayKind.CLOSED, "Rapat")}
    calendar = WorkingCalendar(ZoneInfo("Asia/Makassar"), days=closed)
    assert served_next(calendar, datetime.fromisoformat(moment)) == expected


_HALVES = st.builds(HalfDay, st.dates(MONDAY, MONDAY + timedelta(days=20)), st.sampled_from(list(Half)))
_ABSENCES = st.tuples(_HALVES, _HALVES).map(lambda two: Absence(min(two), max(two)))
_IDS = st.integers(1, 6)
_CANDIDATES = st.lists(
    st.builds(
        Candidate, _IDS, st.frozensets(st.sampled_from(list(TOPICS)), max_size=2), st.integers(0, 4),
        st.none() | st.integers(0, 50).map(lambda hours: NOON + timedelta(hours=hours)),
    ),
    max_size=6, unique_by=lambda one: one.id,
)  # fmt: skip
_WEEKLY = st.tuples(st.integers(0, 6), st.sampled_from(list(Half)))
_ROSTERS = st.builds(
    Roster,
    st.dictionaries(_IDS, st.frozensets(_WEEKLY, max_size=6), max_size=6),
    st.dictionaries(_IDS, st.lists(_ABSENCES, max_size=2), max_size=6),
)
_ASSIGNS: st.SearchStrategy[Literal["turns", "load"]] = st.sampled_from(["turns", "load"])
_RULES = st.builds(Routing, _ASSIGNS, st.integers(0, 4))
_TOPICS = st.sampled_from(["", *TOPICS])


@given(_RULES, _CANDIDATES, _ROSTERS, _HALVES, _TOPICS)
def test_who_is_chosen_is_there_and_has_room(
    rule: Routing, candidates: list[Candidate], roster: Roster, at: HalfDay, topic: str
) -> None:
    choice = chosen(rule, candidates, roster, at, topic)
    may = [one for one in candidates if roster.on_duty(one.id, at) and (not rule.cap or one.load < rule.cap)]
    assert (choice.officer_id is None) == (not may)
    if choice.officer_id is not None:
        assert choice.officer_id in {one.id for one in may}
        assert not roster.is_away(choice.officer_id, at)


@given(_RULES, _CANDIDATES, _ROSTERS, _HALVES, _TOPICS)
def test_the_order_in_which_candidates_are_read_decides_nothing(
    rule: Routing, candidates: list[Candidate], roster: Roster, at: HalfDay, topic: str
) -> None:
    assert chosen(rule, candidates, roster, at, topic) == chosen(rule, candidates[::-1], roster, at, topic)


@given(_CANDIDATES, _HALVES, _TOPICS)
def test_a_specialist_who_is_there_is_never_passed_over_for_who_answers_something_else(
    candidates: list[Candidate], at: HalfDay, topic: str
) -> None:
    choice = chosen(TURNS, candidates, Roster(), at, topic)
    picked = next((one for one in candidates if one.id == choice.officer_id), None)
    if picked and any(topic in one.topics for one in candidates):
        assert topic in picked.topics or not picked.topics


@given(st.integers(1, 5), st.integers(1, 40), st.integers(0, 1))
def test_turns_are_shared_evenly(officers: int, tickets: int, apart: int) -> None:
    """A minute *apart*, or all at the same moment."""
    given_at: dict[int, datetime | None] = dict.fromkeys(range(officers))
    count = dict.fromkeys(range(officers), 0)
    for number in range(tickets):
        people = [Candidate(one, given_at=moment) for one, moment in given_at.items()]
        picked = chosen(TURNS, people, Roster(), MORNING, "").officer_id
        assert picked is not None
        given_at[picked] = turn_at(people, NOON + timedelta(minutes=number * apart))
        count[picked] += 1
    assert max(count.values()) - min(count.values()) <= 1


@given(_ABSENCES, _ABSENCES)
def test_two_absences_overlap_when_a_half_day_is_in_both(one: Absence, two: Absence) -> None:
    days = [HalfDay(MONDAY + timedelta(days=day), half) for day in range(21) for half in Half]
    assert one.overlaps(two) == two.overlaps(one) == any(one.covers(at) and two.covers(at) for at in days)


@given(st.text(max_size=60))
def test_any_text_is_recognised_or_not_without_a_fault(text: str) -> None:
    found = recognised(text, TOPICS)
    assert found is None or (found.topic in TOPICS and found.topic not in found.tied)
