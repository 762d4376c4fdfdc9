"""What is fetched ahead comes in order, by one thread, and no further than it is wanted."""

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from handlers.ahead import ahead


def test_all_of_it_in_order_and_the_next_one_meanwhile() -> None:
    fetched: list[int] = []
    second = threading.Event()

    def things() -> Iterator[int]:
        for number in range(5):
            fetched.append(number)
            if number == 1:
                second.set()
            yield number

    taken = ahead(things())
    assert next(taken) == 0
    assert second.wait(60), "the next one is not fetched meanwhile"
    assert [*taken] == [1, 2, 3, 4]
    assert fetched == [0, 1, 2, 3, 4]


def test_always_by_the_same_other_thread() -> None:
    fetchers = set(ahead(threading.get_ident() for _ in range(20)))
    assert len(fetchers) == 1
    assert threading.get_ident() not in fetchers


def test_a_failure_comes_where_the_thing_would_have_come() -> None:
    def things() -> Iterator[int]:
        yield 1
        raise OSError("the disk")

    taken = ahead(things())
    assert next(taken) == 1
    with pytest.raises(OSError, match="the disk"):
        next(taken)


def test_once_closed_no_more_is_fetched() -> None:
    left = iter(range(100))
    with closing(ahead(left)) as taken:
        assert next(taken) == 0
    assert next(left) <= 2
