"""One thing is fetched while the one before it is dealt with."""

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_Thing = TypeVar("_Thing")


def ahead(things: Iterator[_Thing]) -> Generator[_Thing]:
    """*things* in their order, each fetched by another thread, which is always the same one.

    What fetching raises is raised where the thing would have come. Once closed, this fetches no more.
    """
    none_left = object()
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as other:
        coming = other.submit(next, things, none_left)
        while (thing := coming.result()) is not none_left:
            coming = other.submit(next, things, none_left)
            yield thing  # type: ignore[misc]
