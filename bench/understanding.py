"""What it costs to understand a message, in CPU: ``python -m bench.understanding``."""

import time
from pathlib import Path

import yaml

from bot import understanding

_MESSAGES = Path(__file__).resolve().parent.parent / "tests" / "bot" / "messages.yaml"
_NEIGHBOURS = {"BPS Kabupaten Bulungan": ("bulungan", "tanjung selor"), "BPS Kabupaten Malinau": ("malinau",)}
_LONG = "jangan kirim petugas data saya "


def measured(rounds: int = 20) -> tuple[float, float]:
    """Microseconds for one of the tests' messages, the median of *rounds*, and for one of a million letters.

    Nothing that an earlier message has left in a cache is used, but for the spelling of words.
    """
    listed = yaml.safe_load(_MESSAGES.read_text("utf-8"))
    texts = [text for texts in listed.values() for text in texts]
    each = sorted(_cost(texts) / len(texts) for _ in range(rounds))[rounds // 2]
    return each, _cost([_LONG * (1_000_000 // len(_LONG))])


def _cost(texts: list[str]) -> float:
    understanding._read.cache_clear()  # noqa: SLF001  # every message is new
    understanding.words_of.cache_clear()
    started = time.process_time()
    for text in texts:
        understanding.read(text, "tarakan", _NEIGHBOURS)
    return (time.process_time() - started) * 1e6


if __name__ == "__main__":
    print("a message: {:.0f} µs; a million letters: {:.0f} µs".format(*measured()))
