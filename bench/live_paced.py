"""Ordinary requests at a steady pace: whoever waits longer does not ask less, as people don't."""

import http.client
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count

from bench.live_desk import LiveDesk

KINDS = ("the inbox", "a ticket", "a citizen's message")
_EVERY = {"the inbox": 0.25, "a ticket": 0.25, "a citizen's message": 0.5}
_turn = count()


def paced(desk: LiveDesk, seconds: float) -> dict[str, list[float]]:
    """Milliseconds of every request by kind, from when it was due. Raises when any answer is not 200."""
    with ThreadPoolExecutor(len(KINDS)) as pool:
        playing = {kind: pool.submit(_played, desk, kind, seconds) for kind in KINDS}
        return {kind: one.result() for kind, one in playing.items()}


def _played(desk: LiveDesk, kind: str, seconds: float) -> list[float]:
    line = http.client.HTTPConnection("127.0.0.1", desk.port, timeout=60)
    took: list[float] = []
    begins = time.monotonic() + _EVERY[kind] * KINDS.index(kind) / len(KINDS)
    for number in range(round(seconds / _EVERY[kind])):
        due = begins + number * _EVERY[kind]
        time.sleep(max(0.0, due - time.monotonic()))
        try:
            _ask(desk, line, kind, next(_turn))
        except ConnectionError:  # a line that has rested for seconds may be closed
            line.close()
            _ask(desk, line, kind, next(_turn))
        took.append((time.monotonic() - due) * 1000)
    line.close()
    return took


def _ask(desk: LiveDesk, line: http.client.HTTPConnection, kind: str, number: int) -> None:
    if kind == "a citizen's message":
        desk.write(line, number)
        return
    page = desk.page(number)
    address = f"/inbox/{page['office']}"
    if kind == "a ticket":
        address += f"/tickets/{desk.tickets[page['office']]}"
    line.request("GET", address, headers={"Cookie": page["cookie"]})
    answer = line.getresponse()
    answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{address} was answered {answer.status}")
