"""How often Python looks for circles among objects that nobody needs any more."""

import gc


def collect_less_often() -> None:
    """What is wired stays for good, and a turn makes hundreds of objects: looking for circles among them
    at every seven hundredth took a twentieth of its time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def start_without_collecting() -> None:
    """A start makes half a million objects that stay, and looking among them took a sixth of its time."""
    gc.set_threshold(200_000, 50, 50)
