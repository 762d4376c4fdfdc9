"""Citizens on WhatsApp: each writes on when their last words were taken, as fast as the pace lets them."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from uuid import uuid4

from bench.havoc.ledger import Ledger
from bench.havoc.provider import Provider

SAYINGS = (
    "p",
    "1",
    "2",
    "data penduduk 2023 kab brp pak, untuk skripsi",
    "Budi Santoso",
    "mahasiswa",
    "ya",
    "ya",
    "budi@contoh.id",
    "petugas",
    "terima kasih",
    "pdrb 2020-2024",
    "pengaduan",
    "kenapa lama sekali ya",
    "yang per kecamatan ya pak",
)
HALF_A_REQUEST = "Mohon data luas panen padi 2021-2024 menurut kecamatan untuk skripsi"
SECONDS_BEFORE_THE_NEXT_TRY = 0.5
_numbers = count(1)


@dataclass
class Pace:
    """So many messages in so many seconds, by all writers together. Who is late catches up."""

    many: int
    seconds: float
    began: float = field(default_factory=time.monotonic)
    _numbers: "count[int]" = field(default_factory=count)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def turn(self, ended: threading.Event) -> bool:
        """Wait for the next message's moment; False when all were written, or it has *ended*."""
        with self._lock:
            number = next(self._numbers)
        if number >= self.many:
            return False
        ended.wait(max(0.0, self.began + number * self.seconds / self.many - time.monotonic()))
        return not ended.is_set()


def write(
    provider: Provider, people: list[tuple[str, str]], pace: Pace, seed: str, ended: threading.Event
) -> None:
    """Play *people* (address and our number) from one thread, in an order by *seed*, until the pace ends."""
    chosen = random.Random(seed)  # noqa: S311  # the same traffic every time
    while pace.turn(ended):
        address, number = chosen.choice(people)
        say(provider, address, number, f"{chosen.choice(SAYINGS)}", ended)


def say(provider: Provider, address: str, number: str, text: str, ended: threading.Event) -> bool:
    """Write until it is taken: whoever hears nothing writes the same again, which is another message."""
    ledger: Ledger = provider.ledger
    while not ended.is_set():
        sid = "SM" + uuid4().hex
        ledger.offered.add(sid)
        if provider.citizen_writes(address, number, text, sid=sid) == 200:
            ledger.accepted[address, number].append(sid)
            return True
        ledger.counted["messages nobody took"] += 1
        ended.wait(SECONDS_BEFORE_THE_NEXT_TRY)
    return False


def fall_silent(
    provider: Provider, number: str, time_goes_by: Callable[[str], bool], ended: threading.Event
) -> None:
    """Again and again somebody begins a request, says no more, and has waited for days in the end."""
    ledger: Ledger = provider.ledger
    while not ended.wait(1.0):
        address = f"+62813{next(_numbers):08d}"
        if say(provider, address, number, HALF_A_REQUEST, ended):
            while not time_goes_by(address):
                if ended.wait(0.5):
                    return
            ledger.undecided.append(address)
