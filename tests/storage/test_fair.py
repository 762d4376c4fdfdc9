"""Places are given in the order in which they were asked for, and none is lost."""

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from storage.fair import Places
from tests.handlers.test_worker import wait_for


def _are_waiting(places: Places, many: int) -> bool:
    return len(places._waiting) == many


def test_who_has_waited_longest_is_next_and_nobody_takes_it_in_between() -> None:
    places, order = Places(1), []
    assert places.take(0)

    def come(number: int) -> None:
        assert places.take(30)
        order.append(number)
        places.give_back()

    with ThreadPoolExecutor(5) as pool:
        for number in range(5):
            pool.submit(come, number)
            wait_for(partial(_are_waiting, places, number + 1))
        assert not places.take(0)
        places.give_back()
    assert order == [0, 1, 2, 3, 4]


def test_who_gives_up_leaves_their_place_to_the_others() -> None:
    places = Places(2)
    assert places.take(0)
    assert places.take(0)
    assert not places.take(0.01)
    places.give_back()
    places.give_back()
    assert [places.take(0) for _ in range(3)] == [True, True, False]


def test_who_is_called_just_when_they_give_up_has_their_place(monkeypatch: pytest.MonkeyPatch) -> None:
    class Late(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:  # noqa: ARG002  # its own signature
            places.give_back()
            return False

    places = Places(1)
    assert places.take(0)
    monkeypatch.setattr(threading, "Event", Late)
    assert places.take(0.01)
    assert not places._waiting
    places.give_back()
    assert places.take(0)
