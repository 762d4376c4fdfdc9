"""A year of one office from its acts to the verdict, by one process or in parts by several."""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date, datetime, time
from multiprocessing import get_context
from pathlib import Path

from tests.year.almanac import Almanac
from tests.year.office import opened
from tests.year.people import Habits, a_year
from tests.year.play import Closure, Player
from tests.year.reckoning import Rule
from tests.year.verdict import differences

RULES = {
    "7411": Rule(received=True, pauses=False, working_days=True, silence=3, by_system=True, assign="turns"),
    "1801": Rule(received=True, pauses=False, working_days=True, silence=3, by_system=False),
    "1905": Rule(received=False, pauses=True, working_days=False, silence=7, by_system=False, assign="load"),
    "6302": Rule(received=False, pauses=True, working_days=False, silence=7, by_system=True),
}
CLOSURE = Closure(date(2026, 7, 10), datetime.combine(date(2026, 7, 8), time(10, 12, 13)))
_ROOM = 150
"""In a year of so many tickets an officer has room for one of them: then desks are full now and then."""


def played(code: str, database_url: str, folder: Path, number: int, seed: int = 2026) -> list[str]:
    """What the desk did wrongly in a year of *number* tickets."""
    rule = RULES[code]
    if rule.assign == "load":
        rule = replace(rule, cap=max(1, number // _ROOM))
    acts = a_year(number, Habits(not rule.received, Almanac().also_closed(CLOSURE.day)), seed)
    with opened(code, database_url, folder, rule.cap) as office:
        player = Player(office)
        player.play(acts, CLOSURE)
        return differences(player, acts, CLOSURE, rule)


def played_in_parts(code: str, parts: Sequence[tuple[str, Path]], number: int) -> list[str]:
    """The same of *number* tickets in all, an equal part of them on each database, side by side.

    Each part is the whole year with its holidays, roster and leaves, and tickets of its own. What couples
    tickets (whose turn it is, how many somebody has) couples those of one part only.
    """
    with ProcessPoolExecutor(len(parts), mp_context=get_context("spawn")) as pool:
        playing = [
            pool.submit(played, code, url, folder, number // len(parts), seed)
            for seed, (url, folder) in enumerate(parts, 2026)
        ]
        return [line for part in playing for line in part.result()]
