"""Disks that lose power: from what was written and when it was flushed, what may be found afterwards.

What was flushed is there. Of all that was written since, every sector may or may not have reached the disk,
in any order, and one being written may hold garbage. A disk that calls flushed what is not can't be helped.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.tape import Act

SECTOR = 512


@dataclass
class _File:
    flushed: bytearray = field(default_factory=bytearray)
    since: list[Act] = field(default_factory=list)
    is_there: bool = False
    """Whether its name was flushed, too."""


class Disk:
    """The files of a folder as acts are played on them. ``found`` is what a power cut now may leave."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = {name: _File(bytearray(content), is_there=True) for name, content in files.items()}

    def play(self, act: Act) -> None:
        """Let one more act happen."""
        if act.kind == "said":
            return
        file = self._files.setdefault(act.name, _File())
        if act.kind == "delete":
            del self._files[act.name]
        elif act.kind == "sync":
            for done in file.since:
                _put(file.flushed, done)
            file.since.clear()
            file.is_there = True
        else:
            file.since.append(act)

    def found(self, chance: random.Random) -> dict[str, bytes]:
        """What the files hold when power is back."""
        whole = chance.choice((0.0, 0.5, 0.9, 1.0))
        return {
            name: _after_loss(file, whole, chance)
            for name, file in self._files.items()
            if file.is_there or chance.random() < 0.5
        }


def _put(content: bytearray, act: Act) -> None:
    if act.kind == "truncate":
        del content[act.at :]
        return
    if len(content) < act.at:
        content.extend(bytes(act.at - len(content)))
    content[act.at : act.at + len(act.content)] = act.content


def _after_loss(file: _File, whole: float, chance: random.Random) -> bytes:
    """*whole*: how likely it is that a write has reached the disk as a whole."""
    content = bytearray(file.flushed)
    for act in file.since:
        if chance.random() < whole:
            _put(content, act)
        elif act.kind == "write":
            for part in _sectors(act, chance):
                _put(content, part)
    return bytes(content)


def _sectors(act: Act, chance: random.Random) -> Iterator[Act]:
    for at in range(0, len(act.content), SECTOR):
        part = act.content[at : at + SECTOR]
        fate = chance.choice(("there", "lost", "lost", "garbage"))
        if fate != "lost":
            yield Act(
                "write", act.name, act.at + at, part if fate == "there" else chance.randbytes(len(part))
            )


def cuts(acts: Sequence[Act], how_many: int, chance: random.Random) -> list[int]:
    """After how many acts power is lost: a third of them while the database itself is written to."""
    copying = [number for number, act in enumerate(acts, 1) if _is_copying(act)]
    anywhere = chance.sample(range(1, len(acts) + 1), min(len(acts), how_many - how_many // 3))
    return sorted(anywhere + chance.choices(copying, k=how_many // 3))


def _is_copying(act: Act) -> bool:
    return act.kind in ("write", "sync") and not act.name.endswith("-wal")


def after_each(
    acts: Sequence[Act], files: Mapping[str, bytes], at: Sequence[int], chance: random.Random
) -> Iterator[tuple[set[str], dict[str, bytes]]]:
    """For every cut what had been promised before it, and the files that are found after it."""
    disk, promised, played = Disk(files), set[str](), 0
    for cut in at:
        for act in acts[played:cut]:
            disk.play(act)
            if act.kind == "said":
                promised.add(act.name)
        played = cut
        yield set(promised), disk.found(chance)


def lay_out(files: Mapping[str, bytes], folder: Path, chance: random.Random) -> None:
    """Write them to *folder*, beside an index of the log (``-shm``) that makes no sense."""
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    (folder / "loket.db-shm").write_bytes(chance.randbytes(32_768))
