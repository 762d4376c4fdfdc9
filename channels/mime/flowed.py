"""``format=flowed`` (RFC 3676): lines that a mail program broke softly are joined again."""

from channels.mime.charsets import storable

SIGNATURE = "-- "


def unflowed(text: str, delete_space: bool) -> str:
    """*text* with its soft breaks undone, quoted lines among themselves; *delete_space* as DelSp says.

    Signature lines stay alone; quote marks come back as ``> `` for each level.
    """
    done: list[str] = []
    pending: list[str] = []
    depth = 0
    for line in storable(text).split("\n"):
        level, words = _unquoted(line)
        if pending and (level != depth or words == SIGNATURE):
            done.append(_joined(pending, depth))
            pending = []
        depth = level
        soft = words.endswith(" ") and words != SIGNATURE
        pending.append(words[:-1] if soft and delete_space else words)
        if not soft:
            done.append(_joined(pending, depth))
            pending = []
    if pending:
        done.append(_joined(pending, depth))
    return "\n".join(done)


def _unquoted(line: str) -> tuple[int, str]:
    words = line.lstrip(">")
    return len(line) - len(words), words.removeprefix(" ")


def _joined(pieces: list[str], depth: int) -> str:
    return "> " * depth + "".join(pieces)
